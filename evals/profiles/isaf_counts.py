"""How many people phrases such as "a Taliban leader and several of his associates" speak of, by the labeller's rules.

A phrase is cut into parts, a part is counted by its number, its vague word or its grammatical number, and belongs to one kind of people.
Sentences of a release tell the same people again and again, so of each kind the largest count is taken, not the sum.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final, Literal

from extractor.normalise import quantities
from extractor.normalise.vagueness import ISAF

Kind = Literal["leader", "specialist", "fighters", "anybody"]

COUNTING: Final = {**ISAF, "a number of": 4, "many": 4}
"""The labeller's words that count, and two on which his labels of the development part agree."""

_KINDS: Final[dict[Kind, str]] = {
    "fighters": "associate insurgent militant fighter other member attacker criminal terrorist bomber",
    "leader": "leader commander sub-commander subcommander governor emir chief",
    "specialist": (
        "facilitator financier dealer expert specialist supplier smuggler manufacturer trafficker emplacer maker builder operative planner"
        " coordinator courier instructor trainer"
    ),
    "anybody": "man men male individual person people suspect detainee personnel occupant him them all target shooter one",
}
"""Kinds of people and their words in the singular. A leader is counted as one; who facilitates is none; a man may be any of them."""
_KIND: Final[dict[str, Kind]] = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
JOINT: Final = re.compile(r"\s*,?\s+(?:and also|and|along with|together with|as well as|plus)\s+|\s*,\s+", re.IGNORECASE)
"""What stands between the parts of a phrase."""
_INCLUDING: Final = re.compile(r"\s*,?\s+(?:including|to include|one of (?:them|whom))\s+", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\bbetween (\S+) and (\S+)", re.IGNORECASE)
_STARTS: Final = re.compile(r"(?:an?|the|one|another|its|his|her|their|that|this|suspected|additional)\b", re.IGNORECASE)
_NAME: Final = re.compile(r"(?:[A-Z][\w'\u2019-]*\s?)+")
_RELATIVE: Final = re.compile(
    r"\s(?:who|whom|which|that|responsible|linked|suspected of|with suspected|associated with|of (?:his|their|its|the))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Toll:
    """How many people something happened to at the least.

    Attributes:
        people: All of them.
        leaders: The leaders among them; who facilitates does not lead.
    """

    people: int = 0
    leaders: int = 0


def toll(phrases: Iterable[str], among: Iterable[str] = ()) -> Toll:
    """Return what phrases about the same event add up to, whatever their order.

    Args:
        phrases: Whom it happened to.
        among: Phrases about people who are among those already, so that they make nobody more.
    """
    most, inside = _most(phrases), _most(among)
    others = most - inside  # who is told of once as one of them, and once alone
    named = others["leader"] + others["specialist"] + most["fighters"]
    return Toll(max(named, most["anybody"], inside.total()), max(most["leader"], inside["leader"]))


def _most(phrases: Iterable[str]) -> Counter[Kind]:
    return reduce(or_, map(people, phrases), Counter[Kind]())


def people(phrase: str) -> Counter[Kind]:
    """Return how many people of each kind one phrase speaks of; those it includes in a number are taken off that number."""
    whole, *included = _INCLUDING.split(_BETWEEN.sub(r"\1 to \2", phrase))
    counted = _counted(whole)
    for part in included:
        inside = _counted(part)
        rest: Kind = "fighters" if counted["fighters"] else "anybody"
        counted[rest] -= min(counted[rest], inside.total())
        counted += inside
    return +counted


def _counted(phrase: str) -> Counter[Kind]:
    counted: Counter[Kind] = Counter()
    for part in JOINT.split(phrase):
        number, rest = _number(part)
        kind = _kind(part) or _unsaid(part, number, rest, alone=not counted)
        if kind is not None and (number > 1 or not counted or _STARTS.match(part)):  # "a leader and facilitator" is one man
            counted[kind] += number
    return counted


def _unsaid(part: str, number: int, rest: str, *, alone: bool) -> Kind | None:
    """Return the kind of people that a part without a word for them means: "several of them" are fighters, a name alone is somebody."""
    if number > 1:
        return "fighters" if not rest or rest.startswith("of ") else None
    return "anybody" if alone and _NAME.match(part) else None


def _number(part: str) -> tuple[int, str]:
    """Return how many a part speaks of, "more than 10" being 11, and what stands behind the number."""
    found = quantities.count_of(part, 0, len(part), vagueness=COUNTING)
    rest = part[found.end :].strip()
    if found.comparator == "more_than" and found.value is not None:
        return int(found.value) + 1, rest
    return int(found.low or found.value or 1), rest


def _kind(part: str) -> Kind | None:
    """Return the kind of people by the last word for one in the head: an "insurgent leader, responsible for fighters" is a leader."""
    head = _RELATIVE.split(part, maxsplit=1)[0]
    kinds = [_of(word) for word in _WORD.findall(head)]
    return next((kind for kind in reversed(kinds) if kind is not None), None)


def _of(word: str) -> Kind | None:
    known = word.lower()
    return _KIND.get(known) or _KIND.get(known.removesuffix("s"))
