"""Claims a document makes twice, as in a caption that repeats the lead: one claim with several evidence spans."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from extractor.claims import Claim
from extractor.normalise.late import late

_SOLDIERS: Final = late(r"\b(?:troops|soldiers|fighters|servicem[ae]n|personnel|combatants|militants|men)\b", re.IGNORECASE)


def merge(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims in order, each repetition joined to its first occurrence as further evidence.

    With a figure two claims are one where source, outcome, polarity, figure, what is counted and days are the same: "470
    troops" is "470 fighters". Without one, where source, outcome and every other slot read alike.
    """
    kept: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        key = _key(claim)
        first = kept.get(key)
        if first is None:
            kept[key] = claim
            continue
        known = {(span.start, span.end) for span in first.evidence}
        further = tuple(span for span in claim.evidence if (span.start, span.end) not in known)
        kept[key] = first.model_copy(update={"evidence": first.evidence + further})
    return tuple(kept.values())


def _key(claim: Claim) -> tuple[object, ...]:
    sources = tuple(_words(source.canonical or source.text) for source in claim.attribution.sources)
    outcome = claim.outcome.kind or _words(claim.outcome.text) if claim.outcome else ""
    said = (sources, outcome, claim.polarity)
    days = (claim.time.start_date, claim.time.end_date) if claim.time else (None, None)
    figure = claim.quantity
    if figure is not None:
        unit = figure.unit or ""
        counted = "soldiers" if _SOLDIERS.search(unit) else _words(unit)
        return (*said, figure.low, figure.high, figure.value, figure.comparator, counted, *days)
    slots = (claim.subject, claim.target, claim.time, claim.place)
    return (*said, claim.type, *(_words(slot.text) if slot else None for slot in slots))


def _words(text: str) -> str:
    return " ".join(text.casefold().removeprefix("the ").split())
