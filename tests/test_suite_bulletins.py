"""The figures of loss bulletins, by hand and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import floors
from evals.scorers.bulletins import BulletinScorer, gold
from extractor.claims import Attribution, Quantity, Statement
from extractor.documents import Document, Span
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction

TEXT = "Losses of the northern army so far:\ntroops - about 4300 (+60),\ntanks - 12 (+3),\nboats - 3 (+0),\ndrones of all sizes - 8 (+1)."
SCORER = BulletinScorer()
LINES = TEXT.split("\n")[1:]
TROOPS, TANKS, BOATS, DRONES = LINES


def span(words):
    start = TEXT.index(words)
    return Span(text=words, start=start, end=start + len(words))


def loss(category, line, cumulative, daily=None, hedge=None):
    return {"category": category, "cumulative": cumulative, "daily": daily, "hedge": hedge, "evidence": span(line).model_dump()}


LOSSES = (loss("personnel", TROOPS, 4300, 60, "about"), loss("tanks", TANKS, 12, 3), loss("boats", BOATS, 3, 0))


def sample(*losses):
    return Sample(document=Document(text=TEXT), gold={"losses": list(losses)})


def claim(line, words, value, measure=None, *, comparator="exact", name=None):
    """Return the claim that a line counts so many; the words of the figure are sought behind the line's start."""
    start = TEXT.index(words, TEXT.index(line))
    figure = Quantity(text=words, start=start, end=start + len(words), value=value, comparator=comparator)
    return Statement(
        id=name or f"{words}@{start} {measure}",
        type="human_losses",
        attribution=Attribution(voice="outlet"),
        quantity=figure,
        measure=measure,
        evidence=(span(line),),
    )


def ratio(name, score):
    metric = next(metric for metric in SCORER.metrics if metric.name == name)
    above, below = (
        sum(weight * score.counts.get(key, 0) for key, weight in side.items()) for side in (metric.numerator, metric.denominator)
    )
    return above / below


def test_a_line_states_two_values():
    values = [(value.label, value.value, value.hedge) for value in gold(sample(*LOSSES))]
    assert values == [
        ("personnel cumulative", 4300, "about"),
        ("personnel daily", 60, ""),
        ("tanks cumulative", 12, ""),
        ("tanks daily", 3, ""),
        ("boats cumulative", 3, ""),
        ("boats daily", 0, ""),
    ]
    assert [value.label for value in gold(sample(loss("tanks", TANKS, 12)))] == ["tanks cumulative"]


def test_both_values_of_one_line_and_one_of_another_are_three_of_six():
    claims = [
        claim(TROOPS, "about 4300", 4300, "cumulative", comparator="about"),
        claim(TROOPS, "60", 60, "period"),
        claim(TANKS, "12", 12),
        claim(TANKS, "12 (+3)", 123),
    ]
    score = SCORER.score(sample(*LOSSES), Prediction(claims))
    assert (ratio("values_right", score), ratio("cumulative_right", score), ratio("daily_right", score)) == (3 / 6, 2 / 3, 1 / 3)
    assert (ratio("precision", score), ratio("lines_found", score)) == (3 / 4, 2 / 3)
    assert (ratio("hedge_right", score), ratio("hedge_kept", score), ratio("measure_right", score)) == (1, 1, 2 / 3)
    assert sorted(row.kind for row in score.rows) == ["invented", "matched", "matched", "matched", "missed", "missed", "missed"]


@pytest.mark.parametrize(
    ("words", "value", "measure", "right", "error"),
    [
        ("12", 12, "cumulative", 1, None),
        ("12", 12, "snapshot", 1, None),
        ("12", 12, "period", 0, "cumulative_taken_for_daily"),
        ("3", 3, "period", 1, None),
        ("3", 3, None, 1, None),
        ("3", 3, "cumulative", 0, "daily_taken_for_cumulative"),
    ],
)
def test_the_contrary_measure_is_a_named_error(words, value, measure, right, error):
    score = SCORER.score(sample(LOSSES[1]), Prediction([claim(TANKS, words, value, measure)]))
    assert score.counts["right"] == right
    assert [name for row in score.rows for name in row.errors] == ([error] if error else [])
    assert ratio(f"error_{error or 'daily_taken_for_cumulative'}", score) == (1 / 2 if error else 0)


