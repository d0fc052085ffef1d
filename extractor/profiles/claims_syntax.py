"""Claims by the grammar of the sentence: the words of each statement, and which of them a model is asked to judge.

Who says, does and suffers what, a parser tells better than a small model does; what it cannot tell is whether a figure in the
outlet's own voice reports something or only describes. Those figures are what the model is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from extractor.claims import ClaimProvenance
from extractor.documents import Document, Mention, Sentence
from extractor.normalise import outcomes
from extractor.profiles.claims_meaning import Said, Words
from extractor.profiles.claims_parts import at
from extractor.syntax.statements import Stated, statements
from extractor.trees import Tree

_REACH: Final = 200
_CHANGING: Final = re.compile(
    r"\b(?:rose|risen|f[ae]ll(?:en)?|dropp?(?:ed)|gained|lost|jumped|climbed|slid|slumped|plunged|soared|surged|shrank|grew|grown|declined|increased"
    r"|decreased|doubled|halved|cut|raised|lowered)\b",
    re.IGNORECASE,
)
"""Verbs of a rise or fall, which are events whatever the figure."""
_SLOTS: Final = ("subject", "outcome", "target", "quantity", "time", "place")


@lru_cache(maxsize=512)
def stated(tree: Tree) -> tuple[Stated, ...]:
    """Return what the sentence of ``tree`` states; remembered, since grammar and results both ask."""
    return tuple(statements(tree))


def is_doubtful(found: Stated) -> bool:
    """Tell whether a model must agree to a statement: a figure in the outlet's own voice that is no loss and no rise or fall."""
    if found.said is not None or found.quantity is None:
        return False
    words = found.clause[:_REACH]
    return outcomes.kind_of(words) is None and _CHANGING.search(words) is None


def doubtful(sentence: Sentence) -> list[Stated]:
    """Return the statements of ``sentence`` that a model must agree to."""
    return [found for found in stated(sentence.tree) if is_doubtful(found)] if sentence.tree is not None else []


def words(document: Document, sentence: Sentence, provenance: ClaimProvenance) -> Iterator[tuple[Stated, Words]]:
    """Yield what ``sentence`` states, and its words at their places in the document."""
    assert sentence.tree is not None
    base = sentence.start
    for found in stated(sentence.tree):
        places = (found.subject, found.outcome, found.target, found.quantity, found.time, found.where)
        slots: dict[str, Mention] = {
            slot: at(document, base + place[0], base + place[1]) for slot, place in zip(_SLOTS, places, strict=True) if place is not None
        }
        said = None
        if found.said is not None:
            cue = found.said.cue
            said = Said(
                sentence,
                tuple((base + start, base + end) for start, end in found.said.sources),
                (base + cue[0], base + cue[1]),
                (base + found.stated_on[0], base + found.stated_on[1]) if found.stated_on else None,
            )
        yield found, Words(document, sentence, slots, said, provenance, nominal=found.nominal)
