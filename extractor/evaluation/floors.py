"""The floor of the claim scorer: what rules find without any model, through the same grounding and meaning as a model's drafts.

Where the parser is at hand, rules are what the grammar of the sentence states, figures in the outlet's own voice included. Without it each figure of
a sentence that has a figure or a source is one claim, a sentence with a source and no figure is one more; the source is the first candidate beside
a word of saying, the outcome the first word of an outcome, else the words before the figure. A model must beat it to be worth asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from typing import Final

from extractor import segmentation
from extractor.claims import ClaimProvenance
from extractor.documents import Window
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction
from extractor.grounding import Grounded, Haystack
from extractor.normalise import outcomes
from extractor.parsers import data
from extractor.parsers.base import Parser
from extractor.parsers.reading import with_trees
from extractor.parsers.table import Fetched
from extractor.profiles.base import Found
from extractor.profiles.claims import ClaimDraft, finish
from extractor.profiles.claims_events import EventDraft, questions
from extractor.profiles.claims_grammar import Facts, facts
from extractor.settings import load

_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019-]*")
_NOWHERE: Final = ClaimProvenance()


def rules_alone(sample: Sample) -> Prediction:
    """Return the claims that rules alone find in the article."""
    document = sample.document
    split = with_trees(document, segmentation.sentences(document), _parser())
    found = []
    for sentence in split:
        window = Window(document, 0, (sentence,))
        haystack = Haystack(window)
        drafts = _agreeing(window) if sentence.tree is not None else _drafts(facts(window.texts[0]))
        for draft in drafts:
            grounded = draft.grounded(haystack)
            if isinstance(grounded, Grounded):
                found.append(Found(draft, grounded, window, _NOWHERE))
    results = finish(document, split, found)
    return Prediction(results.claims)


@lru_cache(maxsize=1)
def _parser() -> Parser | None:
    settings = load()
    return Fetched(settings) if find_spec("spacy") is not None and data.ready(settings) else None


def _agreeing(window: Window) -> Iterator[EventDraft]:
    """Yield drafts that call every doubtful figure an event."""
    yield from (EventDraft(sentence=clause, quantity=figure, says="event") for clause, figure in questions(window))


def _drafts(fact: Facts) -> Iterator[ClaimDraft]:
    source = fact.sources[0] if fact.sources else None
    time = fact.times[0] if fact.times else None
    for figure in fact.figures:
        outcome = _outcome(fact, fact.text.find(figure))
        if outcome:
            yield ClaimDraft(sentence=1, source=source, outcome=outcome, quantity=figure, time=time, type=_type(fact))
    if source and not fact.figures and (outcome := _outcome(fact, 0)):
        yield ClaimDraft(sentence=1, source=source, outcome=outcome, time=time, type="other")


def _type(fact: Facts) -> str:
    return "human_losses" if fact.losses else "other"


def _outcome(fact: Facts, figure: int) -> str | None:
    words = list(_WORD.finditer(fact.text))
    named = next((word[0] for word in words if outcomes.kind_of(word[0])), None)
    before = [word[0] for word in words if word.end() <= figure]
    return named or (before[-1] if before else None) or next((word[0] for word in _WORD.finditer(" ".join(fact.content))), None)
