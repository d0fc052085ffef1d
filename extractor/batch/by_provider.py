"""The provider's batches as an engine: passes over the inputs that collect what must be asked, and rounds that bring the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio

from extractor import models
from extractor.batch.budget import Reservation
from extractor.batch.job import BatchJob
from extractor.batch.local import Means, Say, over_folder, priced
from extractor.batch.provider.endpoints import open_client
from extractor.batch.provider.engine import Progress, ProviderBatch
from extractor.batch.session import Session
from extractor.caches import table as caches
from extractor.caches.base import NoCache
from extractor.errors import BudgetError, ConfigurationError, ProviderError
from extractor.requests import Request, Usage
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.telemetry import Tracing

_LANES: Final = 16
"""Articles in hand while requests are collected; nothing is waited for, so more would only take memory."""


@dataclass(slots=True, kw_only=True)
class ProviderSession(Session):
    """A run whose answers come with the provider's batches.

    Attributes:
        engine: What asks, and keeps what was asked.
    """

    engine: ProviderBatch
    _waiting: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _paid: Usage = field(default_factory=Usage)
    _held: list[Reservation] = field(default_factory=list)
    _refused: BudgetError | None = None

    async def work(self) -> None:
        """Collect and ask until nothing is left to be asked."""
        self._paid = self.engine.usage
        with self._waiting:
            while True:
                await self.go_over()
                if self.fault is not None or self.stopping:
                    return
                if not self.engine.deferred:
                    self.fault = self._refused
                    return
                try:
                    await self.engine.submit_and_wait(self._tell)
                except ProviderError as error:
                    self.fault = error
                    return
                finally:
                    self._settle()
                self.waits_for = ""
        self.say("the provider's batches go on; the same command again finds them")

    def stop(self) -> None:
        """Collect and wait no longer; what was asked is answered all the same, and found by the next run."""
        super().stop()
        self._waiting.cancel()

    def hold(self, request: Request) -> None:
        """Hold back what ``request`` may cost, before it is collected.

        Raises:
            BudgetError: It does not fit.
        """
        budget = self.control.budget
        reservation = budget.bound(request)
        try:
            budget.reserve(reservation)
        except BudgetError as error:
            self._refused = error
            raise
        self._held.append(reservation)

    def _tell(self, progress: Progress) -> None:
        self.waits_for = f"round {progress.round}: {progress.done:,} of {progress.requests:,} requests answered by the provider's batches"
        self._settle()

    def _settle(self) -> None:
        """Count what answers cost, and give back what was held for them once the round is over."""
        paid = self.engine.usage
        self.control.budget.carry(paid - self._paid, Usage())
        self._paid = paid
        if not self.engine.deferred:
            while self._held:
                self.control.budget.release(self._held.pop())


@asynccontextmanager
async def by_provider(job: BatchJob, settings: Settings, say: Say, tracing: Tracing | None = None) -> AsyncIterator[Session]:
    """Yield the run that ``job`` asks for, over answers that come with the provider's batches.

    Raises:
        ConfigurationError: The model is none of a provider that has batches; or as ``local`` does.
        ExtractorError: As ``local`` does.
    """
    model = models.resolve(settings)
    if model.provider != "openai":
        msg = f"'{model.name}' runs on this machine and has no batches; use --engine local, or a model such as openai/gpt-4.1-mini"
        raise ConfigurationError(msg)
    price = priced(job, model, settings)
    price = price.batched() if price is not None else None
    cache = caches.provide(settings) if job.cached else NoCache()
    sessions: list[ProviderSession] = []

    def admit(request: Request) -> None:
        [session] = sessions
        session.hold(request)

    endpoint = settings.base_url.rstrip("/") if settings.base_url else "openai"
    number, of = job.shard
    folder = job.out / ("provider" if of == 1 else f"provider-{number}of{of}")
    async with ProviderBatch(partial(open_client, settings), cache, folder, endpoint=endpoint, admit=admit) as engine:
        means = Means(model, price, cache, engine.collecting(), _LANES, _LANES, gated=False, spent=engine.usage)
        async with over_folder(job, settings, say, tracing, means, partial(ProviderSession, engine=engine)) as session:
            assert isinstance(session, ProviderSession)
            sessions.append(session)
            yield session
