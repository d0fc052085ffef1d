"""The index: which entries are finished or given up, and which has which document id, in SQLite.

It holds nothing that is not in the parts and the dead letters too, so a lost or damaged one is made anew. A checksum over
all rows is kept in the transaction that changes them, since SQLite does not notice a flipped bit: a key that is not found
would be an article that is done twice.

A key's place is the number of its part; ``FAILED`` and ``PASSING`` are places too.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from extractor.batch import totals
from extractor.batch.results import Failed
from extractor.batch.totals import Given, Row, Totals, figures, usage
from extractor.disk import told
from extractor.requests import Usage

FAILED: Final = -2
"""Given up for good."""
PASSING: Final = -1
"""Given up for a fault that may have passed."""

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE entries (key BLOB PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE owners (document BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE parts (
  number INTEGER PRIMARY KEY, sealed INTEGER NOT NULL, articles INTEGER NOT NULL, claims INTEGER NOT NULL, partial INTEGER NOT NULL,
  requests INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL
);
CREATE TABLE failed (
  one INTEGER PRIMARY KEY, failed INTEGER NOT NULL, passing INTEGER NOT NULL, checksum BLOB NOT NULL,
  requests INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL
);
INSERT INTO failed VALUES (1, 0, 0, x'', 0, 0, 0, 0);
PRAGMA user_version = 1;
"""
_WORDS: Final = "WITH RECURSIVE words (at) AS (VALUES (1) UNION ALL SELECT at + 16 FROM words WHERE at + 16 < length(?1))"
"""Cuts one value into keys: a third faster than ``IN`` with a parameter for each, and one text for any number of them."""
_PLACES: Final = f"{_WORDS} SELECT key, place FROM words CROSS JOIN entries ON key = substr(?1, at, 16)"  # noqa: S608  # constants
_MEET: Final = f"{_WORDS} INSERT OR IGNORE INTO met SELECT substr(?1, at, 16) FROM words RETURNING key"  # noqa: S608  # constants
_TAKEN: Final = f"{_WORDS} SELECT document FROM words CROSS JOIN owners ON document = substr(?1, at, 16)"  # noqa: S608  # constants
_OTHERS: Final = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}  # fmt: skip
"""Codes of faults that are not the file's own."""
_DISOWN: Final = "DELETE FROM owners WHERE key IN (SELECT key FROM entries WHERE place = ?) RETURNING document, key"
_WORD: Final = 32
"""Bytes of a row in the checksum."""
_ROWS: Final = 4096


