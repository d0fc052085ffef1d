"""Which claims a sentence about verification speaks of: by the noun it names them with, whose they are, or what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from extractor.claims import OutcomeKind, Stance
from extractor.normalise import outcomes
from extractor.normalise.late import late
from extractor.normalise.standing import is_edge, places
from extractor.normalise.verification import CONTENT, Finding

_FIGURE: Final = r"(?:counts?|figures?|numbers?|tolls?|tall(?:y|ies)|estimates?|casualties|losses|totals?)"
_SAYING: Final = (
    r"(?:claims?|reports?|accounts?|statements?|accusations?|allegations?|charges?|versions?|assertions?|suggestions?|assessments?)"
)
_NAMED: Final = late(rf"\b(?P<noun>(?P<figure>{_FIGURE})|{_SAYING})\b", re.IGNORECASE)
_EVERY: Final = late(
    rf"\b(?P<which>either|both|neither|all|any|none)\s(?:of\s)?(?:the\s|these\s|those\s|their\s)?(?:[\w-]+\s){{0,2}}?(?P<noun>(?P<figure>{_FIGURE})|{_SAYING}|side|sides)\b",
    re.IGNORECASE,
)
_OWNED: Final = late(
    rf"(?:\b(?P<pronoun>its|his|her|their)|(?P<owner>[\w\u2019'-]+?)(?:['\u2019]s|(?<=s)['\u2019]))\s(?:[\w-]+\s){{0,2}}?(?:{_FIGURE}|{_SAYING})\b",
    re.IGNORECASE,
)
_POINTED: Final = late(r"\W*(?:it|this|that|them|these|those)\W*$", re.IGNORECASE)
_ACCUSED: Final = late(r"\b(?:accusation|allegation|charge)s?\b", re.IGNORECASE)
_NO_PART: Final = late(r"\b(?:part|involvement|responsibility|wrongdoing|knowledge|role|guilt|charges?)\b", re.IGNORECASE)
_ANY: Final = late(r"\b(?:any\w*|ever|all)\b", re.IGNORECASE)
_ANY_OF: Final = late(r"\bany of (?:its|his|her|their|our|the)\b", re.IGNORECASE)
_SECOND_VERB: Final = late(r"\s(?:and|but)\s(?:\w+ed|said|called|put)\b|,\s(?:as|but|while|saying|adding|calling)\b|;")
_PASSIVE: Final = late(r"(?:was|were|is|are|been)\b", re.IGNORECASE)
_PART_OF: Final = late(r"\b(?:first|one) part of\b", re.IGNORECASE)
_WORD: Final = late(r"[^\W\d_]{3,}")
_IDLE: Final = frozenset(
    "that this these those they them their there have has had been being was were will would could should did does not any all the and for from with what which who whom"
    " when where how many much more most some such into over under about after before than then said say says told also only just very your our out its his her but nor"
    " deny denied denies reject rejected verify verified independently possible able confirm confirmed establish check checked people person anyone".split()
)
_ENDING: Final = late(r"(?:ings?|ments?|ed|es|s|er|ers)$")
_NUMBER: Final = late(
    r"\d[\d,.]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|dozens|hundreds|thousands)\b", re.IGNORECASE
)
_FAMILY: Final[dict[OutcomeKind, OutcomeKind]] = {"destroyed": "lost", "damaged": "lost"}
"""Kinds that one denial may name for another: no train was hit, so none was destroyed."""
_FAR: Final = 4
_NEAR: Final = 2
_AROUND: Final = 1


@dataclass(frozen=True, slots=True)
class Spoken:
    """A claim that a sentence about verification can speak of.

    Attributes:
        id: The claim's id.
        sentence: Number of the sentence that makes it.
        paragraph: Number of that sentence's paragraph.
        sources: Words and full names of who makes it, in lower case.
        figure: The words of its figure; empty where it has none.
        subject: Whom it is about.
        told: Its other words: outcome, target and counted noun.
        evidence: The sentence that makes it.
        stance: How its source stands to it.
        outcome: What became of whom, where its words tell.
    """

    id: str
    sentence: int
    paragraph: int
    sources: tuple[str, ...] = ()
    figure: str = ""
    subject: str = ""
    told: str = ""
    evidence: str = ""
    stance: Stance = "asserts"
    outcome: OutcomeKind | None = None


@lru_cache(maxsize=1024)
def stems(text: str) -> frozenset[str]:
    """Return the words of ``text`` that carry meaning, without endings, cut so that "shelved" and "shelving" are one."""
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(_ENDING.sub("", word)[:6] for word in words if word not in _IDLE)


def covers(
    text: str, finding: Finding, sentence: int, paragraph: int, claims: Sequence[Spoken], answered: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the ids of the claims that a sentence about verification speaks of.

    "Either count" and the like speak of both sides, of those that answer each other where some do; "the ministry's figure"
    of what the ministry says; "the allegation" of the last one; "the figure" of the last one, or of those of a source that
    the sentence names; "it" of the sentence before. A denial in its own words speaks of the claims with that content; any
    other sentence of its own claims, else of those of its paragraph or the one before. Nobody denies what they say themselves,
    and what the outlet itself states needs no checking.

    Args:
        text: The sentence.
        finding: What it says.
        sentence: Its number in the document.
        paragraph: Number of its paragraph.
        claims: The claims of the document up to it.
        answered: Ids of the claims that were denied or disputed before, and of the answers.
    """
    said = _Aim(text, finding, sentence, paragraph)
    pool = [
        claim for claim in claims if claim.sources and paragraph - claim.paragraph <= _REACH[said.every] and not said.is_own(claim, claims)
    ]
    return tuple(dict.fromkeys(claim.id for claim in _aimed(said, pool, frozenset(answered))))


