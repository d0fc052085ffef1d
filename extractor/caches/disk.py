"""Answers on disk, in diskcache, made safe.

diskcache pickles what it does not know and unpickles what it reads (CVE-2025-69872), forgets beyond 1 GB, and trusts
its rows. Here keys are text and values bytes, a row of any other kind is refused before it is decoded, every value
carries the SHA-256 of its key and itself, nothing is evicted, and the folder is the owner's alone.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import diskcache
from diskcache.core import MODE_RAW

from extractor.caches.checksums import checked, with_checksum
from extractor.errors import StorageError

_log = logging.getLogger(__name__)
_NEVER_A_FILE: Final = 2**40


class RefusedRowError(ValueError):
    """A row that this cache did not write."""


class SafeDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Stores text keys and bytes, inside the database, and neither writes nor reads a pickle."""

    def put(self, key: Any) -> tuple[str, bool]:
        """Return the key as a row holds it."""
        if type(key) is not str:
            msg = f"keys are text, not {type(key).__name__}"
            raise TypeError(msg)
        return key, True

    def get(self, key: Any, raw: bool) -> str:
        """Return the key of a row."""
        if not raw or type(key) is not str:
            raise RefusedRowError
        return key

    def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, sqlite3.Binary]:  # noqa: ARG002  # diskcache's signature
        """Return the value as a row holds it."""
        if read or type(value) is not bytes:
            msg = f"values are bytes, not {type(value).__name__}"
            raise TypeError(msg)
        return len(value), MODE_RAW, None, sqlite3.Binary(value)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> bytes:
        """Return the value of a row, refusing pickles and file names."""
        if read or mode != MODE_RAW or filename is not None or not isinstance(value, bytes):
            raise RefusedRowError
        return bytes(value)


class DiskCache:
    """A Cache in a folder; see the module's head.

    Args:
        folder: Where it lives; created with mode 0700.

    Raises:
        StorageError: The folder cannot be used.
    """

    remote: Final = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with _told(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._quarantine()
                self._open()

    def get(self, key: str) -> bytes | None:
        """Return the value of ``key``; a damaged or foreign row is a miss, with one warning, and is dropped."""
        try:
            stored = self._cache.get(key)
        except (RefusedRowError, sqlite3.DatabaseError, TypeError, ValueError, OSError) as error:
            self._drop(key, type(error).__name__)
            return None
        if stored is None:
            return None
        value = checked(key, bytes(stored))
        if value is None:
            self._drop(key, "its checksum differs")
        return value

    def set(self, key: str, value: bytes) -> None:
        """Remember ``value``.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        with _told(self.folder):
            self._cache.set(key, with_checksum(key, value))

    def drop(self, key: str) -> None:
        """Forget ``key``, whose value its reader cannot use."""
        try:
            self._cache._sql("DELETE FROM Cache WHERE key = ?", (key,))
        except sqlite3.Error:
            _log.debug("the damaged row %s could not be dropped", key[:12])

    def keys(self) -> Iterator[str]:
        """Yield every key that can be read."""
        rows = self._cache._sql("SELECT key FROM Cache WHERE raw = 1 AND typeof(key) = 'text' ORDER BY rowid")
        yield from (key for (key,) in rows.fetchall())

    def stats(self) -> dict[str, int]:
        """Return the number of entries and the bytes on disk."""
        with _told(self.folder):
            return {"entries": len(self._cache), "bytes": sum(f.stat().st_size for f in self.folder.rglob("*") if f.is_file())}

    def clear(self) -> int:
        """Forget everything; return how many entries there were."""
        with _told(self.folder):
            return int(self._cache.clear())

    def verify(self) -> tuple[int, int]:
        """Read every entry; return how many are whole and how many were damaged, and so dropped."""
        with _told(self.folder):
            total = len(self._cache)
            whole = sum(self.get(key) is not None for key in list(self.keys()))
            return whole, total - whole

    def close(self) -> None:
        """Close the database."""
        self._cache.close()

    def _open(self) -> None:
        self._cache = diskcache.Cache(
            str(self.folder), disk=SafeDisk, eviction_policy="none", cull_limit=0, size_limit=2**50,
            statistics=0, tag_index=0, disk_min_file_size=_NEVER_A_FILE, sqlite_synchronous=1,
        )  # fmt: skip
        for file in self.folder.iterdir():
            if file.is_file():
                file.chmod(0o600)

    def _drop(self, key: str, why: str) -> None:
        _log.warning("the cached answer %s is damaged (%s): it is dropped and will be asked for again", key[:12], why)
        self.drop(key)

    def _quarantine(self) -> None:
        aside = self.folder.with_name(f"{self.folder.name}.damaged-{time.time_ns()}")
        self.folder.rename(aside)
        self.folder.mkdir(mode=0o700)
        _log.warning("the cache %s is damaged: it is set aside as %s and a new one is begun", self.folder, aside.name)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Translate the operating system's and SQLite's errors."""
    try:
        yield
    except (OSError, sqlite3.Error, diskcache.Timeout) as error:
        msg = f"the cache in {folder} cannot be used ({error}); free disk space, check its permissions, or add --no-cache"
        raise StorageError(msg) from error
