"""When and where something happened, and when it was said, by a sentence's tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from extractor.normalise import times
from extractor.syntax.phrases import noun_phrase
from extractor.syntax.places import Place, overlap
from extractor.syntax.relations import CLAUSAL, SUBJECTS
from extractor.syntax.saying import Saying
from extractor.trees import Token, Tree

_DAY: Final = re.compile(
    r"day\b|yesterday|today|tonight|last week|last month|earlier this|\b\d{1,2}(?:st|nd|rd|th)?\b(?=\s[A-Z])|(?<=[a-z.]\s)\d{1,2}\b",
    re.IGNORECASE,
)
"""Words of a phrase of time that can say when somebody spoke."""
_WHERE: Final = frozenset(
    "in at near on outside inside around along across off over from under beyond through to into towards toward above".split()
)
_MOVING: Final = frozenset(("to", "into", "from", "through", "over", "towards", "toward", "off"))
"""Prepositions of a way rather than a place, unless a place's own name stands behind them."""
_STANDING: Final = frozenset(("in", "at", "near", "outside"))
_PLACES: Final = frozenset(("GPE", "LOC", "FAC"))
_NO_PLACES: Final = frozenset(("PERSON", "DATE", "TIME"))
_PLACE_NOUNS: Final = re.compile(
    r"^(?:city|town|village|region|district|province|area|port|harbou?r|river|valley|street|square|hospital|school|camp|station|bridge|border"
    r"|coast|sea|lake|front|line|island|suburb|capital|country|state|sector|peninsula|mountain|mine|plant|factory|airport|airfield|base|market"
    r"|church|mosque|stadium|building|block|house|depot|edge|outskirts|centre|center|north|south|east|west|road|highway|crossing|gate|forest"
    r"|field|park|beach|bay|strait|dam|county|neighbou?rhood|settlement|pass|quarter|shore|bank|hall|prison|warehouse|yard|shelter|waters"
    r"|territory|zone|canal|tunnel|railway|basement|ruins|ward|university|\w+works|corridor|floor|pier|wing|cave|quarry|farm|hotel|shop|office"
    r"|approach|terminal|barracks|highlands|plain|desert|hill|slope|trench|checkpoint|clinic|college|theatre|theater|cemetery|temple)s?$"
)
"""Nouns that name a place by what it is."""
_CLAUSES: Final = frozenset(("ccomp", "parataxis", "conj", "relcl", "advcl"))
_BESIDE: Final = 10
"""How much farther a phrase counts that hangs on a clause beside the verb or on one that describes something."""


def when(tree: Tree, verb: Token, saying: Saying | None) -> Place | None:
    """Return the phrase of time nearest to the verb that hangs on its clause, not on the word of saying; None where there is none."""
    found: list[tuple[int, Place]] = []
    for place in times.find(tree.text):
        token = tree.top(*place)
        if token is None or (saying is not None and _says(tree, token, saying)):
            continue
        steps = _steps(tree, token, verb) if tree.under(token, verb) else _steps_beside(tree, token, verb, saying)
        if steps is not None:
            found.append((steps, place))
    return min(found, key=lambda known: known[0])[1] if found else None


def stated_on(tree: Tree, saying: Saying) -> Place | None:
    """Return the day on which it was said: the phrase of time that hangs on the word of saying; None where there is none."""
    for start, end in times.find(tree.text):
        token = tree.top(start, end)
        if token is not None and _says(tree, token, saying) and _DAY.search(tree.text[start:end]):
            verb = next((above for above in tree.ancestors(token) if above.pos in CLAUSAL or above.index == saying.verb.index), None)
            if verb is not None and verb.index == saying.verb.index:
                return start, end
    return None


def where(tree: Tree, verb: Token, saying: Saying | None, taken: Sequence[Place], *, hit: bool) -> Place | None:
    """Return the phrase of place that hangs on the verb or on what hangs on it: nearest to the verb, then first in the sentence.

    A clause that goes along with another ("killing 13 soldiers") happens where the other does.

    Args:
        tree: The sentence.
        verb: What happened.
        saying: The act of saying it belongs to.
        taken: Places that are something else.
        hit: Whether something was lost or hit: then it happened where the subject is said to be.
    """
    found: list[tuple[int, Place]] = []
    for token in tree.subtree(verb, lambda t: not (t.dep in _CLAUSES and t.pos in CLAUSAL)):
        noun = tree.child(token, "pobj") if token.dep == "prep" and token.lemma in _WHERE else None
        if noun is None or not _is_place(tree, token, noun) or (saying is not None and _says(tree, token, saying)):
            continue
        if not hit and any(known.dep in SUBJECTS for known in _path(tree, token, verb)):
            continue  # "revenue at the plant fell" tells which revenue
        place = noun_phrase(tree, noun)
        if place is not None and not any(overlap(place, other) for other in taken) and not times.find(tree.text[slice(*place)]):
            found.append((_steps(tree, token, verb), place))
    above = tree.head(verb)
    if not found and verb.dep == "advcl" and above.pos in CLAUSAL:
        return where(tree, above, saying, taken, hit=hit)
    return min(found, key=lambda known: known[0])[1] if found else None


def _is_place(tree: Tree, prep: Token, noun: Token) -> bool:
    if noun.entity in _PLACES:
        return True
    if prep.lemma in _MOVING:
        return False
    if noun.pos == "PROPN":
        return noun.entity not in _NO_PLACES and prep.lemma in _STANDING and tree.word(noun)[:1].isupper()
    return _PLACE_NOUNS.match(noun.lemma) is not None


def _says(tree: Tree, token: Token, saying: Saying) -> bool:
    """Tell whether ``token`` belongs to the clause of saying rather than to what is said."""
    if not tree.under(token, saying.verb):
        return False
    return not any(tree.under(token, head) and not tree.under(saying.verb, head) for head in saying.heads)


def _path(tree: Tree, token: Token, verb: Token) -> list[Token]:
    """Return ``token`` and the words that it hangs on, up to ``verb`` and without it."""
    return list(takewhile(lambda known: known.index != verb.index, (token, *tree.ancestors(token))))


def _steps(tree: Tree, token: Token, verb: Token) -> int:
    """Return how many steps ``token`` hangs below ``verb``; more where it belongs to a clause that only describes somebody."""
    path = _path(tree, token, verb)
    return len(path) + (_BESIDE if any(known.dep == "relcl" for known in path) else 0)


def _steps_beside(tree: Tree, token: Token, verb: Token, saying: Saying | None) -> int | None:
    """Return how far ``token`` is that hangs on a clause above the verb, within what is said; None where it hangs elsewhere."""
    for steps, above in enumerate(tree.ancestors(token)):
        if tree.under(verb, above):
            return _BESIDE + steps if saying is None or any(tree.under(above, head) for head in saying.heads) else None
    return None
