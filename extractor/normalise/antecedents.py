"""Whom a pronoun or a description stands for: the source said before, or the one a sentence before is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase
from typing import Final, Literal

from extractor.claims import SourceKind
from extractor.normalise import descriptions, names, source_nouns
from extractor.normalise.late import late
from extractor.normalise.source_kinds import NO_NAME, asks_not_to_be_named, has_bare_name, read, reading_in_document, unquoted
from extractor.normalise.standing import caseless, is_edge, places

Sort = Literal["person", "people", "body"]

_PRONOUNS: Final[dict[str, tuple[Sort, ...]]] = {
    **dict.fromkeys(("he", "she", "him", "her", "his"), ("person",)),
    **dict.fromkeys(("it", "its"), ("body",)),
    **dict.fromkeys(("they", "them", "their"), ("people", "body", "person")),
    **dict.fromkeys(("one of them", "some of them", "many of them", "two of them", "both", "another"), ("people",)),
}
_SHORT_TITLES: Final = {
    "governor": "Gov", "senator": "Sen", "general": "Gen", "colonel": "Col", "captain": "Capt", "professor": "Prof", "doctor": "Dr", "lieutenant": "Lt",
    "major": "Maj", "commander": "Cmdr", "admiral": "Adm", "sergeant": "Sgt", "representative": "Rep", "president": "Pres",
}  # fmt: skip
_DEFINITE: Final = late(r"(?:the|this|that)\s", re.IGNORECASE)
_DETERMINED: Final = late(r"^(?:the|its|their|his|her|these|those)\s", re.IGNORECASE)
_MANY: Final = late(r"(?i:two|three|four|five|six|several|some|many|both|dozens)\b|[a-z]+s\b(?!['\u2019])")
_RELATED: Final = late(r"\s(?:of|for|at|in|from|with|to|who|which)\s|,")
_SAID: Final = r"(?:said|says|added|adds|told|wrote|explained|countered|recalled|noted|warned|insisted|claimed|argued|announced|stated|conceded|admitted)"
_PREFIX: Final = late(
    r"(?:\W*\d[\d:.]*\s*[\u2014\u2013-]\s+)?(?:[A-Z][A-Z ,.\w()]{2,60}?\s[\u2014\u2013-]\s+)?(?:(?:But|And|Yet|Later|Meanwhile|However|On|In|At|By|After|Before)\b[^,.\"\u201c]{0,50},\s)?(?:But |And |Yet )?"
)
_RUN: Final = r"[A-Z][\w\u2019'-]*\.?(?:\s(?:(?:of|for|de|del|da|van|von|al|bin|and)\s(?:the\s)?)?[A-Z][\w\u2019'-]*\.?)*"
_NAMED: Final = late(rf"{_RUN}(?=,?\s|$)")
_BARE: Final = late(r"[A-Z][\w\u2019'&-]*(?:\s(?:(?:de|del|da|van|von|al|bin)\s)?[A-Z][\w\u2019'&-]*)*(?:\s(?:plc|SA|AG))?(?=[,.]?\s|$)")
_AGENT: Final = late(r"\b(?:denied|contradicted|disputed|confirmed|rejected|echoed|dismissed)\sby\s(?P<phrase>(?:the|an?)\s[^,.;]{3,60})")
_SPEAKER: Final = late(rf"\b{_SAID}\s(?P<behind>(?:[a-z]+\s){{0,3}}{_RUN})(?=[,.]|$)|(?P<before>(?:[a-z]+\s){{0,3}}{_RUN})\s{_SAID}\b")
_IN_PLACE: Final = late(r"\b(?:in|near|from|of|to|around|outside|across|told|via)\s(?:the\s|its\s)?$", re.IGNORECASE)
_TITLED_NAME: Final = r"(?P<name>[A-Z][\w\u2019'-]+(?:\s(?:de |da |del |van |von |bin |al-)?[A-Z][\w\u2019'-]+){0,3})"
_FIRM: Final = late(
    r"\b(?:company|firm|group|corporation|conglomerate|\w*makers?|manufacturer|producer|supplier|retailer|airline|carrier|operator|bank|lender|insurer|charity|organi[sz]ation"
    r"|brokerage|startup|start-up|developer|importer|exporter|contractor|chain)\b"
)
_REACH: Final = 1500
"""How far back, in code points, a pronoun looks for whom it stands for where no source was named."""
_LONG: Final = 600
"""How much of a sentence is looked at, so that work on one without an end stays bounded."""
_WHOLE: Final = 20_000
_POINTING: Final = late(r"^(?:the|this|that|its|their)\s(?:(?:two|three|other|same|latter)\s)?", re.IGNORECASE)
_NOUN_BEFORE: Final = late(r"\b(?:the|an?|its|their|his|her)\s(?:[a-z][\w-]*\s){1,2}$", re.IGNORECASE)
_ARTICLED: Final = late(r"^(?:[Tt]he|[Aa]n?)\s")
_SPEAKS: Final = late(r"\w")
_NO_MODIFIER: Final = late(r"(?:\w+ed|of|in|to|by|at|and|the|an?|said|that|for|on)")
_OWNING: Final = late(r"['\u2019]s$")
_HEADED: Final = late(r"(?:The|An?|Another|One)\s(?=[a-z])")
_MODIFIERS: Final = late(r"(?:[\w\u2019'-]+\s){0,3}")
_OF_WHOM: Final = late(r"\sof\s(?:the\s)?[A-Z][\w-]*(?:\s[A-Z][\w-]*)*")
_RUNS_ON: Final = frozenset(f"{ascii_lowercase},")
"""How far back a title or a longer name is looked for: the whole of an article, and no more of a book."""


@dataclass(frozen=True, slots=True)
class Known:
    """A source that the text has named.

    Attributes:
        start: Offset of the mention.
        name: Its full name.
        sort: One person, several, or a body.
        kind: What sort of source it is, where known.
    """

    start: int
    name: str
    sort: Sort
    kind: SourceKind | None = None


def is_pronoun(words: str) -> bool:
    """Tell whether ``words`` only stand for a source said before."""
    return words.lower() in _PRONOUNS


def sort_of(words: str, canonical: str, text: str) -> Sort:
    """Return whether a source is one person, several, or a body; the form of a name decides where no noun tells."""
    reading = reading_in_document(words, canonical, text)
    if reading is not None:
        if reading.sort in ("body", "thing"):
            return "body"
        return "people" if _MANY.match(_DETERMINED.sub("", words)) or _is_plural(words) else "person"
    return "person" if names.is_person(canonical) and not _DEFINITE.match(words) else "body"


def _is_plural(words: str) -> bool:
    head = _RELATED.split(words)[0]
    nouns = [head[found.start : found.end].lower() for found in source_nouns.find(head) if found.noun.sort in ("person", "staff", "rank")]
    return bool(nouns) and nouns[-1].endswith(("s", "men", "people")) and not nouns[-1].endswith("ss")


def of_pronoun(words: str, known: Sequence[Known], text: str, at: int) -> str | None:
    """Return the full name of whom a pronoun at ``at`` stands for; None where nobody fits.

    The last source of its sort, unless a sentence since then is about another: "Open Hand said so. The ministry rejects
    the figure. It counted nine."
    """
    for sort in _PRONOUNS[words.lower()]:
        last = next((one for one in reversed(known) if one.sort == sort), None)
        since = max(last.start + 1 if last is not None else 0, at - _REACH)
        subjects = [subject for subject in _subjects(text, since, at) if subject.sort == sort] if sort != "people" else []
        if subjects or last is not None:
            return subjects[-1].name if subjects else last.name if last is not None else None
    return None


def of_description(words: str, known: Sequence[Known], text: str, at: int) -> str | None:
    """Return the full name of whom a description such as "the company" stands for; None where it stands for itself.

    In this order: the same noun with more words ("the Public Health Agency" for "the agency"), the person with that title,
    the last source of its kind that has a bare name, and for a firm the bare name that the text is about.
    """
    name = _POINTING.sub("", words)
    reading = read(words)
    if not _DEFINITE.match(words) or reading is None or (not name.islower() and " " in name):
        return None
    if reading.sort in ("person", "staff", "rank"):
        return _titled(name, text, at) or next(
            (one.name for one in reversed(known) if one.sort == "person" and one.kind == reading.kind and has_bare_name(one.name)), None
        )
    if (fuller := _fuller(name, known, text, at)) is not None:
        return fuller
    # a person is hardly ever named without a word on who that is, so a name that nothing describes is rather a firm's
    bare = (
        one.name
        for one in reversed(known)
        if has_bare_name(one.name)
        and ((one.sort == "body" and one.kind == reading.kind) or (one.kind is None and reading.kind == "organisation"))
    )
    same = (one.name for one in reversed(known) if one.sort == "body" and one.name[:1].isupper() and one.kind == reading.kind)
    found = next(bare, None) or (next(same, None) if reading.kind in ("think_tank", "media") else None)
    return found or (_bare_name(text, at) if reading.kind == "organisation" and _FIRM.search(name) else None)


def _titled(name: str, text: str, at: int) -> str | None:
    """Return the last person before ``at`` who has the title: "Gov. Ada Rook", "Ada Rook, the governor"."""
    title = name.rsplit(maxsplit=1)[-1]
    forms = [re.escape(title), re.escape(title.capitalize())]
    if title.lower() in _SHORT_TITLES:
        forms.append(_SHORT_TITLES[title.lower()] + r"\.?")
    before = _bearers(tuple(forms)).findall(text[max(0, at - _WHOLE) : at])
    return before[-1] if before else None


@lru_cache(maxsize=256)
def _bearers(forms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(forms)}),?\s{_TITLED_NAME}")


def _fuller(name: str, known: Sequence[Known], text: str, at: int) -> str | None:
    """Return the longer name with the same head: of a source before, else of a phrase of the text before."""
    for one in reversed(known):
        if len(one.name) > len(name) and _ending(name).match(one.name):
            return one.name
    before = text[max(0, at - _WHOLE) : at]
    if caseless(name) not in caseless(before):
        return None
    found = [_ARTICLED.sub("", match["full"]) for match in _longer(name).finditer(before)]
    return next((one for one in found if len(one) > len(name) and _is_one_name(one, name)), None)


@lru_cache(maxsize=256)
def _ending(name: str) -> re.Pattern[str]:
    """Return the pattern of names that end in ``name``, or in it and whose it is."""
    return re.compile(rf"(?:^|.*[\s\u2019']){re.escape(name)}(?:\s(?:of|for)\s.+)?$", re.IGNORECASE)


@lru_cache(maxsize=256)
def _longer(name: str) -> re.Pattern[str]:
    """Return the pattern of phrases whose head is ``name``, with what stands before it and whose it is."""
    return re.compile(
        rf"(?:\b(?:[Tt]he|[Aa]n?|[Ii]ts)\s|(?:^|[.!?\u2014\u2013\u201c\"]\s*|\s)(?=[A-Z]))"
        rf"(?P<full>(?:[\w\u2019'-]+\s){{0,4}}?(?i:{re.escape(name)})(?:\s(?:of|for)\s(?:the\s)?[A-Z][\w-]*(?:\s[A-Z][\w-]*)*|(?:\s[A-Z][\w-]+)+)?)(?![\w-])"
    )


def _is_one_name(full: str, name: str) -> bool:
    """Tell whether the words before a noun belong to it: no verb, no preposition, and capitals or plain modifiers throughout."""
    lead = full[: full.lower().find(name.lower())].split()
    return all(word[:1].isupper() for word in lead) or all(word.islower() and not _NO_MODIFIER.fullmatch(word) for word in lead)


def _bare_name(text: str, at: int) -> str | None:
    """Return the name that the text before ``at`` is about and nothing describes as else than a firm: of the nearest sentence that has one."""
    end = at
    while end > max(0, at - _REACH):
        start = descriptions.sentence_at(text, end - 1)[1]
        prefix = _PREFIX.match(text[start : min(end, start + _LONG)])
        first = start + (prefix.end() if prefix is not None else 0)
        sentence = unquoted(text[start : min(end, start + _LONG)])
        for match in _BARE.finditer(sentence, first - start):
            name = _OWNING.sub("", match[0].rstrip("."))
            if (
                _IN_PLACE.search(sentence[max(0, match.start() - 12) : match.start()])
                or _is_described(sentence, match.start())
                or source_nouns.find(name)
                or names.is_calendar(name)
                or NO_NAME.fullmatch(name)
            ):
                continue
            if not _SPEAKS.search(sentence, first - start, match.start()) and " " not in name and not _follows(text, name):
                continue
            full = names.canonical(name, [], text)
            reading = reading_in_document(name, full, text)
            if reading is None or (reading.kind == "organisation" and reading.sort == "body"):
                return full
        end = start
    return None


def _is_described(sentence: str, at: int) -> bool:
    """Tell whether the noun before a name says that it is no firm: "the ferry Amalia"."""
    noun = _NOUN_BEFORE.search(sentence[max(0, at - 40) : at])
    return noun is not None and not _FIRM.search(noun[0])


def _follows(text: str, name: str) -> bool:
    """Tell whether ``name`` stands anywhere behind a word in small letters or a comma, and so is no capital of a sentence's beginning."""
    return any(
        at > 1 and text[at - 1].isspace() and text[at - 2] in _RUNS_ON and is_edge(text, at + len(name)) for at in places(text, name)
    )


