"""Web archives (WARC), as CC-NEWS publishes them: the pages that were fetched with success, one an entry.

fastwarc gives a short record where the file is cut off and says nothing; so lengths are compared here. It stops where the
file is damaged; so the next record is looked for behind, and what lies between is one failed entry.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from extractor.errors import MissingExtraError
from extractor.readers.archives.compression import FAULTS, Unpacked
from extractor.readers.archives.entries import Entry, Page
from extractor.readers.archives.reading import Source

REVISITS: Final = "revisit records, skipped"
OTHERS: Final = "web records that are no successfully fetched HTML, skipped"
CUT: Final = "pages the crawler cut short, read as far as they go"
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_FORGIVEN: Final = 2
"""Bytes a record may be short: the archives of CC-MAIN-2018-34 count them wrongly."""
_BEGINNINGS: Final = {"": b"WARC/1.", ".gz": b"\x1f\x8b\x08", ".zst": b"\x28\xb5\x2f\xfd"}
_TRIES: Final = 1000
"""Places of a file at which reading is begun anew before its rest is given up."""


class _Types(NamedTuple):
    """Numbers of fastwarc's types of records; its enumeration is slow to compute with."""

    revisit: int
    warcinfo: int
    request: int
    metadata: int
    resource: int
    response: int


class _CutOffError(EOFError):
    """A record ends before its length."""


def read(source: Source) -> Iterator[Entry]:
    """Yield the pages of the file."""
    try:
        from fastwarc import warc
    except ImportError as error:
        msg = "web archives need the package fastwarc; install it with: pip install 'claim-extractor[archives]'"
        raise MissingExtraError(msg) from error
    try:
        with source.file.path.open("rb") as file:
            yield from _Reading(source, file, warc).entries()
    except FAULTS as error:
        yield source.broken(error)


class _Reading:
    """A web archive being read.

    Args:
        source: Makes its entries.
        file: The archive, open.
        warc: fastwarc's module.
    """

    def __init__(self, source: Source, file: BinaryIO, warc: Any) -> None:
        self._source = source
        self._file = file
        self._iterate = warc.ArchiveIterator
        self._types = _Types(*(int(getattr(warc.WarcRecordType, name)) for name in _Types._fields))
        self._number = 0
        self._at = 0
        self._packing = next((packing for packing in (".gz", ".zst") if _begins(file, _BEGINNINGS[packing])), "")

    def entries(self) -> Iterator[Entry]:
        """Yield the pages, and an entry for each stretch that is damaged."""
        damaged: tuple[int, Exception] | None = None
        start = 0
        for _ in range(_TRIES):
            try:
                for entry in self._from(start):
                    if damaged is not None:
                        yield self._damaged(*damaged, f"reading goes on at byte {self._at}")
                        damaged = None
                    if entry is not None:
                        yield entry
            except FAULTS as error:
                damaged = damaged or (self._at, error)
                behind = self._next(max(self._at, start) + 1)
                if behind is None:
                    break
                start = behind
            else:
                break
        if damaged is not None:
            yield self._damaged(*damaged, "the rest of the file is lost")

    def _from(self, start: int) -> Iterator[Entry | None]:
        """Yield the pages from byte ``start`` of the file on, and None for every other record.

        Raises:
            OSError: The file is damaged behind ``self._at``, where the last record begins.
            EOFError: It is cut off.
        """
        self._file.seek(start)
        stream = Unpacked(self._file, self._packing) if self._packing else None
        last = None
        for record in self._iterate(stream or self._file, parse_http=False, stream_detect=False):
            self._at = stream.origin(record.stream_pos) if stream is not None else record.stream_pos
            self._number += 1
            size = record.content_length
            if not size and record.headers.get("Content-Length") != "0":
                msg = "the head of a record is damaged"
                raise OSError(msg)
            last = (record, size)
            yield self._entry(record)
        if last is not None and _end(*last) > (stream or self._file).tell():
            raise _CutOffError

    def _entry(self, record: Any) -> Entry | None:
        kind = int(record.record_type)
        if kind == self._types.revisit:
            self._source.rules.counts[REVISITS] += 1
            return None
        if kind & (self._types.warcinfo | self._types.request | self._types.metadata):
            return None
        if not self._is_page(record, kind):
            self._source.rules.counts[OTHERS] += 1
            return None
        return self._page(record)

    def _page(self, record: Any) -> Entry:
        size, most, position = record.content_length, self._source.rules.most, f"record {self._number} at byte {self._at}"
        url = record.headers.get("WARC-Target-URI")
        captured = record.record_date.date() if record.record_date else None
        if size > most:
            why = f"is {size / 1e6:,.1f} MB, larger than {most / 1e6:g} MB; raise EXTRACTOR_MAX_BYTES if it is an article"
            return self._source.failed(why, position, known_by=f"{url} {captured} {size}", read=self._at)
        raw = _all(record.reader, size)
        if len(raw) < size - _FORGIVEN:
            raise _CutOffError
        if record.headers.get("WARC-Truncated"):
            self._source.rules.counts[CUT] += 1
        http = record.http_headers
        encodings = ",".join(http.get(name) or "" for name in ("Content-Encoding", "Transfer-Encoding")) if http is not None else ""
        packed = tuple(word.strip().lower() for word in encodings.split(",") if word.strip())
        return self._source.entry(Page(raw, url, captured, record.http_charset, packed), position, read=self._at)

    def _is_page(self, record: Any, kind: int) -> bool:
        """Return whether ``record`` is a page of HTML that was fetched with success; its HTTP headers are parsed then."""
        if kind == self._types.resource:
            return (record.headers.get("Content-Type") or "").partition(";")[0].strip().lower() in _HTML
        if kind != self._types.response or not record.is_http:
            return False
        record.parse_http(strict_mode=False)
        http = record.http_headers
        return http is not None and http.status_code is not None and 200 <= http.status_code < 300 and record.http_content_type in _HTML

    def _damaged(self, after: int, error: Exception, what_then: str) -> Entry:
        why = "the file is cut off" if isinstance(error, EOFError) else "the file is damaged"
        return self._source.failed(f"{why} in or behind the record at byte {after}; {what_then}", f"after byte {after}", read=self._at)

    def _next(self, start: int) -> int | None:
        """Return where a record may begin, from byte ``start`` on."""
        sought = _BEGINNINGS[self._packing]
        self._file.seek(start)
        kept = b""
        while piece := self._file.read(1 << 20):
            found = (kept + piece).find(sought)
            if found >= 0:
                return start - len(kept) + found
            start += len(piece)
            kept = (kept + piece)[1 - len(sought) :]
        return None


def _begins(file: BinaryIO, magic: bytes) -> bool:
    file.seek(0)
    return file.read(len(magic)) == magic


def _end(record: Any, size: int) -> int:
    """Return the byte before which a record of ``size`` bytes cannot end."""
    head = len("WARC/1.0\r\n") + sum(len(name) + len(value) + len(":\r\n") for name, value in record.headers.items_bytes())
    return int(record.stream_pos) + head + size


def _all(reader: Any, size: int) -> bytes:
    held = io.BytesIO()
    while held.tell() < size and (piece := reader.read(size - held.tell())):
        held.write(piece)
    return held.getvalue()
