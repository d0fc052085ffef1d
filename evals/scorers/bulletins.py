"""The figures of official loss bulletins (mod_bulletins): cumulative, daily and hedge of each line.

A line such as "tanks - 1691 (+4)" states two values, the running total and the day's. A value is *right* where a claim whose evidence or
figure lies in that line has a quantity of that value and no measure that says the contrary: ``period`` for a running total,
``cumulative`` for the day's. A claim answers one value at the most. Of all assignments the one with the most right values is taken, then
the one with the most values read at all, then the one whose figures stand in their lines.

The gold has no category for drones, though the bulletins have a line for them: claims about a line with a word of ``UNMARKED`` are neither
right nor wrong, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from extractor.claims import Measure, Statement
from extractor.documents import Span
from extractor.evaluation import matching
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Cell, CellOutcome, Metric, Prediction, Row, Score, Tally

Kind = Literal["cumulative", "daily"]

_MEASURES: Final[dict[Kind, tuple[Measure, Measure, str]]] = {
    "cumulative": ("cumulative", "period", "cumulative_taken_for_daily"),
    "daily": ("period", "cumulative", "daily_taken_for_cumulative"),
}
"""Of each kind of value: its measure, the contrary one, and what it is called to name that."""
_ERRORS: Final = {
    "daily_taken_for_cumulative": "daily value taken for the running total",
    "cumulative_taken_for_daily": "running total taken for a daily value",
}
UNMARKED: Final = re.compile(r"\b(?:UAVs?|drones?)\b", re.IGNORECASE)
_IN_LINE: Final = 1.0
_READ: Final = 2.0


@dataclass(frozen=True, slots=True, order=True)
class Value:
    """One value of a line.

    Attributes:
        start: First code point of the line.
        end: One past its last.
        kind: Which of its two values.
        value: The figure.
        hedge: How a running total is hedged; empty where it is stated plainly.
        category: What was lost.
        words: The line.
    """

    start: int
    end: int
    kind: Kind
    value: int
    hedge: str
    category: str
    words: str

    @property
    def label(self) -> str:
        """What a row calls it."""
        return f"{self.category} {self.kind}"

    def in_line(self, span: Span | None) -> bool:
        """Tell whether ``span`` has characters of the line."""
        return span is not None and span.start < self.end and self.start < span.end


def gold(sample: Sample) -> list[Value]:
    """Return the values that the bulletin states, in the order of the text."""
    return sorted(value for loss in sample.gold["losses"] for value in _values(loss))


def _values(loss: Mapping[str, Any]) -> Iterator[Value]:
    line = loss["evidence"]
    for kind in _MEASURES:
        if loss[kind] is not None:
            hedge = str(loss["hedge"] or "") if kind == "cumulative" else ""
            yield Value(line["start"], line["end"], kind, loss[kind], hedge, loss["category"], line["text"])


def align(values: Sequence[Value], claims: Sequence[Statement]) -> list[tuple[int, int]]:
    """Return the pairs of a value and the claim that reads it; both sides must be in an order of their own."""
    right = (_READ + _IN_LINE) * (len(values) + 1)  # more than all that is less than right
    scores = [[_score(value, claim, right) for claim in claims] for value in values]
    return [(i, j) for i, j in matching.assign(scores) if scores[i][j]]


def _score(value: Value, claim: Statement, right: float) -> float:
    figure = claim.quantity
    if figure is None or figure.value != value.value or not any(value.in_line(span) for span in (figure, *claim.evidence)):
        return 0.0
    return _READ + (_IN_LINE if value.in_line(figure) else 0.0) + (0.0 if _contrary(value, claim) else right)


def _contrary(value: Value, claim: Statement) -> bool:
    return claim.measure == _MEASURES[value.kind][1]


def _metrics() -> Iterator[Metric]:
    yield Metric("values_right", "values right", {"right": 1}, {"values": 1})
    yield Metric("cumulative_right", "running totals right", {"cumulative.right": 1}, {"cumulative": 1})
    yield Metric("daily_right", "daily values right", {"daily.right": 1}, {"daily": 1})
    yield Metric("precision", "values right, of claims with a figure", {"right": 1}, {"predicted": 1})
    yield Metric("lines_found", "lines that a claim was read from", {"lines.found": 1}, {"lines": 1})
    kinds = ("right", "wrong", "omitted", "invented", "empty")
    yield Metric(
        "hedge_right",
        "hedge right, of running totals read",
        {"hedge.right": 1, "hedge.empty": 1},
        {f"hedge.{k}": 1 for k in kinds},
        group="values",
    )
    yield Metric("hedge_kept", "hedge right, where there is one", {"hedge.right": 1}, {f"hedge.{k}": 1 for k in kinds[:3]}, group="values")
    yield Metric(
        "measure_right",
        "measure named and right, of values read",
        {"measure.right": 1},
        {f"measure.{k}": 1 for k in kinds[:3]},
        group="values",
    )
    for name, label in _ERRORS.items():
        yield Metric(f"error_{name}", f"{label}, per value", {f"error.{name}": 1}, {"values": 1}, higher=False, group="errors")


@dataclass(frozen=True, slots=True)
class BulletinScorer:
    """Scores the figures of loss bulletins; see the module's head for what is right."""

    metrics: tuple[Metric, ...] = tuple(_metrics())

    def score(self, sample: Sample, prediction: Prediction) -> Score:
        """Return how the figures claimed compare with those of ``sample``; a row is ``strict`` where the value is right."""
        values = gold(sample)
        claims = sorted(_judged(sample.document.text, prediction.claims), key=matching.content)
        pairs = align(values, claims)
        matched, taken = {i for i, _ in pairs}, {j for _, j in pairs}
        rows = [_row(values[i], claims[j]) for i, j in pairs]
        rows += [_row(value, None) for i, value in enumerate(values) if i not in matched]
        rows += [_unasked(claim, values) for j, claim in enumerate(claims) if j not in taken]
        lines = {(value.start, value.end): value for value in values}
        tally = Tally()
        tally.add("values", len(values))
        tally.add("predicted", len(claims))
        tally.add("lines", len(lines))
        tally.add("lines.found", sum(_is_found(line, prediction.claims) for line in lines.values()))
        for row in rows:
            _count(tally, row)
        return Score(counts=tally.frozen(), rows=tuple(sorted(rows, key=_position)))


