"""What the months, quarters, seasons and years of phrases mean, and the parts of them: halves, first weeks, beginnings and ends."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from extractor.claims import Basis, Granularity
from extractor.normalise.time_meanings import (
    VAGUE,
    Days,
    Reference,
    around,
    back,
    full_year,
    month_number,
    number_of,
    one_day,
    quarter,
    running,
)
from extractor.normalise.time_words import ORDINALS, SEASONS

_DAY: Final = timedelta(days=1)


def named_quarter(m: re.Match[str], at: Reference) -> Days | None:
    """Return a quarter or half of a year; without a year the last that has begun, or the next to end where that lies ahead."""
    number = ORDINALS[m["ordinal"]] if m["ordinal"] else int(m["q"])
    halves = m["ordinal"] is not None and m["unit"] == "half"
    if halves and number > 2:
        return None
    if m["year"]:
        return _part_of_year(int(m["year"]), number, halves=halves)
    if at.published is None:
        return None
    found = _part_of_year(at.published.year, number, halves=halves)
    assert found.start is not None
    assert found.end is not None
    if at.forward and found.end < at.published:
        return _part_of_year(at.published.year + 1, number, halves=halves)
    if not at.forward and found.start > at.published:
        return _part_of_year(at.published.year - 1, number, halves=halves)
    return found


def _part_of_year(year: int, number: int, *, halves: bool) -> Days:
    if halves:
        return Days(quarter(year, number * 2 - 1).start, quarter(year, number * 2).end, "explicit", "range")
    return quarter(year, number)


def season(m: re.Match[str], at: Reference) -> Days | None:
    """Return a meteorological season of the northern hemisphere; "this" one is the nearest, as far as it has come."""
    first = SEASONS[m["season"]]
    if m["year"]:
        # a year holds the halves of two winters, and the words do not say which is meant
        return None if first == SEASONS["winter"] else _three_months(int(m["year"]), first, "explicit")
    if at.published is None:
        return None
    begins = at.published.year if at.published.month >= first else at.published.year - 1
    begun, following = _three_months(begins, first, "relative"), _three_months(begins + 1, first, "relative")
    assert begun.end is not None
    assert following.start is not None
    now = begun.end >= at.published
    if m["which"] == "next":
        return following
    if m["which"] == "last":
        return _three_months(begins - 1, first, "relative") if now else begun
    if now:
        return running(begun, at) if m["which"] == "this" else begun
    nearer = following.start - at.published < at.published - begun.end
    return following if at.forward or (m["which"] == "this" and nearer) else begun


def _three_months(year: int, first: int, basis: Basis) -> Days:
    last_year, last = (year, first + 2) if first + 2 <= 12 else (year + 1, first - 10)
    return Days(date(year, first, 1), date(last_year, last, calendar.monthrange(last_year, last)[1]), basis, "season")


def month(m: re.Match[str], at: Reference) -> Days | None:
    """Return a month or the first, middle or last third of it."""
    whole = _month(m["month"], m["year"], at)
    return _third(whole, (m["part"] or "").strip(" -")) if whole is not None else None


def _month(name: str, given: str | None, at: Reference) -> Days | None:
    """Return a month; without a year the last that has begun, or the next to end where that lies ahead."""
    number, year = month_number(name), full_year(given)
    if year is None:
        if at.published is None:
            return None
        year = at.published.year
        if at.forward and number < at.published.month:
            year += 1
        elif not at.forward and number > at.published.month:
            year -= 1
    return Days(date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]), "explicit", "month")


def _third(whole: Days, part: str) -> Days:
    assert whole.start is not None
    assert whole.end is not None
    first, last = {"early": (1, 10), "mid": (11, 20), "late": (21, whole.end.day)}.get(part, (1, whole.end.day))
    return replace(whole, start=whole.start.replace(day=first), end=whole.end.replace(day=last))


def year_alone(m: re.Match[str], _: Reference) -> Days:
    """Return a whole year."""
    return Days(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31), "explicit", "year")


_THIRDS: Final = {"start": "early", "beginning": "early", "middle": "mid", "end": "late", "close": "late"}


def edge_of(m: re.Match[str], at: Reference) -> Days | None:
    """Return the first or last day of a unit of the calendar; of a month, its first, middle or last third."""
    whole = _whole(m, at)
    if whole is None or whole.start is None or whole.end is None:
        return None
    if whole.granularity == "month":
        return _third(whole, _THIRDS[m["edge"]])
    match _THIRDS[m["edge"]]:
        case "early":
            return one_day(whole.start, whole.basis, whole.granularity)
        case "late":
            return one_day(whole.end, whole.basis, whole.granularity)
        case _:
            return whole


def part_of(m: re.Match[str], at: Reference) -> Days | None:
    """Return the part of a unit of the calendar that is counted from its beginning or end: "the first six months of the year"."""
    whole = _whole(m, at)
    if whole is None or whole.start is None or whole.end is None:
        return None
    from_end, nth = m["ordinal"] in ("last", "final"), ORDINALS.get(m["ordinal"], 1)
    if m["part"] == "half":
        return _half(whole, 2 if from_end else nth)
    unit = m["part"] or m["units"].rstrip("s")
    count = m["count"] or ("one" if m["part"] else "few")
    if count in VAGUE:
        return None
    number = number_of(count)
    start = back(whole.end + _DAY, number, unit) if from_end else back(whole.start, -(nth - 1) * number, unit)
    end = whole.end if from_end else back(start, -number, unit) - _DAY
    if start < whole.start or end > whole.end:
        return None
    return Days(start, end, whole.basis, _GRANULARITY[unit] if number == 1 else "range")


def first_months(m: re.Match[str], at: Reference) -> Days | None:
    """Return the first N months of the year: the last that are over, or the next to end where that lies ahead."""
    if at.published is None or m["count"] in VAGUE:
        return None
    year = date(at.published.year, 1, 1)
    past_end = back(year, -number_of(m["count"]), "month")
    if at.forward and past_end <= at.published:
        year = date(year.year + 1, 1, 1)
    elif not at.forward and past_end > at.published:
        year = date(year.year - 1, 1, 1)
    return Days(year, back(year, -number_of(m["count"]), "month") - _DAY, "relative", "range")


_GRANULARITY: Final[dict[str, Granularity]] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter"}


def _half(whole: Days, number: int) -> Days | None:
    """Return the first or second half of a month (to the 15th) or of a year."""
    assert whole.start is not None
    if number > 2 or whole.granularity not in ("month", "year"):
        return None
    middle = whole.start + timedelta(days=14) if whole.granularity == "month" else back(whole.start, -6, "month") - _DAY
    first, last = (whole.start, middle) if number == 1 else (middle + _DAY, whole.end)
    return Days(first, last, whole.basis, "range")


def _whole(m: re.Match[str], at: Reference) -> Days | None:
    """Return the unit that ``times`` names in its groups ``which`` and ``unit``, ``month`` and ``year``, or ``only``."""
    if m["unit"] is not None:
        step = {"last": 1, "next": -1}.get(m["which"], 0)
        return around(back(at.published, step, m["unit"]), m["unit"]) if at.published else None
    if m["month"] is not None:
        return _month(m["month"], m["year"], at)
    return Days(date(int(m["only"]), 1, 1), date(int(m["only"]), 12, 31), "explicit", "year")
