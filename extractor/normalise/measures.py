"""Whether a figure counts a window of time, everything since a point, or what is so at a moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from extractor.claims import Measure
from extractor.normalise import quantities, times
from extractor.normalise.late import late

_Reach = Literal["near", "clause", "before"]
"""Where words of a rule stand: near the figure, in its own clause near it, or right before it."""
_NO_RATE: Final = r"(?:briefing|report|update|bulletin|newspaper|paper|address|statement|summary|video|message|press)"
_TABLE: Final[tuple[tuple[str, Measure, _Reach, str], ...]] = (
    (
        "words of a running total",
        "cumulative",
        "near",
        r"\b(?:in total|totall?(?:ed|ing)|so far|to date|cumulative(?:ly)?|all told|altogether|overall)\b",
    ),
    (
        "words of a running total",
        "cumulative",
        "near",
        r"\b(?:bringing|brings|brought|raising|raised|rais(?:es)|pushing|taking|takes) the (?:[\w-]+ ){0,3}(?:total|toll|number|tally)\b",
    ),
    (
        "words of a running total",
        "cumulative",
        "near",
        r"\b(?:death )?toll\b[^.]{0,40}\b(?:risen|rose|rises|climbed|stands|reached|grown)\b|\bsince the (?:start|beginning|outbreak|invasion|war)\b",
    ),
    ("what there has been", "cumulative", "before", r"\bthere (?:has|have) been (?:[\w-]+ ){0,2}$"),
    (
        "words of a rate",
        "period",
        "near",
        rf"\b(?:daily(?! {_NO_RATE}\b)|per day|a day|each day|every day|per week|weekly(?! {_NO_RATE}\b)|in one day|in a single day)\b",
    ),
    ("what is held or counted as it lies there", "snapshot", "before", r"\b(?:has|have|counted) (?:only |just |still )?$"),
    (
        "room for so many",
        "snapshot",
        "before",
        r"\b(?:(?:room|space|beds|places|capacity) (?:for|of)|holds|seats|houses|employs|can (?:hold|take|seat|house)) $",
    ),
    (
        "words of a present state",
        "snapshot",
        "clause",
        r"\b(?:trapped|missing|unaccounted for|occupied|in custody|in hospital|waiting|(?:has|have|had) (?:room for )?\d[\d,]* (?:\w+ )?(?:beds|places|members|employees)|off sick|on their way|lying|without (?:electricity|power|water)|were safe|currently|at present|at the moment|remains?|are (?:still )?missing|still (?:missing|held|trapped)|right now|as of now|there are|there were|population of|is home to|stands? at|stood at)\b",
    ),
)
_RULES: Final = tuple((name, meaning, reach, late(words, re.IGNORECASE)) for name, meaning, reach, words in _TABLE)
_SUM: Final = late(r"\ba total of\b|\bupdated figures\b|\brunning tally\b", re.IGNORECASE)
"""Words of a sum, which can be that of a window too: "a total of 40 on Monday"."""
_VICTIMS: Final = late(r"\b(?:dead|deaths|killed|wounded|injured|attacks?|strikes|cases|incidents|violations)\b", re.IGNORECASE)
"""What is counted as it comes, not as it lies there."""
_JOINT: Final = late(r"\b(?:and|but|while|whereas)\b|[,;]", re.IGNORECASE)
_VERB: Final = late(r"\b(?:is|are|was|were|has|have|had|remains?|\w+ed)\b", re.IGNORECASE)
_ADDED: Final = late(r"\b(?:another|a further|an additional|an extra) $", re.IGNORECASE)
_MORE: Final = late(r"\b(?:more|further|additional|extra)\b(?! than\b)", re.IGNORECASE)
_SHARE: Final = late(r"%|\bper ?cent\b|\bpercentage\b", re.IGNORECASE)
_MOVED: Final = late(
    r"\b(?:up|down|r[oi]sen?|rising|f[ae]ll(?:en|ing|s)?|dropp?(?:ed|ing|s)?|gain(?:ed|ing|s)?|lost|climb(?:ed|ing|s)?|gr[eo]wn?|increased?|declined?|jumped|slid|eased|shr[aiu]nk|slipped|soared|plunged)\b",
    re.IGNORECASE,
)
_BEFORE: Final = 90
_BEHIND: Final = 60
_ADDITION: Final = 6
"""Code points of " more" behind a figure."""


def measure(phrase: str | None, sentence: str, start: int, end: int) -> tuple[str, Measure] | None:
    """Return how a figure measures, with the name of the rule, or None where no words tell.

    The phrase of time of the claim decides first where it counts from a point, then words near the figure, then the phrase
    again, since what happened in a time is a figure of that time, then words of a sum (annotation guide, Measure).

    Args:
        phrase: The claim's phrase of time.
        sentence: The sentence of the figure.
        start: First code point of the figure in ``sentence``.
        end: One past its last.
    """
    near = sentence[max(0, start - _BEFORE) : end + _BEHIND]
    change = _is_change(sentence, start, end, near)
    if phrase is not None and times.measure(phrase) == "cumulative" and not change:
        return "counted from a day on", "cumulative"
    told = next(_told(sentence, start, end, near), None)
    if told is not None and not (change and told[1] == "cumulative"):
        return told
    if phrase is None:
        return ("words of a sum", "cumulative") if _SUM.search(near) else None
    place = sentence.find(phrase)
    been = times.lies_ahead(sentence, place, place + len(phrase)) if place >= 0 else None
    if times.measure(phrase, ahead=been) == "cumulative" and not change:
        return "counted up to a day", "cumulative"
    return "counted in a window of time", "period"


def _told(sentence: str, start: int, end: int, near: str) -> Iterator[tuple[str, Measure]]:
    cut = max(0, start - _BEFORE)
    clause = _clause(near, start - cut, end - cut)
    for name, meaning, reach, words in _RULES:
        if reach == "before":
            found = words.search(sentence[:start]) is not None and not _VICTIMS.search(sentence[start:end])
        else:
            found = words.search(near if reach == "near" else clause) is not None
        if found:
            yield name, meaning


def _clause(near: str, start: int, end: int) -> str:
    """Return the words near the figure at ``start`` up to another figure that has a verb of its own."""
    first, last = 0, len(near)
    for number in quantities.find(near):
        if number.end <= start and _VERB.search(near[number.end : start]):
            first = max((joint.start() for joint in _JOINT.finditer(near, number.end, start)), default=number.end)
        elif number.start >= end and _VERB.search(near[end : number.start]):
            last = min(last, number.start)
    return near[first:last]


def _is_change(sentence: str, start: int, end: int, near: str) -> bool:
    """Tell whether a figure is what was added in a time, or by what share something moved."""
    figure = sentence[start:end]
    if _SHARE.search(figure):
        return _MOVED.search(near) is not None
    return _ADDED.search(sentence[:start]) is not None or _MORE.search(figure + sentence[end : end + _ADDITION]) is not None
