"""Sentences of a document with exact offsets, and the windows a model is asked about.

Boundaries within running text are sentencex's; what it lacks is added around it: layout (headlines, captions, lists,
hard-wrapped lines) and a few merges of what news writes and it splits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import sentencex

from extractor.documents import Document, Sentence, Window
from extractor.per_document import per_document

_BLOCK: Final = re.compile(r"[^\n]+(?:\n(?![^\S\n]*\n)[^\n]+)*")
_LINE: Final = re.compile(r"[^\n]+")
LIST_ITEM: Final = re.compile(r"\s*(?:[-*\u2022\u2013\u25cf]|\d{1,2}[.)]|[a-z]\))\s+\S")
_INVISIBLE: Final = "\ufeff\u200b\u200c\u200d\u2060"
_EDGE: Final = re.compile(rf"[\s{_INVISIBLE}]*")
_LONGEST: Final = 800
_INNER_END: Final = re.compile(r"[a-z\d)][.!?][\"\u201d\u2019']?\s+(?=[A-Z\"\u201c])")
_WORD: Final = re.compile(r"[^\W_]")
_OPEN_END: Final = re.compile(
    r"(?:\b(?:Lt|Col|Gen|Maj|Capt|Sgt|Brig|Adm|Cmdr|Pvt|Cpl|Rear|Gov|Sen|Rep|Rev|Hon|Pres|Mr|Mrs|Ms|Dr|Prof|St|Mt|No"
    r"|Nos|Art|vs|cf|e\.g|i\.e|approx|est|U\.S|U\.K|U\.N|D\.C|[A-Z])\.)$"
)
_INITIALS_END: Final = re.compile(r"\b(?:[A-Z]\.){2,}$|\b[ap]\.m\.$")
_CONTINUES: Final = re.compile(r"[a-z,;)\]]")
_STARTS_SENTENCE: Final = re.compile(
    r"[\"\u201c\u2018'(\[]?(?:The|A|An|In|On|At|He|She|It|They|We|I|But|And|This|That|These|Those|There|His|Her|Its|Their"
    r"|According|As|After|Before|When|While|If|Since|For|From|By|With|Some|Many|Most|More|Last|Earlier|Later|Both|Two|No)\b"
)


@per_document
def sentences(document: Document) -> tuple[Sentence, ...]:
    """Return the sentences of ``document`` in order; headers, blank runs and lines without a letter or digit are none.

    Every sentence is trimmed of white space and invisible characters, so ``document.text[start:end]`` reads clean.
    Remembered, since whoever finishes an article asks again: for its bulletins, and for what may be learnt from it.
    """
    found: list[Sentence] = []
    for paragraph, (first, last) in enumerate(_blocks(document.text, document.body_start)):
        for start, end in _within(document.text, first, last, language=document.language):
            found.append(Sentence(len(found), start, end, paragraph))
    return tuple(found)


def windows(
    document: Document, split: tuple[Sentence, ...], *, size: int | None, longest: int | None = None, context: int = 1
) -> tuple[Window, ...]:
    """Return the windows of a document.

    Args:
        document: Where the sentences stand.
        split: Its sentences, as ``sentences`` returns them.
        size: Sentences a window asks about at the most; None for any number.
        longest: Code points of those sentences together at the most; None for any number. One sentence always fits.
        context: Sentences before the window that are shown, but not asked about.
    """
    found: list[Window] = []
    at = 0
    while at < len(split):
        end = at + 1
        while end < len(split) and (size is None or end - at < size) and (longest is None or split[end].end - split[at].start <= longest):
            end += 1
        found.append(Window(document, len(found), split[at:end], split[max(0, at - context) : at]))
        at = end
    return tuple(found)


def _blocks(text: str, body_start: int) -> Iterator[tuple[int, int]]:
    """Yield the spans that no sentence crosses: paragraphs, and within them headlines and list items."""
    for block in _BLOCK.finditer(text, body_start):
        spans = [match.span() for match in _LINE.finditer(text, *block.span())]
        width = max(b - a for a, b in spans)
        first = spans[0][0]
        for (start, end), (next_start, next_end) in pairwise(spans):
            if _is_break(text[start:end], text[next_start:next_end], width):
                yield first, end
                first = next_start
        yield first, spans[-1][1]


def _is_break(line: str, following: str, width: int) -> bool:
    """Tell whether the line break means something: a wrapped line ends only where the next word no longer fits."""
    if LIST_ITEM.match(following):
        return True
    word = following.split(maxsplit=1)[0] if following.strip() else ""
    return len(line.rstrip()) + 1 + len(word) <= width


def _within(text: str, first: int, last: int, *, language: str) -> Iterator[tuple[int, int]]:
    pending: tuple[int, int] | None = None
    for start, end in _boundaries(text[first:last], language):
        trimmed = _trim(text, first + start, first + end)
        if trimmed is None:
            continue
        if pending is not None and _belongs(text[slice(*pending)], text[slice(*trimmed)]):
            pending = (pending[0], trimmed[1])
            continue
        if pending is not None:
            yield from _cut(text, *pending)
        pending = trimmed
    if pending is not None and _WORD.search(text, *pending):
        yield from _cut(text, *pending)


def _boundaries(block: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield sentencex's spans of a block, in code points."""
    at = 0
    for piece in sentencex.segment(language.split("-", maxsplit=1)[0].lower(), block.replace("\n", " ")):
        yield at, at + len(piece)
        at += len(piece)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, or the trimmed pieces of one too long for any model, cut at sentence ends within it, else spaces."""
    while start < end:
        stop = end
        if end - start > _LONGEST:
            ends = [m.end() for m in _INNER_END.finditer(text, start + 1, start + _LONGEST)]
            space = text.rfind(" ", start + 1, start + _LONGEST)
            stop = ends[-1] if ends else space + 1 if space > 0 else start + _LONGEST
        trimmed = _trim(text, start, stop)
        if trimmed is not None:
            yield trimmed
        start = stop


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    lead = _EDGE.match(text, start, end)
    start = lead.end() if lead else start
    while end > start and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE):
        end -= 1
    return (start, end) if start < end else None


def _belongs(before: str, after: str) -> bool:
    """Tell whether what was split belongs together: after a title, initials, or before a lower-case continuation."""
    if not _WORD.search(before) or not _WORD.search(after):
        return True
    if _OPEN_END.search(before):
        return not (before.endswith(("U.S.", "U.K.", "U.N.", "D.C.")) and _STARTS_SENTENCE.match(after))
    if _INITIALS_END.search(before):
        return not _STARTS_SENTENCE.match(after)
    return bool(_CONTINUES.match(after)) and not before.endswith((":", ";"))
