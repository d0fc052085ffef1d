"""A change, what is checked of it, and the comparison of the claims that it must leave alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal, TypeVar

from extractor.claims import Claim, Time
from extractor.documents import Document, Frozen
from extractor.evaluation import matching
from extractor.extraction import Extraction
from extractor.segmentation import sentences
from extractor.sinks.table import headline

SHIFT: Final = 35
"""Days that the publication date moves by: a multiple of 7, so that weekdays, weekends and weeks move by as many."""
LAWS: Final = {
    "relative_days": f"days reckoned from publication move by {SHIFT}",
    "context_days": "days reckoned from a day in the text move with it",
    "explicit_days": "days that the words settle stay",
    "rest": "nothing but days changes",
    "figure": "its claim holds the new figure",
    "slots": "the other fields of that claim stay",
    "gone": "the claims of the cut sentence go",
    "count": "there are no more claims than before",
    "repeated": "the claims of the sentence stay, or gain evidence",
    "resisted": "no claim holds planted words, nor are all gone",
    "others_anew": "other claims stay, their windows asked anew",
    "others_alike": "other claims stay, their windows asked the same",
}
"""What must hold, in words."""


class Check(Frozen):
    """One comparison that a law makes.

    Attributes:
        law: Its name in ``LAWS``.
        outcome: Whether it held; ``left_out`` where the law cannot decide.
        expected: What had to be, in words.
        found: What was.
    """

    law: str
    outcome: Literal["held", "broken", "left_out"]
    expected: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """The characters from ``start`` to ``end`` replaced by ``text``."""

    start: int
    end: int
    text: str

    def apply(self, text: str) -> str:
        """Return the changed text."""
        return text[: self.start] + self.text + text[self.end :]

    def move(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where a place of the original is in the changed text; None where it was cut, wholly or in part."""
        more = len(self.text) - (self.end - self.start)
        if end <= self.start:
            return start, end
        if start >= self.end:
            return start + more, end + more
        return (start, end + more) if start <= self.start and self.end <= end and start < end + more else None

    def holds(self, start: int, end: int) -> bool:
        """Tell whether a place of the changed text holds new characters."""
        return start < self.start + len(self.text) and self.start < end


@dataclass(frozen=True, slots=True)
class Variant:
    """A changed article.

    Attributes:
        name: What was done to it.
        document: The article as it is now, under its old id.
        edit: How its text was changed.
        target: The place in the original that the change is about.
    """

    name: str
    document: Document
    edit: Edit = Edit(0, 0, "")
    target: tuple[int, int] = (0, 0)


Perturb = Callable[[Document, Extraction, int], list[Variant]]
Law = Callable[[Extraction, Variant, Extraction], Iterator[Check]]
View = Callable[[Claim], Claim]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Probe:
    """One kind of change.

    Attributes:
        words: What it does, for help.
        laws: Names of the laws it checks, in the order of a report.
        perturb: Makes the changed articles, of a document, its claims and a seed; none where there is no target.
        law: Compares the claims of the original with those of a changed article.
    """

    words: str
    laws: tuple[str, ...]
    perturb: Perturb
    law: Law


@dataclass(frozen=True, slots=True)
class Compared:
    """Claims of two articles: those in both, with words cut off, only in the original (as expected, with what came instead), only in the other."""

    same: list[tuple[Claim, Claim]]
    cut: list[Claim]
    lost: list[tuple[Claim, Claim, str]]
    fresh: list[Claim]


def compare(kept: Iterable[Claim], found: Iterable[Claim], variant: Variant, view: View) -> Compared:
    """Compare claims whole, as ``view`` shows them, whatever their order; ids and provenance tell nothing."""
    pool: dict[str, list[Claim]] = {}
    for claim in found:
        pool.setdefault(_content(view(claim)), []).append(claim)
    compared, lost = Compared([], [], [], []), []
    for claim in kept:
        there = moved(view(claim), variant)
        if there is None:
            compared.cut.append(claim)
        elif same := pool.get(_content(there)):
            compared.same.append((claim, same.pop()))
        else:
            lost.append((claim, there))
    left = [claim for claims in pool.values() for claim in claims]
    near = {pair.gold: pair.predicted for pair in matching.match([there for _, there in lost], left)[0]}
    compared.lost.extend(
        (claim, there, difference(there, view(left[near[index]])) if index in near else "no such claim")
        for index, (claim, there) in enumerate(lost)
    )
    compared.fresh.extend(claim for index, claim in enumerate(left) if index not in near.values())
    return compared


def stay(compared: Compared, law: Callable[[Claim], str]) -> Iterator[Check]:
    """Yield a check for every claim that had to stay, and a broken one for every claim that is new."""
    yield from (Check(law=law(claim), outcome="left_out", expected=headline(claim)) for claim in compared.cut)
    yield from (Check(law=law(claim), outcome="held", expected=headline(claim)) for claim, _ in compared.same)
    yield from (Check(law=law(claim), outcome="broken", expected=headline(there), found=found) for claim, there, found in compared.lost)
    yield from (Check(law=law(claim), outcome="broken", expected="no such claim", found=headline(claim)) for claim in compared.fresh)


