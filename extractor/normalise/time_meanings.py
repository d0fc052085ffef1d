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
from extractor.normalise.time_words import HOLIDAYS, MONTHS, WEEKDAYS

_DAY_HOURS: Final = 24
_NEAR: Final = 31
"""How far, in days, a date without a year may lie on the other side of publication than expected."""
_HALF_YEAR: Final = 183


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
        ahead: Whether what is said lies ahead, so that "on Friday" is the next one; None where that is not known.
        onward: Whether the words of the phrase look ahead by themselves and nothing says that it has been.
        cut: Whether a running unit is cut at publication: what has been lies before, what is to come behind.
    """

    published: date | None
    context: date | None = None
    ahead: bool | None = None
    onward: bool = False
    cut: bool = False

    @property
    def forward(self) -> bool:
        """Whether the next such day is meant, rather than the last."""
        return self.ahead or self.onward


VAGUE: Final = frozenset(("few", "several", "couple of"))
"""Counts that settle no day."""


def one_day(day: date, basis: Basis = "explicit", granularity: Granularity = "day") -> Days:
    """Return the result that is one day."""
    return Days(day, day, basis, granularity)


def month_number(name: str) -> int:
    """Return the number of a month, January is 1, from its name in lower case or the first three letters of it."""
    return next(number for number, full in enumerate(MONTHS.lower().split("|"), 1) if full.startswith(name[:3]))


def full_year(year: str | None) -> int | None:
    """Return the year of two or four digits; None for none."""
    if not year:
        return None
    number = int(year)
    return number if number > 99 else number + (2000 if number < 50 else 1900)


def _dated(day: int, month: int, year: int | None, at: Reference, part: str | None = None) -> Days | None:
    """Return a day; without a year the one nearest before publication, or up to a month after it.

    Of what is to come it is the next one, or up to a month before publication; beside words that only look ahead, up to half a year.
    """
    granularity: Granularity = "day_part" if part else "day"
    if year is not None:
        return one_day(date(year, month, day), "explicit", granularity)
    if at.published is None:
        return None
    same = date(at.published.year, month, day)
    if at.forward:
        back_to = at.published - timedelta(days=_NEAR if at.ahead else _HALF_YEAR)
        return one_day(same if same >= back_to else same.replace(year=same.year + 1), "explicit", granularity)
    return one_day(same if same <= at.published + timedelta(days=_NEAR) else same.replace(year=same.year - 1), "explicit", granularity)


def month_day(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day of a date with a named month."""
    return _dated(int(re.sub(r"\D", "", m["day"])), month_number(m["month"]), full_year(m["year"]), at, m["part"])


