"""What the page's article viewer is fed with: of each article its text, and its answers compared with gold.

That is one block of JSON an article, read only when the article is opened. Offsets are code points. The pieces of a text that are anybody's evidence are cut here, so that the script only has to lay them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal
from urllib.parse import quote

from extractor.evaluation.results import Answered, SampleScores, Scores
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Metric, Row
from extractor.evaluation.statistics import Clusters

KINDS: Final = ("matched", "missed", "invented", "duplicate", "optional")
"""Results in the order they are shown in."""
Trait = tuple[Literal["result", "error", "field", "answer", "slice"], str]
"""Something that articles are looked up by."""


@dataclass(frozen=True, slots=True)
class Line:
    """One article of the list.

    Attributes:
        name: Its id.
        link: The fragment that opens it.
        score: Its headline over all repetitions; None where there is none.
        spread: Lowest and highest of its repetitions.
        counts: How many results of each kind, on average over repetitions.
        strict: How many are strictly right, on average over repetitions.
        status: The worst status of its answers.
        seconds: Mean wall time of an answer.
        traits: What it can be looked up by.
    """

    name: str
    link: str
    score: float | None
    spread: tuple[float, float] | None
    counts: Mapping[str, float]
    strict: float
    status: str
    seconds: float
    traits: frozenset[Trait] = field(default_factory=frozenset)


def lines(scored: Scores, metric: Metric | None) -> list[Line]:
    """Return the articles, the lowest headline first; those without one come last, most faults first."""
    found = [_line(sample, metric) for sample in scored.samples]

    def worst(line: Line) -> tuple[float, float, str]:
        faults = line.counts["missed"] + line.counts["invented"]
        return (2.0 if line.score is None else line.score), -faults, line.name

    return sorted(found, key=worst)


def _line(sample: SampleScores, metric: Metric | None) -> Line:
    answers, times = sample.answers, len(sample.answers)
    rows = [row for answer in answers for row in answer.score.rows]
    counts = {kind: sum(row.kind == kind for row in rows) / times for kind in KINDS}
    each = [_value(answer, sample.unit, metric) for answer in answers]
    known = [value for value in each if value is not None]
    whole = Clusters([sample.counts()], [sample.unit]).value(metric) if metric is not None else None
    return Line(
        name=sample.sample,
        link=f"#article/{quote(sample.sample, safe='')}",
        score=whole,
        spread=(min(known), max(known)) if known else None,
        counts=counts,
        strict=sum(row.strict for row in rows) / times,
        status=next((status for status in ("error", "partial") if any(answer.status == status for answer in answers)), "ok"),
        seconds=sum(answer.seconds for answer in answers) / times,
        traits=frozenset(_traits(sample, rows)),
    )


def _traits(sample: SampleScores, rows: Sequence[Row]) -> Iterator[Trait]:
    for row in rows:
        if row.kind != "matched":
            yield "result", row.kind
        elif not row.strict:
            yield "result", "matched, not strictly right"
        yield from (("error", name) for name in row.errors)
        yield from (
            ("field", cell.field) for cell in row.cells if row.kind == "matched" and cell.outcome in ("wrong", "omitted", "invented")
        )
        if row.kind in ("matched", "missed"):
            yield from (("slice", f"{by}: {value}") for by, value in row.tags.items())
    for answer in sample.answers:
        yield from (("error", name[6:]) for name, count in answer.score.counts.items() if name.startswith("error.") and count)
        if answer.status != "ok":
            yield "answer", "partial" if answer.status == "partial" else "no answer"
    yield from (("slice", f"{by}: {value}") for by, value in sample.tags.items())


def content(sample: Sample, scores: SampleScores, metric: Metric | None) -> Mapping[str, object]:
    """Return what the viewer shows of an article."""
    document = sample.document
    known = (document.publisher, document.published.isoformat() if document.published else "no publication date", document.language)
    tags = [f"{by}: {value}" for by, value in sorted(scores.tags.items()) if by != "language"]
    return {
        "id": sample.id,
        "title": document.title,
        "about": [*(part for part in known if part), *tags],
        "text": document.text,
        "planted": [[span.start, span.end] for planted in sample.planted for span in planted.spans],
        "answers": [_answer(answer, scores.unit, metric, len(document.text)) for answer in scores.answers],
    }


def _answer(answer: Answered, unit: str, metric: Metric | None, length: int) -> Mapping[str, object]:
    rows = sorted(answer.score.rows, key=lambda row: KINDS.index(row.kind))
    used = answer.usage
    return {
        "score": _value(answer, unit, metric),
        "status": answer.status,
        "error": answer.error,
        "windows": answer.windows,
        "rejections": answer.rejections,
        "seconds": round(answer.seconds, 1),
        "tokens": [used.input_tokens, used.output_tokens],
        "rows": [_row(row) for row in rows],
        "pieces": pieces(rows, length),
    }


def _row(row: Row) -> Mapping[str, object]:
    return {
        "kind": row.kind,
        "ids": [row.gold, row.predicted],
        "score": row.score,
        "strict": row.strict,
        "errors": row.errors,
        "shown": [row.shown.get("gold"), row.shown.get("predicted")],
        "cells": [[cell.field, cell.outcome, _short(cell.similarity), cell.gold, cell.predicted] for cell in row.cells],
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def pieces(rows: Sequence[Row], length: int) -> list[tuple[int, int, list[int], list[int]]]:
    """Return the stretches of a text that are evidence: first, one past last, rows whose gold it is, rows whose answer it is."""
    places = [
        (max(0, start), min(end, length), index, side)
        for index, row in enumerate(rows)
        for side in ("gold", "predicted")
        for start, end in row.places.get(side, ())
        if max(0, start) < min(end, length)
    ]
    edges = sorted({edge for start, end, _, _ in places for edge in (start, end)})
    starting: dict[int, list[tuple[int, int, int, str]]] = {}
    for place in places:
        starting.setdefault(place[0], []).append(place)
    active: list[tuple[int, int, int, str]] = []
    found = []
    for start, end in pairwise(edges):
        active = [place for place in active if place[1] > start] + starting.get(start, [])
        gold, answer = (sorted({index for _, _, index, whose in active if whose == side}) for side in ("gold", "predicted"))
        if active:
            found.append((start, end, gold, answer))
    return found


def _value(answer: Answered, unit: str, metric: Metric | None) -> float | None:
    return Clusters([answer.score.counts], [unit]).value(metric) if metric is not None else None
