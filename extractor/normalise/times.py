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
from functools import lru_cache
from typing import Final, Literal

from extractor.normalise import time_meanings as meanings
from extractor.normalise import time_periods as periods
from extractor.normalise.late import late
from extractor.normalise.time_meanings import Days, Reference
from extractor.normalise.time_tense import lies_ahead, looks_ahead
from extractor.normalise.time_words import (
    BOUND,
    CLOCK,
    COUNT,
    DATE,
    DAY,
    DAY_HALF,
    HOLIDAY,
    MONTH,
    NEXT,
    ONE_DAY,
    ORDINALS,
    PART,
    PAST,
    SEASON_WORD,
    UNIT,
    WEEKDAY,
    WITHIN,
    YEAR,
    find,
)

__all__ = ["LOOKS_BACK", "NIGHT", "WINDOW", "Days", "claimed", "explained", "find", "lies_ahead", "looks_ahead", "measure", "resolve"]

WINDOW: Final = "window that ends when it is said"
NIGHT: Final = "night before it is said"
LOOKS_BACK: Final = frozenset((WINDOW, NIGHT))
"""Rules for "the past day", "overnight" and the like, which look back from the day of the statement."""


def claimed(
    sentence: str, start: int, end: int, *, published: date | None, context: date | None = None, forecast: bool = False
) -> tuple[str, Days] | None:
    """Return the days of a claim whose time stands in ``sentence``, and the name of the rule; None where nothing settles them.

    What has been lies up to publication and what is to come from there on, so "this year" is a part of the year (annotation
    guide, Time).

    Args:
        sentence: The sentence of the phrase of time.
        start: First code point of the phrase in ``sentence``.
        end: One past its last.
        published: As for ``resolve``.
        context: As for ``resolve``.
        forecast: Whether the claim is known to be of what is to come; else the verb beside the phrase decides.
    """
    ahead = forecast or lies_ahead(sentence, start, end)
    return explained(sentence[start:end], published=published, context=context, ahead=ahead, cut=True)


def resolve(
    phrase: str, *, published: date | None, context: date | None = None, ahead: bool | None = None, cut: bool = False
) -> Days | None:
    """Return the days ``phrase`` stands for, or None where its words and the known dates do not settle them.

    Args:
        phrase: A phrase as ``find`` returns it; longer text is searched for its first anchor.
        published: Publication date of the document, to which weekdays and relative phrases refer.
        context: The date the text spoke of last, to which "the next day" refers.
        ahead: Whether what is said lies ahead (True) or has been (False), as ``lies_ahead`` tells; None where that is not
            known: then "by Friday", "until Friday" and "before Friday" mean the next one and "on Friday" the last.
        cut: Whether a unit that is running ("this year") ends with publication, or begins with it where what is said lies
            ahead; else it is the whole unit.
    """
    found = explained(phrase, published=published, context=context, ahead=ahead, cut=cut)
    return found[1] if found is not None else None


@lru_cache(maxsize=1024)
def explained(
    phrase: str, *, published: date | None, context: date | None = None, ahead: bool | None = None, cut: bool = False
) -> tuple[str, Days] | None:
    """Return the name of the rule that settles ``phrase`` and the days it gives, or None; arguments as for ``resolve``."""
    words = " ".join(phrase.lower().replace("\u2013", "-").replace("\u2019", "'").split())
    reference = Reference(published, context, True if words.startswith(("next ", "by next", "until next")) else ahead, cut=cut)
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


def measure(phrase: str, *, ahead: bool | None = None) -> Literal["period", "cumulative"]:
    """Return whether a figure beside ``phrase`` counts a window of time or one event, or everything since a point.

    Args:
        phrase: A phrase of time.
        ahead: As for ``resolve``: a count "by Monday" runs up to a Monday that has been, and is due by one that is to come.
    """
    words = phrase.lower()
    counts_on = _COUNTS_ON.search(words) is not None or (words.startswith("by ") and ahead is False)
    return "cumulative" if counts_on else "period"


_COUNTS_ON: Final = late(r"^(?:since|starting)\b|^from (?!.* (?:to|until|till|through) )|\bas of\b|\bto date\b")


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


