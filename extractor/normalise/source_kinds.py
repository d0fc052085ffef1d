"""What sort of source somebody is: by their own words, else by how the document describes them.

The head noun decides before its modifiers: a finance minister is of the government, a police spokesman an official, an
army spokesman military. Who speaks for a body is of its kind, and an official where it is an authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from extractor.claims import SourceKind
from extractor.normalise import descriptions, source_nouns
from extractor.normalise.late import late
from extractor.normalise.source_nouns import Found, Sort
from extractor.normalise.standing import is_edge, places

_CUT: Final = late(r"(?:^|\s)(?:of|for|at|in|from|with|to|on|by|who|which|that|whose)\b|\sand (?=(?:the|an?|its|their|his|her)\b)|[,(]")
_RELATION: Final = late(
    r"\s(?:of|for|at|from|with|in|by|to)\s"
    r"|\b(?:who|which) (?:also |now |[a-z]+ly )?(?:leads|heads|runs|commands|chairs|directs|represents|works|spoke|speaks|advises|owns)\s"
)
_UNNAMED: Final = late(
    r"\b(?:anonymity|unnamed|anonymous|unidentified|anonymously"
    r"|(?:not|declined|refused|without being) (?:to be |being )?(?:named|identified|quoted by name)"
    r"|(?:not|declined|refused|unwilling) (?:wish |want |wishing |wanting )?(?:to )?(?:give|giving|disclose|reveal) (?:his|her|their|a) (?:full |last )?names?"
    r"|not (?:wish|want|wishing|wanting) to be (?:named|identified)|not authori[sz]ed to (?:speak|talk|comment|brief))\b",
    re.IGNORECASE,
)
_REST: Final = late(r"[^.!?\n]*")
_GOES_ON: Final = late(r"[.!?\"\u201d\s]*(?:They|He|She|Both|All)\b[^.!?\n]*")
_NOBODY_NAMED: Final = late(
    r"(?i:an?|another|one|two|three|four|five|six|several|some|many|both)\s|(?!(?:the|its|his|her|their|he|she|it|they)\b)[a-z]+\b"
)
_FORMER: Final = late(r"\b(?:former|ex-|retired|one-time|ousted)\b", re.IGNORECASE)
_WORLD: Final = late(r"(?:the )?(?:International|World|European|Pan-\w+|African|Asian|Global|United Nations|UN|U\.N\.)\b", re.IGNORECASE)
_SURNAME: Final = late(
    r"(?:King|Prince|Bishop|Pope|Baker|Cook|Farmer|Judge|Page|Marshal|Major|Church|Banks?|Fields|Post|Press|Carpenter|Gardener|Fisher)$"
)
_SPEAKS_FOR: Final[dict[SourceKind, SourceKind]] = {"government": "official"}
_DOES: Final[tuple[tuple[re.Pattern[str], SourceKind], ...]] = (
    (late(r"who (?:teaches|lectures|studies|researches)\b"), "think_tank"),
    (late(r"(?:who|which) (?:commands|fought|fights|has fought|has been fighting|took up arms)\b"), "military"),
    (late(r"which (?:makes|made|produces|sells|employs|builds|operates|owns|mines|manufactures|supplies|refines)\b"), "organisation"),
)
_STRANGER: Final = late(
    r"(?:an?|another)\s[a-z]|who (?:also |still |had |has )?(?:lives?|lived|living|saw|seen|watched|heard|escaped|survived|lost|fled|was|were|been|gave|runs|owns|sells|keeps|grows|came)\b",
    re.IGNORECASE,
)
_POSSESSOR: Final = late(
    r"(?:the |The )?(?P<owner>[A-Z][\w.&\u2019'-]*?(?:\s(?:of |the )?[A-Z][\w.&-]*?){0,4})(?:['\u2019]s|(?<=s)['\u2019])\s"
)
_OF_NAME: Final = late(r"\s(?:of|for|at|from|with)\s(?:the\s)?(?P<owner>[A-Z][\w.&-]*(?:\s[A-Z][\w.&-]*){0,3})\s*$")
_ITS: Final = late(r"(?:its|their|whose)\s|(?:an?|the) (?:spokes(?:man|woman|person)|representative|official|executive)\b", re.IGNORECASE)
_LEGAL: Final = late(r"\s&\s|\b(?:Inc|Ltd|PLC|plc|Corp|Co|GmbH|SA|AG|LLC)\.?$")
_IN: Final = late(r"\b(?:in|near|across|throughout|outside|invaded) \Z", re.IGNORECASE)
_LONGEST_IN: Final = 12
"""Code points of the longest word of place with its space, and one before."""
_BEHIND_PLACE: Final = late(
    r"\b(?=\s(?:on|in|and|since|after|before|last|this|said|was|were|has|have)\b|[.,;]|['\u2019]s (?:capital|south|north|east|west))"
)
_RULED: Final = late(
    r"['\u2019]s\s(?:\w+\s)?(?i:army|military|government|navy|air force|general staff|command|parliament|armed forces|capital|(?:foreign|defen[cs]e|interior|prime|health) minist(?:er|ry))\b"
)
_AREA: Final = late(r"(?:the )?(?:city|town|county|state|province|district|borough|village)", re.IGNORECASE)
_SUBJECT: Final = late(
    r"[^\w\"\u201c]*(?:\d[\d:.]*\s*[\u2014\u2013-]\s*)?(?:[A-Z][A-Z ]+[^\u2014]{0,30}\u2014\s)?(?P<name>[A-Z][\w\u2019'-]*(?:\s[A-Z][\w-]*)*)(?=\s[a-z])"
)
_QUOTED: Final = late(r"[\"\u201c][^\"\u201d]*(?:[\"\u201d]|$)|\u2018[^\u2019]*\u2019")
_SET_OUT: Final = late(r"(?:\b(?i:the|an?|its|their)|['\u2019]s?|\b[A-Z][\w-]*)\s(?:[\w&\u2019'-]+\s){0,3}$")
NO_NAME: Final = late(
    r"(?:The|An?|Our|My|Your|I|He|She|It|They|We|You|This|That|These|Those|There|Here|In|On|At|As|By|For|From|But|And|Or|So|If|When|While|After|Before|Since|Nobody|Everyone|Everybody|Some|Many|Most|All|Both"
    r"|Another|Each|Every|No|Not|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|About|Around|Hundreds|Thousands|Dozens|Its|His|Her|Their|What|Who|Under|Until|Only)"
)
_DEPTH: Final = 3
_SENTENCES_BACK: Final = 4
_LONG: Final = 600
"""How much of a sentence is looked at, in code points."""
_PLACE_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What some words say of a source.

    Attributes:
        kind: What sort of source it is.
        sort: What the noun that tells names: a body, a person, one who speaks for a body, a rank, or a thing.
        firm: Whether that stands whatever else the document says.
        alone: Whether it is one who speaks for a body, or a thing, and the words do not say whose.
    """

    kind: SourceKind
    sort: Sort
    firm: bool = True
    alone: bool = False


