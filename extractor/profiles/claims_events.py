"""The one question left to a model where a parser has read the sentences: does a figure in the outlet's own voice report an event?

The grammar of a sentence tells who says, does and suffers what, better than a small model does. What it cannot tell is "The
ferry took 40 people aboard" from "The ferry has room for 40 people", so that is asked, of the bare clause, in one word.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from extractor.documents import Window
from extractor.grounding import Fault, Grounded, Haystack, ground
from extractor.profiles.base import Draft, Found
from extractor.profiles.claims_screen import is_read
from extractor.profiles.claims_syntax import doubtful
from extractor.prompts import readable
from extractor.syntax.statements import Stated

_MOST: Final = 8
"""Most figures asked about in one sentence."""


class EventDraft(Draft):
    """What the model says of one figure: the number of its clause, its words, and whether they report an event."""

    local: ClassVar[frozenset[str]] = frozenset(("quantity",))
    labels: ClassVar[frozenset[str]] = frozenset(("says",))

    quantity: str = Field(max_length=300)
    says: Literal["event", "description"]

    def grounded(self, haystack: Haystack) -> Grounded | tuple[Fault, ...]:
        """Return the figure at its place, or every fault; all clauses of a window are of its one sentence."""
        return ground(haystack, 1, self.words(), local=self.local)


class EventAnswer(BaseModel):
    """A whole answer about one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figures: list[EventDraft] = Field(max_length=_MOST)


def asks(window: Window) -> bool:
    """Tell whether the sentence of ``window`` has a figure that only a model can judge."""
    return bool(_asked(window))


def shown(window: Window) -> tuple[str, ...]:
    """Return the clauses of the doubtful figures, each once: what the model is shown instead of the sentence."""
    return tuple(dict.fromkeys(figure.clause for figure in _asked(window)))


def questions(window: Window) -> tuple[tuple[int, str], ...]:
    """Return what the model is asked about: the number of the clause, from 1, and the words of each doubtful figure, in order."""
    return tuple(dict.fromkeys(_question(window, figure) for figure in _asked(window)))


def grammar(window: Window) -> str:
    """Return the grammar of every answer about ``window``: for each doubtful figure, in order, one of two words."""
    items = [f'{json.dumps(_head(*asked), ensure_ascii=False)} ("event" | "description") "\\"}}"' for asked in questions(window)]
    body = ' "," '.join(items)
    return f'%llguidance {{}}\nstart: "{{\\"figures\\":[" {body} "]}}"\n'


def agreed(figure: Stated, drafts: Sequence[Found]) -> Found | None:
    """Return the draft that calls ``figure`` an event; None where the model calls it a description, or was not asked.

    Args:
        figure: A doubtful statement.
        drafts: The drafts of its sentence.
    """
    for item in drafts:
        draft = item.draft
        if isinstance(draft, EventDraft) and draft.says == "event" and _question(item.window, figure) == (draft.sentence, draft.quantity):
            return item
    return None


def _question(window: Window, figure: Stated) -> tuple[int, str]:
    """Return how the model is asked about a doubtful figure: the number of its clause, 0 where that is not shown, and its words."""
    clauses = shown(window)
    number = clauses.index(figure.clause) + 1 if figure.clause in clauses else 0
    return number, readable(window.texts[0][slice(*figure.quantity)]) if figure.quantity is not None else ""


def _head(number: int, figure: str) -> str:
    return f'{{"sentence":{number},"quantity":{json.dumps(figure, ensure_ascii=False)},"says":"'


def _asked(window: Window) -> list[Stated]:
    sentence = window.sentences[0]
    return doubtful(sentence)[:_MOST] if is_read(window.document, sentence) else []
