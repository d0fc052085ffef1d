"""Extractions as a table for people: who says what, how firmly, when, and the sentence it was read from."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extractor.claims import Claim, Quantity, Time
from extractor.extraction import Extraction

_COMPARATORS: Final = {
    "exact": "", "about": "about ", "at_least": "at least ", "at_most": "at most ", "more_than": "more than ",
    "less_than": "less than ", "range": "", "vague": "at least ",
}  # fmt: skip


def render(extraction: Extraction) -> RenderableType:
    """Return the table of an extraction's claims, with a line of totals under it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=True, expand=True)
    table.add_column("who says", ratio=3)
    table.add_column("claim", ratio=4)
    table.add_column("how many, when", ratio=3)
    table.add_column("quote, with its offsets", ratio=6)
    for claim in extraction.claims:
        table.add_row(_who(claim), _what(claim), _numbers(claim), _quotes(claim))
    parts: list[RenderableType] = [table] if extraction.claims else []
    return Group(*parts, Text(summary(extraction), style="dim"))


def summary(extraction: Extraction) -> str:
    """Return one line on an extraction: claims, rejections, planted sentences, windows that failed, tokens."""
    name = extraction.document.source or extraction.document.id
    counts = [_count(len(extraction.claims), "claim"), _count(len(extraction.rejections), "rejection")]
    if extraction.planted:
        counts.append(f"{_count(len(extraction.planted), 'sentence')} to machines left out")
    lost = [f"window {w.index} {w.outcome}: {w.detail}" for w in extraction.windows if w.outcome in ("refused", "truncated", "failed")]
    usage = extraction.usage
    cost = f"{usage.input_tokens} tokens in, {usage.output_tokens} out" if usage.requests else "no model call"
    return "; ".join([f"{name}: {', '.join(counts)}", cost, *lost])


def headline(claim: Claim) -> str:
    """Return a claim in one line."""
    who = claim.attribution.sources[0].text if claim.attribution.sources else "the outlet"
    slots = (claim.subject, claim.outcome, claim.quantity, claim.target, claim.time, claim.place)
    what = " ".join(_flat(slot.text) for slot in slots if slot is not None)
    return f"{_flat(who)}: {what}"


def _who(claim: Claim) -> Text:
    said = claim.attribution
    if not said.sources:
        return Text("(the outlet)", style="dim")
    text = Text(" via ".join(_flat(source.text) for source in said.sources), style="bold")
    details = [slot.text for slot in (said.cue, said.channel) if slot is not None]
    if said.stated_on is not None:
        details.append(f"{said.stated_on.text} ({said.stated_on.date})" if said.stated_on.date else said.stated_on.text)
    return text.append("\n" + _flat(", ".join(details)), style="dim not bold") if details else text


def _what(claim: Claim) -> Text:
    words = [claim.subject, claim.outcome, claim.target]
    text = Text(" ".join(_flat(word.text) for word in words if word is not None))
    if claim.polarity == "negated":
        text.append(" (negated)", style="red")
    if claim.place is not None:
        text.append(f"\n{_flat(claim.place.text)}", style="green")
    text.append(f"\n{claim.type.replace('_', ' ')}", style="dim")
    if claim.verification is not None:
        text.append(f", {claim.verification.status.replace('_', ' ')}", style="yellow")
    return text


def _numbers(claim: Claim) -> Text:
    lines = []
    if claim.quantity is not None:
        lines.append(Text(figure(claim.quantity), style="cyan"))
    if claim.time is not None:
        lines.append(Text(days(claim.time)))
    return Text("\n").join(lines)


def _quotes(claim: Claim) -> Text:
    lines = [Text(_flat(span.text)).append(f" [{span.start}:{span.end}]", style="dim") for span in claim.evidence]
    return Text("\n").join(lines)


def figure(quantity: Quantity) -> str:
    """Return a figure as it was understood: "about 239,500 soldiers"."""
    if quantity.value is not None:
        value = f"{_COMPARATORS[quantity.comparator]}{quantity.value:,}"
    elif quantity.comparator == "range":
        value = f"{quantity.low:,} to {quantity.high:,}"
    else:
        value = f"at least {quantity.low:,}" if quantity.low is not None else _flat(quantity.text)
    return f"{value} {quantity.unit}" if quantity.unit else value


def days(time: Time) -> str:
    """Return a time as written, and the days it was resolved to."""
    if time.start_date is None:
        return _flat(time.text)
    span = str(time.start_date) if time.start_date == time.end_date else f"{time.start_date} to {time.end_date}"
    return f"{_flat(time.text)} ({span})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _flat(text: str) -> str:
    """Return ``text`` on one line, control characters made visible, so that an article cannot steer the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
