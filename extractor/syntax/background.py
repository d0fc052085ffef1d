"""Figures that nobody claims: they only say what is known, how far, where, or what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from extractor.normalise import outcomes
from extractor.syntax.figures import Figure
from extractor.syntax.relations import CLAUSAL, commands
from extractor.trees import Token, Tree

_KNOWN: Final = frozenset("the these those both other".split())
"""Words before a figure that is known already: "the two sides"."""
_BESIDE: Final = frozenset("in from at between on into to with by through for about".split())
"""Prepositions of what is beside the point: "in two cities"."""
_SMALL: Final = 10
_LONG: Final = re.compile(r"^(?:kilomet|met(?:er|re)|mile|nautical|feet|foot|yard|acre|hectare|degree|square)", re.IGNORECASE)
"""Units of how far, wide and warm."""
_NEAR: Final = 30
"""How far, in code points, from a figure without a verb the word of its outcome stands."""
_LASTING: Final = frozenset(("be", "remain", "stand"))


def is_background(tree: Tree, figure: Figure, others: Sequence[Figure], *, said: bool) -> bool:
    """Tell whether a figure only describes: what is presupposed ("the two sides"), how far or wide, where.

    Args:
        tree: The sentence.
        figure: The figure.
        others: All figures of the sentence.
        said: Whether somebody is named who says it; the outlet's own figures must state an event.
    """
    if _is_known(tree, figure) or (_is_small(tree, figure) and _is_beside(tree, figure, others, said=said)):
        return True
    return not said and (_is_length(tree, figure) or not _is_event(tree, figure))


def _is_known(tree: Tree, figure: Figure) -> bool:
    first = tree.text[: figure.number.start].rstrip().rsplit(" ", 1)[-1].lower()
    return first in _KNOWN and figure.number.comparator == "exact" and figure.number.unit is None


def _is_small(tree: Tree, figure: Figure) -> bool:
    """Tell whether a figure is one that is written as a word."""
    number = figure.number
    return number.value is not None and number.value < _SMALL and not tree.text[number.number_start].isdigit()


def _is_beside(tree: Tree, figure: Figure, others: Sequence[Figure], *, said: bool) -> bool:
    """Tell whether a small figure is beside the point: behind a preposition, or in a list without other figures."""
    argument, rest = figure.argument, [other for other in others if other is not figure]
    if _hangs_by(tree, argument, _BESIDE | {"of"}) or _hangs_by(tree, figure.noun, _BESIDE):
        return not said or any(tree.head(other.argument).pos in CLAUSAL for other in rest)
    listed = argument.dep == "conj" and not any(other.argument.index == argument.head for other in rest)
    return listed and outcomes.kind_of(tree.text) is None


def _hangs_by(tree: Tree, noun: Token, prepositions: frozenset[str]) -> bool:
    return noun.dep == "pobj" and tree.head(noun).lemma in prepositions


def _is_length(tree: Tree, figure: Figure) -> bool:
    unit = figure.number.unit
    words = tree.text[figure.number.end : figure.place[1]].strip()
    return unit is not None and unit.kind == "measure" and _LONG.match(words) is not None


def _is_event(tree: Tree, figure: Figure) -> bool:
    """Tell whether a figure is of what happened: under a verb in the past, or of a loss that lasts."""
    verbs = [above for above in tree.ancestors(figure.noun) if above.pos in CLAUSAL]
    if not verbs:
        start, end = figure.place
        return outcomes.kind_of(tree.text[max(0, start - _NEAR) : end + _NEAR]) is not None
    if any(commands(tree, verb) for verb in verbs):
        return False
    verb = verbs[0]
    present = verb.tag in ("VBZ", "VBP", "VB") and tree.child(verb, "aux", "auxpass") is None
    lasts = verb.lemma in _LASTING and outcomes.kind_of(tree.text) is not None
    return (lasts or not present) and not any(above.dep == "relcl" for above in (verb, *tree.ancestors(verb)))
