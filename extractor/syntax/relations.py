"""Parts of speech, tags and relations that are asked about everywhere, and what hangs on a word by a preposition."""

from __future__ import annotations

from typing import Final

from extractor.trees import Token, Tree

CLAUSAL: Final = frozenset(("VERB", "AUX"))
"""Parts of speech of the words that clauses hang on."""
NOMINAL: Final = frozenset(("NOUN", "PROPN"))
"""Parts of speech of nouns and names."""
SUBJECTS: Final = ("nsubj", "nsubjpass")
"""Relations of whom a clause is about."""
QUESTIONS: Final = frozenset(("WP", "WRB", "WDT"))
"""Tags of question words and relative pronouns."""


def behind(tree: Tree, word: Token, *prepositions: str) -> Token | None:
    """Return the noun behind the first of ``prepositions`` that hangs on ``word``; None where none does."""
    found = (tree.child(prep, "pobj") for prep in tree.children(word, "prep") if prep.lemma in prepositions)
    return next((noun for noun in found if noun is not None), None)


def clause_above(tree: Tree, word: Token) -> Token | None:
    """Return the nearest word above ``word`` that a clause hangs on; None where there is none."""
    return next((above for above in tree.ancestors(word) if above.pos in CLAUSAL), None)


def commands(tree: Tree, verb: Token) -> bool:
    """Tell whether a verb is an imperative: what somebody is told to do has not happened."""
    bare = verb.tag == "VB" and not tree.children(verb, *SUBJECTS, "aux", "expl")
    return bare and verb.dep in ("ROOT", "ccomp", "conj", "parataxis")


def commanded(tree: Tree, word: Token) -> bool:
    """Tell whether a word is part of what somebody is told to do, or to say: "write that nine ships sank" states nothing."""
    return any(commands(tree, above) for above in tree.ancestors(word) if above.pos in CLAUSAL)
