"""Rounds over the cache: what the pipeline asks is collected, asked in batches, and found in the cache by the next pass.

engine = ProviderBatch(lambda: open_client(settings), cache, folder, endpoint="openai")
while True:
    ...  # take every pending article through the pipeline, with engine.collecting() as its provider
    if not engine.deferred:
        break
    await engine.submit_and_wait(print)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import anyio
import anyio.to_thread
from filelock import FileLock, Timeout

from extractor.batch.provider.collecting import Collecting
from extractor.batch.provider.endpoints import Endpoints
from extractor.batch.provider.jobs import Dispatch
from extractor.batch.provider.options import Options
from extractor.batch.provider.reconciling import Counts
from extractor.batch.provider.register import Register
from extractor.batch.provider.request_files import RequestFiles
from extractor.caches.base import Cache, NoCache
from extractor.disk import told
from extractor.errors import ConfigurationError, RunError
from extractor.requests import Request, Usage

if TYPE_CHECKING:
    import openai


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is.

    Attributes:
        round: Its number in this run, from 1.
        batches: Batches that have not ended, those that are yet to be created among them.
        requests: Requests of the round.
        done: How many of them the provider has gone through.
        next_look: Seconds until the next look at the provider.
    """

    round: int
    batches: int
    requests: int
    done: int
    next_look: float


@dataclass(frozen=True, slots=True)
class Round:
    """What a round brought.

    Attributes:
        number: Its number in this run, from 1.
        requests: Requests asked.
        counts: What came of them, and what else was in the files.
        usage: What the answers cost, at the price of batches. Articles do not count it again: they find their answers in the cache.
    """

    number: int
    requests: int
    counts: Counts
    usage: Usage


Watch = Callable[[Progress], None]
"""Told after each look at the provider."""


class ProviderBatch:
    """The engine of a batch's folder.

    Args:
        client_factory: Makes the provider's client, when it is first needed.
        cache: Where answers go, and where the pipeline looks for them.
        folder: Where requests are kept until they are answered; one process uses it at a time.
        endpoint: Who answers, as the online provider would say: part of the cache's keys.
        options: Limits and intervals.
        admit: Told of each request before it is noted; raises a ProviderError where it may not be asked.

    Raises:
        ConfigurationError: The cache keeps nothing.
        RunError: Another process uses the folder.
        StorageError: The folder cannot be used.
    """

    def __init__(
        self,
        client_factory: Callable[[], openai.AsyncOpenAI],
        cache: Cache,
        folder: Path,
        *,
        endpoint: str = "openai",
        options: Options | None = None,
        admit: Callable[[Request], None] | None = None,
    ) -> None:
        if isinstance(cache, NoCache):
            msg = "batches of the provider bring their answers by the cache: remove --no-cache, or use --engine local"
            raise ConfigurationError(msg)
        self._options = options or Options()
        self._cache = cache
        self._folder = folder
        with told(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = FileLock(folder / "lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                msg = f"another process uses {folder}; wait for it to end"
                raise RunError(msg) from None
            for left in folder.glob("batch-*"):
                left.unlink()  # fetched and not counted: it is fetched again
        try:
            self._register = Register(folder / "requests.sqlite")
            self._register.forget_ended()
            self._files = RequestFiles(
                folder, self._register, most_requests=self._options.most_requests, most_bytes=self._options.most_bytes
            )
        except BaseException:
            self._lock.release()
            raise
        self._endpoints = Endpoints(client_factory, "OpenAI" if endpoint == "openai" else endpoint)
        self._collecting = Collecting(endpoint, self._register, self._files, attempts=self._options.attempts, admit=admit)
        self._rounds = 0

    def collecting(self) -> Collecting:
        """Return the provider that collects; the same one each time."""
        return self._collecting

    @property
    def deferred(self) -> int:
        """How many requests wait for an answer."""
        return self._register.asked

    @property
    def usage(self) -> Usage:
        """What all batches of the folder cost, those of earlier runs included; each answer counts once, whatever happens."""
        return self._register.usage

    async def submit_and_wait(self, watch: Watch | None = None) -> Round:
        """Ask what was collected, and return when every batch has ended and its answers are in the cache.

        It may take a day and be cancelled anywhere: batches go on at the provider, and the next call finds them.

        Args:
            watch: Told after each look.

        Raises:
            ProviderError: The provider takes nothing more, as for a key or credit, or was not reached for too long. Batches
                that ran were waited for where that was possible. Nothing is lost: the same call goes on.
            StorageError: Requests or answers cannot be kept.
        """
        await anyio.to_thread.run_sync(self._files.finish)
        self._rounds += 1
        requests = self._register.asked
        dispatch = Dispatch(self._endpoints, self._register, self._files, self._cache, self._folder, self._options)
        pause = self._options.first_poll
        while self._register.jobs():
            ended = await dispatch.sweep()
            jobs = self._register.jobs()
            if dispatch.fault is not None and not self._register.running:
                raise dispatch.fault
            pause = self._options.first_poll if ended else min(pause * 1.5, self._options.longest_poll)
            if watch is not None:
                watch(Progress(self._rounds, len(jobs), requests, dispatch.done, pause if jobs else 0.0))
            if jobs:
                await anyio.sleep(pause)
        if self._rounds >= self._options.rounds:
            self._collecting.over = f"there were {self._rounds} rounds of batches, and this was still to be asked; run again to go on"
        if dispatch.fault is not None:
            raise dispatch.fault
        return Round(self._rounds, requests, dispatch.counts, dispatch.usage)

    async def cancel(self) -> None:
        """Stop all running batches at the provider; what is finished of them is billed, and comes with ``submit_and_wait``.

        Raises:
            ProviderError: One cannot be stopped.
        """
        await Dispatch(self._endpoints, self._register, self._files, self._cache, self._folder, self._options).cancel()

    async def aclose(self) -> None:
        """Close connections and files; what was collected and not submitted is forgotten, as it costs nothing. May be called twice."""
        self._files.drop()
        self._register.close()
        self._lock.release()
        await self._endpoints.aclose()

    async def __aenter__(self) -> Self:
        """Return the engine."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it, also when cancelled."""
        with anyio.CancelScope(shield=True):
            await self.aclose()
