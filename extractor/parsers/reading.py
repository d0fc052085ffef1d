"""Sentences with their trees: what stands before a sentence proper is cut off first, for a parser takes a dateline for a part of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from extractor.documents import Document, Sentence
from extractor.normalise.spacing import flat
from extractor.parsers.base import Parser
from extractor.trees import Tree

LANGUAGES: Final = ("en",)
"""Languages that trees are drawn of."""
_CLOCK: Final = r"\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\.?)?(?:\s(?:GMT|UTC|[A-Z]{3}))?\s*[\u2013\u2014:-]\s+"
_DAY: Final = r"(?:[A-Z][a-z]+\.?\s\d{1,2}|\d{1,2}\s[A-Z][a-z]+)"
_DATELINE: Final = rf"[A-Z][A-Z .'\u2019/-]+(?:,\s[A-Z][\w .]+?)??(?:,\s{_DAY})?(?:\s+\([^)\n]{{1,40}}\))?\s+[\u2013\u2014-]+\s+"
_LABEL: Final = r"(?:Correction|Editor['\u2019]s note|Update|Updated|Clarification|Breaking):\s+"
_LEAD: Final = re.compile(rf"^(?:{_CLOCK})?(?:{_DATELINE})?(?:{_LABEL})?")
_WORD: Final = re.compile(r"\w")


def lead(text: str) -> int:
    """Return how many code points of a sentence are dateline, clock time or label rather than sentence."""
    found = _LEAD.match(text)
    end = found.end() if found else 0
    return end if _WORD.search(text, end) else 0


def with_trees(document: Document, split: Sequence[Sentence], parser: Parser | None) -> tuple[Sentence, ...]:
    """Return the sentences with their trees, where there is a parser that knows the document's language."""
    if parser is None or document.language.split("-", maxsplit=1)[0].lower() not in LANGUAGES:
        return tuple(split)
    texts = [flat(document.text[sentence.start : sentence.end]) for sentence in split]
    leads = [lead(text) for text in texts]
    trees = parser.parse([text[start:] for text, start in zip(texts, leads, strict=True)])
    return tuple(
        replace(sentence, tree=_behind(tree, text, start)) for sentence, tree, text, start in zip(split, trees, texts, leads, strict=True)
    )


def _behind(tree: Tree, text: str, start: int) -> Tree:
    """Return the tree of the whole of ``text``, of which it was drawn from ``start`` on."""
    return Tree(text, tuple(replace(token, start=token.start + start, end=token.end + start) for token in tree.tokens))
