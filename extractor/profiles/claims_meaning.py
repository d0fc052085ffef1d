"""What the words of a claim mean: a claim of words at their places, whoever found them, a model or the grammar of the sentence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from extractor.claims import (
    Attribution,
    Claim,
    ClaimProvenance,
    ClaimType,
    Measure,
    Outcome,
    OutcomeKind,
    Quantity,
    Source,
    StatedOn,
    Time,
)
from extractor.documents import Document, Mention, Sentence, Span
from extractor.normalise import (
    attribution,
    chains,
    circumstances,
    claim_types,
    measures,
    outcomes,
    polarity,
    quantities,
    sources,
    subjects,
    times,
    units,
)
from extractor.normalise.spacing import flat
from extractor.profiles import claims_parts as parts
from extractor.profiles.claims_parts import at
from extractor.profiles.claims_screen import without_instructions

_SOME_DAY: Final = date(2000, 1, 3)
_APART: Final = (2, 140)
"""Years between publication and two dates that share no year, decade or century."""
_CONTEXT: Final = 800
"""How far back, in code points, a date in the text is what "the next day" refers to."""

_QUOTED: Final = re.compile(
    r"\u201c[^\u201c\u201d]*\u201d|\"[^\"]*\"|\u2018(?:[^\u2018\u2019]|\u2019(?=\w))*\u2019|(?<!\w)'(?:[^']|'(?=\w))*'(?!\w)"
)

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """Who says it, by places in the document.

    Attributes:
        sentence: The sentence that names who says it.
        sources: The reporting chain; who said it first comes first.
        cue: The word of saying; None where it is still to be found beside the last source.
        stated_on: The day on which it was said, where that is known.
    """

    sentence: Sentence
    sources: tuple[Place, ...]
    cue: Place | None = None
    stated_on: Place | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one claim at their places.

    Attributes:
        document: The article.
        sentence: The sentence that makes the claim.
        slots: Its words by slot: subject, outcome, target, quantity, time, place.
        said: Who says it; None in the outlet's own voice.
        provenance: Where it came from.
        type: The type a model gave it; None where its words decide.
        nominal: Whether the outcome is known to be an adjective or noun behind a form of "be".
    """

    document: Document
    sentence: Sentence
    slots: Mapping[str, Mention]
    said: Said | None
    provenance: ClaimProvenance
    type: ClaimType | None = None
    nominal: bool = False

    def text(self, slot: str) -> str:
        """Return the words of a slot as rules read them; empty where there are none."""
        return flat(self.slots[slot].text) if slot in self.slots else ""


def claim(words: Words) -> Claim:
    """Return the claim that ``words`` make: figures, days, kinds and who says it computed from them."""
    document, slots = words.document, words.slots
    evidence = _whole(document, words.sentence)
    lead = Span(text=flat(evidence.text), start=evidence.start, end=evidence.end)
    outcome, figure, when = slots.get("outcome"), slots.get("quantity"), slots.get("time")
    quantity = _quantity(figure, lead) if figure else None
    said = _attribution(words)
    became = _became(words) if outcome else None
    type_ = _type(words, became, quantity, said)
    return Claim(
        id=_identity(words),
        type=type_,
        attribution=said,
        subject=_subject(words, lead),
        outcome=Outcome(**outcome.model_dump(), kind=became) if outcome else None,
        target=slots.get("target"),
        polarity=_polarity(words, lead),
        quantity=quantity,
        measure=_measure(when, figure, lead),
        time=_time(when, document, lead, said.stated_on, forecast=type_ == "forecast") if when else None,
        place=slots.get("place"),
        evidence=(evidence,),
        provenance=words.provenance,
    )


def _whole(document: Document, sentence: Sentence) -> Span:
    return Span(text=document.text[sentence.start : sentence.end], start=sentence.start, end=sentence.end)


