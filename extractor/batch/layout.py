"""The names of a batch's files.

Every shard has files of its own, told apart by ``-2of4`` behind the word, so that shards on several machines can share a
folder and ``claims-*.parquet`` is all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extractor.disk import ASIDE

_SEALED: Final = {"claims": "parquet", "articles": "parquet", "extractions": "jsonl.zst"}
_MANIFEST: Final = re.compile(r"run(?:-(\d+)of(\d+))?\.json")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one shard of a batch.

    Attributes:
        folder: Where they are.
        shard: Which of how many shards, from 1.
    """

    folder: Path
    shard: tuple[int, int] = (1, 1)

    @property
    def manifest(self) -> Path:
        """What was asked of whom, and how it went."""
        return self.folder / f"run{self._suffix}.json"

    @property
    def failures(self) -> Path:
        """The dead letters."""
        return self.folder / f"failures{self._suffix}.jsonl"

    @property
    def index(self) -> Path:
        """Which entries are finished or given up."""
        return self.folder / f"index{self._suffix}.sqlite"

    @property
    def lock(self) -> Path:
        """Held by the process that writes."""
        return self.folder / f"run{self._suffix}.lock"

    def part(self, number: int) -> Path:
        """Finished articles that are not sealed yet."""
        return self.folder / f"part{self._suffix}-{number:05d}.tsv"

    def claims(self, number: int) -> Path:
        """The claims of a sealed part, one a row."""
        return self._sealed("claims", number)

    def articles(self, number: int) -> Path:
        """The articles of a sealed part, one a row."""
        return self._sealed("articles", number)

    def extractions(self, number: int) -> Path:
        """The extractions of a sealed part, one a line."""
        return self._sealed("extractions", number)

    def sealed(self, number: int) -> tuple[Path, Path, Path]:
        """The files of a sealed part, in the order in which they get their names: with the last one the part is sealed."""
        return self.claims(number), self.articles(number), self.extractions(number)

    def numbers(self) -> dict[str, set[int]]:
        """Return the numbers of the parts that each kind of file is there for: part, claims, articles, extractions."""
        found: dict[str, set[int]] = {"part": set(), **{word: set() for word in _SEALED}}
        pattern = re.compile(rf"(part|claims|articles|extractions){self._suffix}-(\d{{5,}})\.(tsv|parquet|jsonl\.zst)")
        for path in self.folder.iterdir():
            if (named := pattern.fullmatch(path.name)) is not None and named[3] == _SEALED.get(named[1], "tsv"):
                found[named[1]].add(int(named[2]))
        return found

    def asides(self) -> Iterator[Path]:
        """Yield the files that a kill has left half written."""
        pattern = re.compile(rf"(?:claims|articles|extractions|failures|run){self._suffix}(?:-\d{{5,}})?\.[a-z.]+{re.escape(ASIDE)}")
        yield from (path for path in self.folder.iterdir() if pattern.fullmatch(path.name))

    @property
    def _suffix(self) -> str:
        number, of = self.shard
        return "" if of == 1 else f"-{number}of{of}"

    def _sealed(self, word: str, number: int) -> Path:
        return self.folder / f"{word}{self._suffix}-{number:05d}.{_SEALED[word]}"


def shards(folder: Path) -> list[tuple[int, int]]:
    """Return the shards that have a manifest in ``folder``."""
    named = (_MANIFEST.fullmatch(path.name) for path in sorted(folder.iterdir()))
    return [(int(one[1] or 1), int(one[2] or 1)) for one in named if one is not None]
