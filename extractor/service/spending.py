"""What was spent by each key on each day of UTC, shared by the processes of a service.

What a request may cost at the worst is held in the file before it is sent, and is on the disk by then. What it did cost takes the place
of that some moments after its answer. So a process that dies in between leaves too much behind, never too little: what it held counts
as spent from then on, since its requests may have been answered.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from extractor.disk import told
from extractor.errors import StorageError
from extractor.service.keyfile import KeyFile
from extractor.service.owners import Owner

Room = Literal["held", "later", "never"]
"""There was room, which is held now; there may be, when requests under way cost less than they hold; there will be none that day."""

_SUMS: Final = "SELECT coalesce(sum(spent), 0), coalesce(sum(held), 0) FROM spending WHERE key = ? AND day = ?"
_HOLD: Final = (
    "INSERT INTO spending (key, day, owner, spent, held) VALUES (?, ?, ?, 0, ?)"
    " ON CONFLICT (key, day, owner) DO UPDATE SET held = held + excluded.held"
)
_SETTLE: Final = (
    "INSERT INTO spending (key, day, owner, spent, held) VALUES (?, ?, ?, ?, 0)"
    " ON CONFLICT (key, day, owner) DO UPDATE SET spent = spent + excluded.spent, held = max(0, held - ?)"
)
_OWNERS: Final = "SELECT DISTINCT owner FROM spending WHERE owner NOT IN ('', ?)"
_INHERIT: Final = (
    "INSERT INTO spending (key, day, owner, spent, held) SELECT key, day, '', spent + held, 0 FROM spending WHERE owner = ?"
    " ON CONFLICT (key, day, owner) DO UPDATE SET spent = spent + excluded.spent"
)
_FORGET: Final = "DELETE FROM spending WHERE owner = ?"

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Hold:
    """Tokens held for one request.

    Attributes:
        key: Id of the key that pays.
        day: The day of UTC, as in ``2026-03-11``.
        tokens: What the request may cost at the worst.
        spent: What was spent on that day when room was last looked for.
        held: Whether they are held.
        settled: Whether they are wanted no more.
    """

    key: str
    day: str
    tokens: int
    spent: int = 0
    held: bool = False
    settled: bool = False


class Spending:
    """One process's part in what is spent. Calls may come from any thread; ``settle`` alone never waits for the disk.

    Args:
        folder: The service's folder; nothing is touched there before the first ``reserve``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = Owner(folder)
        self._file: KeyFile | None = None
        self._opening, self._noting = threading.Lock(), threading.Lock()
        self._back: Counter[tuple[str, str]] = Counter()  # tokens that are held no more, by key and day
        self._cost: Counter[tuple[str, str]] = Counter()  # tokens that were spent
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="spending")
        self._writes = False  # or will do so in a moment
        self._closed = False

    def reserve(self, hold: Hold, cap: int) -> Room:
        """Hold the tokens of ``hold`` where they fit into the ``cap`` of its day, with all that others hold and have spent.

        Raises:
            StorageError: The file cannot be read or written.
        """
        with self._changing(self._opened()) as sql:
            room = _room(sql, hold, cap)
            if room == "later" and self._inherit(sql):
                room = _room(sql, hold, cap)
            if room == "held":
                sql.execute(_HOLD, (hold.key, hold.day, self._owner.id, hold.tokens))
        if room == "held":
            with self._noting:
                hold.held = True
                if hold.settled:  # meanwhile, by whoever did not wait for this
                    self._note(hold, 0)
        return room

    def settle(self, hold: Hold, tokens: int) -> None:
        """Give back what is held, or is just about to be, and count ``tokens`` as spent; both are written soon."""
        with self._noting:
            hold.settled = True
            if hold.held:
                self._note(hold, tokens)

    def close(self) -> None:
        """Write what is settled, count what is not as spent, and let go of the file. May be called twice."""
        with self._noting:
            self._closed = True
        self._writer.shutdown()
        if self._file is None:
            return
        try:
            with self._changing(self._file) as sql:
                _inherit_from(sql, self._owner.id)
        except StorageError as error:
            _log.warning("%s; what was held for requests of today counts as spent", error)
        self._file.close()
        self._file = None
        self._owner.end()

    def _opened(self) -> KeyFile:
        """Return the file, opened where it is not, or where another has taken its place."""
        with self._opening:
            if self._file is not None and self._file.replaced():
                self._file.close()
                self._file = None
            if self._file is None:
                self._file = KeyFile(self._folder)
                with told(self._file.path):
                    self._owner.live()
                with self._file.changing() as sql:
                    self._inherit(sql)
            return self._file

    @contextmanager
    def _changing(self, file: KeyFile) -> Iterator[sqlite3.Connection]:
        """Yield a connection for changes, with what is noted written; where they fail, it stays noted."""
        with self._noting:
            back, self._back = self._back, Counter()
            cost, self._cost = self._cost, Counter()
        try:
            with file.changing() as sql:
                for row in back.keys() | cost.keys():
                    sql.execute(_SETTLE, (*row, self._owner.id, cost[row], back[row]))
                yield sql
        except BaseException:
            with self._noting:
                self._back.update(back)
                self._cost.update(cost)
            raise

    def _inherit(self, sql: sqlite3.Connection) -> bool:
        """Count what dead processes held as spent; return whether there were any."""
        dead = [owner for (owner,) in sql.execute(_OWNERS, (self._owner.id,)).fetchall() if self._owner.is_dead(owner)]
        for owner in dead:
            _inherit_from(sql, owner)
        return bool(dead)

    def _note(self, hold: Hold, tokens: int) -> None:
        self._back[hold.key, hold.day] += hold.tokens
        self._cost[hold.key, hold.day] += tokens
        if not self._writes and not self._closed:
            self._writes = True
            self._writer.submit(self._write)

    def _write(self) -> None:
        with self._noting:
            self._writes = False
        try:
            with self._changing(self._opened()):
                pass
        except StorageError as error:
            _log.warning("%s; what requests cost is written with the next one, and until then all they might cost counts", error)


def _room(sql: sqlite3.Connection, hold: Hold, cap: int) -> Room:
    hold.spent, held = sql.execute(_SUMS, (hold.key, hold.day)).fetchone()
    if hold.spent + held + hold.tokens <= cap:
        return "held"
    return "later" if hold.spent + hold.tokens <= cap else "never"


def _inherit_from(sql: sqlite3.Connection, owner: str) -> None:
    sql.execute(_INHERIT, (owner,))
    sql.execute(_FORGET, (owner,))