def _became(words: Words) -> OutcomeKind | None:
    """Return what sort of outcome it is: by its own words, else with those it happened to ("suffered burns", "left the city")."""
    outcome = words.text("outcome")
    return outcomes.kind_of(outcome) or next(
        (kind for slot in ("target", "subject") if (kind := outcomes.kind_of(f"{outcome} {words.text(slot)}", whole=True))), None
    )


def named(claims: Sequence[Claim], text: str) -> Sequence[Claim]:
    """Return the claims with what the document as a whole says of their sources: full names, kinds.

    Args:
        claims: Claims of one document.
        text: Its text, with blanks for what is not to be believed.
    """
    mentions = sorted({(source.start, flat(source.text)) for claim in claims for source in claim.attribution.sources})
    known = dict(zip((start for start, _ in mentions), sources.resolve(mentions, flat(text)), strict=True))

    def full(source: Source) -> Source:
        meant = known[source.start]
        return source.model_copy(update={"canonical": meant.canonical, "kind": meant.kind})

    return [claim.with_sources(full(source) for source in claim.attribution.sources) for claim in claims]


def _type(words: Words, became: OutcomeKind | None, quantity: Quantity | None, said: Attribution) -> ClaimType:
    kind = quantity.kind if quantity else None
    if words.type is not None:
        return outcomes.type_of(outcomes.kind_of(words.text("outcome")), kind, words.type)
    return claim_types.claim_type(
        outcome=words.text("outcome"),
        kind=became,
        counted=kind,
        subject=words.text("subject"),
        target=words.text("target"),
        cue=said.cue.text if said.cue else "",
        nominal=words.nominal,
        unit=(quantity.unit or "") if quantity else "",
    )


def _subject(words: Words, lead: Span) -> Mention | None:
    """Return who it is about: beside a verb of loss whoever stands before it, so that no side's losses go to the other."""
    drafted, outcome = words.slots.get("subject"), words.slots.get("outcome")
    if words.type is None or outcome is None:
        return drafted
    place = subjects.loser(lead.text, outcome.start - lead.start, outcome.end - lead.start)
    if place is None:
        return drafted
    start, end = lead.start + place[0], lead.start + place[1]
    if drafted is not None and drafted.start < end and start < drafted.end:
        return drafted
    return at(words.document, start, end)


def _polarity(words: Words, lead: Span) -> Literal["affirmed", "negated"]:
    outcome = words.slots.get("outcome")
    if any(polarity.is_none(words.text(slot)) for slot in ("subject", "target", "quantity")):
        return "negated"
    if outcome is None:
        return "affirmed"
    return polarity.polarity(lead.text, outcome.start - lead.start, outcome.end - lead.start)


def _identity(words: Words) -> str:
    said = words.said.sources if words.said is not None else ()
    places = ",".join(f"{slot}:{mention.start}-{mention.end}" for slot, mention in sorted(words.slots.items()))
    known = f"{words.document.id}|{words.sentence.start}-{words.sentence.end}|{said}|{places}"
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _attribution(words: Words) -> Attribution:
    said, document = words.said, words.document
    if said is None:
        return Attribution(voice="outlet")
    base, text = said.sentence.start, flat(document.text[said.sentence.start : said.sentence.end])
    inside = [(start - base, end - base) for start, end in said.sources]
    if said.cue is not None:
        cue: Place | None = (said.cue[0] - base, said.cue[1] - base)
    else:
        found = attribution.cue_of(text, inside[-1])
        cue = (found.start, found.end) if found is not None else None
    longer = list(chains.chain(text, inside[-1]))
    inside = longer if len(longer) > len(inside) else inside

    def mention(place: Place | None) -> Mention | None:
        return at(document, base + place[0], base + place[1]) if place else None

    whole = attribution.Cue(*cue, None, None) if cue else None
    day = circumstances.day(text, cue, inside[-1]) if cue else None
    said_on = mention(day) or (at(document, *said.stated_on) if said.stated_on else None)
    here = bool(words.slots) and said.sentence.start == words.sentence.start
    return Attribution(
        sources=tuple(parts.source(document, base + start, base + end) for start, end in inside),
        cue=mention(cue),
        channel=mention(attribution.channel(text, whole, inside[-1])) if whole else None,
        stated_on=parts.stated_on(document, said_on) if said_on else None,
        stance=attribution.stance_of(text[slice(*cue)]) if cue else None,
        quotation=_quotation(text, [(m.start - base, m.end - base) for m in words.slots.values()]) if here else None,
        voice="attributed",
    )


