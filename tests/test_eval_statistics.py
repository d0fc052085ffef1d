"""Intervals, differences and p-values: examples computed by hand or by scipy, and laws."""

from __future__ import annotations

import importlib.util
import random
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from extractor.errors import MissingExtraError
from extractor.evaluation import statistics
from extractor.evaluation.scores import Metric, f1
from extractor.evaluation.statistics import Clusters, difference, holm, kappa, mcnemar, skill

F1 = f1("f1", "F1", right={"matched": 1}, of=("gold", "predicted"))
MEAN = Metric("mean", "mean", {"right": 1}, {"n": 1})


def articles(*rows: tuple[int, int, int]) -> list[dict[str, float]]:
    return [{"matched": m, "gold": g, "predicted": p} for m, g, p in rows]


def test_an_f1_is_the_ratio_of_summed_counts_not_the_mean_of_ratios():
    """(2 * (1 + 3)) / ((1 + 1) + (4 + 6)) = 8 / 12, while the mean of the two F1 is (1 + 0.6) / 2."""
    clusters = Clusters(articles((1, 1, 1), (3, 4, 6)), ["a", "b"])
    assert clusters.value(F1) == pytest.approx(8 / 12)


def test_nothing_below_the_line_has_no_value():
    clusters = Clusters(articles((0, 0, 0), (0, 0, 0)), ["a", "b"])
    assert clusters.value(F1) is None
    assert clusters.interval(F1).low is None


def test_one_cluster_has_a_value_and_no_interval():
    found = Clusters(articles((1, 2, 2), (2, 2, 2)), ["same", "same"]).interval(F1)
    assert (found.value, found.low) == (6 / 8, None)


def test_the_interval_of_a_mean_is_that_of_scipys_bootstrap():
    values = np.random.default_rng(7).random(40)
    ours = Clusters([{"right": float(v), "n": 1} for v in values], [str(i) for i in range(40)]).interval(MEAN)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.005)
    assert ours.high == pytest.approx(theirs.high, abs=0.005)


def test_the_error_of_the_draws_is_that_of_the_formula_for_clustered_means():
    chance = random.Random(3)
    units = [str(i // 3) for i in range(90)]
    values = [chance.random() + (int(unit) % 2) for unit in units]
    drawn = Clusters([{"right": v, "n": 1} for v in values], units).interval(MEAN)
    assert drawn.error == pytest.approx(statistics.clustered_error(values, units), rel=0.05)


def test_articles_of_one_release_are_drawn_together():
    """Six copies of one article in a cluster tell no more than one; taken for independent they would seem to."""
    rows = articles(*[(1, 1, 1)] * 6, *[(0, 1, 1)] * 6)
    alone = Clusters(rows, [str(i) for i in range(12)]).interval(F1)
    together = Clusters(rows, ["a"] * 6 + ["b"] * 6).interval(F1)
    assert together.high - together.low > alone.high - alone.low


counts = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)).map(lambda t: (min(t), max(t[0], t[1]), max(t[0], t[2])))


@settings(max_examples=40)
@given(st.lists(counts, min_size=2, max_size=12), st.integers(0, 1000))
def test_the_order_of_articles_decides_nothing(rows, seed):
    units = [f"u{i % 5}" for i in range(len(rows))]
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    made = articles(*rows)
    first = Clusters(made, units).interval(F1)
    second = Clusters([made[i] for i in order], [units[i] for i in order]).interval(F1)
    assert first == second


@settings(max_examples=40)
@given(st.lists(counts, min_size=2, max_size=12))
def test_an_interval_holds_values_between_0_and_1_and_a_run_does_not_differ_from_itself(rows):
    clusters = Clusters(articles(*rows), [str(i) for i in range(len(rows))])
    found = clusters.interval(F1)
    if found.low is not None:
        assert 0 <= found.low <= found.high <= 1
        same = difference(clusters, clusters, F1)
        assert (same.change.value, same.change.low, same.change.high, same.p) == (0, 0, 0, 1)


def test_a_paired_difference_is_surer_than_two_intervals_apart():
    """Each article gains the same little: the pair sees it, the two intervals overlap."""
    chance = random.Random(5)
    base = [chance.random() * 0.8 for _ in range(30)]
    units = [str(i) for i in range(30)]
    before = Clusters([{"right": v, "n": 1} for v in base], units)
    after = Clusters([{"right": v + 0.05, "n": 1} for v in base], units)
    found = difference(before, after, MEAN)
    assert found.change.low == pytest.approx(0.05)
    assert found.p == 0
    assert before.interval(MEAN).high > after.interval(MEAN).low
    assert found.detectable == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("b", "c", "p"), [(0, 0, 1.0), (0, 5, 2 * 0.5**5), (1, 9, 2 * (1 + 10) * 0.5**10), (4, 4, 1.0)])
def test_mcnemar_by_hand(b, c, p):
    assert mcnemar(b, c) == pytest.approx(p)
    assert mcnemar(b, c) == pytest.approx(1.0 if b == c else stats.binomtest(min(b, c), b + c, 0.5).pvalue)


def test_holm_by_hand():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == {"a": 0.03, "c": 0.06, "b": 0.06}
    assert holm({}) == {}


def test_kappa_by_hand():
    """Cohen 1960: of 50, both yes 20, both no 15, yes/no 5, no/yes 10: (0.7 - 0.5) / (1 - 0.5)."""
    pairs = [("y", "y")] * 20 + [("n", "n")] * 15 + [("y", "n")] * 5 + [("n", "y")] * 10
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("y", "y")]) is None
    assert kappa([]) is None


def test_skill_is_what_is_won_of_what_the_floor_leaves():
    assert skill(0.8, 0.6) == pytest.approx(0.5)
    assert skill(0.5, 1.0) is None
    assert skill(None, 0.1) is None
    assert statistics.percentile([1, 2, 3, 4, 5], 0.5) == 3
    assert statistics.percentile([], 0.5) is None


@pytest.mark.parametrize("missing", ["numpy", "scipy"])
def test_without_the_packages_of_numbers_a_sentence_says_so(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    anew = importlib.util.module_from_spec(statistics.__spec__)
    with pytest.raises(MissingExtraError, match=r"run: pip install 'claim-extractor\[eval\]'"):
        statistics.__spec__.loader.exec_module(anew)
