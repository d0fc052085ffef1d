"""Phrases of time in a sentence, and the days they stand for.

A phrase is resolved against the document's publication date and nothing else: without that date a relative phrase stays
unresolved. Days are whole; both ends belong to the result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from extractor.claims import Basis

_MONTH_NAMES: Final = (
    "january february march april may june july august september october november december".split()
)  # fmt: skip
_MONTH: Final = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAY: Final = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_PART: Final = r"(?:morning|afternoon|evening|night)"
_DATE: Final = (
    rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:, ?\d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?: \d{{4}})?"
    rf"|\d{{4}}-\d{{2}}-\d{{2}}|{_MONTH} \d{{4}})(?!\d)"
)
_COUNT: Final = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|few|several|couple of)"
_SPAN_UNIT: Final = r"(?:hours?|days?|weeks?|months?|years?)"
_LEAD: Final = r"(?:over|in|during|within|for) the (?:past|last|previous|preceding)"
_ANCHOR: Final = rf"(?:{_DATE}|(?:last |this )?{_WEEKDAY}(?: {_PART})?|yesterday|today)"

_PHRASE: Final = re.compile(
    r"\b(?:"
    rf"{_LEAD} (?:{_COUNT} )?{_SPAN_UNIT}"
    rf"|the (?:past|last|previous|preceding) (?:{_COUNT} )?{_SPAN_UNIT}"
    rf"|(?:over|in|during|for) the (?:last|past|previous) (?:day|24 hours) and night"
    rf"|since (?:early |late |mid-?)?{_ANCHOR}"
    rf"|(?:by|on|until|before|after|from|late|early) (?:late |early )?{_ANCHOR}"
    rf"|over the weekend|over the past weekend|last weekend"
    rf"|(?:earlier |later )?(?:this|last|next) (?:week|month|year|summer|winter|spring|autumn|fall|{_PART}|night)"
    rf"|(?:in|since|until|by) (?:early |late |mid-?)?{_MONTH}(?: \d{{4}})?(?! \d)"
    r"|(?:in|since|until|by|during) (?:the )?(?:(?:early |late )?(?:spring|summer|autumn|winter) of )?(?:19|20)\d\d"
    rf"|{_ANCHOR}|overnight|tonight|yesterday (?:{_PART})|(?:two|three|four|five|six|\d+) (?:days|weeks|months|years) ago"
    r")(?![\w-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days a phrase stands for: both ends included, and what they were reckoned from."""

    start: date
    end: date
    basis: Basis


@lru_cache(maxsize=512)
def find(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of the phrases of time in ``text``, in order, in code points."""
    return tuple(match.span() for match in _PHRASE.finditer(text))


def resolve(phrase: str, *, published: date | None) -> Days | None:
    """Return the days ``phrase`` stands for, or None where its words or the publication date do not settle them.

    Args:
        phrase: A phrase as ``find`` returns it; longer text is searched for its first anchor.
        published: Publication date of the document, to which weekdays and relative phrases refer.
    """
    words = " ".join(phrase.lower().split())
    if words.startswith("since "):
        anchor = resolve(phrase[6:], published=published)
        return Days(anchor.start, published, anchor.basis) if anchor and published and anchor.start <= published else None
    explicit = _explicit(phrase, published)
    if explicit is not None:
        return explicit
    return None if published is None else _relative(words, published)


def _explicit(phrase: str, published: date | None) -> Days | None:
    if iso := re.search(r"(\d{4})-(\d{2})-(\d{2})", phrase):
        return _one_day(int(iso[1]), int(iso[2]), int(iso[3]))
    named = re.search(rf"({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?:, ?(\d{{4}}))?(?!\d)", phrase, re.IGNORECASE)
    if named is not None:
        return _dated(named[1], int(named[2]), named[3], published)
    turned = re.search(rf"(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH})(?: (\d{{4}}))?", phrase, re.IGNORECASE)
    return _dated(turned[2], int(turned[1]), turned[3], published) if turned is not None else None


def _dated(month: str, day: int, year: str | None, published: date | None) -> Days | None:
    number = next(i for i, name in enumerate(_MONTH_NAMES, 1) if name.startswith(month.lower().rstrip(".")[:3]))
    if year is not None:
        return _one_day(int(year), number, day)
    if published is None:
        return None
    same_year = _one_day(published.year, number, day)
    if same_year is None or same_year.start <= published + timedelta(days=31):
        return same_year
    return _one_day(published.year - 1, number, day)


def _one_day(year: int, month: int, day: int) -> Days | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Days(found, found, "explicit")


def _relative(words: str, published: date) -> Days | None:
    yesterday = published - timedelta(days=1)
    if re.search(r"\b(?:past|last|previous|preceding) (?:day|24 hours)\b", words):
        return Days(yesterday, published, "relative")
    if words in ("overnight", "last night"):
        return Days(yesterday, published, "relative")
    if "yesterday" in words:
        return Days(yesterday, yesterday, "relative")
    if words in ("today", "this morning", "this afternoon", "this evening", "tonight"):
        return Days(published, published, "relative")
    weekday = re.search("|".join(_WEEKDAYS), words)
    if weekday is not None and not re.match(r"(?:until|before|after|next|from|by)\b", words):
        back = (published.weekday() - _WEEKDAYS.index(weekday[0])) % 7
        back += 7 if words.startswith("last ") and back == 0 else 0
        day = published - timedelta(days=back)
        return Days(day, day, "relative")
    return None


def measure(phrase: str) -> Literal["period", "cumulative"] | None:
    """Return whether a figure beside ``phrase`` counts a window of time or everything since a point, if it tells."""
    words = phrase.lower()
    if words.startswith("since "):
        return "cumulative"
    if re.search(r"\b(?:past|last|previous|preceding|overnight|yesterday|weekend|\w+day)\b", words):
        return "period"
    return None
