"""Grounding: from a model's words to exact places in the document, or a reason why not.

Laws, which the property tests hold this module to:

1. Every span returned satisfies ``document.text[start:end] == text``.
2. A slot may differ from the document in white space, invisible characters and the shape of quotes and dashes, and in
   nothing else: a digit, a name, a letter's case or a "not" that differs is a fault.
3. A slot never cuts a word or a number in two: "470" is not in "14,470", "able" is not in "unable".
4. Time is linear in the length of the window for each slot.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Final

from extractor.documents import Mention, Sentence, Window
from extractor.normalise import quantities
from extractor.normalise.spacing import flat

_FOLDED: Final = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
}
_DROPPED: Final = frozenset(("Cf", "Cc", "Cs"))
_EDGES: Final = " \t\n,;:.\"'()[]"
_PLAIN: Final = re.compile(r"[!-_a-~]+(?: [!-_a-~]+)*")
"""Words that folding leaves as they are: visible ASCII but the backtick, single spaces between."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a draft cannot be grounded.

    Attributes:
        slot: The slot at fault.
        reason: A short name of the cause: ``unknown_sentence``, ``not_in_window``, ``not_in_sentence``, ``no_number``.
        message: What to tell the model.
    """

    slot: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Grounded:
    """The slots of one draft, each at its place, and the sentence they were read from."""

    sentence: Sentence
    slots: Mapping[str, Mention]


def fold(text: str) -> tuple[str, list[int]]:
    """Return ``text`` as it is compared, and for each character of that the offset it came from.

    White space runs become one space, typographic quotes and dashes their plain forms, invisible characters nothing.
    """
    folded: list[str] = []
    offsets: list[int] = []
    at = 0
    for plain in (*_PLAIN.finditer(text), None):
        start, end = plain.span() if plain is not None else (len(text), len(text))
        for offset in range(at, start):
            character = text[offset]
            if character.isspace():
                if folded and folded[-1] != " ":
                    folded.append(" ")
                    offsets.append(offset)
            elif unicodedata.category(character) not in _DROPPED:
                folded.append(_FOLDED.get(character, character))
                offsets.append(offset)
        if plain is not None:
            folded.append(plain[0])
            offsets.extend(range(start, end))
        at = end
    return "".join(folded), offsets


@lru_cache(maxsize=1024)
def _needle(words: str) -> str:
    """Return the words of a slot as they are looked up; remembered, since the parts of a claim repeat from draft to draft."""
    return fold(words)[0].strip(_EDGES)


@dataclass(frozen=True)
class Haystack:
    """A window made ready for looking words up; build it once per window.

    Attributes:
        window: The window.
        known: What has been grounded in it; validation and results both ask.
    """

    window: Window
    known: dict[object, Grounded | tuple[Fault, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _folded(self) -> tuple[str, list[int]]:
        window = self.window
        return fold(window.document.text[window.start : window.end])

    def sentence(self, number: int) -> Sentence | None:
        """Return the sentence with ``number`` in the window, from 1, or None."""
        inside = 1 <= number <= len(self.window.sentences)
        return self.window.sentences[number - 1] if inside else None

    def places(self, words: str, since: int = 0) -> Iterator[tuple[int, int]]:
        """Yield the spans of the document at which ``words`` stand whole, in order; those that begin at ``since`` or behind it."""
        text, offsets = self._folded
        needle = _needle(words)
        at = text.find(needle, bisect_left(offsets, since - self.window.start)) if needle else -1
        while at >= 0:
            end = at + len(needle)
            if _whole(text, at, end):
                yield self.window.start + offsets[at], self.window.start + offsets[end - 1] + 1
            at = text.find(needle, at + 1)

    def nearest(self, words: str, sentence: Sentence) -> tuple[int, int] | None:
        """Return where ``words`` stand nearest to ``sentence``: in it, else before it, else after it."""
        behind = next(self.places(words, sentence.start), None)
        if behind is not None and behind[1] <= sentence.end:
            return behind
        best: tuple[int, int] | None = None
        for start, end in self.places(words):
            if start >= sentence.start:
                break
            best = start, end
        return best or behind


def ground(haystack: Haystack, number: int, slots: Mapping[str, str | None], *, local: frozenset[str]) -> Grounded | tuple[Fault, ...]:
    """Return the slots at their places, or every fault that keeps them from it.

    Args:
        haystack: The window the draft was made from.
        number: The draft's sentence number in the window, from 1.
        slots: The draft's words by slot; None and empty words are absent.
        local: Slots that must stand in that very sentence; the others may stand anywhere in the window.
    """
    asked = (number, tuple(slots.items()), local)
    if asked not in haystack.known:
        haystack.known[asked] = _ground(haystack, number, slots, local)
    return haystack.known[asked]


def _ground(haystack: Haystack, number: int, slots: Mapping[str, str | None], local: frozenset[str]) -> Grounded | tuple[Fault, ...]:
    sentence = haystack.sentence(number)
    if sentence is None:
        most = len(haystack.window.sentences)
        return (Fault("sentence", "unknown_sentence", f"there is no sentence {number}; choose one of 1 to {most}"),)
    found: dict[str, Mention] = {}
    faults: list[Fault] = []
    for slot, words in slots.items():
        if words is None or not words.strip(_EDGES):
            continue
        result = _locate(haystack, sentence, number, slot, words, local=slot in local)
        if isinstance(result, Fault):
            faults.append(result)
        else:
            found[slot] = result
    return tuple(faults) if faults else Grounded(sentence, found)


def mention(window: Window, start: int, end: int) -> Mention:
    """Return the mention of the document's characters from ``start`` to ``end``."""
    return Mention(text=window.document.text[start:end], start=start, end=end)


