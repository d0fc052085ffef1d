"""Jobs for the one who does them: what is open, what is still to be done of it, and where results go; batch's ``Results``.

The articles of a job that are kept are those still to be done: a result takes the place of its article's text in one
transaction, which also counts it, and with the last one ends the job. So an article has exactly one result, whoever is
killed when, and no text is kept for longer than it is needed.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extractor.batch.results import Failed, Finished
from extractor.batch.totals import figures
from extractor.errors import ReaderError
from extractor.readers.archives.entries import Entry, Fields
from extractor.service.jobs import places, records
from extractor.service.jobs.deliveries import Deliveries
from extractor.service.jobs.lines import line
from extractor.service.jobs.store import Jobs

_LEVEL: Final = 1
_OPEN: Final = "SELECT number, id, caller, model, created, begun IS NOT NULL, waits FROM jobs WHERE ended IS NULL ORDER BY number"
_TAKEN: Final = "DELETE FROM articles WHERE job = ? AND place = ?"
_COUNT: Final = (
    "UPDATE jobs SET begun = coalesce(begun, ?), done = done + ?, failed = failed + ?, claims = claims + ?, requests = requests + ?,"
    " input_tokens = input_tokens + ?, cached_input_tokens = cached_input_tokens + ?, output_tokens = output_tokens + ?"
    " WHERE number = ? RETURNING done + failed, articles"
)
_KEEP: Final = "INSERT INTO results (job, seq, place, done, claims, size, line) VALUES (?, ?, ?, ?, ?, ?, ?)"
_END: Final = f"UPDATE jobs SET ended = ?, waits = NULL WHERE number = ? RETURNING caller, webhook, {records.COLUMNS}"  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that is not done.

    Attributes:
        number: Its number; later jobs have higher ones, and none is used twice.
        id: Its id.
        caller: Id of whose it is.
        model: Who is asked.
        created: When it was handed over, in seconds since 1970.
        begun: Whether it was begun.
        waits: What it is said to wait for.
    """

    number: int
    id: str
    caller: str
    model: str
    created: float
    begun: bool
    waits: str | None


class Work:
    """The jobs that are not done. Every call blocks, and may come from any thread.

    Args:
        jobs: All jobs.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._database = jobs.database
        self._clock = jobs.clock

    def open(self) -> list[OpenJob]:
        """Return the jobs that are not done, the oldest first.

        Raises:
            StorageError: They cannot be read.
        """
        with self._database.reading() as sql:
            return [
                OpenJob(number, id, caller, model, created, bool(begun), waits)
                for number, id, caller, model, created, begun, waits in sql.execute(_OPEN)  # noqa: A001  # its name
            ]

    def pending(self, job: int) -> list[int]:
        """Return the places of the articles of a job that are still to be done, in order."""
        with self._database.reading() as sql:
            return [place for (place,) in sql.execute("SELECT place FROM articles WHERE job = ? ORDER BY place", (job,))]

    def entry(self, job: OpenJob, place: int) -> Entry | None:
        """Return an article of ``job``; None where it is not to be done any more."""
        with self._database.reading() as sql:
            row = sql.execute("SELECT document FROM articles WHERE job = ? AND place = ?", (job.number, place)).fetchone()
        if row is None:
            return None
        where, key = f"article {place}", places.key(job.number, place)
        try:
            return Entry(job.id, where, key, Fields(zlib.decompress(row[0])))
        except zlib.error:
            return Entry(job.id, where, key, None, error=ReaderError(f"{where} was damaged on this server's disk; send it again"))

    def note(self, begun: Collection[int], waits: Mapping[int, str | None]) -> None:
        """Note which jobs were begun, and what others wait for; None for nothing."""
        now = self._clock()
        with self._database.changing() as sql:
            sql.executemany("UPDATE jobs SET begun = coalesce(begun, ?) WHERE number = ?", [(now, job) for job in begun])
            sql.executemany("UPDATE jobs SET waits = ? WHERE number = ? AND ended IS NULL", [(why, job) for job, why in waits.items()])

    def commit(self, results: Sequence[Finished | Failed]) -> None:
        """Keep ``results``, on the disk when it returns; those of articles that have one, or whose job is gone, are passed over.

        Raises:
            DiskFullError: There is no room; the same call succeeds when there is again.
            StorageError: They cannot be written.
        """
        written = [(*places.of(result.key), result, line(places.of(result.key)[1], result)) for result in results]
        packed = [(job, place, result, len(whole) + 1, zlib.compress(whole, _LEVEL)) for job, place, result, whole in written]
        now = self._clock()
        with self._database.changing() as sql:
            for job, place, result, size, small in packed:
                if not sql.execute(_TAKEN, (job, place)).rowcount:
                    continue
                done, claims = (1, result.claims) if isinstance(result, Finished) else (0, 0)
                counted = (now, done, 1 - done, claims, *figures(result.usage), job)
                [(seq, articles)] = sql.execute(_COUNT, counted).fetchall()
                sql.execute(_KEEP, (job, seq, place, done, claims, size, small))
                if seq == articles:
                    _end(sql, job, now)

    def roll(self) -> int | None:
        """Return None: there are no parts."""
        return None

    def seal(self, part: int) -> None:
        """Do nothing: there are no parts."""

    def forget(self, *, ended_before: float, orphans: Collection[int] = ()) -> int:
        """Forget jobs that ended before a time, in seconds since 1970, and the ``orphans``; return how many were forgotten.

        One at a time, so that nobody waits long for it.
        """
        with self._database.reading() as sql:
            old = [number for (number,) in sql.execute("SELECT number FROM jobs WHERE ended < ?", (ended_before,))]
        for number in (*old, *orphans):
            with self._database.changing() as sql:
                sql.execute("DELETE FROM jobs WHERE number = ?", (number,))
        self._database.scrub()  # of texts that had their results, too
        return len(old) + len(orphans)


def _end(sql: sqlite3.Connection, job: int, now: float) -> None:
    """End a job, and have its webhook told."""
    [(caller, webhook, *row)] = sql.execute(_END, (now, job)).fetchall()
    if webhook is not None:
        told = records.told(tuple(row))
        Deliveries.add(sql, job=told.id, caller=caller, url=webhook, body=records.webhook_body(told), now=now)
