"""Which found claim is which gold claim: the one-to-one assignment with the greatest sum of scores, then without pairs that are too unlike.

Never greedy, never by position: both sides are first put into an order of their own, so the order they come in decides nothing.
Source: the Hungarian method, by scipy's ``linear_sum_assignment``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from extractor.claims import Statement
from extractor.errors import MissingExtraError
from extractor.evaluation.fields import BY_NAME, FIELDS
from extractor.evaluation.scores import Cell

TAU: Final = 0.5
"""Least score of a pair that counts as found."""

Item = TypeVar("Item")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold claim and a found one, by their index, with their score and fields."""

    gold: int
    predicted: int
    score: float
    cells: tuple[Cell, ...]


def assign(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the one-to-one assignment of rows to columns with the greatest sum of ``scores``.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    if not scores or not scores[0]:
        return []
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        msg = "measuring needs scipy, which is not installed; run: pip install 'claim-extractor[eval]'"
        raise MissingExtraError(msg) from error
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]


def canonical(items: Sequence[Item], key: Callable[[Item], str]) -> list[int]:
    """Return the indices of ``items`` in an order that their content alone decides."""
    return sorted(range(len(items)), key=lambda index: key(items[index]))


def content(claim: Statement) -> str:
    """Return what orders claims: their content, whatever their id and provenance."""
    known = claim.model_dump_json(exclude={"id", "provenance", "optional"})
    start = min((span.start for span in claim.evidence), default=0)
    return f"{start:09} {hashlib.sha256(known.encode()).hexdigest()} {claim.id}"


def compare(gold: Statement, predicted: Statement) -> tuple[float, tuple[Cell, ...]]:
    """Return the score of a pair, the weighted mean similarity of the fields that either has, and its fields."""
    cells = tuple(field.compare(gold, predicted) for field in FIELDS)
    weights = [field.weight for field, cell in zip(FIELDS, cells, strict=True) if cell.outcome != "empty"]
    alike = [field.weight * (cell.similarity or 0) for field, cell in zip(FIELDS, cells, strict=True) if cell.outcome != "empty"]
    return (sum(alike) / sum(weights) if weights else 0.0), cells


def admissible(cells: Sequence[Cell]) -> bool:
    """Tell whether two claims can be one: their evidence overlaps, or source and quantity both agree."""
    alike = {cell.field: cell.similarity or 0 for cell in cells}
    return alike[BY_NAME["evidence"].name] > 0 or (alike["source"] == 1 and alike["quantity"] == 1)


def match(gold: Sequence[Statement], predicted: Sequence[Statement]) -> tuple[list[Pair], list[list[Pair | None]]]:
    """Return the pairs that are one claim, and every pair looked at, by gold and found claim; None where it is not admissible."""
    looked: list[list[Pair | None]] = [[_pair(i, g, j, p) for j, p in enumerate(predicted)] for i, g in enumerate(gold)]
    rows, columns = canonical(gold, content), canonical(predicted, content)
    scores = [[found.score if (found := looked[i][j]) is not None else 0.0 for j in columns] for i in rows]
    pairs = (looked[rows[row]][columns[column]] for row, column in assign(scores))
    kept = [pair for pair in pairs if pair is not None and pair.score >= TAU]
    return sorted(kept, key=lambda pair: pair.gold), looked


def _pair(i: int, gold: Statement, j: int, predicted: Statement) -> Pair | None:
    score, cells = compare(gold, predicted)
    return Pair(i, j, score, cells) if admissible(cells) else None
