"""Admission: how many extractions are under way at once, how many may wait for that, and how often a caller may ask.

Whoever finds no place waits in a queue, first come, first served: a place that comes free is handed to the head of the queue, so
that nobody overtakes. Where the queue is full too, the request is refused at once and told when to come again: a queue that is
longer than its callers' patience is work for nobody.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import ceil
from typing import Final

import anyio

from extractor.errors import RefusedError
from extractor.service.callers import Caller
from extractor.service.rates import Bucket

_WEIGHT: Final = 0.1
"""Weight of one extraction in the mean of their seconds."""
_SOON: Final = 1.0
"""Fewest seconds that a client is told to wait."""


class Admission:
    """Gives out the places for extractions, in one process.

    Args:
        most: Places, at least 1.
        queue: Most extractions that wait for one.
        share: How many processes serve the same callers: each allows its part of what a caller may have, rounded up.
        clock: Returns the time in seconds, never going back.

    Attributes:
        most: Places.
        in_flight: Those of them that are taken.
        closed: Whether nothing more is let in.
    """

    def __init__(self, most: int, queue: int, *, share: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.in_flight = 0
        self.closed = False
        self._room = queue
        self._share = share
        self._clock = clock
        self._queue: OrderedDict[anyio.Event, None] = OrderedDict()
        self._buckets: dict[str, Bucket] = {}
        self._of: Counter[str] = Counter()
        self._seconds: float | None = None

    @property
    def waiting(self) -> int:
        """Extractions that wait for a place."""
        return len(self._queue)

    @property
    def estimate(self) -> float:
        """Seconds until somebody who came now would have a place, as far as can be told; at least 1."""
        return max(_SOON, (self._seconds or 0.0) * (self.waiting + 1) / self.most)

    def close(self) -> None:
        """Let nothing more in; whoever waits already still gets a place."""
        self.closed = True

    def rate(self, caller: Caller) -> None:
        """Count one request of ``caller``, whatever it asks for.

        Raises:
            RefusedError: It is one too many, or the service stops.
        """
        self._check_open()
        if caller.rate is None:
            return
        rate = ceil(caller.rate / self._share)
        bucket = self._buckets.get(caller.id)
        if bucket is None:
            bucket = self._buckets[caller.id] = Bucket(rate, self._clock)
        seconds = bucket.take()
        if seconds > 0:
            msg = f"more than {caller.rate} requests a minute were sent with this key; wait as long as Retry-After says"
            raise RefusedError(msg, kind="rate-limited", retry_after=seconds)

    @asynccontextmanager
    async def place(self, caller: Caller) -> AsyncIterator[None]:
        """Wait for a place for an extraction, and hold it.

        Raises:
            RefusedError: ``caller`` has as many extractions under way as they may, the queue is full, or the service stops.
        """
        self._check_open()
        most = ceil(caller.in_flight / self._share) if caller.in_flight is not None else None
        if most is not None and self._of[caller.id] >= most:
            msg = f"{caller.in_flight} articles are being read for this key, as many as it may have at once; wait for one of them"
            raise RefusedError(msg, kind="rate-limited", retry_after=max(_SOON, self._seconds or 0.0))
        self._of[caller.id] += 1
        try:
            await self._enter()
            since = self._clock()
            try:
                yield
            finally:
                self._learn(self._clock() - since)
                self._leave()
        finally:
            self._of[caller.id] -= 1

    def _check_open(self) -> None:
        if self.closed:
            msg = "the service is stopping and takes nothing more; send the request again"
            raise RefusedError(msg, kind="draining", retry_after=_SOON)

    async def _enter(self) -> None:
        if self.in_flight < self.most:  # then nobody waits: places are handed on
            self.in_flight += 1
            return
        if self.waiting >= self._room:
            msg = f"{self.most} articles are being read and {self.waiting} more wait, as many as may; wait as long as Retry-After says"
            raise RefusedError(msg, kind="overloaded", retry_after=self.estimate)
        called = anyio.Event()
        self._queue[called] = None
        try:
            await called.wait()
        except BaseException:
            if called.is_set():
                self._leave()  # called and gone in the same moment: the place is the next one's
            else:
                del self._queue[called]
            raise

    def _leave(self) -> None:
        """Hand a place on to the head of the queue, or give it back."""
        if self._queue:
            called, _ = self._queue.popitem(last=False)
            called.set()
        else:
            self.in_flight -= 1

    def _learn(self, seconds: float) -> None:
        self._seconds = seconds if self._seconds is None else self._seconds + _WEIGHT * (seconds - self._seconds)