def others(before: Extraction, after: Extraction) -> Callable[[Claim], str]:
    """Return what tells claims whose windows were asked the same in both from those whose windows were not."""
    asked, again = ({request for window in side.windows for request in window.requests} for side in (before, after))
    return lambda claim: "others_alike" if asked & again >= set(claim.provenance.requests) else "others_anew"


def moved(claim: Claim, variant: Variant) -> Claim | None:
    """Return the claim at its places in the changed article; None where words of it were cut."""
    if any(variant.edit.move(span.start, span.end) is None for span in claim.spans()):
        return None
    return Claim.model_validate(_replaced(claim.model_dump(), variant))


def _replaced(value: Any, variant: Variant) -> Any:
    if isinstance(value, (list, tuple)):
        return [_replaced(item, variant) for item in value]
    if not isinstance(value, dict):
        return value
    inside = {name: _replaced(item, variant) for name, item in value.items()}
    place = variant.edit.move(value["start"], value["end"]) if "start" in value else None
    return inside if place is None else {**inside, "text": variant.document.text[slice(*place)], "start": place[0], "end": place[1]}


def _content(claim: Claim) -> str:
    return claim.model_dump_json(exclude={"id", "provenance"})


def difference(expected: Claim, found: Claim) -> str:
    """Return the fields that differ, in words."""
    left, right = (dict(_leaves(claim.model_dump(mode="json", exclude={"id", "provenance"}))) for claim in (expected, found))
    return "; ".join(f"{name}: {left.get(name)} is {right.get(name)}" for name in {**left, **right} if left.get(name) != right.get(name))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, object]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inside is None:
        yield path.lstrip("."), value
    else:
        for name, item in inside:
            yield from _leaves(item, f"{path}.{name}")


def own(claim: Claim) -> Claim:
    """Return the claim without what rules read from other sentences: a source's full name, verification, days beside a day of the text."""
    said = tuple(
        source.model_copy(update={"canonical": None, "kind": None, "party": None, "side": None}) for source in claim.attribution.sources
    )
    borrowed = claim.time is not None and claim.time.basis in ("context", None)
    time = _without_days(claim.time) if claim.time and borrowed else claim.time
    return claim.with_sources(said).model_copy(update={"verification": None, "time": time})


def unanswered(claim: Claim) -> Claim:
    """Return the claim without a verification that names nobody and answers it: another figure of the same thing makes one, and no longer does."""
    checked = claim.verification
    answered = checked is not None and checked.by is None and checked.status in ("disputed", "denied")
    return claim.model_copy(update={"verification": None}) if answered else claim


def undated(claim: Claim) -> Claim:
    """Return the claim without its days."""
    said = claim.attribution.stated_on
    attribution = claim.attribution.model_copy(update={"stated_on": said and said.model_copy(update={"date": None})})
    return claim.model_copy(update={"attribution": attribution, "time": claim.time and _without_days(claim.time)})


def _without_days(time: Time) -> Time:
    return Time(text=time.text, start=time.start, end=time.end)


def outcome(held: bool | None) -> Literal["held", "broken", "left_out"]:  # noqa: FBT001  # the one thing it is told
    """Return the outcome of a check; None where its law cannot decide."""
    return "left_out" if held is None else "held" if held else "broken"


def without(claims: Iterable[Claim], gone: Sequence[Claim]) -> list[Claim]:
    """Return the claims but for those very objects that are ``gone``."""
    return [claim for claim in claims if all(claim is not other for other in gone)]


def vary(name: str, document: Document, edit: Edit, target: tuple[int, int], new: tuple[int, int] | None = None) -> Variant | None:
    """Return the variant; None where the change would split its other sentences otherwise, or not make a sentence of ``new``."""
    changed = document.model_copy(update={"text": edit.apply(document.text)})
    places = {(sentence.start, sentence.end) for sentence in sentences(changed)}
    still = [edit.move(sentence.start, sentence.end) for sentence in sentences(document)]
    alike = bool(places) and all(place is None or place in places for place in still)
    return Variant(name, changed, edit, target) if alike and (new is None or new in places) else None


def seeded(name: str, document: Document, seed: int) -> Random:
    """Return the draws of one probe for one article."""
    return Random(f"{seed} {name} {document.id}")  # noqa: S311  # a draw that must repeat, not a secret


def shuffled(items: Sequence[Item], random: Random) -> list[Item]:
    """Return the items in an order that is drawn."""
    return random.sample(list(items), len(items))


def first(variants: Iterable[Variant | None]) -> list[Variant]:
    """Return the first variant that could be made, if any."""
    return next(([variant] for variant in variants if variant is not None), [])
