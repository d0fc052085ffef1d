"""Sentences that are not read one by one: lines of a bulletin, which are read as a list, and instructions planted for machines."""

from __future__ import annotations

from typing import Final

from extractor import segmentation
from extractor.documents import Document, Sentence, Span
from extractor.normalise.planted import planted, turn
from extractor.per_document import per_document
from extractor.profiles import claims_bulletins
from extractor.profiles.claims_bulletins import Losses
from extractor.prompts import readable

_FORGED: Final = 10
"""Most sentences that a forged turn of a conversation has: more of them are an article that somebody wants unread."""


@per_document
def losses(document: Document) -> Losses:
    """Return what the loss bulletins of ``document`` say."""
    return claims_bulletins.losses(document, segmentation.sentences(document))


def is_read(document: Document, sentence: Sentence) -> bool:
    """Tell whether ``sentence`` is to be read for claims by itself."""
    return sentence.index not in losses(document).taken and sentence.start not in _planted(document)


def instructions(document: Document) -> tuple[Span, ...]:
    """Return the sentences that are planted for machines, which no claim is read from."""
    return tuple(Span(text=document.text[start:end], start=start, end=end) for start, end in _planted(document).items())


@per_document
def without_instructions(document: Document) -> str:
    """Return the text with blanks for the sentences that are planted, so that nothing is learnt from them; offsets stay."""
    text = document.text
    for start, end in _planted(document).items():
        text = text[:start] + " " * (end - start) + text[end:]
    return text


@per_document
def _planted(document: Document) -> dict[int, int]:
    """Return where each sentence that speaks to a machine begins and ends, and each that stands in a forged turn of a conversation.

    They are read as a machine is shown them: invisible characters and line breaks hide nothing.
    """
    found: dict[int, int] = {}
    inside: dict[int, int] | None = None
    for sentence in segmentation.sentences(document):
        text = readable(document.text[sentence.start : sentence.end])
        if planted(text) is None:
            if inside is not None:
                inside[sentence.start] = sentence.end
            continue
        found[sentence.start] = sentence.end
        does = turn(text)
        if does == "closes" and inside is not None and len(inside) <= _FORGED:
            found.update(inside)
        if does is not None:
            inside = {} if does == "opens" else None
    return dict(sorted(found.items()))
