"""From the words that a model copied to a phrase that says whom an act was done to.

A small model points at the right place, and cuts the words too short or too long: it leaves a number out, stops before "including a
leader", or goes on into the next act. The sentence around the slot tells, so code puts that right; and it drops what did not happen
or happened to the force's own people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from evals.profiles.isaf_counts import COUNTING, JOINT
from extractor.documents import Mention
from extractor.normalise import quantities

_VERBS: Final = {"killed": "kill|shot|shoot", "captured": "detain|captur|arrest"}
_THINGS: Final = "seiz|destroy|discover|found|find|recover|confiscat|wound|injur"
_NEXT: Final = {
    act: re.compile(
        rf",?\s(?:and\s)?(?:also\s)?(?:{'|'.join([_THINGS, *(stems for other, stems in _VERBS.items() if other != act)])})\w*\s.*",
        re.IGNORECASE | re.DOTALL,
    )
    for act in _VERBS
}
_SAME: Final = {act: re.compile(rf"\b(?:also\s)?(?:{stems})\w*\s", re.IGNORECASE) for act, stems in _VERBS.items()}
_INCLUDING: Final = re.compile(r"[^.;]*?(?P<included>,?\sincluding\s[^.;]+)")
_OWN: Final = re.compile(
    r"\b(?:soldiers?|troops|police(?:m[ae]n)?|security forces?|coalition|service ?(?:(?:wo)?m[ae]n|members?)|americans?|commandos?)\b",
    re.IGNORECASE,
)
_WHAT_THEY_DID: Final = re.compile(r"\s(?:who|whom|which|that|responsible|linked|attempting|in|during|after|by|from|including)\b")
_DENIED: Final = re.compile(
    r"\b(?:(?:no|not|nor|neither|without)\s(?:\w+\s)?|to (?:detain|capture|arrest|kill)\s(?:\w+\s){0,3})$", re.IGNORECASE
)
_BEFORE: Final = 40
_AMONG: Final = re.compile(r"\s(?:was|is|were|are) (?:(?:\w+ )?one of|among)\b")
_ONE_OF: Final = re.compile(r"\bone of (?:the|those|several|them|whom)\b[^.,;]{0,60}\b(?:is|was)\s(?:\w+\s)?$", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)*")
_LEADS: Final = r"(?:leader|commander|governor)"


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom an act was done to.

    Attributes:
        phrase: Their words.
        among: Whether they are among people told of elsewhere: "the leader was one of the insurgents detained".
    """

    phrase: str
    among: bool = False


def whom(text: str, end: int, act: str, slot: Mention) -> Whom | None:
    """Return whom a slot speaks of, or None where the act did not happen, or not to others.

    Args:
        text: The release.
        end: One past the last code point of the slot's sentence.
        act: ``killed`` or ``captured``.
        slot: What the model copied.
    """
    kept = slot.start + len(_NEXT[act].sub("", slot.text))
    first = slot.start + len(JOINT.split(text[slot.start : kept], maxsplit=1)[0])
    start = min(slot.start, quantities.count_of(text, slot.start, first, vagueness=COUNTING).start)
    before, behind = text[max(0, start - 2 * _BEFORE) : start], text[slot.end : end]
    phrase = _SAME[act].sub("", text[start:kept])
    if _DENIED.search(before[-_BEFORE:]) or _OWN.search(_WHAT_THEY_DID.split(phrase, maxsplit=1)[0]):
        return None
    if "including" not in phrase and (more := _INCLUDING.match(behind)):
        phrase += _NEXT[act].sub("", more["included"])
    among = _AMONG.match(behind) is not None or _ONE_OF.search(before) is not None
    return Whom("the leader" if _is_leaders_name(phrase, text) else phrase, among)


def _is_leaders_name(phrase: str, text: str) -> bool:
    """Tell whether a phrase is a mere name, of somebody called a leader elsewhere: "the Taliban leader Sten", "Sten, a leader"."""
    if not _NAME.fullmatch(phrase):
        return False
    before, after = rf"\b{_LEADS},? (?:named |known as )?", rf"(?:,? (?:was |is )?an?|, the) [^.,;]*\b{_LEADS}\b"
    return re.search(rf"{before}{re.escape(phrase)}\b|\b{re.escape(phrase)}{after}", text) is not None
