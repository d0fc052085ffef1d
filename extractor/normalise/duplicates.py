"""Claims a document makes twice, as in a caption that repeats the lead: one claim with several evidence spans."""

from __future__ import annotations

from collections.abc import Iterable

from extractor.claims import Claim


def merge(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims in order, each repetition joined to its first occurrence as further evidence.

    Two claims are one where source, outcome and polarity read alike, and figure and days are equal, or all other slots
    read alike where there is no figure.
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
    sources = tuple(_words(source.text) for source in claim.attribution.sources)
    said = (claim.type, sources, _words(claim.outcome.text if claim.outcome else ""), claim.polarity)
    days = (claim.time.start_date, claim.time.end_date) if claim.time else (None, None)
    figure = claim.quantity
    if figure is not None:
        return (*said, figure.low, figure.high, figure.value, figure.comparator, *days)
    slots = (claim.subject, claim.target, claim.time, claim.place)
    return (*said, *(_words(slot.text) if slot else None for slot in slots))


def _words(text: str) -> str:
    return " ".join(text.casefold().removeprefix("the ").split())
