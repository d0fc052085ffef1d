"""How alike two values of a slot are, from 0 to 1. Sources of the measures: docs/evaluation.md."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from extractor.claims import Outcome, Quantity, Source, StatedOn, Time
from extractor.documents import Span

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019.-][^\W_]+)*")
_OWNER: Final = re.compile(r"['\u2019]s?$")
_EMPTY: Final = frozenset(("a", "an", "the", "its", "his", "her", "their"))
_LONG_AGO: Final = dt.date(1900, 1, 1)
_FAR_OFF: Final = dt.date(2100, 1, 1)
PARENT: Final = 0.5
"""A source that is part of, or holds, the right one: "Kyiv" for "Kyiv's military"."""


def tokens(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without articles, possessive pronouns and possessive endings."""
    found = [_OWNER.sub("", word).lower() for word in _WORD.findall(text)]
    return [word for word in found if word not in _EMPTY] or found


def dice(left: Sequence[str], right: Sequence[str]) -> float:
    """Return ``2 * common / (left + right)`` over bags of words."""
    common = (Counter(left) & Counter(right)).total()
    return 2 * common / (len(left) + len(right)) if left and right else float(not left and not right)


def overlap(left: Sequence[tuple[int, int]], right: Sequence[tuple[int, int]]) -> float:
    """Return the Dice coefficient of two sets of characters, each given as half-open runs of offsets."""
    ours, theirs = _points(left), _points(right)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 0.0


def same_words(left: Span, right: Span) -> float:
    """Return how alike two mentions of one article are: by their characters' places or by their words, whichever is more."""
    return max(overlap([(left.start, left.end)], [(right.start, right.end)]), dice(tokens(left.text), tokens(right.text)))


def same_source(left: Source, right: Source) -> float:
    """Return 1 for one entity, ``PARENT`` where one's words hold the other's, else 0.

    One entity: a name (canonical or as it stands) in common, a surname for a full name, or a full name within the words.
    """
    ours, theirs = _names(left), _names(right)
    if ours & theirs:
        return 1.0
    pairs = [(a, b) for a in ours for b in theirs if a and b]
    if any(_named(a, b) or _named(b, a) for a, b in pairs):
        return 1.0
    if any(set(a) <= set(b) or set(b) <= set(a) for a, b in pairs):
        return PARENT
    return 0.0


def same_chain(left: Sequence[Source], right: Sequence[Source]) -> float:
    """Return ``2 * LCS / (left + right)`` over two reporting chains, links being the same where they are one entity."""
    lengths = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if same_source(one, other) == 1 else max(lengths[i][j + 1], lengths[i + 1][j])
    return 2 * lengths[-1][-1] / (len(left) + len(right))


def same_quantity(left: Quantity, right: Quantity) -> float:
    """Return 1 for equal bounds, value and hedge of one unit; a half where only the hedge differs; 0 for all else."""
    if not same_unit(left, right):
        return 0.0
    if (left.low, left.high, left.value, left.comparator) == (right.low, right.high, right.value, right.comparator):
        return 1.0
    return 0.5 if left.value is not None and left.value == right.value else 0.0


def same_unit(left: Quantity, right: Quantity) -> bool:
    """Tell whether two quantities can count the same: a word in common, one kind, or a unit left unsaid."""
    if left.unit is None or right.unit is None:
        return left.kind is None or right.kind is None or left.kind == right.kind
    return (left.kind is not None and left.kind == right.kind) or bool(set(tokens(left.unit)) & set(tokens(right.unit)))


def same_outcome(left: Outcome, right: Outcome) -> float:
    """Return whether both are of one kind, where both have one; else how alike their words are."""
    if left.kind is not None and right.kind is not None:
        return float(left.kind == right.kind)
    return same_words(left, right)


def same_days(left: Time, right: Time) -> float:
    """Return the days in common over the days of both; a half where the words agree but one side's days are unresolved."""
    if not _resolved(left) and not _resolved(right):
        return same_words(left, right)
    if not _resolved(left) or not _resolved(right):
        return 0.5 if same_words(left, right) >= 0.5 else 0.0
    starts, ends = ([side.start_date or _LONG_AGO for side in (left, right)], [side.end_date or _FAR_OFF for side in (left, right)])
    common = (min(ends) - max(starts)).days + 1
    return max(0, common) / ((max(ends) - min(starts)).days + 1)


def same_day(left: StatedOn, right: StatedOn) -> float:
    """Return whether both are one day; where a side's day is unresolved, how alike the words are."""
    if left.date is not None and right.date is not None:
        return float(left.date == right.date)
    return same_words(left, right) if left.date == right.date else 0.0


def equal(left: object, right: object) -> float:
    """Return 1 for equal values, else 0."""
    return float(left == right)


def _points(runs: Sequence[tuple[int, int]]) -> set[int]:
    return {point for start, end in runs for point in range(start, end)}


def _names(source: Source) -> set[tuple[str, ...]]:
    return {tuple(tokens(name)) for name in (source.canonical, source.text) if name}


def _named(name: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Tell whether ``words`` hold the full ``name``, or are the surname of it."""
    full = len(name) > 1 and any(words[i : i + len(name)] == name for i in range(len(words) - len(name) + 1))
    return full or (len(name) > 1 and words == name[-1:])


def _resolved(time: Time) -> bool:
    return time.start_date is not None or time.end_date is not None
