"""Sentences that say whether something was checked, and by whom."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

from extractor.claims import VerificationStatus
from extractor.normalise.late import late
from extractor.normalise.standing import caseless

_CHECKED: Final = r"(?:verif|confirm|corroborat|authenticat|geolocat)"
_CLAIM_WORDS: Final = r"(?:counts?|figures?|numbers?|claims?|reports?|tolls?|accounts?|versions?|statements?|accusations?|allegations?|charges?|assertions?|suggestions?|involvement|responsibility|wrongdoing|blame|guilt|criticism|casualties|losses)"
_ABOUT: Final = rf"(?=\s(?:(?:all|any|the|these|those|such|that|this|its|his|her|their|his|both|[\w]+['\u2019]s)\s)?(?:[\w-]+\s){{0,2}}{_CLAIM_WORDS}\b(?!\sthat\b)|\s(?:it|this|that|them)\b\s*(?:[.,;]|$))"
_ONLY_SOME: Final = "only some could be checked"
CONTENT: Final = "denied in its own words"
"""The rule of denials that say what did not happen."""
_TABLE: Final[tuple[tuple[str, VerificationStatus, str], ...]] = (
    (
        _ONLY_SOME,
        "not_verified",
        rf"\bonly (?:been )?able to (?:independently )?{_CHECKED}\w*",
    ),
    (
        "could not be checked",
        "not_verified",
        rf"(?:not (?:immediately )?(?:been )?possible|impossible|unable|not able|not been able|no way|could not|couldn['\u2019]t|cannot|can['\u2019]t|has not|have not|not yet|did not|was not|were not)\b[^.]{{0,60}}?\b(?:(?:independently )?{_CHECKED}\w*|independently \w+|\w+ independently|check(?:ed)?\b)",
    ),
    (
        "could not be checked",
        "not_verified",
        rf"\b(?:neither|none of|nobody|no)\b[^.]{{0,80}}?\b(?:could|can|has|have|had|was|were|been)\b[^.]{{0,20}}(?:{_CHECKED}\w*|check(?:ed)?\b)",
    ),
    (
        "could not be checked",
        "not_verified",
        rf"\b(?:not|never)(?: yet)? (?:been |be )?(?:independently )?{_CHECKED}\w*|\bunverified\b|\bunconfirmed\b",
    ),
    (
        "could not be checked",
        "not_verified",
        rf"\b(?:without|no|lacks?|lacked) (?:any )?(?:independent|official|immediate|outside) (?:verification|confirmation)|\byet to be (?:independently )?{_CHECKED}\w*|\bwithout (?:providing|giving|offering) (?:any )?(?:evidence|proof)|\bno (?:independent|official) (?:count|figures?|tally|estimates?|data)\b|\bnot (?:yet )?(?:been )?(?:peer[- ]reviewed|reviewed by)\b|\b(?:gave|offered|provided|presented|produced|cited) no (?:evidence|proof)\b",
    ),
    (
        "denied",
        "denied",
        rf"\b(?:denied|denies|denying|rejected|rejects|rejecting|dismissed|dismisses|refuted|refutes|rebutted|rebuffed)\b{_ABOUT}",
    ),
    (
        "called untrue",
        "denied",
        (
            r"\b(?:that|this|it)(?: is| was|['\u2019]s) (?:simply |just |completely |absolutely |plainly )?(?:not true|untrue|false|a lie|lies|nonsense|not correct|incorrect)\b"
            r"|\b(?:called|calls|dismissed|described) (?:it|this|that) (?:as )?(?:an? )?(?:lies?|false|untrue|nonsense|fabrication|propaganda)\b|\bno truth (?:in|to)\b"
            rf"|\b{_CLAIM_WORDS}\b[^.;]{{0,40}}?\b(?:false|propaganda|fairy tale|fantas(?:y|ies)|absurd|ridiculous|made up|untrue|a lie|lies|fabricat\w+|baseless|unfounded|groundless|nonsense|(?:pure )?invention|invented|fake)\b"
        ),
    ),
    (
        CONTENT,
        "denied",
        r"(?<!\bbeen )(?<!\bbe )(?<!\bwas )(?<!\bwere )(?<!\bnor )\b(?:denied|denies|denying)(?=,?\s(?:\w+,\s)?(?:on \w+ |again |repeatedly |however, )?(?:that|any|having|being|all|\w+ing|ever|the|its|his|her|reports?|claims?)\b)",
    ),
    (
        "contradicted",
        "disputed",
        r"\b(?:was|were|is|are|been) (?:also |flatly |immediately |promptly )?(?:contradicted|disputed|contested|challenged|denied|rejected) by\b",
    ),
    (
        "disputed",
        "disputed",
        rf"\b(?:disputed|disputes|disputing|contested|contests|contradicted|contradicts|cast doubt on|casts doubt on)\b|\bquestion(?:ed|s) (?:whether|how)\b|\bquestion(?:ed|s)\b{_ABOUT}|\b{_CLAIM_WORDS} (?:is|are|was|were) disputed\b",
    ),
    (
        "called wrong",
        "disputed",
        rf"\b{_CLAIM_WORDS}\b[^.;]{{0,40}}?\b(?:exaggerat\w+|inflated|overstat\w+|understat\w+|too (?:high|low)|leaves? out|left out|omits?|omitted|undercounts?|misleading|wrong)\b",
    ),
    (
        "checked",
        "verified",
        (
            rf"\b(?:independently|has been|have been|was|were|been) (?:independently )?{_CHECKED}(?:ied|ed|rated|icated)\b(?! to\b)|\b{_CHECKED}(?:ied|ed|icated) (?:by|using|through|from|with)\b|\b(?:satellite (?:images?|imagery|photos?|pictures?)|geolocated (?:footage|video|images?)|(?:independent )?(?:observers|monitors|investigators)|footage|videos?|images|photographs|photos|pictures)\b[^.]{{0,60}}\b(?:confirm(?:s|ed)?|verif(?:y|ies|ied)|show(?:s|ed)? that)"
            rf"|\b(?:confirmed|confirms|corroborated|bore out|backed up) (?:the|this|that|these|those|her|his|their|its|[\w]+['\u2019]s) (?:[\w-]+ ){{0,2}}?{_CLAIM_WORDS}\b|\b(?:confirmed|corroborated) (?:this|that|it)\b(?=\s*[.,;])"
            rf"|\b(?:has|have|had) (?:independently )?(?:verified|authenticated|geolocated)\s(?:an?|the|two|three|several|some|\w+) (?:[\w-]+ ){{0,2}}(?:video|videos|footage|images?|photographs?|photos|pictures|documents?|{_CLAIM_WORDS})\b"
        ),
    ),
)
_RULES: Final = tuple((name, status, late(words, re.IGNORECASE)) for name, status, words in _TABLE)
_CLAUSES: Final = late(r",\s(?:and|but|while|though|although|whereas)\s|;\s")
_BY: Final = late(
    rf"\b{_CHECKED}\w*\s(?:by|using|through)\s(?P<by>[^.,;]{{3,80}}?)(?=[.,;]|\s(?:on|in|that|who|which|after)\b|$)", re.IGNORECASE
)
_ACTOR: Final = late(
    r"(?:^|[.;,\u2014\u2013]\s|\b(?:but|and|while|which|that)\s)(?P<by>(?!(?:but|and|while)\b)(?:the |an? |its )?[A-Za-z][\w'\u2019.-]*(?:\s(?!(?:said|has|have|was|were|is|could)\b)[\w'\u2019.-]+){0,6}?)\s+(?:has |have |had |was |were |is |are |also |later |on \w+ |immediately |repeatedly )*$"
)
_OWNED: Final = late(r"['\u2019]s?$")
_OPENING: Final = late(r"(?:but|and|yet|while|also)\s", re.IGNORECASE)
_CALLING: Final = late(r"\s(?:called|calls|described|describes|labelled|branded|said|says)\b")
_NOBODY: Final = late(
    r"^(?:it|they|he|she|this|that|which|these|those|there|none|neither|both|either)\b|^(?:the|an?)$|\b(?:counts?|figures?|numbers?|claims?|reports?|tolls?|accounts?)$",
    re.IGNORECASE,
)


_STEM: Final = late(
    r"verif|confirm|corrobor|authentic|geolocat|deni|deny|reject|dismiss|refut|rebut|rebuff|disput|contest|question|contradict|doubt|evidence|proof|imag|photo|pictur"
    r"|footage|video|observers|monitors|investigators|check|independent|official|challeng|false|tru(?:e|th)\b|\blies?\b|fabricat|baseless|unfounded|groundless|nonsense|invent|fake"
    r"|exaggerat|inflat|propaganda|fairy|fantas|absurd|ridiculous|made up|correct|reviewed|bore out|backed up|overstat|understat|too high|too low|leaves? out|left out|omit|undercount"
    r"|misleading|wrong",
    re.IGNORECASE,
)
"""A word that every rule needs; most sentences hold none, and one look spares them the rest."""
_LETTERS: Final = (
    *(
        "verif confirm corrobor authentic geolocat deni deny reject dismiss refut rebut rebuff disput contest question contradict doubt evidence proof imag photo pictur"
        " footage video observers monitors investigators check independent official challeng false true truth lie fabricat baseless unfounded groundless nonsense invent"
        " fake exaggerat inflat propaganda fairy fantas absurd ridiculous correct reviewed overstat understat omit undercount misleading wrong leave"
    ).split(),
    *("made up", "bore out", "backed up", "too high", "too low", "left out"),
)
"""Letters that such a word needs: to look for these takes a tenth of the time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a sentence says about verification.

    Attributes:
        status: not_verified, verified, disputed or denied.
        rule: Name of the rule that reads it so.
        by: Place in the sentence of who verified, could not, disputed or denied, where named.
        match: Place of the words that say so.
        clause: Place of the clause they stand in.
    """

    status: VerificationStatus
    rule: str
    by: tuple[int, int] | None
    match: tuple[int, int]
    clause: tuple[int, int]


def find(sentence: str) -> Finding | None:
    """Return the first thing ``sentence`` says about verification of claims it names as such, or None where it says nothing of it."""
    return next((finding for finding in findings(sentence) if finding.rule != CONTENT), None)


def findings(sentence: str) -> list[Finding]:
    """Return what ``sentence`` says about verification: for each clause what the first rule that fits reads, of each status once.

    A denial with content ("denied that ships were lost") is one too: it speaks of the claims of that content.
    """
    found: list[Finding] = []
    letters = caseless(sentence)
    if not any(map(letters.__contains__, _LETTERS)) or _STEM.search(sentence) is None:
        return found
    edges = [0, *(match.end() for match in _CLAUSES.finditer(sentence)), len(sentence)]
    for start, end in itertools.pairwise(edges):
        for rule, status, words in _RULES:
            match = words.search(sentence, start, end)
            if match is None or any(other.match[0] < match.end() and match.start() < other.match[1] for other in found):
                continue
            found.append(Finding(status, rule, _by(sentence, match), match.span(), (start, end)))
            if rule == _ONLY_SOME:
                found.append(Finding("verified", rule, _by(sentence, match), match.span(), (start, end)))
            if status != "denied":
                break
    return found


def _by(sentence: str, match: re.Match[str]) -> tuple[int, int] | None:
    if named := _BY.search(sentence, match.start()):
        return named.span("by")
    shift = max(0, match.start() - 100)
    actor = _ACTOR.search(sentence[shift : match.start()])
    if actor is None or _NOBODY.search(actor["by"]) or _OWNED.search(actor["by"]):
        return None
    start, end = actor.span("by")
    opening, calling = _OPENING.match(actor["by"]), _CALLING.search(actor["by"])
    end = start + calling.start() if calling is not None else end
    return shift + start + (opening.end() if opening is not None else 0), shift + end
