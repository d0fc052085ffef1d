"""What a verb says: its own words and those that make one predicate with it."""

from __future__ import annotations

from typing import Final

from extractor.syntax.places import Place, overlap, place_of
from extractor.syntax.relations import SUBJECTS
from extractor.trees import Token, Tree

_MOST: Final = 4
"""Most words of a predicate, and how far from the verb they stand."""
_AUXILIARY: Final = ("aux", "auxpass", "neg")
_WIDEST_GAP: Final = 3
"""How far an auxiliary stands from the next: "had again not been seen"."""
_OF_MANNER: Final = frozenset("be have begin start continue try fail manage plan intend expect want need go remain stop threaten".split())
"""Verbs that only say how the verb behind them is meant."""
_STATES: Final = frozenset(("out", "under", "among", "without", "at", "on", "in", "off"))
"""Prepositions that make a predicate behind "be": "was out of reach", "are under fire"."""
_BARE: Final = frozenset(("to", "without", "out", "under", "in", "at", "on"))
"""Prepositions that make one predicate of a verb and a bare noun: "were taken to hospital"."""
_NOT_OF_COMPLEMENTS: Final = frozenset(("relcl", "punct", "prep", "acl", "advcl", "ccomp", "xcomp"))


def predicate(tree: Tree, verb: Token, without: Place | None = None) -> Place | None:
    """Return the place of what is said: the verb with its auxiliaries and particles, or what stands behind "is"; four words at the most.

    Args:
        tree: The sentence.
        verb: The verb.
        without: A place that is something else, and nothing that stands behind "is".
    """
    said = _complement(tree, verb) if verb.lemma == "be" else None
    if said is not None and (without is None or not overlap(said, without)):
        return said
    words = [verb, *_auxiliaries(tree, verb), *_followers(tree, verb)]
    words += _bare(tree, max(words, key=lambda token: token.index), verb)
    return place_of(tree, [token for token in words if abs(token.index - verb.index) <= _MOST])


def _auxiliaries(tree: Tree, verb: Token) -> list[Token]:
    kept: list[Token] = []
    at = verb.index
    for token in reversed([token for token in tree.children(verb, *_AUXILIARY) if token.index < verb.index]):
        if at - token.index > _WIDEST_GAP:
            break
        kept.append(token)
        at = token.index
    return kept


def _followers(tree: Tree, verb: Token) -> list[Token]:
    """Return the words behind a verb that say with it what happens: particles, adjectives, a second verb."""
    words = [token for token in tree.children(verb, "prt", "acomp", "oprd") if 0 < token.index - verb.index <= _MOST]
    deeper = tree.child(verb, "xcomp")
    if deeper is not None and verb.lemma in _OF_MANNER and tree.child(verb, "dobj") is None:
        words += [deeper, *tree.children(deeper, "prt", "auxpass", "acomp")]
    other = next((token for token in tree.children(verb, "conj") if token.pos == "VERB" and 0 < token.index - verb.index <= 2), None)
    if other is not None and not tree.children(other, *SUBJECTS, "mark"):
        words += [*(token for token in tree.children(verb, "cc") if token.index < other.index), other]  # "were killed or wounded"
    return words


def _bare(tree: Tree, last: Token, verb: Token) -> list[Token]:
    """Return the bare noun right behind a verb that makes one predicate with it: "caught fire", "were taken to hospital"."""
    following = tree.tokens[last.index + 1 : last.index + 3]
    match [token.dep for token in following]:
        case ["dobj", *_]:
            thing = following[0]
            return [thing] if thing.head == verb.index and thing.tag == "NN" and not tree.children(thing) else []
        case ["prep", "pobj"]:
            prep, thing = following
            joined = prep.head == verb.index and prep.lemma in _BARE and thing.head == prep.index
            return [prep, thing] if joined and thing.tag in ("NN", "NNS") and not tree.children(thing) else []
        case _:
            return []


def _complement(tree: Tree, verb: Token) -> Place | None:
    """Return the place of the adjective, noun or short phrase behind a form of "be"."""
    said = tree.child(verb, "acomp", "attr", "oprd")
    if said is None:
        return _state(tree, verb)
    if tree.child(verb, "expl") is not None:
        return None
    words = [token for token in tree.subtree(said, lambda t: t.dep not in _NOT_OF_COMPLEMENTS) if token.index >= verb.index]
    return place_of(tree, words[-_MOST:])


def _state(tree: Tree, verb: Token) -> Place | None:
    prep = tree.child(verb, "prep")
    if prep is None or prep.index < verb.index or prep.lemma not in _STATES or tree.child(prep, "pobj", "prep") is None:
        return None
    words = tree.subtree(prep)
    return place_of(tree, words) if len(words) <= _MOST else None
