"""Of what type a claim is, by its words: losses before action, a forecast by its auxiliary or its word of saying, a judgement by its form."""

from __future__ import annotations

import re
from typing import Final

from extractor.claims import ClaimType, OutcomeKind, QuantityKind
from extractor.normalise.late import late

_PEOPLE: Final = frozenset(("killed", "wounded", "missing", "displaced"))
_PERSON: Final = late(
    r"\b(?:people|persons?|civilians?|soldiers?|troops|fighters?|servicem[ae]n|personnel|m[ae]n|wom[ae]n|child(?:ren)?|boys?|girls?|passengers?|residents?|victims?"
    r"|officers?|officials?|guards?|workers?|miners?|drivers?|students?|patients?|doctors?|nurses?|journalists?|crew|migrants?|refugees?|villagers?|protesters?|rebels?"
    r"|militants?|prisoners?|hostages?|dead|nobody|no one|anybody|famil(?:y|ies)|farmers?|shepherds?|pilots?|sailors?|police(?:m[ae]n)?|mother|father|son|daughter|commanders?|colonels?|captains?|lieutenants?|sergeants?|he|she|they)\b",
    re.IGNORECASE,
)
_AHEAD: Final = late(
    r"\b(?:will|won['\u2019]t|would|shall|could|may|might|going to|is to|are to|was to|were to|(?:is|are) (?:expected|likely|unlikely|due|set)|likely|unlikely"
    r"|plans? to|intends? to|expects? to|(?:is|are) planned|(?:is|are) scheduled)\b|['\u2019]ll\b|^to \w+",
    re.IGNORECASE,
)
_FORETELLING: Final = frozenset(
    "expect expected expects predict predicted predicts forecast forecasts anticipate anticipated anticipates fear feared fears promise promised"
    " promises pledge pledged pledges vow vowed vows".split()
)
_GROUND: Final = late(
    r"\b(?:control(?:s|led)?|captur\w+|recaptur\w+|retak\w+|retook|took|taken|tak(?:es?|ing)|seiz\w+|liberat\w+|occup\w+|withdr[ae]w\w*|withdrawn|retreat\w*|pull(?:ed|s|ing)? (?:back|out)"
    r"|enter(?:ed|s|ing)?|h[eo]ld(?:s|ing)?|lost|abandon\w*|surrender\w*|encircl\w+|surround\w+|cut off|in (?:our|their|its) hands|(?:is|are) ours|flying)\b",
    re.IGNORECASE,
)
_ON_GROUND: Final = late(
    r"\b(?:villages?|towns?|cit(?:y|ies)|bridges?|heights?|hills?|positions?|areas?|territor(?:y|ies)|settlements?|ground|station|airport|airfield|suburbs?|district"
    r"|region|crossings?|ridge|outskirts|flag|island|line|square kilomet\w+|neighbou?rhoods?|bank|brickworks|port|pass|road|highway|factory)\b|(?:^|\s)[A-Z]\w+$",
)
_ACTION: Final = late(
    r"\b(?:attack\w*|shell(?:ed|ing|s)|bomb(?:ed|ing|s|arded)?|str(?:uck|ikes?|iking)|fir(?:ed|ing|es)|launch\w*|raid\w*|advanc\w+|repel\w*|repuls\w+|assault\w*|storm\w*|ambush\w*|deploy\w*|drill\w*"
    r"|invad\w+|offensive|counter\w*|shot at|open(?:ed|ing) fire|target(?:ed|ing)|violat\w+|clash\w*|fight(?:ing)?|fought|blockad\w+|mobili[sz]\w+|intercept\w*|infiltrat\w+|cross(?:ed|ing)|broke|push(?:ed|ing)"
    r"|halt(?:ed)?|hit|reach(?:ed|ing)|move[ds]?)\b",
    re.IGNORECASE,
)
_ARMED: Final = late(
    r"\b(?:forces?|arm(?:y|ies)|troops|soldiers|fighters|rebels?|militants?|gunmen|navy|air force|battalions?|brigades?|drones?|missiles?|artillery|tanks?|jets?|aircraft|planes?|helicopters?|warships?|gunners"
    r"|snipers?|shells?|rockets?|enemy|command|militia|guerrillas?|convoy|ship|fleet|attackers?|defenders)\b",
    re.IGNORECASE,
)
_JUDGING: Final = frozenset(
    "call called calls describe described describes dismiss dismissed label labelled brand branded argue argued argues assess assessed conclude concluded blame blamed".split()
)
_JUDGED: Final = late(
    r"\b(?:because|due to|more|less|worse|better|worst|best|biggest|largest|too|enough|mean[st]?|showed?s?|suggest\w*|prov(?:es?|ed|en)|caus(?:ed|es)|responsib\w+|failed|failure|fault|amount(?:s|ed)? to)\b",
    re.IGNORECASE,
)
_ATTACKS: Final = late(r"\b(?:attacks?|assaults?|raids?|strikes?|offensives?|violations?|clashes|sorties|bombardments?)\b", re.IGNORECASE)
_POLICE: Final = late(r"\b(?:arrest|detain|custody|taken in)\w*", re.IGNORECASE)


def claim_type(
    *,
    outcome: str,
    kind: OutcomeKind | None,
    counted: QuantityKind | None,
    subject: str,
    target: str,
    cue: str,
    nominal: bool,
    unit: str = "",
) -> ClaimType:
    """Return the type of a claim.

    Args:
        outcome: What happened, in the article's words.
        kind: What sort of outcome that is.
        counted: What its figure counts.
        subject: Whom or what it is about; empty where nobody is named.
        target: Against whom or what; empty where nobody is named.
        cue: The word of saying; empty in the outlet's own voice.
        nominal: Whether what is said is an adjective or a noun behind a form of "be".
        unit: The noun a figure counts; empty where there is none.
    """
    if nominal and counted is None and cue.lower() in _JUDGING:
        return "assessment"  # "called the dam a death trap" tells of no dead
    if _AHEAD.search(outcome) or cue.lower() in _FORETELLING:
        return "forecast"
    amount = counted in ("percent", "money")
    no_loss = kind in ("captured", "lost") and (amount or _POLICE.search(outcome))
    if kind is not None and not no_loss:
        return _loss(kind, counted, target, unit or target or subject)
    if _GROUND.search(outcome) and (_ON_GROUND.search(target) or (not amount and _ON_GROUND.search(subject))):
        return "territorial_control"
    if _ATTACKS.search(unit) or (_ACTION.search(outcome) and any(_ARMED.search(words) for words in (subject, target, unit))):
        return "military_action"
    judged = cue.lower() in _JUDGING or (nominal and not unit) or (counted is None and _JUDGED.search(outcome))
    return "assessment" if judged else "other"


def _loss(kind: OutcomeKind, counted: QuantityKind | None, target: str, who: str) -> ClaimType:
    """Return whose loss it is: of people, of things, or of ground."""
    taken = kind in ("lost", "captured")
    if taken and counted is None and _ON_GROUND.search(target) and not _PERSON.search(target):
        return "territorial_control"
    if kind in _PEOPLE or counted == "people" or (taken and counted is None and _PERSON.search(who)):
        return "human_losses"
    return "equipment_losses"
