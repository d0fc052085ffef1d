"""The numbers of a run as CSV, for spreadsheets and notebooks: metrics, answers, and every field of every compared result.

Shares are from 0 to 1. Text that a spreadsheet would take for a formula gets an apostrophe before it, since articles are written by strangers.
Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from extractor.evaluation.results import Answered, SampleScores, Scores
from extractor.evaluation.scores import Metric
from extractor.evaluation.statistics import Clusters
from extractor.evaluation.summary import Report

Value = str | float | bool | None

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for the beginning of a formula; the last four are the wide forms."""

_ESTIMATE: Final = (
    "name", "label", "group", "higher", "value", "low", "high", "below", "floor", "skill", "detectable", "without_failures",
)  # fmt: skip
_ANSWER: Final = ("sample", "repeat", "unit", "status", "error")
_COST: Final = (
    "seconds", "cached_seconds", "cold", "requests", "input_tokens", "cached_input_tokens", "output_tokens", "rejections",
)  # fmt: skip
_RESULT: Final = (
    "sample", "repeat", "row", "gold_id", "predicted_id", "score", "strict", "errors", "field", "outcome", "similarity", "gold", "predicted",
)  # fmt: skip


def estimates(report: Report) -> str:
    """Return one row a metric."""
    return _csv(_ESTIMATE, ([getattr(found, name) for name in _ESTIMATE] for found in report.estimates))


def articles(scored: Scores, metrics: Sequence[Metric]) -> str:
    """Return one row an article and repetition: headline metrics, status, cost, and the counts that are no field's."""
    chosen = [metric for metric in metrics if metric.group == "headline"]
    answers = [answer for sample in scored.samples for answer in sample.answers]
    names = sorted({name for answer in answers for name in answer.score.counts if "." not in name or name.startswith("error.")})
    head = (*_ANSWER, *(metric.name for metric in chosen), *_COST, *(f"count.{name}" for name in names))

    def row(sample: SampleScores, repeat: int, answer: Answered) -> list[Value]:
        counts = answer.score.counts
        one = Clusters([counts], [sample.unit])
        used = answer.usage
        return [
            *(sample.sample, repeat, sample.unit, answer.status, answer.error),
            *(one.value(metric) for metric in chosen),
            *(answer.seconds, answer.cached_seconds, answer.cold),
            *(used.requests, used.input_tokens, used.cached_input_tokens, used.output_tokens, answer.rejections),
            *(counts.get(name, 0.0) for name in names),
        ]

    return _csv(head, (row(sample, repeat, answer) for sample in scored.samples for repeat, answer in enumerate(sample.answers)))


def results(scored: Scores) -> str:
    """Return one row a compared result and field; a result without fields has one row."""
    return _csv(_RESULT, _results(scored))


def _results(scored: Scores) -> Iterator[list[Value]]:
    for sample in scored.samples:
        for repeat, answer in enumerate(sample.answers):
            for row in answer.score.rows:
                known: list[Value] = [
                    *(sample.sample, repeat, row.kind, row.gold, row.predicted),
                    *(row.score, row.strict, " ".join(row.errors)),
                ]
                for cell in row.cells:
                    yield [*known, cell.field, cell.outcome, cell.similarity, cell.gold, cell.predicted]
                if not row.cells:
                    yield [*known, None, None, None, row.shown.get("gold"), row.shown.get("predicted")]


def _csv(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_cell(name) for name in head])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def _cell(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{round(value, 6):.10g}"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
