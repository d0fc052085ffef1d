"""Sentences that say whether something was checked, and which claims they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from extractor.claims import VerificationStatus

_WORDS: Final[dict[VerificationStatus, str]] = {
    "not_verified": r"(?:not possible|impossible|unable|not able|could not|couldn't|cannot|can't|has not|have not|not yet|did not)\b"
    r"[^.]{0,60}?\b(?:verif|confirm|corroborat)"
    r"|(?:not|never)(?: yet)? (?:been |be )?(?:independently )?(?:verif|confirm|corroborat)"
    r"|without independent (?:verification|confirmation)|no independent (?:verification|confirmation)",
    "verified": r"(?:independently|has been|have been|were|was) (?:verified|corroborated)",
}
_RULES: Final = {status: re.compile(words, re.IGNORECASE) for status, words in _WORDS.items()}
_PLURAL: Final = re.compile(
    r"\b(?:either|both|these|those|the|any of the|all)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:counts?|figures?|numbers?|claims?|reports?|tolls?|accounts?|statements?)\b",
    re.IGNORECASE,
)


def status(sentence: str) -> VerificationStatus | None:
    """Return what ``sentence`` says about verification, or None where it says nothing of it."""
    return next((status for status, words in _RULES.items() if words.search(sentence)), None)


def covers(sentence: str, paragraph: int, claims: Iterable[tuple[str, int, bool]]) -> tuple[str, ...]:
    """Return the ids of the claims a verification sentence speaks of.

    "Either count" and the like speak of every figure before them; any other sentence speaks of its own paragraph and
    the one before.

    Args:
        sentence: The sentence that says so.
        paragraph: Number of its paragraph.
        claims: The claims before it in the document: id, paragraph, and whether it holds a figure.
    """
    if _PLURAL.search(sentence):
        return tuple(name for name, _, figure in claims if figure)
    return tuple(name for name, place, _ in claims if paragraph - 1 <= place <= paragraph)
