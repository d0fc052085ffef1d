"""Archives for tests: records of the web, files written at once, and what is read from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extractor import Document
from extractor.errors import ReaderError
from extractor.readers.archives.entries import Entry
from extractor.readers.archives.inputs import Inputs
from extractor.readers.archives.pages import Pages

PAGE = b"""<!doctype html><html lang="en-GB"><head><title>Ostrava counts its losses</title>
<meta property="og:site_name" content="The Ledger"><meta property="article:published_time" content="2023-07-19T10:11:12+02:00">
</head><body><nav><a href="/">Home</a></nav><article><h1>Ostrava counts its losses</h1>
<p>Velorian forces lost 310 soldiers over the past day, Ostrava's military said on Wednesday.</p>
<p>It is not possible to independently verify the count.</p></article></body></html>"""


def http(body: bytes, *, kind: str = "text/html; charset=utf-8", status: str = "200 OK", more: str = "") -> bytes:
    """Return a response of a server."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def record(
    block: bytes, *, url: str = "https://ledger.example/a", kind: str = "response", more: str = "", date: str = "2023-07-20"
) -> bytes:
    """Return a record of a web archive."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789abc>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: {date}T10:00:00Z\r\nContent-Type: application/http; msgtype={kind}\r\n{more}"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def written(folder: Path, name: str, content: bytes | str) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def entries(*paths: Path | str, **how: Any) -> list[Entry]:
    """Return all entries."""
    return list(Inputs([str(path) for path in paths], **how))


async def read(*paths: Path | str, pages: Pages | None = None, **how: Any) -> list[Document | str]:
    """Return the document of each entry, or the message that says why there is none; ``pages`` are left open."""
    inputs = Inputs([str(path) for path in paths], pages=pages, **how)
    found: list[Document | str] = []
    try:
        for entry in inputs:
            try:
                found.append(await inputs.document(entry))
            except ReaderError as error:
                found.append(str(error))
    finally:
        if pages is None:
            await inputs.aclose()
    return found
