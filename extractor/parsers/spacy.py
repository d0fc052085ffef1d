"""Trees from spaCy's pipelines.

A text is one sentence and gets one tree. Where spaCy sees several sentences in it, the roots of the later ones hang on the
first root as ``parataxis``, the relation of clauses set side by side. White space is no word: what hangs on it hangs on what
it hung on itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from extractor.errors import MissingExtraError, WeightsError
from extractor.parsers import data
from extractor.trees import Token, Tree

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_REMEMBERED: Final = 4_096
"""Sentences; an article has some 40, and is read again by whatever looks at its claims as a whole."""

_LONGEST: Final = 1_000
"""Tokens of one text parsed together. What is longer is no sentence but a list or a table; its pieces have roots of their own."""

_BATCH: Final = 32
"""Texts parsed together; 40,000 tokens take 800 MB. Alone each would take twice the time."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class SpacyParser:
    """Parses with a pipeline of spaCy, loaded when the first sentence comes.

    Args:
        folder: The pipeline's data, as ``extractor.parsers.data.pull`` returns it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parsing = Lock()
        self._known: dict[str, Tree] = {}

    @cached_property
    def identity(self) -> str:
        """SHA-256 of the pipeline's data, in hexadecimal."""
        return data.identity(self._folder)

    def parse(self, texts: Sequence[str]) -> list[Tree]:
        """Return the tree of each of ``texts``, in order.

        Raises:
            MissingExtraError: spaCy is not installed.
            WeightsError: The data cannot be loaded.
        """
        with self._parsing:
            trees = {text: self._known.pop(text, None) for text in texts}
            missing = [text for text, known in trees.items() if known is None]
            found = dict(zip(missing, self._read(missing), strict=True)) if missing else {}
            whole = {text: known or found[text] for text, known in trees.items()}
            self._known.update(whole)  # what was asked for last stands last
            for text in list(self._known)[: max(0, len(self._known) - _REMEMBERED)]:
                del self._known[text]
        return [whole[text] for text in texts]

    def _read(self, texts: Sequence[str]) -> list[Tree]:
        tokens: list[list[Token]] = [[] for _ in texts]
        pipeline = self._pipeline
        with pipeline.memory_zone():  # it forgets their words; without it the vocabulary would grow with every article
            pieces = [(number, *piece) for number, text in enumerate(texts) for piece in _pieces(pipeline.tokenizer(_encodable(text)))]
            docs = pipeline.pipe([doc for *_, doc in pieces], batch_size=_BATCH)
            for (number, first, offset, _), doc in zip(pieces, docs, strict=True):
                tokens[number].extend(_tokens(doc, first, offset))
        return [tree(text, words) for text, words in zip(texts, tokens, strict=True)]

    @cached_property
    def _pipeline(self) -> Language:
        try:
            from spacy.util import load_model_from_path
        except ImportError as error:
            msg = "the parser needs the extra 'local': pip install 'claim-extractor[local]'"
            raise MissingExtraError(msg) from error
        try:
            return load_model_from_path(self._folder, exclude=["senter"])
        except Exception as error:  # each part of a pipeline reads its own format and raises what its reader raises
            msg = (
                f"the parser's data in {self._folder} cannot be loaded ({type(error).__name__}); delete it and run"
                f" 'extractor models pull {data.NAME}'"
            )
            raise WeightsError(msg) from error


def _encodable(text: str) -> str:
    """Return ``text`` with halves of surrogate pairs, which spaCy cannot encode, replaced one by one."""
    return _SURROGATE.sub("\ufffd", text)


def _pieces(doc: Doc) -> Iterator[tuple[int, int, Doc]]:
    """Yield parts of ``doc`` that are short enough to parse, with the number and the offset of their first token."""
    for first in range(0, len(doc), _LONGEST):
        yield first, doc[first].idx, doc if len(doc) <= _LONGEST else doc[first : first + _LONGEST].as_doc()


def _tokens(doc: Doc, first: int, offset: int) -> Iterator[Token]:
    for token in doc:
        start = offset + token.idx
        yield Token(
            index=first + token.i,
            start=start,
            end=start + len(token.text),
            lemma=token.lemma_.lower(),
            pos=token.pos_,
            tag=token.tag_,
            dep=token.dep_,
            head=first + token.head.i,
            entity=token.ent_type_,
        )


def tree(text: str, tokens: Sequence[Token]) -> Tree:
    """Return the one tree of a sentence.

    Args:
        text: The sentence.
        tokens: Its tokens in order, ``index`` counted from 0, with any number of roots and white space among them.

    Returns:
        The tree without white space, numbered anew, with the first root as its only one.
    """
    words = [token for token in tokens if not text[token.start : token.end].isspace()]
    numbers = {word.index: number for number, word in enumerate(words)}
    heads = [_head(word, tokens, numbers) for word in words]
    root = next((number for number, head in enumerate(heads) if head is None), 0)
    return Tree(
        text,
        tuple(
            replace(word, index=number, head=root if head is None else numbers[head], dep=_dep(word, head, first=number == root))
            for number, (word, head) in enumerate(zip(words, heads, strict=True))
        ),
    )


def _head(word: Token, tokens: Sequence[Token], numbers: dict[int, int]) -> int | None:
    """Return the word that ``word`` hangs on, across white space; None for a root."""
    below, above = word, tokens[word.head]
    while above.index != below.index and above.index not in numbers:
        below, above = above, tokens[above.head]
    return None if above.index == below.index else above.index


def _dep(word: Token, head: int | None, *, first: bool) -> str:
    if head is not None:
        return word.dep
    return "ROOT" if first else "parataxis"
