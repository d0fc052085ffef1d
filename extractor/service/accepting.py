"""Taking connections from a socket that several workers share, so that each comes to have about as many.

Left to the system, a connection goes to whichever worker asks first, which is the one that happens to be awake. Clients keep their
connections, so it stays there: of 200 one of two workers had up to 123, and its answers came late while the other was idle. Here a worker
that has more connections than another leaves new ones to that one for a moment. Nobody is waited for longer: the other may be busy.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Collection, MutableSequence
from typing import Any, Final

_MOMENT: Final = 0.002
"""Seconds after which a worker that left a connection to another looks again."""
_PATIENCE: Final = 0.02
"""Seconds after which it takes the connection all the same."""
_FULL: Final = 1.0
"""Seconds to wait where the system has no room for another connection."""
_NOBODY: Final = -1
"""Stands for a worker that takes no connections."""

_log = logging.getLogger(__name__)


class Shares:
    """How many connections each worker has, as one of them sees and tells it.

    Args:
        counts: A number for each worker, in memory that they share.
        place: Which of them is this worker's.
    """

    def __init__(self, counts: MutableSequence[int], place: int) -> None:
        self._counts = counts
        self._place = place

    def tell(self, connections: int) -> None:
        """Tell the others how many this worker has."""
        self._counts[self._place] = connections

    def leave(self) -> None:
        """Tell the others that this worker takes none."""
        self._counts[self._place] = _NOBODY

    def fewer(self) -> bool:
        """Tell whether another worker has fewer."""
        own = self._counts[self._place]
        return any(_NOBODY < count < own for count in self._counts)


def nobody(workers: int) -> list[int]:
    """Return the counts of so many workers before any has started."""
    return [_NOBODY] * workers


class Accepting:
    """Takes the connections of one socket within an event loop; stands in for asyncio's server.

    Args:
        bound: The socket.
        make: Makes the protocol of a connection.
        open_: The connections that are open, whoever keeps count of them.
        shares: How many the other workers have.
        backlog: Most connections that wait to be taken.
        clock: Returns the time in seconds, never going back.
    """

    def __init__(
        self,
        bound: socket.socket,
        make: Callable[[], asyncio.Protocol],
        open_: Collection[object],
        shares: Shares,
        *,
        backlog: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bound = bound
        self._make = make
        self._open = open_
        self._shares = shares
        self._backlog = backlog
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[Any]] = set()
        self._left_at: float | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to take connections."""
        self._bound.setblocking(False)
        self._bound.listen(self._backlog)
        self.tell()
        self._listen()

    def tell(self) -> None:
        """Tell the other workers how many connections there are; to be called now and then, since nobody tells when one has ended."""
        self._shares.tell(len(self._open) + len(self._coming))

    def close(self) -> None:
        """Take no more; may be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._bound)
        self._shares.leave()

    async def wait_closed(self) -> None:
        """Wait for the connections that were just being taken."""
        await asyncio.gather(*self._coming, return_exceptions=True)

    def _listen(self) -> None:
        self._pause = None
        self._loop.add_reader(self._bound, self._take)

    def _rest(self, seconds: float) -> None:
        self._loop.remove_reader(self._bound)
        self._pause = self._loop.call_later(seconds, self._listen)

    def _take(self) -> None:
        """Take what waits, as long as no other worker should have it."""
        self.tell()
        overdue = self._overdue()
        while overdue or not self._shares.fewer():
            try:
                taken, _ = self._bound.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:  # too many open files, no memory
                _log.warning("no connection can be taken (%s); tried again in %.0f s", error.strerror, _FULL)
                self._rest(_FULL)
                return
            self._left_at = None
            self._begin(taken)
            self.tell()
        if self._left_at is None:
            self._left_at = self._clock()
        self._rest(_MOMENT)

    def _overdue(self) -> bool:
        """Tell whether what was left to another worker was left for long enough."""
        if self._left_at is None:
            return False
        left = self._clock() - self._left_at
        if left > 2 * _PATIENCE:  # that one was taken: nothing came since
            self._left_at = None
        return _PATIENCE <= left <= 2 * _PATIENCE

    def _begin(self, taken: socket.socket) -> None:
        taken.setblocking(False)
        task = self._loop.create_task(self._connect(taken))
        self._coming.add(task)
        task.add_done_callback(self._came)

    def _came(self, task: asyncio.Task[Any]) -> None:
        self._coming.discard(task)
        if not self._closed:
            self.tell()

    async def _connect(self, taken: socket.socket) -> None:
        try:
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._make, taken)
        except OSError:
            taken.close()  # its client has gone already
