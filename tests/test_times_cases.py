"""Phrases of time and the days they mean, seen from Wednesday, 2023-07-19, with 2023-07-10 as the day spoken of before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.normalise import times

PUBLISHED, CONTEXT = date(2023, 7, 19), date(2023, 7, 10)
TABLE = """
the past day | 2023-07-18 | 2023-07-19 | day
the past 24 hours | 2023-07-18 | 2023-07-19 | day
over the last day | 2023-07-18 | 2023-07-19 | day
the past 48 hours | 2023-07-17 | 2023-07-19 | range
the last 6 hours | 2023-07-18 | 2023-07-19 | range
the past two days | 2023-07-17 | 2023-07-19 | range
in the last three days | 2023-07-16 | 2023-07-19 | range
the past night | 2023-07-18 | 2023-07-19 | range
during the past week | 2023-07-12 | 2023-07-19 | range
the past two weeks | 2023-07-05 | 2023-07-19 | range
the past month | 2023-06-19 | 2023-07-19 | range
in the past six months | 2023-01-19 | 2023-07-19 | range
the last three months | 2023-04-19 | 2023-07-19 | range
the past two quarters | 2023-01-19 | 2023-07-19 | range
the past year | 2022-07-19 | 2023-07-19 | range
the last 30 years | 1993-07-19 | 2023-07-19 | range
the past decade | 2013-07-19 | 2023-07-19 | range
the past few days | - | 2023-07-19 | range
the last several weeks | - | 2023-07-19 | range
the past two weekends | 2023-07-15 | 2023-07-16 | day
over the weekend | 2023-07-15 | 2023-07-16 | day
this weekend | 2023-07-15 | 2023-07-16 | day
last weekend | 2023-07-15 | 2023-07-16 | day
next weekend | 2023-07-22 | 2023-07-23 | day
last week | 2023-07-10 | 2023-07-16 | week
this week | 2023-07-17 | 2023-07-23 | week
next week | 2023-07-24 | 2023-07-30 | week
last month | 2023-06-01 | 2023-06-30 | month
this month | 2023-07-01 | 2023-07-31 | month
next month | 2023-08-01 | 2023-08-31 | month
last quarter | 2023-04-01 | 2023-06-30 | quarter
this quarter | 2023-07-01 | 2023-09-30 | quarter
last year | 2022-01-01 | 2022-12-31 | year
this year | 2023-01-01 | 2023-12-31 | year
next year | 2024-01-01 | 2024-12-31 | year
the previous month | 2023-06-01 | 2023-06-30 | month
yesterday | 2023-07-18 | 2023-07-18 | day
yesterday morning | 2023-07-18 | 2023-07-18 | day_part
the day before yesterday | 2023-07-17 | 2023-07-17 | day
today | 2023-07-19 | 2023-07-19 | day
this morning | 2023-07-19 | 2023-07-19 | day_part
tonight | 2023-07-19 | 2023-07-19 | day_part
tomorrow | 2023-07-20 | 2023-07-20 | day
overnight | 2023-07-18 | 2023-07-19 | day_part
last night | 2023-07-18 | 2023-07-19 | day_part
on Monday | 2023-07-17 | 2023-07-17 | day
on Tuesday | 2023-07-18 | 2023-07-18 | day
Wednesday | 2023-07-19 | 2023-07-19 | day
on Thursday | 2023-07-13 | 2023-07-13 | day
on Sunday night | 2023-07-16 | 2023-07-16 | day_part
late on Friday | 2023-07-14 | 2023-07-14 | day_part
last Wednesday | 2023-07-12 | 2023-07-12 | day
last Friday | 2023-07-14 | 2023-07-14 | day
this past Saturday | 2023-07-15 | 2023-07-15 | day
next Wednesday | 2023-07-26 | 2023-07-26 | day
next Friday | 2023-07-21 | 2023-07-21 | day
July 9, 2023 | 2023-07-09 | 2023-07-09 | day
on July 9 2021 | 2021-07-09 | 2021-07-09 | day
9 July 2023 | 2023-07-09 | 2023-07-09 | day
9th of July | 2023-07-09 | 2023-07-09 | day
July 9th | 2023-07-09 | 2023-07-09 | day
Jul. 9 | 2023-07-09 | 2023-07-09 | day
Sept. 1 | 2022-09-01 | 2022-09-01 | day
Friday, July 21, 2017 | 2017-07-21 | 2017-07-21 | day
July 9 morning | 2023-07-09 | 2023-07-09 | day_part
on December 30 | 2022-12-30 | 2022-12-30 | day
on August 1 | 2023-08-01 | 2023-08-01 | day
2023-07-01 | 2023-07-01 | 2023-07-01 | day
01.07.2023 | 2023-07-01 | 2023-07-01 | day
24.02 | 2023-02-24 | 2023-02-24 | day
02 FEB 90 | 1990-02-02 | 1990-02-02 | day
17 FEB 90 - 18 FEB 90 | 1990-02-17 | 1990-02-18 | range
- 04 FEB 90 | - | 1990-02-04 | day
from 24.02 to 12.04 | 2023-02-24 | 2023-04-12 | range
from May 3 to June 5 | 2023-05-03 | 2023-06-05 | range
between May 3 and June 5, 2022 | 2022-05-03 | 2022-06-05 | range
from December 20 to January 5, 2023 | 2022-12-20 | 2023-01-05 | range
between July 2003 and December 2004 | 2003-07-01 | 2004-12-31 | range
from Monday to Wednesday | 2023-07-17 | 2023-07-19 | range
from 2004 to 2009 | 2004-01-01 | 2009-12-31 | range
2004-2009 | 2004-01-01 | 2009-12-31 | range
March 3-5 | 2023-03-03 | 2023-03-05 | range
March 3\u20135, 2021 | 2021-03-03 | 2021-03-05 | range
3-5 March 2021 | 2021-03-03 | 2021-03-05 | range
since February 24, 2022 | 2022-02-24 | 2023-07-19 | range
since Monday | 2023-07-17 | 2023-07-19 | range
since early June | 2023-06-01 | 2023-07-19 | range
since 2014 | 2014-01-01 | 2023-07-19 | range
since the summer of 2022 | 2022-06-01 | 2023-07-19 | range
since yesterday | 2023-07-18 | 2023-07-19 | range
starting July 1 | 2023-07-01 | 2023-07-19 | range
until Friday | - | 2023-07-21 | day
by next Friday | - | 2023-07-21 | day
by the end of the year | - | 2023-12-31 | year
by the end of the month | - | 2023-07-31 | month
before June 5 | - | 2023-06-04 | day
prior to 2014 | - | 2013-12-31 | year
after June 5 | 2023-06-05 | - | range
as of July 1 | - | 2023-07-01 | day
in March | 2023-03-01 | 2023-03-31 | month
in May | 2023-05-01 | 2023-05-31 | month
in October | 2022-10-01 | 2022-10-31 | month
in March 2021 | 2021-03-01 | 2021-03-31 | month
in early June | 2023-06-01 | 2023-06-10 | month
mid-June | 2023-06-11 | 2023-06-20 | month
late February 2024 | 2024-02-21 | 2024-02-29 | month
in the first quarter of 2023 | 2023-01-01 | 2023-03-31 | quarter
in the second quarter | 2023-04-01 | 2023-06-30 | quarter
Q4 2022 | 2022-10-01 | 2022-12-31 | quarter
in the first half of 2022 | 2022-01-01 | 2022-06-30 | range
in the second half of 2022 | 2022-07-01 | 2022-12-31 | range
in the summer of 2022 | 2022-06-01 | 2022-08-31 | season
in the spring of 2023 | 2023-03-01 | 2023-05-31 | season
in autumn 2022 | 2022-09-01 | 2022-11-30 | season
last summer | 2022-06-01 | 2022-08-31 | season
last spring | 2023-03-01 | 2023-05-31 | season
last winter | 2022-12-01 | 2023-02-28 | season
this summer | 2023-06-01 | 2023-08-31 | season
this spring | 2023-03-01 | 2023-05-31 | season
this winter | 2023-12-01 | 2024-02-29 | season
next summer | 2024-06-01 | 2024-08-31 | season
in 2022 | 2022-01-01 | 2022-12-31 | year
two days ago | 2023-07-17 | 2023-07-17 | day
two weeks ago | 2023-07-03 | 2023-07-09 | week
a month ago | 2023-06-01 | 2023-06-30 | month
two quarters ago | 2023-01-01 | 2023-03-31 | quarter
seventeen years ago | 2006-01-01 | 2006-12-31 | year
three hours ago | 2023-07-19 | 2023-07-19 | day
two days earlier | 2023-07-08 | 2023-07-08 | day
three days later | 2023-07-13 | 2023-07-13 | day
the next day | 2023-07-11 | 2023-07-11 | day
the same day | 2023-07-10 | 2023-07-10 | day
the following week | 2023-07-17 | 2023-07-23 | week
the day before | 2023-07-09 | 2023-07-09 | day
that day | 2023-07-10 | 2023-07-10 | day
the year before | 2022-01-01 | 2022-12-31 | year
the day after | 2023-07-11 | 2023-07-11 | day
in recent weeks | - | 2023-07-19 | range
the next six months | 2023-07-19 | 2024-01-19 | range
over the next 48 hours | 2023-07-19 | 2023-07-21 | range
the next few days | 2023-07-19 | - | range
in the coming week | 2023-07-19 | 2023-07-26 | range
in the coming weeks | 2023-07-19 | - | range
within three weeks | 2023-07-19 | 2023-08-09 | range
within 24 hours | 2023-07-19 | 2023-07-20 | range
earlier this week | 2023-07-17 | 2023-07-19 | week
later in the year | 2023-07-19 | 2023-12-31 | year
later in the day | 2023-07-10 | 2023-07-10 | day_part
in the first half of June | 2023-06-01 | 2023-06-15 | range
in the second half of June 2022 | 2022-06-16 | 2022-06-30 | range
in the first half of last year | 2022-01-01 | 2022-06-30 | range
in the last half of 2022 | 2022-07-01 | 2022-12-31 | range
in the first week of June | 2023-06-01 | 2023-06-07 | week
the second week of June | 2023-06-08 | 2023-06-14 | week
the last week of June | 2023-06-24 | 2023-06-30 | week
the last three days of June | 2023-06-28 | 2023-06-30 | range
in the first six months of the year | 2023-01-01 | 2023-06-30 | range
the final quarter of 2022 | 2022-10-01 | 2022-12-31 | quarter
in the first six months | 2023-01-01 | 2023-06-30 | range
in the first nine months | 2022-01-01 | 2022-09-30 | range
in the first half | 2023-01-01 | 2023-06-30 | range
in the fourth quarter | 2022-10-01 | 2022-12-31 | quarter
at the end of June | 2023-06-21 | 2023-06-30 | month
at the start of June | 2023-06-01 | 2023-06-10 | month
at the start of last week | 2023-07-10 | 2023-07-10 | week
in the middle of last week | 2023-07-10 | 2023-07-16 | week
since the start of the year | 2023-01-01 | 2023-07-19 | range
before the end of August | - | 2023-08-31 | month
before the end of the quarter | - | 2023-09-30 | quarter
by the end of March | - | 2024-03-31 | month
by the end of next year | - | 2024-12-31 | year
until at least Monday | - | 2023-07-24 | day
until Wednesday at the earliest | - | 2023-07-26 | day
no later than Friday | - | 2023-07-21 | day
until the summer | - | 2023-08-31 | season
in the summer | 2023-06-01 | 2023-08-31 | season
in the winter | 2022-12-01 | 2023-02-28 | season
before spring | - | 2024-02-29 | season
as of Monday | - | 2023-07-17 | day
from Monday | 2023-07-17 | 2023-07-19 | range
since the truce ended on May 3 | 2023-05-03 | 2023-07-19 | range
late on Sunday | 2023-07-16 | 2023-07-16 | day_part
earlier on Tuesday | 2023-07-18 | 2023-07-18 | day_part
in the early hours of Friday | 2023-07-14 | 2023-07-14 | day_part
on the night of May 3 | 2023-05-03 | 2023-05-03 | day_part
in the morning | 2023-07-10 | 2023-07-10 | day_part
at dawn | 2023-07-10 | 2023-07-10 | day_part
shortly after sunrise | 2023-07-10 | 2023-07-10 | day_part
by midday | - | 2023-07-10 | day_part
since daybreak | 2023-07-19 | 2023-07-19 | day_part
since dawn on Monday | 2023-07-17 | 2023-07-19 | day_part
before dawn on Friday | 2023-07-14 | 2023-07-14 | day_part
at 3:40 a.m. on Friday | 2023-07-14 | 2023-07-14 | day_part
by six o'clock on Tuesday evening | - | 2023-07-25 | day_part
between 6 a.m. and 9 a.m. on Monday | 2023-07-17 | 2023-07-17 | day_part
now | 2023-07-19 | 2023-07-19 | day
on Christmas Eve | 2022-12-24 | 2022-12-24 | day
"""
CASES = [tuple(part.strip() for part in line.split("|")) for line in TABLE.strip().splitlines()]


def _edge(day):
    return "-" if day is None else str(day)


@pytest.mark.parametrize(("phrase", "start", "end", "granularity"), CASES)
def test_phrases_mean_days(phrase, start, end, granularity):
    days = times.resolve(phrase, published=PUBLISHED, context=CONTEXT)
    assert days is not None
    assert (_edge(days.start), _edge(days.end), days.granularity) == (start, end, granularity)


@pytest.mark.parametrize(("phrase", "start", "end", "granularity"), CASES)
@pytest.mark.parametrize("case", [str.upper, str.title])
def test_case_changes_nothing(phrase, start, end, granularity, case):
    assert times.resolve(case(phrase), published=PUBLISHED, context=CONTEXT) == times.resolve(phrase, published=PUBLISHED, context=CONTEXT)


AHEAD = [
    ("on Friday", "2023-07-21"), ("on Wednesday", "2023-07-26"), ("on December 30", "2023-12-30"), ("on January 5", "2024-01-05"),
    ("in March", "2024-03-01"), ("in October", "2023-10-01"), ("at the weekend", "2023-07-22"), ("last Friday", "2023-07-14"),
    ("this past Saturday", "2023-07-15"), ("on March 5", "2024-03-05"), ("in the first quarter", "2024-01-01"), ("in the first six months", "2024-01-01"),
    ("in the spring", "2024-03-01"), ("this winter", "2023-12-01"), ("in two weeks", "2023-07-31"), ("from Monday", "2023-07-24"),
    ("on Christmas Day", "2023-12-25"),
]  # fmt: skip


@pytest.mark.parametrize(("phrase", "start"), AHEAD)
def test_beside_words_of_what_is_to_come_the_next_one_is_meant(phrase, start):
    assert times.looks_ahead(f"The talks will be held {phrase}.")
    days = times.resolve(phrase, published=PUBLISHED, ahead=True)
    assert days is not None
    assert str(days.start) == start


def test_the_weekend_depends_on_the_day_it_is_written():
    for published, saturday in (
        ("2023-07-20", "2023-07-22"),
        ("2023-07-22", "2023-07-22"),
        ("2023-07-23", "2023-07-22"),
        ("2023-07-24", "2023-07-22"),
    ):
        days = times.resolve("this weekend", published=date.fromisoformat(published))
        assert days is not None
        assert str(days.start) == saturday
    last = times.resolve("last weekend", published=date(2023, 7, 23))
    assert last is not None
    assert str(last.start) == "2023-07-15"


@pytest.mark.parametrize(
    "phrase",
    [
        "in March", "in the second quarter", "last week", "over the weekend", "two days ago", "two days earlier", "the next day", "24.02", "this winter",
        "in recent weeks", "in the coming weeks", "within two days", "earlier this week", "in the first six months", "in the first week of June",
        "in the first half of this year", "at the end of the week", "in the first half", "the first six months of the year", "at dawn", "since dawn", "in the morning", "on Christmas Day", "later in the day", "late on Friday",
        "by the end of the year", "from May 3 to June 5", "March 3-5", "on Friday", "before June 5", "after June 5", "until Friday", "since Monday",
    ],
)  # fmt: skip
def test_without_a_publication_date_nothing_is_guessed(phrase):
    assert times.resolve(phrase, published=None) is None


@pytest.mark.parametrize(
    "phrase",
    [
        "nears the one-year mark", "on April 31", "31.02.2023", "in the third half of 2022", "a few days ago", "20 hours ago", "since next year",
        "from Moscow to Kyiv", "from June 5, 2023 to May 3, 2022", "before the war", "after the war", "until the war", "the past 900 decades",
        "between Monday and the war", "between the war and Monday", "for weeks", "after an hour", "within days", "in two weeks", "until the talks had ended",
        "in the third half of June", "in the first half of the week", "in the first weeks of June", "in the first few months", "the third quarter of June",
        "since the first round in 2021", "since the raid in May", "since the flood on the war", "before the leaves fall", "on election day", "in the first few months of 2022", "in the third half",
        "at dawn on February 30",
    ],
)  # fmt: skip
def test_what_is_not_settled_stays_unresolved(phrase):
    assert times.resolve(phrase, published=PUBLISHED) is None


def test_the_year_before_needs_no_date_in_the_text():
    days = times.resolve("the year before", published=PUBLISHED)
    assert days is not None
    assert str(days.start) == "2022-01-01"


def test_each_result_names_its_rule():
    found = times.explained("over the past day", published=PUBLISHED)
    assert found is not None
    assert found[0] == times.WINDOW
    assert times.explained("whenever", published=PUBLISHED) is None


RELATIVE = [phrase for phrase, *_ in CASES if "day" in phrase or "hour" in phrase or phrase in ("overnight", "tonight", "this morning")]
DAYWISE = [
    p
    for p in RELATIVE
    if not any(
        w in p
        for w in (
            "Mon",
            "Tues",
            "Wed",
            "Thurs",
            "Fri",
            "Satur",
            "Sun",
            "earlier",
            "later",
            "the next",
            "before",
            "that",
            "after",
            "same",
            " of ",
        )
    )
]


@given(st.dates(date(1960, 1, 1), date(2090, 1, 1)), st.integers(1, 4000), st.sampled_from(DAYWISE))
def test_relative_days_move_with_the_publication_date(published, shift, phrase):
    before, after = (times.resolve(phrase, published=day) for day in (published, published + timedelta(days=shift)))
    assert before is not None
    assert after is not None
    for one, other in ((before.start, after.start), (before.end, after.end)):
        assert (one is None and other is None) or other - one == timedelta(days=shift)


@given(st.text(max_size=60), st.none() | st.dates(), st.none() | st.dates(), st.booleans())
def test_any_text_is_taken(text, published, context, ahead):
    for start, end in times.find(text):
        assert 0 <= start < end <= len(text)
    days = times.resolve(text, published=published, context=context, ahead=ahead)
    assert days is None or not (days.start and days.end) or days.start <= days.end


@given(
    st.lists(st.sampled_from([phrase for phrase, *_ in CASES] + ["from", "to", "since", "the", "99"]), max_size=5).map(" ".join), st.dates()
)
def test_any_run_of_phrases_is_taken(text, published):
    days = times.resolve(text, published=published, context=published)
    assert days is None or not (days.start and days.end) or days.start <= days.end


def test_may_is_a_month_only_beside_what_dates_have():
    assert times.find("THEY MAY ATTACK") == ()