def _locate(haystack: Haystack, sentence: Sentence, number: int, slot: str, words: str, *, local: bool) -> Mention | Fault:
    if slot == "quantity":
        return _locate_quantity(haystack, sentence, number, words)
    place = haystack.nearest(words, sentence)
    if place is None:
        return Fault(slot, "not_in_window", f"'{words}' does not stand in the sentences; copy words that do, or leave it out")
    if local and not sentence.start <= place[0] < sentence.end:
        return Fault(slot, "not_in_sentence", f"'{words}' does not stand in sentence {number}; copy words of that sentence")
    return mention(haystack.window, *place)


def _locate_quantity(haystack: Haystack, sentence: Sentence, number: int, words: str) -> Mention | Fault:
    """Place a figure so that it holds a whole number of its sentence, its hedge included."""
    text = flat(haystack.window.document.text[sentence.start : sentence.end])
    places = list(takewhile(lambda place: place[1] <= sentence.end, haystack.places(words, sentence.start)))
    if not places:
        return Fault("quantity", "not_in_sentence", f"'{words}' does not stand in sentence {number}; copy the figure exactly")
    for start, end in places:
        for figure in quantities.find(text):
            if start <= sentence.start + figure.number_start and sentence.start + figure.end <= end:
                return mention(haystack.window, min(start, sentence.start + figure.start), end)
    return Fault("quantity", "no_number", f"'{words}' holds no whole figure of sentence {number}; copy the figure with what it counts")


def _whole(text: str, start: int, end: int) -> bool:
    """Tell whether ``text[start:end]`` cuts no word and no number at its ends."""
    before, after = text[start - 1 : start], text[end : end + 1]
    first, last = text[start], text[end - 1]
    if (before and _joined(before, first)) or (after and _joined(last, after)):
        return False
    if first.isdigit() and re.search(r"\d[.,]$|[A-Za-z]-$", text[max(0, start - 2) : start]):
        return False
    return not (last.isdigit() and re.match(r"[.,]\d", text[end : end + 2]))


def _joined(left: str, right: str) -> bool:
    return _wordlike(left) and _wordlike(right)


def _wordlike(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
