"""What became of people and things: killed is not wounded, and neither is "lost"."""

from __future__ import annotations

import re
from typing import Final

from extractor.claims import ClaimType, OutcomeKind, QuantityKind

_WORDS: Final[dict[OutcomeKind, str]] = {
    "killed": r"kill\w*|dead|died|die|dies|deaths?|fatalit\w+|slain|slaughter\w*|assassinat\w+|murder\w*|massacr\w+|executed|death toll|liquidat\w+|perish\w*",
    "wounded": r"wound\w*|injur\w*|hurt|maim\w*",
    "captured": r"captur\w*|detain\w*|arrest\w*|seiz\w*|taken prisoner|prisoners? of war|took prisoner|kidnap\w*|abduct\w*|taken hostage",
    "missing": r"missing|disappear\w*|unaccounted for",
    "destroyed": r"destroy\w*|shot down|shoot\w* down|down(?:ed|ing)|sank|sunk|sinking|wreck\w*|intercept\w*|burned down|demolish\w*|obliterat\w*|knocked out|blew up|blown up",
    "damaged": r"damag\w*|hit|struck",
    "displaced": r"displac\w*|fled|flee\w*|evacuat\w*|homeless",
    "lost": r"los[et]|loses|losing|loss|losses|casualt\w+|eliminat\w*|neutrali[sz]\w*",
}
"""Kinds of outcome and their words; the first row whose words stand there decides, so the vague "lost" comes last."""

_KINDS: Final = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _WORDS.items()}
_OF_PEOPLE: Final = frozenset(("killed", "wounded", "missing"))
_OF_LOSS: Final = frozenset(("killed", "wounded", "captured", "missing", "lost", "destroyed", "damaged"))


def kind_of(words: str) -> OutcomeKind | None:
    """Return what sort of outcome ``words`` name by the word that stands first, or None where they name none."""
    found = {kind: match.start() for kind, pattern in _KINDS.items() if (match := pattern.search(words))}
    return min(found, key=lambda kind: found[kind], default=None)


def type_of(kind: OutcomeKind | None, counted: QuantityKind | None, drafted: ClaimType) -> ClaimType:
    """Return the type of a claim: losses are told apart by what is counted, everything else is as the model says.

    Args:
        kind: What sort of outcome it states.
        counted: What its figure counts, where there is one.
        drafted: The type in the draft.
    """
    if kind not in _OF_LOSS:
        return drafted
    if counted == "people" or (counted is None and kind in _OF_PEOPLE and drafted == "equipment_losses"):
        return "human_losses"
    return "equipment_losses" if counted == "materiel" else drafted
