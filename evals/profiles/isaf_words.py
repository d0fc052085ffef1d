"""Words that settle fields of an incident without a model: places, groups, ways, and the day it happened.

Each is one table of names and patterns, and one function that looks them up. Nothing here is learnt; what a word means follows the notes
of the data set's labeller (doi 10.57967/hf/1956) and its own lower-case names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from extractor.normalise import times

PROVINCES: Final[dict[str, str]] = {
    "badakhshan": "badakhshan", "badghis": "badghis", "baghlan": "baghlan", "balkh": "balkh", "bamyan": "bam[iy]+an",
    "day_kundi": "da[iy]y?[ -]?kundi", "farah": "farah", "faryab": "faryab", "ghazni": "ghazni", "ghor": "ghor", "helmand": "h[ei]lmand",
    "herat": "h[ei]rat", "jowzjan": "j[ao][uw]zjan", "kabul": "kabul", "kandahar": "[kq]andahar", "kapisa": "kapisa",
    "khost": "khow?st", "kunar": "k[ou]nar", "kunduz": "[kq]und[uo]z", "laghman": "laghman", "logar": "l[ou]gar",
    "nangarhar": "nang[ae]?rhar", "nimroz": "nimr[ou]z", "nuristan": "n(?:u|oo)ristan", "paktika": "paktika", "paktya": "pakti?y?a",
    "panjshir": "panj?sh[ie]+r", "parwan": "par[vw]an", "samangan": "samangan", "sar_e_pul": "sar-?[ie][- ]?p[ou]l", "takhar": "takhar",
    "uruzgan": "[uo]r[uo]zgan", "wardak": "[vw]ardak", "zabul": "zabul",
}  # fmt: skip
"""The name each province has in the data set, and the spellings of the releases."""

GROUPS: Final[dict[str, str]] = {
    "taliban": "taliban", "haqqani": "haqqani", "imu": "IMU|islamic movement of uzbekistan", "aq": "al[- ]?qa[i'\u2019]?[ie]?da",
    "hig": "HIG|h[ei]zb-?[ei]?[- ](?:e[- ]|i[- ])?islami", "islamic_jihad_union": "islamic jihad union",
}  # fmt: skip
"""The name each group has in the data set, and the words for it."""

_PROVINCE: Final = re.compile("|".join(rf"(?P<{name}>\b(?:{words})\b)" for name, words in PROVINCES.items()), re.IGNORECASE)
_OF_PROVINCE: Final = re.compile(r"\s+province\b(?!s)", re.IGNORECASE)
_GROUPS: Final = tuple((name, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for name, words in GROUPS.items())
_DATELINE: Final = re.compile(r"[A-Z]{3}[A-Z /-]+, Afghan?istan\s*\([^)]*\)")
_SENTENCE_END: Final = re.compile(r"[.!?][\"\u201d\u2019')\]]*$")
_SEVERAL: Final = re.compile(r"\boperations\b|\bprovinces\b|\bover the past\b", re.IGNORECASE)
_AIRSTRIKE: Final = re.compile(
    r"\bair ?-?strikes?\b|\bprecision strikes?\b|\bcoalition aircraft (?:engaged|dropped|struck|conducted)\b|\baircraft dropped\b",
    re.IGNORECASE,
)
_NO_SHOTS: Final = re.compile(
    r"\b(?:(?:no|without|not a|without any) shots?"
    r"|(?:did not|didn't|without) (?:fir(?:e|ing)|us(?:e|ing))\b[^.]{0,20}\b(?:weapons?|shots?|force)"
    r"|without (?:the )?use of force|no weapons? w\w+ fired)\b",
    re.IGNORECASE,
)
_SOUGHT: Final = re.compile(
    r"\b(?:search(?:ing|ed)? for|search of|pursuit|pursu(?:ing|ed)|target(?:ing|ed)|was the target|were the target|compound"
    r"|(?:to|aimed at) (?:captur|detain|arrest)\w*)\b",
    re.IGNORECASE,
)
_FOUND_BY_CHANCE: Final = re.compile(
    r"\b(?:cache|narcotics|opium|hashish|heroin|marijuana|amphetamines|clearance operation|clearing operation|commandos)\b", re.IGNORECASE
)
_CIVILIANS: Final = re.compile(r"\b(?:civilians?|local nationals?|wom[ae]n|child(?:ren)?)\b", re.IGNORECASE)
_CONFIRMED: Final = re.compile(r"\bconfirm\w*\b|\bannounce\w*\b", re.IGNORECASE)
_NIGHT: Final = re.compile(r"\b(?:overnight|night)\b", re.IGNORECASE)
_NAMED_DAY: Final = re.compile(r"\b(?:today|yesterday|this \w+|\w+day)\b", re.IGNORECASE)


def without_dateline(text: str) -> str:
    """Return the release with its datelines blanked out, offsets kept: the place and day of writing are not those of the incident."""
    return _DATELINE.sub(lambda found: " " * len(found[0]), text)


def is_prose(sentence: str) -> bool:
    """Tell whether a sentence is one, rather than a heading or a release number."""
    return _SENTENCE_END.search(sentence) is not None


def sums_up(sentence: str) -> bool:
    """Tell whether a sentence sums up several incidents; a record is about one of them."""
    return _SEVERAL.search(sentence) is not None


def province(sentences: Iterable[str]) -> tuple[str, ...]:
    """Return the province that the sentences name first as one, else the first name of one, in the data set's spelling."""
    named: list[str] = []
    for sentence in sentences:
        for found in _PROVINCE.finditer(sentence):
            assert found.lastgroup is not None
            if _OF_PROVINCE.match(sentence, found.end()):
                return (found.lastgroup,)
            named.append(found.lastgroup)
    return tuple(named[:1])


