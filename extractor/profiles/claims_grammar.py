"""The grammar that holds a small model to a window's own words, for llama.cpp's LLGuidance.

Code finds what rules find well: figures, phrases of time, phrases beside a word of saying. The grammar then lets the
model choose among those, and copy the free slots (subject, outcome, target, place) word by word from what is said, leaving
out who says it. Claims
come in the order of the sentences, one for each figure and a few without, so the model cannot loop; a figure in a sentence
with a source and a word of loss must get its claim. Keys may be left out, so absence costs nothing and an invention is not
easier than the truth.

Syntax: LLGuidance's Lark dialect, docs/syntax.md of its repository; ``%regex {"substring_words": ...}`` matches any run
of words of a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from extractor.claims import CLAIM_TYPES
from extractor.documents import Window
from extractor.normalise import attribution, quantities, times
from extractor.profiles.claims_screen import is_read
from extractor.prompts import readable

_LOSS_TYPES: Final = ("human_losses", "equipment_losses")
_LOSS: Final = re.compile(
    r"\b(?:lose|loses|losing|lost|loss|losses|kill\w*|wound\w*|injur\w*|captur\w*|casualt\w*|dead|died|deaths?|destroy\w*"
    r"|damag\w*|shot|down(?:ed|ing)|sank|sunk|missing|eliminat\w*|hit|struck|fatalit\w*|toll|intercept\w*|neutrali\w*)\b",
    re.IGNORECASE,
)
_FURTHER: Final = re.compile(r"\b(?:adding|and that|but that|saying|claiming|warning|while)\b|;", re.IGNORECASE)
_PHRASE_WORDS: Final = 8
_OUTCOME_WORDS: Final = 5
_MOST_FIGURES: Final = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules find in one sentence, as shown to the model."""

    text: str
    figures: tuple[str, ...]
    sources: tuple[str, ...]
    times: tuple[str, ...]
    content: tuple[str, ...]
    losses: bool
    free: int

    @property
    def asks(self) -> bool:
        """Whether the sentence can hold a claim: it has a figure or a source."""
        return bool(self.figures or self.sources)

    @property
    def must(self) -> bool:
        """Whether each figure is certain to be claimed: somebody says it of a loss."""
        return self.losses and bool(self.sources)


@lru_cache(maxsize=512)
def facts(sentence: str) -> Facts:
    """Return what rules find in ``sentence``."""
    text = readable(sentence)
    figures = [text[number.start : quantities.counted(text, number.end)] for number in quantities.find(text)]
    places = attribution.source_candidates(text)
    sources = [text[slice(*place)] for place in places]
    said = attribution.cues(text)
    stated = {attribution.stated_on(text, cue, place) for cue in said for place in places}
    phrases = [text[slice(*place)] for place in times.find(text) if place not in stated]
    free = (0 if figures else 1) + (1 if said and _FURTHER.search(text) else 0)
    return Facts(
        text,
        tuple(dict.fromkeys(figures))[:_MOST_FIGURES],
        tuple(dict.fromkeys(sources)),
        tuple(dict.fromkeys(phrases)),
        tuple(text[slice(*place)].strip() for place in attribution.content(text)),
        bool(_LOSS.search(text)),
        free,
    )


def asks(window: Window) -> bool:
    """Tell whether any sentence of ``window`` can hold a claim."""
    return any(fact.asks for fact in _asked(window))


def _asked(window: Window) -> list[Facts]:
    """Return what rules find in each sentence; in one that is not to be read, nothing to ask about."""
    read = [is_read(window.document, sentence) for sentence in window.sentences]
    return [facts(text) if asked else replace(facts(text), figures=(), sources=()) for text, asked in zip(window.texts, read, strict=True)]


def grammar(window: Window) -> str:
    """Return the grammar of every answer about ``window``: JSON whose words are the window's own."""
    found = _asked(window)
    elsewhere = [source for fact in found for source in fact.sources]
    rules: list[str] = []
    items: list[tuple[str, bool]] = []
    for number, fact in enumerate(found, 1):
        if not fact.asks:
            continue
        rules += _sentence_rules(number, fact, fact.sources or tuple(elsewhere))
        items += [(f"figure_{number}_{index}", fact.must) for index in range(len(fact.figures))]
        items += [(f"free_{number}", False)] * fact.free
    start = ['start: "{\\"claims\\":[" first_0 "]}"', *_sequence(items)]
    return "%llguidance {}\n" + "\n".join([*start, *rules]) + "\n"


def _sequence(items: Sequence[tuple[str, bool]]) -> Iterable[str]:
    """Yield rules for the ``items`` in order with commas between, those that must stand and any of the others.

    ``first`` is the state before any item was taken, ``next`` the one after.
    """
    for index, (item, must) in enumerate(items):
        after = index + 1
        yield f"first_{index}: {item} next_{after}" + ("" if must else f" | first_{after}")
        yield f'next_{index}: "," {item} next_{after}' + ("" if must else f" | next_{after}")
    yield f'first_{len(items)}: ""'
    yield f'next_{len(items)}: ""'


def _sentence_rules(number: int, fact: Facts, sources: Sequence[str]) -> Iterable[str]:
    for terminal, most in (("PHRASE", _PHRASE_WORDS), ("OUTCOME", _OUTCOME_WORDS)):
        pieces = " | ".join(_substring(piece) for piece in fact.content)
        yield f"{terminal}_{number}: ({pieces}) & /([^ ]+ ?){{1,{most}}}/"
    types = [name for name in CLAIM_TYPES if fact.losses or name not in _LOSS_TYPES]
    phrase, outcome = (f'"\\"" {terminal}_{number} "\\""' for terminal in ("PHRASE", "OUTCOME"))
    choices = {
        "source": _choice(sources),
        "subject": phrase,
        "outcome": outcome,
        "target": phrase,
        "time": _choice(fact.times),
        "place": phrase,
    }
    for index, figure in enumerate((*fact.figures, None)):
        name = f"free_{number}" if figure is None else f"figure_{number}_{index}"
        if figure is None and not fact.free:
            continue
        slots = {**choices, "quantity": _choice((figure,) if figure else ())}
        required = {"outcome", "quantity", *(("source",) if fact.sources else ())}
        keys = ("source", "subject", "outcome", "quantity", "target", "time", "place")
        body = [_pair(key, slots[key], required=key in required) for key in keys if slots[key]]
        head = _literal(f'{{"sentence":{number}')
        yield f'{name}: {head} {" ".join(body)} {_pair("type", _choice(types), required=True)} "}}"'


def _pair(key: str, value: str, *, required: bool) -> str:
    pair = _literal(f',"{key}":') + f" ({value})"
    return pair if required else f"({pair})?"


def _choice(values: Iterable[str]) -> str:
    return " | ".join(_literal(json.dumps(value, ensure_ascii=False)) for value in dict.fromkeys(values))


def _substring(text: str) -> str:
    return "%regex " + json.dumps({"substring_words": json.dumps(text, ensure_ascii=False)[1:-1]}, ensure_ascii=False)


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
