"""How a document describes a name: its title, the phrase before a comma, the one behind it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from extractor.normalise import source_nouns
from extractor.normalise.late import late
from extractor.normalise.standing import whole

RANKS: Final = r"(?:(?:Lt|Col|Gen|Maj|Capt|Sgt|Brig|Adm|Cmdr|Gov|Sen|Rep|Rev|Dr|Prof|Mr|Mrs|Ms|Msgr|Pres)\.?\s)"
"""A short title, right before a name."""
_RANKED: Final = late(rf"{RANKS}*$")
_DETERMINER: Final = r"(?:the|an?|its|his|her|their|our|whose|one|another)"
_SENTENCE: Final = late(
    r"(?=[.!?\n])(?<!\b[A-Z])(?<!\b(?:Dr|Mr|Ms|Lt|St|No))(?<!\b(?:Mrs|Gen|Col|Maj|Sgt|Gov|Sen|Rep|Adm|Rev|Jan|Feb|Aug|Oct|Nov|Dec))(?<!\b(?:Capt|Cmdr|Prof|Brig|Sept))"
    r"(?:[.!?][\"\u201d\u2019']?\s+|\n+)"
)
_AT_DETERMINER: Final = late(rf"(?:^|(?<=\s)){_DETERMINER}\s", re.IGNORECASE)
_BEFORE: Final = late(r"(?:[\w&\u2019'-]+\.?\s){1,7}$")
_BEFORE_COMMA: Final = late(
    rf"(?:^|[\s\"\u201c(\u2014])(?P<phrase>(?:{_DETERMINER}|[A-Z][\w.\u2019'-]*['\u2019]s?)\s[^,;:()\"\u201c\u201d]{{2,70}})"
    r"(?:,\swho\s[^,;:\"\u201c\u201d]{2,60})?"
    r"(?:,\s|,\s(?:an?\s\w+\s|who\s(?:is\s|was\s)?)?(?:known|identified|calls\s(?:him|her)self|goes\sby|named|called)\s(?:only\s)?(?:as\s|by\s)?)$",
    re.IGNORECASE,
)
_JOINED: Final = late(r"(?:[A-Z][\w\u2019'-]*(?:\s[A-Z][\w\u2019'-]*)*(?:,\s|\sand\s))+$")
_BEHIND: Final = late(
    r"(?:,\s(?:\d\d,\s)?|\s\(|\s\u2014\s)(?!(?:said|says|told|tells|added|adds|wrote|and|but|or|in|on|at|as|with|that|he|she|it|they|when|while|where|after|before|according|citing|quoting|by)\b)"
    r"(?P<phrase>[^,;()\"\u201c\u201d]{2,90})"
)
_BELONGS: Final = late(r"\s(?P<phrase>(?:of|from|at|with)\s(?:the\s)?[^,;()\"\u201c\u201d]{2,60})")
_WITHIN: Final = late(r"\s(?:of|for|at|from|with|in)\s$")
_OCCURRENCES: Final = 12
_LEFT: Final = 300
"""How much of the sentence before a name is looked at, in code points."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that describe a name.

    Attributes:
        words: The words.
        start: Offset in the text of their first code point.
    """

    words: str
    start: int


def phrases(text: str, name: str) -> Iterator[Phrase]:
    """Yield the phrases right before and right behind ``name`` in ``text``, for its first twelve occurrences.

    "Mayor Ada Rook", "the ministers Idris Noor and Ada Rook", "its spokesman, Ada Rook", "Ada Rook, head of the union", "Ada Rook of the union" (as "member of the
    union") and "Col. Ada Rook" (as the rank alone, the last of an occurrence).
    """
    for first, last in islice(whole(text, name), _OCCURRENCES):
        start = max(sentence_at(text, first)[1], first - _LEFT)
        left = text[start:first]
        rank = _RANKED.search(left)
        bare = left[: rank.start()] if rank else left
        others = _JOINED.search(bare)
        if others is not None and (joint := _title(bare[: others.start()])) is not None and joint.endswith("s"):
            yield Phrase(joint, start + others.start() - len(joint) - 1)
        if (title := _title(bare)) is not None:
            yield Phrase(title, start + len(bare) - len(title) - 1)
        if apposed := _BEFORE_COMMA.search(bare):
            phrase = apposed["phrase"]
            at = next((m.start() for m in reversed(list(_AT_DETERMINER.finditer(phrase))) if not _WITHIN.search(phrase[: m.start()])), 0)
            yield Phrase(phrase[at:], start + apposed.start("phrase") + at)
        behind = text[last : min(sentence_end(text, start), last + 130)]
        if following := _BEHIND.match(behind):
            yield Phrase(following["phrase"], last + following.start("phrase"))
        if of := _BELONGS.match(behind):
            yield Phrase(f"member {of['phrase']}", last)
        if rank is not None and rank[0]:
            yield Phrase(rank[0].strip(), start + rank.start())


def sentence_at(text: str, at: int) -> tuple[int, int]:
    """Return where the sentence before that of offset ``at`` begins, and where its own does."""
    begins = starts(text)
    index = bisect_right(begins, at) - 1
    return begins[max(0, index - 1)], begins[index]


def sentence_end(text: str, start: int) -> int:
    """Return where the sentence after the one that begins at ``start`` begins; the end of the text for the last."""
    begins = starts(text)
    after = bisect_right(begins, start)
    return begins[after] if after < len(begins) else len(text)


@lru_cache(maxsize=8)
def starts(text: str) -> tuple[int, ...]:
    """Return where the sentences of ``text`` begin, by their marks alone."""
    return (0, *(match.end() for match in _SENTENCE.finditer(text)))


def _title(left: str) -> str | None:
    """Return the title that ``left`` ends in: the last noun that tells, with the words before it up to a determiner."""
    words = _BEFORE.search(left)
    if words is None:
        return None
    run = words[0].rstrip()
    found = source_nouns.find(run)
    if not found or found[-1].end != len(run):
        return None
    determiners = [match.start() for match in _AT_DETERMINER.finditer(run)]
    return run[determiners[-1] :] if determiners else run
