"""Who says what: attributions annotated in news (gum_news, wikinews_de) against those that claims imply.

Gold of both sets becomes one value, ``Attribution``. So do claims: those of one source (its place, reporting chain included) read from
one sentence are one attribution, whose content is that sentence without source, cue, channel and day of saying; sentences that follow
each other under one source are one content. A claim in the outlet's own voice attributes nothing.

Pairs are one to one. Two can be one attribution where their contents have at least half of their characters in common (Dice); it is
*right* where the source agrees as well: any source of the claim's chain stands at the gold source's place (Dice of characters at least
0.5), or has the words of one of its entity's names. Pronouns are no names, they must stand at the place. Of all assignments the one with
the most right pairs is taken, of those the one with the most content in common.

Everything annotated stays in. In the ten articles of gum_news all 90 have a source, and 6 are thoughts or feelings by their cue. In the
150 of wikinews_de 43 of 653 have no speaker, which nothing can get right (``recall_sourced`` leaves them out), and 1 is a thought; its
speakers come without coreference, so a source agrees with them by its place or by the speaker's very words. Only 5 and 18 attributions
stand within another one; how whole a claim's reporting chain is cannot be measured on so few, so its sources only help to match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from extractor.claims import Statement
from extractor.documents import Span
from extractor.evaluation import matching, similarity
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Cell, CellOutcome, Metric, Prediction, Row, Score, Tally, f1

Runs = tuple[tuple[int, int], ...]
"""Characters of a document: half-open runs of offsets, in order."""

LEAST: Final = 0.5
"""Least Dice coefficient of two sets of characters that are the same thing."""
_PRONOUNS: Final = frozenset(
    "i me my mine we us our you your he him his she her it its they them their who one this that these those"
    " ich mich mein meine wir uns unser er ihn sein seine sie ihr ihre es man dieser diese dieses der die das".split()
)
_FIELDS: Final = ("source", "cue", "content")
_ERRORS: Final = {
    "wrong_source": "right content, source somewhere else",
    "source_cut": "right content, less than half of the source's words in common",
}
_WORDS: Final = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A source: where it stands, and the words it is also known by."""

    runs: Runs
    names: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Attribution:
    """Somebody says something.

    Attributes:
        content: What is said.
        sources: Who says it, and in a claim's chain who reports that; none where nobody is named.
        cue: The words of saying.
        form: How it is said, in the words of its set.
        label: What a row calls it.
    """

    content: Runs
    sources: tuple[Named, ...] = ()
    cue: Runs = ()
    form: str = ""
    label: str = ""

    @property
    def parts(self) -> dict[str, Runs]:
        """Where each field stands; all sources together."""
        return {"source": tuple(chain.from_iterable(source.runs for source in self.sources)), "cue": self.cue, "content": self.content}


def gold(sample: Sample) -> list[Attribution]:
    """Return what is annotated in the article, in an order that its content alone decides.

    Raises:
        KeyError: The gold is of no set that is known here.
    """
    key = next((key for key in READERS if key in sample.gold), None)
    if key is None:
        msg = f"the gold of {sample.id} has none of {', '.join(READERS)}"
        raise KeyError(msg)
    return sorted(READERS[key](record) for record in sample.gold[key])


def found(text: str, claims: Sequence[Statement]) -> list[Attribution]:
    """Return the attributions that claims about ``text`` imply, in an order that their content alone decides."""
    by_source: dict[Runs, dict[tuple[int, int], list[Statement]]] = {}
    for claim in claims:
        for span in claim.evidence if claim.attribution.sources else ():
            sentences = by_source.setdefault(tuple((s.start, s.end) for s in claim.attribution.sources), {})
            sentences.setdefault((span.start, span.end), []).append(claim)
    return sorted(
        _implied(text, places, passage, [claim for sentence in passage for claim in sentences[sentence]])
        for places, sentences in by_source.items()
        for passage in _passages(text, sorted(sentences))
    )


def _gum(record: Mapping[str, Any]) -> Attribution:
    names = {_name(name) for name in (record.get("source_entity") or {}).get("mentions", ())}
    form = "quoted" if record.get("quoted") else "reported"
    return _annotated(record["content"], record["source"], record["cue"], names, form)


def _wikinews(record: Mapping[str, Any]) -> Attribution:
    names = {_name(" ".join(span["text"] for span in record["speaker"]))}
    return _annotated(record["quote"], record["speaker"], record["cue"], names, str(record["quote_type"]))