def test_a_lost_hedge_is_told_apart_from_a_plain_figure():
    claims = [claim(TROOPS, "4300", 4300), claim(TANKS, "12", 12)]
    score = SCORER.score(sample(*LOSSES), Prediction(claims))
    assert (ratio("hedge_right", score), ratio("hedge_kept", score)) == (1 / 2, 0)
    score = SCORER.score(sample(*LOSSES), Prediction([claim(TANKS, "12", 12, comparator="about")]))
    assert (ratio("hedge_right", score), score.counts["hedge.invented"]) == (0, 1)


def test_the_same_value_in_another_line_is_not_this_one():
    score = SCORER.score(sample(LOSSES[2]), Prediction([claim(TANKS, "3", 3)]))
    assert (ratio("values_right", score), ratio("precision", score), ratio("lines_found", score)) == (0, 0, 0)


def test_a_claim_answers_one_value_and_the_figure_in_the_line_comes_first():
    both = claim(BOATS, "3", 3).model_copy(update={"evidence": (span(f"{TANKS}\n{BOATS}"),)})
    score = SCORER.score(sample(*LOSSES[1:]), Prediction([both]))
    assert [row.gold for row in score.rows if row.kind == "matched"] == ["boats cumulative"]


def test_a_value_read_twice_is_a_duplicate():
    score = SCORER.score(sample(LOSSES[1]), Prediction([claim(TANKS, "12", 12, name="a"), claim(TANKS, "12", 12, name="b")]))
    assert sorted(row.kind for row in score.rows) == ["duplicate", "matched", "missed"]
    assert ratio("precision", score) == 1 / 2


def test_a_right_reading_is_taken_before_a_contrary_one():
    claims = [claim(TANKS, "12", 12, "period", name="a"), claim(TANKS, "12", 12, "cumulative", name="b")]
    score = SCORER.score(sample(LOSSES[1]), Prediction(claims))
    assert [(row.predicted, row.strict) for row in score.rows if row.kind == "matched"] == [("b", True)]


def test_a_line_that_the_gold_has_no_category_for_is_left_out():
    score = SCORER.score(sample(*LOSSES), Prediction([claim(DRONES, "8", 8), claim(TANKS, "12", 12)]))
    assert ratio("precision", score) == 1
    assert "invented" not in {row.kind for row in score.rows}


def test_without_an_answer_every_value_is_missed():
    score = SCORER.score(sample(*LOSSES), Prediction())
    assert [row.kind for row in score.rows] == ["missed"] * 6
    assert ratio("values_right", score) == ratio("lines_found", score) == 0


POOL = [
    claim(line, str(value), value, measure)
    for line, value in ((TROOPS, 4300), (TROOPS, 60), (TANKS, 12), (TANKS, 3), (BOATS, 3), (BOATS, 0))
    for measure in ("period", "cumulative", None)
]


@given(st.data())
def test_the_order_of_claims_and_gold_decides_nothing(data):
    claims = data.draw(st.lists(st.sampled_from(POOL), unique_by=lambda one: one.id, max_size=9))
    losses = data.draw(st.lists(st.sampled_from(LOSSES), unique_by=lambda one: one["category"]))
    score = SCORER.score(sample(*losses), Prediction(claims))
    again = SCORER.score(sample(*data.draw(st.permutations(losses))), Prediction(data.draw(st.permutations(claims))))
    assert again == score
    for metric in SCORER.metrics:
        below = sum(weight * score.counts.get(key, 0) for key, weight in metric.denominator.items())
        assert below == 0 or 0 <= ratio(metric.name, score) <= 1


def test_the_first_number_of_each_line_is_every_running_total():
    score = SCORER.score(sample(*LOSSES), floors.bulletins(sample(*LOSSES)))
    assert (ratio("cumulative_right", score), ratio("daily_right", score), ratio("precision", score)) == (1, 0, 1)
