"""Event templates (muc4): incidents with a type and slots of fillers, against answer keys that allow several wordings.

Templates pair one to one, and only where their types agree; within a pair, the fillers of a slot pair one to one (``entities_muc`` says
when two are the same). Of all assignments the one with the most right fillers is taken, then the one with the most alike, then the one that
brings the fewest fillers of optional gold below the line. The type is a slot of its own: right in every pair, and in no other template. An
optional template or filler that is not found leaves the denominator; an optional template that is found is measured like any other.

Rules: MUC-4 template documentation, section 4.2 (wordings, optional); Du, Rush and Cardie 2021, "Template Filling with Generative
Transformers" (types must agree, the type is a slot, micro average). Their scorer lets several fillers answer one, and one several, and
takes each article's mapping with the best F1, ours the one with the most right fillers; tests/test_suite_muc4.py says how near the two are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from evals.profiles.muc4_templates import by_rules
from evals.scorers import entities_muc
from evals.scorers.entities_muc import ALIKE, RIGHT, SLOTS, Fill
from extractor.evaluation import matching
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Cell, CellOutcome, Metric, Prediction, Row, RowKind, Score, Tally, f1
from extractor.segmentation import sentences

_ERRORS: Final = {
    "wrong_type": ("fillers right, type wrong, per template found", "predicted"),
    "split": ("one incident told as several, per template found", "predicted"),
    "merged": ("incident missed, its fillers told of another, per template annotated", "gold"),
}
"""What goes wrong with whole templates: its label, and the side it is counted of."""


@dataclass(frozen=True, slots=True, order=True)
class Template:
    """One incident.

    Attributes:
        types: What it may be called; of a template that was found, the one thing it is called.
        slots: Its fillers, in the order of ``SLOTS``, each slot sorted.
        optional: Whether not finding it is no fault.
    """

    types: tuple[str, ...]
    slots: tuple[tuple[Fill, ...], ...]
    optional: bool = False

    @property
    def fills(self) -> tuple[Fill, ...]:
        """All of its fillers."""
        return tuple(fill for slot in self.slots for fill in slot)

    def has_type_of(self, other: Template) -> bool:
        """Tell whether the types agree."""
        return not set(self.types).isdisjoint(other.types)

    def shares_a_filler_with(self, other: Template) -> bool:
        """Tell whether a filler of a slot is the same as one of that slot of ``other``."""
        return any(one.is_same(two) for ours, theirs in zip(self.slots, other.slots, strict=True) for one in ours for two in theirs)


@dataclass(frozen=True, slots=True)
class Compared:
    """One slot of a template of the key beside that slot of one that was found; either may be nobody's and so empty.

    Attributes:
        ours: Fillers of the key that count: required ones, and optional ones that are right.
        theirs: Fillers found.
        right: How many are the same.
        alike: How many are the same or alike.
        more: Optional fillers that are alike and not the same, so that they count where being alike does.
    """

    ours: tuple[Fill, ...]
    theirs: tuple[Fill, ...]
    right: int
    alike: int
    more: int


def gold(sample: Sample) -> list[Template]:
    """Return the templates of the answer key, in an order that their content alone decides."""
    return sorted(
        Template(
            types=tuple(sorted({entities_muc.normal(choice["value"]) for fill in record["type"] for choice in fill["any_of"]})),
            slots=tuple(entities_muc.keyed(record, slot) for slot in SLOTS),
            optional=bool(record.get("optional")),
        )
        for record in sample.gold["templates"]
    )


def found(records: Sequence[Mapping[str, Any]]) -> list[Template]:
    """Return the templates that records state, in an order that their content alone decides."""
    return sorted(
        Template((entities_muc.normal(record["type"]),), tuple(entities_muc.told(record.get(slot, ())) for slot in SLOTS))
        for record in records
    )


def compare(ours: Sequence[Fill], theirs: Sequence[Fill]) -> Compared:
    """Return two slots side by side; both must be sorted."""
    pairs = entities_muc.pairs(ours, theirs)
    same = {i for i, j in pairs if ours[i].is_same(theirs[j])}
    more = sum(ours[i].optional for i, _ in pairs if i not in same)
    counted = tuple(fill for i, fill in enumerate(ours) if i in same or not fill.optional)
    return Compared(counted, tuple(theirs), len(same), len(pairs), more)


def align(ours: Sequence[Template], theirs: Sequence[Template]) -> dict[tuple[int, int], tuple[Compared, ...]]:
    """Return the pairs of templates that are one incident, with their slots side by side; both sides must be in their own order."""
    looked = {
        (i, j): tuple(compare(*slots) for slots in zip(one.slots, other.slots, strict=True))
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
        if one.has_type_of(other)
    }
    scores = [[_worth(one, looked.get((i, j))) for j in range(len(theirs))] for i, one in enumerate(ours)]
    return {pair: looked[pair] for pair in matching.assign(scores) if pair in looked}


def _worth(one: Template, slots: tuple[Compared, ...] | None) -> float:
    if slots is None:
        return 0.0
    brought = sum(fill.optional or one.optional for slot in slots for fill in slot.ours) + one.optional
    return sum(RIGHT * slot.right + ALIKE * slot.alike for slot in slots) + RIGHT + ALIKE - brought


def _metrics() -> Iterator[Metric]:
    of = ("gold", "predicted")
    yield f1("slot_micro_f1", "fillers right, type included (micro F1)", right={"right": 1}, of=of)
    yield Metric("slot_precision", "fillers right, of those found", {"right": 1}, {"predicted": 1})
    yield Metric("slot_recall", "fillers right, of those annotated", {"right": 1}, {"gold": 1})
    yield f1("slot_alike_f1", "fillers right or alike: one's words a run of the other's (micro F1)", right={"alike": 1}, of=(*of, "more"))
    yield f1(
        "ceaf_ree_f1",
        "entities of a role over the article (CEAF-REE micro F1)",
        right={"entities.right": 1},
        of=("entities.gold", "entities.predicted"),
    )
    for slot, label in {"type": "incidents by type", **SLOTS}.items():
        yield f1(f"{slot}_f1", f"{label} (F1)", right={f"{slot}.right": 1}, of=(f"{slot}.gold", f"{slot}.predicted"), group="fields")
    yield Metric("alarms", "incidents found in an article without any", {"alarms": 1}, {"quiet": 1}, higher=False, group="errors")
    for name, (label, side) in _ERRORS.items():
        yield Metric(f"error_{name}", label, {f"error.{name}": 1}, {f"type.{side}": 1}, higher=False, group="errors")


@dataclass(frozen=True, slots=True)
class _Line:
    """A template of the key and one found that are one incident, or either alone, with what went wrong."""

    ours: Template | None
    theirs: Template | None
    slots: tuple[Compared, ...]
    errors: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it stands below the line: all but optional incidents that were not found."""
        return self.theirs is not None or (self.ours is not None and not self.ours.optional)


