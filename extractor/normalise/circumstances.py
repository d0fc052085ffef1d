"""How and when something was said: the phrases beside the word of saying, and those a sentence opens with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from extractor.normalise import times
from extractor.normalise.late import late

Place = tuple[int, int]

_MEDIUM: Final = (
    "statement|post|posting|update|interview|briefing|speech|address|letter|report|tweet|message|video|broadcast|bulletin|assessment|analysis|conference|call|telephone|phone"
    "|e-mail|email|note|memo|memorandum|notice|answer|reply|response|article|column|essay|op-ed|editorial|paper|study|book|memoir|release|communiqué|dispatch|filing|testimony"
    "|hearing|session|rally|sermon|radio|television|tv|media|website|site|blog|page|account|channel|livestream|podcast|newscast|news|programme|program|show|presentation"
    "|lecture|commentary|declaration|complaint|lawsuit|recording|leaflet|pamphlet|parliament|congress|senate|court|service|app|platform|network|summary|verdict|ruling|judgment"
    "|documents?|appearance|debate|meeting|ceremony|steps|sidelines|remarks|comments"
)
_ASSEMBLY: Final = (
    "parliament|congress|senate|council|conference|briefing|rally|hearing|court|tribunal|inquiry|committee|commission|summit|meeting|television|tv|radio|assembly|commons|lords"
    "|bundestag|duma|knesset|chamber|panel|forum|gathering|session|station|broadcaster|jury|lawmakers in parliament"
)
_WORD: Final = r"(?!(?:of|in|on|at|to|by|for|from|with|that|and|or|who|which|the|said|says|was|were|is|are|had|has|have)\b)[\w\u2019'.-]+"
_DAYS: Final = r"(?!(?:\w+day|today|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\b)"
_ADDRESSED: Final = (
    rf"(?:\s(?:posted |shared |published |sent )?(?:to|on|with|via)\s{_DAYS}(?:(?:(?:the|its|his|her|a|an)\s)?(?:social media|clients|investors|shareholders|staff|employees|customers|lawmakers|reporters"
    r"|television|\w+ tv|state television|state media|newspaper|broadcaster|radio|its website|website|messaging app|messaging service)\b|(?:the\s)?(?-i:[A-Z])[\w.-]*(?:\s(?-i:[A-Z])[\w.-]*){0,3})"
    r"|\sof\s(?:the\s)?(?:court|parliament|summit|meeting|assembly|forum|conference)\b)?"
)
_CHANNEL: Final = late(
    rf"(?:in|on|via|through|during|by|over|at)\s(?:(?:an?|its|his|her|their|the|this|another)\s)?(?:{_WORD}\s){{0,4}}?(?:{_MEDIUM})\b(?!['\u2019-])(?:\s(?!\w+day)(?-i:[A-Z])[\w.-]*)?{_ADDRESSED}",
    re.IGNORECASE,
)
_CHANNEL_CASED: Final = late(
    r"(?:on|via|over)\s(?:Facebook|Twitter|X|Telegram|WhatsApp|Instagram|TikTok|Weibo|YouTube|Truth Social|Signal|Threads|Bluesky|Mastodon|LinkedIn|VKontakte)\b"
)
_POSTED_ON: Final = late(rf"on\s{_DAYS}[A-Z]\w+\b")
_TOLD: Final = late(r"(?:told|tells?|telling|informed|assured|briefed|addressed)", re.IGNORECASE)
_WROTE: Final = late(r"(?:wrote|writes|posted|posts|tweeted|tweets)", re.IGNORECASE)
_DETERMINED: Final = r"(?:(?:an?|the|this|its|his|her|their|local|foreign|state|several|some)\s)*"
_ASSEMBLED: Final = late(
    rf"{_DETERMINED}(?:{_WORD}\s){{0,3}}?(?:{_ASSEMBLY})\b(?:\sin\s(?:the\s)?(?-i:[A-Z])[\w-]*(?:\s(?-i:[A-Z])[\w-]*)*)?", re.IGNORECASE
)
_RECIPIENT: Final = late(
    rf"{_DETERMINED}(?:{_WORD}\s){{0,3}}?(?:(?:reporters|journalists|lawmakers|analysts|investors|newspaper|paper|agency|magazine|supporters|us|me|them|him|her)\b"
    r"|(?-i:[A-Z])[\w.\u2019'-]*(?:\s(?:(?-i:[A-Z])|\d)[\w.-]*){0,3})",
    re.IGNORECASE,
)
_PART: Final = late(r"(?P<part>(?:late|early|earlier|later)\s)(?:on\s)?", re.IGNORECASE)
_DAY: Final = late(
    r"(?:late |early |earlier |later )?(?:on )?(?:\w+day|yesterday|today|(?:earlier |late |later |early )?(?:last|this) (?:week|month|year|\w+day)|(?:[a-z]+\.? \d+|\d+ [a-z]+)(?:,? \d{4})?)"
    r"(?: (?:morning|afternoon|evening|night))?",
    re.IGNORECASE,
)
_SKIPPED: Final = late(
    r"(?:(?:in|at|from|outside|near)\s(?:the\s)?[A-Z][\w.-]*(?:\s[A-Z][\w.-]*)*|(?:also|later|earlier|again|however|separately|meanwhile|further|published|issued|posted|released|shortly|only"
    r"|with an? \w+|through tears|before dawn|after dark|for example))\b"
)
_OBJECT_FIRST: Final = late(
    r"(?:put|puts|described?|describes|called|calls|estimated?|estimates|accused|accuses|blamed|blames|denied|denies|rejected|rejects|criticised|criticized|announced|announces|promised|promises"
    r"|dismissed|confirmed|confirms|reported|reports|disputed|labelled|labeled|welcomed|condemned|acknowledged|admitted)",
    re.IGNORECASE,
)
_CLAUSE: Final = late(r"\bthat\b|[\"\u201c\u201d;\u2014]|,\s|$")
_OPENING: Final = late(r"[^\w\"\u201c\u2018]*(?:\d[\d:.]*\s*[\u2014\u2013-]\s*)?")
_GAP: Final = late(r"[\s,]*")
_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class _Adjunct:
    """A phrase that says how, when or to whom something was said."""

    role: Literal["channel", "day", "other"]
    start: int
    end: int


def channel(text: str, cue: Place, source: Place | None = None) -> Place | None:
    """Return the words that say where or by what it was said, in code points: "in a post to social media", "parliament" of "told parliament".

    They stand right behind the word of saying or its source, between the two, or open the sentence; behind a verb that
    takes its object first ("put the dead at 31 in a voice message") anywhere in its clause.

    Args:
        text: The sentence.
        cue: Place of the word of saying.
        source: Place of who says it, where known.
    """
    found = next((a for a in _adjuncts(text, cue, source) if a.role == "channel"), None)
    if found is None and _OBJECT_FIRST.fullmatch(text, *cue):
        end = _CLAUSE.search(text, cue[1])
        inside = next(
            (m for m in _CHANNEL.finditer(text, cue[1], end.start() if end else len(text)) if text[m.start() - 1].isspace()), None
        )
        return inside.span() if inside is not None else None
    return (found.start, found.end) if found is not None else None


def day(text: str, cue: Place, source: Place | None = None) -> Place | None:
    """Return the words that name the day of saying, in code points, found as ``channel`` is: "said in a statement on Monday"."""
    found = next((a for a in _adjuncts(text, cue, source) if a.role == "day"), None)
    return (found.start, found.end) if found is not None else None


def _adjuncts(text: str, cue: Place, source: Place | None) -> Iterator[_Adjunct]:
    """Yield the phrases behind the cue and its source, then those between the two or right before the cue, then those that open the sentence."""
    days = [span for span in times.find(text) if _DAY.fullmatch(text[slice(*span)])]
    verb = text[slice(*cue)]
    yield from _run(text, cue[1], len(text), days, verb)
    if source is not None and source[0] >= cue[1]:
        yield from _run(text, source[1], len(text), days, "")
    if source is not None and source[1] <= cue[0]:
        yield from _run(text, source[1], cue[0], days, "")
    if source is not None:
        # right before the cue, whatever of a long source stands between
        yield from (_Adjunct("day", *span) for span in days if source[0] <= span[0] and _GAP.fullmatch(text, span[1], cue[0]))
    opening = _OPENING.match(text)
    first = opening.end() if opening is not None else 0
    until = min(cue[0], source[0]) if source is not None else cue[0]
    yield from _run(text, first, until, days, "")


def _run(text: str, start: int, end: int, days: list[Place], verb: str) -> Iterator[_Adjunct]:
    at = start
    for turn in range(_MOST):
        gap = _GAP.match(text, at, end)
        at = gap.end() if gap is not None else at
        adjunct = _adjunct(text, at, end, days, verb if turn == 0 else "")
        if adjunct is None:
            return
        yield adjunct
        at = adjunct.end


def _adjunct(text: str, at: int, end: int, days: list[Place], verb: str) -> _Adjunct | None:
    if _TOLD.fullmatch(verb):
        if (assembled := _ASSEMBLED.match(text, at, end)) is not None:
            return _Adjunct("channel", *assembled.span())
        if (told := _RECIPIENT.match(text, at, end)) is not None:
            return _Adjunct("other", *told.span())
    part = _PART.match(text, at, end)
    begins = (at, part.end("part"), part.end()) if part is not None else (at,)
    named = next((last for first, last in days if first in begins and last <= end), None)
    if named is not None:
        return _Adjunct("day", at, named)
    medium = (
        _CHANNEL_CASED.match(text, at, end)
        or _CHANNEL.match(text, at, end)
        or (_POSTED_ON.match(text, at, end) if _WROTE.fullmatch(verb) else None)
    )
    if medium is not None:
        return _Adjunct("channel", *medium.span())
    skipped = _SKIPPED.match(text, at, end)
    return _Adjunct("other", *skipped.span()) if skipped is not None else None