_REACH: Final = {False: _FAR, True: 1000}


@dataclass(frozen=True, slots=True)
class _Aim:
    """What a finding speaks of, by its words."""

    text: str
    finding: Finding
    sentence: int
    paragraph: int

    @property
    def every(self) -> bool:
        return _EVERY.search(self.text, *self.finding.clause) is not None

    @property
    def answers(self) -> bool:
        return self.finding.status in ("denied", "disputed")

    @property
    def object(self) -> str:
        """The words that are denied, disputed or checked: behind the verb, before it in the passive."""
        start, end = self.finding.match
        first, last = self.finding.clause
        behind = self.text[end:last]
        cut = _SECOND_VERB.search(behind)
        behind = behind[: cut.start()] if cut else behind
        if self.finding.rule in ("called untrue", "called wrong", "checked", "could not be checked"):
            return self.text[first:end] + behind
        return self.text[first:start] if _PASSIVE.match(self.text, start) or self.ends else behind

    @property
    def ends(self) -> bool:
        """Whether nothing follows the verb: "a number the ministry disputed"."""
        return not re.search(r"\w", self.text[self.finding.match[1] : self.finding.clause[1]])

    def is_own(self, claim: Spoken, claims: Sequence[Spoken]) -> bool:
        """Tell whether who denies or disputes makes the claim themselves, or the claim is the denial."""
        if not self.answers:
            return False
        by = self.text[slice(*self.finding.by)].lower() if self.finding.by else ""
        denials = [other for other in claims if other.sentence == self.sentence and other.stance in ("denies", "doubts")]
        speakers = {name for other in denials for name in other.sources} or ({by.removeprefix("the ")} if by else set())
        same = any(
            name in speakers or (by and (name in by or by.removeprefix("the ") in name)) for name in claim.sources if name not in _PRONOUNS
        )
        return same or claim in denials or any(claim.sources == other.sources for other in denials)


_PRONOUNS: Final = frozenset(("he", "she", "it", "they", "we", "i", "her", "him", "them", "one of them"))
_SHORT: Final = 3


def _aimed(said: _Aim, pool: Sequence[Spoken], answered: frozenset[str]) -> Sequence[Spoken]:
    clause = said.text[slice(*said.finding.clause)]
    every = _EVERY.search(clause)
    if every is not None:
        return _every(every, pool, said, answered)
    if said.finding.rule == "only some could be checked":
        checked = said.finding.status == "verified"
        return _by_content(
            said.object, [claim for claim in pool if claim.figure and _same_number(claim.figure, said.object) is checked], said
        )
    words = said.object
    owned = _OWNED.search(words)
    if owned is not None:
        return _one(
            _last(_of_owner(owned, [claim for claim in _nouned(words, pool) if claim.stance != "denies"]), _FAR, said), _NAMED.search(words)
        )
    named = _NAMED.search(words)
    here = [claim for claim in pool if claim.sentence == said.sentence]
    if said.answers and named is not None and here and said.ends:
        return _nouned(words, here)
    if _POINTED.match(words) and named is None:
        return _last(pool, _NEAR, said)
    if named is not None and said.finding.rule != CONTENT:
        return _of_noun(named, words, pool, said)
    if said.answers:
        if said.finding.rule == CONTENT and _NO_PART.search(words):
            accused = [claim for claim in pool if claim.stance == "alleges"]
            return _last(accused or pool, _NEAR, said)
        return _by_content(words, pool, said)
    if said.finding.status == "verified":
        return _by_content(words, pool, said) or _last(pool, _AROUND, said)
    near = [claim for claim in pool if claim.paragraph == said.paragraph] or [
        claim for claim in pool if claim.paragraph == said.paragraph - 1
    ]
    return here or _by_content(words, pool, said) or near


def _every(every: re.Match[str], pool: Sequence[Spoken], said: _Aim, answered: frozenset[str]) -> Sequence[Spoken]:
    figures = [claim for claim in pool if claim.figure] if every["figure"] else list(pool)
    if every["noun"].lower().startswith("toll"):
        figures = [claim for claim in figures if claim.outcome in ("killed", "wounded", "missing", "lost", None)]
    if every["figure"] or every["which"].lower() in ("any", "all", "none"):
        return figures
    rivals = [claim for claim in figures if claim.id in answered and said.paragraph - claim.paragraph <= _FAR]
    if rivals:
        sides, first = {name for claim in rivals for name in claim.sources}, rivals[0].sentence
        return [claim for claim in figures if claim.sentence >= first and sides.intersection(claim.sources)]
    return [claim for claim in figures if said.paragraph - claim.paragraph <= _AROUND]


