"""The file that keys, and what was spent by them, are kept in: SQLite, shared by the processes of one service.

A service without keys is open to whoever reaches it, so a file that has lost its keys must never pass for one that has none. It gets
its name only when its tables are in it, and one that is empty, damaged or not whole is refused rather than made anew. A change is on
the disk when its transaction ends: a revoked key stays revoked after a loss of power.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Final

from extractor.disk import sync_folder
from extractor.errors import StorageError
from extractor.service import sqlite_files

NAME: Final = "keys.sqlite"

_APPLICATION: Final = 0x434B4559
"""SQLite's mark of whose file it is."""
_VERSION: Final = 1
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE keys (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (typeof(digest) = 'blob' AND length(digest) = 32), created REAL NOT NULL, revoked REAL,
  rate INTEGER, in_flight INTEGER, tokens_a_day INTEGER, webhook_secret TEXT NOT NULL
);
CREATE TABLE spending (
  key TEXT NOT NULL, day TEXT NOT NULL, owner TEXT NOT NULL, spent INTEGER NOT NULL, held INTEGER NOT NULL, PRIMARY KEY (key, day, owner)
) WITHOUT ROWID;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
COMMIT;
"""


class KeyFile:
    """The file in a service's folder, opened; calls may come from any thread.

    Args:
        folder: The service's folder. It and the file are made, for their owner alone, where there are none.

    Raises:
        StorageError: The file is damaged, of another program or version, or cannot be used, or anybody may write to the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = threading.Lock()
        with self._told():
            _private(folder)
            if not self.path.exists():
                _make(self.path)
            self.path.chmod(0o600)  # the files beside it get the same
            self._identity = _identity(self.path)
            self._sql = sqlite_files.connected(self.path)
            try:
                self._check()
                self._sql.executescript(sqlite_files.SETTINGS)
            except BaseException:
                self._sql.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for one statement.

        Raises:
            StorageError: The file cannot be read.
        """
        with self._told(), self._lock:
            yield self._sql

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection whose changes are all on the disk at the end, or, after an error, none of them.

        Raises:
            DiskFullError: There is no room.
            StorageError: The file cannot be written.
        """
        with self._told(), self._lock, sqlite_files.changing(self._sql) as sql:
            yield sql

    def gather(self) -> None:
        """Bring the log of changes into the file itself, so that a copy of it has them; what others still read stays in the log too."""
        with self._told(), self._lock:
            sqlite_files.gather(self._sql)

    def replaced(self) -> bool:
        """Tell whether another file has taken this one's place since it was opened.

        Raises:
            StorageError: There is none any more.
        """
        try:
            return _identity(self.path) != self._identity
        except OSError as error:
            msg = f"the keys' file {self.path} is gone; put it back, or restart the service to begin without keys"
            raise StorageError(msg) from error

    def damaged(self) -> StorageError:
        """Return the error of a file that is not whole."""
        msg = (
            f"the keys in {self.path} are damaged; restore the file from a backup, or move it and the files beside it that begin with its"
            " name away and make new keys with 'extractor keys add NAME'"
        )
        return StorageError(msg)

    def close(self) -> None:
        """Close it."""
        with self._told(), self._lock:
            self._sql.close()

    def _check(self) -> None:
        """See that the file is of this program and version, and whole; it got its name with tables in it."""
        if sqlite_files.empty(self._sql):
            raise self.damaged()
        sqlite_files.check(self._sql, self.path, application=_APPLICATION, version=_VERSION, damaged=self.damaged)

    def _told(self) -> AbstractContextManager[None]:
        return sqlite_files.told(self.path, self.damaged)


def _private(folder: Path) -> None:
    """Make the folder for its owner alone. One that is there is left as it is, since others may share it, but not if all may write."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & stat.S_IWOTH:
        msg = f"anybody may write to {folder}, and so put keys of their own there; run 'chmod 700 {folder}', or name another folder"
        raise StorageError(msg)


def _make(path: Path) -> None:
    """Make a file that has its tables before it has its name; where another process was first, its file stays."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # for its owner alone
    os.close(descriptor)
    fresh = Path(name)
    try:
        with closing(sqlite3.connect(fresh, isolation_level=None)) as sql:
            sql.executescript(sqlite_files.SETTINGS + _SCHEMA)
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            if not path.exists():
                fresh.rename(path)
        sync_folder(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
