"""The laws at the head of extractor.grounding."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from words import haystack

from extractor.grounding import Grounded, fold, ground

TEXT = (
    "Russian forces in Ukraine lost 470 troops and 14,470 shells over the past day, Kyiv's military said on Wednesday. "
    "It is not possible to independently verify either count. “We did not give up Halm,” Governor Ilse Marden—a former"
    " colonel—said. Nearly 239,500 soldiers and between 30 and 40 tanks near BM-21 positions were lost, the U.S. said."
)
LOCAL = frozenset(("outcome", "quantity"))
HAYSTACK = haystack(TEXT)
WORDS = TEXT.split()


def grounded(number: int, **slots: str) -> Grounded:
    found = ground(HAYSTACK, number, slots, local=LOCAL)
    assert isinstance(found, Grounded), found
    return found


def reasons(number: int, **slots: str) -> list[str]:
    found = ground(HAYSTACK, number, slots, local=LOCAL)
    assert not isinstance(found, Grounded), found
    return [fault.reason for fault in found]


@given(st.integers(0, len(WORDS) - 1), st.integers(1, 8))
def test_whatever_stands_in_the_window_is_found_at_its_exact_place(start, length):
    words = " ".join(WORDS[start : start + length])
    found = ground(HAYSTACK, 1, {"subject": words}, local=LOCAL)
    if not words.strip(" ,;:.\"'()[]“”"):
        return
    assert isinstance(found, Grounded)
    mention = found.slots["subject"]
    assert TEXT[mention.start : mention.end] == mention.text
    assert fold(mention.text)[0] in fold(words)[0]


@given(st.integers(0, len(WORDS) - 1), st.integers(1, 6), st.data())
def test_a_changed_digit_letter_or_case_is_never_found(start, length, data):
    words = " ".join(WORDS[start : start + length])
    at = data.draw(st.integers(0, len(words) - 1))
    assume(words[at].isalnum())
    other = data.draw(st.sampled_from("0123456789") if words[at].isdigit() else st.sampled_from("abcdefgXYZ"))
    changed = words[:at] + other + words[at + 1 :]
    assume(changed not in TEXT and fold(changed)[0] not in fold(TEXT)[0])
    assert reasons(1, subject=changed) == ["not_in_window"]


@given(st.integers(0, len(WORDS) - 2), st.sampled_from(["not", "never", "no"]))
def test_a_negation_put_in_or_taken_out_is_never_found(start, negation):
    put_in = f"{WORDS[start]} {negation} {WORDS[start + 1]}"
    assume(put_in not in TEXT)
    assert reasons(1, subject=put_in) == ["not_in_window"]


def test_a_negation_left_out_is_never_found():
    assert reasons(2, outcome="is possible to independently verify") == ["not_in_window"]
    assert reasons(3, outcome="did give up") == ["not_in_window"]


@pytest.mark.parametrize(
    "words", ["It is", "“We did not give up Halm,”", '"We did not give up Halm,"', "Marden-a former", "give  up\nHalm", "Ilse\u00a0Marden"]
)
def test_white_space_quotes_and_dashes_may_differ(words):
    mention = grounded(3, subject=words).slots["subject"]
    assert TEXT[mention.start : mention.end] == mention.text


@pytest.mark.parametrize("words", ["47", "70 troops", "4,470", "4,470 shells", "239", "ble to", "ussian", "21", "colone"])
def test_a_slot_never_cuts_a_word_or_a_number(words):
    assert reasons(1, subject=words) == ["not_in_window"]


def test_470_is_not_in_14470():
    place = grounded(1, quantity="470").slots["quantity"]
    assert (place.start, place.text) == (TEXT.index("470 troops"), "470")


def test_a_figure_keeps_its_hedge():
    assert grounded(4, quantity="239,500 soldiers").slots["quantity"].text == "Nearly 239,500 soldiers"


@pytest.mark.parametrize(("quantity", "reason"), [("30", "no_number"), ("troops", "no_number"), ("815 troops", "not_in_sentence")])
def test_a_figure_must_be_a_whole_number_of_its_sentence(quantity, reason):
    number = 4 if quantity == "30" else 1
    assert reasons(number, quantity=quantity) == [reason]


def test_a_sentence_that_is_not_there_is_a_fault():
    assert reasons(9, subject="Halm") == ["unknown_sentence"]
    assert reasons(0, subject="Halm") == ["unknown_sentence"]


def test_local_slots_must_stand_in_their_own_sentence():
    assert reasons(1, outcome="did not give up") == ["not_in_sentence"]
    assert grounded(1, place="Halm").slots["place"].text == "Halm"


def test_the_nearest_place_wins():
    text = "Maliar spoke. Kyiv waited. Kyiv moved, Maliar said. Maliar left."
    found = ground(haystack(text), 3, {"subject": "Kyiv", "source": "Maliar"}, local=LOCAL)
    assert isinstance(found, Grounded)
    assert found.slots["subject"].start == text.index("Kyiv moved")
    assert found.slots["source"].start == text.index("Maliar said")


def test_every_fault_is_told_at_once():
    assert reasons(1, subject="Nobody", outcome="give up", quantity="471 troops") == ["not_in_window", "not_in_sentence", "not_in_sentence"]


def test_absent_slots_are_absent():
    assert dict(grounded(1, subject="", outcome="lost").slots).keys() == {"outcome"}


@given(st.text(max_size=80))
def test_fold_keeps_one_offset_for_each_character(text):
    folded, offsets = fold(text)
    assert len(folded) == len(offsets)
    assert offsets == sorted(offsets)
    assert not re.search(r"\s\s", folded)