def kind_of(words: str) -> SourceKind | None:
    """Return what sort of source a name or description is by its own words, or None where they do not tell."""
    reading = read(words)
    return reading.kind if reading is not None else None


def kind_in_document(words: str, canonical: str, text: str) -> SourceKind | None:
    """Return what sort of source it is by its words and by how the document describes it, or None where neither tells.

    What decides comes first: a clause about anonymity behind the words, the head noun of the words, the title or phrase
    right before the full name or right behind it anywhere in the text. A rank or a calling that many have ("an officer")
    counts only where nothing else does. The bare name of a place speaks for its government.

    Args:
        words: The source as it stands.
        canonical: Its full name within the document; for a pronoun, that of whom it stands for.
        text: The document.
    """
    if asks_not_to_be_named(words, text) or asks_not_to_be_named(canonical, text):
        return "anonymous"
    reading = reading_in_document(words, canonical, text)
    return reading.kind if reading is not None else None


def reading_in_document(words: str, canonical: str, text: str) -> Reading | None:
    """Return what ``kind_in_document`` goes by, a clause about anonymity aside."""
    return _known(text, words, canonical, _DEPTH)


def asks_not_to_be_named(words: str, text: str) -> bool:
    """Tell whether a clause about anonymity follows ``words``, a description without a name, in ``text``: there or in the next sentence."""
    if not _NOBODY_NAMED.match(words):
        return False
    at = text.find(words)
    if at < 0:
        return False
    end = at + len(words)
    here = _REST.match(text, end)
    behind = here[0] if here else ""
    following = _GOES_ON.match(text, end + len(behind))
    return bool(_UNNAMED.search(behind) or (following and _UNNAMED.search(following[0])))


