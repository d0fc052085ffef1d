"""Who says it: words of saying, the phrases beside them that can name a source, and what sort of source that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from extractor.claims import SourceKind, Stance
from extractor.normalise import circumstances, quantities, source_kinds, times
from extractor.normalise.late import late

_SAYING: Final = (
    "said|says|say|told|tells|claimed|claims|reported|reports|announced|announces|added|adds|stated|states|warned|warns"
    "|denied|denies|confirmed|confirms|alleged|alleges|acknowledged|insisted|insists|estimated|estimates|wrote|argued"
    "|explained|noted|declared|predicted|accused|assessed|assesses|believes|believed|vowed|boasted|tweeted|posted|conceded"
    "|admitted|disputed|rejected|dismissed|suggested|concluded|expects|fears|anticipates|assured|stressed|emphasised|emphasized|recalled|testified"
)
_CUE: Final = late(rf"(?<![\w'\u2019-])(?:{_SAYING}|according to|in the words of)(?![\w'\u2019-])", re.IGNORECASE)
_BEFORE_SOURCE: Final = frozenset(("according to", "in the words of"))
_PARTICIPLE: Final = late(r"\b(?:the|a|an|of|its|their|his|her|many|any|no|these|those|newly)\s$", re.IGNORECASE)
_ADVERBS: Final = late(
    r"(?:\s|,|;|:|[\"\u201c\u201d]|\b(?:also|later|had|has|have|earlier|then|previously|repeatedly|again|now|since|been"
    r"|separately|meanwhile|publicly|initially))+$"
)
_RUN_END: Final = late(
    r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})[.!?]\s|[;\u2014\"\u201c\u201d]|, (?:and|but|who|which|adding|saying)\b|$"
)
_APPOSED_NAME: Final = late(r",\s(?:[A-Z][\w.'\u2019-]*\s)*[A-Z][\w.'\u2019-]*,\s*$")
_POSTPOSED: Final = late(r"[\"\u201d,]\s*$")
_STANCE_VERBS: Final[dict[Stance, str]] = {
    "denies": "den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?|refut(?:e|es|ed|ing)|rebut(?:s|ted|ting)?|disput(?:e|es|ed|ing)|contest(?:s|ed|ing)?|contradict(?:s|ed|ing)?"
    "|disavow(?:s|ed)?|disown(?:s|ed)?|debunk(?:s|ed)?|rul(?:ed|es) out|challeng(?:es|ed)",
    "alleges": "alleg(?:e|es|ed|ing)|accus(?:e|es|ed|ing)|blam(?:e|es|ed|ing)|suspect(?:s|ed|ing)?",
    "confirms": "confirm(?:s|ed|ing)?|acknowledg(?:e|es|ed|ing)|admit(?:s|ted|ting)?|conced(?:e|es|ed|ing)|confess(?:es|ed)?|corroborat(?:es|ed)|verif(?:ies|ied)|sto(?:od|od) by"
    "|stands? by|own(?:ed|s) up|agree[sd]?|concur(?:s|red)?",
    "doubts": "doubt(?:s|ed|ing)?|question(?:s|ed|ing)?|casts? doubt|wonder(?:s|ed)?|distrust(?:s|ed)?",
}  # fmt: skip
_STANCES: Final = {stance: late(verbs) for stance, verbs in _STANCE_VERBS.items()}

_LETTER: Final = late(r"\w")
_BETWEEN: Final = late(r"[\s,]*")
_OPENS: Final = late(r"\w|[\"\u201c]")
_NO_SOURCE: Final = late(r"(?:that|in|on|at|via|by|it|its|he|she|they|there|to|no|not|as|during|from)\b")
_CLAUSE_START: Final = late(r"[.!?;:\"\u201c\u201d\u2014]\s|[\"\u201d]|\b(?:and|but|that|while|as)\s")
_SAYING_DAY: Final = late(r"(?:late |early |earlier )?(?:on )?(?:\w+day|yesterday|today|[a-z]+ \d+)(?: \w+)?", re.IGNORECASE)
_MOST_CUES: Final = 8
_MOST_WORDS: Final = 16
_SOURCE_STARTS: Final = late(r",\s+|(?:^|\s)[^\WA-Z_][\w-]*\s+(?=[A-Z])|(?<=\s)(?=(?:the|an?|its|his|her|their|one|two)\s)")
_SOURCE_ENDS: Final = late(r"[\w).](?=,\s|\s(?:in|on|at|to|via|by|from|for|after|during|who|that|as|late|early)\b|[\"\u201c\u201d;]|\.?$)")
_PREPOSITIONS: Final = "in|on|at|of|to|by|from|for|with|near|along|into|over|across|around|since|until|after|before|during"
_TITLE_WORD: Final = late(r"[A-Z][\w'\u2019.-]*,?|of|for|and|the")
_AFTER_PREPOSITION: Final = late(rf"\b(?:{_PREPOSITIONS})\s$", re.IGNORECASE)
_NOBODY: Final = late(
    rf"(?:{_PREPOSITIONS}|because|also"
    r"|which|who|where|when|there|this|that)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of saying and the runs of words beside it that can name its source.

    Attributes:
        start: Offset of the cue's first code point.
        end: Offset one past its last.
        sources: Spans of text whose words hold the source: one ending at the cue, one beginning after it.
    """

    start: int
    end: int
    before: tuple[int, int] | None
    after: tuple[int, int] | None


