"""White space within a sentence: a line break is a space to a reader, and rules are written with spaces."""

from __future__ import annotations

from typing import Final

from extractor.normalise.late import late

_SPACE: Final = late(r"\s")
_OTHER: Final = late(r"[^\S ]")


def flat(text: str) -> str:
    """Return ``text`` with every character of white space made a plain space, so that places in it stay what they are."""
    return _SPACE.sub(" ", text) if _OTHER.search(text) else text
