"""The gate of a batch: a request is let in when pace, breaker and budget all allow it, first come, first served.

Whoever must wait stands in a queue, each with an event of its own. A change looks at the head of the queue only and lets in
as many as may go, so thousands that wait cost little. Only the head ever waits for a time; the others wait for their turn.

The first error that no further request can escape (a refused key, no credit left, a budget that is used up, a provider that
has been silent for too long) stops everything: whoever waits or comes later gets it at once, and nothing more is sent.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import anyio

from extractor.batch.breaker import Breaker
from extractor.batch.budget import Budget, Reservation
from extractor.batch.pace import Pace
from extractor.errors import AuthenticationError, DeadlineError, ProviderError, QuotaError, UnknownModelError
from extractor.requests import Completion, Request

_FATAL: Final = (AuthenticationError, QuotaError, UnknownModelError)
_SOONER: Final = 0.001
"""Seconds by which a head must be able to go earlier for it to be told."""


async def until(event: anyio.Event, seconds: float) -> None:
    """Wait until ``event`` is set or ``seconds`` have passed, which may be infinite."""
    with anyio.move_on_after(seconds):
        await event.wait()


@dataclass(slots=True, eq=False)
class _Waiting:
    """Somebody in the queue: what it needs, when it will look again by itself, and whether it was let in or has gone."""

    reservation: Reservation
    called: anyio.Event = field(default_factory=anyio.Event)
    looks_at: float = math.inf
    let_in: _Sent | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that was let in."""

    number: int
    probe: bool
    reservation: Reservation


class Control:
    """Lets requests in one by one, as pace, breaker and budget allow; a ``Gate`` of ``extractor.exchange``.

    Args:
        pace: How many requests may be in flight, and from when on.
        breaker: Whether the provider seems to be there.
        budget: What may be spent.
        patience: Seconds without any answer after which the provider is given up.
        clock: Returns the time in seconds, never going back; the clock of pace and breaker.
        wait: Waits until an event is set or some seconds have passed.
    """

    def __init__(
        self,
        pace: Pace,
        breaker: Breaker,
        budget: Budget,
        *,
        patience: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[anyio.Event, float], Awaitable[None]] = until,
    ) -> None:
        self._pace = pace
        self._breaker = breaker
        self.budget = budget
        self._patience = patience
        self._clock = clock
        self._wait = wait
        self._queue: deque[_Waiting] = deque()
        self._waiting = 0
        self._sent: dict[int, list[_Sent]] = {}
        self.stopped: ProviderError | None = None

    @property
    def in_flight(self) -> int:
        """Requests in flight."""
        return self._pace.in_flight

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return self._pace.limit

    @property
    def waiting(self) -> int:
        """Requests that wait to be sent."""
        return self._waiting

    @property
    def parked(self) -> float:
        """Seconds from now for which nothing is sent, since the provider limits the rate; 0 where something may be."""
        return max(0.0, self._pace.not_before - self._clock())

    @property
    def rest(self) -> float:
        """Seconds from now for which nothing is sent, since the provider limits the rate or fails; infinite while a probe is out."""
        return max(self.parked, self._breaker.wait())

    @property
    def open(self) -> bool:
        """Whether the breaker holds requests back."""
        return self._breaker.open

    @property
    def spent_usd(self) -> Decimal | None:
        """What answers cost, earlier runs' included, in US dollars; None where that is not known."""
        return self.budget.spent_usd

    @property
    def reserved_usd(self) -> Decimal | None:
        """What requests in flight may cost at the most, in US dollars; None where that is not known."""
        return self.budget.reserved_usd

    async def enter(self, request: Request) -> None:
        """Wait until ``request`` may be sent once.

        Raises:
            AuthenticationError: The provider refused the key of an earlier request.
            QuotaError: The account has no credit left.
            UnknownModelError: The provider has no such model.
            BudgetError: The budget has no room for it, and will have none.
            DeadlineError: The provider has been silent for too long.
            ProviderError: Whatever else stopped the batch.
        """
        self._check()
        waiting = _Waiting(self.budget.bound(request))
        self._queue.append(waiting)
        self._waiting += 1
        entered = False
        try:
            self._admit()
            while waiting.let_in is None:
                self._check()
                await self._look_later(waiting)
            self._sent.setdefault(id(request), []).append(waiting.let_in)
            entered = True
        finally:
            if not entered:
                self._withdraw(waiting)

    def leave(self, request: Request, result: Completion | ProviderError | None) -> None:
        """Learn what came of ``request``, which was let in; None where it was cancelled."""
        sent = self._sent[id(request)].pop()
        if not self._sent[id(request)]:
            del self._sent[id(request)]
        self._pace.end(sent.number, result)
        self._breaker.end(result, probe=sent.probe)
        self.budget.settle(request, sent.reservation, result)
        if isinstance(result, _FATAL):
            self.stop(result)
        self._admit()

    def stop(self, error: ProviderError) -> None:
        """Send nothing more, because of ``error``; the first one counts. What is in flight goes on."""
        self.stopped = self.stopped or error
        for waiting in self._queue:
            waiting.called.set()

    def _check(self) -> None:
        if self.stopped is not None:
            raise type(self.stopped)(str(self.stopped), attempts=0)

    def _admit(self) -> None:
        """Let in as many of the queue's head as may go, and tell the one that is then first when to look again."""
        while self._queue and self.stopped is None:
            head = self._queue[0]
            if head.gone:
                self._queue.popleft()
                continue
            delay = self._delay(head.reservation)
            if delay > 0:
                if self._clock() + delay < head.looks_at - _SOONER:
                    head.called.set()
                return
            self._queue.popleft()
            self._waiting -= 1
            self.budget.reserve(head.reservation)
            head.let_in = _Sent(self._pace.begin(), self._breaker.begin(), head.reservation)
            head.called.set()

    def _delay(self, reservation: Reservation) -> float:
        """Return the seconds until the head may be let in; infinite where something must come back first."""
        if self._breaker.given_up(self._patience):
            self.stop(_silent(self._patience))
            return math.inf
        if not self.budget.ever_fits(reservation):
            self.stop(self.budget.refusal(reservation))
            return math.inf
        delay = max(self._breaker.wait(), self._pace.wait())
        if not self.budget.fits(reservation):
            delay = math.inf
        return min(delay, self._breaker.patience(self._patience)) if delay > 0 else 0.0

    async def _look_later(self, waiting: _Waiting) -> None:
        """Wait to be called, and as the head until it may be time, then look again."""
        seconds = self._delay(waiting.reservation) if self._queue[0] is waiting else math.inf
        if self.stopped is not None:
            return
        waiting.looks_at = self._clock() + seconds
        waiting.called = anyio.Event()
        await self._wait(waiting.called, seconds)
        waiting.looks_at = math.inf
        self._admit()

    def _withdraw(self, waiting: _Waiting) -> None:
        """Take back somebody who goes away unsent."""
        if waiting.let_in is None:
            waiting.gone = True
            self._waiting -= 1
        else:
            self._pace.end(waiting.let_in.number, None)
            self._breaker.end(None, probe=waiting.let_in.probe)
            self.budget.release(waiting.let_in.reservation)
        self._admit()


def _silent(seconds: float) -> DeadlineError:
    return DeadlineError(
        f"the provider has not answered for {seconds:g} s; what is unfinished stays pending: check it, then run the same command again",
        attempts=0,
    )
