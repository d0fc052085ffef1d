"""Tables of comma-separated values, with the names of the columns in the first row."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, Final

from extractor.readers.archives import objects
from extractor.readers.archives.compression import FAULTS
from extractor.readers.archives.entries import Entry, Fields
from extractor.readers.archives.lines import Overlong, lines
from extractor.readers.archives.reading import Source

_DELIMITERS: Final = ",;\t|"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _TooLargeError(Exception):
    """A row is larger than the limit."""


class _Rows:
    """The lines of a table for ``csv.reader``, which holds a row as long as its quotes are open; this bounds it.

    Attributes:
        digest: Digest of the row that was too large.
    """

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._lines = lines(stream, most)
        self._most = most
        self._size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if isinstance(line, Overlong):
            self.digest.update(line.digest)
            raise _TooLargeError
        self._size += len(line)
        self.digest.update(line)
        if self._size > self._most:
            raise _TooLargeError
        return line.decode("utf-8", "surrogateescape")

    def begin(self) -> None:
        """Count anew, for the next row."""
        self._size = 0
        self.digest = hashlib.sha256()


def read(source: Source) -> Iterator[Entry]:
    """Yield the rows of the file."""
    number = 0
    try:
        with source.open() as opened:
            if opened.stream.peek(2)[:2] in _UTF_16:
                yield source.failed("is UTF-16; convert it, for example with: iconv -f UTF-16 -t UTF-8", read=source.file.size)
                return
            rows = _Rows(opened.stream, source.rules.longest)
            csv.field_size_limit(max(csv.field_size_limit(), source.rules.longest))
            names, delimiter = _header(rows)
            if wrong := _wrong(names, source):
                yield source.failed(wrong, read=source.file.size)
                return
            table = csv.reader(rows, delimiter=delimiter)
            while True:
                number += 1
                rows.begin()
                try:
                    cells = next(table)
                except StopIteration:
                    return
                except (_TooLargeError, csv.Error):
                    why = f"is larger than {source.rules.longest / 1e6:g} MB, or a quote in it is never closed; correct it"
                    yield source.failed(why, f"row {number}", known_by=rows.digest.digest())
                    continue
                if not cells:
                    number -= 1
                elif len(cells) != len(names):
                    why = f"has {len(cells)} cells where the header names {len(names)} columns; quote texts that hold '{delimiter}'"
                    yield source.failed(why, f"row {number}", known_by=rows.digest.digest())
                else:
                    row = {name: cell for name, cell in zip(names, cells, strict=True) if name}
                    yield source.entry(Fields(objects.dump(row)), f"row {number}")
    except FAULTS as error:
        yield source.broken(error, f"from row {number} on" if number else "")


def _header(rows: _Rows) -> tuple[list[str], str]:
    """Return the names of the columns, and what stands between them."""
    try:
        first = next(rows, "").removeprefix("\ufeff")
        delimiter = max(_DELIMITERS, key=first.count)
        return [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])], delimiter
    except (_TooLargeError, csv.Error):
        return [], ","


def _wrong(names: list[str], source: Source) -> str | None:
    """Return why a file with such a header cannot be read."""
    if not any(names):
        return "has no header; write the names of the columns into its first row"
    if twice := [name for name, times in Counter(names).items() if times > 1 and name]:
        return f"has the column '{twice[0][:40]}' more than once; rename one"
    return source.rules.naming.lacks_text(names)
