"""What the slots of claims hold, against the named things of conflict texts (re3d).

The set marks every place, time, figure, organisation and person of a text; claims name only those that play a part in a claim. So
precision says how often a slot holds a thing of its kind at its place, while recall, and with it F1, is bounded from above: most marked
things stand in no claim, and no source says anything in most mentions of an organisation. Compare F1 between systems; look at precision
for quality.

Found is every distinct place that a slot of a kind points at in any claim. Found and marked things of a kind are matched one to one, the
greatest sum of overlaps, and are the same where they have at least half of their characters in common (Dice). The set marks "34" of "34
strikes" and a person with or without title, so a figure may also be read without what it counts or its hedge, a source by its name alone:
the reading that fits best counts. Only things of a confidence of at least 0.5 are gold, as the notes of the data say.

Four kinds make the headline. Two more are reported beside it: who claims are about (``party``), and arms and vehicles, as what is counted
or acted with (``thing``); a subject may rightly be anything, so their precision is bounded too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from extractor.claims import Statement
from extractor.documents import Mention, Span
from extractor.evaluation import matching, similarity
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Cell, Metric, Prediction, Row, Score, Tally, f1
from extractor.normalise import quantities

Run = tuple[int, int]
Readings = tuple[Run, ...]
"""A found thing: its place, then narrower ones that can be meant."""

CONFIDENCE: Final = 0.5
"""Least confidence of gold, from the set's own notes."""
LEAST: Final = 0.5
"""Least Dice coefficient of one thing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    Attributes:
        name: Its name in counts and metrics.
        label: Its name in reports.
        types: What the set calls it.
        slots: Takes the places of such things from a claim.
        headline: Whether it is part of the headline.
    """

    name: str
    label: str
    types: frozenset[str]
    slots: Callable[[Statement], Iterator[Readings]]
    headline: bool = True


def _places(claim: Statement) -> Iterator[Readings]:
    yield from _spans(claim.place)


def _times(claim: Statement) -> Iterator[Readings]:
    yield from _spans(claim.time, claim.attribution.stated_on)


def _quantities(claim: Statement) -> Iterator[Readings]:
    figure = claim.quantity
    if figure is not None:
        narrower = [
            (figure.start + start, figure.start + (number.unit.end if number.unit is not None else number.end))
            for number in quantities.find(figure.text)[:1]
            for start in (number.start, number.number_start)
        ]
        yield tuple(dict.fromkeys(((figure.start, figure.end), *narrower)))


def _sources(claim: Statement) -> Iterator[Readings]:
    for source in claim.attribution.sources:
        spans = [span for span in (source, source.name) if span is not None]
        yield tuple(dict.fromkeys((span.start, span.end) for span in spans))


def _parties(claim: Statement) -> Iterator[Readings]:
    yield from _spans(claim.subject, claim.target)


def _things(claim: Statement) -> Iterator[Readings]:
    yield from _spans(claim.subject, claim.target, _counted(claim))


def _counted(claim: Statement) -> Span | None:
    figure = claim.quantity
    at = figure.text.find(figure.unit) if figure is not None and figure.unit else -1
    if figure is None or figure.unit is None or at < 0:
        return None
    return Mention(text=figure.unit, start=figure.start + at, end=figure.start + at + len(figure.unit))


def _spans(*spans: Span | None) -> Iterator[Readings]:
    yield from (((span.start, span.end),) for span in spans if span is not None)


KINDS: Final = (
    Kind("place", "places", frozenset(("Location",)), _places),
    Kind("time", "times", frozenset(("Temporal",)), _times),
    Kind("quantity", "figures", frozenset(("Quantity", "Money")), _quantities),
    Kind("source", "sources", frozenset(("Organisation", "Person")), _sources),
    Kind("party", "subjects and targets", frozenset(("Organisation", "Person")), _parties, headline=False),
    Kind("thing", "arms and vehicles", frozenset(("MilitaryPlatform", "Vehicle", "Weapon")), _things, headline=False),
)
"""Every kind that is compared. A new one is a row here."""


def gold(sample: Sample, kind: Kind) -> list[Run]:
    """Return where the things of a kind stand, in the order of the text."""
    marked = sample.gold["entities"]
    return sorted((one["start"], one["end"]) for one in marked if one["type"] in kind.types and one["confidence"] >= CONFIDENCE)