def _quotation(text: str, slots: Sequence[Place]) -> Literal["direct", "indirect", "mixed"]:
    """Return how much of what is claimed stands in quotation marks: all of it, some, or nothing.

    A single slot in them may be a phrase of somebody else's in the outlet's sentence: that is all of it only where the quotation is most
    of the sentence.
    """
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    inside = [any(start <= place[0] and place[1] <= end for start, end in quoted) for place in slots]
    touched = any(start < place[1] and place[0] < end for start, end in quoted for place in slots)
    most = 2 * sum(end - start for start, end in quoted) > len(text)
    if touched and all(inside) and (len(slots) > 1 or most):
        return "direct"
    return "mixed" if touched else "indirect"


def _quantity(figure: Mention, lead: Span) -> Quantity:
    start, end = figure.start - lead.start, figure.end - lead.start
    number = next(n for n in quantities.find(lead.text) if start <= n.number_start and n.end <= end)
    unit = " ".join(lead.text[number.end : end].split())
    meant = {"low": number.low, "high": number.high, "value": number.value, "comparator": number.comparator}
    kind = number.unit.kind if number.unit is not None else units.kind_of(unit)
    stated = number.value if number.value is not None else number.low
    si = units.to_si(stated, number.unit.name) if number.unit and number.unit.name and stated is not None else None
    si_value, si_unit = si or (None, None)
    return Quantity.model_validate(
        {**figure.model_dump(), **meant, "unit": unit or None, "kind": kind, "si_value": si_value, "si_unit": si_unit}
    )


def _time(when: Mention, document: Document, lead: Span, stated: StatedOn | None, *, forecast: bool) -> Time:
    published = document.published
    start, end = when.start - lead.start, when.end - lead.start

    def found(context: date | None) -> tuple[str, times.Days] | None:
        if start >= 0 and end <= len(lead.text):
            return times.claimed(lead.text, start, end, published=published, context=context, forecast=forecast)
        return times.explained(when.text, published=published, context=context, ahead=forecast, cut=True)

    return parts.dated(when, document, found(_date_before(document, when.start) if _goes_by_context(found, published) else None), stated)


def _goes_by_context(found: Callable[[date | None], object], published: date | None) -> bool:
    """Tell whether the days of a phrase hang on the date spoken of before it, which takes longer to find than all else of a claim.

    Most do not, and come out alike without such a date and with two that no unit of the calendar has in common.
    """
    last = published or _SOME_DAY
    return len({found(None), *(found(last.replace(year=max(1, last.year - years), day=1)) for years in _APART)}) > 1


def _date_before(document: Document, place: int) -> date | None:
    """Return the day that the text named last before ``place``, within the reach of a paragraph or two."""
    text = flat(without_instructions(document)[max(document.body_start, place - _CONTEXT) : place])
    for start, end in reversed(times.find(text)):
        days = times.resolve(text[start:end], published=document.published)
        if days is not None and days.start is not None and days.start == days.end:
            return days.start
    return None


def _measure(when: Mention | None, figure: Mention | None, lead: Span) -> Measure | None:
    if figure is None:
        return None
    told = measures.measure(flat(when.text) if when else None, lead.text, figure.start - lead.start, figure.end - lead.start)
    return told[1] if told is not None else None
