"""What a run's scores come to: estimates with intervals, denominators, slices, stability, cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from extractor.documents import Frozen
from extractor.evaluation.results import Answered, SampleScores, Scores
from extractor.evaluation.runs import Manifest
from extractor.evaluation.scores import Metric, Row
from extractor.evaluation.statistics import POWER, Clusters, Interval, percentile, skill

FEW: Final = 10
"""Fewest clusters that get an interval in a slice; fewer tell too little about their spread."""


class Estimate(Frozen):
    """A metric with all that is needed to trust it.

    Attributes:
        name: Its name.
        label: Its name in a report.
        group: The heading it stands under.
        higher: Whether more is better.
        value: Its value; null where nothing is below the line.
        low: Lower end of its interval of 95 %.
        high: Upper end.
        below: What is below the line, summed: of how many it is a share.
        floor: Value of the rule without a model.
        skill: How much of what the floor leaves open is won.
        detectable: Smallest difference between two runs that are not paired, found four times in five.
        without_failures: Value over the articles that were answered whole.
    """

    name: str
    label: str
    group: str
    higher: bool
    value: float | None
    low: float | None = None
    high: float | None = None
    below: float = 0.0
    floor: float | None = None
    skill: float | None = None
    detectable: float | None = None
    without_failures: float | None = None


class Slice(Frozen):
    """Part of a run.

    Attributes:
        by: What it is cut by.
        value: Which part it is.
        articles: How many articles it has.
        results: How many gold results it has.
        label: What is estimated.
        estimate: The headline over whole articles, or for parts of articles the share of gold found.
    """

    by: str
    value: str
    articles: int
    results: int
    label: str
    estimate: Estimate


class Denominators(Frozen):
    """What the numbers are of; a failure counts as everything missed.

    Attributes:
        samples: Articles.
        clusters: What is resampled.
        asked: Articles times repetitions.
        ok: Answered whole.
        partial: Some windows refused, cut off or failed; the others' results count.
        error: No answer.
        windows: How many windows came out how.
        rejections: Drafts thrown out because they could not be grounded or validated.
    """

    samples: int
    clusters: int
    asked: int
    ok: int
    partial: int
    error: int
    windows: dict[str, int]
    rejections: int


class Cost(Frozen):
    """What it took, per article; cold figures are of the answers that were really asked for.

    Attributes:
        cold: Answers of which nothing was remembered.
        seconds: Mean wall time of those.
        seconds_p50: Median of those.
        seconds_p95: 95th percentile.
        cached_seconds: Mean wall time from remembered answers.
        cached_p95: 95th percentile.
        requests: Mean requests, re-asks and failed ones included.
        input_tokens: Mean tokens read.
        cached_input_tokens: Mean of those that the server had already read.
        output_tokens: Mean tokens written.
    """

    cold: int
    seconds: float | None
    seconds_p50: float | None
    seconds_p95: float | None
    cached_seconds: float | None
    cached_p95: float | None
    requests: float | None
    input_tokens: float | None
    cached_input_tokens: float | None
    output_tokens: float | None


class Stability(Frozen):
    """How much repetitions differ.

    Attributes:
        repeats: How many there are.
        flipped: Share of gold results found in some repetitions and not in others.
        always: Share found in all of them ("pass^K").
        between: Variance of the headline between articles.
        within: Mean variance of the headline within an article, over its repetitions.
    """

    repeats: int
    flipped: float | None
    always: float | None
    between: float | None
    within: float | None


class Confusion(Frozen):
    """How often gold's value of a field came out as another."""

    field: str
    gold: str
    predicted: str
    count: int


class Report(Frozen):
    """All of it.

    Attributes:
        title: What the suite measures.
        manifest: What the run is of.
        scorer: Digest of what decides the scores.
        estimates: Every metric; the first is the one looked at.
        denominators: What the numbers are of.
        slices: The headline by parts.
        stability: Spread over repetitions; null with one.
        cost: What it took.
        confusions: Values of closed fields that came out as others, most frequent first.
        suspects: Results that may be right although gold lacks them, to look at again.
    """

    title: str
    manifest: Manifest
    scorer: str
    estimates: tuple[Estimate, ...]
    denominators: Denominators
    slices: tuple[Slice, ...]
    stability: Stability | None
    cost: Cost
    confusions: tuple[Confusion, ...] = ()
    suspects: tuple[str, ...] = ()

    @property
    def headline(self) -> tuple[Estimate, ...]:
        """The few that are looked at first."""
        return tuple(estimate for estimate in self.estimates if estimate.group == "headline")


