"""What one process of the service holds while it runs, opened and closed in one place."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, get_args

import anyio
import anyio.to_thread
from starlette.requests import Request

from extractor import models
from extractor.batch.results import Failed, Finished
from extractor.errors import ExtractorError
from extractor.providers.base import Provider
from extractor.service import addresses, signing
from extractor.service.admission import Admission
from extractor.service.attending import Attending
from extractor.service.bodies import Buffers
from extractor.service.budgets import Budgets
from extractor.service.callers import OPEN
from extractor.service.desks import Desk, Desks, open_desks, places
from extractor.service.jobs.deliveries import Deliveries
from extractor.service.jobs.runner import Runner
from extractor.service.jobs.store import Jobs
from extractor.service.jobs.webhooks import Webhooks
from extractor.service.keys import Keys
from extractor.service.limits import Limits
from extractor.service.meters import Meters
from extractor.service.options import Options
from extractor.service.schemas import JobState
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.telemetry import Tracing

_log = logging.getLogger(__name__)
_AGAIN: Final = 30.0
"""Seconds after which a model that could not be made ready is tried again."""
_PROFILE: Final = "claims"
_LANES: Final = 4
"""Of so many places for articles, one is for those of jobs at the most."""


@dataclass(slots=True, kw_only=True, eq=False)
class Context:
    """What the handlers work with.

    Attributes:
        settings: Whom to ask, and where answers are remembered.
        limits: What is taken.
        keys: Who may call.
        desks: Who extracts, by model.
        admission: Gives out places for articles.
        buffers: Bounds the bytes of bodies that are held at once.
        attending: Looks out for clients that go.
        jobs: What was handed over.
        meters: What is counted.
        draining: Set when the service is told to stop.
        stops: Called then: what makes background work end soon.
    """

    settings: Settings
    limits: Limits
    keys: Keys
    desks: Desks
    admission: Admission
    buffers: Buffers
    attending: Attending
    jobs: Jobs
    meters: Meters
    draining: anyio.Event = field(default_factory=anyio.Event)
    stops: list[Callable[[], None]] = field(default_factory=list)
    _unready: dict[str, str] = field(default_factory=dict)

    def drain(self) -> None:
        """Take nothing new, let streams of events end and jobs pause; what is in work goes on. Once more does nothing new."""
        self.draining.set()
        self.admission.close()
        for stop in self.stops:
            stop()

    def lacks(self) -> str | None:
        """Return why requests should not be sent here, in a sentence; None where they may be."""
        if self.draining.is_set():
            return "the service is about to stop"
        return next(iter(self._unready.values()), None)

    async def make_ready(self, desk: Desk) -> None:
        """Load what ``desk`` needs, and try again until it can be."""
        self._unready[desk.name] = f"{desk.name} is being loaded"
        # What is loaded by now stays; looking through all of it again and again stops everything for a tenth of a second.
        gc.freeze()
        while True:
            try:
                await desk.extractor.prepare()
            except ExtractorError as error:
                _log.warning("%s; it is tried again in %.0f s", error, _AGAIN)
                self._unready[desk.name] = f"{desk.name} cannot be loaded ({type(error).__name__}); the log says why"
                await anyio.sleep(_AGAIN)
            else:
                del self._unready[desk.name]
                gc.collect()
                gc.freeze()
                return


@asynccontextmanager
async def open_context(options: Options, *, provider: Provider | None = None) -> AsyncIterator[Context]:
    """Yield what a process holds, with its background work going on; leaving ends that work within the time of grace.

    Args:
        options: What it is started with.
        provider: Who answers for every model, instead of each one's own.

    Raises:
        ConfigurationError: A model's name or a setting is wrong.
        StorageError: The cache, the keys or the jobs cannot be opened.
    """
    limits = options.limits
    _check(limits)
    named = [options.settings.model_copy(update={"model": name}) for name in options.models] or [options.settings]
    most = limits.in_flight or sum(places(models.resolve(own), own) for own in named)
    admission = Admission(most, most // 2 if limits.queue is None else limits.queue, share=options.workers)
    meters = Meters()
    async with AsyncExitStack() as stack:
        recorded = stack.enter_context(_tracing(options.trace)) if options.trace is not None else None
        keys = stack.enter_context(closing(await anyio.to_thread.run_sync(Keys.open, limits.folder)))
        jobs = stack.enter_context(closing(await anyio.to_thread.run_sync(Jobs.open, limits.folder)))
        desks = await stack.enter_async_context(
            open_desks(
                named,
                profile=_PROFILE,
                admission=admission,
                budgets=lambda gate: Budgets(gate, keys),
                meters=meters,
                tracing=recorded,
                provider=provider,
            )
        )
        async with anyio.create_task_group() as tasks:
            context = Context(
                settings=options.settings,
                limits=limits,
                keys=keys,
                desks=desks,
                admission=admission,
                buffers=Buffers(limits.buffered),
                attending=Attending(tasks),
                jobs=jobs,
                meters=meters,
            )
            webhooks = Webhooks(Deliveries(jobs.database), partial(_secret, keys, limits), limits.webhook_networks, count=meters.webhook)
            runner = Runner(
                jobs,
                desks,
                limits,
                lanes=limits.job_lanes or max(1, most // _LANES),
                callers=keys.caller,
                most=options.settings.max_bytes,
                beside=[webhooks.run],
                count=partial(_count, meters),
            )
            context.stops += [runner.stop, webhooks.stop]
            _watch(meters, admission, jobs)
            for desk in desks:
                tasks.start_soon(context.make_ready, desk)
            tasks.start_soon(runner.run)
            yield context
            context.drain()
            await runner.aclose()
            tasks.cancel_scope.cancel()


@contextmanager
def _tracing(target: str) -> Iterator[Tracing]:
    from extractor.telemetry import tracing  # an extra of its own

    with tracing(target) as made:
        yield made


def _check(limits: Limits) -> None:
    """Refuse settings that would show to be wrong only when the first webhook is sent.

    Raises:
        ConfigurationError: The secret or a network is none.
    """
    if limits.webhook_secret is not None:
        signing.key(limits.webhook_secret)
    addresses.own_networks(limits.webhook_networks)


def _secret(keys: Keys, limits: Limits, caller: str) -> str | None:
    """Return what the webhooks of a caller are signed with."""
    return limits.webhook_secret if caller == OPEN.id else keys.webhook_secret(caller)


def _count(meters: Meters, model: str, result: Finished | Failed) -> None:
    meters.job_article("done" if isinstance(result, Finished) else "failed")
    meters.usage(model, result.usage)


def _watch(meters: Meters, admission: Admission, jobs: Jobs) -> None:
    meters.watch("extractions_in_flight", lambda: admission.in_flight)
    meters.watch("extractions_waiting", lambda: admission.waiting)
    meters.watch("extraction_places", lambda: admission.most)
    for state in get_args(JobState):
        meters.watch("jobs", partial(jobs.count, state), state=state)


def of(request: Request) -> Context:
    """Return the context of the process that answers ``request``."""
    found = request.app.state.context
    assert isinstance(found, Context)
    return found
