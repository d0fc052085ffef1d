"""The path of one claim from words to values: what was read where, by which rule, with what result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from extractor.claims import Attribution, Claim, Quantity, Source, StatedOn, Time, Verification
from extractor.documents import Span
from extractor.normalise import bulletins, measures, quantities, times, verification

Reader = Literal["model", "grammar", "bulletin"]
"""Who found the words of a claim."""

_FOUND: Final[dict[Reader, str]] = {
    "model": "copied by the model, found in the text",
    "grammar": "read by the sentence's grammar",
    "bulletin": "read from the list and what introduces it",
}
_SOURCE: Final[dict[Reader, str]] = {
    "model": "phrase beside a word of saying",
    "grammar": "who says it, by the sentence's grammar",
    "bulletin": "phrase beside a word of saying before the list",
}
_TYPE: Final[dict[Reader, str]] = {
    "model": "outcome and what is counted, else as the model says",
    "grammar": "outcome and what is counted, else words of what is to come, of ground, of action, of a judgement",
    "bulletin": "people or things, by what the line counts",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step from words to a value.

    Attributes:
        slot: Name of the slot it fills.
        words: The words it was read from; None where a rule looked at other slots.
        rule: The rule, in words.
        result: The value, in words.
    """

    slot: str
    words: Span | None
    rule: str
    result: str


def explain(claim: Claim, published: dt.date | None, *, parsed: bool = False) -> tuple[Step, ...]:
    """Return the steps that made ``claim``.

    Args:
        claim: The claim.
        published: Publication date of its document.
        parsed: Whether a parser had read the document's sentences, as the extraction's provenance tells.
    """
    return tuple(_steps(claim, published, _reader(claim, parsed=parsed)))


def _reader(claim: Claim, *, parsed: bool) -> Reader:
    """Return who found the claim's words: without a window no model did; rules of bulletins read lines, a parser everything else."""
    if claim.provenance.window is not None:
        return "grammar" if parsed else "model"
    lead, figure = claim.evidence[0], claim.quantity
    listed = figure is not None and any(
        place is not None and lead.start + place[0] <= figure.start < lead.start + place[1]
        for line in bulletins.lines(lead.text)
        for place in (line.figure, line.change)
    )
    return "bulletin" if listed or not parsed else "grammar"


def _steps(claim: Claim, published: dt.date | None, reader: Reader) -> Iterator[Step]:
    lead = claim.evidence[0]
    for span in claim.evidence:
        again = "" if span is lead else ", which repeats the claim"
        yield Step("evidence", span, f"whole sentence{again}", f"code points {span.start} to {span.end}")
    yield from _attribution(claim.attribution, published, reader, agreed=bool(claim.provenance.requests))
    for name in ("subject", "target", "place"):
        span = getattr(claim, name)
        if span is not None:
            yield Step(name, span, _FOUND[reader], span.text)
    if claim.outcome is not None:
        rule = f"{_FOUND[reader]}; table of outcomes, and negation before it or of whom it names"
        yield Step("outcome", claim.outcome, rule, f"{claim.outcome.kind or 'no loss'}, {claim.polarity}")
    yield from _figure(claim, lead)
    if claim.time is not None:
        yield _time(claim.time, claim.attribution.stated_on, published)
    yield Step("type", None, _TYPE[reader], claim.type)
    if claim.verification is not None:
        yield _verification(claim.verification)


def _attribution(said: Attribution, published: dt.date | None, reader: Reader, *, agreed: bool) -> Iterator[Step]:
    for source in said.sources:
        yield from _source(source, _SOURCE[reader])
    if said.voice == "outlet":
        judged = ", and the model calls the figure an event" if reader == "grammar" and agreed else ""
        yield Step("attribution", None, f"nobody is named who says it{judged}", "the outlet's own voice")
    if said.cue is not None:
        yield Step("attribution.cue", said.cue, "word of saying beside the source", f"stance: {said.stance}")
    if said.channel is not None:
        yield Step("attribution.channel", said.channel, "words for a medium behind the word of saying", said.channel.text)
    if said.stated_on is not None:
        yield _dated("attribution.stated_on", said.stated_on, published, str(said.stated_on.date or "unresolved"))
    if said.quotation is not None:
        yield Step("attribution.quotation", None, "how many of its words stand in quotation marks", said.quotation)


def _figure(claim: Claim, lead: Span) -> Iterator[Step]:
    figure = claim.quantity
    if figure is None:
        return
    yield _quantity(figure)
    told = measures.measure(claim.time.text if claim.time else None, lead.text, figure.start - lead.start, figure.end - lead.start)
    yield Step("measure", None, told[0] if told else "no words tell", claim.measure or "unknown")


def _time(when: Time, stated: StatedOn | None, published: dt.date | None) -> Step:
    if when.basis is None:
        return _dated("time", when, published, "unresolved")
    days = f"{when.start_date or 'open'} to {when.end_date or 'open'} ({when.basis}, {when.granularity})"
    said = stated.date if stated is not None and when.basis == "context" else None
    return _dated("time", when, said or published, days)


def _verification(checked: Verification) -> Step:
    found = verification.find(checked.evidence.text)
    by = f" by {checked.by.text}" if checked.by else ""
    return Step("verification", checked.evidence, found.rule if found else "as given", checked.status + by)


def _source(source: Source, rule: str) -> Iterator[Step]:
    yield Step("source", source, rule, f"{source.canonical or source.text} ({source.kind or 'kind unknown'})")
    for part in ("name", "title", "affiliation"):
        span = getattr(source, part)
        if span is not None:
            yield Step(f"source.{part}", span, "taken apart at titles, commas and possessives", span.text)


def _quantity(figure: Quantity) -> Step:
    numbers = quantities.find(figure.text)
    hedge = figure.text[: numbers[0].number_start].strip() if numbers else ""
    rule = f"'{hedge}' hedges the number" if hedge else "number as written"
    if figure.comparator == "vague":
        rule = "least number meant, by the table of vague plurals"
    bounds = f"low {_open(figure.low)}, high {_open(figure.high)}, value {_open(figure.value)}, {figure.comparator}"
    unit = f"; {figure.unit} ({figure.kind or 'kind unknown'})" if figure.unit else ""
    si = f"; {figure.si_value:g} {figure.si_unit}" if figure.si_value is not None else ""
    return Step("quantity", figure, rule, bounds + unit + si)


def _dated(slot: str, span: Span, published: dt.date | None, result: str) -> Step:
    found = times.explained(span.text, published=published)
    against = f", seen from {published}" if published else ", without a publication date"
    return Step(slot, span, (found[0] if found else "a date given before in the text, or none") + against, result)


def _open(value: float | None) -> str:
    return "open" if value is None else f"{value:,}"
