"""Extraction tasks, by name. A new one is a module like ``claims`` and a line here."""

from __future__ import annotations

from typing import Final

from extractor.errors import ConfigurationError
from extractor.profiles.base import Profile
from extractor.profiles.claims import CLAIMS

PROFILES: Final[dict[str, Profile]] = {CLAIMS.name: CLAIMS}


def resolve(name: str) -> Profile:
    """Return the profile called ``name``.

    Raises:
        ConfigurationError: There is none.
    """
    try:
        return PROFILES[name]
    except KeyError:
        msg = f"there is no profile '{name}'; known are {', '.join(PROFILES)}"
        raise ConfigurationError(msg) from None
