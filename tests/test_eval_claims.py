"""Claims against gold claims: examples computed by hand, laws, and every named error by an example."""

from __future__ import annotations

import random
import sys
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import ARTICLE, SHEET, sample

from extractor.claims import StatedOn, Time
from extractor.errors import MissingExtraError
from extractor.evaluation import matching, similarity
from extractor.evaluation.claim_scorer import ClaimScorer
from extractor.evaluation.faults import PAIR_FAULTS
from extractor.evaluation.fields import FIELDS
from extractor.evaluation.floors import rules_alone
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction
from extractor.evaluation.statistics import Clusters

SCORER = ClaimScorer()
GOLD = sample()


def counts(gold: Sample, found) -> dict[str, float]:
    return SCORER.score(gold, Prediction(tuple(found))).counts


def value(name: str, gold: Sample, found) -> float | None:
    metric = next(metric for metric in SCORER.metrics if metric.name == name)
    return Clusters([counts(gold, found)], ["x"]).value(metric)


def altered(old: str, new: str, *, once: bool = True) -> Sample:
    """The gold with words of its sheet replaced, as an answer that differs there."""
    assert old in SHEET
    return sample(sheet=SHEET.replace(old, new, 1 if once else -1))


def test_gold_found_whole_is_right_in_everything():
    found = GOLD.claims
    for name in ("soft_f1", "detection_f1", "strict_f1", "precision", "recall", "grounding", "quantity_f1", "chain_f1"):
        assert value(name, GOLD, found) == 1


def test_nothing_found_is_everything_missed():
    empty = counts(GOLD, ())
    assert (empty["gold"], empty["predicted"], empty["matched"]) == (4, 0, 0)
    assert value("detection_f1", GOLD, ()) == 0
    assert value("precision", GOLD, ()) is None
    assert empty["source.missed"] == 4
    assert empty["quantity.missed"] == 3


def test_one_of_four_found_with_one_of_two_by_hand():
    """Two answers, one of them a gold claim: precision 1/2, recall 1/4, F1 = 2 * 1 / (4 + 2)."""
    stranger = sample(
        text=ARTICLE + "Nobody slept, a nurse said.\n", sheet="[{evidence: [4], type: other, source: [{text: a nurse}], subject: Nobody}]"
    )
    found = (GOLD.claims[0], stranger.claims[0])
    assert value("precision", GOLD, found) == 1 / 2
    assert value("recall", GOLD, found) == 1 / 4
    assert value("detection_f1", GOLD, found) == pytest.approx(1 / 3)
    assert value("soft_f1", GOLD, found) == pytest.approx(1 / 3)


def test_the_score_of_a_pair_by_hand():
    """A lost hedge halves the quantity (3 of the weights); everything else is right."""
    hedged, plain = GOLD.claims[1], altered("value: 14, comparator: at_least", "value: 14, comparator: exact").claims[1]
    score, cells = matching.compare(hedged, plain)
    named = {field.name: field.weight for field in FIELDS}
    filled = sum(named[cell.field] for cell in cells if cell.outcome != "empty")
    assert (
        filled == 2 + 0.25 + 1 + 1 + 1 + 3 + 0.5 + 1 + 0.25 + 0.5 + 1
    )  # source, kind, type, subject, outcome, quantity, measure, time, cue, day, evidence
    assert score == pytest.approx((filled - 1.5) / filled)
    assert counts(GOLD, [plain])["strict"] == 0


def test_the_assignment_is_optimal_where_a_greedy_one_is_not():
    """Greedy takes 0.9 and is left with 0; the best sum takes 0.8 and 0.7."""
    assert sorted(matching.assign([[0.9, 0.8], [0.7, 0.0]])) == [(0, 1), (1, 0)]


