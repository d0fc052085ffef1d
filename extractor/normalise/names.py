"""Names of sources: title and affiliation taken apart, later mentions resolved to the full name, reporting chains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from extractor.normalise import source_nouns
from extractor.normalise.late import late
from extractor.normalise.standing import is_edge, joins, places

Place = tuple[int, int]

_TITLE: Final = (
    r"minister|president|chief|spokes(?:man|woman|person)|secretary|general|commander|governor|mayor|director|head|chairman|chairwoman|ambassador|adviser"
    r"|advisor|analyst|professor|officer|official|colonel|lieutenant|captain|major|sergeant|admiral|senator|chancellor|premier|leader|envoy|prosecutor"
    r"|judge|bishop|archbishop|doctor|attorney|deputy|expert|researcher|coordinator|representative|king|queen|prince|pope|sheikh|economist|resident|founder"
)
_RANK: Final = r"(?:Lt|Col|Gen|Maj|Capt|Sgt|Brig|Adm|Cmdr|Gov|Sen|Rep|Rev|Dr|Prof|Mr|Mrs|Ms|Msgr|Pres)\.?"
_NAME_WORD: Final = r"(?:[A-Z][\w'\u2019-]*\.?|de|da|al-[A-Z]\w+|bin|van|von|del|la)"
_ENDS_IN_TITLE: Final = late(rf"\b(?:{_TITLE})s?$", re.IGNORECASE)
_HOLDS_TITLE: Final = late(rf"\b(?:{_TITLE})\b", re.IGNORECASE)
_NAME: Final = late(rf"{_NAME_WORD}(?:\s{_NAME_WORD}){{0,4}}$")
_ORGANISATION: Final = late(
    r"\b(?:Ministry|Department|Staff|Forces?|Army|Agency|Institute|Council|Committee|Command|Party|Union|Office|Service|Nations|Group|Board|Bank|House|Police"
    r"|Commission|Organi[sz]ation|Corps|Guard|Court|Parliament|Government|Cross|University|Center|Centre|News|Times|Post|Press|Radio|Agence)\b"
)
_OWNER: Final = late(r"^(?:The |the )?(?P<owner>[A-Z][\w.-]*(?:\s[A-Z][\w.-]*){0,3})['\u2019]s?\s")
_OF: Final = late(r"\s(?:of|for|at|from|with)\s(?:the\s)?(?P<owner>[A-Z].*)$")
_BEFORE_TITLE: Final = late(r"^(?:the |The |a |an )?(?P<owner>[A-Z][\w.-]*(?:\s(?:[A-Z][\w.-]*))*)\s(?=[a-z])")
_ARTICLE: Final = late(r"^(?:the|an?|its|his|her|their|this|that)\s", re.IGNORECASE)
_ACRONYM: Final = late(r"^[A-Z]{2,6}$")
_LONG_NAME: Final = late(r"[A-Z][\w'\u2019-]*(?:\s(?:of|for|the|and|on|in|[A-Z][\w'\u2019-]*)){1,8}")
_PRONOUN: Final = late(r"^(?:he|she)$", re.IGNORECASE)
_SPEAKER: Final = late(r"I|me|my|we|us|our|you|your", re.IGNORECASE)
_MEMBER: Final = late(r"(?P<lead>[^,]+?)\s(?:of|from|at|with)\s")
_CALLED: Final = late(
    r"(?:[\w\u2019'-]+\s){0,5}(?!(?:for|of|and|the|de|del|on|in)\s)[a-z][\w\u2019'-]*\s(?P<name>[A-Z][\w&.\u2019'-]*(?:\s(?:(?:of|de|del|and|&)\s)?[A-Z0-9][\w&.\u2019'-]*){0,4})$"
)
_DESCRIBED: Final = {
    "ministry": "ministry", "department": "ministry|department", "government": "ministry|government|kremlin|white house", "agency": "agency|news|press",
    "institute": "institute", "think tank": "institute|think tank|cent(?:er|re) for", "army": "army|military|forces|staff", "military": "military|army|forces|staff",
    "general staff": "general staff", "organisation": "organi[sz]ation|union|committee", "organization": "organi[sz]ation|union|committee", "group": "group|front|movement",
    "newspaper": "times|post|newspaper|daily", "company": "company|group|corp|inc", "council": "council", "committee": "committee", "office": "office",
}  # fmt: skip
"""Head of a description ("the government department") and words of the sources it can stand for."""
_FIRST_NAMES: Final = 60
"""How far before a surname, in code points, the names before it can begin."""
_MOST_MENTIONS: Final = 50
_CALENDAR: Final = late(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)


_RANKS: Final = late(rf"(?:{_RANK}\s)+")
_ENDS_IN_RANK: Final = late(rf"(?:^|\s){_RANK}$")
_GIVEN: Final = {
    case: late(rf"(?:(?!(?i:{_TITLE})\b)(?:{_NAME_WORD}(?<!\.)|[A-Z]\.)\s){{1,3}}$", case) for case in (re.IGNORECASE, re.NOFLAG)
}
_BEFORE_NAME: Final = late(rf"^(?:{_RANK}\s|(?:The|On|But|And|In|{_CALENDAR.pattern})\s)+")
_APOSTROPHES: Final = ("'", "\u2019")


@dataclass(frozen=True, slots=True)
class Parts:
    """A source taken apart; each part is a place in its words, in code points.

    Attributes:
        name: The person's name, or that of the body.
        title: What the person is: "Deputy Defense Minister".
        affiliation: Whose: "Ukraine".
    """

    name: Place
    title: Place | None = None
    affiliation: Place | None = None


@lru_cache(maxsize=1024)
def parts(words: str) -> Parts:
    """Return the name, title and affiliation in the words of a source; words that are no person are their own name."""
    first, comma, rest = words.partition(", ")
    behind = len(first) + 2
    if comma and _is_name(rest):
        rank = _RANKS.match(rest)
        return _titled(words, (0, len(first)), (behind + (rank.end() if rank else 0), len(words)))
    if comma and _is_name(first) and _HOLDS_TITLE.search(rest):
        return _titled(words, (behind, len(words)), (0, len(first)))
    for found in re.finditer(r"\s", words):
        lead, tail = words[: found.start()], words[found.end() :]
        ranked = _ENDS_IN_RANK.search(lead)
        further = _RANKS.match(tail) or _HOLDS_TITLE.search(tail)
        if (ranked or _ENDS_IN_TITLE.search(lead)) and _is_name(tail) and not further:
            return _titled(words, (0, found.start()), (found.end(), len(words)))
    owner = _OWNER.match(words)
    article = _ARTICLE.match(words)
    return Parts((article.end() if article else 0, len(words)), None, owner.span("owner") if owner else None)


def canonical(words: str, before: Sequence[str], text: str) -> str:
    """Return the full name that a document uses for a source.

    A surname takes the full name that the text gives it, an acronym the name with those initials, a description ("the
    government department") or pronoun the last source before that it can stand for; anything else is its own name.

    Args:
        words: The source as it stands.
        before: Full names of the sources before it, in the order of the text.
        text: The document.
    """
    if _PRONOUN.match(words):
        return next((known for known in reversed(before) if is_person(known)), words)
    if _SPEAKER.fullmatch(words):
        return words
    bare = _undescribed(words)
    name = bare if bare != words else _undescribed(words[slice(*parts(words).name)])
    if _ACRONYM.match(name):
        return _spelled_out(name, text) or name
    if " " not in name and name[:1].isupper():
        return _in_full(name, text) or name
    if name.islower() and _ARTICLE.match(words):
        head = next((head for head in _DESCRIBED if name.endswith(head)), None)
        fits = re.compile(rf"\b(?:{_DESCRIBED[head]})\b", re.IGNORECASE) if head else None
        return next((known for known in reversed(before) if fits and fits.search(known) and not known.islower()), name)
    return name


def _in_full(name: str, text: str) -> str | None:
    """Return the first full name of a person in ``text`` that ends in ``name``."""
    before = _GIVEN[re.IGNORECASE if name.isupper() else re.NOFLAG]
    for start, end in islice(_mentions(name, text), _MOST_MENTIONS):
        given = before.search(text[max(0, start - _FIRST_NAMES) : start])
        longer = _undescribed(_bare(given[0] + text[start:end])) if given else ""
        if is_person(longer):
            return longer
    return None


def _mentions(name: str, text: str) -> Iterator[Place]:
    """Yield where ``name`` stands whole and owns nothing; one in capitals stands for the same in small letters."""
    if name.isupper():
        yield from (match.span() for match in _in_any_case(name).finditer(text))
        return
    last = 0
    for start in places(text, name):
        end = start + len(name)
        if start >= last and not joins(text[start - 1 : start]) and is_edge(text, end) and text[end : end + 1] not in _APOSTROPHES:
            last = end
            yield start, end


@lru_cache(maxsize=256)
def _in_any_case(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}\b(?!['\u2019])", re.IGNORECASE)


def _undescribed(name: str) -> str:
    """Return a name without the noun that says what bears it: "the rights group Lantern Watch", "team member Ada Rook", "Ada Rook, an engineer"."""
    first, comma, rest = name.partition(", ")
    if comma and is_person(first) and source_nouns.find(rest):
        return first
    member = _MEMBER.match(name)
    if member is not None and not any(found.noun.sort == "body" for found in source_nouns.find(member["lead"])):
        lead = _undescribed(member["lead"])
        if is_person(lead):
            return lead
    found = source_nouns.find(name)
    behind = name[found[-1].end :].strip() if found else ""
    if behind and found[-1].noun.sort != "body":
        return behind if is_person(behind) else name
    called = _CALLED.match(name)
    return called["name"] if called and (found or is_person(called["name"])) else name


def _titled(words: str, title: Place, name: Place) -> Parts:
    """Cut the affiliation off a title: "Ukraine's ...", "... of Ukraine", "Kremlin ..."."""
    start, end = title
    inside = words[start:end]
    owner = _OWNER.match(inside) or _OF.search(inside) or _BEFORE_TITLE.match(inside)
    if owner is None:
        article = _ARTICLE.match(inside)
        return Parts(name, (start + (article.end() if article else 0), end))
    owned = owner.span("owner")
    left = (owner.end(), len(inside)) if owner.start() == 0 else (0, owner.start())
    return Parts(name, (start + left[0], start + left[1]), (start + owned[0], start + owned[1]))


def _is_name(words: str) -> bool:
    return _NAME.match(words) is not None and not _ORGANISATION.search(words) and not _ACRONYM.match(words)


def is_person(words: str) -> bool:
    """Tell whether ``words`` have the form of a person's full name: two names or more, none of them a title or part of a body's name."""
    return " " in words and _is_name(words) and not _HOLDS_TITLE.search(words)


def is_calendar(words: str) -> bool:
    """Tell whether ``words`` name a day of the week or a month."""
    return _CALENDAR.fullmatch(words) is not None


def _bare(full: str) -> str:
    return _BEFORE_NAME.sub("", full)


def _spelled_out(acronym: str, text: str) -> str | None:
    for found in _LONG_NAME.finditer(text):
        words = found[0].split()
        for first in range(len(words)):
            initials = ""
            for last in range(first, len(words)):
                initials += words[last][0] if words[last][0].isupper() else ""
                if initials == acronym and last > first and words[first][0].isupper():
                    return " ".join(words[first : last + 1])
    return None
