"""Sentences that are not read one by one: lines of a bulletin, which are read as a list, and instructions planted for machines."""

from __future__ import annotations

from functools import lru_cache

from extractor import segmentation
from extractor.documents import Document, Sentence, Span
from extractor.normalise.planted import planted
from extractor.profiles import claims_bulletins
from extractor.profiles.claims_bulletins import Losses
from extractor.prompts import readable


@lru_cache(maxsize=64)
def losses(document: Document) -> Losses:
    """Return what the loss bulletins of ``document`` say; remembered, since every window asks."""
    return claims_bulletins.losses(document, segmentation.sentences(document))


def is_read(document: Document, sentence: Sentence) -> bool:
    """Tell whether ``sentence`` is to be read for claims by itself."""
    return sentence.index not in losses(document).taken and not _speaks(document.text[sentence.start : sentence.end])


def instructions(document: Document, sentences: tuple[Sentence, ...]) -> tuple[Span, ...]:
    """Return the sentences that speak to a machine, which no claim is read from."""
    texts = ((sentence, document.text[sentence.start : sentence.end]) for sentence in sentences)
    return tuple(Span(text=text, start=s.start, end=s.end) for s, text in texts if _speaks(text))


@lru_cache(maxsize=64)
def without_instructions(document: Document) -> str:
    """Return the text with blanks for the sentences that speak to a machine, so that nothing is learnt from them; offsets stay."""
    text = document.text
    for span in instructions(document, tuple(segmentation.sentences(document))):
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


@lru_cache(maxsize=1024)
def _speaks(text: str) -> bool:
    """Tell whether a sentence speaks to a machine, as a machine is shown it: invisible characters and line breaks hide nothing.

    Remembered, since each sentence is asked about before the model is, after it, and for what may be learnt from it.
    """
    return planted(readable(text)) is not None
