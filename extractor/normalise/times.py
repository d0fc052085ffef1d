"""Phrases of time in a sentence, and the days they stand for.

A phrase is resolved against the document's publication date, or against a date the text itself has given, and nothing
else: never against today's clock. Days are whole, both ends belong to the result, and an open end is None. Weeks begin on
Monday, seasons are the meteorological ones of the northern hemisphere.

One table holds the grammar: a name, a pattern, and what it means. The first row that matches decides, so rows with more
words come first.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from extractor.claims import Basis, Granularity
from extractor.normalise.numerals import UNITS

_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_name) if name}
_MONTH: Final = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)(?![a-z])"
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY: Final = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_PART: Final = r"(?:morning|afternoon|evening|night)"
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_SEASON: Final = r"(?:spring|summer|autumn|fall|winter)"
_YEAR: Final = r"(?:19|20)\d\d"
_ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_COUNT: Final = rf"(?:\d{{1,3}}|{'|'.join(UNITS)}|a|an|few|several|couple of)"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_MD: Final = rf"{_MONTH} (?:the )?{_DAY}(?!\d|[,.]\d\d\d(?!\d))"
_DM: Final = rf"{_DAY}(?: of)? {_MONTH}"
_DATE: Final = (
    rf"(?:(?:{_WEEKDAY},? (?:the )?)?(?:{_MD}(?:,? ?{_YEAR})?|{_DM}(?:,? {_YEAR}(?!\d)| \d\d(?![\d:,.%]))?)(?:\s{_PART})?|{_YEAR}-[01]\d-[0-3]\d|{_MONTH},? (?:of )?{_YEAR}"
    r"|[0-3]?\d\.[01]?\d\.(?:\d\d){1,2}(?![\d.])|[0-3]\d\.[01]\d(?![\d.%]))"
)
_UNIT: Final = r"(?:hours?|days?|nights?|weeks?|weekends?|months?|quarters?|years?|decades?)"
_PAST: Final = r"(?:past|last|previous|preceding)"
_RELATIVE_DAY: Final = (
    rf"the day before yesterday|(?:late |early |earlier )?(?:yesterday|today|tomorrow|tonight|overnight)(?: {_PART})?|(?:last|this|the previous|that) (?:night|morning|afternoon|evening)"
    rf"|(?:last |this |next |this past |this coming )?{_WEEKDAY}(?:'s)?(?: {_PART})?"
)
_PERIOD: Final = (
    rf"(?:early |late |mid-?|the (?:start|beginning|end|middle) of )?(?:(?:the )?(?:first|second|third|fourth|1st|2nd|3rd|4th) (?:quarter|half)(?: of)?(?: {_YEAR})?|Q[1-4](?: {_YEAR})?"
    rf"|(?:(?:the|last|this|next) )?{_SEASON}(?: of)? {_YEAR}|(?:last|this|next) {_SEASON}|(?:this|last|next|the past|the last|the previous) (?:week|weekend|month|quarter|year)"
    rf"|the (?:week|month|year|day) (?:before|after)|the (?:same|next|following|previous) (?:day|week|month|year)|the weekend|that day|the (?:month|year)|{_YEAR}(?![\d,.]\d)|{_MONTH}(?! \d))"
)
_ANCHOR: Final = rf"(?:{_DATE}|{_RELATIVE_DAY}|{_PERIOD})"
_LEAD: Final = r"(?:(?:over|in|during|within|for|throughout|across) )?"

_PHRASE: Final = re.compile(
    r"(?<![\w$-])(?:"
    rf"(?:from|between) {_ANCHOR} (?:to|and|until|till|through) {_ANCHOR}"
    rf"|{_DATE} ?[-\u2013] ?{_DATE}|{_MONTH} {_DAY} ?[-\u2013] ?{_DAY}(?:,? {_YEAR})?|{_DAY} ?[-\u2013] ?{_DAY} {_MONTH}(?: {_YEAR})?|{_YEAR}[-\u2013]{_YEAR}"
    rf"|{_LEAD}the {_PAST} (?:day|24 hours) and night"
    rf"|{_LEAD}the {_PAST} (?:{_COUNT} )?{_UNIT}|(?:in|over|during|for|within) {_PAST} {_COUNT} {_UNIT}|last {_COUNT} {_UNIT}"
    rf"|{_COUNT} {_UNIT} (?:ago|earlier|later)"
    rf"|nears? (?:the|its) [\w-]+ (?:mark|anniversary)"
    rf"|(?:since|until|till|by|before|after|as of|starting|from|prior to) (?:late (?:on )?|early (?:on )?|mid-?)?{_ANCHOR}"
    rf"|(?:on|over|in|during|at|throughout|for) (?:late |early |mid-?)?{_ANCHOR}"
    rf"|{_DATE}|{_RELATIVE_DAY}|(?:late |early |mid-?)?(?:{_MONTH} (?:{_YEAR})|(?:this|last|next) (?:week|weekend|month|quarter|year|{_SEASON})|the (?:week|month|year|day) before|the (?:next|following|previous|same) day)"
    rf"|(?:early |late )?{_SEASON} (?:of )?{_YEAR}|Q[1-4] {_YEAR}|\((?={_YEAR}\)){_YEAR}"
    r")(?![\w-])",
    re.IGNORECASE,
)
_AHEAD: Final = re.compile(
    r"\b(?:will|shall|to be (?:held|signed|completed|launched)|is to|are to|scheduled|planned|plans? to|due|expected to|set to|would|going to|launches|starts|begins)\b|'ll\b",
    re.IGNORECASE,
)


WINDOW: Final = "window that ends when it is said"
"""Name of the rule for \"the past day\" and the like, which look back from the day of the statement."""


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days a phrase stands for.

    Attributes:
        start: First day; None where open.
        end: Last day, included; None where open.
        basis: What they were reckoned from.
        granularity: How fine the phrase is.
    """

    start: date | None
    end: date | None
    basis: Basis
    granularity: Granularity = "day"


@dataclass(frozen=True, slots=True)
class Reference:
    """What relative phrases are reckoned from.

    Attributes:
        published: Publication date.
        context: A date the text gave before ("the next day"); None where it gave none.
        ahead: Whether the sentence speaks of what is to come, so that "on Friday" is the next one.
    """

    published: date | None
    context: date | None = None
    ahead: bool = False


@lru_cache(maxsize=512)
def find(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of the phrases of time in ``text``, in order, in code points."""
    return tuple(match.span() for match in _PHRASE.finditer(text))


