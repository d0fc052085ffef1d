"""The built-in profile: claims of news articles."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from extractor.claims import (
    Attribution,
    Claim,
    ClaimType,
    Measure,
    Outcome,
    Quantity,
    Source,
    StatedOn,
    Time,
    Verification,
)
from extractor.documents import Document, Mention, Sentence, Span
from extractor.grounding import mention, span
from extractor.normalise import (
    attribution,
    duplicates,
    measures,
    names,
    outcomes,
    polarity,
    quantities,
    subjects,
    times,
    units,
    verification,
)
from extractor.profiles import claims_grammar
from extractor.profiles.base import Draft, Found, Profile, Results

_WEIGHT: Final = ("not_verified", "disputed", "denied", "verified")
"""What an article says of one claim, the weightiest last: a denial tells more than that nobody could check."""
_CONTEXT: Final = 800
"""How far back, in code points, a date in the text is what "the next day" refers to."""


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
    claims = duplicates.merge(_named(document, [_claim(document, item) for item in found]))
    verifications = _verifications(document, split, claims)
    ranked = sorted(verifications, key=lambda checked: _WEIGHT.index(checked.status))
    by_claim = {name: checked for checked in ranked for name in checked.claims}
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
    quantity = _quantity(figure, evidence) if figure else None
    said = _attribution(document, found)
    became = outcomes.kind_of(outcome.text)
    return Claim(
        id=_identity(document, draft, sentence, found.grounded.slots),
        type=outcomes.type_of(became, quantity.kind if quantity else None, draft.type),
        attribution=said,
        subject=_subject(found, evidence, outcome, slots.get("subject")),
        outcome=Outcome(**outcome.model_dump(), kind=became),
        target=slots.get("target"),
        polarity=polarity.polarity(evidence.text, outcome.start - evidence.start, outcome.end - evidence.start),
        quantity=quantity,
        measure=_measure(when, figure, evidence),
        time=_time(when, document, evidence, said.stated_on) if when else None,
        place=slots.get("place"),
        evidence=(evidence,),
        provenance=found.provenance,
    )


def _subject(found: Found, evidence: Span, outcome: Mention, drafted: Mention | None) -> Mention | None:
    """Return who it is about: beside a verb of loss whoever stands before it, so that no side's losses go to the other."""
    place = subjects.loser(evidence.text, outcome.start - evidence.start, outcome.end - evidence.start)
    if place is None:
        return drafted
    start, end = evidence.start + place[0], evidence.start + place[1]
    if drafted is not None and drafted.start < end and start < drafted.end:
        return drafted
    return mention(found.window, start, end)


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
        sources=tuple(_source(found, sentence.start, *link) for link in names.chain(text, place)),
        cue=at((cue.start, cue.end)) if cue else None,
        channel=at(attribution.channel(text, cue)) if cue else None,
        stated_on=_stated_on(document, said_on) if said_on else None,
        stance=attribution.stance_of(text[cue.start : cue.end]) if cue else None,
        quotation=_quotation(text, outcome.start - sentence.start) if sentence.start <= outcome.start < sentence.end else None,
        voice="attributed",
    )


def _source(found: Found, base: int, start: int, end: int) -> Source:
    whole = mention(found.window, base + start, base + end)
    taken = names.parts(whole.text)

    def part(place: tuple[int, int] | None) -> Span | None:
        if place is None:
            return None
        return Span(text=whole.text[slice(*place)], start=whole.start + place[0], end=whole.start + place[1])

    return Source(
        **whole.model_dump(),
        kind=attribution.kind_of(whole.text),
        name=part(taken.name),
        title=part(taken.title),
        affiliation=part(taken.affiliation),
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


def _time(when: Mention, document: Document, evidence: Span, stated: StatedOn | None) -> Time:
    before = evidence.text[: max(0, when.start - evidence.start)]
    context = _date_before(document, when.start)
    found = times.explained(when.text, published=document.published, context=context, ahead=times.looks_ahead(before))
    if found is not None and found[0] in times.LOOKS_BACK and stated is not None and stated.date not in (None, document.published):
        # what somebody said on Tuesday of "the past day" looks back from Tuesday
        found = found[0], replace((times.explained(when.text, published=stated.date) or found)[1], basis="context")
    if found is None:
        return Time(**when.model_dump())
    days = found[1]
    return Time(**when.model_dump(), start_date=days.start, end_date=days.end, basis=days.basis, granularity=days.granularity)


def _date_before(document: Document, at: int) -> date | None:
    """Return the day that the text named last before ``at``, within the reach of a paragraph or two."""
    text = document.text[max(document.body_start, at - _CONTEXT) : at]
    for start, end in reversed(times.find(text)):
        days = times.resolve(text[start:end], published=document.published)
        if days is not None and days.start is not None and days.start == days.end:
            return days.start
    return None


def _measure(when: Mention | None, figure: Mention | None, evidence: Span) -> Measure | None:
    if figure is None:
        return None
    told = measures.measure(when.text if when else None, evidence.text, figure.start - evidence.start, figure.end - evidence.start)
    return told[1] if told is not None else None


def _named(document: Document, claims: Sequence[Claim]) -> Sequence[Claim]:
    """Return the claims with the sources' full names: a later mention takes that of the first."""
    mentions = sorted({(source.start, source.text) for claim in claims for source in claim.attribution.sources})
    known: dict[int, str] = {}
    for start, words in mentions:
        known[start] = names.canonical(words, list(known.values()), document.text)

    def full(source: Source) -> Source:
        name = known[source.start]
        return source.model_copy(update={"canonical": name, "kind": source.kind or attribution.kind_of(name)})

    return [claim.with_sources(full(source) for source in claim.attribution.sources) for claim in claims]


def _verifications(document: Document, split: Sequence[Sentence], claims: Sequence[Claim]) -> tuple[Verification, ...]:
    paragraphs = {sentence.start: sentence.paragraph for sentence in split}
    found = []
    for sentence in split:
        text = document.text[sentence.start : sentence.end]
        said = verification.find(text)
        if said is None:
            continue
        by = Mention(text=text[slice(*said.by)], start=sentence.start + said.by[0], end=sentence.start + said.by[1]) if said.by else None
        before = [
            verification.Candidate(
                claim.id,
                paragraphs[first.start],
                claim.quantity is not None,
                first.start == sentence.start,
                " ".join(source.text for source in claim.attribution.sources),
            )
            for claim in claims
            for first in claim.evidence[:1]
            if first.start <= sentence.start
        ]
        covered = verification.covers(text, said.status, by.text if by else "", sentence.paragraph, before)
        evidence = Span(text=text, start=sentence.start, end=sentence.end)
        found.append(Verification(status=said.status, by=by, evidence=evidence, claims=covered))
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
