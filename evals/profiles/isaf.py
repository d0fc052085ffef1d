"""Incidents of military press releases (isaf): one record of thirteen fields a release.

The model answers one small question, sentence by sentence: who was killed, who was captured, in the sentence's own words. Code counts
those phrases, reads day, place and group off the text, and puts them together; the rules are in ``isaf_slots``, ``isaf_counts`` and
``isaf_words``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from evals.profiles import isaf_grammar, isaf_words
from evals.profiles.isaf_counts import Toll, toll
from evals.profiles.isaf_slots import Whom, whom
from extractor.documents import Document, Frozen, Sentence
from extractor.grounding import Grounded
from extractor.profiles.base import Draft, Found, Profile, Results


class TollDraft(Draft):
    """Who was killed and who was captured in one sentence, as the model writes it."""

    local: ClassVar[frozenset[str]] = frozenset(("killed", "captured"))

    killed: str | None = Field(default=None, max_length=300)
    captured: str | None = Field(default=None, max_length=300)


class TollAnswer(BaseModel):
    """A whole answer about one window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tolls: list[TollDraft] = Field(max_length=40)


class Incident(Frozen):
    """What the release says happened, in the words and by the counting rules of the data set (doi 10.57967/hf/1956).

    Attributes:
        start_date: First day of it; null without a publication date, unless the text gives a whole date.
        event_type: What it was.
        province: Where, in the data set's spelling.
        target_group: Whose people were sought.
        min_killed: Fewest people killed that the words allow.
        min_captured: Fewest captured.
        killq: Whether anybody was killed.
        captureq: Whether anybody was captured.
        killcaptureraid: Whether a force set out for somebody.
        airstrike: Whether there was a strike from the air.
        noshotsfired: Whether it says that no shot was fired.
        min_leaders_killed: Fewest leaders killed; who facilitates does not lead.
        min_leaders_captured: Fewest leaders captured.
    """

    start_date: dt.date | None
    event_type: tuple[str, ...]
    province: tuple[str, ...]
    target_group: tuple[str, ...]
    min_killed: int
    min_captured: int
    killq: bool
    captureq: bool
    killcaptureraid: bool
    airstrike: bool
    noshotsfired: bool
    min_leaders_killed: int
    min_leaders_captured: int


def finish(document: Document, split: Sequence[Sentence], found: Sequence[Found]) -> Results:
    """Return the one incident that the drafts of all windows and the words of the release make."""
    text = isaf_words.without_dateline(document.text)
    sentences = [" ".join(text[sentence.start : sentence.end].split()) for sentence in split]
    told = _told(text, [item.grounded for item in found if item.grounded.slots])
    killed, captured = (_whom(document.text, told, act) for act in isaf_grammar.EVENTS)
    return Results(records=(_incident(document, sentences, killed, captured),))


def _told(text: str, read: Sequence[Grounded]) -> Sequence[Grounded]:
    """Return what was read of this incident; what sums up several counts for want of anything better."""
    return [one for one in read if not isaf_words.sums_up(text[one.sentence.start : one.sentence.end])] or read


def _whom(text: str, told: Iterable[Grounded], act: str) -> list[Whom]:
    people = (whom(text, one.sentence.end, act, one.slots[act]) for one in told if act in one.slots)
    return [one for one in people if one is not None]


def _counted(people: Sequence[Whom]) -> Toll:
    return toll((one.phrase for one in people if not one.among), (one.phrase for one in people if one.among))


def _incident(document: Document, sentences: Sequence[str], killed: Sequence[Whom], captured: Sequence[Whom]) -> Incident:
    prose = [sentence for sentence in sentences if isaf_words.is_prose(sentence)]
    event = [sentence for sentence in prose if isaf_grammar.events(sentence)]
    nearest = [*(sentence for sentence in event if not isaf_words.sums_up(sentence)), *event, *prose]
    dead, held = _counted(killed), _counted(captured)
    strike = any(map(isaf_words.is_airstrike, prose))
    civilians = any(isaf_words.are_civilians(one.phrase) for one in killed)
    return Incident(
        start_date=isaf_words.day(nearest, document.published),
        event_type=_types(strike=strike, civilians=civilians, killed=dead.people > 0, captured=held.people > 0),
        province=isaf_words.province((*nearest, *sentences)),
        target_group=isaf_words.groups(nearest),
        min_killed=dead.people,
        min_captured=held.people,
        killq=dead.people > 0,
        captureq=held.people > 0,
        killcaptureraid=isaf_words.is_raid(prose, captured=held.people > 0, strike=strike),
        airstrike=strike,
        noshotsfired=any(map(isaf_words.no_shots, prose)),
        min_leaders_killed=dead.leaders,
        min_leaders_captured=held.leaders,
    )


def _types(*, strike: bool, civilians: bool, killed: bool, captured: bool) -> tuple[str, ...]:
    """Return the labeller's names of what happened; a release is about a detention where it tells of nothing else."""
    if strike:
        return ("airstrike", *(("civiliancasualty",) if civilians else ()), *(("detention",) if captured else ()))
    if civilians and not captured:
        return ("civiliancasualty",)
    if killed:
        return ("captureandkill",) if captured else ("insurgentskilled",)
    return ("detention",)


ISAF: Final = Profile(
    name="isaf",
    prompt="isaf@1",
    draft=TollDraft,
    answer=TollAnswer,
    asks=isaf_grammar.asks,
    grammar=isaf_grammar.grammar,
    finish=finish,
    record=Incident,
    prompts=Path(__file__).parent / "prompts",
)
