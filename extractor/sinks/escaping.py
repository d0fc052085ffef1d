"""Strangers' text in HTML: escaped, so that it cannot act, and what cannot be seen shown by its code, so that it cannot deceive."""

from __future__ import annotations

import unicodedata
from html import escape
from typing import Final

_UNSEEN: Final = frozenset(("Cf", "Cc", "Cs", "Co", "Cn"))


def shown(text: str, *, markup: bool = True) -> str:
    """Return ``text`` escaped, what cannot be seen shown by its code.

    Args:
        text: Any text.
        markup: Whether codes are set apart by an element; an attribute or a title cannot hold one.
    """
    return "".join(_escaped(character, markup=markup) for character in text)


def visible(text: str) -> str:
    """Return ``text`` with what cannot be seen shown by its code, for places that are escaped by others or need no escaping."""
    return "".join(_code(character) if _is_unseen(character) else character for character in text)


def _escaped(character: str, *, markup: bool) -> str:
    if not _is_unseen(character):
        return escape(character, quote=True)
    return f'<span class="hidden-character">{_code(character)}</span>' if markup else _code(character)


def _is_unseen(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in _UNSEEN


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
