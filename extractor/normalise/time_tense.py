"""Whether what a sentence says of a day has been or is to come, told by the verb nearest to the phrase of time."""

from __future__ import annotations

import re
from bisect import bisect
from functools import lru_cache
from typing import Final

from extractor.normalise.late import late

_AHEAD: Final = late(
    r"\b(?:will|shall|must|ought to|would|going to|(?:is|are|was|were|has) to\b|have to\b(?! date)|due\b(?! to\b(?! be\b))|deadline|launches|starts|begins|scheduled|planned|planning|plans?|intends?|aims?|hopes?"
    r"|(?<!than )expect(?:s|ed|ing)?|set to|bound to|likely to|to be (?:held|signed|completed|launched|finished|opened|closed)"
    r"|(?:ordered|told|asked|urged|instructed|obliged|required|promise[sd]?|vow(?:s|ed)?|pledge[sd]?|agree[sd]?|wants?|decided|ready|prepared) (?:[\w'\u2019-]+ ){0,3}?to)\b(?! have\b)|(?:'|\u2019)ll\b",
    re.IGNORECASE,
)
_SAID: Final = r"(?:said|says|told|added|announced|reported|claimed|warned|stated|wrote|insisted|denied|confirmed|estimated)"
_NO_VERB: Final = r"(?<!\bthe )(?<!\ba )(?<!\ban )(?<!\bin )(?<!\bof )(?<!\bby )(?<!\bto )(?<!\bfor )(?<!\bwith )"
"""Words before a participle that stands for an adjective: "the armed men", "in besieged towns"."""
_IRREGULAR: Final = (
    "became began bought brought broke built came caught chose dealt drew drove dug fed fell felt fled flew fought found froze gave grew held hung kept knew laid"
    " lay led left lost made meant met overran paid ran rode rose sank sat saw sent shot shook slept slid sold sought spent stole stood struck swam swept swore"
    " swung taught thought threw took tore went withdrew woke won wore"
).split()
_PAST: Final = late(
    rf"\b(?!{_SAID}\b)(?:was|were|had|has|have|did|{'|'.join(_IRREGULAR)}|{_NO_VERB}[a-z]{{3,}}ed)\b",
    re.IGNORECASE,
)
_GOVERNED: Final = late(r" (?:[\w'\u2019-]+ ){0,3}")
"""What lies between a verb of what is to come and a form that hangs on it: "will be held", "is to stay closed"."""
_SAYING_HERE: Final = late(rf"\b{_SAID}(?: in a \w+)?\s*$", re.IGNORECASE)
_SAID_AFTER: Final = late(rf"^,? ?(?:[\w.'\u2019-]+ ){{0,5}}?{_SAID}\b(?!,)", re.IGNORECASE)


def looks_ahead(sentence: str) -> bool:
    """Return whether ``sentence`` speaks of what is to come."""
    return _AHEAD.search(sentence) is not None


@lru_cache(maxsize=512)
def lies_ahead(sentence: str, start: int, end: int) -> bool | None:
    """Return whether the time from ``start`` to ``end`` is of what is to come (True) or has been (False); None where no verb tells.

    The verb that tells is the last one before the phrase, or else the first behind it, other than words of saying: a time
    right beside one of these is when it was said.

    Args:
        sentence: The sentence of the phrase.
        start: First code point of the phrase of time in ``sentence``.
        end: One past its last.
    """
    before, behind = sentence[:start], sentence[end:]
    if _SAYING_HERE.search(before):
        return False
    told = _told(before)
    if told:
        return max(told)[1]
    if _SAID_AFTER.search(behind):
        return False
    return max(((-place, is_ahead) for place, is_ahead in _told(behind)), default=(0, None))[1]


def _told(words: str) -> list[tuple[int, bool]]:
    """Return the places of the verbs that tell, and whether each is of what is to come."""
    to_come = [match.span() for match in _AHEAD.finditer(words)]
    ends = [end for _, end in to_come]
    told = [(start, True) for start, _ in to_come]
    for match in _PAST.finditer(words):
        nearest = bisect(ends, match.start()) - 1
        if nearest < 0 or not _GOVERNED.fullmatch(words, ends[nearest], match.start()):
            told.append((match.start(), False))
    return told
