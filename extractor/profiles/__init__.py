"""Extraction tasks, by name. A new one of ours is a module like ``claims`` and a line here; one of yours is ``module:NAME``."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from extractor.errors import ConfigurationError
from extractor.profiles.base import Profile
from extractor.profiles.claims import CLAIMS

PROFILES: Final[dict[str, Profile]] = {CLAIMS.name: CLAIMS}


def resolve(name: str) -> Profile:
    """Return the profile called ``name``, or the one that ``module:NAME`` names in a module of the user's.

    Raises:
        ConfigurationError: There is none.
    """
    if name in PROFILES:
        return PROFILES[name]
    module, colon, variable = name.partition(":")
    if not colon:
        msg = f"there is no profile '{name}'; known are {', '.join(PROFILES)}, and your own as module:NAME"
        raise ConfigurationError(msg)
    try:
        found = getattr(import_module(module), variable)
    except (ImportError, AttributeError, ValueError) as error:
        msg = f"the profile '{name}' cannot be imported ({error}); write module:NAME, the module on the path of Python"
        raise ConfigurationError(msg) from error
    if not isinstance(found, Profile):
        msg = f"'{name}' is a {type(found).__name__} and no Profile"
        raise ConfigurationError(msg)
    return found
