"""What the service's SQLite files have in common.

Several processes share them, each change is on the disk when its transaction ends, and what is deleted is overwritten, since it is
other people's. A file that is damaged, or of somebody else, is refused and left as it is: to begin a new one would lose what somebody
was promised.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from extractor.disk import told as told_of_the_disk
from extractor.errors import StorageError

SETTINGS: Final = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
_PATIENCE: Final = 30.0
"""Seconds to wait for another process's change."""
_DAMAGE: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

Damaged = Callable[[], StorageError]
"""Returns the error of a file that is not whole, which says what to do with it."""


def connected(path: Path) -> sqlite3.Connection:
    """Return a connection to ``path``, for any thread, which begins transactions when told to."""
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)


@contextmanager
def told(path: Path, damaged: Damaged) -> Iterator[None]:
    """Translate the errors of the system and of SQLite about ``path``.

    Raises:
        DiskFullError: There is no room.
        StorageError: It is damaged, or cannot be used for another reason.
    """
    with told_of_the_disk(path):
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
                raise damaged() from error
            raise


@contextmanager
def changing(sql: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Yield ``sql`` in a transaction, which is on the disk at the end, or, after an error, undone."""
    sql.execute("BEGIN IMMEDIATE")
    try:
        yield sql
        sql.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk may have rolled it back already
            sql.execute("ROLLBACK")
        raise


def check(sql: sqlite3.Connection, path: Path, *, application: int, version: int, damaged: Damaged) -> None:
    """See that a file is of this program and version, and whole.

    Args:
        sql: A connection to it.
        path: Where it is.
        application: SQLite's mark of whose file it is to be.
        version: The version it is to have.
        damaged: Returns the error of a file that is not whole.

    Raises:
        StorageError: It is not.
    """
    (found,), (made,) = (sql.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version"))
    if found != application:
        msg = f"{path} is a file of another program; name another folder with EXTRACTOR_SERVICE_FOLDER"
        raise StorageError(msg)
    if made != version:
        msg = f"{path} was made by another version of the service ({made}, not {version}); start that, or name another folder"
        raise StorageError(msg)
    if sql.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise damaged()


def empty(sql: sqlite3.Connection) -> bool:
    """Tell whether a file has no tables."""
    return not sql.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def gather(sql: sqlite3.Connection) -> None:
    """Bring the log of changes into the file itself and empty it; what somebody still reads stays in the log until a later call."""
    sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
