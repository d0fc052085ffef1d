"""What is known of a folder's requests and jobs, in SQLite, so that nothing is asked twice after a kill.

A job is one request file and the batch made of it. It goes through the states below; one that ends in ``ing`` says that a call
was begun whose end is unknown, so whoever goes on looks first whether it came through. A request of the register is a key and
where it stands; its body is in the job's file only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from extractor.disk import told
from extractor.requests import Usage

JobState = Literal["written", "uploading", "uploaded", "creating", "created", "settled"]
"""The file is whole; being uploaded; uploaded; its batch being created; created; its answers are in the cache."""

Standing = Literal["asked", "open", "answered", "failed"]
"""In a job; to be asked again; its answer is in the cache; given up."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS jobs (
  number INTEGER PRIMARY KEY, digest TEXT NOT NULL, requests INTEGER NOT NULL, bytes INTEGER NOT NULL,
  try INTEGER NOT NULL DEFAULT 1, state TEXT NOT NULL DEFAULT 'written', file TEXT, batch TEXT
);
CREATE TABLE IF NOT EXISTS requests (
  key BLOB PRIMARY KEY, job INTEGER NOT NULL, tries INTEGER NOT NULL, standing TEXT NOT NULL, error TEXT, message TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS requests_of_job ON requests (job);
CREATE TABLE IF NOT EXISTS totals (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
_JOBS: Final = "SELECT number, digest, requests, bytes, try, state, file, batch FROM jobs"


@dataclass(frozen=True, slots=True)
class Job:
    """One request file and its batch.

    Attributes:
        number: Its number within the folder.
        digest: SHA-256 of the file.
        requests: How many it holds.
        size: Bytes of the file.
        attempt: How often a batch was made of the file, from 1.
        state: How far it is.
        file: The provider's id of the file.
        batch: The provider's id of the batch.
    """

    number: int
    digest: str
    requests: int
    size: int
    attempt: int = 1
    state: JobState = "written"
    file: str | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Where a request stands.

    Attributes:
        standing: Where.
        tries: How often it was asked.
        error: Class of the error its last try ended with.
        message: Words of that error.
    """

    standing: Standing
    tries: int
    error: str | None = None
    message: str | None = None


class Register:
    """The register of a folder. One task uses it at a time, in whatever thread.

    Args:
        path: Where it lives.

    Raises:
        StorageError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with told(self._path):
            self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                # an intent that is lost with the power would be a batch paid for twice
                self._sql.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)
            except BaseException:
                self._sql.close()
                raise

    def forget_ended(self) -> None:
        """Forget requests that are in no job, so that those given up earlier get new tries."""
        with self.transaction():
            self._sql.execute("DELETE FROM requests WHERE standing != 'asked'")

    def known(self, key: str) -> Known | None:
        """Return where a request stands, if it was ever noted."""
        with told(self._path):
            row = self._sql.execute("SELECT standing, tries, error, message FROM requests WHERE key = ?", (bytes.fromhex(key),)).fetchone()
        return Known(*row) if row is not None else None

    def note(self, key: str, job: int) -> None:
        """Note that a request is in a job, inside the transaction that the job is made in."""
        with told(self._path):
            if not self._sql.in_transaction:
                self._sql.execute("BEGIN")
            self._sql.execute(
                "INSERT INTO requests VALUES (?, ?, 1, 'asked', NULL, NULL)"
                " ON CONFLICT (key) DO UPDATE SET job = excluded.job, tries = tries + 1, standing = 'asked'",
                (bytes.fromhex(key), job),
            )

    def forget_noted(self) -> None:
        """Forget the requests noted for a job that was not recorded."""
        if self._sql.in_transaction:
            with told(self._path):
                self._sql.execute("ROLLBACK")

    def intend(self, job: Job) -> None:
        """Record a job whose file is whole, with the requests noted for it: from here on it will be carried out."""
        with told(self._path):
            self._insert(job)
            self._sql.execute("COMMIT")

    def split(self, job: Job, parts: Mapping[Job, Iterable[str]]) -> None:
        """Put jobs, with the keys they hold, in the place of one."""
        with self.transaction():
            self._sql.execute("DELETE FROM jobs WHERE number = ?", (job.number,))
            for part, keys in parts.items():
                self._insert(part)
                self._sql.executemany("UPDATE requests SET job = ? WHERE key = ?", ((part.number, bytes.fromhex(key)) for key in keys))

    def move(self, job: Job) -> Job:
        """Record how far a job is, and return it."""
        with self.transaction():
            self._update(job)
        return job

    def settle(self, job: Job, standings: Iterable[tuple[str, Known]], usage: Usage) -> None:
        """Record what came of a job's requests and what it cost, all at once, so that it counts once."""
        with self.transaction():
            self._sql.executemany(
                "UPDATE requests SET standing = ?, tries = ?, error = ?, message = ? WHERE key = ?",
                ((known.standing, known.tries, known.error, known.message, bytes.fromhex(key)) for key, known in standings),
            )
            self._sql.executemany(
                "INSERT INTO totals VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                usage.model_dump().items(),
            )
            self._update(job)

    def jobs(self) -> list[Job]:
        """Return the jobs that are not settled, in order."""
        with told(self._path):
            return [Job(*row) for row in self._sql.execute(f"{_JOBS} WHERE state != 'settled' ORDER BY number")]

    def job(self, number: int) -> Job:
        """Return a job as it is now."""
        with told(self._path):
            return Job(*self._sql.execute(f"{_JOBS} WHERE number = ?", (number,)).fetchone())

    @property
    def running(self) -> int:
        """How many jobs have a batch that has not ended, as far as is known."""
        with told(self._path):
            return int(self._sql.execute("SELECT count(*) FROM jobs WHERE state = 'created'").fetchone()[0])

    def next_number(self) -> int:
        """Return a number that no job has had."""
        with told(self._path):
            return int(self._sql.execute("SELECT coalesce(max(number), 0) + 1 FROM jobs").fetchone()[0])

    def requests(self, job: Job) -> dict[str, int]:
        """Return the keys of a job's requests, and how often each was asked."""
        with told(self._path):
            rows = self._sql.execute("SELECT key, tries FROM requests WHERE job = ? AND standing = 'asked'", (job.number,))
            return {key.hex(): tries for key, tries in rows}

    @property
    def asked(self) -> int:
        """How many requests are in jobs and have no answer yet."""
        with told(self._path):
            return int(self._sql.execute("SELECT count(*) FROM requests WHERE standing = 'asked'").fetchone()[0])

    @property
    def usage(self) -> Usage:
        """What all settled jobs cost."""
        with told(self._path):
            return Usage(**dict(self._sql.execute("SELECT name, value FROM totals")))

    def close(self) -> None:
        """Close the database; a job that was not recorded yet is forgotten. May be called twice."""
        self._sql.close()

    def _insert(self, job: Job) -> None:
        self._sql.execute(
            "INSERT INTO jobs (number, digest, requests, bytes) VALUES (?, ?, ?, ?)", (job.number, job.digest, job.requests, job.size)
        )

    def _update(self, job: Job) -> None:
        self._sql.execute(
            "UPDATE jobs SET try = ?, state = ?, file = ?, batch = ? WHERE number = ?",
            (job.attempt, job.state, job.file, job.batch, job.number),
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of what is inside, or nothing."""
        with told(self._path):
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._sql.execute("ROLLBACK")
                raise
            self._sql.execute("COMMIT")
