"""What a scorer says of one article, and how numbers are made of many.

Everything a metric needs is a sum over articles, and every metric is a ratio of two such sums: F1 is ``2 * matched / (gold + predicted)``. So an
interval is one resampling of sums, whatever the metric, and a comparison pairs them by article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import Field

from extractor.claims import Statement
from extractor.documents import Frozen
from extractor.evaluation.samples import Sample
from extractor.profiles.base import Profile

CellOutcome = Literal["right", "wrong", "omitted", "invented", "empty"]
"""Of one field: right; another value; gold has one, the answer none; the answer has one, gold none; neither has one."""

RowKind = Literal["matched", "missed", "invented", "duplicate", "optional"]
"""Of one result: found; gold that was not found; found, but not in gold; found once more; optional gold that was not found."""


class Cell(Frozen):
    """One field of one comparison.

    Attributes:
        field: Its name.
        outcome: Which of the five it is.
        similarity: How alike the two are, from 0 to 1; null where a side has none.
        gold: The gold value in words.
        predicted: The answer's value in words.
    """

    field: str
    outcome: CellOutcome
    similarity: float | None = None
    gold: str | None = None
    predicted: str | None = None


class Row(Frozen):
    """One result compared with gold.

    Attributes:
        kind: Which of the five it is.
        gold: Id of the gold result.
        predicted: Id of the answer's result.
        score: How alike the two are over all fields.
        strict: Whether every required field is right.
        cells: The fields.
        errors: Names of what went wrong, from the scorer's table.
        tags: What slices are made of, such as the type of the claim.
        places: Offsets to show, by ``gold`` and ``predicted``: pairs of first and one past last code point.
        shown: The result in words, by ``gold`` and ``predicted``.
    """

    kind: RowKind
    gold: str | None = None
    predicted: str | None = None
    score: float | None = None
    strict: bool = False
    cells: tuple[Cell, ...] = ()
    errors: tuple[str, ...] = ()
    tags: dict[str, str] = Field(default_factory=dict)
    places: dict[str, tuple[tuple[int, int], ...]] = Field(default_factory=dict)
    shown: dict[str, str] = Field(default_factory=dict)


class Score(Frozen):
    """How one answer compares with the gold of its article.

    Attributes:
        counts: Sums that metrics are made of, by name.
        rows: The comparisons behind them.
    """

    counts: dict[str, float]
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was found in an article: claims, or records of another schema."""

    claims: Sequence[Statement] = ()
    records: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A ratio of two sums of counts.

    Attributes:
        name: What it is called in JSON and on the command line.
        label: What it is called in a report.
        numerator: Weight of each count above the line.
        denominator: Weight of each count below it.
        higher: Whether more is better.
        group: Heading it stands under; ``headline`` for the few that are looked at first.
    """

    name: str
    label: str
    numerator: Mapping[str, float]
    denominator: Mapping[str, float]
    higher: bool = True
    group: str = "headline"


def f1(name: str, label: str, *, right: Mapping[str, float], of: Sequence[str], group: str = "headline") -> Metric:
    """Return the metric ``2 * right / sum(of)``: an F1 where ``of`` are the numbers of gold and of predicted results."""
    return Metric(name, label, {key: 2 * weight for key, weight in right.items()}, dict.fromkeys(of, 1.0), group=group)


class Scorer(Protocol):
    """Compares answers with gold.

    ``score`` must not depend on the order of results, and count a missing answer as everything missed.
    """

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of its counts; the first is the one that a gate and a skill look at."""
        ...

    def score(self, sample: Sample, prediction: Prediction) -> Score:
        """Return how ``prediction`` compares with the gold of ``sample``."""
        ...


@dataclass(frozen=True, slots=True)
class Suite:
    """One thing to measure.

    Attributes:
        name: What a user calls it.
        title: What it measures, in a line.
        profile: The extraction task that answers.
        scorer: What compares.
        floor: The best rule without any model, for comparison; None where there is none.
        adapt: Makes a sample of a record of the data set's file.
        sources: Files whose content decides the scores, for the digest that comparisons check.
    """

    name: str
    title: str
    profile: Profile
    scorer: Scorer
    adapt: Callable[[dict[str, Any]], Sample]
    floor: Callable[[Sample], Prediction] | None = None
    sources: tuple[Path, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts being made; names that were never counted are 0."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, by: float = 1.0) -> None:
        """Add ``by`` to the count ``name``."""
        self.counts[name] += by  # type: ignore[assignment]  # counts of similarity are fractions

    def cells(self, kind: RowKind, cells: Sequence[Cell]) -> None:
        """Count the fields of one comparison, apart by whether the results were matched."""
        matched = kind == "matched"
        unmatched = {"omitted": "missed", "invented": "spurious"}
        for cell in cells:
            if matched:
                self.add(f"{cell.field}.{cell.outcome}")
            elif kind != "optional" and cell.outcome in unmatched:
                self.add(f"{cell.field}.{unmatched[cell.outcome]}")

    def frozen(self) -> dict[str, float]:
        """Return the counts by name, sorted."""
        return {name: float(value) for name, value in sorted(self.counts.items())}


def field_metrics(name: str, label: str) -> tuple[Metric, ...]:
    """Return the metrics of one field: end to end over all results, and its accuracy on those that were matched."""
    right, wrong, omitted, invented = (f"{name}.{kind}" for kind in ("right", "wrong", "omitted", "invented"))
    missed, spurious = f"{name}.missed", f"{name}.spurious"
    return (
        Metric(
            f"{name}_f1",
            f"{label}, end to end (F1)",
            {right: 2},
            {right: 2, wrong: 2, omitted: 1, invented: 1, missed: 1, spurious: 1},
            group="fields",
        ),
        Metric(
            f"{name}_accuracy",
            f"{label}, given a match",
            {right: 1},
            {right: 1, wrong: 1, omitted: 1, invented: 1},
            group="fields given a match",
        ),
    )
