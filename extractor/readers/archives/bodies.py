"""Bodies of web pages as they were sent: HTTP encodings taken off, bytes turned into characters.

This runs in the process that reads pages, so that what is made to swell or hang can be killed.
"""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

_META: Final = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_HEAD: Final = 4096
_WIDER: Final = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"}
"""What browsers read instead of what pages say."""


def unpacked(raw: bytes, encodings: list[str], most: int) -> bytes:
    """Return ``raw`` without its HTTP encodings, the last applied taken off first; not more than ``most`` bytes and one.

    Args:
        raw: The body as it was sent.
        encodings: In the order in which they were applied.
        most: Largest size of a page, in bytes.

    Raises:
        ValueError: An encoding is unknown.
        OSError: The data are damaged.
    """
    for encoding in reversed(encodings):
        if encoding not in _DECODERS:
            msg = f"unknown encoding {encoding[:20]}"
            raise ValueError(msg)
        # Archives often keep the header of an encoding that the crawler has taken off already.
        with suppress(_NotPackedError):
            raw = _DECODERS[encoding](raw, most + 1)
    return raw


class _NotPackedError(Exception):
    """The data are not packed as their header says."""


def _identity(raw: bytes, _: int) -> bytes:
    return raw


def _inflated(raw: bytes, most: int) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        raise _NotPackedError
    return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(raw, most)


def _deflated(raw: bytes, most: int) -> bytes:
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # servers send both
        with suppress(zlib.error):
            return zlib.decompressobj(window).decompress(raw, most)
    raise _NotPackedError


def _brotli(raw: bytes, most: int) -> bytes:
    from fastwarc.stream_io import BrotliReader

    try:
        return _all(BrotliReader(io.BytesIO(raw)), most)
    except OSError:
        raise _NotPackedError from None


def _zstd(raw: bytes, most: int) -> bytes:
    from fastwarc.stream_io import ZstdReader

    if not raw.startswith(b"\x28\xb5\x2f\xfd"):
        raise _NotPackedError
    return _all(ZstdReader(io.BytesIO(raw)), most)


def _all(reader: Any, most: int) -> bytes:
    held = b""
    while len(held) < most and (piece := reader.read(most - len(held))):
        held += piece
    return held


def _chunked(raw: bytes, _: int) -> bytes:
    held, place = io.BytesIO(), 0
    while True:
        end = raw.find(b"\r\n", place, place + 100)
        size = raw[place:end].partition(b";")[0].strip() if end >= 0 else b""
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
            if not place:
                raise _NotPackedError
            break
        if int(size, 16) == 0:
            break
        held.write(raw[end + 2 : end + 2 + int(size, 16)])
        place = end + 2 + int(size, 16) + 2
    return held.getvalue()


_DECODERS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "identity": _identity, "gzip": _inflated, "x-gzip": _inflated, "deflate": _deflated, "br": _brotli, "zstd": _zstd, "chunked": _chunked,
}  # fmt: skip


def decoded(raw: bytes, charset: str | None) -> str | bytes:
    """Return the characters of a page: by its byte order mark, as UTF-8 if it is that, by its server's word, by its own.

    Bytes are returned as they are where none of these holds.
    """
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    meta = _META.search(raw, 0, _HEAD)
    named = [charset, meta[1].decode("ascii") if meta else None]
    misleading = {0, 0x1B} & set(raw[:_HEAD])  # UTF-16 and ISO-2022 are valid UTF-8
    for name in [*named, "utf-8"] if misleading else ["utf-8", *named]:
        if name:
            with suppress(LookupError, UnicodeError):
                known = codecs.lookup(name).name
                return raw.decode(_WIDER.get(known, known))
    return raw
