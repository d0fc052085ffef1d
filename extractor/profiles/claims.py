"""The built-in profile: claims of news articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from extractor.claims import Claim, ClaimProvenance, ClaimType
from extractor.documents import Document, Sentence
from extractor.normalise import checking, duplicates
from extractor.profiles import claims_events, claims_grammar, claims_syntax
from extractor.profiles.base import Draft, Found, Profile, Results
from extractor.profiles.claims_events import EventAnswer, EventDraft
from extractor.profiles.claims_meaning import Said, Words, claim, named
from extractor.profiles.claims_screen import instructions, is_read, losses, without_instructions

_WEIGHT: Final = ("not_verified", "disputed", "denied", "verified")
"""What an article says of one claim, the weightiest last: a denial tells more than that nobody could check."""
_NOBODY_ASKED: Final = ClaimProvenance()


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
    """Return the claims of ``split``, repetitions joined, bound to what the article says of their verification.

    A sentence whose grammar is known says itself what it states; doubtful figures of it are claims where the model calls them
    events. In any other sentence the drafts are the claims.
    """
    read = duplicates.merge(named([*_in_order(document, split, found)], without_instructions(document)))
    claims = tuple(sorted((*read, *_listed(document, split)), key=lambda claim: claim.evidence[0].start))
    verifications = checking.verifications(document, split, claims)
    ranked = sorted(verifications, key=lambda checked: _WEIGHT.index(checked.status))
    by_claim = {name: checked for checked in ranked for name in checked.claims}
    bound = tuple(
        claim.model_copy(update={"verification": by_claim[claim.id].model_copy(update={"claims": ()})}) if claim.id in by_claim else claim
        for claim in claims
    )
    return Results(bound, verifications, planted=instructions(document))


def _listed(document: Document, split: Sequence[Sentence]) -> Iterator[Claim]:
    """Yield the claims of bulletins whose lines stand in ``split``."""
    starts = {sentence.start for sentence in split}
    yield from (claim for claim in losses(document).claims if claim.evidence[0].start in starts)


def _in_order(document: Document, split: Sequence[Sentence], found: Sequence[Found]) -> Iterator[Claim]:
    by_sentence: dict[int, list[Found]] = {}
    for item in found:
        by_sentence.setdefault(item.grounded.sentence.start, []).append(item)
    for sentence in split:
        drafts = by_sentence.get(sentence.start, [])
        if not is_read(document, sentence):
            continue
        if sentence.tree is None:
            yield from (claim(_drafted(document, item)) for item in drafts)
            continue
        for statement, words in claims_syntax.words(document, sentence, _NOBODY_ASKED):
            if not claims_syntax.is_doubtful(statement):
                yield claim(words)
            elif (agreed := claims_events.agreed(statement, drafts)) is not None:
                yield claim(replace(words, provenance=agreed.provenance))


def _drafted(document: Document, found: Found) -> Words:
    draft, slots = found.draft, found.grounded.slots
    assert isinstance(draft, ClaimDraft)
    source = slots.get("source")
    said = None
    if source is not None:
        sentence = next(s for s in found.window.sentences if s.start <= source.start < s.end)
        said = Said(sentence, ((source.start, source.end),))
    kept = {slot: mention for slot, mention in slots.items() if slot != "source"}
    return Words(document, found.grounded.sentence, kept, said, found.provenance, type=draft.type)


_EVENTS: Final = Profile(
    name="claims",
    prompt="events@1",
    draft=EventDraft,
    answer=EventAnswer,
    asks=claims_events.asks,
    grammar=claims_events.grammar,
    finish=finish,
    shown=claims_events.shown,
    window=1,
)

CLAIMS: Final = Profile(
    name="claims",
    prompt="claims@1",
    draft=ClaimDraft,
    answer=ClaimAnswer,
    asks=claims_grammar.asks,
    grammar=claims_grammar.grammar,
    finish=finish,
    parsed=_EVENTS,
)