def summarise(scored: Scores, metrics: Sequence[Metric], title: str) -> Report:
    """Return the report of a run's scores by ``metrics``."""
    clusters = scored.clusters()
    whole = [sample for sample in scored.samples if sample.complete]
    complete = scored.clusters(whole) if len(whole) < len(scored.samples) else None
    floors = [sample.floor for sample in scored.samples if sample.floor is not None]
    floor = Clusters(floors, [sample.unit for sample in scored.samples]) if len(floors) == len(scored.samples) else None
    return Report(
        title=title,
        manifest=scored.manifest,
        scorer=scored.scorer,
        estimates=tuple(_estimate(metric, clusters, floor, complete) for metric in metrics),
        denominators=_denominators(scored),
        slices=tuple(_slices(scored, metrics[0])),
        stability=_stability(scored, metrics[0]),
        cost=_cost([answer for sample in scored.samples for answer in sample.answers]),
        confusions=tuple(_confusions(scored)),
        suspects=tuple(_suspects(scored)),
    )


def _estimate(metric: Metric, clusters: Clusters, floor: Clusters | None, complete: Clusters | None, *, few: int = 2) -> Estimate:
    found = clusters.interval(metric) if len(clusters.units) >= few else Interval(clusters.value(metric))
    lowest = floor.value(metric) if floor is not None else None
    return Estimate(
        name=metric.name,
        label=metric.label,
        group=metric.group,
        higher=metric.higher,
        value=found.value,
        low=found.low,
        high=found.high,
        below=float(clusters.sums(metric.denominator).sum()),
        floor=lowest,
        skill=skill(found.value, lowest) if metric.higher and metric.group == "headline" else None,
        detectable=POWER * 2**0.5 * found.error if found.error is not None and metric.group == "headline" else None,
        without_failures=complete.value(metric) if complete is not None else None,
    )


def _denominators(scored: Scores) -> Denominators:
    answers = [answer for sample in scored.samples for answer in sample.answers]
    statuses = Counter(answer.status for answer in answers)
    windows = sum((Counter(answer.windows) for answer in answers), Counter[str]())
    return Denominators(
        samples=len(scored.samples),
        clusters=len({sample.unit for sample in scored.samples}),
        asked=len(answers),
        ok=statuses["ok"],
        partial=statuses["partial"],
        error=statuses["error"],
        windows=dict(sorted(windows.items())),
        rejections=sum(answer.rejections for answer in answers),
    )


def _cost(answers: Sequence[Answered]) -> Cost:
    cold = [answer for answer in answers if answer.cold]
    seconds = [answer.seconds for answer in cold]
    cached = [answer.cached_seconds for answer in answers if answer.cached_seconds is not None]

    def mean(values: Sequence[float]) -> float | None:
        return sum(values) / len(values) if values else None

    return Cost(
        cold=len(cold),
        seconds=mean(seconds),
        seconds_p50=percentile(seconds, 0.5),
        seconds_p95=percentile(seconds, 0.95),
        cached_seconds=mean(cached),
        cached_p95=percentile(cached, 0.95),
        requests=mean([answer.usage.requests for answer in cold]),
        input_tokens=mean([answer.usage.input_tokens for answer in cold]),
        cached_input_tokens=mean([answer.usage.cached_input_tokens for answer in cold]),
        output_tokens=mean([answer.usage.output_tokens for answer in cold]),
    )


def _slices(scored: Scores, metric: Metric) -> Iterator[Slice]:
    for by in sorted({name for sample in scored.samples for name in sample.tags}):
        values = sorted({sample.tags[by] for sample in scored.samples if by in sample.tags})
        if 1 < len(values) < len(scored.samples) / 2:
            for value in values:
                part = [sample for sample in scored.samples if sample.tags.get(by) == value]
                found = _estimate(metric, scored.clusters(part), None, None, few=FEW)
                yield Slice(by=by, value=value, articles=len(part), results=_results(part), label=metric.label, estimate=found)
    yield from _result_slices(scored)


