"""What finished and given up articles come to, as the index counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.requests import Usage


@dataclass(frozen=True, slots=True)
class Row:
    """A finished article as the index needs it.

    Attributes:
        key: The entry's key.
        document: Id of its document.
        claims: How many claims it has.
        partial: Whether a window was refused or cut off.
        usage: What it cost.
    """

    key: bytes
    document: str
    claims: int
    partial: bool
    usage: Usage


@dataclass(frozen=True, slots=True)
class Totals:
    """What a part, or all of them, come to.

    Attributes:
        articles: Finished articles.
        claims: Their claims.
        partial: Those with a window that was refused or cut off.
        usage: What they cost.
    """

    articles: int = 0
    claims: int = 0
    partial: int = 0
    usage: Usage = field(default_factory=Usage)

    def __add__(self, other: Totals) -> Totals:
        """Return the sum, field by field."""
        return Totals(
            self.articles + other.articles, self.claims + other.claims, self.partial + other.partial, self.usage + other.usage
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What was given up.

    Attributes:
        failed: Articles given up for good.
        passing: Articles given up for a fault that may have passed.
        usage: What all dead letters cost, also those of articles that were finished later.
    """

    failed: int = 0
    passing: int = 0
    usage: Usage = field(default_factory=Usage)


def of(rows: Sequence[Row]) -> Totals:
    """Return what ``rows`` come to."""
    usage = Usage(**{name: sum([getattr(row.usage, name) for row in rows]) for name in Usage.model_fields})
    return Totals(len(rows), sum(row.claims for row in rows), sum(row.partial for row in rows), usage)


def figures(usage: Usage) -> tuple[int, ...]:
    """Return a usage as a row of numbers."""
    return usage.requests, usage.input_tokens, usage.cached_input_tokens, usage.output_tokens


def usage(figures: Sequence[int]) -> Usage:
    """Return the usage of such a row."""
    requests, read, cached, written = figures
    return Usage(requests=requests, input_tokens=read, cached_input_tokens=cached, output_tokens=written)