class Index:
    """The index of one shard. Questions and changes may come from different threads.

    Args:
        path: Its file; a damaged one is replaced by an empty one.

    Attributes:
        parts: What each part comes to, by number.
        sealed: Numbers of the parts that are sealed.
        given: What was given up.

    Raises:
        StorageError: It cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: dict[int, Totals] = {}
        self.sealed: set[int] = set()
        self.given = Given()
        self._checksum = 0
        self._writing, self._reading = threading.Lock(), threading.Lock()
        with told(path):
            try:
                self._open()
                whole = self._is_whole()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    self._close()
                    raise
                whole = False
            if not whole:
                self._close()
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
                self._open()
                self._is_whole()

    def places(self, keys: Sequence[bytes]) -> list[int | None]:
        """Return the place of each of ``keys``; None for one that is new."""
        with told(self.path), self._reading:
            found = _found(self._reader, keys)
        return [found.get(key) for key in keys]

    def visit(self, keys: Sequence[bytes]) -> tuple[list[int | None], list[bool]]:
        """Note that ``keys`` were met in this pass; return the place of each, and whether it had been met before."""
        with told(self.path), self._reading:
            places = _found(self._reader, keys)
            fresh = {key for (key,) in self._reader.execute(_MEET, (b"".join(keys),))}
        repeated = []
        for key in keys:
            repeated.append(key not in fresh)
            fresh.discard(key)
        return [places.get(key) for key in keys], repeated

    def begin_pass(self) -> None:
        """Forget which entries were met."""
        with told(self.path), self._reading:
            self._reader.execute("DELETE FROM met")

    def owner(self, document: str) -> bytes | None:
        """Return the key of the finished entry whose document has this id, if there is one."""
        with told(self.path), self._reading:
            found = self._reader.execute("SELECT key FROM owners WHERE document = ?", (_digest(document),)).fetchone()
        return found[0] if found is not None else None

    def known(self, number: int) -> set[bytes]:
        """Return the keys of a part."""
        with told(self.path), self._writing:
            return {key for (key,) in self._writer.execute("SELECT key FROM entries WHERE place = ?", (number,))}

    def failed(self) -> dict[bytes, int]:
        """Return the place of every entry that was given up."""
        with told(self.path), self._writing:
            return dict(self._writer.execute("SELECT key, place FROM entries WHERE place < 0").fetchall())

    def record(self, number: int, rows: Sequence[Row], failed: Sequence[Failed] = ()) -> None:
        """Note what was finished, in part ``number``, and what was given up; all of it or nothing.

        Raises:
            StorageError: It cannot be written.
        """
        self._change(number, rows, [(one.key, PASSING if one.passing else FAILED) for one in failed], [one.usage for one in failed])

    def forget(self, keys: Sequence[bytes]) -> None:
        """Forget entries that were given up."""
        self._change(FAILED, (), [(key, None) for key in keys], ())

    def seal(self, number: int) -> None:
        """Note that a part is sealed.

        Raises:
            StorageError: It cannot be written.
        """
        with self._writing:
            with self._transaction():
                self._writer.execute("UPDATE parts SET sealed = 1 WHERE number = ?", (number,))
            self.sealed.add(number)

    def drop(self, number: int) -> None:
        """Forget a part and all that is in it.

        Raises:
            StorageError: It cannot be written.
        """
        with self._writing:
            with self._transaction():
                owners = self._writer.execute(_DISOWN, (number,)).fetchall()
                keys = self._writer.execute("DELETE FROM entries WHERE place = ? RETURNING key", (number,)).fetchall()
                self._writer.execute("DELETE FROM parts WHERE number = ?", (number,))
                gone = [document + key for document, key in owners] + [_entry(key, number) for (key,) in keys]
                self._save(self.given, checksum := self._checksum ^ _fold(b"".join(gone)))
            self._checksum = checksum
            self.parts.pop(number, None)
            self.sealed.discard(number)

    def close(self) -> None:
        """Close it."""
        with told(self.path):
            self._close()

    def _change(self, number: int, rows: Sequence[Row], failed: Sequence[tuple[bytes, int | None]], usages: Iterable[Usage]) -> None:
        """Give entries a place, or none, and keep the totals and the checksum of all rows with it."""
        if not rows and not failed:
            return
        with self._writing:
            with self._transaction():
                old = _found(self._writer, [*(row.key for row in rows), *(key for key, _ in failed)])
                new: dict[bytes, int | None] = {key: place for key, place in failed if old.get(key, FAILED) < 0}
                new |= dict.fromkeys((row.key for row in rows), number)
                owners = self._fresh_owners(rows)
                placed = [(key, place) for key, place in new.items() if place is not None]
                words = [_entry(key, old[key]) for key in new if key in old] + [_entry(key, place) for key, place in placed]
                checksum = self._checksum ^ _fold(b"".join([*words, *(document + key for document, key in owners)]))
                self._writer.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", placed)
                self._writer.executemany("DELETE FROM entries WHERE key = ?", [(key,) for key, place in new.items() if place is None])
                self._writer.executemany("INSERT INTO owners VALUES (?, ?)", owners)
                moved = self.given.failed + _moved(old, new, FAILED), self.given.passing + _moved(old, new, PASSING)
                given = Given(*moved, sum(usages, self.given.usage))
                self._save(given, checksum)
                part = self.parts.get(number, Totals()) + totals.of(rows)
                if rows:
                    self._put(number, part)
            self.given, self._checksum = given, checksum
            if rows:
                self.parts[number] = part

    def _fresh_owners(self, rows: Sequence[Row]) -> list[tuple[bytes, bytes]]:
        """Return documents and keys of those of ``rows`` whose document has no owner yet."""
        owners = {_digest(row.document): row.key for row in rows}
        taken = {document for (document,) in self._writer.execute(_TAKEN, (b"".join(owners),))}
        return [(document, key) for document, key in owners.items() if document not in taken]

    def _put(self, number: int, totals: Totals) -> None:
        values = (number, number in self.sealed, totals.articles, totals.claims, totals.partial, *figures(totals.usage))
        self._writer.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def _save(self, given: Given, checksum: int) -> None:
        values = (given.failed, given.passing, checksum.to_bytes(_WORD, "big"), *figures(given.usage))
        self._writer.execute("INSERT OR REPLACE INTO failed VALUES (1, ?, ?, ?, ?, ?, ?, ?)", values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with told(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # on a full disk SQLite has rolled it back already
                    self._writer.execute("ROLLBACK")
                raise

    def _open(self) -> None:
        self._writer = _connected(self.path)
        self._writer.execute("PRAGMA page_size = 1024")  # keys are random: every one changes a page, and a page is written whole
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute("PRAGMA wal_autocheckpoint = 32768")
        # Without power the last commits may be lost, never more: they are in the parts, and are read from there.
        self._writer.execute("PRAGMA synchronous = NORMAL")
        self._writer.execute("PRAGMA cache_size = -32768")
        if self._writer.execute("PRAGMA user_version").fetchone()[0] == 0:
            self._writer.executescript("BEGIN;" + _SCHEMA + "COMMIT;")
        self._reader = _connected(self.path)
        self._reader.execute("PRAGMA cache_size = -65536")
        self._reader.execute("PRAGMA temp_store = FILE")
        self._reader.execute("PRAGMA temp.journal_mode = OFF")
        self._reader.execute("PRAGMA temp.cache_size = -16384")
        self._reader.execute("CREATE TEMP TABLE met (key BLOB PRIMARY KEY) WITHOUT ROWID")

    def _is_whole(self) -> bool:
        """Read the totals and every row; return whether they agree."""
        database = self._writer
        if database.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            return False
        self.parts, self.sealed = {}, set()
        for number, sealed, articles, claims, partial, *numbers in database.execute("SELECT * FROM parts"):
            self.parts[number] = Totals(articles, claims, partial, usage(numbers))
            if sealed:
                self.sealed.add(number)
        _, failed, passing, checksum, *numbers = database.execute("SELECT * FROM failed").fetchone()
        self.given, self._checksum = Given(failed, passing, usage(numbers)), int.from_bytes(checksum, "big")
        counts: dict[int, int] = {}
        total = 0
        cursor = database.execute("SELECT key, place FROM entries")
        while rows := cursor.fetchmany(_ROWS):
            total ^= _fold(b"".join([_entry(key, place) for key, place in rows]))
            for _, place in rows:
                counts[place] = counts.get(place, 0) + 1
        cursor = database.execute("SELECT document, key FROM owners")
        while rows := cursor.fetchmany(_ROWS):
            total ^= _fold(b"".join([document + key for document, key in rows]))
        expected = {number: part.articles for number, part in self.parts.items()} | {
            FAILED: failed,
            PASSING: passing,
        }
        return total == self._checksum and counts == {place: count for place, count in expected.items() if count}

    def _close(self) -> None:
        for name in ("_reader", "_writer"):
            database = getattr(self, name, None)
            if database is not None:
                database.close()


def _is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error tells of a file that is none of ours, or not any more, and not of a disk or a process in the way."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF not in _OTHERS or code == sqlite3.SQLITE_IOERR_SHORT_READ


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)


def _found(database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, int]:
    return dict(database.execute(_PLACES, (b"".join(keys),)))


def _digest(document: str) -> bytes:
    return hashlib.sha256(document.encode(errors="surrogatepass")).digest()[:16]


def _entry(key: bytes, place: int) -> bytes:
    return key + (place - FAILED).to_bytes(_WORD - 16, "big")


def _fold(words: bytes) -> int:
    """Return the exclusive or of all words of ``_WORD`` bytes, halving what is left so that it is fast."""
    value, count = int.from_bytes(words, "big"), len(words) // _WORD
    while count > 1:
        low = count - count // 2
        bits = low * _WORD * 8
        value = (value >> bits) ^ (value & ((1 << bits) - 1))
        count = low
    return value


def _moved(old: dict[bytes, int], new: dict[bytes, int | None], place: int) -> int:
    return sum((there == place) - (old.get(key) == place) for key, there in new.items())
