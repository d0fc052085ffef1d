"""Files that are one article: texts, pages, single objects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from extractor.readers.archives.compression import FAULTS
from extractor.readers.archives.entries import Content, Entry, Fields, Page, Text
from extractor.readers.archives.reading import Source

_LINES: Final = "if it has one object a line, add --format jsonl"


def text(source: Source) -> Iterator[Entry]:
    """Yield the plain text that the file is."""
    yield _whole(source, source.rules.most, Text)


def page(source: Source) -> Iterator[Entry]:
    """Yield the page of HTML that the file is."""
    yield _whole(source, source.rules.most, Page)


def object_(source: Source) -> Iterator[Entry]:
    """Yield the JSON object that the file is."""
    entry = _whole(source, source.rules.longest, Fields)
    if isinstance(entry.content, Fields) and entry.content.raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        why = f"holds a JSON list, not one object; write one object a line, for example with: jq -c '.[]'; or {_LINES}"
        entry = source.failed(why, known_by=entry.key)
    yield entry


def _whole(source: Source, most: int, kind: Callable[[bytes], Content]) -> Entry:
    try:
        with source.open() as opened:
            raw = opened.stream.read(most + 1)
            if len(raw) <= most:
                return source.entry(kind(raw))
            known = hashlib.sha256(raw).digest() + str(source.file.size).encode()
            why = f"is larger than {most / 1e6:g} MB, too large for one article; split it, or raise EXTRACTOR_MAX_BYTES"
            return source.failed(why, known_by=known, read=source.file.size)
    except FAULTS as error:
        return source.broken(error)
