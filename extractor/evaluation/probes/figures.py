"""A figure changed: its claim holds the new one and is else as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Final

from extractor.claims import Claim, Quantity
from extractor.documents import Document
from extractor.evaluation.probes.changes import (
    Check,
    Edit,
    Variant,
    compare,
    difference,
    first,
    moved,
    others,
    outcome,
    seeded,
    shuffled,
    stay,
    unanswered,
    vary,
    without,
)
from extractor.extraction import Extraction
from extractor.sinks.table import headline

_DIGITS: Final = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?![\d,]*\d|\.\d)|(?<![\d.,])\d+(?![.,]?\d)")
_YEARLIKE: Final = re.compile(r"1[5-9]\d\d|20\d\d")
_TRIES: Final = 20


def edit_number(document: Document, extraction: Extraction, seed: int) -> list[Variant]:
    """Return the article with the figure of one claim changed to another of as many digits that stands nowhere in it."""
    random = seeded("edit_number", document, seed)
    return first(_edited(document, claim, random) for claim in shuffled(extraction.claims, random) if len(claim.evidence) == 1)


def _edited(document: Document, claim: Claim, random: Random) -> Variant | None:
    found = list(_DIGITS.finditer(claim.quantity.text)) if claim.quantity else []
    if claim.quantity is None or len(found) != 1 or int(found[0][0].replace(",", "")) != claim.quantity.value or claim.quantity.value < 2:
        return None
    old = found[0][0]
    start, count = claim.quantity.start + found[0].start(), sum(map(str.isdigit, old))
    for _ in range(_TRIES):
        digits = iter(str(random.randrange(2 if count == 1 else 10 ** (count - 1), 10**count)))
        new = "".join(next(digits) if character.isdigit() else character for character in old)
        if not _YEARLIKE.fullmatch(new) and not _YEARLIKE.fullmatch(old) and not re.search(rf"(?<![\d.,]){new}(?![.,]?\d)", document.text):
            return vary(f"{old} to {new}", document, Edit(start, start + len(old), new), (start, start + len(old)))
    return None


def number_edited(before: Extraction, variant: Variant, after: Extraction) -> Iterator[Check]:
    """Look for the claim with its new figure, and compare what else it says; the other claims stay.

    Figures of two sources answer each other, so what another figure says of a claim is left aside.
    """
    value, (start, end) = int(variant.edit.text.replace(",", "")), variant.target
    targets = [claim for claim in before.claims if claim.quantity and claim.quantity.start <= start and end <= claim.quantity.end]
    found = [claim for claim in after.claims if claim.quantity and variant.edit.holds(claim.quantity.start, claim.quantity.end)]
    for claim in targets:
        there = moved(claim, variant)
        assert there is not None  # a figure as long as the old one cuts nothing
        assert there.quantity is not None  # it is a target for its figure
        figure = _revalued(there.quantity, value)
        there = there.model_copy(update={"quantity": figure})
        alike = [_unscaled(one) for one in found if one.quantity and _same_value(one.quantity, figure)]
        shown = "; ".join(map(headline, found)) or "no claim with that figure"
        yield Check(law="figure", outcome=outcome(bool(alike)), expected=headline(there), found=shown)
        if alike:
            faults = [difference(unanswered(there), unanswered(one)) for one in alike]
            yield Check(law="slots", outcome=outcome("" in faults), expected=headline(there), found=min(faults, key=len))
    compared = compare(without(before.claims, targets), without(after.claims, found), variant, unanswered)
    yield from stay(compared, others(before, after))


def _unscaled(claim: Claim) -> Claim:
    return claim.model_copy(update={"quantity": claim.quantity and claim.quantity.model_copy(update={"si_value": None})})


def _revalued(figure: Quantity, value: int) -> Quantity:
    """Return another figure where the old one stands; the value in SI units, which follows from it, is left out."""
    bounds = {name: value for name in ("low", "high", "value") if getattr(figure, name) is not None}
    return figure.model_copy(update={**bounds, "si_value": None})


def _same_value(one: Quantity, other: Quantity) -> bool:
    return (one.low, one.high, one.value, one.comparator) == (other.low, other.high, other.value, other.comparator)
