"""What is to be told to webhooks, kept with the jobs: a delivery is written in the transaction that ends its job, so none is lost."""

from __future__ import annotations

import base64
import os
import sqlite3
from dataclasses import dataclass
from typing import Final, Literal

from extractor.service.jobs.database import Database

State = Literal["pending", "delivered", "dead"]
"""To be tried; taken by its receiver; given up."""

_DUE: Final = (
    "SELECT id, job, caller, url, body, attempts, created FROM deliveries WHERE state = 'pending' AND next_at <= ? ORDER BY next_at LIMIT ?"
)
_SETTLE: Final = "UPDATE deliveries SET state = ?, next_at = ?, error = ?, attempts = attempts + 1 WHERE id = ? AND state = 'pending'"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to be told to a webhook.

    Attributes:
        id: Its id, the same at every attempt: ``msg_`` and 26 letters.
        job: Id of the job.
        caller: Id of whose job it is.
        url: Where it goes.
        body: What is told, as JSON.
        attempts: How often it was tried.
        created: When it came to be, in seconds since 1970.
    """

    id: str
    job: str
    caller: str
    url: str
    body: str
    attempts: int
    created: float


class Deliveries:
    """The deliveries of a file of jobs.

    Args:
        database: The file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: float, most: int) -> list[Delivery]:
        """Return deliveries that are to be tried at ``now``, in seconds since 1970, those due longest first. Blocks.

        Raises:
            StorageError: They cannot be read.
        """
        with self._database.reading() as sql:
            return [Delivery(*row) for row in sql.execute(_DUE, (now, most))]

    def settle(self, id: str, *, delivered: bool, next_at: float | None = None, error: str | None = None) -> None:  # noqa: A002  # its name
        """Note an attempt. Blocks. One whose job was deleted meanwhile is passed over.

        Args:
            id: Which delivery was tried.
            delivered: Whether it was taken.
            next_at: Where it was not, when to try again, in seconds since 1970; None to give it up.
            error: Why it was not.

        Raises:
            StorageError: It cannot be written.
        """
        state: State = "delivered" if delivered else "dead" if next_at is None else "pending"
        with self._database.changing() as sql:
            sql.execute(_SETTLE, (state, next_at, error, id))

    @staticmethod
    def add(sql: sqlite3.Connection, *, job: str, caller: str, url: str, body: str, now: float) -> None:
        """Add a delivery that is due at once, in the transaction that is under way on ``sql``."""
        sql.execute(
            "INSERT INTO deliveries (id, job, caller, url, body, next_at, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (new_id("msg"), job, caller, url, body, now, now),
        )


def new_id(kind: str) -> str:
    """Return a new id that nobody can guess: ``kind``, ``_`` and 26 letters and digits."""
    return f"{kind}_{base64.b32encode(os.urandom(16)).decode().rstrip('=').lower()}"