def _judged(text: str, claims: Sequence[Statement]) -> Iterator[Statement]:
    """Yield the claims with a figure in a line that the gold can have."""
    for claim in claims:
        if claim.quantity is not None:
            start, end = text.rfind("\n", 0, claim.quantity.start) + 1, text.find("\n", claim.quantity.end)
            if not UNMARKED.search(text, start, end if end >= 0 else len(text)):
                yield claim


def _is_found(line: Value, claims: Sequence[Statement]) -> bool:
    return any(line.in_line(span) for claim in claims for span in (claim.quantity, *claim.evidence))


def _count(tally: Tally, row: Row) -> None:
    kind = row.tags.get("value")
    if kind is not None:
        tally.add(kind)
        tally.add(f"{kind}.right", float(row.strict))
        tally.add("right", float(row.strict))
    for cell in row.cells if row.kind == "matched" else ():
        tally.add(f"{cell.field}.{cell.outcome}")
    for name in row.errors:
        tally.add(f"error.{name}")


def _row(value: Value, claim: Statement | None) -> Row:
    contrary = claim is not None and _contrary(value, claim)
    return Row(
        kind="matched" if claim is not None else "missed",
        gold=value.label,
        predicted=claim.id if claim is not None else None,
        score=1.0 if claim is not None else None,
        strict=claim is not None and not contrary,
        cells=tuple(_cells(value, claim)),
        errors=(_MEASURES[value.kind][2],) if contrary else (),
        tags={"value": value.kind, "category": value.category, "hedge": value.hedge or "none"},
        places={"gold": ((value.start, value.end),), **({"predicted": _places(claim)} if claim is not None else {})},
        shown={"gold": f"{value.words} [{value.kind}]", **({"predicted": _shown(claim)} if claim is not None else {})},
    )


def _cells(value: Value, claim: Statement | None) -> Iterator[Cell]:
    figure = claim.quantity if claim is not None else None
    yield _cell("value", str(value.value), None if figure is None else f"{figure.value:g}")
    yield _cell("measure", _MEASURES[value.kind][0], claim.measure if claim is not None else None)
    if value.kind == "cumulative":
        yield _cell("hedge", value.hedge or None, None if figure is None or figure.comparator == "exact" else figure.comparator)


def _cell(field: str, ours: str | None, theirs: str | None) -> Cell:
    outcome: CellOutcome = "right" if ours == theirs else "wrong"
    if ours is None or theirs is None:
        outcome = "omitted" if ours is not None else "invented" if theirs is not None else "empty"
    alike = float(ours == theirs) if ours is not None and theirs is not None else None
    return Cell(field=field, outcome=outcome, similarity=alike, gold=ours, predicted=theirs)


def _unasked(claim: Statement, values: Sequence[Value]) -> Row:
    """Return the row of a claim that reads no value: one that another claim reads already, or none of the bulletin's."""
    again = any(_score(value, claim, 1.0) for value in values)
    return Row(
        kind="duplicate" if again else "invented",
        predicted=claim.id,
        places={"predicted": _places(claim)},
        shown={"predicted": _shown(claim)},
    )


def _places(claim: Statement) -> tuple[tuple[int, int], ...]:
    spans = (claim.quantity, *claim.evidence)
    return tuple(sorted({(span.start, span.end) for span in spans if span is not None}))


def _shown(claim: Statement) -> str:
    figure = claim.quantity.text if claim.quantity is not None else ""
    return f"{figure} [{claim.measure or 'no measure'}] in: {' / '.join(span.text for span in claim.evidence)}"


def _position(row: Row) -> tuple[int, str, str, str]:
    first = min((start for places in row.places.values() for start, _ in places), default=0)
    return first, row.kind, row.gold or "", row.predicted or ""
