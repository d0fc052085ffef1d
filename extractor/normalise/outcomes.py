"""What became of people and things: killed is not wounded, and neither is "lost"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from extractor.claims import ClaimType, OutcomeKind, QuantityKind
from extractor.normalise.late import late

_WORDS: Final[dict[OutcomeKind, str]] = {
    "killed": r"kill\w*|dead|died|die|dies|deaths?|fatalit\w+|slain|slaughter\w*|assassinat\w+|murder\w*|massacr\w+|executed|death toll|liquidat\w+|perish\w*|bod(?:y|ies)",
    "wounded": r"wound\w*|injur\w*|hurt|maim\w*|burns|hospitali[sz]ed|(?:taken|brought|rushed|admitted|flown) to (?:the )?(?:\w+ )?hospitals?|treated|in hospital",
    "captured": r"captur\w*|detain\w*|arrest\w*|seiz\w*|taken prisoner|prisoners? of war|took prisoner|kidnap\w*|abduct\w*|taken hostage",
    "missing": r"missing|disappear\w*|unaccounted for|trapped",
    "destroyed": r"destroy\w*|shot down|shoot\w* down|down(?:ed|ing)|sank|sunk|sinking|wreck\w*|intercept\w*|burned down|demolish\w*|obliterat\w*|knocked out|blew up|blown up|burn(?:ed|t|ing)(?: out| down)?|burnt-out|(?:brought|bring\w*|taken) down|gutted|razed|flatten\w+|collaps\w+",
    "damaged": r"damag\w*|hit|struck|caught fire|on fire|derail\w*|thrown off|overturn\w*|without a roof|shatter\w*|crack(?:ed|s)|lying in the water|listing",
    "displaced": r"displac\w*|fled|flee\w*|evacuat\w*|homeless|forced from|left (?:their homes?|the (?:city|town|village|area|region))",
    "lost": r"los[et]|loses|losing|loss|losses|casualt\w+|eliminat\w*|neutrali[sz]\w*",
}
"""Kinds of outcome and their words; the first row whose words stand there decides, so the vague "lost" comes last."""

_KINDS: Final = {kind: late(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _WORDS.items()}
_OF_PEOPLE: Final = frozenset(("killed", "wounded", "missing"))
_OF_LOSS: Final = frozenset(("killed", "wounded", "captured", "missing", "lost", "destroyed", "damaged"))


_PHRASES: Final[dict[OutcomeKind, re.Pattern[str]]] = {
    "wounded": late(r"^(?:had |have |has )?suffer\w* (?:\w+ )?(?:burns|wounds|injur)", re.IGNORECASE),
    "displaced": late(r"\b(?:left|leave|fled) (?:their homes?|the (?:city|town|village|area|region))\b", re.IGNORECASE),
    "killed": late(r"\b(?:shot|executed) (?:\w+ )?(?:prisoners|civilians|captives|hostages)\b", re.IGNORECASE),
}
"""Outcomes that a verb states only with whom or what it happened to."""


@lru_cache(maxsize=1024)
def kind_of(words: str, *, whole: bool = False) -> OutcomeKind | None:
    """Return what sort of outcome ``words`` name by the word that stands first, or None where they name none.

    Args:
        words: The outcome; with ``whole``, the outcome and behind it whom or what it happened to.
        whole: Whether only the meaning of both together counts.
    """
    if whole:
        return next((kind for kind, pattern in _PHRASES.items() if pattern.search(words)), None)
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