def looks_ahead(sentence: str) -> bool:
    """Return whether ``sentence`` speaks of what is to come."""
    return _AHEAD.search(sentence) is not None


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


# What each rule means. Words arrive in lower case with single spaces.


def _day(day: date, basis: Basis = "explicit", granularity: Granularity = "day") -> Days:
    return Days(day, day, basis, granularity)


def _month_number(name: str) -> int:
    return next(number for full, number in _MONTHS.items() if full.lower().startswith(name.rstrip(".")[:3]))


def _full_year(year: str | None) -> int | None:
    if not year:
        return None
    number = int(year)
    return number if number > 99 else number + (2000 if number < 50 else 1900)  # two digits of a year


def _dated(day: int, month: int, year: int | None, at: Reference, part: str | None = None) -> Days | None:
    """Return a day; without a year the one nearest before publication, or up to a month after it."""
    granularity: Granularity = "day_part" if part else "day"
    if year is not None:
        return _day(date(year, month, day), "explicit", granularity)
    if at.published is None:
        return None
    same = date(at.published.year, month, day)
    if at.ahead:
        return _day(same if same >= at.published - timedelta(days=183) else same.replace(year=same.year + 1), "explicit", granularity)
    return _day(same if same <= at.published + timedelta(days=31) else same.replace(year=same.year - 1), "explicit", granularity)


def _month_day(m: re.Match[str], at: Reference) -> Days | None:
    return _dated(int(re.sub(r"\D", "", m["day"])), _month_number(m["month"]), _full_year(m["year"]), at, m["part"])


def _numeric(m: re.Match[str], at: Reference) -> Days | None:
    return _dated(int(m["day"]), int(m["month"]), _full_year(m["year"]), at)


def _iso(m: re.Match[str], _: Reference) -> Days | None:
    return _day(date(int(m[1]), int(m[2]), int(m[3])))


def _range(m: re.Match[str], at: Reference) -> Days | None:
    last = _anchor(m["to"], at)
    if last is None or last.end is None:
        return None
    known = replace(at, published=last.end, ahead=False)
    first = _anchor(m["from"], known)
    if first is None or first.start is None or first.start > last.end:
        first = _anchor(m["from"], at)
    return Days(first.start, last.end, first.basis, "range") if first is not None and first.start is not None else None


def _day_range(m: re.Match[str], at: Reference) -> Days | None:
    month, year = _month_number(m["month"]), _full_year(m["year"])
    last = _dated(int(m["to"]), month, year, at)
    return Days(last.start and last.start.replace(day=int(m["from"])), last.end, "explicit", "range") if last else None


