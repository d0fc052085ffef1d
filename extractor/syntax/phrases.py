"""Phrases of a sentence by its tree: the words of a noun, of a name, of a counted noun, of a clause."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from extractor.syntax.places import Place, covers, place_of
from extractor.syntax.relations import CLAUSAL
from extractor.trees import Token, Tree

_APART: Final = frozenset(("relcl", "appos", "advcl", "parataxis", "ccomp"))
"""Relations of clauses and second names, which are no part of what they hang on."""
_WITHIN: Final = ("-", "/", "&", "'")
"""Marks that stand within names."""
_WHERE_AND_WHEN: Final = frozenset("in near after before since during until inside outside amid following throughout".split())
"""Prepositions of a phrase that says where or when, so belongs to the claim rather than to the noun."""
_DESCRIBING: Final = frozenset(("compound", "amod", "nmod"))
"""Relations of adjectives, and of nouns that do an adjective's work."""
_OF_ADJECTIVES: Final = frozenset(("advmod", "npadvmod"))
"""Relations of what makes one adjective with another word: "half-built"."""
_OF_NAMES: Final = frozenset(("of", "for", "with", "to", "close"))
"""Prepositions that belong to a name."""


def noun_phrase(tree: Tree, noun: Token, *without: Place | None) -> Place | None:
    """Return the place of a noun with what belongs to it: its article, its modifiers, its phrases with "of" and the like.

    Args:
        tree: The sentence.
        noun: The noun.
        *without: Places whose words are left out.

    Returns:
        The place; None where the noun itself is left out or is a mark.
    """

    def keep(token: Token) -> bool:
        if token.dep == "punct":
            return tree.word(token) in _WITHIN
        if token.dep == "prep" and token.head == noun.index:
            return token.lemma not in _WHERE_AND_WHEN
        if token.dep == "acl":
            return token.start < noun.start or token.tag == "VBN"
        return token.dep not in _APART and not _is_possessive(token, noun)

    def left_out(token: Token) -> bool:
        return any(covers(place, token) for place in without)

    if left_out(noun):
        return None
    together = _together(tree.subtree(noun, keep), noun)
    kept = _together([token for token in together if not left_out(token)], noun)
    while kept[-1].dep == "prep" and kept[-1].index > noun.index:  # its noun is left out
        kept.pop()
    return place_of(tree, kept)


def name_phrase(tree: Tree, noun: Token) -> Place | None:
    """Return the place of who a noun names, without what is said of them behind it; behind a description the name itself."""
    named = tree.child(noun, "appos", "relcl")
    if named is not None and named.dep == "appos" and named.pos == "PROPN" and noun.pos == "NOUN":
        return name_phrase(tree, named)

    def keep(token: Token) -> bool:
        if token.dep == "punct":
            return tree.word(token) in (*_WITHIN, ".")
        if token.dep == "prep":
            return token.lemma in _OF_NAMES or noun.pos != "PROPN"
        return token.dep not in _APART and not _is_possessive(token, noun)

    return place_of(tree, _together(tree.subtree(noun, keep), noun))


def counted_noun(tree: Tree, noun: Token) -> Place | None:
    """Return the place of a counted noun as a figure names it: with the adjectives before it, without the figure."""

    def keep(token: Token) -> bool:
        if token.index > noun.index or token.tag == "CD":
            return False
        return token.dep in _DESCRIBING or (token.head != noun.index and (token.dep in _OF_ADJECTIVES or tree.word(token) == "-"))

    return place_of(tree, _together(tree.subtree(noun, keep), noun))


def clause(tree: Tree, verb: Token) -> str:
    """Return the words of a verb's clause without the clauses and second names that hang on it, as one reads them."""
    kept = tree.subtree(verb, lambda token: token.dep not in (*_APART, "punct") and not (token.dep == "conj" and token.pos in CLAUSAL))
    words = tree.word(kept[0])
    for before, token in pairwise(kept):
        gap = token.index > before.index + 1 or tree.text[before.end : token.start].isspace()
        words += (" " if gap else "") + tree.word(token)
    return words


def _is_possessive(token: Token, noun: Token) -> bool:
    """Tell whether ``token`` is the "'s" of a noun that owns something, not that of a name: "St. Odile's is full"."""
    return token.dep == "case" and token.head == noun.index and noun.dep == "poss"


def _together(tokens: list[Token], head: Token) -> list[Token]:
    """Return those of ``tokens``, which are in order, that stand together with ``head``."""
    at = next(place for place, token in enumerate(tokens) if token.index == head.index)
    return [token for place, token in enumerate(tokens) if token.index - head.index == place - at]
