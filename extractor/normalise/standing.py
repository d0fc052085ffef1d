"""Where given words stand in a text, by looking them up: a name is another in every article, and compiling a pattern for each costs more than all searches with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_ALIKE: Final = {0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k"}
"""Letters beyond ASCII that patterns which ignore case take for one of its letters."""


def places(text: str, words: str) -> Iterator[int]:
    """Yield every offset of ``text`` at which ``words`` stand, also within longer words."""
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def whole(text: str, words: str) -> Iterator[tuple[int, int]]:
    r"""Yield the spans of ``text`` in which ``words`` stand whole, joined to nothing by letter or hyphen: ``(?<![\w-])words(?![\w-])``."""
    last = 0
    for start in places(text, words):
        end = start + len(words)
        if start >= last and not joins(text[start - 1 : start]) and not joins(text[end : end + 1]):
            last = end
            yield start, end


def is_edge(text: str, at: int) -> bool:
    r"""Tell whether a word begins or ends at an offset: ``\b`` of patterns."""
    return _is_letter(text[at - 1 : at] if at else "") != _is_letter(text[at : at + 1])


def caseless(text: str) -> str:
    """Return ``text`` as patterns that ignore case read it: what they find of plain words is a substring of this."""
    return text.lower() if text.isascii() else text.translate(_ALIKE).lower()


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def joins(character: str) -> bool:
    """Tell whether a character beside a name makes it part of a longer word; nothing, at the edge of a text, does not."""
    return character == "-" or _is_letter(character)
