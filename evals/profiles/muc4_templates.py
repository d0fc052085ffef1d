"""From sentences that tell of incidents to event templates (muc4): which sentences tell of one incident, and what its slots hold.

Sentences of one type tell of one incident where they follow each other or name the same victim or target. A victim's surname becomes the
full name that the article gives elsewhere, and who is only a part of another's name is that other. The organisation is the armed group
that the article names most.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from evals.profiles import muc4_phrases
from evals.profiles.muc4_phrases import Place
from evals.profiles.muc4_words import PEOPLE
from extractor.documents import Document, Frozen, Mention, Sentence

_MOST: Final = {"by": 1, "victim": 6, "target": 4, "weapon": 2}
"""Most fillers of a slot, the first ones."""
_WORD: Final = re.compile(r"[^\W_]+")


class Template(Frozen):
    """An incident.

    Attributes:
        type: kidnapping, arson, robbery, bombing or attack.
        perp_individual: Who did it.
        perp_organization: The armed group they are of.
        phys_target: What was attacked.
        victim: Who was killed, wounded, kidnapped or attacked.
        weapon: What it was done with.
    """

    type: str
    perp_individual: tuple[Mention, ...] = ()
    perp_organization: tuple[Mention, ...] = ()
    phys_target: tuple[Mention, ...] = ()
    victim: tuple[Mention, ...] = ()
    weapon: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that tells of an incident.

    Attributes:
        sentence: Its number within the document.
        type: What sort of incident it is.
        slots: The places in the document of ``by``, ``victim``, ``target`` and ``weapon``.
    """

    sentence: int
    type: str
    slots: dict[str, tuple[Place, ...]]


@dataclass(slots=True)
class _Incident:
    type: str
    told: list[Told] = field(default_factory=list)

    def goes_on(self, document: Document, other: Told) -> bool:
        """Tell whether ``other``, which stands behind, tells of this incident too."""
        return other.type == self.type and (
            other.sentence - self.told[-1].sentence <= 1 or not _befell(document, (other,)).isdisjoint(_befell(document, self.told))
        )


def templates(document: Document, told: Iterable[Told]) -> tuple[Template, ...]:
    """Return the incidents that sentences of a document tell of, in the order of the text."""
    incidents: list[_Incident] = []
    for one in sorted(told, key=lambda one: one.sentence):
        if one.slots["victim"] or one.slots["target"]:
            home = next((incident for incident in incidents if incident.goes_on(document, one)), None)
            if home is None:
                incidents.append(home := _Incident(one.type))
            home.told.append(one)
    group = _group(document)
    return tuple(_template(document, incident, group) for incident in incidents)


def by_rules(document: Document, split: Sequence[Sentence]) -> tuple[Template, ...]:
    """Return what rules find without a model: every phrase beside a word of harm had a part in an incident."""
    return templates(document, (one for sentence in split for one in read(document, sentence)))


def read(document: Document, sentence: Sentence, chosen: Mapping[str, Collection[Place]] = MappingProxyType({})) -> Iterator[Told]:
    """Yield what a sentence tells, if it has a word of violence.

    Args:
        document: Where it stands.
        sentence: The sentence.
        chosen: Victims and targets beside those that rules find, as places in the sentence.
    """
    found = muc4_phrases.parts(document.text[sentence.start : sentence.end])
    if found.types:
        befell = {
            "victim": found.listed(place for place in found.victim if place in found.told or place in chosen.get("victim", ())),
            "target": found.listed(place for place in found.target if place in found.told or place in chosen.get("target", ())),
        }
        slots = {"by": found.by, **befell, "weapon": found.weapon}
        yield Told(sentence.index, found.types[0], {slot: moved(sentence, places) for slot, places in slots.items()})


def moved(sentence: Sentence, places: Iterable[Place]) -> tuple[Place, ...]:
    """Return places in a sentence as places in its document."""
    return tuple((sentence.start + start, sentence.start + end) for start, end in places)


def _befell(document: Document, told: Iterable[Told]) -> set[str]:
    return {_name(document, place) for one in told for slot in ("victim", "target") for place in one.slots[slot]}


def _name(document: Document, place: Place) -> str:
    return " ".join(_WORD.findall(document.text[slice(*place)].upper()))


def _template(document: Document, incident: _Incident, group: Place | None) -> Template:
    slots = {slot: [place for one in incident.told for place in one.slots[slot]] for slot in _MOST}
    slots["victim"] = [_in_full(document, place) for place in slots["victim"]]
    fillers = {slot: _fillers(document, places)[: _MOST[slot]] for slot, places in slots.items()}
    return Template(
        type=incident.type,
        perp_individual=fillers["by"],
        perp_organization=_fillers(document, () if group is None else (group,)),
        phys_target=fillers["target"],
        victim=fillers["victim"],
        weapon=fillers["weapon"],
    )


def _in_full(document: Document, place: Place) -> Place:
    """Return where the document gives the full name that ends in the one or two words at ``place``, else ``place``."""
    short = _name(document, place).split()
    if len(short) > 2 or short[-1] in PEOPLE:
        return place
    longer = (full for full in muc4_phrases.names(document.text) if _goes_on(_name(document, full).split(), short))
    return next(longer, place)


def _goes_on(full: list[str], short: list[str]) -> bool:
    """Tell whether ``short`` is a run of the words of ``full`` behind the first: a surname, with or without a second one."""
    return any(full[start : start + len(short)] == short for start in range(1, len(full) - len(short) + 1))


def _fillers(document: Document, places: Iterable[Place]) -> tuple[Mention, ...]:
    """Return the fillers at ``places``: each name once, where it stands first, and none that is a part of another."""
    named: dict[str, Place] = {}
    for place in sorted(places):
        named.setdefault(_name(document, place), place)
    whole = [place for name, place in named.items() if not any(name != other and f" {name} " in f" {other} " for other in named)]
    return tuple(Mention(text=document.text[start:end], start=start, end=end) for start, end in whole)


def _group(document: Document) -> Place | None:
    """Return where the armed group that the article names most is named first; of several, the one with the longest name."""
    places = muc4_phrases.groups(document.text)
    counts = Counter(_name(document, place) for place in places)
    most = max(counts, key=lambda name: (counts[name], len(name)), default=None)
    return next((place for place in places if _name(document, place) == most), None)
