"""Sentences that say whether something was checked, by whom, and which claims they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from extractor.claims import VerificationStatus

_CHECKED: Final = r"(?:verif|confirm|corroborat|authenticat|geolocat)"
_CLAIM_WORDS: Final = r"(?:counts?|figures?|numbers?|claims?|reports?|tolls?|accounts?|statements?|accusations?|allegations?|charges?|involvement|responsibility|casualties|losses)"
_TABLE: Final[tuple[tuple[str, VerificationStatus, str], ...]] = (
    (
        "could not be checked",
        "not_verified",
        rf"(?:not (?:immediately )?(?:been )?possible|impossible|unable|not able|could not|couldn['\u2019]t|cannot|can['\u2019]t|has not|have not|not yet|did not|was not|were not)\b[^.]{{0,60}}?\b(?:independently )?{_CHECKED}",
    ),
    (
        "could not be checked",
        "not_verified",
        rf"\b(?:neither|none of|no)\b[^.]{{0,60}}?\b(?:could|can|has|have|had|was|were|been)\b[^.]{{0,20}}{_CHECKED}",
    ),
    (
        "could not be checked",
        "not_verified",
        rf"\b(?:not|never)(?: yet)? (?:been |be )?(?:independently )?{_CHECKED}|\bunverified\b|\bunconfirmed\b",
    ),
    (
        "could not be checked",
        "not_verified",
        rf"\b(?:without|no|lacks?) independent (?:verification|confirmation)|\byet to be (?:independently )?{_CHECKED}|\bwithout (?:providing|giving|offering) (?:any )?evidence",
    ),
    (
        "denied",
        "denied",
        rf"\b(?:denied|denies|denying|rejected|rejects|dismissed|dismisses|refuted|refutes)\b(?=\s(?:(?:all|any|the|these|those|such|its|his|her|their|his|both|[\w]+['\u2019]s)\s)?(?:[\w-]+\s){{0,2}}{_CLAIM_WORDS}\b|\s(?:it|this)\b\s*[.,;])",
    ),
    (
        "disputed",
        "disputed",
        rf"\b(?:disputed|disputes|disputing|contested|contests|questioned|contradicted|contradicts|cast doubt on)\b|\b{_CLAIM_WORDS} (?:is|are|was|were) disputed\b",
    ),
    (
        "checked",
        "verified",
        rf"\b(?:independently|has been|have been|was|were|been) (?:independently )?{_CHECKED}(?:ied|ed|rated|icated)\b|\b{_CHECKED}(?:ied|ed|icated) (?:by|using|through|from|with)\b|\b(?:satellite (?:images?|imagery|photos?|pictures?)|geolocated (?:footage|video|images?)|(?:independent )?(?:observers|monitors|investigators)|footage|videos?)\b[^.]{{0,40}}\b(?:confirm(?:s|ed)?|verif(?:y|ies|ied)|show(?:s|ed)? that)",
    ),
)
_RULES: Final = tuple((name, status, re.compile(words, re.IGNORECASE)) for name, status, words in _TABLE)
_BY: Final = re.compile(
    rf"\b{_CHECKED}\w*\s(?:by|using|through)\s(?P<by>[^.,;]{{3,80}}?)(?=[.,;]|\s(?:on|in|that|who|which|after)\b|$)", re.IGNORECASE
)
_ACTOR: Final = re.compile(
    r"(?:^|[.;,]\s|\b(?:but|and|while|which|that)\s)(?P<by>(?:the |an? |its )?[A-Za-z][\w'\u2019.-]*(?:\s(?!(?:said|has|have|was|were|is|could)\b)[\w'\u2019.-]+){0,6}?)\s+(?:has |have |had |was |were |is |are |also |later |on \w+ |immediately |repeatedly )*$"
)
_NOBODY: Final = re.compile(
    r"^(?:it|they|he|she|this|that|which|these|those|there|none|neither|both|either)\b|^(?:the|an?)$|\b(?:counts?|figures?|numbers?|claims?|reports?|tolls?|accounts?)$",
    re.IGNORECASE,
)
_PLURAL: Final = re.compile(rf"\b(?:either|both|these|those|the|any of the|all)\s+(?:[\w-]+\s+){{0,2}}?{_CLAIM_WORDS}\b", re.IGNORECASE)
_EVERY: Final = re.compile(rf"\b(?:either|both|neither|all|any of the|none of the)\s+(?:[\w-]+\s+){{0,2}}?{_CLAIM_WORDS}\b", re.IGNORECASE)
_ELSEWHERE: Final = frozenset(("denied", "disputed"))


_STEM: Final = re.compile(
    r"verif|confirm|corrobor|authentic|geolocat|deni|deny|reject|dismiss|refut|disput|contest|question|contradict|doubt|evidence|imag|photo|pictur"
    r"|footage|video|observers|monitors|investigators",
    re.IGNORECASE,
)
"""A word that every rule needs; most sentences hold none, and one look spares them seven."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a sentence says about verification.

    Attributes:
        status: not_verified, verified, disputed or denied.
        rule: Name of the rule that reads it so.
        by: Place in the sentence of who verified, could not, disputed or denied, where named.
    """

    status: VerificationStatus
    rule: str
    by: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that a sentence can speak of.

    Attributes:
        id: The claim's id.
        paragraph: Number of its paragraph.
        figure: Whether it holds a figure.
        here: Whether it stands in the sentence itself.
        source: Who makes it.
    """

    id: str
    paragraph: int
    figure: bool
    here: bool = False
    source: str = ""


def find(sentence: str) -> Finding | None:
    """Return what ``sentence`` says about verification, or None where it says nothing of it."""
    if _STEM.search(sentence) is None:
        return None
    for rule, status, words in _RULES:
        match = words.search(sentence)
        if match is not None:
            return Finding(status, rule, _by(sentence, match))
    return None


def covers(sentence: str, status: VerificationStatus, by: str, paragraph: int, claims: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the ids of the claims a verification sentence speaks of.

    "Either count" and the like speak of every figure before them, on both sides; "the figures" of those in its own
    paragraph and the one before. A sentence that makes claims itself and names no others speaks of those; any other speaks
    of its own paragraph and the one before. Nobody denies or disputes what they say themselves.

    Args:
        sentence: The sentence that says so.
        status: What it says.
        by: Who says it; empty where nobody is named.
        paragraph: Number of its paragraph.
        claims: The claims up to it in the document.
    """
    others = [claim for claim in claims if not (status in _ELSEWHERE and (claim.here or (by and by in claim.source)))]
    if _EVERY.search(sentence):
        return tuple(claim.id for claim in others if claim.figure)
    near = [claim for claim in others if paragraph - 1 <= claim.paragraph <= paragraph]
    if _PLURAL.search(sentence):
        return tuple(claim.id for claim in near if claim.figure) or tuple(claim.id for claim in near)
    here = tuple(claim.id for claim in near if claim.here)
    return here or tuple(claim.id for claim in near)


def _by(sentence: str, match: re.Match[str]) -> tuple[int, int] | None:
    if named := _BY.search(sentence, match.start()):
        return named.span("by")
    actor = _ACTOR.search(sentence[max(0, match.start() - 100) : match.start()])
    if actor is None or _NOBODY.search(actor["by"]):
        return None
    shift = max(0, match.start() - 100)
    return actor.start("by") + shift, actor.end("by") + shift