def _subjects(text: str, since: int, at: int) -> Iterator[Known]:
    """Yield whom the sentences between two offsets are about, outside of quotations."""
    start = descriptions.sentence_at(text, since)[1]
    while start < at:
        following = descriptions.sentence_end(text, start)
        sentence = text[start : min(following, at, start + _LONG)]
        prefix = _PREFIX.match(sentence)
        place = prefix.end() if prefix is not None else 0
        for phrase, offset in _about(sentence, place):
            if start + offset < since:
                continue
            full = of_description(phrase, [], text, start + offset) or names.canonical(phrase, [], text)
            if asks_not_to_be_named(phrase, text):
                yield Known(start + offset, full, "person")
            elif (reading := reading_in_document(phrase, full, text)) is not None and (full[:1].isupper() or reading.sort == "body"):
                yield Known(start + offset, full, sort_of(phrase, full, text))
        start = following


def _about(sentence: str, place: int) -> Iterator[tuple[str, int]]:
    """Yield the phrase at the head of a sentence, the agent of a denial, and names beside a word of saying, each with its offset."""
    head = _HEADED.match(sentence, place)
    if head is not None:
        found = [f for f in source_nouns.find(sentence[: place + 60]) if f.start >= place]
        if found and _MODIFIERS.fullmatch(sentence[head.end() : found[0].start]):
            last = found[0]
            of = _OF_WHOM.match(sentence, last.end)
            yield sentence[place : of.end() if of else last.end], place
    elif (run := _NAMED.match(sentence, place)) is not None:
        end = next((f.end for f in source_nouns.find(sentence[: run.end() + 30]) if f.start == run.end() + 1), run.end())
        yield sentence[place:end].rstrip(".,"), place
    if (agent := _AGENT.search(sentence)) is not None:
        yield agent["phrase"], agent.start("phrase")
    for speaker in _SPEAKER.finditer(sentence):
        side = "behind" if speaker["behind"] else "before"
        yield speaker[side].rstrip("."), speaker.start(side)
