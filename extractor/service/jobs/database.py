"""The file that jobs are kept in: SQLite, shared by the processes of one service.

Whoever was told that a job is taken, or read a result, must find it again after a loss of power: every change is on the disk
when its transaction ends. What is deleted is overwritten, since it is other people's text.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from extractor.errors import StorageError
from extractor.service import sqlite_files

_APPLICATION: Final = 0x434A4F42
"""SQLite's mark of whose file it is."""
_VERSION: Final = 1
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, caller TEXT NOT NULL, model TEXT NOT NULL,
  created REAL NOT NULL, begun REAL, ended REAL, articles INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, claims INTEGER NOT NULL DEFAULT 0,
  requests INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
  cached_input_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
  waits TEXT, webhook TEXT, key TEXT, digest BLOB
);
CREATE UNIQUE INDEX jobs_by_key ON jobs (caller, key) WHERE key IS NOT NULL;
CREATE INDEX jobs_open ON jobs (caller, number) WHERE ended IS NULL;
CREATE INDEX jobs_ended ON jobs (ended) WHERE ended IS NOT NULL;
CREATE TABLE articles (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE, place INTEGER NOT NULL, document BLOB NOT NULL, PRIMARY KEY (job, place)
);
CREATE TABLE results (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE, seq INTEGER NOT NULL, place INTEGER NOT NULL, done INTEGER NOT NULL,
  claims INTEGER NOT NULL, size INTEGER NOT NULL, line BLOB NOT NULL, PRIMARY KEY (job, seq), UNIQUE (job, place)
);
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY, job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, caller TEXT NOT NULL, url TEXT NOT NULL,
  body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at REAL, state TEXT NOT NULL DEFAULT 'pending',
  created REAL NOT NULL, error TEXT
);
CREATE INDEX deliveries_of_job ON deliveries (job);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
COMMIT;
"""


class Database:
    """The file, opened; calls may come from any thread.

    Args:
        path: Where it is; it is made, for its owner alone, where there is none.

    Raises:
        StorageError: It is damaged, of another program or a later version, or cannot be used. It is left as it is: to begin a new one
            would lose jobs that somebody was promised.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._changing, self._reading = threading.Lock(), threading.Lock()
        with self._told():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)  # the files beside it get the same
            self._writer = self._connected()
            try:
                self._check()
                self._reader = self._connected()
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state of the file throughout.

        Raises:
            StorageError: It cannot be read.
        """
        with self._told(), self._reading:
            self._reader.execute("BEGIN")
            try:
                yield self._reader
            finally:
                self._reader.execute("ROLLBACK")

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection whose changes are all on the disk at the end, or, after an error, none of them.

        Raises:
            DiskFullError: There is no room.
            StorageError: It cannot be written.
        """
        with self._told(), self._changing, sqlite_files.changing(self._writer) as sql:
            yield sql

    def version(self) -> tuple[int, int]:
        """Return a value that is another one after any change, of this process or another."""
        with self._told(), self._reading:
            seen: int = self._reader.execute("PRAGMA data_version").fetchone()[0]
        return seen, self._writer.total_changes

    def scrub(self) -> None:
        """Empty the log of changes, which may hold what was deleted; where somebody reads just now, a later call does it."""
        with self._told(), self._changing:
            sqlite_files.gather(self._writer)

    def close(self) -> None:
        """Close it."""
        with self._told(), self._changing, self._reading:
            self._reader.close()
            self._writer.close()

    def _connected(self) -> sqlite3.Connection:
        sql = sqlite_files.connected(self.path)
        try:
            sql.executescript(sqlite_files.SETTINGS)
        except BaseException:
            sql.close()
            raise
        return sql

    def _check(self) -> None:
        """Make the tables of a new file; see that another is whole and of this program."""
        application = self._writer.execute("PRAGMA application_id").fetchone()[0]
        if not application and sqlite_files.empty(self._writer):
            self._make()
            return
        sqlite_files.check(self._writer, self.path, application=_APPLICATION, version=_VERSION, damaged=self._damaged)

    def _make(self) -> None:
        try:
            self._writer.executescript(_SCHEMA)
        except sqlite3.OperationalError:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if self._writer.execute("PRAGMA user_version").fetchone()[0] != _VERSION:  # unless another worker was first
                raise

    def _damaged(self) -> StorageError:
        msg = (
            f"the jobs in {self.path} are damaged; restore the file from a backup, or move it and the files whose names begin with its name"
            " away, by which its jobs are lost, then start the service again"
        )
        return StorageError(msg)

    def _told(self) -> AbstractContextManager[None]:
        return sqlite_files.told(self.path, self._damaged)
