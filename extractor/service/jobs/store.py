"""Jobs for those who hand them over: made, looked at, read and deleted. Any process may; one of them does the work.

Nobody sees another caller's job, nor whether it exists.
"""

from __future__ import annotations

import re
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from extractor.errors import RefusedError
from extractor.service.jobs import idempotency, records
from extractor.service.jobs.changes import Changes
from extractor.service.jobs.cursors import cursor, position
from extractor.service.jobs.database import Database
from extractor.service.jobs.deliveries import new_id
from extractor.service.schemas import JobIn, JobOut, JobState

FILE: Final = "jobs.sqlite"
"""Name of the file within the service's folder."""

_ID: Final = re.compile(r"job_[a-z2-7]{26}")
_LEVEL: Final = 1
"""Of compression: a third of an article's size at a hundredth of the time it takes to extract it."""
_PAGE: Final = 4_000_000
"""Bytes of lines at which a page of results ends early."""
_FULL: Final = 60.0
"""Seconds after which to come again with a job more than a caller may have."""
_JOB: Final = f"SELECT number, {records.COLUMNS} FROM jobs WHERE id = ? AND caller = ?"  # noqa: S608  # constants
_BY_KEY: Final = f"SELECT digest, {records.COLUMNS} FROM jobs WHERE caller = ? AND key = ?"  # noqa: S608  # constants
_OPEN: Final = "SELECT count(*) FROM jobs WHERE caller = ? AND ended IS NULL"
_MAKE: Final = "INSERT INTO jobs (id, caller, model, created, articles, webhook, key, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_ARTICLE: Final = "INSERT INTO articles (job, place, document) VALUES (?, ?, ?)"
_SIZES: Final = "SELECT seq, size FROM results WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?"
_LINES: Final = "SELECT line FROM results WHERE job = ? AND seq > ? AND seq <= ? ORDER BY seq"
_STATES: Final[dict[JobState, str]] = {
    "queued": "begun IS NULL AND ended IS NULL", "running": "begun IS NOT NULL AND ended IS NULL", "done": "ended IS NOT NULL",
}  # fmt: skip
_NEWS: Final = "SELECT seq, place, done, claims FROM results WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a job's results.

    Attributes:
        packed: Their lines, compressed.
        cursor: What the next page is asked for with.
        more: Whether there is more, or will be.
    """

    packed: tuple[bytes, ...]
    cursor: str
    more: bool

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, each with its line end; only one at a time is unpacked."""
        for packed in self.packed:
            yield zlib.decompress(packed) + b"\n"


@dataclass(frozen=True, slots=True)
class Came:
    """A result that came.

    Attributes:
        seq: Its number within the job, from 1, in the order in which results came.
        index: Number of its article within the job, from 0.
        done: Whether the article was extracted.
        claims: How many claims it has.
    """

    seq: int
    index: int
    done: bool
    claims: int


