"""The tree of one sentence: words, what each hangs on, and by which relation.

Relations, parts of speech and tags are those of the OntoNotes conversion that English parsers are trained on: Stanford's
basic dependencies as ClearNLP writes them, universal parts of speech, Penn tags, OntoNotes entities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark of a sentence.

    Attributes:
        index: Its number in the sentence, from 0.
        start: Offset of its first code point in the sentence.
        end: Offset one past its last.
        lemma: Its base form in lower case.
        pos: Universal part of speech, such as ``NOUN``.
        tag: Penn tag, such as ``NNS``.
        dep: Relation to its head, such as ``nsubj``; that of the root is ``ROOT``.
        head: Number of the word it hangs on; a root's is its own.
        entity: Label of the named entity it is part of, such as ``GPE``; empty where it is part of none.
    """

    index: int
    start: int
    end: int
    lemma: str
    pos: str
    tag: str
    dep: str
    head: int
    entity: str = ""


@dataclass(frozen=True)
class Tree:
    """The tree of one sentence.

    Attributes:
        text: The sentence.
        tokens: Its words and marks, in order.
    """

    text: str
    tokens: tuple[Token, ...]

    @cached_property
    def _children(self) -> tuple[tuple[Token, ...], ...]:
        below: list[list[Token]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if token.head != token.index:
                below[token.head].append(token)
        return tuple(tuple(tokens) for tokens in below)

    @property
    def root(self) -> Token:
        """The word that hangs on itself; of several the first."""
        return next(token for token in self.tokens if token.head == token.index)

    def word(self, token: Token) -> str:
        """Return the word as it stands."""
        return self.text[token.start : token.end]

    def head(self, token: Token) -> Token:
        """Return what ``token`` hangs on; a root hangs on itself."""
        return self.tokens[token.head]

    def children(self, token: Token, *deps: str) -> tuple[Token, ...]:
        """Return what hangs on ``token``, in order; by one of the relations ``deps``, where any are given."""
        below = self._children[token.index]
        return tuple(child for child in below if child.dep in deps) if deps else below

    def child(self, token: Token, *deps: str) -> Token | None:
        """Return the first of them, or None."""
        return next(iter(self.children(token, *deps)), None)

    def subtree(self, token: Token, keep: Callable[[Token], bool] = lambda _: True) -> list[Token]:
        """Return ``token`` and all that hangs on it, in order, without the branches that ``keep`` refuses."""
        found, open_ = [token], [token]
        while open_:
            for child in self.children(open_.pop()):
                if keep(child):
                    found.append(child)
                    open_.append(child)
        return sorted(found, key=lambda known: known.index)

    def ancestors(self, token: Token) -> Iterator[Token]:
        """Yield what ``token`` hangs on, what that hangs on, up to the root."""
        while token.head != token.index:
            token = self.tokens[token.head]
            yield token

    def under(self, token: Token, above: Token) -> bool:
        """Tell whether ``token`` is ``above`` or hangs below it."""
        return token.index == above.index or any(known.index == above.index for known in self.ancestors(token))

    def at(self, start: int, end: int) -> list[Token]:
        """Return the words that overlap the code points from ``start`` to ``end``."""
        return [token for token in self.tokens if token.start < end and start < token.end]

    def top(self, start: int, end: int) -> Token | None:
        """Return the word between ``start`` and ``end`` that the others there hang on; of several the first."""
        inside = self.at(start, end)
        places = {token.index for token in inside}
        return next((token for token in inside if token.head not in places or token.head == token.index), None)