def _since_event(m: re.Match[str], at: Reference) -> Days | None:
    """Return the days since an event whose day is told; a year or month does not tell when in it the event was."""
    anchor = _anchor(m["rest"], replace(at, ahead=False))
    return _since(m, at) if anchor is not None and anchor.start == anchor.end else None


def _from(m: re.Match[str], at: Reference) -> Days | None:
    """Return the days from one on: up to publication, or open where it is to come."""
    anchor = _anchor(m["rest"], at) if at.ahead else None
    return Days(anchor.start, None, anchor.basis, anchor.granularity) if anchor is not None else _since(m, at)


def _as_of(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], at)
    return Days(None, anchor.end, anchor.basis, anchor.granularity) if anchor else None


def _until(m: re.Match[str], at: Reference) -> Days | None:
    return _as_of(m, _onward(at))


def _before(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], _onward(at))
    return Days(None, anchor.start - timedelta(days=1), anchor.basis, anchor.granularity) if anchor and anchor.start else None


def _onward(at: Reference) -> Reference:
    """Return the reference for words that look ahead unless what is said is known to have been."""
    return replace(at, onward=at.ahead is None)


def _later_than(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], at)
    return Days(anchor.end, None, anchor.basis, "range") if anchor else None


def _part_of_day(m: re.Match[str], at: Reference) -> Days | None:
    anchor = _anchor(m["rest"], at)
    return replace(anchor, granularity="day_part") if anchor else None


