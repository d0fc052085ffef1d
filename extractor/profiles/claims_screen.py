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

_MOST: Final = 10
"""Most sentences that are planted with one that is: more of them are an article that somebody wants unread."""


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
    """Return where each planted sentence begins and ends.

    Planted is a sentence that speaks to a machine, with what it goes on to say in its paragraph and in a list behind it, and what stands
    in a forged turn of a conversation. All are read as a machine is shown them: invisible characters and line breaks hide nothing.
    """
    found: dict[int, int] = {}
    said: list[Sentence] = []
    inside: list[Sentence] | None = None
    for sentence in segmentation.sentences(document):
        text = readable(document.text[sentence.start : sentence.end])
        if planted(text) is None:
            if inside is not None:
                inside.append(sentence)
            if said and len(said) <= _MOST and _goes_on(document.text, said[-1], sentence):
                said.append(sentence)
                found[sentence.start] = sentence.end
            else:
                said = []
            continue
        found[sentence.start] = sentence.end
        said = [sentence]
        does = turn(text)
        if does == "closes" and inside is not None and len(inside) <= _MOST:
            found.update((forged.start, forged.end) for forged in inside)
        if does is not None:
            inside = [] if does == "opens" else None
    return dict(sorted(found.items()))


def _goes_on(text: str, before: Sentence, sentence: Sentence) -> bool:
    """Tell whether a sentence goes on with what stands before it: in one paragraph, or as an item of a list."""
    between = text[before.end : sentence.start]
    return sentence.paragraph == before.paragraph or (
        between.count("\n") == 1 and segmentation.LIST_ITEM.match(text, sentence.start) is not None
    )
