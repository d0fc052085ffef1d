"""Reporting chains: who passes on what another said, "the radio reported, quoting the police"."""

from __future__ import annotations

import re
from typing import Final

from extractor.normalise import source_kinds, source_nouns
from extractor.normalise.late import late
from extractor.normalise.standing import caseless

_NAMED: Final = late(r"\b(?!(?:The|An?)\b)[A-Z]")
Place = tuple[int, int]

_QUOTING: Final = r"(?:quoting|citing|with reference to|referring to|on the authority of|(?:relying|drawing|based) on (?:figures|data|information|reports|details) (?:from|by|of)|quoted|cited)"
_PASSES_ON: Final = ("quot", "citing", "cited", "reference to", "referring to", "authority of", "ing on ", "based on ")
"""Letters of which every word of quoting holds some, in small letters."""
_TURN: Final = r"(?:(?:again|in turn|itself|also|later|earlier|reportedly|both|has|had|have|then)\s)*"
_SAID: Final = r"(?:said|says|say|reported|reports|report|wrote|writes|write|announced|announces|told|tells|claimed|claims|added|noted|broadcast|published|revealed|stated|quoted|cited|according)"
_DETERMINER: Final = r"(?:the|an?|its|their|his|her|one|two|three|four|several|some|unnamed|unidentified|local|another|senior)"
_STOP: Final = rf"(?:{_SAID}|as|that|who|which|whose|on|when|while|where|after|before|during|late|early|was|were|is|are|has|had|have|and|but|in turn|{_QUOTING})"
_WORD: Final = r"(?:(?:Lt|Col|Gen|Maj|Capt|Sgt|Brig|Adm|Cmdr|Gov|Sen|Rep|Rev|Dr|Prof|Mr|Mrs|Ms|St|[A-Z])\.|[^\s,;:.\"\u201c\u201d()]+)"
_NAME: Final = late(rf"(?:{_DETERMINER}\s)*(?!{_STOP}\b){_WORD}(?:\s(?!{_STOP}\b){_WORD}){{0,9}}", re.IGNORECASE)
_APPOSED: Final = late(r",\s(?P<name>(?:[A-Z][\w\u2019'-]*\.?\s){1,4}[A-Z][\w\u2019'-]+)(?=[,.;]|$)")
_INNER: Final = late(
    rf"(?:(?:,?\s(?:\w+\s)?{_SAID}\b[^.;:\"\u201c\u201d,]{{0,40}}?)?,?\s(?:(?:which|who)\s)?{_TURN}(?:quoting|citing|with reference to|referring to|on the authority of"
    rf"|(?:relying|drawing|based) on (?:figures|data|information|reports|details) (?:from|by|of))\s|,?\s(?:which\s|who\s)?{_TURN}(?:quoted|cited)\s)(?!as\b|by\b)",
    re.IGNORECASE,
)
_OUTER: Final = late(
    r"(?:[\s,]*\b(?:as\s)?(?:(?:was|were|has been|is|are)\s)?(?:also\s|later\s|earlier\s)?(?:quoted|cited|relayed|carried|reported)(?:\sas saying)?(?:\s(?:on|late|early)\s\w+)?\sby\s"
    r"|\s(?:also\s|later\s)?(?:told|tells)\s(?=(?:the|another|one)\s(?:state\s|local\s|same\s)?(?:news\s)?(?:paper|newspaper|agency|radio|radio station|station|broadcaster|magazine|channel|television|website|site|daily|tabloid)\b))",
    re.IGNORECASE,
)
_BEFORE_QUOTED: Final = late(
    rf"(?P<reporter>[^,.;:\"\u201c\u201d()\u2014]{{2,90}}?)(?:,?\s(?:which|who)\s{_TURN}{_QUOTING}|(?:\s{_SAID}\b[^.;:\"\u201c\u201d,]{{0,40}})?,?\s{_TURN}{_QUOTING})\s(?:{_DETERMINER}\s[^,.;]{{2,40}},\s)?$",
    re.IGNORECASE,
)
_BEFORE_BY: Final = late(
    r"(?P<origin>[^,.;:\"\u201c\u201d()\u2014]{2,80}?),?(?:\s(?:was|were|has been|is|are))?(?:\s(?:also|later|earlier|as))?\s(?:quoted|cited)(?:\sas saying)?(?:\s(?:on|late|early)\s\w+)?\sby\s$",
    re.IGNORECASE,
)
_LEADING: Final = late(rf"\s*(?:(?:but|and|while|as|according to|however|{_QUOTING})\s)*", re.IGNORECASE)
_NOBODY: Final = late(r"(?:but|and|while|as|also|then|later|however|it)\s*", re.IGNORECASE)
_MOST: Final = 4


def chain(sentence: str, source: Place) -> tuple[Place, ...]:
    """Return the reporting chain that ``source``, a place in ``sentence``, belongs to; who said it first comes first.

    "X reported, quoting Y", "X quoted Y as saying", "X, citing Y, which in turn quoted Z", "Y was quoted by X as saying",
    "Y, quoted by X" and "Y told the paper" are Y, then X, whichever of them ``source`` is.
    """
    links = [source]
    while len(links) < _MOST and (inner := _quoted_by(sentence, links[0])) is not None:
        links.insert(0, inner)
    while len(links) < _MOST and (outer := _reporter_of(sentence, links[-1])) is not None:
        links.append(outer)
    return tuple(links)


def _quoted_by(sentence: str, source: Place) -> Place | None:
    """Return whom the source quotes."""
    inner = _INNER.match(sentence, source[1])
    if inner is not None:
        return _somebody(sentence, _name(sentence, inner.end()))
    before = _before(_BEFORE_BY, sentence, source[0])
    return _somebody(sentence, _trimmed(sentence, *before.span("origin"))) if before is not None else None


def _reporter_of(sentence: str, source: Place) -> Place | None:
    """Return who quotes the source."""
    outer = _OUTER.match(sentence, source[1])
    if outer is not None:
        return _name(sentence, outer.end())
    before = _before(_BEFORE_QUOTED, sentence, source[0])
    return _trimmed(sentence, *before.span("reporter")) if before is not None else None


def _before(pattern: re.Pattern[str], sentence: str, end: int) -> re.Match[str] | None:
    """Return where ``pattern`` stands before ``end``; few sentences hold a word of quoting, and only those are searched for the whole of it."""
    letters = caseless(sentence)
    return pattern.search(sentence, 0, end) if any(map(letters.__contains__, _PASSES_ON)) else None


def _somebody(sentence: str, place: Place | None) -> Place | None:
    """Return ``place`` if it names somebody, not data, a paper or a reason: "citing customs data", "citing a lack of proof"."""
    if place is None:
        return None
    reading = source_kinds.read(sentence[slice(*place)])
    named = _NAMED.search(sentence[slice(*place)]) is not None
    return place if (named if reading is None else reading.sort != "thing") else None


def _trimmed(sentence: str, start: int, end: int) -> Place | None:
    lead = _LEADING.match(sentence, start, end)
    start = lead.end() if lead is not None else start
    return (start, end) if start < end and _NOBODY.fullmatch(sentence, start, end) is None else None


def _name(sentence: str, at: int) -> Place | None:
    """Return the phrase that names somebody at ``at``; behind a title with a comma the name alone."""
    phrase = _NAME.match(sentence, at)
    if phrase is None:
        return None
    start, end = phrase.span()
    named = _APPOSED.match(sentence, end)
    titled = [found for found in source_nouns.find(sentence[start:end]) if found.noun.sort in ("person", "staff", "rank")]
    if named is not None and titled and titled[-1].end == end - start:
        return named.span("name")
    return start, end