@lru_cache(maxsize=4096)
def read(words: str) -> Reading | None:
    """Return what the words of a source say by themselves; None where they hold no noun that tells."""
    if _UNNAMED.search(words):
        return Reading("anonymous", "person")
    found = source_nouns.find(words)
    cut = next((m.start() for m in _CUT.finditer(words) if not any(f.start <= m.start() < f.end for f in found)), len(words))
    before = [f for f in found if f.end <= cut and not _is_surname(words, f)]
    behind = _complement(words, cut, found)
    if not before:
        if behind is not None and behind.noun.kind == "witness" and behind.noun.sort == "person":
            return Reading("other", "staff", firm=False)
        return _speaks_for(behind, "staff") if behind is not None else None
    head = next((f for f in reversed(before) if f.noun.sort != "rank"), before[-1])
    if head.noun.sort in ("person", "staff", "rank") and _FORMER.search(words[: head.start]):
        leads = behind is not None and behind.noun.sort == "body" and re.search(r"\bwho\b", words[cut : behind.start])
        return _speaks_for(behind, "staff") if leads and behind is not None else Reading("other", "person")
    if head.noun.sort in ("staff", "thing"):
        whose = next((f for f in reversed(before[: before.index(head)]) if f.noun.sort != "staff"), behind)
        if whose is not None and whose.noun.sort != "thing" and (whose.noun.kind, head.noun.kind) != ("witness", "other"):
            if head.noun.kind == whose.noun.kind == "government":
                return Reading("government", head.noun.sort)
            return _speaks_for(whose, head.noun.sort)
        return Reading(head.noun.kind, head.noun.sort, head.noun.firm, alone=True)
    if head.noun.sort == "body" and head.noun.kind in ("official", "government") and _WORLD.match(words):
        return Reading("organisation", "body")
    return Reading(head.noun.kind, head.noun.sort, head.noun.firm)


def _speaks_for(body: Found, sort: Sort) -> Reading:
    return _of(Reading(body.noun.kind, body.noun.sort), sort)


def _of(owner: Reading, sort: Sort) -> Reading:
    return Reading(_SPEAKS_FOR.get(owner.kind, owner.kind) if sort == "staff" else owner.kind, sort)


def _is_surname(words: str, found: Found) -> bool:
    """Tell whether a noun is the last word of somebody's name: "John Major", "Ada King"."""
    left = words[: found.start].split()
    named = found.end == len(words) and bool(left) and left[-1][:1].isupper() and bool(_SURNAME.match(words, found.start))
    return named and not source_nouns.find(left[-1]) and left[0].lower() != "the"


def _complement(words: str, cut: int, found: list[Found]) -> Found | None:
    """Return the head of the phrase behind the first preposition: "association" of "member of the traders' association in Halm"."""
    relation = _RELATION.search(words, cut)
    if relation is None:
        return None
    end = next(
        (m.start() for m in _CUT.finditer(words, relation.end()) if not any(f.start <= m.start() < f.end for f in found)), len(words)
    )
    inside = [f for f in found if relation.end() <= f.start < end]
    return inside[-1] if inside else None


