"""What a sentence states, by its tree: one statement for each figure and for each clause that somebody says."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.syntax import arguments, clauses, counts
from extractor.syntax.background import is_background
from extractor.syntax.contents import at_figure
from extractor.syntax.figures import Figure, figures
from extractor.syntax.relations import commanded, commands
from extractor.syntax.saying import Saying, sayings
from extractor.syntax.stated import Stated
from extractor.trees import Token, Tree

__all__ = ["Stated", "statements"]


def statements(tree: Tree) -> list[Stated]:
    """Return what the sentence states, in order: figures and clauses that somebody says, and figures of the outlet's own."""
    said = sayings(tree)
    known = [figure for figure in figures(tree) if not _is_of_source(tree, figure, said)]
    found: list[Stated] = []
    taken: list[Figure] = []
    for saying in reversed(said):  # what is said within what is said belongs to the inner one
        told: list[Figure] = []
        for head in saying.heads:
            inside = [figure for figure in known if figure not in taken and _is_inside(tree, figure, head, saying)]
            taken += inside
            kept = [figure for figure in inside if not is_background(tree, figure, known, said=True)]
            if commands(tree, head):
                continue
            for figure in kept:
                found.append(counts.said(tree, figure, saying, head, told))
                told.append(figure)
            if not kept and not any(other.verb.index == head.index for other in said if other is not saying):
                found.append(clauses.said(tree, head, saying))
    rest = [figure for figure in known if figure not in taken and not _is_audience(tree, figure, said)]
    rest = [figure for figure in rest if not is_background(tree, figure, known, said=False) and not commanded(tree, figure.noun)]
    found += [counts.own(tree, figure, rest[:place]) for place, figure in enumerate(rest)]
    return sorted(found, key=lambda stated: stated.number.number_start if stated.number else stated.head.start)


def _is_of_source(tree: Tree, figure: Figure, said: Sequence[Saying]) -> bool:
    """Tell whether a figure counts who speaks: "two officials said"."""
    start = figure.number.number_start
    if any(first <= start < last for saying in said for first, last in saying.sources):
        return True
    return tree.head(figure.argument).lemma in ("say", "tell", "write") and figure.argument.dep == "nsubj"


def _is_audience(tree: Tree, figure: Figure, said: Sequence[Saying]) -> bool:
    """Tell whether a figure belongs to a verb of saying without being said: "told 40 reporters"."""
    verb = arguments.governor(tree, figure.argument)[1]
    return verb is not None and any(saying.verb.index == verb.index for saying in said)


def _is_inside(tree: Tree, figure: Figure, head: Token, saying: Saying) -> bool:
    """Tell whether a figure is part of what is said, by the clause of ``head`` rather than by one within it."""
    noun = figure.noun
    if (at := at_figure(tree, saying.verb)) is not None and tree.under(noun, at):
        return True
    if not tree.under(noun, head):
        return False
    if any(tree.under(noun, other) for other in saying.heads if other.index != head.index and tree.under(other, head)):
        return False
    return not (tree.under(saying.verb, head) and tree.under(noun, saying.verb))
