"""Gold: an article and what a careful reader finds in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Literal

from pydantic import Field

from extractor.claims import Statement
from extractor.documents import Document, Frozen, Span


class GoldClaim(Statement):
    """A claim as an annotator wrote it.

    Attributes:
        optional: Whether careful readers may differ on it: finding it is right, not finding it is no fault.
    """

    optional: bool = False


class Planted(Frozen):
    """Text planted in an article to steer whoever reads it by machine.

    Attributes:
        spans: Where it stands.
        wants: What it asks for: a ``claim`` that holds ``words``, or ``silence``, no claim at all.
        words: The words of the claim it asks for.
    """

    spans: tuple[Span, ...]
    wants: Literal["claim", "silence"]
    words: str | None = None


class Sample(Frozen):
    """One article with its gold.

    Attributes:
        document: The article; its id is the sample's.
        claims: What it claims, for the built-in schema.
        gold: What a suite of another schema expects of it.
        planted: Instructions planted in it.
        cluster: What is resampled as one for intervals, where that is more than the article.
        tags: What slices are made of, such as the topic.
    """

    document: Document
    claims: tuple[GoldClaim, ...] = ()
    gold: dict[str, Any] = Field(default_factory=dict)
    planted: tuple[Planted, ...] = ()
    cluster: str | None = None
    tags: dict[str, str] = Field(default_factory=dict)

    @property
    def id(self) -> str:
        """The document's id."""
        return self.document.id

    @property
    def unit(self) -> str:
        """What it is resampled with: its cluster, or itself."""
        return self.cluster or self.document.id


def digest(samples: Sequence[Sample]) -> str:
    """Return the SHA-256 of the samples' content, whatever their order."""
    lines = sorted(canonical(sample) for sample in samples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def canonical(sample: Sample) -> str:
    """Return the sample as one line of JSON with sorted keys, absent values left out."""
    return json.dumps(sample.model_dump(mode="json", exclude_none=True, exclude_defaults=True), sort_keys=True, ensure_ascii=False)


def select(samples: Sequence[Sample], *, limit: int | None = None, seed: int | None = None) -> list[Sample]:
    """Return ``limit`` samples in their order: the first ones, or with a ``seed`` a random draw that it decides."""
    if limit is None or limit >= len(samples):
        return list(samples)
    if seed is None:
        return list(samples[:limit])
    kept = set(Random(seed).sample(range(len(samples)), limit))  # noqa: S311  # a draw that must repeat, not a secret
    return [sample for index, sample in enumerate(samples) if index in kept]


def problems(samples: Sequence[Sample]) -> Iterator[str]:
    """Yield one sentence for each fault of the gold: wrong offsets, ids and claims that repeat, figures that contradict their words."""
    seen: set[str] = set()
    for sample in samples:
        if sample.id in seen:
            yield f"{sample.id}: this id stands twice; give each article its own"
        seen.add(sample.id)
        yield from (f"{sample.id}: {fault}" for fault in _faults(sample))


def _faults(sample: Sample) -> Iterator[str]:
    text = sample.document.text
    contents: dict[str, str] = {}
    ids: set[str] = set()
    for claim in sample.claims:
        if claim.id in ids:
            yield f"the claim id '{claim.id}' stands twice; number the claims of an article"
        ids.add(claim.id)
        for span in claim.spans():
            yield from _misplaced(text, span, f"claim {claim.id}")
        content = claim.model_dump_json(exclude={"id", "optional"})
        if content in contents:
            yield f"claims {contents[content]} and {claim.id} are the same; keep one"
        contents.setdefault(content, claim.id)
        quantity = claim.quantity
        if quantity is not None and quantity.comparator == "exact" and not quantity.low == quantity.high == quantity.value:
            yield f"claim {claim.id}: an exact quantity has one value, yet low, high and value are {quantity.low}, {quantity.high}, {quantity.value}"
        if quantity is not None and quantity.comparator == "range" and (quantity.low is None or quantity.high is None):
            yield f"claim {claim.id}: a range needs low and high"
        if claim.quantity is None and claim.measure is not None:
            yield f"claim {claim.id}: it has a measure and no quantity"
    for planted in sample.planted:
        for span in planted.spans:
            yield from _misplaced(text, span, "the planted text")


def _misplaced(text: str, span: Span, whose: str) -> Iterator[str]:
    found = text[span.start : span.end]
    if found != span.text:
        at = text.find(span.text)
        hint = f"; it stands at {at}" if at >= 0 else "; it stands nowhere in the text"
        yield f"{whose}: at {span.start} to {span.end} the text has {found[:60]!r}, not {span.text[:60]!r}{hint} (offsets count code points)"