@lru_cache(maxsize=512)
def _known(text: str, words: str, canonical: str, depth: int) -> Reading | None:
    own = read(words) or read(canonical)
    if own is not None and own.alone and (owner := _owner(text, words, text.find(words), depth)) is not None:
        return _of(owner, own.sort)
    if own is not None and own.firm:
        return own
    readings = [reading for reading in (own, *_described(text, canonical, depth)) if reading is not None]
    return next((r for r in readings if r.firm), None) or next(iter(readings), None) or _bare(text, canonical)


def _described(text: str, name: str, depth: int) -> Iterator[Reading | None]:
    """Yield what the phrases beside a name say of it, in the order of the text."""
    if depth == 0 or not name[:1].isupper():
        return
    for phrase in descriptions.phrases(text, name):
        does = next((kind for words, kind in _DOES if words.match(phrase.words)), None)
        reading = Reading(does, "person" if phrase.words.startswith("who") else "body") if does is not None else read(phrase.words)
        if reading is None:
            yield Reading("witness", "person", firm=False) if _STRANGER.match(phrase.words) else None
        elif reading.alone and (owner := _owner(text, phrase.words, phrase.start, depth)) is not None:
            yield _of(owner, reading.sort)
        elif reading.alone and phrase.words.startswith("member "):
            yield None
        elif reading.sort == "rank" and (body := body_before(text, phrase.start)) is not None:
            yield replace(reading, kind="official", firm=True) if (of := read(body)) is not None and of.kind == "official" else reading
        else:
            yield reading


def _owner(text: str, phrase: str, at: int, depth: int) -> Reading | None:
    """Return what is known of the body somebody speaks for: "its spokesman", "Lantern Watch's director", "head of Lantern Watch"."""
    if depth <= 1:
        return None
    named = _POSSESSOR.match(phrase) or _OF_NAME.search(phrase)
    if named is not None:
        return _known(text, named["owner"], named["owner"], depth - 1)
    body = body_before(text, at) if _ITS.match(phrase) else None
    return _known(text, body, body, depth - 1) if body is not None else None


def body_before(text: str, at: int) -> str | None:
    """Return the words of the body that "its" stands for at ``at``: the first of that sentence, else of the one before; None where there is none."""
    last = at
    for _ in range(_SENTENCES_BACK):
        first = descriptions.sentence_at(text, max(0, last - 1))[1]
        part = unquoted(text[first : min(last, first + _LONG)])
        found = source_nouns.find(part)
        body = next((f for f in found if f.noun.sort == "body" and _SET_OUT.search(part, 0, f.start)), None)
        name = _SUBJECT.match(part)
        if name is not None and (body is None or name.start("name") < body.start) and not NO_NAME.fullmatch(name["name"]):
            return name["name"]
        if body is not None:
            # of "the rescue charity" and "the police union" the last noun
            end = body.end
            for further in found:
                end = further.end if further.start == end + 1 and further.noun.sort == "body" else end
            return part[body.start : end]
        last = first
    return None


def has_bare_name(name: str) -> bool:
    """Tell whether nothing in a name says what bears it, but that it is a firm: "Orbela", "Orbela plc", and not "the Textile Union"."""
    return name[:1].isupper() and (read(name) is None or _LEGAL.search(name) is not None)


def unquoted(text: str) -> str:
    """Return ``text`` with spaces for what stands in quotation marks, so that places stay."""
    return _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)


def _bare(text: str, name: str) -> Reading | None:
    """Return what a name tells that nothing describes: a firm by its form, a government by its place."""
    if _LEGAL.search(name):
        return Reading("organisation", "body")
    if _AREA.fullmatch(name):
        return Reading("government", "body", firm=False)
    if len(name.split()) <= _PLACE_WORDS and name[:1].isupper() and any(_is_place(text, at, at + len(name)) for at in places(text, name)):
        return Reading("government", "body", firm=False)
    return None


def _is_place(text: str, start: int, end: int) -> bool:
    """Tell whether a name is that of a place: something is in it, or it has an army, a government or a capital."""
    if _IN.search(text, max(0, start - _LONGEST_IN), start) and _BEHIND_PLACE.match(text, end):
        return True
    return is_edge(text, start) and _RULED.match(text, end) is not None
