"""What became of each field, counted from the compared results, so that every suite's rows make the same table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from extractor.evaluation.reports import words
from extractor.evaluation.results import Scores
from extractor.evaluation.scores import Row
from extractor.evaluation.summary import Report

_UNMATCHED: Final = {"omitted": "missed", "invented": "spurious"}


@dataclass(frozen=True, slots=True)
class FieldOutcomes:
    """How often each thing became of one field.

    Attributes:
        name: The field.
        label: Its name in a report.
        counts: By the names of ``words.OUTCOMES``, on average over repetitions.
    """

    name: str
    label: str
    counts: dict[str, float]


def outcomes(scored: Scores, report: Report) -> list[FieldOutcomes]:
    """Return what became of every field: the report's fields in its order, then those that only rows have."""
    counted: dict[str, Counter[str]] = {}
    for row in _rows(scored):
        for cell in row.cells:
            seen = counted.setdefault(cell.field, Counter())
            became = cell.outcome if row.kind == "matched" else _UNMATCHED.get(cell.outcome)
            if became is not None:
                seen[became] += 1
    labels = {line.name: line.label for line in words.fields(report)}
    order = [*(name for name in labels if name in counted), *(name for name in counted if name not in labels)]
    return [FieldOutcomes(name, labels.get(name, name.replace("_", " ")), _mean(counted[name], scored.manifest.repeats)) for name in order]


def _mean(seen: Counter[str], repeats: int) -> dict[str, float]:
    return {name: seen[name] / repeats for name in words.OUTCOMES}


def _rows(scored: Scores) -> Iterator[Row]:
    """Yield the compared results that count; optional gold that was not found is no fault."""
    for sample in scored.samples:
        for answer in sample.answers:
            yield from (row for row in answer.score.rows if row.kind != "optional")
