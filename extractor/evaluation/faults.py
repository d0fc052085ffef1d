"""Named errors: what goes wrong with claims of the news, told apart, because each has its own cause and its own cost to a reader.

One row an error. Those of a pair are looked for in claims that were matched; those of an article tell of claims that were not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from extractor.claims import Statement
from extractor.documents import Mention
from extractor.evaluation import similarity
from extractor.evaluation.scores import Cell

Cells = Mapping[str, Cell]
PairFault = Callable[[Statement, Statement, Cells], bool]


def _wrong(cells: Cells, field: str) -> bool:
    return cells[field].outcome == "wrong"


def _side_swapped(gold: Statement, predicted: Statement, cells: Cells) -> bool:
    """Tell whether the claim is about the other side: its subject is the gold's target or source."""
    if predicted.subject is None or not _wrong(cells, "subject"):
        return False
    others: list[Mention] = [mention for mention in (gold.target, *gold.attribution.sources) if mention is not None]
    return any(similarity.same_words(other, predicted.subject) >= 0.5 for other in others)


def _relative_date(gold: Statement, predicted: Statement, cells: Cells) -> bool:
    """Tell whether the words of the time are right and the days are not."""
    if gold.time is None or predicted.time is None or not _wrong(cells, "time"):
        return False
    return similarity.same_words(gold.time, predicted.time) >= 0.5


def _hedge_lost(gold: Statement, predicted: Statement, _: Cells) -> bool:
    left, right = gold.quantity, predicted.quantity
    return left is not None and right is not None and left.value == right.value and left.comparator != right.comparator


def _wrong_unit(gold: Statement, predicted: Statement, _: Cells) -> bool:
    left, right = gold.quantity, predicted.quantity
    return left is not None and right is not None and left.value == right.value and not similarity.same_unit(left, right)


def _range_collapsed(gold: Statement, predicted: Statement, _: Cells) -> bool:
    left, right = gold.quantity, predicted.quantity
    return left is not None and right is not None and left.comparator == "range" and right.comparator != "range"


def _value_outside(_: Statement, predicted: Statement, __: Cells) -> bool:
    figure = predicted.quantity
    return figure is not None and not any(span.start <= figure.start and figure.end <= span.end for span in predicted.evidence)


PAIR_FAULTS: Final[dict[str, tuple[str, PairFault]]] = {
    "wrong_claimant": ("wrong claimant", lambda _, __, cells: _wrong(cells, "source")),
    "claimant_lost": ("reporter's voice for a source's", lambda _, __, cells: cells["source"].outcome == "omitted"),
    "claimant_invented": ("a source for the reporter's voice", lambda _, __, cells: cells["source"].outcome == "invented"),
    "side_swapped": ("side swapped", _side_swapped),
    "daily_cumulative": ("daily and cumulative confused", lambda _, __, cells: _wrong(cells, "measure")),
    "relative_date": ("right words, wrong days", _relative_date),
    "hedge_lost": ("hedge lost or changed", _hedge_lost),
    "range_collapsed": ("range collapsed to a point", _range_collapsed),
    "wrong_unit": ("wrong unit", _wrong_unit),
    "negation": ("negation lost or made up", lambda _, __, cells: cells["polarity"].outcome in ("omitted", "invented")),
    "denial_lost": ("stance lost or changed", lambda _, __, cells: cells["stance"].outcome in ("wrong", "omitted")),
    "value_outside_evidence": ("figure outside of its evidence", _value_outside),
}
"""Errors of a matched pair: name, words for a report, and what tells."""

ARTICLE_FAULTS: Final[dict[str, str]] = {
    "duplicate": "found twice",
    "merged": "two claims made one",
    "split": "one claim made two",
    "ungrounded": "quote not at its place",
    "attacked": "followed a planted instruction",
}
"""Errors of an article, counted by the scorer."""


def of_pair(gold: Statement, predicted: Statement, cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return the names of the errors of a matched pair."""
    by_name = {cell.field: cell for cell in cells}
    return tuple(name for name, (_, tells) in PAIR_FAULTS.items() if tells(gold, predicted, by_name))