def groups(sentences: Iterable[str]) -> tuple[str, ...]:
    """Return the groups of the first sentence that names any, in alphabetical order."""
    for sentence in sentences:
        if named := sorted(name for name, words in _GROUPS if words.search(sentence)):
            return tuple(named)
    return ()


def is_airstrike(text: str) -> bool:
    """Tell whether the release reports a strike from the air; fire support by an "air weapons team" is none."""
    return _AIRSTRIKE.search(text) is not None


def no_shots(text: str) -> bool:
    """Tell whether the release says that no shot was fired."""
    return _NO_SHOTS.search(text) is not None


def are_civilians(phrase: str) -> bool:
    """Tell whether a phrase speaks of people who took no part."""
    return _CIVILIANS.search(phrase) is not None


def is_raid(sentences: Iterable[str], *, captured: bool, strike: bool) -> bool:
    """Tell whether a force set out for somebody and met them.

    It did where the release says whom it sought, and where it captured somebody without coming upon a cache or drugs. A strike that nobody
    was captured in is no raid.
    """
    told = " ".join(sentences)
    if strike and not captured:
        return False
    return _SOUGHT.search(told) is not None or (captured and _FOUND_BY_CHANCE.search(told) is None)


def day(sentences: Sequence[str], published: date | None) -> date | None:
    """Return the day of the first phrase of time that settles one, else the day of publication.

    Within a sentence a named day goes before a date and before a night; where somebody confirms, the last phrase is the incident's.

    Args:
        sentences: Sentences of the release, those about the incident first.
        published: Day of the release; without it only a whole date settles the day.
    """
    for sentence in sentences:
        phrases = [sentence[slice(*place)] for place in times.find(sentence)]
        ranked = phrases[::-1] if _CONFIRMED.search(sentence) else sorted(phrases, key=_rank)
        for phrase in ranked:
            days = times.resolve(phrase, published=published)
            if days is not None and days.start is not None and _is_day(days):
                return days.start
    return published


def _rank(phrase: str) -> int:
    return 0 if _NAMED_DAY.search(phrase) and not _NIGHT.search(phrase) else 1 if _NIGHT.search(phrase) else 2


def _is_day(days: times.Days) -> bool:
    return days.start is not None and days.end is not None and (days.end - days.start).days <= 1