def cues(text: str) -> list[Cue]:
    """Return the words of saying of ``text`` in order, in code points, each with where its source can stand.

    Eight at the most: no honest sentence has more, and work on a planted one stays bounded.
    """
    found: list[Cue] = []
    for match in _CUE.finditer(text):
        if len(found) == _MOST_CUES:
            break
        if _PARTICIPLE.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        named_after = match[0].lower() in _BEFORE_SOURCE
        before = None if named_after else _run_before(text, match.start())
        left = text[: match.start()]
        postposed = named_after or before is None or bool(_POSTPOSED.search(left) and not _APPOSED_NAME.search(left))
        after = _run_after(text, match.end()) if postposed else None
        if before is not None or after is not None:
            found.append(Cue(match.start(), match.end(), before, after))
    return found


def source_candidates(text: str) -> list[tuple[int, int]]:
    """Return the spans that can name a source: phrases of ``text`` that touch a cue, in code points.

    A phrase before the cue ends at it, so only its start is open: the start of the clause, behind a comma, or where
    capitals begin, but not right behind a preposition. A phrase after the cue begins at it, so only its end is open.
    Phrases that hold a time or begin with a preposition name nobody.
    """
    spans: dict[tuple[int, int], None] = {}
    for cue in cues(text):
        if cue.before is not None:
            first, end = cue.before
            starts = [first, *(first + m.end() for m in _SOURCE_STARTS.finditer(text[first:end]))]
            spans.update(((start, end), None) for start in starts if not _AFTER_PREPOSITION.search(text[first:start]))
        if cue.after is not None:
            start, last = cue.after
            ends = [start + m.end() for m in _SOURCE_ENDS.finditer(text[start:last])]
            spans.update(((start, end), None) for end in ends[:6])
    phrases = {span: text[slice(*span)] for span in spans}
    return [span for span, phrase in phrases.items() if _names_somebody(phrase)]


def content(text: str) -> list[tuple[int, int]]:
    """Return the spans of ``text`` that are said, rather than say who says it: all but the sources beside cues, and the cues.

    Where nothing of two words or more would be left, the whole text is.
    """
    named = source_candidates(text)
    cut = []
    for cue in cues(text):
        ending = [start for start, end in named if cue.before is not None and end == cue.before[1]]
        beginning = [end for start, end in named if cue.after is not None and start == cue.after[0]]
        if ending or beginning:
            start = max(ending, default=cue.start)
            titled = [at for at in ending if all(_TITLE_WORD.fullmatch(word) for word in text[at:start].split())]
            cut.append((min(titled, default=start), min(beginning, default=cue.end)))
    edges = [0, *(edge for span in cut for edge in span), len(text)]
    left = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if len(text[a:b].split()) > 1]
    return left or [(0, len(text))]


def cue_of(text: str, source: tuple[int, int]) -> Cue | None:
    """Return the cue that stands nearest to ``source``, a span of ``text``; None where the sentence has none."""
    return min(cues(text), key=lambda c: min(abs(c.start - source[1]), abs(source[0] - c.end)), default=None)


def stated_on(text: str, cue: Cue, source: tuple[int, int]) -> tuple[int, int] | None:
    """Return the span of the day on which it was said: the phrase right after the cue or before the source."""
    for start, end in times.find(text):
        if not _SAYING_DAY.fullmatch(text, start, end):
            continue
        said = max(cue.end, source[1])
        if start >= said and _BETWEEN.fullmatch(text, said, start):
            return start, end
        if not text[:start].strip(' "\u201c') and start < end <= source[0] and _BETWEEN.fullmatch(text, end, source[0]):
            return start, end
    return None


def channel(text: str, cue: Cue, source: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Return the span of the words that say how it was said ("in a post to social media") beside ``cue`` and its ``source``."""
    return circumstances.channel(text, (cue.start, cue.end), source)


def stance_of(cue: str) -> Stance:
    """Return how a source that uses ``cue`` stands to what it says."""
    verb = cue.split(maxsplit=1)[0].lower() if cue else ""
    return next((stance for stance, verbs in _STANCES.items() if verbs.fullmatch(verb) or verbs.fullmatch(cue.lower())), "asserts")


def kind_of(source: str) -> SourceKind | None:
    """Return what sort of source a name or description is by its words, or None where they do not tell."""
    return source_kinds.kind_of(source)


def _run_before(text: str, cue_start: int) -> tuple[int, int] | None:
    end = cue_start
    if adverbs := _ADVERBS.search(text[:end]):
        end = adverbs.start()
    start = max((m.end() for m in _CLAUSE_START.finditer(text, 0, end)), default=0)
    start = max(start, end - 160)
    while start < end and text[start] in " ,;:\u2014-":
        start += 1
    return (start, end) if _LETTER.search(text, start, end) else None


def _run_after(text: str, cue_end: int) -> tuple[int, int] | None:
    start = cue_end
    while start < len(text) and text[start].isspace():
        start += 1
    if start >= len(text) or not _OPENS.match(text, start):
        return None
    if _NO_SOURCE.match(text, start):
        return None
    stop = _RUN_END.search(text[start:])
    return (start, min(start + (stop.start() if stop else 0), start + 160))


def _names_somebody(phrase: str) -> bool:
    known = bool(_LETTER.match(phrase)) and not _NOBODY.match(phrase) and len(phrase.split()) <= _MOST_WORDS
    return known and not times.find(phrase) and not quantities.find(phrase)
