"""Terrorist incidents in news (muc4): event templates with perpetrators, organisation, targets, victims and weapons.

The model answers small questions, sentence by sentence: whether it reports an incident, who did it, and to whom or what, each chosen among
phrases of the sentence. Code finds those phrases, the weapons and the organisation, and puts sentences together; see ``muc4_phrases`` and
``muc4_templates``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.profiles import muc4_grammar, muc4_phrases
from evals.profiles.muc4_templates import Template, Told, moved, templates
from extractor.documents import Document, Sentence
from extractor.profiles.base import Draft, Found, Profile, Results


class IncidentDraft(Draft):
    """What one sentence reports, as the model writes it."""

    local: ClassVar[frozenset[str]] = frozenset(("by", "victim", "target"))
    labels: ClassVar[frozenset[str]] = frozenset(("kind",))

    what: str | None = Field(default=None, max_length=300)
    by: str | None = Field(default=None, max_length=300)
    victim: str | None = Field(default=None, max_length=300)
    target: str | None = Field(default=None, max_length=300)
    kind: Literal["incident", "battle", "talk"]


class IncidentAnswer(BaseModel):
    """A whole answer about one window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    incidents: list[IncidentDraft] = Field(max_length=40)


def finish(document: Document, _: Sequence[Sentence], found: Sequence[Found]) -> Results:
    """Return the templates that the drafts make."""
    return Results(records=templates(document, (one for item in found for one in _told(document, item))))


def _told(document: Document, item: Found) -> Iterator[Told]:
    draft, sentence, slots = item.draft, item.grounded.sentence, item.grounded.slots
    assert isinstance(draft, IncidentDraft)
    parts = muc4_phrases.parts(document.text[sentence.start : sentence.end])
    if draft.kind == "incident" and parts.types:
        chosen = {
            slot: parts.listed(
                (mention.start - sentence.start, mention.end - sentence.start) for name, mention in slots.items() if name == slot
            )
            for slot in ("by", "victim", "target")
        }
        yield Told(
            sentence.index, parts.types[0], {slot: moved(sentence, places) for slot, places in {**chosen, "weapon": parts.weapon}.items()}
        )


MUC4: Final = Profile(
    name="muc4",
    prompt="muc4@1",
    draft=IncidentDraft,
    answer=IncidentAnswer,
    asks=muc4_grammar.asks,
    grammar=muc4_grammar.grammar,
    finish=finish,
    record=Template,
    prompts=Path(__file__).parent / "prompts",
)
