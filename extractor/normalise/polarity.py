"""Whether an outcome is affirmed or denied by the words around it."""

from __future__ import annotations

import re
from typing import Final, Literal

from extractor.normalise.late import late

_NEGATION: Final = late(r"\b(?:not|no|never|neither|nor|none|nobody|without|cannot|failed to)\b|n['\u2019]t\b", re.IGNORECASE)
_CLAUSE: Final = late(r"[,;:.!?]\s|\b(?:but|while|although|that)\b", re.IGNORECASE)
_NONE: Final = late(
    r"\b(?:nobody|no one|none|nothing|neither)\b|^(?:no|not an?|not one|not any|not a single)\b(?! (?:more|fewer|less) than)", re.IGNORECASE
)
_REACH = 5


def is_none(phrase: str) -> bool:
    """Return whether a noun phrase negates what is said of it: "nobody", "no village", "not one fighter"; "no more than 40" does not."""
    return _NONE.search(phrase) is not None


def polarity(sentence: str, start: int, end: int) -> Literal["affirmed", "negated"]:
    """Return whether the words from ``start`` to ``end`` of ``sentence`` are negated.

    They are where they hold a negation, or one stands among the five words before them in the same clause.
    """
    if _NEGATION.search(sentence, start, end):
        return "negated"
    clause = _CLAUSE.split(sentence[:start])[-1]
    near = " ".join(clause.split()[-_REACH:])
    return "negated" if _NEGATION.search(near) else "affirmed"
