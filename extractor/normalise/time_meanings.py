"""What the parts of a phrase of time mean: days of the calendar, reckoned from known dates only.

A function takes the match of its rule, whose words are in lower case with single spaces, and the dates to reckon from. It
returns None where those do not settle the days.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from extractor.claims import Basis, Granularity
from extractor.normalise.numerals import UNITS
from extractor.normalise.time_words import MONTHS, ORDINALS, SEASONS, WEEKDAYS

_DAY_HOURS: Final = 24


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


def _day(day: date, basis: Basis = "explicit", granularity: Granularity = "day") -> Days:
    return Days(day, day, basis, granularity)


def _month_number(name: str) -> int:
    return next(number for number, full in enumerate(MONTHS.lower().split("|"), 1) if full.startswith(name[:3]))


def _full_year(year: str | None) -> int | None:
    if not year:
        return None
    number = int(year)
    return number if number > 99 else number + (2000 if number < 50 else 1900)


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


def month_day(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day of a date with a named month."""
    return _dated(int(re.sub(r"\D", "", m["day"])), _month_number(m["month"]), _full_year(m["year"]), at, m["part"])


def numeric(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day of a date in digits, day first."""
    return _dated(int(m["day"]), int(m["month"]), _full_year(m["year"]), at)


def iso(m: re.Match[str], _: Reference) -> Days | None:
    """Return the day of an ISO 8601 date."""
    return _day(date(int(m[1]), int(m[2]), int(m[3])))


def day_range(m: re.Match[str], at: Reference) -> Days | None:
    """Return the days of "March 3-5"."""
    month, year = _month_number(m["month"]), _full_year(m["year"])
    last = _dated(int(m["to"]), month, year, at)
    return Days(last.start and last.start.replace(day=int(m["from"])), last.end, "explicit", "range") if last else None


def years(m: re.Match[str], _: Reference) -> Days:
    """Return the days of a range of years."""
    return Days(date(int(m[1]), 1, 1), date(int(m[2]), 12, 31), "explicit", "range")


def past(m: re.Match[str], at: Reference) -> Days | None:
    """Return the window of the N units that end at publication: "the past 24 hours" touches two days."""
    if at.published is None:
        return None
    count, unit = m["count"] or "one", m["unit"].rstrip("s")
    if count in ("few", "several", "couple of"):
        return Days(None, at.published, "relative", "range")
    number = _number(count)
    if unit == "hour":
        days = max(1, -(-number // _DAY_HOURS))
        return Days(at.published - timedelta(days=days), at.published, "relative", "day" if number == _DAY_HOURS else "range")
    if unit == "weekend":
        return _weekend(at.published, 0)
    return Days(_back(at.published, number, unit), at.published, "relative", "day" if (number, unit) == (1, "day") else "range")


def ago(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day or calendar unit that lies so far back, or so far from the date in the text."""
    base = at.published if m["side"] == "ago" else at.context
    if base is None or m["count"] in ("few", "several", "couple of"):
        return None
    number, unit = _number(m["count"]), m["unit"].rstrip("s")
    day = _back(base, -number if m["side"] == "later" else number, unit)
    basis: Basis = "relative" if m["side"] == "ago" else "context"
    if unit == "hour":
        return _day(base, basis) if number <= _DAY_HOURS // 2 else None
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


def calendar_unit(m: re.Match[str], at: Reference) -> Days | None:
    """Return the last, this or next unit of the calendar."""
    if at.published is None:
        return None
    step = {"last": 1, "past": 1, "previous": 1, "this": 0, "next": -1}[m["which"]]
    if m["unit"] == "weekend":
        return _weekend(at.published, step, this=step == 0)
    return _around(_back(at.published, step, m["unit"]), m["unit"])


def _weekend(published: date, step: int, *, this: bool = False) -> Days:
    """Return a weekend: the one that has begun last, or for "this weekend" from Thursday on the coming one."""
    back = (published.weekday() - 5) % 7
    saturday = published - timedelta(days=back)
    if step < 0 or (this and published.weekday() in (3, 4)):
        saturday += timedelta(weeks=1)
    elif step > 0 and back <= 1:
        saturday -= timedelta(weeks=1)
    return Days(saturday, saturday + timedelta(days=1), "relative", "day")


def the_weekend(_: re.Match[str], at: Reference) -> Days | None:
    """Return the weekend that was, or that comes."""
    return _weekend(at.published, -1 if at.ahead else 0) if at.published else None


def from_context(m: re.Match[str], at: Reference) -> Days | None:
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


def named_quarter(m: re.Match[str], at: Reference) -> Days | None:
    """Return a quarter or half of a year."""
    if m["year"] is None and at.published is None:
        return None
    year = int(m["year"]) if m["year"] or at.published is None else at.published.year
    number = ORDINALS[m["ordinal"]] if m["ordinal"] else int(m["q"])
    if m["ordinal"] and m["unit"] == "half":
        if number > 2:
            return None
        return Days(_quarter(year, number * 2 - 1).start, _quarter(year, number * 2).end, "explicit", "range")
    return _quarter(year, number)


def season(m: re.Match[str], at: Reference) -> Days | None:
    """Return a meteorological season of the northern hemisphere."""
    first = SEASONS[m["season"]]
    if m["year"]:
        # a year holds the halves of two winters, and the words do not say which is meant
        return None if first == SEASONS["winter"] else _three_months(int(m["year"]), first, "explicit")
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
    last_year, last = (year, first + 2) if first + 2 <= 12 else (year + 1, first - 10)
    return Days(date(year, first, 1), date(last_year, last, calendar.monthrange(last_year, last)[1]), basis, "season")


def month(m: re.Match[str], at: Reference) -> Days | None:
    """Return a month or the first, middle or last third of it."""
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


def year_alone(m: re.Match[str], _: Reference) -> Days:
    """Return a whole year."""
    return Days(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31), "explicit", "year")


def weekday(m: re.Match[str], at: Reference) -> Days | None:
    """Return the last such day up to publication, or the next one where what is to come is meant."""
    if at.published is None:
        return None
    number = WEEKDAYS.index(m["weekday"])
    back = (at.published.weekday() - number) % 7
    if m["which"] == "next" or (at.ahead and m["which"] not in ("last", "this past")):
        day = at.published + timedelta(days=(number - at.published.weekday()) % 7 or 7)
    else:
        day = at.published - timedelta(days=back or (7 if m["which"] == "last" else 0))
    return _day(day, "relative", "day_part" if m["part"] else "day")


def shifted(days: int, granularity: Granularity = "day") -> Callable[[re.Match[str], Reference], Days | None]:
    """Return a meaning: the day that lies ``days`` before publication."""

    def meaning(_: re.Match[str], at: Reference) -> Days | None:
        return _day(at.published - timedelta(days=days), "relative", granularity) if at.published else None

    return meaning


def night(_: re.Match[str], at: Reference) -> Days | None:
    """Return the night before publication, which touches two days."""
    return Days(at.published - timedelta(days=1), at.published, "relative", "day_part") if at.published else None


def end_of(m: re.Match[str], at: Reference) -> Days | None:
    """Return the last day of the unit that publication falls into."""
    if at.published is None:
        return None
    whole = _around(at.published, m["unit"])
    return _day(whole.end, "relative") if whole.end else None


def unresolved(_: re.Match[str], __: Reference) -> None:
    """Return None: the words name no day."""
    return