def _of_noun(named: re.Match[str], words: str, pool: Sequence[Spoken], said: _Aim) -> Sequence[Spoken]:
    """Return the claims of "the figures", "the allegation", "that claim"."""
    fitting = _nouned(words, pool)
    if _ACCUSED.search(words):
        return _last(fitting, _NEAR, said)
    lower = said.text.lower()
    fitting = [claim for claim in fitting if claim.sentence < said.sentence] or fitting
    mentioned = [
        claim
        for claim in fitting
        if any(
            any(is_edge(lower, at) and is_edge(lower, at + len(word)) for at in places(lower, word))
            for name in claim.sources
            for word in name.split()
            if len(word) > _SHORT and word not in _PRONOUNS
        )
    ]
    plural = named["noun"].lower().endswith("s")
    if _PART_OF.search(words):
        return _last(fitting, _FAR, said)[:1]
    if mentioned and not said.answers:
        return mentioned if plural else _one(_last(mentioned, _FAR, said), named)
    near = [claim for claim in fitting if said.paragraph - claim.paragraph <= _AROUND]
    return near if plural else _one(_last(fitting, _NEAR, said), named)


def _one(claims: Sequence[Spoken], named: re.Match[str] | None) -> Sequence[Spoken]:
    """Return the first of ``claims`` for one figure, all for more, and for what else a sentence said."""
    single = named is not None and named["figure"] and not named["noun"].lower().endswith("s")
    return claims[:1] if single else claims


def _nouned(words: str, pool: Sequence[Spoken]) -> Sequence[Spoken]:
    """Return the claims that a noun can name: figures, allegations where there are some, else all."""
    named = _NAMED.search(words)
    if named is not None and named["figure"]:
        return [claim for claim in pool if claim.figure]
    if _ACCUSED.search(words):
        return [claim for claim in pool if claim.stance == "alleges"] or pool
    return pool


def _of_owner(owned: re.Match[str], pool: Sequence[Spoken]) -> Sequence[Spoken]:
    """Return the claims of the source that a possessive names, those of the last source where none is named so."""
    owner = (owned["owner"] or "").lower()
    theirs = [claim for claim in pool if owner and any(owner in name.split() for name in claim.sources)]
    return theirs or [claim for claim in pool if claim.sources == pool[-1].sources]


def _last(pool: Sequence[Spoken], reach: int, said: _Aim) -> Sequence[Spoken]:
    """Return the claims of the last sentence that makes some."""
    near = [claim for claim in pool if said.paragraph - claim.paragraph <= reach and (claim.sentence < said.sentence or not said.answers)]
    return [claim for claim in near if claim.sentence == near[-1].sentence] if near else []


def _by_content(words: str, pool: Sequence[Spoken], said: _Aim) -> Sequence[Spoken]:
    """Return the claims whose content is most like ``words``: more than the subject in common, or the same kind of outcome."""
    sought = stems(words)
    kinds = {_FAMILY.get(kind, kind) for word in words.split() if (kind := outcomes.kind_of(word)) is not None}

    everybody = said.answers and _ANY.search(words) is not None

    def score(claim: Spoken) -> float:
        told, subject, around = (len(sought & stems(part)) for part in (f"{claim.told} {claim.figure}", claim.subject, claim.evidence))
        alike = claim.outcome is not None and _FAMILY.get(claim.outcome, claim.outcome) in kinds
        same = alike and bool(told or subject or (everybody and said.paragraph - claim.paragraph <= _AROUND))
        related = told or same or subject > 1 or (not said.answers and subject)
        return 2.0 * told + 2.0 * subject + 2.0 * same + 0.5 * around if related else 0.0

    if everybody:
        near = [claim for claim in pool if said.paragraph - claim.paragraph <= _NEAR and score(claim) > 0]
        if _ANY_OF.search(words):  # "any of its vehicles": not the soldiers
            near = [claim for claim in near if sought & stems(f"{claim.figure} {claim.subject}")] or near
        return near or _best(pool, score) or [claim for claim in pool if claim.sentence == said.sentence - 1]
    return _best(pool, score)


def _best(pool: Sequence[Spoken], score: Callable[[Spoken], float]) -> Sequence[Spoken]:
    scores = [score(claim) for claim in pool]
    most = max(scores, default=0.0)
    return [claim for claim, mark in zip(pool, scores, strict=True) if mark == most] if most > 0 else []


def _same_number(figure: str, words: str) -> bool:
    return bool({n.lower() for n in _NUMBER.findall(figure)} & {n.lower() for n in _NUMBER.findall(words)})
