import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.normalise import quantities, units
from extractor.normalise.numerals import TENS, UNITS
from extractor.normalise.vagueness import ISAF, NEWS

CASES = [
    ("lost 470 troops", "470 troops", 470, 470, 470, "exact"),
    ("lost eight combat vehicles and", "eight combat vehicles", 8, 8, 8, "exact"),
    ("nearly 239,500 soldiers since", "nearly 239,500 soldiers", None, None, 239_500, "about"),
    ("At least 30 rebels were", "At least 30 rebels", 30, None, 30, "at_least"),
    ("up to 2 kilometers away", "up to 2 kilometers", None, 2, 2, "at_most"),
    ("more than 1,200 people", "more than 1,200 people", 1_200, None, 1_200, "more_than"),
    ("fewer than 15 tanks", "fewer than 15 tanks", None, 15, 15, "less_than"),
    ("between 30 and 40 tanks", "between 30 and 40 tanks", 30, 40, None, "range"),
    ("12 to 15 people", "12 to 15 people", 12, 15, None, "range"),
    ("two dozen drones", "two dozen drones", 24, 24, 24, "exact"),
    ("half a million people", "half a million people", 500_000, 500_000, 500_000, "exact"),
    ("1.5 million refugees", "1.5 million refugees", 1_500_000, 1_500_000, 1_500_000, "exact"),
    ("twenty-three soldiers", "twenty-three soldiers", 23, 23, 23, "exact"),
    ("two hundred thousand shells", "two hundred thousand shells", 200_000, 200_000, 200_000, "exact"),
    ("up to 3,000 residents would leave", "up to 3,000 residents", None, 3_000, 3_000, "at_most"),
    ("about 2 kilometers north of Halm", "about 2 kilometers", None, None, 2, "about"),
    ("14 armored vehicles burned", "14 armored vehicles", 14, 14, 14, "exact"),
    ("several houses burned", "several houses", 3, None, None, "vague"),
    ("dozens of villages", "dozens of villages", 24, None, None, "vague"),
    ("an estimated 40 tanks", "an estimated 40 tanks", None, None, 40, "about"),
    ("3 000 residents", "3 000 residents", 3_000, 3_000, 3_000, "exact"),
]


@pytest.mark.parametrize(("text", "words", "low", "high", "value", "comparator"), CASES)
def test_figures_are_read(text, words, low, high, value, comparator):
    [found] = quantities.find(text)
    assert text[found.start : quantities.counted(text, found.end)] == words
    assert (found.low, found.high, found.value, found.comparator) == (low, high, value, comparator)


@pytest.mark.parametrize(
    "text",
    [
        "on July 9, 2023", "since February 24, 2022,", "a BM-21 Grad", "T-72 tanks", "the 9th brigade", "at 5 p.m. on",
        "in 2022", "in the previous 24 hours", "two weeks ago", "the summer of 2022", "on 9 March", "7:30", "the two-month mark",
        "one of them", "No. 5 was hit",
    ],
)  # fmt: skip
def test_dates_periods_ordinals_and_designations_are_no_figures(text):
    assert quantities.find(text) == []


@given(st.integers(0, 10**12))
def test_any_integer_is_read_back_grouped_or_not(number):
    assert quantities.value_of(str(number)) == number
    assert quantities.value_of(f"{number:,}") == number


@given(st.text(alphabet=st.sampled_from("0123456789 ,.-–aftndozemilhur$%"), max_size=60))
def test_every_match_lies_within_the_text_and_in_order(text):
    at = 0
    for found in quantities.find(text):
        assert at <= found.start <= found.number_start < found.end <= len(text)
        assert found.low is None or found.high is None or found.low <= found.high
        at = found.end


def test_a_noun_phrase_has_four_words_at_the_most():
    text = "12 very big old armored vehicles"
    [found] = quantities.find(text)
    assert text[: quantities.counted(text, found.end)] == "12 very big old armored"


def test_a_figure_beyond_any_number_is_none():
    assert quantities.find("9" * 400 + ".5 tanks") == []


_ODD = ("\u0663", "\u017feven", "\u0130", "S\u0130X", "\u00e9", "\u1e9e")
_OTHERS = ("between", "from", "a", "an", "half", "hundred", "12", "3,000", "US", "tanks", "and", "to", "_", ".", ",", "(", "-", "\n", *_ODD)
_PIECES = st.sampled_from([*quantities.HEDGES, *quantities.HEDGES_AFTER, *NEWS, *UNITS, *TENS, *units.CURRENCY_STARTS, *_OTHERS])


@given(st.lists(st.tuples(_PIECES, st.sampled_from(["", " ", " ", "-", "\n"])), max_size=12), st.sampled_from([NEWS, ISAF]))
def test_every_number_begins_where_one_can_begin(pieces, vagueness):
    text = "".join(word + behind for word, behind in pieces)
    pattern = quantities._pattern(tuple(vagueness))
    places = set(quantities.begins(text, vagueness))
    assert {match.start() for at in range(len(text)) if (match := pattern.match(text, at))} <= places