FOUND: Final = Metric("found", "gold found", {"found": 1}, {"gold": 1}, group="slices")


def _result_slices(scored: Scores) -> Iterator[Slice]:
    """Yield the share of gold found, by what the gold results themselves are."""
    names = sorted({name for sample in scored.samples for row in _gold_rows(sample) for name in row.tags})
    for by in names:
        values = sorted({row.tags[by] for sample in scored.samples for row in _gold_rows(sample) if by in row.tags})
        for value in values if len(values) > 1 else ():
            counts, units = [], []
            for sample in scored.samples:
                rows = [row for row in _gold_rows(sample) if row.tags.get(by) == value]
                if rows:
                    counts.append({"found": float(sum(row.kind == "matched" for row in rows)), "gold": float(len(rows))})
                    units.append(sample.unit)
            found = _estimate(FOUND, Clusters(counts, units), None, None, few=FEW)
            per_repeat = sum(one["gold"] for one in counts) / scored.manifest.repeats
            yield Slice(by=by, value=value, articles=len(counts), results=round(per_repeat), label=FOUND.label, estimate=found)


def _gold_rows(sample: SampleScores) -> Iterable[Row]:
    return (row for answer in sample.answers for row in answer.score.rows if row.kind in ("matched", "missed"))


def _results(samples: Sequence[SampleScores]) -> int:
    return round(sum(sample.counts().get("gold", 0.0) for sample in samples))


def _stability(scored: Scores, metric: Metric) -> Stability | None:
    repeats = scored.manifest.repeats
    if repeats < 2:
        return None
    found: dict[tuple[str, str], int] = {}
    for sample in scored.samples:
        for answer in sample.answers:
            for row in answer.score.rows:
                if row.gold is not None:
                    key = (sample.sample, row.gold)
                    found[key] = found.get(key, 0) + (row.kind == "matched")
    values = [[scored.clusters([sample], repeat=repeat).value(metric) for repeat in range(repeats)] for sample in scored.samples]
    known = [[value for value in one if value is not None] for one in values]
    per_article = [one for one in known if len(one) == repeats]
    means = [sum(one) / repeats for one in per_article]
    return Stability(
        repeats=repeats,
        flipped=sum(0 < times < repeats for times in found.values()) / len(found) if found else None,
        always=sum(times == repeats for times in found.values()) / len(found) if found else None,
        between=_variance(means),
        within=sum(_variance(one) or 0.0 for one in per_article) / len(per_article) if per_article else None,
    )


def _variance(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


_CLOSED: Final = frozenset(("type", "measure", "verification", "stance", "source_kind", "quotation", "polarity"))
_MOST: Final = 30


def _confusions(scored: Scores) -> Iterator[Confusion]:
    seen: Counter[tuple[str, str, str]] = Counter()
    for sample in scored.samples:
        for answer in sample.answers:
            for row in answer.score.rows:
                for cell in row.cells if row.kind == "matched" else ():
                    if cell.field in _CLOSED and cell.outcome in ("wrong", "omitted", "invented"):
                        seen[cell.field, cell.gold or "\u2014", cell.predicted or "\u2014"] += 1
    for (field, gold, predicted), count in sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:_MOST]:
        yield Confusion(field=field, gold=gold, predicted=predicted, count=count)


def _suspects(scored: Scores) -> Iterator[str]:
    """Yield results with a source and a figure, found in every repetition, that gold lacks: some are faults of the gold."""
    listed = 0
    for sample in scored.samples:
        found = [
            {
                row.shown.get("predicted", "")
                for row in answer.score.rows
                if row.kind == "invented" and {cell.field for cell in row.cells if cell.predicted} >= {"source", "quantity"}
            }
            for answer in sample.answers
        ]
        for shown in sorted(set.intersection(*found)) if found else ():
            if listed < _MOST:
                listed += 1
                yield f"{sample.sample}: {shown}"