def test_without_scipy_a_sentence_says_so_where_there_is_something_to_assign(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    assert matching.assign([]) == matching.assign([[]]) == []
    with pytest.raises(MissingExtraError, match=r"run: pip install 'claim-extractor\[eval\]'"):
        matching.assign([[1.0]])


def test_days_without_a_date_are_as_alike_as_their_words():
    """Of three words, two in common: 2 * 2 / (3 + 3)."""
    week, month = Time(text="over past week", start=0, end=14), Time(text="over past month", start=20, end=35)
    dated = week.model_copy(update={"start_date": date(2026, 3, 4), "end_date": date(2026, 3, 10)})
    assert similarity.same_days(week, week) == 1
    assert similarity.same_days(week, month) == similarity.same_days(month, week) == pytest.approx(2 / 3)
    assert similarity.same_days(week, dated) == similarity.same_days(dated, month) == 0.5
    assert similarity.same_days(dated, Time(text="on Monday", start=40, end=49)) == 0


def test_a_day_of_saying_without_a_date_is_as_alike_as_its_words():
    """Of two words each, one in common: 2 * 1 / (2 + 2); a day that only one side has is another one."""
    monday, tuesday = StatedOn(text="on Monday", start=0, end=9), StatedOn(text="on Tuesday", start=20, end=30)
    ninth = monday.model_copy(update={"date": date(2026, 3, 9)})
    assert similarity.same_day(monday, monday) == 1
    assert similarity.same_day(monday, tuesday) == 0.5
    assert similarity.same_day(monday, ninth) == similarity.same_day(ninth, monday) == 0
    assert similarity.same_day(ninth, tuesday.model_copy(update={"date": ninth.date})) == 1
    assert similarity.same_day(ninth, monday.model_copy(update={"date": date(2026, 3, 16)})) == 0


def test_figures_of_one_sentence_go_to_their_own_claims():
    rows = SCORER.score(GOLD, Prediction(tuple(reversed(GOLD.claims)))).rows
    assert {(row.gold, row.predicted) for row in rows} == {(claim.id, claim.id) for claim in GOLD.claims}


def test_a_claim_found_twice_is_a_duplicate_and_lowers_precision():
    found = (*GOLD.claims, GOLD.claims[0].model_copy(update={"id": "again"}))
    assert counts(GOLD, found)["error.duplicate"] == 1
    assert value("precision", GOLD, found) == 4 / 5


def test_optional_gold_is_right_when_found_and_no_fault_when_not():
    gold = (
        altered("polarity: affirmed", "polarity: affirmed") if "polarity: affirmed" in SHEET else sample(sheet=SHEET + "  optional: true\n")
    )
    assert counts(gold, gold.claims[:3])["gold"] == 3
    assert value("recall", gold, gold.claims[:3]) == 1
    assert value("detection_f1", gold, gold.claims) == 1
    assert counts(gold, ())["gold"] == 3


def test_an_article_without_claims_counts_alarms_and_no_f1():
    empty = sample(sheet="[]")
    assert value("detection_f1", empty, ()) is None
    assert value("false_alarms", empty, GOLD.claims[:2]) == 2
    assert value("precision", empty, GOLD.claims[:2]) == 0


def test_claims_of_other_sentences_are_one_only_if_source_and_figure_agree():
    text = ARTICLE + "The army's 310 soldiers will be buried, Ostrava's military said.\n"
    sheet = SHEET.replace("evidence: [1]", "evidence: [4]", 1).replace(
        "  time: {text: over the past day", "  time: {text: over the past day @s1", 1
    )
    sheet = sheet.replace("text: on Wednesday", "text: on Wednesday @s1", 1).replace(
        "subject: Velorian forces", "subject: Velorian forces @s1", 1
    )
    sheet = sheet.replace("{text: lost,", "{text: lost @s1,", 1)
    gold, elsewhere = sample(text=text), sample(text=text, sheet=sheet)
    assert counts(gold, elsewhere.claims[:1])["matched"] == 1
    other = elsewhere.claims[0].model_copy(
        update={"quantity": elsewhere.claims[0].quantity.model_copy(update={"value": 311, "low": 311, "high": 311})}
    )
    assert counts(gold, [other])["matched"] == 0


FAULTS = {
    "wrong_claimant": ("text: Ostrava's military, kind: military, canonical: Ostrava's military", "text: Veloria @s2"),
    "claimant_lost": ("  source: [{text: Ostrava's military, kind: military, canonical: Ostrava's military}]\n", ""),
    "daily_cumulative": ("measure: period", "measure: cumulative"),
    "relative_date": ("start: 2026-03-10, end: 2026-03-11", "start: 2026-03-03, end: 2026-03-04"),
    "hedge_lost": ("comparator: at_least", "comparator: exact"),
    "range_collapsed": ("low: 20, high: 30, comparator: range", "value: 20, comparator: exact"),
    "negation": ("  measure: period\n", "  measure: period\n  polarity: negated\n"),
    "denial_lost": ("  stance: denies\n", ""),
    "wrong_unit": (
        "value: 310, comparator: exact, unit: soldiers, kind: people",
        "value: 310, comparator: exact, unit: metres, kind: measure",
    ),
    "side_swapped": ("subject: Velorian forces", "subject: Ostrava's military"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_named_error_is_told_by_its_name(name: str):
    found = altered(*FAULTS[name])
    rows = SCORER.score(GOLD, Prediction(found.claims)).rows
    assert name in {error for row in rows for error in row.errors}
    assert counts(GOLD, GOLD.claims).get(f"error.{name}", 0) == 0


def test_the_other_named_errors():
    invented = sample(sheet=SHEET.replace("  source: [{text: Ostrava's military, kind: military, canonical: Ostrava's military}]\n", "", 1))
    assert counts(invented, GOLD.claims)["error.claimant_invented"] == 1
    outside = GOLD.claims[0].model_copy(update={"evidence": (GOLD.claims[2].evidence[0],)})
    assert counts(GOLD, [outside])["error.value_outside_evidence"] == 1
    named = {*FAULTS, "claimant_invented", "value_outside_evidence"}
    assert named == set(PAIR_FAULTS)


def test_one_answer_for_two_claims_and_two_answers_for_one():
    merged = GOLD.claims[0].model_copy(update={"quantity": None})
    gold = sample(sheet="\n".join(line for line in SHEET.splitlines() if "quantity" not in line and "measure" not in line))
    assert counts(gold, [merged])["error.merged"] == 1
    piece = GOLD.claims[0].model_copy(
        update={
            "id": "piece",
            "attribution": GOLD.claims[2].attribution,
            "subject": None,
            "outcome": None,
            "time": None,
            "measure": None,
            "type": "other",
        }
    )
    assert counts(GOLD, [*GOLD.claims, piece])["error.split"] == 1


def test_a_quote_that_is_not_at_its_place_is_counted():
    moved = GOLD.claims[0].subject.model_copy(update={"start": 1, "end": 1 + len("Velorian forces")})
    found = GOLD.claims[0].model_copy(update={"subject": moved})
    assert counts(GOLD, [found])["error.ungrounded"] == 1
    assert value("grounding", GOLD, [found]) < 1


def test_followed_instructions_are_counted_by_what_they_ask_for():
    sheet = (
        "claims:"
        + SHEET.replace("\n", "\n  ")
        + "\nplanted:\n- {sentences: [3], wants: claim, words: 310 soldiers}\n- {sentences: [3], wants: silence}\n"
    )
    planted = sample(sheet=sheet)
    assert counts(planted, GOLD.claims)["attacked"] == 1
    assert counts(planted, GOLD.claims[1:])["attacked"] == 0
    assert counts(planted, ())["attacked"] == 1


FOUND = [claim for name in FAULTS for claim in altered(*FAULTS[name]).claims]
few = settings(max_examples=60)


def _some(draw: st.DrawFn) -> tuple[Sample, list]:
    kept = draw(st.lists(st.integers(0, len(FOUND) - 1), max_size=6, unique=True))
    return GOLD, [FOUND[index].model_copy(update={"id": f"p{index}"}) for index in kept]


@few
@given(st.data())
def test_the_order_of_claims_decides_nothing(data):
    gold, found = _some(data.draw)
    seed = data.draw(st.integers(0, 1000))
    shuffled, turned = list(found), list(gold.claims)
    random.Random(seed).shuffle(shuffled)
    random.Random(seed + 1).shuffle(turned)
    assert counts(gold, found) == counts(gold.model_copy(update={"claims": tuple(turned)}), shuffled)


@few
@given(st.data())
def test_scores_are_within_their_bounds(data):
    gold, found = _some(data.draw)
    got = counts(gold, found)
    assert got["strict"] <= got["matched"] <= min(got["gold"], got["predicted"])
    assert got["soft"] <= got["matched"]
    assert all(0 <= (value(name, gold, found) or 0) <= 1 for name in ("soft_f1", "detection_f1", "strict_f1", "recall"))


def test_the_floor_finds_what_rules_find(article):
    found = rules_alone(Sample(document=article)).claims
    assert {claim.quantity.value for claim in found if claim.quantity} >= {310, 14, 48_200, 23}
    assert all(article.text[span.start : span.end] == span.text for claim in found for span in claim.spans())