def _years(m: re.Match[str], _: Reference) -> Days:
    return Days(date(int(m[1]), 1, 1), date(int(m[2]), 12, 31), "explicit", "range")


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


def _past(m: re.Match[str], at: Reference) -> Days | None:
    """Return the window of the N units that end at publication: "the past 24 hours" touches two days."""
    if at.published is None:
        return None
    count, unit = m["count"] or "one", m["unit"].rstrip("s")
    if count in ("few", "several", "couple of"):
        return Days(None, at.published, "relative", "range")
    number = _number(count)
    if unit == "hour":
        return Days(
            at.published - timedelta(days=max(1, -(-number // 24))), at.published, "relative", "day" if number == 24 else "range"
        )  # hours
    if unit == "weekend":
        return _weekend(at.published, 0)
    return Days(_back(at.published, number, unit), at.published, "relative", "day" if (number, unit) == (1, "day") else "range")


def _ago(m: re.Match[str], at: Reference) -> Days | None:
    base = at.published if m["side"] == "ago" else at.context
    if base is None or m["count"] in ("few", "several", "couple of"):
        return None
    number, unit = _number(m["count"]), m["unit"].rstrip("s")
    day = _back(base, -number if m["side"] == "later" else number, unit)
    basis: Basis = "relative" if m["side"] == "ago" else "context"
    if unit == "hour":
        return _day(base, basis) if number <= 12 else None  # half a day
    return replace(_around(day, unit), basis=basis)


def _number(count: str) -> int:
    return int(count) if count.isdecimal() else UNITS.get(count, 1)


def _back(day: date, number: int, unit: str) -> date:
    match unit:
        case "day" | "night":
            return day - timedelta(days=number)
        case "week":
            return day - timedelta(weeks=number)
        case "month" | "quarter":
            months = day.year * 12 + day.month - 1 - number * (3 if unit == "quarter" else 1)
            year, month = divmod(months, 12)
            return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
        case _:
            year = day.year - number * (10 if unit == "decade" else 1)
            return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def _around(day: date, unit: str) -> Days:
    """Return the calendar's unit that holds ``day``."""
    match unit:
        case "week":
            monday = day - timedelta(days=day.weekday())
            return Days(monday, monday + timedelta(days=6), "relative", "week")
        case "month":
            return Days(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]), "relative", "month")
        case "quarter":
            return _quarter(day.year, (day.month + 2) // 3, "relative")
        case "year":
            return Days(date(day.year, 1, 1), date(day.year, 12, 31), "relative", "year")
        case _:
            return _day(day, "relative")


def _calendar_unit(m: re.Match[str], at: Reference) -> Days | None:
    if at.published is None:
        return None
    step = {"last": 1, "past": 1, "previous": 1, "this": 0, "next": -1}[m["which"]]
    if m["unit"] == "weekend":
        return _weekend(at.published, step, this=step == 0)
    return _around(
        _back(at.published.replace(day=1) if m["unit"] in ("month", "quarter", "year") else at.published, step, m["unit"]), m["unit"]
    )


def _weekend(published: date, step: int, *, this: bool = False) -> Days:
    """Return a weekend: the one that has begun last, or for "this weekend" from Thursday on the coming one."""
    back = (published.weekday() - 5) % 7
    saturday = published - timedelta(days=back)
    if step < 0 or (this and published.weekday() in (3, 4)):
        saturday += timedelta(weeks=1)
    elif step > 0 and back <= 1:
        saturday -= timedelta(weeks=1)
    return Days(saturday, saturday + timedelta(days=1), "relative", "day")


def _the_weekend(_: re.Match[str], at: Reference) -> Days | None:
    return _weekend(at.published, -1 if at.ahead else 0) if at.published else None


def _from_context(m: re.Match[str], at: Reference) -> Days | None:
    """Return the unit before, of or after the date that the text spoke of last."""
    base = at.context
    if base is None and m["which"] == "before" and at.published and m["unit"] != "day":
        base = at.published
    if base is None:
        return None
    step = {"before": 1, "previous": 1, "same": 0, "that": 0, "next": -1, "following": -1, "after": -1}[m["which"]]
    return replace(_around(_back(base, step, m["unit"]), m["unit"]), basis="context")


def _quarter(year: int, number: int, basis: Basis = "explicit") -> Days:
    last = number * 3
    return Days(date(year, last - 2, 1), date(year, last, calendar.monthrange(year, last)[1]), basis, "quarter")


def _named_quarter(m: re.Match[str], at: Reference) -> Days | None:
    if m["year"] is None and at.published is None:
        return None
    year = int(m["year"]) if m["year"] or at.published is None else at.published.year
    number = _ORDINALS[m["ordinal"]] if m["ordinal"] else int(m["q"])
    if m["ordinal"] and m["unit"] == "half":
        return (
            Days(_quarter(year, number * 2 - 1).start, _quarter(year, number * 2).end, "explicit", "range") if number <= 2 else None
        )  # halves
    return _quarter(year, number)


def _season(m: re.Match[str], at: Reference) -> Days | None:
    first = _SEASONS[m["season"]]
    if m["year"]:
        return None if first == 12 else _three_months(int(m["year"]), first, "explicit")  # which winter of the year is not said
    if at.published is None:
        return None
    begins = at.published.year if at.published.month >= first else at.published.year - 1
    current = _three_months(begins, first, "relative")
    assert current.end is not None
    match m["which"]:
        case "next":
            return _three_months(begins + 1, first, "relative")
        case "last":
            return current if current.end < at.published else _three_months(begins - 1, first, "relative")
        case _:
            return current if current.end >= at.published or begins == at.published.year else _three_months(begins + 1, first, "relative")


def _three_months(year: int, first: int, basis: Basis) -> Days:
    last_year, last = (year, first + 2) if first + 2 <= 12 else (year + 1, first - 10)  # months
    return Days(date(year, first, 1), date(last_year, last, calendar.monthrange(last_year, last)[1]), basis, "season")


def _month(m: re.Match[str], at: Reference) -> Days | None:
    month, year = _month_number(m["month"]), _full_year(m["year"])
    basis: Basis = "explicit"
    if year is None:
        if at.published is None:
            return None
        year = at.published.year
        if at.ahead and month < at.published.month:
            year += 1
        elif not at.ahead and month > at.published.month:
            year -= 1
    last = calendar.monthrange(year, month)[1]
    first_day, last_day = {"early": (1, 10), "mid": (11, 20), "late": (21, last)}.get((m["part"] or "").strip(" -"), (1, last))
    return Days(date(year, month, first_day), date(year, month, last_day), basis, "month")


def _year_alone(m: re.Match[str], _: Reference) -> Days:
    return Days(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31), "explicit", "year")


def _weekday(m: re.Match[str], at: Reference) -> Days | None:
    if at.published is None:
        return None
    number = _WEEKDAYS.index(m["weekday"])
    back = (at.published.weekday() - number) % 7
    if m["which"] == "next" or (at.ahead and m["which"] not in ("last", "this past ")):
        day = at.published + timedelta(days=(number - at.published.weekday()) % 7 or 7)
    else:
        day = at.published - timedelta(days=back or (7 if m["which"] == "last" else 0))
    return _day(day, "relative", "day_part" if m["part"] else "day")


def _shifted(days: int, granularity: Granularity = "day") -> Callable[[re.Match[str], Reference], Days | None]:
    def meaning(_: re.Match[str], at: Reference) -> Days | None:
        return _day(at.published - timedelta(days=days), "relative", granularity) if at.published else None

    return meaning


def _night(_: re.Match[str], at: Reference) -> Days | None:
    return Days(at.published - timedelta(days=1), at.published, "relative", "day_part") if at.published else None


def _end_of(m: re.Match[str], at: Reference) -> Days | None:
    if at.published is None:
        return None
    whole = _around(at.published, m["unit"])
    return _day(whole.end, "relative") if whole.end else None


def _unresolved(_: re.Match[str], __: Reference) -> None:
    return None


def _anchor(words: str, at: Reference) -> Days | None:
    for _, pattern, meaning in _ANCHOR_RULES:
        match = pattern.search(words)
        if match is not None:
            return meaning(match, at)
    return None


Rule = tuple[str, re.Pattern[str], Callable[[re.Match[str], Reference], Days | None]]
_m, _wd = _MONTH.lower(), _WEEKDAY.lower()
_d = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_ANCHOR_RULES: Final[tuple[Rule, ...]] = tuple(
    (name, re.compile(pattern), meaning)
    for name, pattern, meaning in (
        ("ISO date", r"\b(\d{4})-(\d{2})-(\d{2})\b", _iso),
        ("days of a month", rf"(?P<month>{_m}) (?P<from>\d{{1,2}}) ?- ?(?P<to>\d{{1,2}})(?:,? (?P<year>{_YEAR}))?", _day_range),
        ("days of a month", rf"\b(?P<from>\d{{1,2}}) ?- ?(?P<to>\d{{1,2}}) (?P<month>{_m})(?:,? (?P<year>{_YEAR}))?", _day_range),
        ("date", rf"(?P<month>{_m}) (?:the )?(?P<day>{_d})(?!\d)(?:,? ?(?P<year>{_YEAR}))?(?: (?P<part>{_PART}))?", _month_day),
        ("date", rf"\b(?P<day>{_d})(?: of)? (?P<month>{_m}),?(?: (?P<year>{_YEAR}|\d\d)(?!\d))?(?: (?P<part>{_PART}))?", _month_day),
        ("numeric date", r"\b(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)(?:\.(?P<year>(?:\d\d){1,2}))?\b", _numeric),
        (
            "quarter",
            rf"(?:(?P<ordinal>{'|'.join(_ORDINALS)}) (?P<unit>quarter|half)|\bq(?P<q>[1-4]))(?: of)?(?: (?P<year>{_YEAR}))?",
            _named_quarter,
        ),
        ("season", rf"(?:\b(?P<which>last|this|next) )?\b(?P<season>{_SEASON})(?: of)?(?: (?P<year>{_YEAR}))?", _season),
        ("month", rf"(?P<part>\bearly |\blate |\bmid-?\s?)?\b(?P<month>{_m})(?:,? (?:of )?(?P<year>{_YEAR}))?", _month),
        ("day before yesterday", r"\bthe day before yesterday\b", _shifted(2)),
        ("yesterday", rf"\byesterday {_PART}\b", _shifted(1, "day_part")),
        ("yesterday", r"\byesterday\b", _shifted(1)),
        ("tomorrow", r"\btomorrow\b", _shifted(-1)),
        ("night before publication", r"\bovernight\b", _night),
        (
            "part of the day of publication",
            r"\b(?:tonight|this (?:morning|afternoon|evening|night)|today (?:morning|afternoon|evening|night))\b",
            _shifted(0, "day_part"),
        ),
        ("day of publication", r"\btoday\b", _shifted(0)),
        (
            "weekday",
            rf"(?:\b(?P<which>last|this|next|this past|this coming) )?\b(?P<weekday>{_wd})(?:'s)?(?: (?P<part>{_PART}))?",
            _weekday,
        ),
        ("end of the period", r"\bthe end of the (?P<unit>week|month|quarter|year)\b", _end_of),
        ("calendar unit", r"\b(?P<which>last|this|next|past|previous) (?P<unit>weekend|week|month|quarter|year)\b", _calendar_unit),
        ("weekend", r"\bweekend\b", _the_weekend),
        ("beside a date in the text", r"\bthe (?P<which>same|next|following|previous) (?P<unit>day|week|month|year)\b", _from_context),
        ("beside a date in the text", r"\bthe (?P<unit>day|week|month|year) (?P<which>before|after)\b", _from_context),
        ("beside a date in the text", r"\b(?P<which>that) (?P<unit>day|week|month|year)\b", _from_context),
        ("year", rf"\b({_YEAR})\b", _year_alone),
    )
)
_RULES: Final[tuple[Rule, ...]] = (
    *(
        (name, re.compile(pattern), meaning)
        for name, pattern, meaning in (
            ("night before publication", r"\blast night\b", _night),
            ("a mark is no date", r"\bnears? (?:the|its)\b", _unresolved),
            ("range of years", rf"\b({_YEAR})-({_YEAR})\b", _years),
            (
                WINDOW,
                rf"\b(?:{_PAST}) (?:(?P<count>24|{_COUNT}) )?(?P<unit>hours?|days?|nights?|decades?)\b",
                _past,
            ),
            (WINDOW, rf"\b(?:{_PAST}) (?P<count>{_COUNT}) (?P<unit>{_UNIT})\b", _past),
            (WINDOW, r"\bthe past (?P<count>)(?P<unit>week|month|quarter|year)\b", _past),
            ("so long ago", rf"\b(?P<count>{_COUNT}) (?P<unit>{_UNIT}) (?P<side>ago|earlier|later)\b", _ago),
            ("from one day to another", r"^(?:from|between) (?P<from>.+?) (?:to|and|until|till|through) (?P<to>.+)$", _range),
            ("from one day to another", rf"^\(?(?P<from>{_DATE.lower()}) ?- ?(?P<to>{_DATE.lower()})\)?$", _range),
            ("open beginning", rf"^- ?(?P<rest>{_DATE.lower()})$", _until),
            ("since a day", r"^(?:since|starting|from) (?P<rest>.+)$", _since),
            ("up to a day", r"^(?:until|till|by|as of) (?P<rest>.+)$", _until),
            ("before a day", r"^(?:before|prior to) (?P<rest>.+)$", _before),
            ("after a day", r"^after (?P<rest>.+)$", _later_than),
        )
    ),
    *_ANCHOR_RULES,
)
