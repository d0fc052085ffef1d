"""Who lost something: the words that stand before the verb of loss, not those before the word of saying."""

from __future__ import annotations

import re
from typing import Final

from extractor.normalise.late import late

_ACTIVE: Final = late(r"\b(?:lost|loses?|losing|suffer(?:ed|s)?)\b", re.IGNORECASE)
_PASSIVE: Final = late(r"\b(?:was|were|been|being|be|is|are)\s+(?:\w+ly\s+)?lost\b", re.IGNORECASE)
_AUXILIARY: Final = late(r"(?:\s+(?:has|have|had|also|already|reportedly|since|then|now|may|might|could|would|will))*\s+$", re.IGNORECASE)
_CLAUSE: Final = late(
    r"[,;:.!?\"\u201c\u201d\u2014]\s*|\b(?:that|and|but|while|said|says|claims?|claimed|when|whereas|because|after|before|which|who|how)\b\s*|\bas (?=[A-Z])",
    re.IGNORECASE,
)
_MOST_WORDS: Final = 8


def loser(sentence: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the place of who lost, by the words of ``sentence`` before an active verb of loss; None where there is none.

    Args:
        sentence: The sentence.
        start: First code point of the outcome.
        end: One past its last.
    """
    verb = _ACTIVE.search(sentence, start, end)
    if verb is None or _PASSIVE.search(sentence[max(0, start - 20) : end]):
        return None
    left = sentence[: verb.start()]
    left = left[: auxiliary.start()] if (auxiliary := _AUXILIARY.search(left)) else left
    first = max((clause.end() for clause in _CLAUSE.finditer(left)), default=0)
    words = left[first:].split()
    if not words or len(words) > _MOST_WORDS:
        return None
    return first, first + len(left[first:].rstrip())
