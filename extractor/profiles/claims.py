"""The built-in profile: claims of news articles."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from extractor.claims import (
    Attribution,
    Claim,
    ClaimType,
    Quantity,
    Source,
    StatedOn,
    Time,
    Verification,
)
from extractor.documents import Document, Mention, Sentence, Span
from extractor.grounding import mention, span
from extractor.normalise import attribution, duplicates, polarity, quantities, times, units, verification
from extractor.profiles import claims_grammar
from extractor.profiles.base import Draft, Found, Profile, Results


class ClaimDraft(Draft):
    """One claim as the model writes it; the keys' order is the order it is asked for."""

    local: ClassVar[frozenset[str]] = frozenset(("outcome", "quantity"))
    labels: ClassVar[frozenset[str]] = frozenset(("type",))

    source: str | None = Field(default=None, max_length=300)
    subject: str | None = Field(default=None, max_length=300)
    outcome: str = Field(pattern=r"\w", max_length=300)
    quantity: str | None = Field(default=None, max_length=300)
    target: str | None = Field(default=None, max_length=300)
    time: str | None = Field(default=None, max_length=300)
    place: str | None = Field(default=None, max_length=300)
    type: ClaimType


class ClaimAnswer(BaseModel):
    """A whole answer about one window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: list[ClaimDraft] = Field(max_length=60)


def finish(document: Document, split: Sequence[Sentence], found: Sequence[Found]) -> Results:
    """Return the claims the drafts make, repetitions joined, bound to what the article says of their verification."""
    claims = duplicates.merge(_claim(document, item) for item in found)
    verifications = _verifications(document, split, claims)
    by_claim = {name: checked for checked in verifications for name in checked.claims}
    bound = tuple(
        claim.model_copy(update={"verification": by_claim[claim.id].model_copy(update={"claims": ()})}) if claim.id in by_claim else claim
        for claim in claims
    )
    return Results(bound, verifications)


def _claim(document: Document, found: Found) -> Claim:
    draft, slots, sentence = found.draft, found.grounded.slots, found.grounded.sentence
    assert isinstance(draft, ClaimDraft)
    evidence = span(found.window, sentence)
    outcome, figure, when = slots["outcome"], slots.get("quantity"), slots.get("time")
    return Claim(
        id=_identity(document, draft, sentence, found.grounded.slots),
        type=draft.type,
        attribution=_attribution(document, found),
        subject=slots.get("subject"),
        outcome=outcome,
        target=slots.get("target"),
        polarity=polarity.polarity(evidence.text, outcome.start - evidence.start, outcome.end - evidence.start),
        quantity=_quantity(figure, evidence) if figure else None,
        measure=_measure(when),
        time=_time(when, document) if when else None,
        place=slots.get("place"),
        evidence=(evidence,),
        provenance=found.provenance,
    )


def _identity(document: Document, draft: ClaimDraft, sentence: Sentence, slots: Mapping[str, Mention]) -> str:
    places = ",".join(f"{slot.start}-{slot.end}" for slot in slots.values())
    known = f"{document.id}|{draft.type}|{sentence.start}-{sentence.end}|{places}"
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _attribution(document: Document, found: Found) -> Attribution:
    source, outcome = found.grounded.slots.get("source"), found.grounded.slots["outcome"]
    if source is None:
        return Attribution(voice="outlet")
    sentence = next(s for s in found.window.sentences if s.start <= source.start < s.end)
    text = document.text[sentence.start : sentence.end]
    place = (source.start - sentence.start, source.end - sentence.start)

    def at(inside: tuple[int, int] | None) -> Mention | None:
        return mention(found.window, sentence.start + inside[0], sentence.start + inside[1]) if inside else None

    cue = attribution.cue_of(text, place)
    said_on = at(attribution.stated_on(text, cue, place)) if cue else None
    return Attribution(
        sources=(Source(**source.model_dump(), kind=attribution.kind_of(source.text)),),
        cue=at((cue.start, cue.end)) if cue else None,
        channel=at(attribution.channel(text, cue)) if cue else None,
        stated_on=_stated_on(document, said_on) if said_on else None,
        stance=attribution.stance_of(text[cue.start : cue.end]) if cue else None,
        quotation=_quotation(text, outcome.start - sentence.start) if sentence.start <= outcome.start < sentence.end else None,
        voice="attributed",
    )


def _stated_on(document: Document, said: Mention) -> StatedOn:
    days = times.resolve(said.text, published=document.published)
    day = days.start if days is not None and days.start == days.end else None
    return StatedOn(**said.model_dump(), date=day)


def _quotation(text: str, at: int) -> Literal["direct", "indirect", "mixed"]:
    quoted = [match.span() for match in re.finditer(r"[\"\u201c][^\"\u201c\u201d]*[\"\u201d]", text)]
    if not quoted:
        return "indirect"
    inside = any(start <= at < end for start, end in quoted)
    whole = inside and any(end - start > len(text) / 2 for start, end in quoted)
    return "direct" if whole else "mixed"


def _quantity(figure: Mention, evidence: Span) -> Quantity:
    start, end = figure.start - evidence.start, figure.end - evidence.start
    number = next(n for n in quantities.find(evidence.text) if start <= n.number_start and n.end <= end)
    unit = " ".join(evidence.text[number.end : end].split())
    meant = {"low": number.low, "high": number.high, "value": number.value, "comparator": number.comparator}
    kind = number.unit.kind if number.unit is not None else units.kind_of(unit)
    stated = number.value if number.value is not None else number.low
    si = units.to_si(stated, number.unit.name) if number.unit and number.unit.name and stated is not None else None
    si_value, si_unit = si or (None, None)
    return Quantity.model_validate(
        {**figure.model_dump(), **meant, "unit": unit or None, "kind": kind, "si_value": si_value, "si_unit": si_unit}
    )


def _time(when: Mention, document: Document) -> Time:
    days = times.resolve(when.text, published=document.published)
    meant = {"start_date": days.start, "end_date": days.end, "basis": days.basis} if days else {}
    return Time.model_validate({**when.model_dump(), **meant})


def _measure(when: Mention | None) -> Literal["period", "cumulative", "snapshot"] | None:
    return times.measure(when.text) if when is not None else None


def _verifications(document: Document, split: Sequence[Sentence], claims: Sequence[Claim]) -> tuple[Verification, ...]:
    paragraphs = {sentence.start: sentence.paragraph for sentence in split}
    found = []
    for sentence in split:
        text = document.text[sentence.start : sentence.end]
        status = verification.status(text)
        if status is None:
            continue
        before = [
            (claim.id, paragraphs[first.start], claim.quantity is not None)
            for claim in claims
            for first in claim.evidence[:1]
            if first.start <= sentence.start
        ]
        names = verification.covers(text, sentence.paragraph, before)
        evidence = Span(text=text, start=sentence.start, end=sentence.end)
        found.append(Verification(status=status, evidence=evidence, claims=names))
    return tuple(found)


CLAIMS = Profile(
    name="claims",
    prompt="claims@1",
    draft=ClaimDraft,
    answer=ClaimAnswer,
    asks=claims_grammar.asks,
    grammar=claims_grammar.grammar,
    finish=finish,
)