class Jobs:
    """The jobs of a service. Every call blocks, and may come from any thread.

    Args:
        database: Where they are kept.
        clock: Returns the time in seconds since 1970.

    Attributes:
        changes: Tells whether anything has changed, in this process or another.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self.database = database
        self.changes = Changes(database)
        self.clock = clock

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the jobs kept in ``folder``.

        Raises:
            StorageError: They are damaged or cannot be used; nothing is changed then.
        """
        return cls(Database(folder / FILE))

    def create(self, body: JobIn, *, caller: str, model: str, most: int, key: str | None = None) -> tuple[JobOut, bool]:
        """Make a job; it is on the disk when this returns.

        Args:
            body: What is to be done.
            caller: Id of whose it is.
            model: Name of who is asked.
            most: How many jobs that are not done the caller may have.
            key: Idempotency key of the request.

        Returns:
            The job, and whether it is one that an earlier request with the same key had made.

        Raises:
            RefusedError: The key came with another body, or the caller has too many jobs.
            StorageError: It cannot be kept.
        """
        digest = idempotency.digest(body) if key is not None else None
        documents = [zlib.compress(article.model_dump_json(exclude_none=True).encode(), _LEVEL) for article in body.articles]
        webhook = body.webhook.url if body.webhook is not None else None
        with self.database.changing() as sql:
            if key is not None and (known := _known(sql, caller, key, digest)) is not None:
                return known, True
            if sql.execute(_OPEN, (caller,)).fetchone()[0] >= most:
                msg = f"{most} jobs that are not done are the most; wait for one of them, or delete one"
                raise RefusedError(msg, kind="rate-limited", retry_after=_FULL)
            id = new_id("job")  # noqa: A001  # its name
            job = sql.execute(_MAKE, (id, caller, model, self.clock(), len(documents), webhook, key, digest)).lastrowid
            sql.executemany(_ARTICLE, ((job, place, document) for place, document in enumerate(documents)))
            return _job(sql, id, caller)[1], False

    def get(self, id: str, caller: str) -> JobOut:  # noqa: A002  # its name
        """Return a job of ``caller``.

        Raises:
            RefusedError: There is none with this id.
        """
        with self.database.reading() as sql:
            return _job(sql, id, caller)[1]

    def page(self, id: str, caller: str, *, cursor: str | None, limit: int) -> Page:  # noqa: A002  # its name
        """Return the results behind ``cursor``, at most ``limit`` of them, and fewer where they are large.

        Raises:
            RefusedError: There is no such job, or the cursor is none of its.
        """
        after = position(id, cursor) if cursor else 0
        with self.database.reading() as sql:
            number, job = _job(sql, id, caller)
            last, size = after, 0
            for seq, bytes_ in sql.execute(_SIZES, (number, after, limit)):
                size += bytes_
                if last > after and size > _PAGE:
                    break
                last = seq
            packed = tuple(row[0] for row in sql.execute(_LINES, (number, after, last)))
        return Page(packed, _cursor(id, last), more=job.ended is None or last < job.done + job.failed)

    def news(self, id: str, caller: str, *, after: int, most: int) -> tuple[JobOut, list[Came]]:  # noqa: A002  # its name
        """Return a job and what came behind result ``after`` of it, at most so many.

        Raises:
            RefusedError: There is no such job.
        """
        with self.database.reading() as sql:
            number, job = _job(sql, id, caller)
            return job, [Came(seq, place, bool(done), claims) for seq, place, done, claims in sql.execute(_NEWS, (number, after, most))]

    def delete(self, id: str, caller: str) -> None:  # noqa: A002  # its name
        """Forget a job with its texts and results; whoever works on it stops.

        Raises:
            RefusedError: There is none with this id.
        """
        with self.database.changing() as sql:
            number, _ = _job(sql, id, caller)
            sql.execute("DELETE FROM jobs WHERE number = ?", (number,))
        self.database.scrub()

    def count(self, state: JobState) -> int:
        """Return how many jobs there are in ``state``.

        Raises:
            StorageError: That cannot be read.
        """
        with self.database.reading() as sql:
            found: int = sql.execute(f"SELECT count(*) FROM jobs WHERE {_STATES[state]}").fetchone()[0]  # noqa: S608  # constants
        return found

    def close(self) -> None:
        """Close the file."""
        self.database.close()


_cursor = cursor  # ``page`` has an argument of this name


def _job(sql: sqlite3.Connection, id: str, caller: str) -> tuple[int, JobOut]:  # noqa: A002  # its name
    row = sql.execute(_JOB, (id, caller)).fetchone() if _ID.fullmatch(id) else None
    if row is None:
        raise _none()
    return row[0], records.told(row[1:])


def _known(sql: sqlite3.Connection, caller: str, key: str, digest: bytes | None) -> JobOut | None:
    row = sql.execute(_BY_KEY, (caller, key)).fetchone()
    if row is None:
        return None
    if row[0] != digest:
        msg = "the Idempotency-Key was used before with another body; give each job a key of its own"
        raise RefusedError(msg, kind="idempotency-mismatch")
    return records.told(row[1:])


def _none() -> RefusedError:
    return RefusedError("there is no such job; it may have been deleted, or forgotten after its time", kind="not-found")
