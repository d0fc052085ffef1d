"""What is stated by a clause without a figure."""

from __future__ import annotations

from typing import Final

from extractor.normalise import outcomes
from extractor.syntax import arguments, phrases
from extractor.syntax.contents import called
from extractor.syntax.places import place_of
from extractor.syntax.predicates import predicate
from extractor.syntax.relations import CLAUSAL, NOMINAL, behind
from extractor.syntax.saying import Saying
from extractor.syntax.stated import Stated, stated
from extractor.syntax.verbs import CHARGING, LOSING
from extractor.trees import Token, Tree

_HITTING: Final = frozenset(("lost", "captured"))
"""Outcomes whose verb keeps its subject."""
_MOST: Final = 4
"""Most words of what something is called."""


def said(tree: Tree, head: Token, saying: Saying) -> Stated:
    """Return what somebody states by the clause, or the noun, of ``head``."""
    if head.dep == "dobj" and head.head == saying.verb.index and (found := _object(tree, head, saying)) is not None:
        return found
    if head.pos in CLAUSAL:
        return _acting(tree, head, saying)
    return stated(tree, head, saying, outcome=phrases.counted_noun(tree, head), nominal=head.pos in ("NOUN", "ADJ"))


def _object(tree: Tree, thing: Token, saying: Saying) -> Stated | None:
    """Return what is stated of the object of a verb of saying: who is accused, what is called something."""
    about = phrases.noun_phrase(tree, thing)
    if saying.verb.lemma in CHARGING:
        return stated(tree, thing, saying, subject=about)
    name = called(tree, saying.verb)
    if name is None:
        return None
    outcome = phrases.noun_phrase(tree, name) if name.pos in NOMINAL else place_of(tree, tree.subtree(name)[:_MOST])
    return stated(tree, thing, saying, subject=about, outcome=outcome, nominal=True)


def _acting(tree: Tree, verb: Token, saying: Saying) -> Stated:
    doer = arguments.subject(tree, verb)
    subject = phrases.noun_phrase(tree, doer) if doer is not None else None
    outcome = predicate(tree, verb)
    kind = outcomes.kind_of(tree.text[slice(*outcome)]) if outcome else None
    deeper = tree.child(verb, "xcomp")
    inner = deeper if deeper is not None and tree.child(verb, "dobj") is None else verb
    thing = tree.child(inner, "dobj") or tree.child(inner, "dative")
    target = phrases.noun_phrase(tree, thing, outcome) if thing is not None else None
    hitting = kind is not None and kind not in _HITTING and inner.lemma not in LOSING
    if hitting and target is not None and tree.child(verb, "nsubjpass") is None:
        subject, target = target, None  # who is hit is whom the claim is about
    if target is None and not hitting and (against := behind(tree, inner, "against", "out")) is not None:
        target = phrases.noun_phrase(tree, against)
    return stated(tree, verb, saying, subject=subject, outcome=outcome, target=target)
