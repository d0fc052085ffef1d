"""From an annotator's words to places; what is wrong with a sheet is told in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import SHEET, sample
from words import WEDNESDAY

from evals import agreement
from evals.wording import Wording
from extractor import segmentation
from extractor.documents import Document
from extractor.errors import GoldError

TEXT = "The army lost a tank and a gun, the army said.\n\nA tank burned, a tank crew said."
DOCUMENT = Document(text=TEXT, published=WEDNESDAY)
WORDING = Wording(DOCUMENT, segmentation.sentences(DOCUMENT))


@pytest.mark.parametrize(
    ("words", "evidence", "start"),
    [
        ("The army", [1], 0),
        ("army @2", [1], TEXT.index("army said")),
        ("a tank", [1], TEXT.index("a tank")),
        ("a tank", [1, 2], TEXT.index("a tank")),
        ("A tank", [1, 2], TEXT.index("A tank")),
        ("gun @s1", [2], TEXT.index("gun")),
        ("tank @s2.2", [1], TEXT.index("tank crew")),
    ],
)
def test_words_are_found_where_they_are_meant(words, evidence, start):
    assert WORDING.mention(words, evidence).start == start


@pytest.mark.parametrize(
    ("words", "evidence", "told"),
    [
        ("army", [1], "stands 2 times in sentence 1; add @1"),
        ("tan", [1], "does not stand in sentence 1"),
        ("gun", [2], "does not stand in sentence 2"),
        ("gun @3", [1], "stands only 1 times"),
        ("gun @s9", [1], "there is no sentence 9"),
    ],
)
def test_words_that_are_not_there_or_unclear_are_told(words, evidence, told):
    with pytest.raises(GoldError, match=told):
        WORDING.mention(words, evidence)


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 12))
def test_whatever_is_found_stands_there(start, length):
    words = TEXT[start : start + length].strip()
    try:
        found = WORDING.mention(words + " @1", [1, 2]) if words else None
    except GoldError:
        return
    assert found is None or TEXT[found.start : found.end] == words


def test_bounds_follow_from_the_hedge():
    found = {claim.quantity.text: claim.quantity for claim in sample().claims if claim.quantity}
    assert (found["310 soldiers"].low, found["310 soldiers"].high) == (310, 310)
    assert (found["at least 14 guns"].low, found["at least 14 guns"].high) == (14, None)
    assert (found["Between 20 and 30 houses"].low, found["Between 20 and 30 houses"].value) == (20, None)


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ("- {evidence: [1], type: nonsense}", "claims.0.type"),
        ("- {evidence: [1], type: other, colour: red}", "claims.0.colour"),
        ("- {evidence: [], type: other}", "claims.0.evidence"),
        ("- [", "no YAML"),
        ("- {evidence: [1], type: other, subject: nobody}", "claim 1: 'nobody' does not stand"),
        ("- {evidence: [9], type: other}", "there is no sentence 9"),
        ("- {evidence: [1], type: other}\n- {evidence: [1], type: other}", "are the same"),
    ],
)
def test_faults_of_a_sheet_are_told(sheet, told):
    with pytest.raises(GoldError, match=told):
        sample(sheet=sheet)


def test_two_annotators_are_compared_by_the_scorer_of_models():
    other = sample(sheet=SHEET.replace("measure: period", "measure: cumulative", 1))
    lines = list(agreement.agreement([(sample(name="a"), sample(name="a")), (sample(name="b"), other)]))
    assert "2 articles; claims of the first pass 8, of the second 8" in lines[0]
    assert any(line.startswith("detection F1") and "100.0%" in line for line in lines)
    assert any(line.startswith("measure") and "75.0%" in line for line in lines)
    assert list(agreement.differences(sample(), other))[1:] == ["first dispatch-1 / second dispatch-1: measure: period | cumulative"]
    assert "first only" in "\n".join(agreement.differences(sample(), sample(sheet="[]")))
    assert "second only" in "\n".join(agreement.differences(sample(sheet="[]"), sample()))
