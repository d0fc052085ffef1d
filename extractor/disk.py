"""Files that survive a kill and a loss of power: written through to the disk before anybody is told, replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from extractor.errors import DiskFullError, StorageError

ASIDE: Final = ".partial"
"""Ends the name of a file that is still being written."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_UNABLE: Final = {errno.EBADF, errno.EINVAL}
"""What file systems say that cannot wait for the names in a folder, such as some of networks; PostgreSQL passes over the same two."""
_CHUNK: Final = 1 << 20
_ROOM: Final = 1 << 20
"""Bytes below which a disk is taken to be full where the error itself does not say so."""


class Appended:
    """A file of lines that is appended to; a torn last line is cut off.

    Args:
        path: Where it is; it is made where there is none.

    Attributes:
        size: Its bytes.
        lines: How many lines it has.

    Raises:
        StorageError: It cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with told(path):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            self.size, self.lines, self._torn = _whole(path)
        self._named = bool(self.size)  # it may have been made just now, and lines are lost without their file's name

    def append(self, lines: Iterable[bytes]) -> None:
        """Append ``lines`` with one write; they are on the disk when it returns, or none of them is there.

        Raises:
            StorageError: They cannot be written.
        """
        content = list(lines)
        joined = b"".join(content)
        with told(self.path):
            self._trim()
            self._torn = True
            try:
                rest = memoryview(joined)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
                os.fsync(self._descriptor)
                if not self._named:
                    sync_folder(self.path.parent)
                    self._named = True
            except OSError:
                self._trim()
                raise
        self.size, self.lines, self._torn = self.size + len(joined), self.lines + len(content), False

    def cut(self, size: int, lines: int) -> None:
        """Cut it back to a size and number of lines that it had; where that fails, before the next append."""
        if size == self.size:
            return
        self.size, self.lines, self._torn = size, lines, True
        with suppress(OSError):
            self._trim()

    def close(self) -> None:
        """Close it."""
        with told(self.path):
            try:
                self._trim()
            finally:
                os.close(self._descriptor)

    def _trim(self) -> None:
        """Cut off what is no whole line: an append behind it would be damaged too."""
        if self._torn:
            os.ftruncate(self._descriptor, self.size)
            self._torn = False


def _whole(path: Path) -> tuple[int, int, bool]:
    """Return the bytes up to the last line end, the number of lines, and whether something stands behind them."""
    size = lines = position = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            lines += chunk.count(b"\n")
            if (last := chunk.rfind(b"\n")) >= 0:
                size = position + last + 1
            position += len(chunk)
    return size, lines, position > size


def whole_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file without their ends; what stands behind the last end was torn off by a kill and is no line.

    Raises:
        OSError: It is not there, or cannot be read.
    """
    with path.open("rb", buffering=_CHUNK) as stream:
        yield from (line[:-1] for line in stream if line.endswith(b"\n"))


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Translate the operating system's and SQLite's errors about ``path``.

    Raises:
        DiskFullError: There is no room.
        StorageError: It cannot be read or written for another reason.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if _is_full(error, path):
            msg = f"there is no room to write {path}; free disk space"
            raise DiskFullError(msg) from error
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        msg = (
            f"{path} cannot be read or written ({reason}); check the disk and its permissions, then run the same command again: it goes on"
        )
        raise StorageError(msg) from error


def _is_full(error: OSError | sqlite3.Error, path: Path) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF == sqlite3.SQLITE_IOERR:  # what SQLite says where its log's own index finds no room
        with suppress(OSError):
            return shutil.disk_usage(path.parent).free < _ROOM
    return bool(code == sqlite3.SQLITE_FULL)


def replace(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, through to the disk: whoever looks sees all of it, or what was there before.

    Raises:
        StorageError: It cannot be written; what was there is still there.
    """
    with told(path):
        with aside(path) as stream:
            stream.write(content)
        rename(path)


@contextmanager
def aside(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file beside ``path`` to be written; it is on the disk afterwards, but has its name only by ``rename``."""
    partial = path.with_name(path.name + ASIDE)
    try:
        with partial.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        with suppress(OSError):  # on a full disk its room is wanted
            partial.unlink()
        raise


def rename(*paths: Path) -> None:
    """Give the files written aside their names, in this order, through to the disk."""
    for path in paths:
        path.with_name(path.name + ASIDE).replace(path)
    if paths:
        sync_folder(paths[0].parent)


def through(path: Path) -> None:
    """Wait until the content of ``path``, which another program may have written, is on the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names of the files in ``folder`` are on the disk, where the system can."""
    with suppress(PermissionError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
        finally:
            os.close(descriptor)
