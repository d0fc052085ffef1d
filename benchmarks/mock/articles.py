"""Articles of 3 KB with 12 claims each, and what a good model answers about any window of them.

There are 64 kinds of articles; articles of a kind differ in their number only, so that a server can know all answers by the
sentence, and no two requests are the same. ``python benchmarks/mock/articles.py 10000`` prints so many as JSON lines.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final

KINDS: Final = 64
PUBLISHED: Final = "2026-03-11"
_NAMES: Final = "Arden Brask Calder Dorna Elmin Farrow Gorsk Halm Istra Jorvik Kestrel Lumen Morvo Narrow Ostrel Pelusk Quill Resko".split()
_ENDS: Final = "a ov in ek er um".split()
_NOUNS: Final = "soldiers drones tanks civilians houses vehicles fighters guns trucks miners boats passengers".split()
_VERBS: Final = "killed destroyed lost wounded captured damaged".split()
_DAYS: Final = "on Monday,on Tuesday,overnight,over the past day,on 3 March,last week,since January,this month".split(",")
_CUES: Final = "said claimed reported announced stated".split()
_FILLERS: Final = (
    "The road between the two towns has been closed to all but military traffic for several weeks now.",
    "Residents who stayed behind described long queues for water, bread and medicine in the old quarter.",
    "Neither side has shown much interest in the talks that were proposed by the neighbouring states.",
)

Draft = dict[str, str]


@cache
def kind(number: int) -> tuple[tuple[str, Draft | None], ...]:
    """Return the sentences of one kind after its first one, each with the draft of the claim it makes, if it makes one."""
    draw = random.Random(number)
    found: list[tuple[str, Draft | None]] = []
    for _ in range(12):
        names = [draw.choice(_NAMES) + draw.choice(_ENDS) for _ in range(3)]
        source, side, place = f"{names[0]}'s Defence Ministry", f"{names[1]} forces", f"near {names[2]}"
        noun, verb, when = draw.choice(_NOUNS), draw.choice(_VERBS), draw.choice(_DAYS)
        figure = f"At least {draw.randint(2, 990)} {noun}"
        sentence = f"{figure} were {verb} by {side} {place} {when}, {source} {draw.choice(_CUES)} in a written statement to reporters."
        draft = {
            "source": source, "subject": side, "outcome": f"were {verb}", "quantity": figure, "target": noun, "time": when,
            "place": place, "type": "military_action",
        }  # fmt: skip
        found += [(sentence, draft), (draw.choice(_FILLERS), None)]
    return tuple(found)


def article(number: int) -> dict[str, str]:
    """Return the fields of the document that is the ``number``-th article."""
    sentences = [f"Dispatch {number} from the valley.", *(sentence for sentence, _ in kind(number % KINDS))]
    text = "\n\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))
    return {"text": text, "id": f"dispatch-{number}", "published": PUBLISHED, "title": f"Dispatch {number}"}


def answer(number: int) -> str:
    """Return the answer about the whole of an article, where its sentences are numbered from 1."""
    drafts = [{"sentence": at, **draft} for at, (_, draft) in enumerate(kind(number % KINDS), 2) if draft is not None]
    return json.dumps({"claims": drafts}, separators=(",", ":"))


def known() -> Iterator[tuple[str, Draft]]:
    """Yield every sentence that makes a claim, with its draft."""
    yield from ((sentence, draft) for number in range(KINDS) for sentence, draft in kind(number) if draft is not None)


def articles() -> Iterator[dict[str, str]]:
    """Yield articles for ever."""
    number = 0
    while True:
        yield article(number)
        number += 1


if __name__ == "__main__":
    for fields in islice(articles(), int(sys.argv[1])):
        print(json.dumps(fields))
