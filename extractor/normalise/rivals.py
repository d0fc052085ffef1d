"""Figures that answer each other: two of one thing from two sources, the later one disputing the earlier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from extractor.claims import OutcomeKind, Quantity, Source, Statement, Verification, VerificationStatus
from extractor.documents import Document, Sentence, Span
from extractor.normalise.coverage import stems
from extractor.normalise.late import late

_NEAR: Final = 8
"""In paragraphs: figures further apart are of other things, or of another day."""
_HEDGE: Final = 0.2
_ALIKE: Final = 10
"""How many times the one figure may be the other; beyond that they count different things."""
_FURTHER: Final = late(r"\b(?:another|a further|further|more|additional|other|of (?:them|those|these|the)|since|most)\b", re.IGNORECASE)
_WITHDRAWN: Final = late(
    r"\b(?:an earlier version|earlier reports?|first reported|previously reported|had earlier (?:said|put|reported))\b", re.IGNORECASE
)
_CORRECTED: Final = late(
    r"\bnow (?:says?|puts?|reports?|gives?|speaks?)\b|\b(?:revised|corrected|raised|lowered|updated|amended) (?:the|its|his|her|their)\b|\bnot [\w,.]+ as (?:first|earlier|previously)\b",
    re.IGNORECASE,
)
_SETS_AGAINST: Final = late(r"\b(?:put|puts|but|however|while|whereas|only|instead|not|merely|no more than|differ\w*)\b", re.IGNORECASE)
_NAME: Final = late(r"\b(?!The\b|An?\b|Its\b|Their\b)[A-Z][\w-]+")
_WELL: Final = late(r"\b(?:safe|unhurt|unharmed|uninjured|alive|accounted for|in good health)\b", re.IGNORECASE)
_ALL: Final = late(r"\b(?:all|everyone|everybody|every one|each)\b", re.IGNORECASE)
_OF_PEOPLE: Final = frozenset(("killed", "wounded", "missing", "captured", "displaced"))


def verifications(document: Document, split: Sequence[Sentence], claims: Sequence[Statement]) -> list[Verification]:
    """Return a verification for each claim whose figure another source answers with another figure of the same thing.

    So does the source that corrects a figure of its own. The same thing: one kind of outcome, one counted noun where both name one, no "another" or "more" before either. The
    answer disputes the figure it answers; it denies it where it says that nobody was lost, or that all are well.
    """
    paragraphs = {sentence.start: sentence.paragraph for sentence in split}
    made = sorted((claim for claim in claims if claim.evidence[0].start in paragraphs), key=lambda claim: claim.evidence[0].start)
    found: list[Verification] = []
    for index, earlier in enumerate(made):
        counted, kind = earlier.quantity, earlier.outcome.kind if earlier.outcome is not None else None
        if counted is None:
            continue
        for later in made[index + 1 :]:
            near = paragraphs[later.evidence[0].start] - paragraphs[earlier.evidence[0].start] <= _NEAR
            answered, answer, status = earlier, later, None
            if _one_source(earlier, later):
                answered, answer, status = _correction(earlier, counted, kind, later)
            elif near:
                close = 0 <= paragraphs[later.evidence[0].start] - paragraphs[earlier.evidence[0].start] <= 1
                status = _answer(document.text, earlier, counted, kind, later) if kind is not None or close else None
            if status is not None:
                lead = answer.evidence[0]
                evidence = Span(text=lead.text, start=lead.start, end=lead.end)
                found.append(Verification(status=status, by=None, evidence=evidence, claims=(answered.id,)))
                break
    return found


def _correction(
    earlier: Statement, counted: Quantity, kind: OutcomeKind | None, later: Statement
) -> tuple[Statement, Statement, VerificationStatus | None]:
    """Return the figure that its own source corrected, the correction, and that it is disputed; no status where neither is one."""
    other = later.quantity
    same = (
        kind is not None and later.outcome is not None and later.outcome.kind == kind and other is not None and _count_alike(counted, other)
    )
    if not same or other is None or counted.value == other.value:
        return earlier, later, None
    if _WITHDRAWN.search(later.evidence[0].text):
        return later, earlier, "disputed"
    return earlier, later, "disputed" if _CORRECTED.search(later.evidence[0].text) else None


def _answer(text: str, earlier: Statement, counted: Quantity, kind: OutcomeKind | None, later: Statement) -> VerificationStatus | None:
    outcome, answer = later.outcome, later.quantity
    asserted = "denies" not in (earlier.attribution.stance, later.attribution.stance)
    sourced = bool(earlier.attribution.sources and later.attribution.sources)
    if outcome is None or not asserted or not sourced or _of_others(earlier, later):
        return None
    if kind in _OF_PEOPLE and _WELL.search(outcome.text):
        around = text[max(later.evidence[0].start, outcome.start - 60) : outcome.end]
        return "denied" if _ALL.search(around) and (answer is None or _count_alike(counted, answer)) else None
    if outcome.kind != kind or (kind is None and not _SETS_AGAINST.search(later.evidence[0].text)):
        return None
    if answer is None or later.polarity == "negated":
        return "denied" if kind is not None and answer is None and later.polarity == "negated" else None
    if any(_are_bodies(figure) or _FURTHER.search(_before(text, claim, figure)) for claim, figure in ((earlier, counted), (later, answer))):
        return None
    return "disputed" if _apart(counted, answer) and _count_alike(counted, answer) else None


def _of_others(earlier: Statement, later: Statement) -> bool:
    """Tell whether two claims name different sides, or different places."""
    sides = [set(_NAME.findall(claim.subject.text)) if claim.subject is not None else set() for claim in (earlier, later)]
    places = [stems(claim.place.text) if claim.place is not None else frozenset() for claim in (earlier, later)]
    return any(one and other and not one & other for one, other in (sides, places))


def _before(text: str, claim: Statement, figure: Quantity) -> str:
    """Return a figure and the few words before it."""
    return text[max(claim.evidence[0].start, figure.start - 14) : figure.end]


def _are_bodies(figure: Quantity) -> bool:
    """Tell whether a figure counts bodies found, which says nothing against a toll."""
    return figure.unit is not None and figure.unit.lower().endswith(("bodies", "body"))


def _apart(first: Quantity, second: Quantity) -> bool:
    """Tell whether two figures cannot be meant alike: a hedge on both covers a fifth, a range what lies in it."""
    if first.value is not None and second.value is not None:
        exact, most = "exact" in (first.comparator, second.comparator), max(first.value, second.value)
        return most <= _ALIKE * min(first.value, second.value) and abs(first.value - second.value) > (0 if exact else _HEDGE * most)
    return (first.high is not None and second.low is not None and second.low > first.high) or (
        second.high is not None and first.low is not None and first.low > second.high
    )


def _count_alike(first: Quantity, second: Quantity) -> bool:
    if first.kind is not None and second.kind is not None:
        return first.kind == second.kind
    if first.unit is None or second.unit is None or first.unit.lower() == second.unit.lower():
        return True
    return bool(stems(first.unit) & stems(second.unit))


def _one_source(earlier: Statement, later: Statement) -> bool:
    """Tell whether one source makes both claims, or both in one sentence."""
    here = earlier.evidence[0].start == later.evidence[0].start
    return here or bool(_names(earlier.attribution.sources) & _names(later.attribution.sources))


def _names(sources: Sequence[Source]) -> set[str]:
    return {(source.canonical or source.text).lower().removeprefix("the ") for source in sources}
