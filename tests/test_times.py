from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.normalise import times

WEDNESDAY = date(2023, 7, 19)
CASES = [
    ("over the past day", "2023-07-18", "2023-07-19", "relative"),
    ("in the previous 24 hours", "2023-07-18", "2023-07-19", "relative"),
    ("on Wednesday", "2023-07-19", "2023-07-19", "relative"),
    ("On Tuesday", "2023-07-18", "2023-07-18", "relative"),
    ("on Thursday", "2023-07-13", "2023-07-13", "relative"),
    ("yesterday", "2023-07-18", "2023-07-18", "relative"),
    ("overnight", "2023-07-18", "2023-07-19", "relative"),
    ("since February 24, 2022", "2022-02-24", "2023-07-19", "explicit"),
    ("on July 9, 2023", "2023-07-09", "2023-07-09", "explicit"),
    ("on 9 July 2023", "2023-07-09", "2023-07-09", "explicit"),
    ("on July 9", "2023-07-09", "2023-07-09", "explicit"),
    ("2023-07-01", "2023-07-01", "2023-07-01", "explicit"),
    ("on December 30", "2022-12-30", "2022-12-30", "explicit"),
]


@pytest.mark.parametrize(("phrase", "start", "end", "basis"), CASES)
def test_phrases_are_found_whole_and_resolved_against_the_publication_date(phrase, start, end, basis):
    text = f"It happened {phrase}, he said."
    assert [text[slice(*span)] for span in times.find(text)] == [phrase]
    days = times.resolve(phrase, published=WEDNESDAY)
    assert days is not None
    assert (str(days.start), str(days.end), days.basis) == (start, end, basis)


@pytest.mark.parametrize("phrase", ["on Tuesday", "yesterday", "over the past day", "overnight", "on July 9"])
def test_without_a_publication_date_nothing_is_guessed(phrase):
    assert times.resolve(phrase, published=None) is None


@pytest.mark.parametrize(
    "phrase",
    ["nears the two-month mark", "in the winter of 2022", "since the invasion", "the next day", "on February 31", "several days ago", "Q5"],
)
def test_what_is_not_settled_stays_unresolved(phrase):
    assert times.resolve(phrase, published=WEDNESDAY) is None


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(1, 400), st.sampled_from(["past day", "overnight", "yesterday", "today"]))
def test_relative_days_move_with_the_publication_date(published, days, phrase):
    before = times.resolve(phrase, published=published)
    after = times.resolve(phrase, published=published + timedelta(days=days))
    assert before is not None
    assert after is not None
    assert (after.start - before.start, after.end - before.end) == (timedelta(days=days),) * 2


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.sampled_from("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()))
def test_a_weekday_is_the_last_one_up_to_the_publication_date(published, weekday):
    days = times.resolve(f"on {weekday}", published=published)
    assert days is not None
    assert days.start.strftime("%A") == weekday
    assert timedelta(0) <= published - days.start < timedelta(days=7)


@pytest.mark.parametrize(
    ("phrase", "measure"),
    [
        ("since May 3", "cumulative"),
        ("from May 3", "cumulative"),
        ("as of Monday", "cumulative"),
        ("over the past day", "period"),
        ("on Tuesday", "period"),
        ("in 2022", "period"),
        ("shortly after dawn", "period"),
        ("from Monday to Friday", "period"),
        ("by Monday", "period"),
    ],
)
def test_measure(phrase, measure):
    assert times.measure(phrase) == measure


def test_a_count_up_to_a_day_that_has_been_is_cumulative():
    assert times.measure("by Monday", ahead=False) == "cumulative"
    assert times.measure("by Monday", ahead=True) == "period"
