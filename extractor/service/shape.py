"""How deep and how large a JSON text is, found before anything of it is built, at the speed of searching bytes.

A parser that builds values makes 500 bytes of every ``[]``, so 10 MB of them would need 1.7 GB; and one that recurses ends at deep
ones. So values are counted first: outside of strings, every value is the whole, or comes after a comma or an opening bracket.
"""

from __future__ import annotations

import re
from typing import Final

from extractor.errors import RefusedError

_STRING: Final = re.compile(rb'"[^"]*"?')
_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_OTHERS: Final = bytes(set(range(256)) - set(b"[]{},"))


def check(raw: bytes, *, depth: int, values: int) -> None:
    """Check that a text is no deeper and no larger than what is taken. It need not be JSON; what is none passes, or is refused.

    Args:
        raw: The text, in UTF-8.
        depth: Deepest nesting of arrays and objects.
        values: Most values, arrays and objects included.

    Raises:
        RefusedError: It is deeper or larger.
    """
    structure = _structure(raw, values)
    if structure is None or len(structure) - structure.count(b"]") >= values:
        msg = f"the body holds more than {values} values; send less at once"
        raise RefusedError(msg, kind="too-large")
    if _deeper(structure.replace(b",", b""), depth):
        msg = f"the body is nested more than {depth} deep; an article needs 1, a job 3"
        raise RefusedError(msg, kind="malformed")


def _structure(raw: bytes, values: int) -> bytes | None:
    """Return the commas and brackets outside of strings, all brackets as square ones; None where there are too many strings.

    Without pairs of backslashes, then without escaped quotes, a quote begins or ends a string.
    """
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    most = 2 * values
    raw, strings = _STRING.subn(b"", raw, count=most)
    return None if strings == most else raw.translate(_SQUARE, _OTHERS)


def _deeper(brackets: bytes, depth: int) -> bool:
    """Return whether ``brackets`` nest deeper than ``depth``: each turn takes the innermost pairs away."""
    for _ in range(depth):
        inner = brackets.replace(b"[]", b"")
        if len(inner) == len(brackets):
            break
        brackets = inner
    return b"[]" in brackets or brackets.count(b"[") > depth
