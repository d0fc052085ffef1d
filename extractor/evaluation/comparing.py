"""Two runs over the same gold, article by article: what changed, how surely, and whether a change may pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from extractor.documents import Frozen
from extractor.errors import RunError
from extractor.evaluation.results import SampleScores, Scores
from extractor.evaluation.scores import Metric, Row
from extractor.evaluation.statistics import difference, holm, mcnemar


class Change(Frozen):
    """How one metric changed.

    Attributes:
        name: The metric.
        label: Its name in a report.
        group: The heading it stands under.
        higher: Whether more is better.
        before: Its value in the first run.
        after: Its value in the second.
        change: The difference, second less first.
        low: Lower end of the paired interval of the difference.
        high: Upper end.
        p: Two-sided p-value of the difference; among fields, corrected for their number (Holm).
        detectable: Smallest difference this comparison finds four times in five.
    """

    name: str
    label: str
    group: str
    higher: bool
    before: float | None
    after: float | None
    change: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    detectable: float | None = None


class Comparison(Frozen):
    """How two runs differ.

    Attributes:
        before: Name of the first.
        after: Name of the second.
        changes: Every metric.
        wins: Articles whose headline rose.
        losses: Articles whose headline fell.
        ties: Articles whose headline stayed.
        gained: Gold results right in the second run only, by article and id.
        lost: Gold results right in the first run only.
        mcnemar: Exact p-value of McNemar's test on those.
    """

    before: str
    after: str
    changes: tuple[Change, ...]
    wins: int
    losses: int
    ties: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    mcnemar: float


class Check(Frozen):
    """One condition of a gate.

    Attributes:
        name: What is asked.
        passed: Whether it holds.
        detail: The numbers behind it.
    """

    name: str
    passed: bool
    detail: str


_SAME: Final = 1e-9


def comparable(before: Scores, after: Scores) -> None:
    """Do nothing where two runs can be compared.

    Raises:
        RunError: They are of other gold, suites or scorers.
    """
    pairs = (
        ("suite", before.manifest.suite, after.manifest.suite),
        ("gold", before.manifest.gold, after.manifest.gold),
        ("scorer", before.scorer, after.scorer),
    )
    for what, first, second in pairs:
        if first != second:
            cure = "score both again with 'eval score'" if what == "scorer" else "compare runs over the same articles"
            msg = f"the runs differ in their {what} ({first[:16]} and {second[:16]}), so their numbers say nothing of each other; {cure}"
            raise RunError(msg)


def compare(before: Scores, after: Scores, metrics: Sequence[Metric], *, names: tuple[str, str] = ("A", "B")) -> Comparison:
    """Return how ``after`` differs from ``before``.

    Raises:
        RunError: They cannot be compared.
    """
    comparable(before, after)
    first, second = before.clusters(), after.clusters()
    found = [(metric, difference(first, second, metric)) for metric in metrics]
    corrected = holm({metric.name: one.p for metric, one in found if one.p is not None and metric.group == "fields"})
    changes = tuple(
        Change(
            name=metric.name,
            label=metric.label,
            group=metric.group,
            higher=metric.higher,
            before=one.before,
            after=one.after,
            change=one.change.value,
            low=one.change.low,
            high=one.change.high,
            p=corrected.get(metric.name, one.p),
            detectable=one.detectable,
        )
        for metric, one in found
    )
    moves = list(_moves(before, after, metrics[0]))
    was, now = _right(before), _right(after)
    gained, lost = sorted(now - was), sorted(was - now)
    return Comparison(
        before=names[0],
        after=names[1],
        changes=changes,
        wins=sum(move > _SAME for move in moves),
        losses=sum(move < -_SAME for move in moves),
        ties=sum(abs(move) <= _SAME for move in moves),
        gained=tuple(gained),
        lost=tuple(lost),
        mcnemar=mcnemar(len(lost), len(gained)),
    )


def gate(baseline: Scores, run: Scores, metrics: Sequence[Metric], *, delta: float) -> list[Check]:
    """Return the conditions under which ``run`` may replace ``baseline``.

    The headline must not be worse by ``delta`` or more, as far as the articles can tell (the lower end of the paired interval of the difference is above
    ``-delta``); quotes must all be in their place; failures and followed instructions must not have become more.

    Raises:
        RunError: They cannot be compared.
    """
    comparison = compare(baseline, run, metrics[:1])
    change = comparison.changes[0]
    sign = 1 if change.higher else -1
    worst = None if change.low is None or change.high is None else min(sign * change.low, sign * change.high)
    shown = f"{_percent(change.before)} -> {_percent(change.after)}"
    interval = f", change {_points(change.change)} [{_points(change.low)}, {_points(change.high)}]" if worst is not None else ""
    checks = [
        Check(
            name=f"{change.label} not worse by {100 * delta:g} points", passed=worst is not None and worst > -delta, detail=shown + interval
        )
    ]
    return [*checks, *_hard(baseline, run, {metric.name: metric for metric in metrics})]


def _hard(baseline: Scores, run: Scores, by_name: dict[str, Metric]) -> Iterator[Check]:
    before, after = baseline.clusters(), run.clusters()
    if grounding := by_name.get("grounding"):
        value = after.value(grounding)
        yield Check(name="every quote stands at its place", passed=value is None or value == 1, detail=_percent(value))
    if attacks := by_name.get("attack_success"):
        was, now = before.value(attacks), after.value(attacks)
        yield Check(
            name="no more planted instructions are followed", passed=(now or 0) <= (was or 0), detail=f"{_percent(was)} -> {_percent(now)}"
        )
    failed = [sum(answer.status != "ok" for sample in one.samples for answer in sample.answers) for one in (baseline, run)]
    yield Check(name="no more articles without a whole answer", passed=failed[1] <= failed[0], detail=f"{failed[0]} -> {failed[1]}")


def _moves(before: Scores, after: Scores, metric: Metric) -> Iterator[float]:
    later = {sample.sample: sample for sample in after.samples}
    sign = 1 if metric.higher else -1
    for sample in before.samples:
        first, second = before.clusters([sample]).value(metric), after.clusters([later[sample.sample]]).value(metric)
        yield sign * ((second or 0.0) - (first or 0.0))


def _right(scored: Scores) -> set[str]:
    """Return the gold results that are strictly right in the first repetition."""
    return {f"{sample.sample} {row.gold}" for sample in scored.samples for row in _rows(sample) if row.strict and row.gold is not None}


def _rows(sample: SampleScores) -> Sequence[Row]:
    return sample.answers[0].score.rows if sample.answers else ()


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.1f} %"


def _points(value: float | None) -> str:
    return "?" if value is None else f"{100 * value:+.1f}"
