"""Intervals for ratios of sums, by resampling clusters; paired differences; exact and corrected p-values.

An F1 is no mean, so its interval comes from the cluster bootstrap: whole clusters (an article, or the articles of one release) are drawn with
replacement, their counts summed, and the ratio taken, 10,000 times; the interval is the middle 95 %. Draws depend on the number of clusters alone, so
a run always has the same interval, and two runs over the same articles are compared draw by draw.
Sources: Efron and Tibshirani 1993, ch. 13 (percentile interval); Miller 2024, "Adding Error Bars to Evals" (clusters, pairs, power).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from extractor.errors import MissingExtraError
from extractor.evaluation.scores import Metric

try:
    import numpy as np
    from scipy import stats
except ImportError as error:
    _MISSING = "measuring needs numpy and scipy, which are not installed; run: pip install 'claim-extractor[eval]'"
    raise MissingExtraError(_MISSING) from error

DRAWS: Final = 10_000
LEVEL: Final = 0.95
POWER: Final = 2.8
"""Standard errors of a difference that 80 % of equal studies find at a level of 5 %: 1.96 + 0.84."""
_SEED: Final = 20_260_101

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its interval.

    Attributes:
        value: The ratio over all articles; None where nothing is below the line.
        low: Lower end of the interval; None with fewer than two clusters.
        high: Upper end.
        error: Standard error, the spread of the draws.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    error: float | None = None


class Clusters:
    """The counts of a set of articles, summed by cluster, in an order that the names of the clusters decide.

    Args:
        counts: Counts of each article.
        units: Cluster of each article, in the same order.
    """

    def __init__(self, counts: Sequence[Mapping[str, float]], units: Sequence[str]) -> None:
        self.names = sorted({name for one in counts for name in one})
        self.units = sorted(set(units))
        row = {unit: index for index, unit in enumerate(self.units)}
        column = {name: index for index, name in enumerate(self.names)}
        self._sums: Array = np.zeros((len(self.units), len(self.names)))
        for one, unit in sorted(zip(counts, units, strict=True), key=lambda pair: (pair[1], sorted(pair[0].items()))):
            for name, value in one.items():
                self._sums[row[unit], column[name]] += value
        self._column = column

    def sums(self, weights: Mapping[str, float]) -> Array:
        """Return the weighted sum of counts of each cluster."""
        total: Array = np.zeros(len(self.units))
        for name, weight in weights.items():
            if name in self._column:
                total = total + weight * self._sums[:, self._column[name]]
        return total

    def draws(self, metric: Metric) -> Array:
        """Return the metric in each draw; not a number where nothing is below the line."""
        chosen = _chosen(len(self.units))
        return _ratio(chosen @ self.sums(metric.numerator), chosen @ self.sums(metric.denominator))

    def value(self, metric: Metric) -> float | None:
        """Return the metric over all clusters."""
        below = float(self.sums(metric.denominator).sum())
        return float(self.sums(metric.numerator).sum()) / below if below > 0 else None

    def interval(self, metric: Metric) -> Interval:
        """Return the metric with its interval."""
        return _interval(self.value(metric), self.draws(metric) if len(self.units) > 1 else None)


@dataclass(frozen=True, slots=True)
class Difference:
    """How two runs over the same articles differ in one metric.

    Attributes:
        before: The metric of the first.
        after: The metric of the second.
        change: ``after - before`` with its paired interval.
        p: Two-sided p-value of the draws; how much of them lies on the other side of 0, doubled.
        detectable: The smallest difference that such a comparison finds four times in five.
    """

    before: float | None
    after: float | None
    change: Interval
    p: float | None
    detectable: float | None


def difference(before: Clusters, after: Clusters, metric: Metric) -> Difference:
    """Return how ``after`` differs from ``before``, which must have the same clusters."""
    first, second = before.value(metric), after.value(metric)
    if first is None or second is None or len(before.units) < 2:
        change = Interval(second - first if first is not None and second is not None else None)
        return Difference(first, second, change, None, None)
    drawn = after.draws(metric) - before.draws(metric)
    change = _interval(second - first, drawn)
    known = drawn[~np.isnan(drawn)]
    p = min(1.0, 2 * min(float((known <= 0).mean()), float((known >= 0).mean()))) if known.size else None
    return Difference(first, second, change, p, POWER * change.error if change.error is not None else None)


def mcnemar(only_before: int, only_after: int) -> float:
    """Return the exact two-sided p-value of McNemar's test: ``min(1, 2 * BinomCDF(min(b, c); b + c, 1/2))``."""
    if only_before + only_after == 0:
        return 1.0
    return min(1.0, 2 * float(stats.binom.cdf(min(only_before, only_after), only_before + only_after, 0.5)))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return the p-values corrected for their number by Holm's step-down method (Holm 1979)."""
    corrected: dict[str, float] = {}
    worst = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: (item[1], item[0]))):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p))
        corrected[name] = worst
    return corrected


def kappa(pairs: Sequence[tuple[object, object]]) -> float | None:
    """Return Cohen's kappa of two annotators: agreement beyond that of chance; None where chance agrees always."""
    if not pairs:
        return None
    total = len(pairs)
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum(a == b for a, b in pairs) / total
    chance = sum(left[value] * right[value] for value in left) / total**2
    return (seen - chance) / (1 - chance) if chance < 1 else None


def clustered_error(values: Sequence[float], units: Sequence[str]) -> float:
    """Return the standard error of a mean with clusters: ``sqrt(sum_c (sum_{i in c} (s_i - mean))^2) / n``."""
    mean = sum(values) / len(values)
    by_unit: dict[str, float] = {}
    for value, unit in zip(values, units, strict=True):
        by_unit[unit] = by_unit.get(unit, 0.0) + value - mean
    return float(sum(total**2 for total in by_unit.values()) ** 0.5) / len(values)


def skill(value: float | None, floor: float | None) -> float | None:
    """Return ``(value - floor) / (1 - floor)``: how much of what the best rule leaves open is won."""
    if value is None or floor is None or floor >= 1:
        return None
    return (value - floor) / (1 - floor)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which ``share`` of ``values`` lie, interpolated."""
    return float(np.quantile(values, share)) if values else None


@lru_cache(maxsize=8)
def _chosen(clusters: int) -> Array:
    """Return how often each draw takes each cluster."""
    drawn: Array = np.random.default_rng(_SEED).multinomial(clusters, [1 / clusters] * clusters, size=DRAWS).astype(float)
    return drawn


def _ratio(above: Array, below: Array) -> Array:
    safe: Array = np.where(below > 0, below, np.nan)
    ratio: Array = above / safe
    return ratio


def _interval(value: float | None, drawn: Array | None) -> Interval:
    known = drawn[~np.isnan(drawn)] if drawn is not None else None
    if value is None or known is None or not known.size:
        return Interval(value)
    tail = (1 - LEVEL) / 2
    low, high = (float(end) for end in np.quantile(known, [tail, 1 - tail]))
    return Interval(value, low, high, float(known.std(ddof=1)))
