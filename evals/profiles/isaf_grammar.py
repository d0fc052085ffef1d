"""The grammar that lets a model answer about the sentences that tell of killing or capture only, in those sentences' own words.

One answer for each such sentence, each key only where a word for it stands in the sentence, and every phrase a run of that sentence's
words: nothing can be invented or left unread, and leaving a key out is the shortest answer. Syntax: LLGuidance's Lark dialect,
docs/syntax.md of its repository.
"""

from __future__ import annotations

import json
import re
from typing import Final

from extractor.documents import Window
from extractor.prompts import readable

EVENTS: Final = {
    "killed": re.compile(r"\b(?:kill\w*|deaths?|dead|died|shot)\b", re.IGNORECASE),
    "captured": re.compile(r"\b(?:captur\w*|detain\w*|detention|arrest\w*|custody|surrender\w*)\b", re.IGNORECASE),
}
"""Words without which a sentence tells of nobody killed, or captured."""
_MOST_WORDS: Final = 14


def events(sentence: str) -> tuple[str, ...]:
    """Return what may have happened to somebody by the words of ``sentence``."""
    return tuple(name for name, words in EVENTS.items() if words.search(sentence))


def asks(window: Window) -> bool:
    """Tell whether any sentence of ``window`` may tell of somebody killed or captured."""
    return any(events(text) for text in window.texts)


def grammar(window: Window) -> str:
    """Return the grammar of every answer about ``window``."""
    asked = {number: readable(text) for number, text in enumerate(window.texts, 1) if events(text)}
    start = ' "," '.join(f"toll_{number}" for number in asked)
    return "\n".join(["%llguidance {}", rf'start: "{{\"tolls\":[" {start} "]}}"', *(_toll(*item) for item in asked.items())]) + "\n"


def _toll(number: int, text: str) -> str:
    words = json.dumps({"substring_words": json.dumps(text, ensure_ascii=False)[1:-1]}, ensure_ascii=False)
    pairs = " ".join(rf'(",\"{name}\":\"" PHRASE_{number} "\"")?' for name in events(text))
    return rf"""toll_{number}: "{{\"sentence\":{number}" {pairs} "}}"
PHRASE_{number}: (%regex {words}) & /([^ ]+ ?){{1,{_MOST_WORDS}}}/"""
