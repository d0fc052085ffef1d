"""One statement: the places of its words, when and where it happened and when it was said read off the tree."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.normalise import outcomes
from extractor.normalise.quantities import NumberMatch
from extractor.syntax import circumstances, phrases
from extractor.syntax.figures import Figure
from extractor.syntax.places import Place, overlap
from extractor.syntax.saying import Saying
from extractor.trees import Token, Tree


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement: the places of its words in the sentence; None where the sentence does not say.

    Attributes:
        said: The act of saying it belongs to; None in the outlet's own voice.
        number: Its figure's number.
        quantity: Place of the figure with its hedge and what it counts.
        subject: Place of whom or what it is about.
        outcome: Place of what happened.
        target: Place of against whom or what.
        time: Place of when.
        where: Place of where.
        stated_on: Place of the day on which it was said.
        head: The word it hangs on.
        nominal: Whether the outcome is an adjective or noun behind a form of "be".
        clause: The bare clause, without those that hang on it.
    """

    said: Saying | None
    number: NumberMatch | None
    quantity: Place | None
    subject: Place | None
    outcome: Place | None
    target: Place | None
    time: Place | None
    where: Place | None
    stated_on: Place | None
    head: Token
    nominal: bool
    clause: str


def stated(
    tree: Tree,
    head: Token,
    said: Saying | None,
    figure: Figure | None = None,
    *,
    subject: Place | None = None,
    outcome: Place | None = None,
    target: Place | None = None,
    nominal: bool = False,
) -> Stated:
    """Return the statement that hangs on ``head``, with what its clause says of time and place.

    Args:
        tree: The sentence.
        head: The verb, or the noun where there is none.
        said: The act of saying it belongs to.
        figure: Its figure.
        subject: Place of whom or what it is about.
        outcome: Place of what happened.
        target: Place of against whom or what.
        nominal: Whether the outcome is known to be an adjective or noun.
    """
    quantity = figure.place if figure is not None else None
    behind_be = head.lemma == "be" and outcome is not None and not head.start <= outcome[0] < head.end
    time = circumstances.when(tree, head, said)
    hit = outcome is not None and outcomes.kind_of(tree.text[slice(*outcome)]) is not None
    where = circumstances.where(tree, head, said, [place for place in (outcome, quantity, time) if place is not None], hit=hit)
    return Stated(
        said=said,
        number=figure.number if figure is not None else None,
        quantity=quantity,
        subject=_apart(subject, where),
        outcome=outcome,
        target=_apart(target, where),
        time=time,
        where=where,
        stated_on=circumstances.stated_on(tree, said) if said is not None else None,
        head=head,
        nominal=nominal or behind_be,
        clause=phrases.clause(tree, head),
    )


def _apart(noun: Place | None, where: Place | None) -> Place | None:
    """Return a noun phrase that is not the phrase of place itself."""
    return None if noun is not None and where is not None and overlap(noun, where) and where[0] <= noun[0] else noun
