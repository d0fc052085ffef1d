"""Canonical parties and their sides: which party a source speaks for, by a table of aliases that a user can replace."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pydantic import Field

from extractor.claims import Claim, Source
from extractor.documents import Frozen


class Party(Frozen):
    """One party of the table.

    Attributes:
        side: The side it is on, where it is on one.
        names: Words that stand for it in the name of a source, such as capitals and adjectives.
    """

    side: str | None = None
    names: tuple[str, ...] = Field(min_length=1)


Parties = Mapping[str, Party]


def party_of(source: Source, parties: Parties) -> str | None:
    """Return the party that ``source`` speaks for, or None where its words name none.

    The affiliation decides where there is one, then the first words that name a party: "Moscow's Defense Ministry".
    """
    words = source.affiliation.text if source.affiliation is not None else f"{source.canonical or ''} {source.text}"
    found = {name: match.start() for name, party in parties.items() if (match := _pattern(party.names).search(words))}
    return min(found, key=lambda name: found[name]) if found else None


def assign(claims: Sequence[Claim], parties: Parties) -> tuple[Claim, ...]:
    """Return the claims with the party and side of each of their sources."""
    return tuple(claim.with_sources(_assigned(source, parties) for source in claim.attribution.sources) for claim in claims)


def _assigned(source: Source, parties: Parties) -> Source:
    party = party_of(source, parties)
    return source.model_copy(update={"party": party, "side": parties[party].side if party is not None else None})


@lru_cache(maxsize=256)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in names)})(?!\w)", re.IGNORECASE)
