"""The entries that are still to be done, read ahead in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Literal, Protocol

from extractor.batch.results import Visit
from extractor.batch.tally import Tally
from extractor.readers.archives.entries import Entry

Retry = Literal["passing", "all", "none"]
"""Which of the articles given up earlier are tried again."""

CHUNK: Final = 64
"""Entries read, and looked up, at once: an entry may hold 2 MB."""

_AGAIN: Final[dict[Retry, tuple[Visit, ...]]] = {"passing": ("passing",), "all": ("passing", "failed"), "none": ()}


class Visits(Protocol):
    """Remembers which entries were met, and what became of them."""

    def visit(self, keys: Sequence[bytes]) -> list[Visit]:
        """Note that the entries were met, and return what was known of each."""
        ...


class Feed:
    """Yields what is still to be done of a batch's inputs, and counts what it passes over.

    Args:
        entries: All entries, in order.
        visits: What is known of them.
        tally: Where they are counted.
        shard: Which of how many shares of the entries are wanted, from 1.
        limit: Most entries, those that are done included.
        retry: Which of the given up are tried again.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        visits: Visits,
        tally: Tally,
        *,
        shard: tuple[int, int] = (1, 1),
        limit: int | None = None,
        retry: Retry = "passing",
    ) -> None:
        self._entries = islice(self._mine(entries, shard), limit) if limit is not None else self._mine(entries, shard)
        self._visits = visits
        self._tally = tally
        self._again = _AGAIN[retry]

    def chunk(self) -> list[Entry] | None:
        """Return the next entries to be done, perhaps none of those read; None at the end of the inputs. Blocks while it reads.

        Raises:
            ReaderError: An input as a whole cannot be read.
        """
        met = list(islice(self._entries, CHUNK))
        if not met:
            self._tally.ended = True
            return None
        wanted = []
        for entry, known in zip(met, self._visits.visit([entry.key for entry in met]), strict=True):
            if known == "new" or known in self._again:
                wanted.append(entry)
            else:
                self._count(known)
        self._tally.inputs += len(met)
        self._tally.read = max(self._tally.read, met[-1].read)
        return wanted

    def _count(self, known: Visit) -> None:
        if known == "repeated":
            self._tally.repeated += 1
        elif known == "done":
            self._tally.done += 1
        else:
            self._tally.failed += 1

    @staticmethod
    def _mine(entries: Iterable[Entry], shard: tuple[int, int]) -> Iterator[Entry]:
        number, of = shard
        return (entry for entry in entries if int.from_bytes(entry.key, "big") % of == number - 1)
