"""Whether a figure counts a window of time, everything since a point, or what is so at a moment."""

from __future__ import annotations

import re
from typing import Final

from extractor.claims import Measure
from extractor.normalise import times

_TABLE: Final[tuple[tuple[str, Measure, str], ...]] = (
    (
        "words of a running total",
        "cumulative",
        r"\b(?:in total|totall?(?:ed|ing)|so far|to date|cumulative(?:ly)?|all told|altogether|overall)\b",
    ),
    (
        "words of a running total",
        "cumulative",
        r"\b(?:bringing|brings|brought|raising|raised|rais(?:es)|pushing|taking|takes) the (?:[\w-]+ ){0,3}(?:total|toll|number|tally)\b",
    ),
    (
        "words of a running total",
        "cumulative",
        r"\b(?:death )?toll\b[^.]{0,40}\b(?:risen|rose|rises|climbed|stands|reached|grown)\b|\bsince the (?:start|beginning|outbreak|invasion|war)\b",
    ),
    ("words of a rate", "period", r"\b(?:daily|per day|a day|each day|every day|per week|weekly|in one day|in a single day)\b"),
    (
        "words of a present state",
        "snapshot",
        r"\b(?:currently|at present|at the moment|remains?|are (?:still )?missing|still (?:missing|held|trapped)|right now|as of now|there are|there were|population of|is home to|stands? at|stood at)\b",
    ),
)
_SUM: Final = re.compile(r"\ba total of\b|\bupdated figures\b|\brunning tally\b", re.IGNORECASE)
"""Words of a sum, which can be that of a window too: "a total of 40 on Monday"."""
_RULES: Final = tuple((name, meaning, re.compile(words, re.IGNORECASE)) for name, meaning, words in _TABLE)
_BEFORE: Final = 90
_BEHIND: Final = 60


def measure(phrase: str | None, sentence: str, start: int, end: int) -> tuple[str, Measure] | None:
    """Return how a figure measures, with the name of the rule, or None where no words tell.

    The phrase of time of the claim decides first where it counts from a point, then words near the figure, then a phrase
    that bounds a window, then words of a sum.

    Args:
        phrase: The claim's phrase of time.
        sentence: The sentence of the figure.
        start: First code point of the figure in ``sentence``.
        end: One past its last.
    """
    timed = times.measure(phrase) if phrase is not None else None
    if timed == "cumulative":
        return "counted from a day on", timed
    near = sentence[max(0, start - _BEFORE) : end + _BEHIND]
    told = next(((name, meaning) for name, meaning, words in _RULES if words.search(near)), None)
    if told is not None:
        return told
    if timed is not None:
        return "counted in a window of time", timed
    return ("words of a sum", "cumulative") if _SUM.search(near) else None
