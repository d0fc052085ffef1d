"""JSON objects as they are found in archives, read without trust."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

_MOST_DIGITS: Final = 18
_BOM: Final = "\ufeff"


class Doubled(dict[str, Any]):
    """An object in which names occur more than once; it holds the last value of each.

    Attributes:
        names: Those names.
    """

    names: frozenset[str]


def parse(raw: bytes) -> dict[str, Any]:
    """Return the object that ``raw`` is.

    Numbers too large for a machine become floats, and NaN and Infinity are taken, because such values mostly stand in
    fields that nobody asks for.

    Raises:
        ValueError: It is no UTF-8, no JSON or no object; the message says which.
    """
    try:
        text = raw.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        msg = f"is not UTF-8 text (byte 0x{raw[error.start]:02X} at {error.start})"
        raise ValueError(msg) from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_number)
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" starting at").removesuffix(" at")
        msg = f"is no JSON ({what}, character {error.pos})"
        raise ValueError(msg) from None
    except RecursionError:
        msg = "is JSON nested too deeply"
        raise ValueError(msg) from None
    if not isinstance(value, dict):
        msg = f"is no JSON object but {_NAMES[type(value)]}"
        raise ValueError(msg)  # noqa: TRY004  # the value is wrong, not the caller
    return value


def dump(values: dict[str, Any]) -> bytes:
    """Return ``values`` as a JSON object; dates and other values that JSON has not are written as text."""
    return json.dumps(values, separators=(",", ":"), default=_text).encode()


_NAMES: Final = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = Doubled(found)
    doubled.names = frozenset(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return doubled


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
