"""The table of parties: a user's YAML file, or the small one shipped with the package. Nothing in it is ever executed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from extractor.errors import ConfigurationError
from extractor.normalise.parties import Parties, Party

_TABLE: TypeAdapter[dict[str, Party]] = TypeAdapter(dict[str, Party])


def load(path: Path | None = None) -> Parties:
    """Return the parties of a YAML file, or those the package ships.

    Args:
        path: A file of lines such as ``Ukraine: {side: Ukraine, names: [Ukrainian, Kyiv]}``.

    Raises:
        ConfigurationError: The file cannot be read or is no such table.
    """
    try:
        text = path.read_text("utf-8") if path is not None else files("extractor.readers").joinpath("parties.yaml").read_text("utf-8")
        return _TABLE.validate_python(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"the aliases in {path} cannot be read ({str(error).splitlines()[0]}); give a YAML file, or unset EXTRACTOR_ALIASES"
        raise ConfigurationError(msg) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        msg = f"the aliases in {path} are wrong at {where}: {first['msg']}; write each party as 'Name: {{side: Side, names: [Alias]}}'"
        raise ConfigurationError(msg) from error
