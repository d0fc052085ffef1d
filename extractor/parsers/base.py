"""The seam to a dependency parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from extractor.trees import Tree


class Parser(Protocol):
    """Something that finds the trees of sentences.

    The same sentence gets the same tree, whatever was parsed before it or beside it. Safe to call from many threads.
    """

    @property
    def identity(self) -> str:
        """SHA-256 of the model's data, in hexadecimal, for provenance."""
        ...

    def parse(self, texts: Sequence[str]) -> list[Tree]:
        """Return the tree of each of ``texts``, in order.

        Args:
            texts: One sentence each; any text is good, also an empty one.

        Returns:
            As many trees as texts. A tree has one root, or no tokens where its text has no words; the tokens do not overlap,
            and none is white space.
        """
        ...
