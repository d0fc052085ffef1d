"""The claim: who says what, about whom, how many, when, where, and whether anybody verified it.

Every slot that holds words is a Mention with its exact place; every computed field says what its words mean. A missing
slot is null. Field names are the JSON names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final, Literal, get_args

from pydantic import Field, model_validator

from extractor.documents import Frozen, Mention, Span

ClaimType = Literal[
    "human_losses",
    "equipment_losses",
    "territorial_control",
    "military_action",
    "assessment",
    "forecast",
    "other",
]
CLAIM_TYPES: Final[tuple[str, ...]] = get_args(ClaimType)
"""Every type of claim. A new one is a line in ``ClaimType`` and its name in the prompt."""

SourceKind = Literal["government", "military", "official", "organisation", "think_tank", "media", "witness", "anonymous", "other"]
Stance = Literal["asserts", "denies", "alleges", "confirms", "doubts"]
Quotation = Literal["direct", "indirect", "mixed"]
Comparator = Literal["exact", "about", "at_least", "at_most", "more_than", "less_than", "range", "vague"]
OutcomeKind = Literal["killed", "wounded", "captured", "missing", "lost", "destroyed", "damaged", "displaced"]
Measure = Literal["period", "cumulative", "snapshot"]
QuantityKind = Literal["people", "materiel", "money", "percent", "measure"]
Basis = Literal["explicit", "relative", "context"]
Granularity = Literal["day_part", "day", "week", "month", "quarter", "season", "year", "range"]
VerificationStatus = Literal["not_verified", "verified", "disputed", "denied"]


class Source(Mention):
    """Somebody who says something.

    Attributes:
        canonical: The name the document uses for them in full, where that is settled.
        kind: What sort of source it is, where its words tell.
        name: Where its name stands, without title.
        title: What the person is ("Deputy Defense Minister").
        affiliation: Whose ("Ukraine").
        party: The party it speaks for, by the table of aliases.
        side: That party's side, by the same table.
    """

    canonical: str | None = None
    name: Span | None = None
    title: Span | None = None
    affiliation: Span | None = None
    party: str | None = None
    side: str | None = None
    kind: SourceKind | None = None


class StatedOn(Mention):
    """When it was said.

    Attributes:
        date: The day, where words and publication date settle it.
    """

    date: dt.date | None = None


class Attribution(Frozen):
    """Who says it, and how.

    Attributes:
        sources: Reporting chain; who said it first comes first. Empty in the outlet's own voice.
        cue: The word of saying ("said", "according to").
        channel: How it was said ("in a post to social media").
        stated_on: When it was said.
        stance: How the source stands to the content, where the cue tells.
        quotation: Whether the content is quoted, where that was looked at.
        voice: ``attributed`` to a source, or the ``outlet`` itself.
    """

    sources: tuple[Source, ...] = ()
    cue: Mention | None = None
    channel: Mention | None = None
    stated_on: StatedOn | None = None
    stance: Stance | None = None
    quotation: Quotation | None = None
    voice: Literal["attributed", "outlet"]


class Quantity(Mention):
    """A figure with its hedge and what it counts.

    Attributes:
        low: Least value meant; null where open.
        high: Greatest value meant; null where open.
        value: The stated figure; null for ranges and vague plurals.
        comparator: How firmly it is stated.
        unit: The counted noun or the unit of measure, as written.
        kind: What is counted or measured; null where the words do not tell.
        si_value: The value in SI units, where the unit has one.
        si_unit: The SI unit.
    """

    low: int | float | None = None
    high: int | float | None = None
    value: int | float | None = None
    comparator: Comparator = "exact"
    unit: str | None = None
    kind: QuantityKind | None = None
    si_value: float | None = None
    si_unit: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Quantity:
        if self.low is not None and self.high is not None and self.low > self.high:
            msg = f"low {self.low} is above high {self.high}"
            raise ValueError(msg)
        return self


class Outcome(Mention):
    """What happened.

    Attributes:
        kind: What became of those it happened to, where the words tell; killed is not wounded is not lost.
    """

    kind: OutcomeKind | None = None


class Time(Mention):
    """When it happened.

    Attributes:
        start_date: First day; null where open or unresolved.
        end_date: Last day, included; null where open or unresolved.
        basis: What the days were reckoned from; null where unresolved.
        granularity: How fine the words are; null where unresolved.
    """

    start_date: dt.date | None = None
    end_date: dt.date | None = None
    basis: Basis | None = None
    granularity: Granularity | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Time:
        if self.start_date is not None and self.end_date is not None and self.start_date > self.end_date:
            msg = f"the first day {self.start_date} is after the last {self.end_date}"
            raise ValueError(msg)
        return self


class Verification(Frozen):
    """What the article says about whether claims were checked.

    Attributes:
        status: not_verified, verified, disputed or denied.
        by: Who verified, disputed or denied, where named.
        evidence: The sentence that says so.
        claims: Ids of the claims it covers; empty inside a claim.
    """

    status: VerificationStatus
    by: Mention | None = None
    evidence: Span
    claims: tuple[str, ...] = ()


class ClaimProvenance(Frozen):
    """Where a claim came from.

    Attributes:
        window: Number of the window within the document, from 0; null where no model was asked, since the sentence's grammar tells.
        requests: Digests of the requests whose answers it was read from.
        cached: Whether all of those answers came from the cache.
    """

    window: int | None = Field(default=None, ge=0)
    requests: tuple[str, ...] = ()
    cached: bool = False


class Statement(Frozen):
    """What an article says somebody claims: every slot of a claim but where it came from, so a person can write one too.

    See the module's head and the attributes of its parts.
    """

    id: str
    type: ClaimType
    attribution: Attribution
    subject: Mention | None = None
    outcome: Outcome | None = None
    target: Mention | None = None
    polarity: Literal["affirmed", "negated"] = "affirmed"
    quantity: Quantity | None = None
    measure: Measure | None = None
    time: Time | None = None
    place: Mention | None = None
    evidence: tuple[Span, ...] = Field(min_length=1)
    verification: Verification | None = None

    def spans(self) -> tuple[Span, ...]:
        """Return every place in the document this claim points at."""
        said, checked = self.attribution, self.verification
        slots = (self.subject, self.outcome, self.target, self.quantity, self.time, self.place)
        named = (part for source in said.sources for part in (source.name, source.title, source.affiliation))
        about = (said.cue, said.channel, said.stated_on, *said.sources, *named)
        verified = (checked.by, checked.evidence) if checked is not None else ()
        return tuple(span for span in (*slots, *about, *verified, *self.evidence) if span is not None)


class Claim(Statement):
    """One extracted claim: a statement and where it came from."""

    provenance: ClaimProvenance

    def with_sources(self, sources: Iterable[Source]) -> Claim:
        """Return the claim with ``sources`` as its reporting chain."""
        return self.model_copy(update={"attribution": self.attribution.model_copy(update={"sources": tuple(sources)})})
