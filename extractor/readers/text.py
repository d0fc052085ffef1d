"""Text files as documents: UTF-8, with the publication date from a header if there is one.

The text is kept exactly as it is in the file, header included, so offsets are the file's; only the header is no part of
the article. Two headers are known: front matter between lines of three hyphens, with ``key: value`` lines, and a leading
``date 2023-07-19``.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from extractor.documents import Document
from extractor.errors import ReaderError

STDIN: Final = "-"
_FRONT_MATTER: Final = re.compile(r"\ufeff?---[ \t]*\r?\n(?P<lines>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD: Final = re.compile(r"^(?P<key>[A-Za-z_]+):[ \t]*(?P<value>.*)$", re.MULTILINE)
_LEADING_DATE: Final = re.compile(r"\ufeff?\s*date:?\s+(?P<date>\d{4}-\d{2}-\d{2})(?=\s)\s*", re.IGNORECASE)
_KEYS: Final = {
    "published": "published", "date": "published", "title": "title", "publisher": "publisher", "outlet": "publisher",
    "language": "language", "lang": "language", "url": "url",
}  # fmt: skip
_BINARY: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "a PDF; save its text first, for example with pdftotext"),
    (b"PK\x03\x04", "a zip archive or office file; save its text first"),
    (b"\x1f\x8b", "gzip data; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data; unpack it first"),
)


def read(source: str, *, published: dt.date | None = None, most: int = 2_000_000) -> Document:
    """Return the document in the file ``source``, or on standard input where that is ``-``.

    Args:
        source: Path of a file, or ``-``.
        published: Publication date; it wins over one in the file.
        most: Largest size accepted, in bytes.

    Raises:
        ReaderError: It cannot be read as an article; the message says why and what to do.
    """
    name = "standard input" if source == STDIN else source
    return parse(decode(_bytes(source, name, most), name), name=name, published=published)


def parse(text: str, *, name: str = "the text", published: dt.date | None = None) -> Document:
    """Return the document that ``text`` is, its header understood.

    Raises:
        ReaderError: The text is empty, no valid Unicode, or its header holds no usable date.
    """
    if not text.strip("\ufeff \t\r\n"):
        msg = f"{name} is empty"
        raise ReaderError(msg)
    fields: dict[str, object] = {}
    if front := _FRONT_MATTER.match(text):
        found = {m["key"].lower(): m["value"].rstrip(" \t\r").strip("\"'") for m in _FIELD.finditer(front["lines"])}
        fields = {_KEYS[key]: value for key, value in found.items() if key in _KEYS and value}
        fields["body_start"] = front.end()
    elif leading := _LEADING_DATE.match(text):
        fields = {"published": leading["date"], "body_start": leading.end()}
    if "published" in fields:
        fields["published"] = day(str(fields["published"]), name)
    if published is not None:
        fields["published"] = published
    try:
        return Document.model_validate({"text": text, **fields})
    except ValidationError as error:
        msg = f"{name} cannot be used: {error.errors(include_url=False)[0]['msg'].removeprefix('Value error, ')}"
        raise ReaderError(msg) from None


def day(text: str, name: str) -> dt.date:
    """Return the date that ``text`` begins with, written as YYYY-MM-DD.

    Raises:
        ReaderError: It is none.
    """
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        msg = f"the publication date of {name} is '{text[:10]}'; write it as YYYY-MM-DD"
        raise ReaderError(msg) from None


def _bytes(source: str, name: str, most: int) -> bytes:
    try:
        if source == STDIN:
            content = sys.stdin.buffer.read(most + 1)
        else:
            with Path(source).open("rb") as stream:
                content = stream.read(most + 1)
    except IsADirectoryError:
        msg = f"{name} is a folder; name its files, for example {name.rstrip('/')}/*.txt"
        raise ReaderError(msg) from None
    except FileNotFoundError:
        msg = f"there is no file {name}"
        raise ReaderError(msg) from None
    except (OSError, ValueError) as error:
        msg = f"{name} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ReaderError(msg) from error
    if len(content) > most:
        msg = f"{name} is larger than {most / 1e6:g} MB, too large for one article; split it, or raise EXTRACTOR_MAX_BYTES"
        raise ReaderError(msg)
    return content


def decode(content: bytes, name: str) -> str:
    """Return the text that ``content`` is: UTF-8, or UTF-16 with a byte order mark.

    Raises:
        ReaderError: It is something else.
    """
    for magic, what in _BINARY:
        if content.startswith(magic):
            msg = f"{name} is {what}"
            raise ReaderError(msg)
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        msg = (
            f"{name} is not {encoding.upper()} text (byte 0x{content[error.start]:02X} at {error.start}); convert it, for"
            f" example with: iconv -f WINDOWS-1252 -t UTF-8"
        )
        raise ReaderError(msg) from None
    if "\0" in text:
        msg = f"{name} is no text: it holds a NUL character at offset {text.index(chr(0))}"
        raise ReaderError(msg)
    return text
