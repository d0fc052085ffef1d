"""The grammar that lets a model say of each sentence with a word of violence whether it reports an incident, and who had what part in it.

One answer a sentence, in their order, so the model cannot loop. Perpetrators, victims and targets are chosen among the phrases that rules
find in the sentence, so nothing can be invented. Syntax: LLGuidance's Lark dialect, as in ``extractor.profiles.claims_grammar``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from evals.profiles.muc4_phrases import Parts, parts
from extractor.documents import Window
from extractor.prompts import readable

KINDS: Final = ("incident", "battle", "talk")


def asks(window: Window) -> bool:
    """Tell whether any sentence of ``window`` may report an incident with a victim or a target."""
    return any(True for _ in _asked(window))


def grammar(window: Window) -> str:
    """Return the grammar of every answer about ``window``."""
    asked = list(_asked(window))
    answers = ' "," '.join(f"incident_{number}" for number, _, _ in asked)
    rules = [f'start: "{{\\"incidents\\":[" {answers} "]}}"', *(_sentence(*one) for one in asked)]
    return "%llguidance {}\n" + "\n".join(rules) + "\n"


def _asked(window: Window) -> Iterator[tuple[int, str, Parts]]:
    for number, text in enumerate(window.texts, 1):
        shown = readable(text)
        found = parts(shown)
        if found.victim or found.target:
            yield number, shown, found


def _sentence(number: int, text: str, found: Parts) -> str:
    slots = {
        slot: _pair(slot, (text[slice(*place)] for place in places))
        for slot, places in (("what", found.words), ("victim", found.victim), ("target", found.target), ("by", found.by))
        if places
    }
    optional = " ".join(f"({slots[slot]})?" for slot in ("victim", "target", "by") if slot in slots)
    kinds = _pair("kind", KINDS)
    head = _literal(f'{{"sentence":{number}')
    return f'incident_{number}: {head} {slots["what"]} {optional} {kinds} "}}"'


def _pair(slot: str, phrases: Iterable[str]) -> str:
    choices = " | ".join(_literal(json.dumps(phrase, ensure_ascii=False)) for phrase in dict.fromkeys(phrases))
    return f"{_literal(f',{json.dumps(slot)}:')} ({choices})"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
