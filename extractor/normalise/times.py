"""The days that phrases of time stand for.

A phrase is resolved against the document's publication date, or against a date the text itself has given, and nothing
else: never against today's clock. Days are whole, both ends belong to the result, and an open end is None. Weeks begin on
Monday, seasons are the meteorological ones of the northern hemisphere.

One table holds the grammar: a name, a pattern, and what it means. The first row that matches decides, so rows with more
words come first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, Literal

from extractor.normalise import time_meanings as meanings
from extractor.normalise.time_meanings import Days, Reference
from extractor.normalise.time_words import COUNT, DATE, DAY, MONTH, ORDINALS, PART, PAST, SEASON, UNIT, WEEKDAY, YEAR, find, looks_ahead

__all__ = ["LOOKS_BACK", "NIGHT", "WINDOW", "Days", "explained", "find", "looks_ahead", "measure", "resolve"]

WINDOW: Final = "window that ends when it is said"
NIGHT: Final = "night before it is said"
LOOKS_BACK: Final = frozenset((WINDOW, NIGHT))
"""Rules for "the past day", "overnight" and the like, which look back from the day of the statement."""


def resolve(phrase: str, *, published: date | None, context: date | None = None, ahead: bool = False) -> Days | None:
    """Return the days ``phrase`` stands for, or None where its words and the known dates do not settle them.

    Args:
        phrase: A phrase as ``find`` returns it; longer text is searched for its first anchor.
        published: Publication date of the document, to which weekdays and relative phrases refer.
        context: The date the text spoke of last, to which "the next day" refers.
        ahead: Whether the phrase stands beside words of what is to come.
    """
    found = explained(phrase, published=published, context=context, ahead=ahead)
    return found[1] if found is not None else None


def explained(phrase: str, *, published: date | None, context: date | None = None, ahead: bool = False) -> tuple[str, Days] | None:
    """Return the name of the rule that settles ``phrase`` and the days it gives, or None; arguments as for ``resolve``."""
    words = " ".join(phrase.lower().replace("\u2013", "-").replace("\u2019", "'").split())
    reference = Reference(published, context, ahead or words.startswith(("next ", "by next", "until next")))
    for name, pattern, meaning in _RULES:
        match = pattern.search(words)
        if match is None:
            continue
        try:
            days = meaning(match, reference)
        except (ValueError, OverflowError):  # a day no calendar has
            return None
        return None if days is None or (days.start and days.end and days.start > days.end) else (name, days)
    return None


def measure(phrase: str) -> Literal["period", "cumulative"] | None:
    """Return whether a figure beside ``phrase`` counts a window of time or everything since a point, if it tells."""
    words = phrase.lower()
    if words.startswith(("since ", "from ")) or re.search(r"\bas of\b|\bto date\b", words):
        return "cumulative"
    if re.search(
        r"\b(?:past|last|previous|preceding|overnight|yesterday|weekend|today|tonight|\w+day|this|in|during|between|on|over|throughout)\b",
        words,
    ):
        return "period"
    return None


def _range(m: re.Match[str], at: Reference) -> Days | None:
    last = _anchor(m["to"], at)
    if last is None or last.end is None:
        return None
    known = replace(at, published=last.end, ahead=False)
    first = _anchor(m["from"], known)
    if first is None or first.start is None or first.start > last.end:
        first = _anchor(m["from"], at)
    return Days(first.start, last.end, first.basis, "range") if first is not None and first.start is not None else None


def _since(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], replace(at, ahead=False))
    if anchor is None or anchor.start is None or (at.published and anchor.start > at.published):
        return None
    return Days(anchor.start, at.published, anchor.basis, "range")


def _until(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], at)
    return Days(None, anchor.end, anchor.basis, "range") if anchor else None


def _before(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], at)
    return Days(None, anchor.start - timedelta(days=1), anchor.basis, "range") if anchor and anchor.start else None


def _later_than(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], at)
    return Days(anchor.end, None, anchor.basis, "range") if anchor else None


def _anchor(words: str, at: Reference) -> Days | None:
    for _, pattern, meaning in _ANCHOR_RULES:
        match = pattern.search(words)
        if match is not None:
            return meaning(match, at)
    return None


Rule = tuple[str, re.Pattern[str], Callable[[re.Match[str], Reference], Days | None]]
_ANCHOR_RULES: Final[tuple[Rule, ...]] = tuple(
    (name, re.compile(pattern, re.IGNORECASE), meaning)
    for name, pattern, meaning in (
        ("ISO date", r"\b(\d{4})-(\d{2})-(\d{2})\b", meanings.iso),
        ("days of a month", rf"(?P<month>{MONTH}) (?P<from>\d{{1,2}}) ?- ?(?P<to>\d{{1,2}})(?:,? (?P<year>{YEAR}))?", meanings.day_range),
        ("days of a month", rf"\b(?P<from>\d{{1,2}}) ?- ?(?P<to>\d{{1,2}}) (?P<month>{MONTH})(?:,? (?P<year>{YEAR}))?", meanings.day_range),
        ("date", rf"(?P<month>{MONTH}) (?:the )?(?P<day>{DAY})(?!\d)(?:,? ?(?P<year>{YEAR}))?(?: (?P<part>{PART}))?", meanings.month_day),
        (
            "date",
            rf"\b(?P<day>{DAY})(?: of)? (?P<month>{MONTH}),?(?: (?P<year>{YEAR}|\d\d)(?!\d))?(?: (?P<part>{PART}))?",
            meanings.month_day,
        ),
        ("numeric date", r"\b(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)(?:\.(?P<year>(?:\d\d){1,2}))?\b", meanings.numeric),
        (
            "quarter",
            rf"(?:(?P<ordinal>{'|'.join(ORDINALS)}) (?P<unit>quarter|half)|\bq(?P<q>[1-4]))(?: of)?(?: (?P<year>{YEAR}))?",
            meanings.named_quarter,
        ),
        ("season", rf"(?:\b(?P<which>last|this|next) )?\b(?P<season>{SEASON})(?: of)?(?: (?P<year>{YEAR}))?", meanings.season),
        ("month", rf"(?P<part>\bearly |\blate |\bmid-?\s?)?\b(?P<month>{MONTH})(?:,? (?:of )?(?P<year>{YEAR}))?", meanings.month),
        ("day before yesterday", r"\bthe day before yesterday\b", meanings.shifted(2)),
        ("yesterday", rf"\byesterday {PART}\b", meanings.shifted(1, "day_part")),
        ("yesterday", r"\byesterday\b", meanings.shifted(1)),
        ("tomorrow", r"\btomorrow\b", meanings.shifted(-1)),
        (NIGHT, r"\bovernight\b", meanings.night),
        (
            "part of the day of publication",
            r"\b(?:tonight|this (?:morning|afternoon|evening|night)|today (?:morning|afternoon|evening|night))\b",
            meanings.shifted(0, "day_part"),
        ),
        ("day of publication", r"\btoday\b", meanings.shifted(0)),
        (
            "weekday",
            rf"(?:\b(?P<which>last|this|next|this past|this coming) )?\b(?P<weekday>{WEEKDAY})(?:'s)?(?: (?P<part>{PART}))?",
            meanings.weekday,
        ),
        ("end of the period", r"\bthe end of the (?P<unit>week|month|quarter|year)\b", meanings.end_of),
        ("calendar unit", r"\b(?P<which>last|this|next|past|previous) (?P<unit>weekend|week|month|quarter|year)\b", meanings.calendar_unit),
        ("weekend", r"\bweekend\b", meanings.the_weekend),
        (
            "beside a date in the text",
            r"\bthe (?P<which>same|next|following|previous) (?P<unit>day|week|month|year)\b",
            meanings.from_context,
        ),
        ("beside a date in the text", r"\bthe (?P<unit>day|week|month|year) (?P<which>before|after)\b", meanings.from_context),
        ("beside a date in the text", r"\b(?P<which>that) (?P<unit>day|week|month|year)\b", meanings.from_context),
        ("year", rf"\b({YEAR})\b", meanings.year_alone),
    )
)
_RULES: Final[tuple[Rule, ...]] = (
    *(
        (name, re.compile(pattern, re.IGNORECASE), meaning)
        for name, pattern, meaning in (
            (NIGHT, r"\blast night\b", meanings.night),
            ("a mark is no date", r"\bnears? (?:the|its)\b", meanings.unresolved),
            ("range of years", rf"\b({YEAR})-({YEAR})\b", meanings.years),
            (
                WINDOW,
                rf"\b(?:{PAST}) (?:(?P<count>24|{COUNT}) )?(?P<unit>hours?|days?|nights?|decades?)\b",
                meanings.past,
            ),
            (WINDOW, rf"\b(?:{PAST}) (?P<count>{COUNT}) (?P<unit>{UNIT})\b", meanings.past),
            (WINDOW, r"\bthe past (?P<count>)(?P<unit>week|month|quarter|year)\b", meanings.past),
            ("so long ago", rf"\b(?P<count>{COUNT}) (?P<unit>{UNIT}) (?P<side>ago|earlier|later)\b", meanings.ago),
            ("from one day to another", r"^(?:from|between) (?P<from>.+?) (?:to|and|until|till|through) (?P<to>.+)$", _range),
            ("from one day to another", rf"^\(?(?P<from>{DATE}) ?- ?(?P<to>{DATE})\)?$", _range),
            ("open beginning", rf"^- ?(?P<rest>{DATE})$", _until),
            ("since a day", r"^(?:since|starting|from) (?P<rest>.+)$", _since),
            ("up to a day", r"^(?:until|till|by|as of) (?P<rest>.+)$", _until),
            ("before a day", r"^(?:before|prior to) (?P<rest>.+)$", _before),
            ("after a day", r"^after (?P<rest>.+)$", _later_than),
        )
    ),
    *_ANCHOR_RULES,
)
