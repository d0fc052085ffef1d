"""Entries: the articles of an archive where they stand, not yet parsed.

An entry carries what its document will be made from, and a key: the digest of those bytes and of what decides how they are
read. So an article that is finished is known again without parsing it, in whatever file and order it comes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

from extractor.errors import ReaderError

_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Text:
    """A plain text, front matter included.

    Attributes:
        raw: Its bytes, not yet decoded.
    """

    raw: bytes


@dataclass(frozen=True, slots=True)
class Fields:
    """Named values: a JSON object, or a row of a table written as one.

    Attributes:
        raw: The object as JSON.
    """

    raw: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A page of HTML.

    Attributes:
        raw: Its bytes as they were sent, still encoded.
        url: Where it was fetched.
        captured: The day it was fetched.
        charset: The one its server named.
        encodings: How its bytes are packed, in the order in which they were: ``("gzip", "chunked")``.
    """

    raw: bytes
    url: str | None = None
    captured: dt.date | None = None
    charset: str | None = None
    encodings: tuple[str, ...] = ()


Content = Text | Fields | Page


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of an archive.

    Attributes:
        source: The file, as the user named it.
        position: Where in the file, such as ``line 17``; empty for a file that is one article.
        key: 16 bytes; equal for equal content read by equal rules.
        content: What its document is made from; None where ``error`` says why there is none.
        error: Why it cannot be read; such an entry counts as one failed article.
        read: Bytes of all inputs read so far, for progress.
    """

    source: str
    position: str
    key: bytes
    content: Content | None
    error: ReaderError | None = None
    read: int = 0

    @property
    def where(self) -> str:
        """File and position, for messages."""
        return place(self.source, self.position)


def place(source: str, position: str) -> str:
    """Return file and position as one phrase, for messages."""
    return f"{source}, {position}" if position else source


class Keys:
    """Makes keys.

    Args:
        rules: Digest of what decides how content is read, beside its kind.
    """

    def __init__(self, rules: bytes) -> None:
        self._bases = {kind: hashlib.sha256(kind.__name__.encode() + b"\0" + rules) for kind in (Text, Fields, Page)}
        self._failed = hashlib.sha256(b"failed\0" + rules)

    def of(self, content: Content) -> bytes:
        """Return the key of ``content``."""
        digest = self._bases[type(content)].copy()
        if isinstance(content, Page):
            about = (content.url or "", str(content.captured or ""), content.charset or "", *content.encodings)
            digest.update("\0".join(about).encode("utf-8", "surrogatepass") + b"\0\0")
        digest.update(content.raw)
        return digest.digest()[:_KEY_BYTES]

    def of_failed(self, *identity: str | bytes) -> bytes:
        """Return the key of an entry without content, known by ``identity``."""
        digest = self._failed.copy()
        for part in identity:
            raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            digest.update(len(raw).to_bytes(8, "big") + raw)
        return digest.digest()[:_KEY_BYTES]
