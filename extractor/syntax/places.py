"""Places of words in a sentence, in code points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from extractor.trees import Token, Tree

Place = tuple[int, int]
"""First code point and one past the last."""

_EDGES: Final = " \t\n,;:\"'\u201c\u201d\u2018\u2019()[]\u2014\u2013-"
"""What words do not begin or end with; a full stop ends abbreviations, so only one by itself is left out."""


def place_of(tree: Tree, tokens: Iterable[Token]) -> Place | None:
    """Return the place from the first of ``tokens`` to the last, without punctuation at its edges; None where nothing is left."""
    known = [token for token in tokens if tree.word(token).strip(_EDGES + ".")]
    if not known:
        return None
    start, end = min(token.start for token in known), max(token.end for token in known)
    words = tree.text[start:end]
    return start + len(words) - len(words.lstrip(_EDGES)), start + len(words.rstrip(_EDGES))


def overlap(left: Place, right: Place) -> bool:
    """Tell whether two places share a code point."""
    return left[0] < right[1] and right[0] < left[1]


def covers(place: Place | None, token: Token) -> bool:
    """Tell whether ``token`` stands in ``place``, in whole or in part; nothing stands nowhere."""
    return place is not None and overlap(place, (token.start, token.end))
