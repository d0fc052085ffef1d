"""Who says it by a verb of saying.

Parsers are at their worst where a newspaper puts who says it: behind what is said, after a comma, with a second name between. So a verb of
saying without a subject of its own takes the name right before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extractor.syntax.relations import CLAUSAL, NOMINAL, QUESTIONS, SUBJECTS
from extractor.syntax.verbs import QUOTING
from extractor.trees import Token, Tree

READER: Final = frozenset(("i", "you", "we"))
"""Who is no source: the outlet and its reader."""
_ABLE: Final = frozenset(("NOUN", "PROPN", "PRON", "ADJ", "NUM", "X", "VERB"))
"""Parts of speech of who can speak, as parsers take names for."""


def speaker(tree: Tree, verb: Token) -> Token | None:
    """Return who says it by ``verb``: its own subject, that of the verb it goes along with ("adding that"), or the name right before it.

    Never the reader or the outlet ("we said"), and never what cannot speak.
    """
    if verb.dep == "acl" and verb.tag in ("VBD", "VBN") and tree.head(verb).index == tree.root.index:
        return _able(tree.head(verb))  # a sentence taken for a noun phrase: "The board, which runs the line, admitted"
    subjects = SUBJECTS if verb.lemma in QUOTING else ("nsubj",)
    for known in _going_along(tree, verb):
        subject = tree.child(known, *subjects)
        if subject is not None:
            if subject.tag in QUESTIONS or (known.dep == "relcl" and subject.lemma == "that"):
                return _able(tree.head(known)) if known.dep == "relcl" else None
            return _able(subject)
        if known.index == verb.index and tree.child(verb, "auxpass") is not None:
            agent = tree.child(verb, "agent")
            return _able(tree.child(agent, "pobj")) if agent is not None else None
        if known.index == verb.index and verb.tag in ("VBD", "VBZ", "VBP") and (near := _right_before(tree, verb)) is not None:
            return near
    return None


def _able(token: Token | None) -> Token | None:
    if token is None or token.lemma in READER or token.tag in (*QUESTIONS, "EX"):
        return None
    return token if token.pos in _ABLE else None


def _right_before(tree: Tree, verb: Token) -> Token | None:
    """Return the noun that ends right before ``verb`` or the comma before it; of coordinated ones the first."""
    at = verb.index - 1
    while at >= 0 and (tree.word(tree.tokens[at]) == "," or tree.tokens[at].pos in ("ADV", "AUX")):
        at -= 1
    if at < 0 or tree.tokens[at].pos not in NOMINAL or tree.tokens[at].dep in ("pobj", "dobj", "npadvmod"):
        return None
    token = tree.tokens[at]
    while token.dep == "conj" and tree.head(token).pos in NOMINAL:
        token = tree.head(token)
    return token


def _going_along(tree: Tree, verb: Token) -> Iterator[Token]:
    """Yield ``verb`` and the verbs whose subject it shares."""
    yield verb
    while verb.dep in ("conj", "advcl", "xcomp", "pcomp", "dep") and tree.head(verb).pos in CLAUSAL:
        if verb.dep == "conj" and tree.child(tree.head(verb), "cc") is None:
            return
        verb = tree.head(verb)
        yield verb
