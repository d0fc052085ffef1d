"""Files opened for reading, unpacked on the way; never more than a small piece of them is held.

The streams of the gzip and zstd packages do not say where a frame begins, and zstd's takes a frame that is cut off for a
whole one, so frames are fed by hand.
"""

from __future__ import annotations

import io
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from extractor.errors import MissingExtraError

FAULTS: Final = (OSError, EOFError)
"""What reading raises where a file is damaged, or cut off."""
_PIECE: Final = 1024
"""Packed bytes fed at a time: zstd makes up to 128 KiB of four bytes, so at most 32 MiB of these."""


class Unpacked(io.RawIOBase):
    """The bytes of a packed file, from one of its frames on.

    Args:
        file: The file, at the beginning of a frame.
        packing: A suffix of ``PACKINGS``.
    """

    def __init__(self, file: BinaryIO, packing: str) -> None:
        self._file = file
        self._frame_of, self._broken = PACKINGS[packing]()
        self._frame: Any = None
        self._packed = b""
        self._unpacked = memoryview(b"")
        self._given = 0
        self._begun: deque[tuple[int, int]] = deque([(0, file.tell())])

    def readable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Return the place in the unpacked bytes; there is no going elsewhere."""
        if (offset, whence) != (0, io.SEEK_CUR):
            raise io.UnsupportedOperation
        return self._given

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer`` with what comes next, as far as it is at hand; return how many bytes that is, 0 at the end.

        Raises:
            OSError: The file is damaged.
            EOFError: It ends inside a frame.
        """
        while not self._unpacked:
            self._packed = self._packed or self._file.read(_PIECE)
            if not self._packed:
                if self._frame is None:
                    return 0
                msg = "the file ends inside packed data"
                raise EOFError(msg)
            self._unpack()
        target = memoryview(buffer)
        size = min(len(target), len(self._unpacked))
        target[:size] = self._unpacked[:size]
        self._unpacked = self._unpacked[size:]
        self._given += size
        return size

    def origin(self, place: int) -> int:
        """Return where in the file the frame begins that holds byte ``place`` of the unpacked; places asked for must not descend."""
        while len(self._begun) > 1 and self._begun[1][0] <= place:
            self._begun.popleft()
        return self._begun[0][1]

    def _unpack(self) -> None:
        if self._frame is None:
            self._packed = self._packed.lstrip(b"\0")  # padding between frames
            if not self._packed:
                return
            self._frame = self._frame_of()
            self._begun.append((self._given, self._file.tell() - len(self._packed)))
        try:
            self._unpacked = memoryview(self._frame.decompress(self._packed))
        except self._broken as error:
            raise OSError(str(error)) from error
        self._packed = self._frame.unused_data if self._frame.eof else b""
        self._frame = None if self._frame.eof else self._frame


class Opened:
    """A file being read.

    Args:
        path: The file.
        packing: A suffix of ``PACKINGS``, or empty.

    Attributes:
        stream: Its bytes, unpacked and buffered.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path, packing: str = "") -> None:
        self._file = path.open("rb", buffering=0)
        raw = Unpacked(io.BufferedReader(self._file, 1 << 16), packing) if packing else self._file
        self.stream = io.BufferedReader(raw, 1 << 16)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self._file.close()

    def tell(self) -> int | None:
        """Return how many bytes of the file, as it is on disk, have been read; None once it is closed."""
        return None if self._file.closed else self._file.tell()


def _gzip() -> tuple[Callable[[], Any], type[Exception]]:
    return lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), zlib.error


def _zstd() -> tuple[Callable[[], Any], type[Exception]]:
    try:
        import zstandard
    except ImportError as error:
        msg = "zstd files need the package zstandard; install it with: pip install 'claim-extractor[archives]'"
        raise MissingExtraError(msg) from error
    return zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError


PACKINGS: Final[dict[str, Callable[[], tuple[Callable[[], Any], type[Exception]]]]] = {".gz": _gzip, ".zst": _zstd}
"""What the last suffix of a file says about how it is packed: what unpacks a frame, and what it raises."""
