"""Identical articles that are asked for at the same time are extracted once.

An extraction in flight is a task of its own. Whoever asks for the same meanwhile rides along and sees all of it, the parts that
have landed before included. When the last rider leaves, the task is cancelled: nobody is there to pay for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup

from extractor.errors import StoppedError
from extractor.extraction import Extraction
from extractor.pipeline import Part


@dataclass(slots=True, eq=False)
class Flight:
    """An extraction under way.

    Attributes:
        riders: How many wait for it.
        begun: Set when it has got its place, or has failed before that.
        error: What it failed with.
    """

    riders: int = 0
    begun: anyio.Event = field(default_factory=anyio.Event)
    error: Exception | None = None
    _news: anyio.Event = field(default_factory=anyio.Event)
    _landed: list[Part] = field(default_factory=list)
    _extraction: Extraction | None = None
    _line: bytes | None = None
    _scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    def begin(self) -> None:
        """Note that it has got its place."""
        self.begun.set()

    def watch(self, part: Part) -> None:
        """Note a part that has landed; a ``Watch`` of the pipeline."""
        self._landed.append(part)
        self._tell()

    async def parts(self) -> AsyncIterator[Part]:
        """Yield the parts in the order in which they landed, from the first; ends with the flight."""
        number = 0
        while True:
            while number < len(self._landed):
                yield self._landed[number]
                number += 1
            if self._over:
                return
            await self._news.wait()

    async def extraction(self) -> Extraction:
        """Return what comes of it.

        Raises:
            Exception: What it failed with, the same for all riders.
        """
        while not self._over:
            await self._news.wait()
        if self.error is not None:
            raise self.error.with_traceback(None)
        assert self._extraction is not None
        return self._extraction

    async def line(self) -> bytes:
        """Return what comes of it as one line of JSON; raises as ``extraction`` does."""
        extraction = await self.extraction()
        if self._line is None:
            self._line = extraction.model_dump_json().encode()
        return self._line

    async def go(self, make: Callable[[Flight], Awaitable[Extraction]]) -> None:
        """Fly: keep what ``make`` returns or raises."""
        try:
            with self._scope:
                try:
                    self._extraction = await make(self)
                except Exception as error:  # noqa: BLE001  # raised again for every rider
                    self.error = error
        finally:
            if not self._over:
                msg = "the service stops, and what it was reading is not finished; ask again"
                self.error = StoppedError(msg, attempts=0)
            self.begun.set()
            self._tell()

    def cancel(self) -> None:
        """Stop it; nobody waits any more."""
        self._scope.cancel()

    @property
    def _over(self) -> bool:
        return self._extraction is not None or self.error is not None

    def _tell(self) -> None:
        self._news.set()
        self._news = anyio.Event()


class Flights:
    """The extractions under way in this process.

    Args:
        tasks: Where they fly; they end with it.
    """

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._flights: dict[Hashable, Flight] = {}

    def __len__(self) -> int:
        """Return how many are under way."""
        return len(self._flights)

    def flies(self, key: Hashable) -> bool:
        """Tell whether one with this key is under way."""
        return key in self._flights

    @contextmanager
    def ride(self, key: Hashable, make: Callable[[Flight], Awaitable[Extraction]]) -> Iterator[Flight]:
        """Yield the flight of ``key``, begun now if there is none; leaving the context is leaving the flight.

        Args:
            key: Equal for extractions that would come out the same.
            make: Makes the extraction, in a task of its own, with the context variables of whoever came first.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = Flight()
            self._tasks.start_soon(self._fly, key, flight, make)
        flight.riders += 1
        try:
            yield flight
        finally:
            flight.riders -= 1
            if not flight.riders:
                self._drop(key, flight)
                flight.cancel()

    async def _fly(self, key: Hashable, flight: Flight, make: Callable[[Flight], Awaitable[Extraction]]) -> None:
        try:
            await flight.go(make)
        finally:
            self._drop(key, flight)

    def _drop(self, key: Hashable, flight: Flight) -> None:
        """Let nobody board it any more."""
        if self._flights.get(key) is flight:
            del self._flights[key]
