"""Noun phrases of a sentence that may have a part in an incident (muc4), found by rules in any letter case.

A noun phrase is a run of words without one that ends it: an article, a figure, a preposition, a verb, a mark. Its nouns tell whether it
may be a perpetrator, a victim or a target, a word of harm beside it tells the same of names. Those beside a word of harm are *told*; that
is all the rules know of who did what to whom. Places are offsets in the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from evals.profiles import muc4_words as words

Place = tuple[int, int]

_WORD: Final = re.compile(r"(?:[A-Z]\.){2,}(?=\s+[A-Z])|[A-Z0-9$][A-Z0-9'.&-]*(?<![.'-])")
_GAP: Final = re.compile(r"[\"\u201c\u201d]?\s+[\"\u201c\u201d]?")
_OF: Final = re.compile(r"\s+OF\s+(?:(?:THE|AN?)\s+)?[\"\u201c]?")
_NOUNS: Final = words.PEOPLE | words.THINGS | words.FIGHTERS | words.GROUPS
_TYPES: Final = tuple((name, re.compile(rf"\b(?:{known})\b", re.IGNORECASE)) for name, known in words.TYPES.items())


@dataclass(frozen=True, slots=True)
class Parts:
    """What may have a part in the incident that a sentence tells of.

    Attributes:
        types: What sort of incident it may be, the likeliest first; none where no word of violence stands there.
        by: Those who may have done it.
        victim: Those whom it may have befallen; of a title and a name, the name.
        target: The things it may have befallen.
        weapon: What it may have been done with.
        told: Which of victims and targets stand beside a word of harm.
        joined: What a list goes on with behind one of them ("two judges, a driver and ANA SOLANO").
    """

    types: tuple[str, ...] = ()
    words: tuple[Place, ...] = ()
    by: tuple[Place, ...] = ()
    victim: tuple[Place, ...] = ()
    target: tuple[Place, ...] = ()
    weapon: tuple[Place, ...] = ()
    told: frozenset[Place] = frozenset()
    joined: Mapping[Place, tuple[Place, ...]] = field(default_factory=dict)

    def listed(self, places: Iterable[Place]) -> tuple[Place, ...]:
        """Return ``places`` with what their lists go on with, each once, in order."""
        return tuple(sorted({one for place in places for one in (place, *self.joined.get(place, ()))}))


@lru_cache(maxsize=512)
def parts(sentence: str) -> Parts:
    """Return what may have a part in an incident; nothing where the sentence tells of none, or of violence in general."""
    text = sentence.upper()
    types = tuple(name for name, known in _TYPES if known.search(text))
    if not types or words.SUMS_UP.search(text):
        return Parts()
    found = [_Phrase(text, place) for place in phrases(text)]
    told = {slot: list(_beside(text, found, slot)) for slot in ("victim", "target")}
    befell = [phrase for phrase in told["victim"] if phrase.head not in words.FIGHTERS]
    doers = [
        phrase
        for phrase in found
        if phrase.head in words.FIGHTERS or (phrase.head in words.EITHER and phrase.acts and phrase not in befell)
    ]
    by = [phrase for phrase in doers if phrase.acts] or doers
    others = [phrase for phrase in found if phrase not in doers]
    people = [phrase for phrase in others if (phrase.nouns & words.PEOPLE or phrase in told["victim"]) and phrase.head not in words.THINGS]
    things = [phrase for phrase in others if phrase.nouns & words.THINGS and phrase.head not in words.PEOPLE]
    places = {"victim": {phrase: phrase.name for phrase in people}, "target": {phrase: _with_of(text, phrase, found) for phrase in things}}
    return Parts(
        types=types,
        words=tuple(match.span() for match in re.finditer("|".join(known.pattern for _, known in _TYPES), text, re.IGNORECASE)),
        by=tuple(phrase.place for phrase in by),
        victim=tuple(places["victim"].values()),
        target=tuple(places["target"].values()),
        weapon=tuple(match.span() for match in words.WEAPONS.finditer(text)),
        told=frozenset(known[phrase] for slot, known in places.items() for phrase in told[slot] if phrase in known),
        joined={
            place: tuple(other.name if slot == "victim" else other.place for other in _joined(text, phrase, others))
            for slot, known in places.items()
            for phrase, place in known.items()
        },
    )


def phrases(text: str) -> Iterator[Place]:
    """Yield the noun phrases of a text in capitals."""
    start = end = -1
    for word in _WORD.finditer(text):
        if start >= 0 and (_ends(word[0]) or not _GAP.fullmatch(text, end, word.start())):
            yield start, end
            start = -1
        if not _ends(word[0]):
            start, end = (word.start() if start < 0 else start), word.end()
    if start >= 0:
        yield start, end


def names(passage: str) -> Iterator[Place]:
    """Yield what may be names in full: phrases of two to five words, without a title, that do not end in a noun of the tables."""
    text = passage.upper()
    for place in phrases(text):
        phrase = _Phrase(text, place)
        if phrase.head not in _NOUNS and 2 <= len(_WORD.findall(text, *phrase.name)) <= 5:
            yield phrase.name


def groups(passage: str) -> tuple[Place, ...]:
    """Return where armed groups are named: by a noun such as "front", or by an acronym that brackets explain with one."""
    text = passage.upper()
    found = {place for phrase in phrases(text) for place in _group(text, phrase)}
    for match in words.LIBERATION.finditer(text):
        if match[0].startswith(("ARMY", "FORCES", "MOVEMENT", "FRONT", "REVOLUTIONARY")):
            found.add(match.span())
        else:
            found.add((_without_plain(text, match.span(), least=2), match.end()))
    for acronym in {
        match["before"] or match["after"] for match in words.ACRONYM.finditer(text) if _is_group(match["inside"] or match["words"])
    }:
        found.update(match.span() for match in re.finditer(rf"\b{re.escape(acronym)}\b", text))
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class _Phrase:
    text: str
    place: Place

    @property
    def nouns(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.text, *self.place))

    @property
    def head(self) -> str:
        return str(_WORD.findall(self.text, *self.place)[-1])

    @property
    def acts(self) -> bool:
        """Whether it stands where those who do harm stand."""
        return bool(words.BY.search(self.text, 0, self.place[0]) or words.ACTS.match(self.text, self.place[1]))

    @property
    def name(self) -> Place:
        """The name behind the last title or noun for a person, else the whole."""
        known = list(_WORD.finditer(self.text, *self.place))
        titles = [index for index, word in enumerate(known) if word[0] in words.PEOPLE]
        if not titles or titles[-1] == len(known) - 1:
            return self.place
        return known[titles[-1] + 1].start(), self.place[1]


def _ends(word: str) -> bool:
    return word in words.ENDS or (word not in words.NO_ENDING and words.ENDINGS.fullmatch(word) is not None)


def _beside(text: str, found: list[_Phrase], slot: str) -> Iterator[_Phrase]:
    for match in words.BEFORE[slot].finditer(text):
        before = [phrase for phrase in found if phrase.place[1] <= match.start()]
        if before and words.UNTIL.fullmatch(text, before[-1].place[1], match.start()):
            yield before[-1]
    for match in words.AFTER[slot].finditer(text):
        behind = next((phrase for phrase in found if phrase.place[0] >= match.end()), None)
        if behind is not None and words.BETWEEN.fullmatch(text, match.end(), behind.place[0]):
            yield behind


def _joined(text: str, phrase: _Phrase, found: list[_Phrase]) -> Iterator[_Phrase]:
    """Yield the phrases that a list goes on with behind ``phrase``."""
    for other in found[found.index(phrase) + 1 :]:
        if not words.JOINED.fullmatch(text, phrase.place[1], other.place[0]):
            return
        yield other
        phrase = other


def _with_of(text: str, phrase: _Phrase, found: list[_Phrase]) -> Place:
    """Return the place of a thing, with what follows "of" where its noun alone says little."""
    behind = next((other for other in found if other.place[0] > phrase.place[1]), None)
    if phrase.head not in words.WITH_OF or behind is None or not _OF.fullmatch(text, phrase.place[1], behind.place[0]):
        return phrase.place
    return phrase.place[0], behind.place[1]


def _group(text: str, phrase: Place) -> Iterator[Place]:
    known = list(_WORD.finditer(text, *phrase))
    last = max((index for index, word in enumerate(known) if word[0] in words.GROUPS), default=None)
    if last is not None:
        place = (phrase[0], known[last].end())
        start = _without_plain(text, place)
        if start < known[last].start() or known[last][0].endswith("S"):
            yield start, place[1]


def _without_plain(text: str, place: Place, least: int = 1) -> int:
    """Return where a group's name begins, behind nationalities and the like; its last ``least`` words are always of it."""
    known = list(_WORD.finditer(text, *place))
    plain = [index + 1 for index, word in enumerate(known[:-least]) if word[0] in words.PLAIN | words.FIGHTERS or _ends(word[0])]
    return known[max(plain, default=0)].start()


def _is_group(explained: str) -> bool:
    return not words.GROUPS.isdisjoint(_WORD.findall(explained)) or words.LIBERATION.search(explained) is not None
