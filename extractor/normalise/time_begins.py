"""Where a phrase of time can begin: by its first word, and by the second where the first is as common as "the".

The pattern of such phrases has some twenty alternatives, and to try all of them at every word costs more than everything else that is
done with a sentence; nine words in ten are ruled out here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extractor.normalise.late import late
from extractor.normalise.numerals import UNITS
from extractor.normalise.standing import caseless

_UNITS: Final = frozenset(
    f"{unit}{ending}" for unit in ("hour", "day", "night", "week", "weekend", "month", "quarter", "year", "decade") for ending in ("", "s")
)
_COUNTS: Final = ("a", "an", "few", "several", *UNITS)
_NAMES: Final = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sept sep oct nov dec"
    " monday tuesday wednesday thursday friday saturday sunday christmas boxing new".split()
)
"""First words of months, weekdays and holidays."""
_SEASONS: Final = frozenset(("spring", "summer", "autumn", "fall", "winter"))
_DAY_PARTS: Final = frozenset(("morning", "afternoon", "evening", "night"))
_FIRST: Final = frozenset(
    "about across after around as at before between by coming couple days during earlier early for from hours in just last late later"
    " minutes months near nears next no not on over overnight prior recent right shortly since soon starting that the this throughout till today"
    " tomorrow tonight toward towards until weeks within years yesterday".split()
)
_BEGINS: Final = frozenset((*_COUNTS, *_NAMES, *_SEASONS, *_FIRST))
_BEHIND_PREPOSITION: Final = _BEGINS | frozenset(
    "almost dawn daybreak dusk election final first fourth many more nearly nightfall nights noon past polling preceding previous second some"
    " sunrise sunset third up voting".split()
)
_SECOND: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(_COUNTS, _UNITS),
    **dict.fromkeys(("in", "on", "at", "for", "by", "from", "over"), _BEHIND_PREPOSITION),
    "the": frozenset("coming day following last month next past preceding previous recent same week year".split()),
    "this": frozenset(("coming", "past", "week", "weekend", "month", "quarter", "year", *_DAY_PARTS, *_SEASONS, *_NAMES)),
    "that": _DAY_PARTS,
    "no": frozenset(("later",)),
    "not": frozenset(("later",)),
    "as": frozenset(("early", "of")),
}
"""What follows a first word that is common elsewhere."""
_RUN: Final = late(r"[^\W_]+")
_NEXT: Final = late(r" ([^\W\d_]*)")
_JOINED: Final = ("-", "$", "_")


def begins(text: str) -> Iterator[int]:
    """Yield the offsets of ``text`` at which a phrase of time can begin, in order; what begins at none of them is none."""
    lowered = caseless(text)
    for found in _RUN.finditer(lowered):
        word = found[0]
        if (word in _BEGINS or word[-1].isdecimal() or word[0].isdecimal() or word.startswith("mid")) and _goes_on(
            word, lowered, found.end()
        ):
            start = found.start()
            if lowered[start - 1 : start] not in _JOINED:
                yield start


def _goes_on(word: str, lowered: str, end: int) -> bool:
    """Tell whether what stands behind a first word can go on with the phrase; of a figure there, anything can."""
    seconds = _SECOND.get(word)
    if seconds is None:
        return True
    following = _NEXT.match(lowered, end)
    return following is not None and (not following[1] or following[1] in seconds or following[1].startswith(("mid", "q")))