def found(claims: Sequence[Statement], kind: Kind) -> list[Readings]:
    """Return the distinct things of a kind that claims hold, in the order of the text."""
    readings: dict[Run, Readings] = {}
    for one in sorted(chain.from_iterable(kind.slots(claim) for claim in claims)):
        readings[one[0]] = one
    return list(readings.values())


def alike(run: Run, readings: Readings) -> float:
    """Return the Dice coefficient of a marked thing with the reading that fits it best."""
    return max(similarity.overlap([run], [reading]) for reading in readings)


def align(ours: Sequence[Run], theirs: Sequence[Readings]) -> list[tuple[int, int]]:
    """Return the pairs that are one thing; both sides must be in the order of the text."""
    scores = [[score if (score := alike(run, readings)) >= LEAST else 0.0 for readings in theirs] for run in ours]
    return [(i, j) for i, j in matching.assign(scores) if scores[i][j]]


def _metrics() -> Iterator[Metric]:
    heads = [kind.name for kind in KINDS if kind.headline]
    matched = {f"{name}.matched": 1.0 for name in heads}
    marked, given = [f"{name}.gold" for name in heads], [f"{name}.predicted" for name in heads]
    yield f1("slot_f1", "places, times, figures and sources (F1)", right=matched, of=(*marked, *given))
    yield Metric("slot_precision", "slots that hold such a thing", matched, dict.fromkeys(given, 1.0))
    yield Metric("slot_recall", "such things that a slot holds", matched, dict.fromkeys(marked, 1.0))
    for kind in KINDS:
        right, of = {f"{kind.name}.matched": 1.0}, (f"{kind.name}.gold", f"{kind.name}.predicted")
        yield f1(f"{kind.name}_f1", f"{kind.label} (F1)", right=right, of=of, group="kinds")
        yield Metric(f"{kind.name}_precision", f"{kind.label}, precision", right, {of[1]: 1}, group="kinds")
        yield Metric(f"{kind.name}_recall", f"{kind.label}, recall", right, {of[0]: 1}, group="kinds")


@dataclass(frozen=True, slots=True)
class EntityScorer:
    """Scores what the slots of claims hold; see the module's head for how to read it."""

    metrics: tuple[Metric, ...] = tuple(_metrics())

    def score(self, sample: Sample, prediction: Prediction) -> Score:
        """Return how the things in slots compare with those marked in ``sample``."""
        tally = Tally()
        rows: list[Row] = []
        for kind in KINDS:
            ours, theirs = gold(sample, kind), found(prediction.claims, kind)
            pairs = align(ours, theirs)
            matched, taken = {i for i, _ in pairs}, {j for _, j in pairs}
            tally.add(f"{kind.name}.gold", len(ours))
            tally.add(f"{kind.name}.predicted", len(theirs))
            tally.add(f"{kind.name}.matched", len(pairs))
            sides: list[tuple[Run | None, Readings | None]] = [(ours[i], theirs[j]) for i, j in pairs]
            sides += [(run, None) for i, run in enumerate(ours) if i not in matched]
            sides += [(None, readings) for j, readings in enumerate(theirs) if j not in taken]
            rows += [_row(sample.document.text, kind, *both) for both in sides]
        return Score(counts=tally.frozen(), rows=tuple(sorted(rows, key=_position)))


def _row(text: str, kind: Kind, run: Run | None, readings: Readings | None) -> Row:
    known = {"gold": run, "predicted": readings[0] if readings is not None else None}
    places = {side: place for side, place in known.items() if place is not None}
    labels = {side: f"{kind.name} {place[0]}-{place[1]}" for side, place in places.items()}
    shown = {side: text[slice(*place)] for side, place in places.items()}
    score = alike(run, readings) if run is not None and readings is not None else None
    outcome = "right" if score is not None else "omitted" if run is not None else "invented"
    cell = Cell(field=kind.name, outcome=outcome, similarity=score, gold=shown.get("gold"), predicted=shown.get("predicted"))
    return Row(
        kind="matched" if score is not None else "missed" if run is not None else "invented",
        gold=labels.get("gold"),
        predicted=labels.get("predicted"),
        score=score,
        strict=score is not None,
        cells=(cell,),
        tags={"kind": kind.name},
        places={side: (place,) for side, place in places.items()},
        shown=shown,
    )


def _position(row: Row) -> tuple[int, str, str, str]:
    first = min((start for places in row.places.values() for start, _ in places), default=0)
    return first, row.kind, row.gold or "", row.predicted or ""