@dataclass(frozen=True, slots=True)
class TemplateScorer:
    """Scores event templates; see the module's head for what is right."""

    metrics: tuple[Metric, ...] = tuple(_metrics())

    def score(self, sample: Sample, prediction: Prediction) -> Score:
        """Return how the templates found compare with the answer key; a row is ``strict`` where every filler is right."""
        ours, theirs = gold(sample), found(prediction.records)
        lines = list(_lines(ours, theirs))
        tally = Tally()
        for line in lines:
            if line.counts:
                _count(tally, line)
        _count_entities(tally, ours, theirs)
        tally.add("quiet", not ours)
        tally.add("alarms", 0 if ours else len(theirs))
        return Score(counts=tally.frozen(), rows=tuple(sorted(map(_row, lines), key=_position)))


def _lines(ours: Sequence[Template], theirs: Sequence[Template]) -> Iterator[_Line]:
    paired = align(ours, theirs)
    matched, taken = {i for i, _ in paired}, {j for _, j in paired}
    yield from (_Line(ours[i], theirs[j], slots) for (i, j), slots in paired.items())
    for i, one in enumerate(ours):
        if i not in matched:
            merged = not one.optional and any(one.shares_a_filler_with(theirs[j]) for j in taken)
            yield _Line(one, None, tuple(compare(fills, ()) for fills in one.slots), ("merged",) if merged else ())
    for j, other in enumerate(theirs):
        if j not in taken:
            sharing = [i for i, one in enumerate(ours) if one.shares_a_filler_with(other)]
            split = any(i in matched and ours[i].has_type_of(other) for i in sharing)
            mistyped = any(i not in matched for i in sharing)
            errors = ("split",) if split else ("wrong_type",) if mistyped else ()
            yield _Line(None, other, tuple(compare((), fills) for fills in other.slots), errors)


