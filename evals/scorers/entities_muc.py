"""Fillers of MUC-4 answer keys: what they may be called, which of them one is found as, and CEAF-REE over an article's entities.

A filler of a key lists wordings any one of which is right. A victim's name and the description that refers to it are one filler, a
description that refers to nobody is its own. Wordings are compared without case, punctuation, articles and runs of white space. Two fillers
are the *same* where a wording is equal, *alike* where one's words are a run of the other's.

CEAF-REE (Du, Rush and Cardie 2021, "GRIT: Generative Role-filler Transformers for Document-level Event Entity Extraction"): the fillers of
a role over all templates of an article are its entities, aligned one to one; ``phi`` is 1 where every mention found is one of the entity's,
and an entity found here has one mention. Entities of the key whose wordings are all another's are that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from extractor.evaluation import matching

Record = Mapping[str, Any]

SLOTS: Final[dict[str, str]] = {
    "perp_individual": "perpetrators",
    "perp_organization": "perpetrator organisations",
    "phys_target": "physical targets",
    "victim": "victims",
    "weapon": "weapons",
}
"""The slots that hold fillers, and what a report calls them."""
_KEYS: Final = {"weapon": "instrument_id"}
"""What an answer key calls a slot that it calls otherwise."""
_DROPPED: Final = re.compile(r"[^\w\s]|_")
_ARTICLE: Final = re.compile(r"\b(?:a|an|the)\b")

RIGHT: Final = 10.0**7
ALIKE: Final = 10.0**4
"""Weights that order assignments: fillers that are the same, then alike, then less; an article has far fewer than 1,000 fillers."""


@dataclass(frozen=True, slots=True, order=True)
class Fill:
    """A filler of a slot.

    Attributes:
        wordings: What it may be called, normal and sorted; of a filler that was found, the one thing it is called.
        shown: The same for people.
        places: Where those words stand.
        optional: Whether not finding it is no fault.
    """

    wordings: tuple[str, ...]
    shown: str = ""
    places: tuple[tuple[int, int], ...] = ()
    optional: bool = False

    def is_same(self, other: Fill) -> bool:
        """Tell whether a wording is equal."""
        return not set(self.wordings).isdisjoint(other.wordings)

    def is_alike(self, other: Fill) -> bool:
        """Tell whether the words of one are a run of the other's, in any wording."""
        return any(f" {one} " in f" {two} " or f" {two} " in f" {one} " for one in self.wordings for two in other.wordings)

    def joined(self, other: Fill) -> Fill:
        """Return the filler that both are."""
        wordings = tuple(sorted({*self.wordings, *other.wordings}))
        shown = " / ".join(dict.fromkeys((self.shown, other.shown)))
        places = tuple(sorted({*self.places, *other.places}))
        return Fill(wordings, shown, places, optional=self.optional and other.optional)


def normal(words: str) -> str:
    """Return ``words`` as they are compared: without case, punctuation, articles and runs of white space."""
    return " ".join(_ARTICLE.sub(" ", _DROPPED.sub("", words.lower())).split())


def keyed(template: Record, slot: str) -> tuple[Fill, ...]:
    """Return the fillers of a slot of an answer key's template, sorted."""
    if slot == "victim":
        fills = _victims(template.get("victim_name", ()), template.get("victim_description", ()))
    else:
        fills = [_fill(record) for record in template.get(_KEYS.get(slot, slot), ())]
    return tuple(sorted(fill for fill in fills if fill.wordings))


def told(fillers: Iterable[Record]) -> tuple[Fill, ...]:
    """Return the fillers of a slot of a record, sorted; words that are nothing once normal stay, as invented."""
    return tuple(sorted(Fill((normal(one["text"]),), one["text"], ((one["start"], one["end"]),)) for one in fillers))


def _fill(record: Record) -> Fill:
    choices = record["any_of"]
    wordings = {normal(choice["value"]) for choice in choices} - {""}
    places = {(choice["evidence"]["start"], choice["evidence"]["end"]) for choice in choices if choice.get("evidence")}
    shown = " / ".join(sorted({choice["value"] for choice in choices}))
    return Fill(tuple(sorted(wordings)), shown, tuple(sorted(places)), optional=bool(record.get("optional")))


def _victims(names: Sequence[Record], descriptions: Sequence[Record]) -> list[Fill]:
    """Return the victims: each name with the descriptions that refer to it, and the descriptions that refer to no name."""
    victims = [_fill(name) for name in names]
    alone = []
    for description in sorted(descriptions, key=_fill):
        about = {normal(name) for name in description.get("of", ())}
        named = [index for index, name in enumerate(names) if about & set(_fill(name).wordings)]
        for index in named:
            victims[index] = victims[index].joined(_fill(description))
        if not named:
            alone.append(_fill(description))
    return victims + alone


def pairs(ours: Sequence[Fill], theirs: Sequence[Fill]) -> list[tuple[int, int]]:
    """Return the pairs of fillers that are alike: of all assignments the one with the most same ones, then alike, then required."""
    scores = [[_closeness(one, other) for other in theirs] for one in ours]
    return [(i, j) for i, j in matching.assign(scores) if scores[i][j]]


def _closeness(one: Fill, other: Fill) -> float:
    if not one.is_alike(other):
        return 0.0
    return ALIKE + (RIGHT if one.is_same(other) else 0.0) + (0.0 if one.optional else 1.0)


def entities(fills: Iterable[Fill]) -> list[Fill]:
    """Return the entities that fillers of one role are: those whose wordings are all another's are that one."""
    largest: dict[tuple[str, ...], Fill] = {}
    for fill in sorted(fills, key=lambda fill: (-len(fill.wordings), fill)):
        holders = [known for known in largest if set(fill.wordings) <= set(known)] or [fill.wordings]
        for known in holders:
            largest[known] = largest.get(known, fill).joined(fill)
    return sorted(largest.values())


def ceaf(ours: Iterable[Fill], theirs: Iterable[Fill]) -> tuple[int, int, int]:
    """Return how many entities of a role are right, annotated and found; an optional one that is not found is not counted."""
    key, answer = entities(ours), entities(theirs)
    right = [key[i] for i, j in pairs(key, answer) if key[i].is_same(answer[j])]
    return len(right), len(right) + sum(not one.optional for one in key if one not in right), len(answer)