def _hour(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day of an hour; without a day the one spoken of, and since an hour that of publication."""
    bound = m["lead"].split(" ")[0]
    if m["rest"] is not None:
        day = _part_of_day(m, _onward(at) if bound in _UP_TO else at)
    else:
        day = meanings.spoken_of(m, replace(at, context=None) if bound == "since" else at)
    if day is None:
        return None
    if bound == "since":
        return replace(day, end=at.published)
    return replace(day, start=None) if bound in _UP_TO else day


_UP_TO: Final = frozenset(("by", "until", "till"))


def _anchor(words: str, at: Reference) -> Days | None:
    for _, pattern, meaning in _ANCHOR_RULES:
        match = pattern.search(words)
        if match is not None:
            return meaning(match, at)
    return None


Rule = tuple[str, re.Pattern[str], Callable[[re.Match[str], Reference], Days | None]]
_WHOLE: Final = (
    rf"(?:(?P<which>the|this|last|next) (?P<unit>{WITHIN})|(?P<month>{MONTH})(?:,? (?:of )?(?P<year>{YEAR}))?|(?P<only>{YEAR}))\b"
)
_PART: Final = rf"\b(?P<ordinal>{'|'.join(ORDINALS)}|last|final) (?:(?:(?P<count>{COUNT}) )?(?P<units>days|weeks|months|quarters)|(?P<part>half|quarter|month|week)) of {_WHOLE}"
_FIRST_MONTHS: Final = rf"\bfirst (?P<count>{COUNT}) months(?! of\b)"
_ANCHOR_RULES: Final[tuple[Rule, ...]] = tuple(
    (name, late(pattern, re.IGNORECASE), meaning)
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
        ("part of a period", _PART, periods.part_of),
        ("first months of the year", _FIRST_MONTHS, periods.first_months),
        ("edge of a period", rf"\bthe (?:very )?(?P<edge>start|beginning|middle|end|close) of {_WHOLE}", periods.edge_of),
        (
            "quarter",
            rf"(?:(?P<ordinal>{'|'.join(ORDINALS)}) (?P<unit>quarter|half)|\bq(?P<q>[1-4]))(?: of)?(?: (?P<year>{YEAR}))?",
            periods.named_quarter,
        ),
        ("season", rf"(?:\b(?P<which>last|this|next) )?\b(?P<season>{SEASON_WORD})(?: of)?(?: (?P<year>{YEAR}))?", periods.season),
        ("month", rf"(?P<part>\bearly |\blate |\bmid-?\s?)?\b(?P<month>{MONTH})(?:,? (?:of )?(?P<year>{YEAR}))?", periods.month),
        ("holiday", rf"\b(?P<holiday>{HOLIDAY})", meanings.holiday),
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
        ("day of publication", r"\btoday\b|^(?:right )?now$", meanings.shifted(0)),
        (
            "weekday",
            rf"(?:\b(?P<which>last|this|next|this past|this coming) )?\b(?P<weekday>{WEEKDAY})(?:'s)?(?: (?P<part>{PART}))?",
            meanings.weekday,
        ),
        ("calendar unit", r"\b(?P<which>last|this|next|past|previous) (?P<unit>weekend|week|month|quarter|year)\b", meanings.calendar_unit),
        ("weekend", r"\bweekend\b", meanings.the_weekend),
        (
            "beside a date in the text",
            r"\bthe (?P<which>same|next|following|previous) (?P<unit>day|week|month|year)\b",
            meanings.from_context,
        ),
        ("beside a date in the text", r"\bthe (?P<unit>day|week|month|year) (?P<which>before|after)\b", meanings.from_context),
        ("beside a date in the text", r"\b(?P<which>that) (?P<unit>day|week|month|year)\b", meanings.from_context),
        ("year", rf"\b({YEAR})\b", periods.year_alone),
    )
)
_RULES: Final[tuple[Rule, ...]] = (
    *(
        (name, late(pattern, re.IGNORECASE), meaning)
        for name, pattern, meaning in (
            (NIGHT, r"\blast night\b", meanings.night),
            ("part of a period", rf"^(?:in |on |over |during |for |throughout )?(?:the )?{_PART}", periods.part_of),
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
            ("window that begins when it is said", rf"\bthe {NEXT} (?P<count>{COUNT}) (?P<unit>{UNIT})\b", meanings.coming),
            ("window that begins when it is said", rf"\bcoming (?P<count>)(?P<unit>{UNIT})\b", meanings.coming),
            (WINDOW, rf"\brecent {UNIT}\b", meanings.recent),
            ("within a time", rf"^within (?:(?P<count>{COUNT}) (?:more )?)?(?P<unit>{UNIT})\b", meanings.within),
            ("so far ahead", rf"^in (?P<count>{COUNT}) (?:more )?(?P<unit>{UNIT})$", meanings.in_so_long),
            (
                "earlier or later in a unit",
                r"^(?P<side>earlier|later) (?:this|in the) (?P<unit>day|week|month|year)$",
                meanings.side_of_unit,
            ),
            (
                "hour of a day",
                rf"^(?P<lead>(?:[a-z]+ )*?){CLOCK}(?: (?:to|and|until|till) {CLOCK})?(?:,? (?:on )?(?P<rest>{ONE_DAY}))?$",
                _hour,
            ),
            (
                "part of a day",
                rf"^(?:(?:late|early|earlier|later)(?: on)?|(?:in|on|during) {DAY_HALF} (?:of|on)) (?:the )?(?P<rest>{ONE_DAY})$",
                _part_of_day,
            ),
            ("part of the day spoken of", rf"^in {DAY_HALF}$", meanings.spoken_of),
            ("from one day to another", r"^(?:from|between) (?P<from>.+?) (?:to|and|until|till|through) (?P<to>.+)$", _range),
            ("from one day to another", rf"^\(?(?P<from>{DATE}) ?- ?(?P<to>{DATE})\)?$", _range),
            ("open beginning", rf"^- ?(?P<rest>{DATE})$", _until),
            ("since an event", r"^since (?:the|its|his|her|their|an?) (?:[\w'-]+ )+?(?:in|on) (?P<rest>.+)$", _since_event),
            ("since a day", r"^since (?P<rest>.+)$", _since),
            ("from a day on", r"^(?:starting|from) (?P<rest>.+)$", _from),
            ("as of a day", r"^as of (?P<rest>.+)$", _as_of),
            ("up to a day", rf"^{BOUND} (?P<rest>.+)$", _until),
            ("before an end", r"^(?:before|prior to) (?P<rest>the (?:very )?(?:end|close) of .+)$", _until),
            ("before a day", r"^(?:before|prior to) (?P<rest>.+)$", _before),
            ("after a day", r"^after (?P<rest>.+)$", _later_than),
        )
    ),
    *_ANCHOR_RULES,
)