def numeric(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day of a date in digits, day first."""
    return _dated(int(m["day"]), int(m["month"]), full_year(m["year"]), at)


def iso(m: re.Match[str], _: Reference) -> Days | None:
    """Return the day of an ISO 8601 date."""
    return one_day(date(int(m[1]), int(m[2]), int(m[3])))


def day_range(m: re.Match[str], at: Reference) -> Days | None:
    """Return the days of "March 3-5"."""
    month, year = month_number(m["month"]), full_year(m["year"])
    last = _dated(int(m["to"]), month, year, at)
    return Days(last.start and last.start.replace(day=int(m["from"])), last.end, "explicit", "range") if last else None


def holiday(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day of a holiday that falls on the same date every year."""
    month, day = HOLIDAYS[m["holiday"]]
    return _dated(day, month, None, at)


def years(m: re.Match[str], _: Reference) -> Days:
    """Return the days of a range of years."""
    return Days(date(int(m[1]), 1, 1), date(int(m[2]), 12, 31), "explicit", "range")


def past(m: re.Match[str], at: Reference) -> Days | None:
    """Return the window of the N units that end at publication: "the past 24 hours" touches two days."""
    if at.published is None:
        return None
    count, unit = m["count"] or "one", m["unit"].rstrip("s")
    if count in VAGUE:
        return Days(None, at.published, "relative", "range")
    number = number_of(count)
    if unit == "hour":
        days = max(1, -(-number // _DAY_HOURS))
        return Days(at.published - timedelta(days=days), at.published, "relative", "day" if number == _DAY_HOURS else "range")
    if unit == "weekend":
        return _weekend(at.published, 0)
    return Days(back(at.published, number, unit), at.published, "relative", "day" if (number, unit) == (1, "day") else "range")


def recent(_: re.Match[str], at: Reference) -> Days | None:
    """Return the window without a beginning that ends at publication."""
    return Days(None, at.published, "relative", "range") if at.published else None


def coming(m: re.Match[str], at: Reference) -> Days | None:
    """Return the window of the N units that begin at publication; open where their number is not told."""
    if at.published is None:
        return None
    count, unit = m["count"] or ("few" if m["unit"].endswith("s") else "one"), m["unit"].rstrip("s")
    if count in VAGUE:
        return Days(at.published, None, "relative", "range")
    number = number_of(count)
    if unit == "hour":
        number, unit = max(1, -(-number // _DAY_HOURS)), "day"
    return Days(at.published, back(at.published, -number, unit), "relative", "range")


def within(m: re.Match[str], at: Reference) -> Days | None:
    """Return the window of a time that is given for what is to come; of what has been, its beginning is not known."""
    return coming(m, at) if at.ahead is not False and m["count"] and m["count"] not in VAGUE else None


def in_so_long(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day or calendar unit that lies so far ahead; of what has been, "in two days" is a length."""
    if at.published is None or not at.ahead or m["count"] in VAGUE or m["unit"].startswith(("hour", "night", "weekend", "decade")):
        return None
    unit = m["unit"].rstrip("s")
    return around(back(at.published, -number_of(m["count"]), unit), unit)


def ago(m: re.Match[str], at: Reference) -> Days | None:
    """Return the day or calendar unit that lies so far back, or so far from the date in the text."""
    base = at.published if m["side"] == "ago" else at.context
    if base is None or m["count"] in VAGUE:
        return None
    number, unit = number_of(m["count"]), m["unit"].rstrip("s")
    day = back(base, -number if m["side"] == "later" else number, unit)
    basis: Basis = "relative" if m["side"] == "ago" else "context"
    if unit == "hour":
        return one_day(base, basis) if number <= _DAY_HOURS // 2 else None
    return replace(around(day, unit), basis=basis)


def number_of(count: str) -> int:
    """Return the number that a count in digits or words stands for."""
    return int(count) if count.isdecimal() else UNITS.get(count, 1)


def back(day: date, number: int, unit: str) -> date:
    """Return the day that lies ``number`` units before ``day``, or behind it where that is negative."""
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


def around(day: date, unit: str) -> Days:
    """Return the calendar's unit that holds ``day``."""
    match unit:
        case "week":
            monday = day - timedelta(days=day.weekday())
            return Days(monday, monday + timedelta(days=6), "relative", "week")
        case "month":
            return Days(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]), "relative", "month")
        case "quarter":
            return quarter(day.year, (day.month + 2) // 3, "relative")
        case "year":
            return Days(date(day.year, 1, 1), date(day.year, 12, 31), "relative", "year")
        case _:
            return one_day(day, "relative")


def quarter(year: int, number: int, basis: Basis = "explicit") -> Days:
    """Return a quarter of a year, 1 to 4."""
    last = number * 3
    return Days(date(year, last - 2, 1), date(year, last, calendar.monthrange(year, last)[1]), basis, "quarter")


def running(whole: Days, at: Reference) -> Days:
    """Return a unit that may hold publication, cut there where that is asked for."""
    if not at.cut or at.published is None or whole.start is None or whole.end is None or not whole.start <= at.published <= whole.end:
        return whole
    return replace(whole, start=at.published) if at.forward else replace(whole, end=at.published)


def calendar_unit(m: re.Match[str], at: Reference) -> Days | None:
    """Return the last, this or next unit of the calendar."""
    if at.published is None:
        return None
    step = {"last": 1, "past": 1, "previous": 1, "this": 0, "next": -1}[m["which"]]
    if m["unit"] == "weekend":
        return _weekend(at.published, step, this=step == 0)
    whole = around(back(at.published, step, m["unit"]), m["unit"])
    return running(whole, at) if step == 0 else whole


def side_of_unit(m: re.Match[str], at: Reference) -> Days | None:
    """Return the days of the running unit before publication ("earlier this week") or from it on ("later in the year")."""
    if m["unit"] == "day":
        return spoken_of(m, at)
    return running(around(at.published, m["unit"]), replace(at, ahead=m["side"] == "later", cut=True)) if at.published else None


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
    return _weekend(at.published, -1 if at.forward else 0) if at.published else None


def spoken_of(_: re.Match[str], at: Reference) -> Days | None:
    """Return the day that the text spoke of last, or else that of publication, for a part of the day alone."""
    if at.context is not None and (at.published is None or at.context <= at.published):
        return one_day(at.context, "context", "day_part")
    return one_day(at.published, "relative", "day_part") if at.published else None


def from_context(m: re.Match[str], at: Reference) -> Days | None:
    """Return the unit before, of or after the date that the text spoke of last."""
    base = at.context
    if base is None and m["which"] == "before" and at.published and m["unit"] != "day":
        base = at.published
    if base is None:
        return None
    step = {"before": 1, "previous": 1, "same": 0, "that": 0, "next": -1, "following": -1, "after": -1}[m["which"]]
    return replace(around(back(base, step, m["unit"]), m["unit"]), basis="context")


def weekday(m: re.Match[str], at: Reference) -> Days | None:
    """Return the last such day up to publication, or the next one where what is to come is meant."""
    if at.published is None:
        return None
    number = WEEKDAYS.index(m["weekday"])
    back = (at.published.weekday() - number) % 7
    if m["which"] == "next" or (at.forward and m["which"] not in ("last", "this past")):
        day = at.published + timedelta(days=(number - at.published.weekday()) % 7 or 7)
    else:
        day = at.published - timedelta(days=back or (7 if m["which"] == "last" else 0))
    return one_day(day, "relative", "day_part" if m["part"] else "day")


def shifted(days: int, granularity: Granularity = "day") -> Callable[[re.Match[str], Reference], Days | None]:
    """Return a meaning: the day that lies ``days`` before publication."""

    def meaning(_: re.Match[str], at: Reference) -> Days | None:
        return one_day(at.published - timedelta(days=days), "relative", granularity) if at.published else None

    return meaning


def night(_: re.Match[str], at: Reference) -> Days | None:
    """Return the night before publication, which touches two days."""
    return Days(at.published - timedelta(days=1), at.published, "relative", "day_part") if at.published else None


def unresolved(_: re.Match[str], __: Reference) -> None:
    """Return None: the words name no day."""
    return
