"""Desks: one for each model that is served, with everything that is needed to extract an article by it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio

from extractor import errors, models
from extractor.batch.breaker import Breaker
from extractor.batch.budget import Budget
from extractor.batch.control import Control
from extractor.batch.local import connections
from extractor.batch.pace import Pace
from extractor.caches import table as caches
from extractor.documents import Document
from extractor.errors import ExtractorError, ProviderError, RefusedError
from extractor.exchange import Completing, Exchange, Gate
from extractor.extraction import Extract, Extraction
from extractor.memo import Kept
from extractor.models import Model
from extractor.pipeline import Extractor
from extractor.providers.base import Provider
from extractor.providers.table import provide
from extractor.retries import RetryPolicy
from extractor.service.access import Caller
from extractor.service.admission import Admission
from extractor.service.budgets import paying
from extractor.service.flights import Flight, Flights
from extractor.service.gates import Lasting, hurried
from extractor.service.meters import Meters
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.telemetry import Tracing

_HOSTED: Final = 256
"""Requests in flight at the most to a model that is somewhere else, where nothing is set."""
_ARTICLES: Final = 2
"""Articles in work for each place of a model on this machine: most of an article is grammar, which needs none."""


@dataclass(slots=True, eq=False)
class Desk:
    """Extracts articles by one model.

    Attributes:
        model: How it is asked.
        extractor: Turns documents into claims.
        gate: Lets requests through.
        admission: Gives out the places for articles.
        flights: What is under way.
        meters: Where it is counted.
        traced: Has what makes an extraction recorded, where anything is.
    """

    model: Model
    extractor: Extractor
    gate: Lasting
    admission: Admission
    flights: Flights
    meters: Meters
    traced: Callable[[Extract], Extract]

    @property
    def name(self) -> str:
        """What requests call it."""
        return self.model.name

    @property
    def local(self) -> bool:
        """Whether articles stay on this machine."""
        return self.model.provider == "embedded"

    async def remembered(self, document: Document) -> Kept | None:
        """Return the finished extraction that is remembered of ``document``, not parsed."""
        kept = await self.extractor.remembered(document)
        if kept is not None:
            self.meters.remembered(self.name)
        return kept

    @contextmanager
    def extracting(self, document: Document, caller: Caller) -> Iterator[Flight]:
        """Yield the extraction of ``document`` under way, shared with whoever asks for the same at the same time.

        It raises, for whoever waits for it, RefusedError where there is no place for it, and ProviderError where a question was not
        answered: what was answered is remembered, so that asking again costs only the rest.
        """

        async def make(flight: Flight) -> Extraction:
            paying.set(caller)
            hurried.set(True)
            async with self.admission.place(caller):
                flight.begin()
                return await self._extract(document, flight)

        key = (caller.id, document.model_dump_json())  # what is refused to one caller is not to another
        if self.flights.flies(key):
            self.meters.joined(self.name)
        with self.flights.ride(key, make) as flight:
            yield flight

    async def _extract(self, document: Document, flight: Flight) -> Extraction:
        began = time.monotonic()
        outcome, extraction = "cancelled", None
        try:
            # Whether it is remembered was looked for before it began.
            extraction = await self.traced(lambda document, _: self.extractor.make(document, watch=flight.watch))(document, "")
            outcome = "failed" if extraction.unanswered else "ok" if extraction.complete else "incomplete"
        except ExtractorError:
            outcome = "failed"
            raise
        finally:
            self.meters.extraction(
                self.name,
                outcome,
                seconds=time.monotonic() - began,
                claims=len(extraction.claims) if extraction is not None else 0,
                usage=extraction.usage if extraction is not None else None,
            )
        return _answered(extraction)


class Desks:
    """The desks of a process, the default first."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        self._desks = {desk.name: desk for desk in desks}

    def __iter__(self) -> Iterator[Desk]:
        """Yield them."""
        return iter(self._desks.values())

    def get(self, name: str | None) -> Desk:
        """Return the desk of a model, the default one where none is named.

        Raises:
            RefusedError: It is not served.
        """
        if name is None:
            return next(iter(self._desks.values()))
        desk = self._desks.get(name)
        if desk is None:
            msg = f"the model is not served here; served are {', '.join(self._desks)}"
            raise RefusedError(msg, kind="invalid", faults=[("#/model", "is none of the models of /v1/models")])
        return desk


def places(model: Model, settings: Settings) -> int:
    """Return how many articles of ``model`` are worked on at once where nothing is set."""
    if model.provider == "embedded":
        return _ARTICLES * (settings.parallel or model.parallel)
    return connections(_HOSTED)


@asynccontextmanager
async def open_desks(
    settings: Sequence[Settings],
    *,
    profile: str,
    admission: Admission,
    budgets: Callable[[Gate], Gate],
    meters: Meters,
    tracing: Tracing | None = None,
    provider: Provider | None = None,
) -> AsyncIterator[Desks]:
    """Yield the desks, one for the settings of each model; leaving cancels what is under way and closes them.

    Args:
        settings: Settings that name a model each.
        profile: The extraction task.
        admission: Gives out the places, of all desks together.
        budgets: Puts the callers' budgets before a gate.
        meters: Where it is counted.
        tracing: What records it, if anything does.
        provider: Who answers for all of them, instead of each model's own.

    Raises:
        ConfigurationError: A name or setting is wrong.
        StorageError: The cache cannot be opened.
    """
    async with AsyncExitStack() as stack:
        opened = []
        for own in settings:
            model = models.resolve(own)
            gate = Lasting(partial(_control, model, own))
            cache = caches.provide(own)
            policy = RetryPolicy(attempts=own.attempts, deadline=own.deadline, parked=True)
            asked = provider or provide(model, own)
            exchange: Completing = Exchange(asked if tracing is None else tracing.provider(asked), cache, policy, budgets(gate))
            if tracing is not None:
                exchange = tracing.exchange(exchange)
            extractor = Extractor.from_settings(own, profile=profile, cache=cache, exchange=exchange)
            opened.append((model, await stack.enter_async_context(extractor), gate))
        async with anyio.create_task_group() as tasks:
            desks = [
                Desk(model, extractor, gate, admission, Flights(tasks), meters, tracing.articles if tracing is not None else _untraced)
                for model, extractor, gate in opened
            ]
            yield Desks(desks)
            tasks.cancel_scope.cancel()


def _untraced(extract: Extract) -> Extract:
    return extract


def _control(model: Model, settings: Settings) -> Control:
    """Return a gate that begins with all places: how many articles are in work is bounded already, and trouble takes some away."""
    most = settings.parallel or model.parallel if model.provider == "embedded" else connections(_HOSTED)
    return Control(Pace(most, most), Breaker(), Budget())


def _answered(extraction: Extraction) -> Extraction:
    """Return ``extraction`` where every question was answered.

    Raises:
        ProviderError: One was not.
    """
    failed = extraction.unanswered
    if not failed:
        return extraction
    kind = errors.by_name(failed[0].error)
    asked = sum(bool(window.requests) or window.error is not None for window in extraction.windows)
    msg = (
        f"{len(failed)} of {asked} questions about the article were not answered ({failed[0].detail}); the other answers are"
        " remembered, so the same request again asks only for the rest"
    )
    raise (kind if issubclass(kind, ProviderError) else ProviderError)(msg)
