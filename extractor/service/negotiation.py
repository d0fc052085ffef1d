"""Which of the forms a resource has a client wants most (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from extractor.errors import RefusedError

_QUALITY: Final = re.compile(r"[qQ]=(?P<value>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_MOST: Final = 50
"""Ranges that are looked at; a client with more is no browser."""


def chosen(accept: str | None, offered: Sequence[str]) -> str:
    """Return the media type to answer with.

    Args:
        accept: The header ``Accept``; None where there is none.
        offered: The media types there are, the preferred first: ``application/json``.

    Raises:
        RefusedError: None of them is wanted.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",")[:_MOST]]
    best = max(offered, key=lambda form: _quality(form, ranges))
    if _quality(best, ranges) <= 0:
        msg = f"none of the media types in Accept is offered; offered are {', '.join(offered)}"
        raise RefusedError(msg, kind="not-acceptable")
    return best


def _range(part: str) -> tuple[str, float]:
    """Return a media range and its quality; one that cannot be read is not wanted."""
    name, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        if parameter[:2].lower() == "q=":
            found = _QUALITY.fullmatch(parameter)
            return name.lower(), float(found["value"]) if found else 0.0
    return name.lower(), 1.0


def _quality(form: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return how much ``form`` is wanted: the most specific range that it is in decides."""
    for name in (form, form.split("/", maxsplit=1)[0] + "/*", "*/*"):
        qualities = [quality for range_, quality in ranges if range_ == name]
        if qualities:
            return max(qualities)
    return 0.0
