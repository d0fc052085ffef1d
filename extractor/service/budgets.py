"""The tokens that callers may spend a day: a gate before another.

A request is let through when the most that it may cost, by the bounds of a batch's budget, fits into what its caller may still spend
today. Where it would fit if requests under way cost less than they may, it waits for them, behind those of the same caller that came
before. Where it cannot fit today, it is refused. A remembered answer costs nothing: nobody asks the gate for it.

The day is that of UTC in which a request is let through, whenever its answer comes.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

import anyio
import anyio.to_thread

from extractor.batch.budget import Budget, perhaps_billed
from extractor.batch.control import until
from extractor.errors import BudgetError, ProviderError, UnaffordableError
from extractor.exchange import Gate
from extractor.requests import Completion, Request
from extractor.service.callers import Caller
from extractor.service.keys import Keys
from extractor.service.spending import Hold

paying: ContextVar[Caller | None] = ContextVar("paying", default=None)
"""Who pays for what is asked; nobody's budget is touched where nobody is named."""

_DAY: Final = 86_400
_LOOK: Final = 1.0
"""Seconds after which room is looked for again by itself: another process may have given some back."""
_THREADS: Final = 4
"""Requests at once that wait for the disk."""


def until_midnight(now: float) -> float:
    """Return the seconds from ``now``, a POSIX time, until the day ends in UTC: more than 0."""
    return _DAY - now % _DAY


@dataclass(slots=True, eq=False)
class _Line:
    """Those of one caller who wait for room: the head looks for it, and is told when some was given back."""

    head: anyio.Lock = field(default_factory=anyio.Lock)
    news: anyio.Event = field(default_factory=anyio.Event)


class Budgets:
    """A ``Gate`` of ``extractor.exchange`` that holds callers to what they may spend.

    Args:
        inner: The gate behind it.
        keys: Where what is spent is kept.
        clock: Returns the POSIX time in seconds.
        wait: Waits until an event is set or some seconds have passed.
    """

    def __init__(
        self,
        inner: Gate,
        keys: Keys,
        clock: Callable[[], float] = time.time,
        wait: Callable[[anyio.Event, float], Awaitable[None]] = until,
    ) -> None:
        self._inner = inner
        self._spending = keys.spending
        self._clock = clock
        self._wait = wait
        self._bounds = Budget(tokens=0)
        self._lines: dict[str, _Line] = {}
        self._entered: dict[int, list[Hold | None]] = {}
        self._threads = anyio.CapacityLimiter(_THREADS)

    async def enter(self, request: Request) -> None:
        """Wait until whoever pays may spend what ``request`` costs at the worst, then for the gate behind.

        Raises:
            BudgetError: They may not, today.
            UnaffordableError: They never may.
            ProviderError: What the gate behind says.
            StorageError: What is spent cannot be read or written.
        """
        caller = paying.get()
        hold = None
        if caller is not None and caller.tokens_a_day is not None:
            hold = await self._hold(caller.id, caller.tokens_a_day, self._bounds.bound(request).tokens)
        try:
            await self._inner.enter(request)
        except BaseException:
            self._settle(hold, 0)
            raise
        self._entered.setdefault(id(request), []).append(hold)

    def leave(self, request: Request, result: Completion | ProviderError | None) -> None:
        """Learn what came of ``request``, which was let in; None where it was cancelled."""
        entered = self._entered[id(request)]
        hold = entered.pop()
        if not entered:
            del self._entered[id(request)]
        try:
            self._inner.leave(request, result)
        finally:
            self._settle(hold, _cost(result, hold.tokens) if hold is not None else 0)

    async def _hold(self, key: str, cap: int, worst: int) -> Hold:
        line = self._lines.setdefault(key, _Line())
        async with line.head:
            while True:
                hold = Hold(key, dt.datetime.fromtimestamp(self._clock(), dt.UTC).date().isoformat(), worst)
                news = line.news
                try:
                    room = await anyio.to_thread.run_sync(self._spending.reserve, hold, cap, limiter=self._threads)
                except BaseException:
                    self._settle(hold, 0)  # wherever the thread is with it
                    raise
                if room == "held":
                    return hold
                if room == "never":
                    raise _refusal(hold, cap)
                await self._wait(news, _LOOK)

    def _settle(self, hold: Hold | None, tokens: int) -> None:
        if hold is None:
            return
        self._spending.settle(hold, tokens)
        line = self._lines[hold.key]
        line.news.set()
        line.news = anyio.Event()


def _cost(result: Completion | ProviderError | None, worst: int) -> int:
    """Return what a request cost, or where nobody can know that, what it cost at the worst."""
    if isinstance(result, Completion):
        return result.usage.input_tokens + result.usage.output_tokens
    return worst if result is None or perhaps_billed(result) else 0


def _refusal(hold: Hold, cap: int) -> BudgetError:
    if hold.tokens > cap:
        msg = (
            f"one question about this article may take up to {hold.tokens} tokens, more than the {cap} that this key may spend in a day;"
            " ask whoever runs this service for a larger budget"
        )
        return UnaffordableError(msg, attempts=0)
    msg = (
        f"this key may spend {cap} tokens a day and has spent {hold.spent} of them, and the next question may take up to {hold.tokens};"
        " a new day begins at midnight UTC"
    )
    return BudgetError(msg, attempts=0)
