"""Trees kept in the cache of answers: loading a parser takes longer than everything else that is done with a remembered article."""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

from pydantic import TypeAdapter, ValidationError

from extractor.caches.base import Cache
from extractor.errors import StorageError
from extractor.parsers.base import Parser
from extractor.trees import Token, Tree

_log = logging.getLogger(__name__)
_FORM: Final = 1
"""Goes up when what is kept of a tree changes."""
_ROWS: Final = TypeAdapter(list[tuple[int, int, int, str, str, str, str, int, str]])


class Remembered:
    """A parser that asks another for the sentences that it does not remember.

    Args:
        parser: The other.
        cache: Where trees are kept; a damaged entry is a miss.
    """

    def __init__(self, parser: Parser, cache: Cache) -> None:
        self._parser = parser
        self._cache = cache
        self._cannot_store = False

    @property
    def identity(self) -> str:
        """SHA-256 of the other's data, in hexadecimal."""
        return self._parser.identity

    def parse(self, texts: Sequence[str]) -> list[Tree]:
        """Return the tree of each of ``texts``, in order.

        Raises:
            MissingExtraError: One must be drawn, and the parser is not installed.
            WeightsError: One must be drawn, and the parser's data cannot be had or loaded.
        """
        trees = {text: self._recall(text) for text in dict.fromkeys(texts)}
        missing = [text for text, tree in trees.items() if tree is None]
        drawn = dict(zip(missing, self._parser.parse(missing), strict=True)) if missing else {}
        for text, tree in drawn.items():
            self._keep(text, tree)
        return [trees[text] or drawn[text] for text in texts]

    def _keep(self, text: str, tree: Tree) -> None:
        """Store a tree. One that cannot be stored is still a tree: it is used, and drawn again next time."""
        try:
            self._cache.set(self._key(text), zlib.compress(_ROWS.dump_json([astuple(token) for token in tree.tokens]), level=6))
        except StorageError as error:
            if not self._cannot_store:
                _log.warning("%s; the trees of this run are used, but not remembered", error)
            self._cannot_store = True

    def _recall(self, text: str) -> Tree | None:
        kept = self._cache.get(self._key(text))
        if kept is None:
            return None
        try:
            return Tree(text, tuple(Token(*row) for row in _ROWS.validate_json(zlib.decompress(kept))))
        except (ValidationError, zlib.error):
            return None

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"tree {_FORM} {self.identity}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
