"""What rules alone find, without a model: the line that a model must be above to have helped.

Each rule reads one sentence (or one line) at a time and knows nothing of what the others found. What it finds becomes claims, so that the
same scorers measure rules and models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from extractor.claims import Statement
from extractor.documents import Span
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction
from extractor.normalise import attribution, quantities, times
from extractor.segmentation import sentences

Place = tuple[int, int]

_LINE: Final = re.compile(r"[^\n]*\w[^\n]*")
_CAPITALISED: Final = re.compile(
    r"\b(?:in|at|near)\s(?P<place>(?:the\s)?[A-Z\u00c0-\u00de][\w'\u2019-]*(?:\s(?:of\s|al-)?[A-Z\u00c0-\u00de][\w'\u2019-]*)*)"
)


def attributions(sample: Sample) -> Prediction:
    """Return one claim for each word of saying with somebody beside it, who says the rest of the sentence.

    That is the longest phrase without a comma right before the word, else the shortest right after it.
    """
    return Prediction([claim for sentence in _sentences(sample) for claim in _said(sentence)])


def bulletins(sample: Sample) -> Prediction:
    """Return one claim for each line with a number: its first one."""
    text = sample.document.text
    lines = (Span(text=line[0], start=line.start(), end=line.end()) for line in _LINE.finditer(text))
    return Prediction([_counts(line, number) for line in lines for number in quantities.find(line.text)[:1]])


def entities(sample: Sample) -> Prediction:
    """Return every figure, phrase of time, capitalised run behind "in", "at" or "near", and everybody beside a word of saying."""
    return Prediction([claim for sentence in _sentences(sample) for claim in (*_said(sentence), *_named(sentence))])


FLOORS: Final[dict[str, Callable[[Sample], Prediction]]] = {
    "gum_news": attributions,
    "wikinews_de": attributions,
    "mod_bulletins": bulletins,
    "re3d": entities,
}
"""The rule of each set that is measured with the built-in schema."""


def _sentences(sample: Sample) -> Iterator[Span]:
    text = sample.document.text
    for sentence in sentences(sample.document):
        yield Span(text=text[sentence.start : sentence.end], start=sentence.start, end=sentence.end)


def _said(sentence: Span) -> Iterator[Statement]:
    text = sentence.text
    candidates = attribution.source_candidates(text)
    for cue in attribution.cues(text):
        beside = [place for place in candidates if cue.before is not None and place[1] == cue.before[1]]
        beside = beside or [place for place in candidates if cue.after is not None and place[0] == cue.after[0]]
        if beside:
            source = next((place for place in beside if "," not in text[slice(*place)]), beside[0])
            yield _claim(sentence, _inside(sentence, (cue.start, cue.end)), attribution=_attribution(sentence, cue, source))


def _attribution(sentence: Span, cue: attribution.Cue, source: Place) -> dict[str, Any]:
    places = {
        "cue": (cue.start, cue.end),
        "channel": attribution.channel(sentence.text, cue),
        "stated_on": attribution.stated_on(sentence.text, cue, source),
    }
    known = {name: _inside(sentence, place).model_dump() for name, place in places.items() if place is not None}
    return {"sources": [_inside(sentence, source).model_dump()], "voice": "attributed", **known}


def _named(sentence: Span) -> Iterator[Statement]:
    yield from (_counts(sentence, number) for number in quantities.find(sentence.text))
    when = times.find(sentence.text)
    capitalised = [match.span("place") for match in _CAPITALISED.finditer(sentence.text)]
    where = [place for place in capitalised if not any(start < place[1] and place[0] < end for start, end in when)]
    for slot, found in (("time", when), ("place", where)):
        for span in (_inside(sentence, place) for place in found):
            yield _claim(sentence, span, **{slot: span.model_dump()})


def _counts(sentence: Span, number: quantities.NumberMatch) -> Statement:
    end = quantities.counted(sentence.text, number.end)
    span = _inside(sentence, (number.start, end))
    meant = {"low": number.low, "high": number.high, "value": number.value, "comparator": number.comparator}
    unit = " ".join(sentence.text[number.end : end].split()) or None
    return _claim(sentence, span, quantity={**span.model_dump(), **meant, "unit": unit})


def _inside(sentence: Span, place: Place) -> Span:
    return Span(text=sentence.text[slice(*place)], start=sentence.start + place[0], end=sentence.start + place[1])


def _claim(sentence: Span, at: Span, **slots: Any) -> Statement:
    """Return what ``sentence`` claims; the claim is called by where the words stand that it was made for."""
    known = {"id": f"{at.start}-{at.end}", "type": "other", "attribution": {"voice": "outlet"}, "evidence": [sentence.model_dump()]}
    return Statement.model_validate({**known, **slots})
