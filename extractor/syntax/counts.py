"""What is stated with a figure: who or what it counts, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from extractor.normalise import outcomes
from extractor.syntax import arguments, phrases
from extractor.syntax.contents import at_figure
from extractor.syntax.figures import Figure
from extractor.syntax.places import Place, overlap
from extractor.syntax.predicates import predicate
from extractor.syntax.relations import NOMINAL, behind
from extractor.syntax.saying import Saying
from extractor.syntax.stated import Stated, stated
from extractor.syntax.verbs import LOSING
from extractor.trees import Token, Tree

_NUMBERS: Final = frozenset("number total count toll tally".split())
"""Nouns that only say how many there are of what is behind "of"."""
_NAMED: Final = NOMINAL | {"PRON", "ADJ"}


def said(tree: Tree, figure: Figure, saying: Saying, head: Token, before: Sequence[Figure]) -> Stated:
    """Return what somebody states with a figure.

    Args:
        tree: The sentence.
        figure: The figure.
        saying: The act of saying.
        head: The word of what is said that the figure belongs to.
        before: The figures stated before it, whose noun a bare one shares.
    """
    at = at_figure(tree, saying.verb)
    if at is not None and tree.under(figure.noun, at):
        return _put(tree, figure, saying, head)
    return _counted(tree, figure, saying, head, before)


def own(tree: Tree, figure: Figure, before: Sequence[Figure]) -> Stated:
    """Return what the outlet itself states with a figure; ``before`` are those stated before it."""
    return _counted(tree, figure, None, figure.noun, before)


def _counted(tree: Tree, figure: Figure, saying: Saying | None, head: Token, before: Sequence[Figure]) -> Stated:
    noun = figure.noun
    named = _name(tree, figure)
    if named is None and before and noun.pos in ("NUM", "SYM") and arguments.event(tree, before[-1].noun) is None:
        named = _name(tree, before[-1])  # "Seven men are dead and 23 remain trapped"
    role, verb = arguments.governor(tree, figure.argument)
    event = arguments.event(tree, noun)
    if event is not None:
        whose = None if event.index == noun.index else named
        return stated(tree, verb or event, saying, figure, subject=whose, outcome=phrases.counted_noun(tree, event))
    if verb is None or (saying is not None and verb.index == saying.verb.index):
        became = next((token for token in tree.children(noun, "amod", "acl") if outcomes.kind_of(tree.word(token)) is not None), None)
        outcome = (became.start, became.end) if became is not None else None
        return stated(tree, head, saying, figure, subject=named, outcome=outcome)
    return _governed(tree, figure, saying, named, role, verb)


def _governed(tree: Tree, figure: Figure, saying: Saying | None, named: Place | None, role: arguments.Role, verb: Token) -> Stated:
    """Return what is stated with a figure by the verb it hangs on."""
    outcome = predicate(tree, verb, without=figure.place)
    argument = figure.argument
    alone = argument.index == figure.noun.index or argument.lemma in _NUMBERS
    whole = named if alone else phrases.noun_phrase(tree, argument, figure.place) or named
    subject, thing = arguments.subject(tree, verb), tree.child(verb, "dobj")
    doer = phrases.noun_phrase(tree, subject) if subject is not None else None
    phrase = phrases.noun_phrase(tree, thing) if thing is not None else None
    other = phrase if phrase is not None and not overlap(figure.place, phrase) else None
    hitting = outcome is not None and outcomes.kind_of(tree.text[slice(*outcome)]) is not None and verb.lemma not in LOSING
    if role == "subject":
        return stated(tree, verb, saying, figure, subject=whole, outcome=outcome, target=None if hitting else other)
    if hitting and (role == "object" or other is not None):
        return stated(tree, verb, saying, figure, subject=whole if role == "object" else other, outcome=outcome)
    return stated(tree, verb, saying, figure, subject=doer or whole, outcome=outcome, target=other)


def _put(tree: Tree, figure: Figure, saying: Saying, head: Token) -> Stated:
    """Return the statement of "put the army's dead at 31", "put the number of dead at 31", "put the damage at 31 crowns"."""
    of = next((prep for prep in tree.children(head, "prep") if prep.lemma == "of"), None)
    thing = (tree.child(of, "pobj", "pcomp") if of is not None and head.lemma in _NUMBERS else None) or head
    if any(_hits(tree, token) for token in (thing, *tree.children(thing, "compound"))):
        whose = tree.child(thing, "poss") or behind(tree, thing, "of")
        subject = phrases.noun_phrase(tree, whose) if whose is not None else None
        return stated(tree, head, saying, figure, subject=subject, outcome=phrases.counted_noun(tree, thing))
    became = next((token for token in tree.children(thing, "amod") if _hits(tree, token)), None)
    became = became or tree.child(thing, "acl") or tree.child(head, "acl")
    outcome = predicate(tree, became) if became is not None else None
    return stated(tree, head, saying, figure, subject=phrases.noun_phrase(tree, thing, outcome, figure.place), outcome=outcome)


def _hits(tree: Tree, token: Token) -> bool:
    """Tell whether a word says what became of those it counts; damage is no count of anybody."""
    return outcomes.kind_of(tree.word(token)) not in (None, "damaged")


def _name(tree: Tree, figure: Figure) -> Place | None:
    """Return the place of what a figure counts, without the figure; None where it stands alone."""
    noun, number = figure.noun, figure.number
    named = phrases.counted_noun(tree, noun) if noun.pos in _NAMED else None
    if named is not None and named[0] < number.end <= named[1]:
        named = (number.end + 1, named[1]) if number.end + 1 < named[1] else None
    if named is None or number.unit is None:
        return named
    # "tonnes of ball bearings", "percent of the dead" count what is behind "of"
    inner = behind(tree, noun, "of")
    return phrases.noun_phrase(tree, inner) if inner is not None else None