def _annotated(content: Any, source: Any, cue: Any, names: set[tuple[str, ...]], form: str) -> Attribution:
    said, runs = _runs(content), _runs(source)
    known = tuple(sorted(name for name in names if name))
    label = " by ".join(f"{place[0][0]}-{place[-1][1]}" for place in (said, runs) if place)
    return Attribution(said, (Named(runs, known),) if runs else (), _runs(cue), form, label)


READERS: Final[dict[str, Callable[[Mapping[str, Any]], Attribution]]] = {"attributions": _gum, "quotations": _wikinews}
"""What reads the gold of each set, by the key its list has."""


def _runs(spans: Sequence[Mapping[str, Any]]) -> Runs:
    return tuple(sorted((int(span["start"]), int(span["end"])) for span in spans))


def _name(words: str) -> tuple[str, ...]:
    """Return the words that a name is compared by; none of a pronoun, which names whoever was spoken of."""
    tokens = tuple(similarity.tokens(words))
    return () if len(tokens) == 1 and tokens[0] in _PRONOUNS else tokens


def _passages(text: str, sentences: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the runs of sentences with nothing but white space between them."""
    passage: list[tuple[int, int]] = []
    for sentence in sentences:
        if passage and text[passage[-1][1] : sentence[0]].strip():
            yield passage
            passage = []
        passage.append(sentence)
    if passage:
        yield passage


def _implied(text: str, places: Runs, passage: Sequence[tuple[int, int]], claims: Sequence[Statement]) -> Attribution:
    said = [claim.attribution for claim in claims]
    about: list[Span | None] = [span for one in said for span in (*one.sources, one.cue, one.channel, one.stated_on)]
    cut = sorted({(span.start, span.end) for span in about if span is not None})
    return Attribution(
        content=tuple(chain.from_iterable(_without(text, sentence, cut) for sentence in passage)),
        sources=tuple(Named((place,), tuple(name for name in (_name(text[slice(*place)]),) if name)) for place in places),
        cue=tuple(sorted({(one.cue.start, one.cue.end) for one in said if one.cue is not None})),
        label="+".join(sorted({claim.id for claim in claims})),
    )


def _without(text: str, sentence: tuple[int, int], cut: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield what is left of a sentence, white space at the edges and pieces without a word left out."""
    at = sentence[0]
    for start, end in (*cut, (sentence[1], sentence[1])):
        piece = text[at : min(max(start, at), sentence[1])]
        if _WORDS.search(piece):
            yield at + len(piece) - len(piece.lstrip(" \n,;:")), at + len(piece.rstrip())
        at = max(at, end)


def agreement(left: Attribution, right: Attribution) -> float:
    """Return how well a source of ``right`` agrees with who speaks first in ``left``: Dice of the places, 1 for a name of the entity."""
    return max((_same(left.sources[0], source) for source in right.sources), default=0.0) if left.sources else 0.0


def _same(left: Named, right: Named) -> float:
    return 1.0 if set(left.names) & set(right.names) else similarity.overlap(left.runs, right.runs)


def align(ours: Sequence[Attribution], theirs: Sequence[Attribution]) -> list[tuple[int, int]]:
    """Return the pairs of one content, most right ones first in the choice of the assignment; both sides must be in their own order."""
    right = float(len(ours) + len(theirs))  # more than all overlaps together
    scores = [[_score(one, other, right) for other in theirs] for one in ours]
    return [(i, j) for i, j in matching.assign(scores) if scores[i][j]]


def _score(one: Attribution, other: Attribution, right: float) -> float:
    alike = similarity.overlap(one.content, other.content)
    if alike < LEAST:
        return 0.0
    return alike + (right if agreement(one, other) >= LEAST else 0.0)


def _metrics() -> Iterator[Metric]:
    of = ("gold", "predicted")
    yield f1("attribution_f1", "attributions right, content and source (F1)", right={"right": 1}, of=of)
    yield Metric("precision", "attributions right, of those found", {"right": 1}, {"predicted": 1})
    yield Metric("recall", "attributions right, of those annotated", {"right": 1}, {"gold": 1})
    yield f1("content_f1", "content found, whoever says it (F1)", right={"content": 1}, of=of)
    yield Metric("source_right", "source right, given the content", {"source.right": 1}, {"source.right": 1, "source.wrong": 1})
    yield Metric(
        "cue_right", "cue right, given a right attribution", {"cue.right": 1}, {f"cue.{k}": 1 for k in ("right", "wrong", "omitted")}
    )
    yield Metric(
        "recall_sourced",
        "attributions right, of those that name a source",
        {"right": 1},
        {"gold": 1, "gold_sourceless": -1},
        group="values",
    )
    for name, label in _ERRORS.items():
        yield Metric(
            f"error_{name}", f"{label}, per attribution found", {f"error.{name}": 1}, {"predicted": 1}, higher=False, group="errors"
        )


@dataclass(frozen=True, slots=True)
class AttributionScorer:
    """Scores the attributions that claims imply; see the module's head for what is right."""

    metrics: tuple[Metric, ...] = tuple(_metrics())

    def score(self, sample: Sample, prediction: Prediction) -> Score:
        """Return how the attributions found compare with those of ``sample``; a row is ``strict`` where the source is right too."""
        text = sample.document.text
        ours, theirs = gold(sample), found(text, prediction.claims)
        pairs = align(ours, theirs)
        matched, taken = {i for i, _ in pairs}, {j for _, j in pairs}
        rows = [_row(text, ours[i], theirs[j]) for i, j in pairs]
        rows += [_row(text, one, None) for i, one in enumerate(ours) if i not in matched]
        rows += [_row(text, None, other) for j, other in enumerate(theirs) if j not in taken]
        tally = Tally()
        tally.add("gold", len(ours))
        tally.add("gold_sourceless", sum(not one.sources for one in ours))
        tally.add("predicted", len(theirs))
        tally.add("content", len(pairs))
        for row in rows:
            _count(tally, row)
        return Score(counts=tally.frozen(), rows=tuple(sorted(rows, key=_position)))


def _count(tally: Tally, row: Row) -> None:
    tally.add("right", float(row.strict))
    for cell in row.cells if row.kind == "matched" else ():
        if cell.field == "source" or (cell.field == "cue" and row.strict):
            tally.add(f"{cell.field}.{cell.outcome}")
    for name in row.errors:
        tally.add(f"error.{name}")


def _row(text: str, one: Attribution | None, other: Attribution | None) -> Row:
    ours, theirs = (side.parts if side is not None else {} for side in (one, other))
    alike = {field: similarity.overlap(ours.get(field, ()), theirs.get(field, ())) for field in _FIELDS}
    if one is not None and other is not None:
        alike["source"] = agreement(one, other)
    cells = tuple(_cell(text, field, ours.get(field, ()), theirs.get(field, ()), alike[field]) for field in _FIELDS)
    source = cells[0].outcome
    sides = {side: said for side, said in (("gold", one), ("predicted", other)) if said is not None}
    return Row(
        kind="matched" if one and other else "missed" if one else "invented",
        gold=one.label if one else None,
        predicted=other.label if other else None,
        score=alike["content"] if one and other else None,
        strict=source == "right",
        cells=cells,
        errors=() if source != "wrong" else ("wrong_source",) if alike["source"] == 0 else ("source_cut",),
        tags={"form": one.form, "source": "named" if one.sources else "nobody"} if one else {},
        places={side: tuple(sorted(chain.from_iterable(said.parts.values()))) for side, said in sides.items()},
        shown={side: _shown(text, said) for side, said in sides.items()},
    )


def _cell(text: str, field: str, left: Runs, right: Runs, alike: float) -> Cell:
    outcome: CellOutcome = "right" if alike >= LEAST else "wrong"
    if not left or not right:
        outcome = "omitted" if left else "invented" if right else "empty"
    words = [_words(text, runs) or None for runs in (left, right)]
    return Cell(field=field, outcome=outcome, similarity=alike if left and right else None, gold=words[0], predicted=words[1])


def _words(text: str, runs: Runs) -> str:
    return " \u2026 ".join(text[start:end] for start, end in runs)


def _shown(text: str, said: Attribution) -> str:
    who = ", via ".join(_words(text, source.runs) for source in said.sources) or "nobody named"
    return f"{who}: {_words(text, said.content)}"


def _position(row: Row) -> tuple[int, str, str, str]:
    first = min((start for places in row.places.values() for start, _ in places), default=0)
    return first, row.kind, row.gold or "", row.predicted or ""