def _count(tally: Tally, line: _Line) -> None:
    ours, theirs = line.ours is not None, line.theirs is not None
    _add(tally, "type", ours, theirs, ours and theirs)
    tally.add("alike", ours and theirs)
    for name, slot in zip(SLOTS, line.slots, strict=True):
        _add(tally, name, len(slot.ours), len(slot.theirs), slot.right)
        tally.add("alike", slot.alike)
        tally.add("more", slot.more)
    for error in line.errors:
        tally.add(f"error.{error}")


def _add(tally: Tally, name: str, ours: int, theirs: int, right: int) -> None:
    for kind, number in (("gold", ours), ("predicted", theirs), ("right", right)):
        tally.add(kind, number)
        tally.add(f"{name}.{kind}", number)


def _count_entities(tally: Tally, ours: Sequence[Template], theirs: Sequence[Template]) -> None:
    for index in range(len(SLOTS)):
        key = [replace(fill, optional=fill.optional or one.optional) for one in ours for fill in one.slots[index]]
        answer = [fill for other in theirs for fill in other.slots[index]]
        for kind, number in zip(("right", "gold", "predicted"), entities_muc.ceaf(key, answer), strict=True):
            tally.add(f"entities.{kind}", number)


def _row(line: _Line) -> Row:
    sides = {side: template for side, template in (("gold", line.ours), ("predicted", line.theirs)) if template is not None}
    both = len(sides) == 2
    types = [sides[side].types[0] if side in sides else None for side in ("gold", "predicted")]
    cells = (_cell("type", types[0], types[1], float(both)), *map(_slot_cell, SLOTS, line.slots))
    total = sum(len(slot.ours) + len(slot.theirs) for slot in line.slots)
    return Row(
        kind=_kind(line),
        **{side: f"{template.types[0]} {_start(template)}" for side, template in sides.items()},
        score=2 * (sum(slot.right for slot in line.slots) + 1) / (total + 2) if both else None,
        strict=both and all(cell.outcome in ("right", "empty") for cell in cells),
        cells=cells,
        errors=line.errors,
        tags={"type": next(iter(sides.values())).types[0]},
        places={side: _places(template) for side, template in sides.items()},
        shown={side: _shown(template) for side, template in sides.items()},
    )


def _kind(line: _Line) -> RowKind:
    if line.ours is None:
        return "duplicate" if "split" in line.errors else "invented"
    if line.theirs is None:
        return "optional" if line.ours.optional else "missed"
    return "matched"


def _slot_cell(name: str, slot: Compared) -> Cell:
    ours, theirs = ("; ".join(fill.shown for fill in fills) or None for fills in (slot.ours, slot.theirs))
    return _cell(name, ours, theirs, 2 * slot.right / max(1, len(slot.ours) + len(slot.theirs)))


def _cell(name: str, ours: str | None, theirs: str | None, similarity: float) -> Cell:
    outcome: CellOutcome = "right" if similarity == 1 else "wrong"
    if ours is None or theirs is None:
        outcome = "omitted" if ours is not None else "invented" if theirs is not None else "empty"
    alike = similarity if ours is not None and theirs is not None else None
    return Cell(field=name, outcome=outcome, similarity=alike, gold=ours, predicted=theirs)


def _places(template: Template) -> tuple[tuple[int, int], ...]:
    return tuple(sorted({place for fill in template.fills for place in fill.places}))


def _start(template: Template) -> str:
    return next((str(start) for start, _ in _places(template)), "")


def _shown(template: Template) -> str:
    slots = (f"{name}: {'; '.join(fill.shown for fill in fills)}" for name, fills in zip(SLOTS, template.slots, strict=True) if fills)
    return ", ".join((template.types[0], *slots))


def _position(row: Row) -> tuple[int, str, str, str]:
    first = min((start for places in row.places.values() for start, _ in places), default=0)
    return first, row.kind, row.gold or "", row.predicted or ""


def floor(sample: Sample) -> Prediction:
    """Return what the profile's rules find without a model; the best rule known for this set."""
    found_by_rules = by_rules(sample.document, sentences(sample.document))
    return Prediction(records=[template.model_dump(mode="json") for template in found_by_rules])
