"""Terrorist incidents in news (muc4): event templates with perpetrators, organisation, targets, victims and weapons.

The model answers small questions, sentence by sentence: what happened, to whom or what, who did it, and whether that is the report of an
incident, each chosen among phrases of the sentence. Code finds those phrases, the weapons and the organisation, takes what stands beside a
word of harm as told, adds the victims and targets that the model chose, and puts sentences together; see ``muc4_phrases`` and
``muc4_templates``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from evals.profiles import muc4_grammar
from evals.profiles.muc4_phrases import Place
from evals.profiles.muc4_templates import Template, read, templates
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


def finish(document: Document, split: Sequence[Sentence], found: Sequence[Found]) -> Results:
    """Return the templates that rules and drafts make together: a draft adds to what rules find in its sentence, and takes nothing away."""
    chosen = {item.grounded.sentence.index: _chosen(item) for item in found}
    told = (one for sentence in split for one in read(document, sentence, chosen.get(sentence.index, {})))
    return Results(records=templates(document, told))


def _chosen(item: Found) -> dict[str, tuple[Place, ...]]:
    """Return the victim and target of an incident that a draft reports, as places in its sentence."""
    draft, start = item.draft, item.grounded.sentence.start
    assert isinstance(draft, IncidentDraft)
    if draft.kind != "incident":
        return {}
    slots = {slot: mention for slot, mention in item.grounded.slots.items() if slot in ("victim", "target")}
    return {slot: ((mention.start - start, mention.end - start),) for slot, mention in slots.items()}


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
