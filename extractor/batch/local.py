"""The local engine put together: what a job and the settings say, made into one run over a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread

from extractor import models
from extractor.batch.breaker import Breaker
from extractor.batch.budget import Budget
from extractor.batch.control import Control
from extractor.batch.job import BatchJob
from extractor.batch.manifest import Manifest
from extractor.batch.pace import Pace
from extractor.batch.prices import Price, Prices, needed
from extractor.batch.session import Running, Session
from extractor.batch.store import Store
from extractor.caches import table as caches
from extractor.caches.base import Cache, NoCache
from extractor.documents import Document
from extractor.exchange import Completing, Exchange
from extractor.extraction import Extraction
from extractor.fetching import Progress
from extractor.models import Model
from extractor.pipeline import Extractor
from extractor.providers.base import Provider
from extractor.providers.table import provide
from extractor.readers.archives.inputs import Inputs
from extractor.requests import Usage
from extractor.retries import RetryPolicy
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.telemetry import Tracing

Say = Callable[[str], None]
"""Told what a person should know, in a sentence."""

_MOST: Final = 256
"""Requests in flight at the most where no number is given."""
_FILES: Final = 48
"""Files and pipes of the process's own, connections apart: 36 were seen, and some are for sealing and for names of hosts."""
_OPTIONS: Final = ("concurrency", "budget_usd", "budget_tokens", "limit", "retry", "engine", "cached", "form", "fields", "published")


@dataclass(frozen=True, slots=True)
class Means:
    """What a run works with.

    Attributes:
        model: Who is asked.
        price: What its tokens cost; None where that is not known.
        cache: What remembers answers.
        provider: Who answers what is not remembered.
        most: Requests in flight at the most.
        start: Requests in flight at the start; None to find out how many the provider takes.
        spent: What the folder is known to have cost.
        gated: Whether requests are let in one by one; what a batch of the provider asks is not.
    """

    model: Model
    price: Price | None
    cache: Cache
    provider: Provider
    most: int
    start: int | None
    gated: bool = True
    spent: Usage = Usage()  # noqa: RUF009  # frozen


@asynccontextmanager
async def local(job: BatchJob, settings: Settings, say: Say, tracing: Tracing | None = None) -> AsyncIterator[Session]:
    """Yield the run that ``job`` asks for, over answers that are asked for online, with everything open that it needs.

    Args:
        job: What is to be done.
        settings: Model, keys, folders and limits.
        say: Told what a person should know, in a sentence.
        tracing: What records it, if anything does.

    Raises:
        ConfigurationError: A name, setting or price is wrong or missing.
        ReaderError: An input is missing.
        RunError: The folder holds a batch of something else, or another process uses it.
        StorageError: The folder or the cache cannot be used.
    """
    model = models.resolve(settings)
    most, start = places(job, model, settings)
    cache = caches.provide(settings) if job.cached else NoCache()
    provider = provide(model, settings, _downloading(say))
    async with over_folder(
        job, settings, say, tracing, Means(model, priced(job, model, settings), cache, provider, most, start)
    ) as session:
        yield session


@asynccontextmanager
async def over_folder(
    job: BatchJob, settings: Settings, say: Say, tracing: Tracing | None, means: Means, made: Callable[..., Session] = Session
) -> AsyncIterator[Session]:
    """Yield a run over the folder of ``job`` by given means, and close them and the folder; ``made`` makes it of its parts.

    Raises:
        ExtractorError: As ``local`` does.
    """
    async with AsyncExitStack() as stack:
        inputs = Inputs(
            job.inputs, form=job.form, fields=job.fields, published=job.published, most=settings.max_bytes, without=(job.out,)
        )  # fmt: skip
        stack.push_async_callback(inputs.aclose)
        control = Control(Pace(means.most, means.start), Breaker(), Budget(job.budget_usd, job.budget_tokens, means.price))
        provider = means.provider if tracing is None else tracing.provider(means.provider)
        policy = RetryPolicy(attempts=settings.attempts, deadline=settings.deadline, parked=True)
        exchange: Completing = Exchange(provider, means.cache, policy, control if means.gated else None)
        if tracing is not None:
            exchange = tracing.exchange(exchange)
        extractor = await stack.enter_async_context(
            Extractor.from_settings(settings, profile=job.profile, cache=means.cache, exchange=exchange)
        )

        async def extract(document: Document, source: str) -> Extraction:
            return await extractor.make(document, source=source)  # what is remembered was looked for before

        store = await anyio.to_thread.run_sync(lambda: Store.open(job.out, described(extractor, job), job.shard))
        # after a kill the manifest may lag behind what is stored
        spent = max(means.spent, store.usage, store.manifest.usage, key=lambda usage: usage.output_tokens)
        control.budget.carry(spent, store.manifest.possible)
        session = made(
            job=job,
            inputs=inputs,
            store=store,
            control=control,
            extract=extract if tracing is None else tracing.articles(extract),
            remembered=lambda document, source: extractor.remembered(document, source=source),
            lanes=means.most,
            price=means.price,
            say=say,
            settings=_told(job, settings),
        )
        how = "failed"
        try:
            yield session
            how = ended(session)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(lambda: _close(session, how))


def priced(job: BatchJob, model: Model, settings: Settings) -> Price | None:
    """Return what the tokens of ``model`` cost, None where that is not known.

    Raises:
        ConfigurationError: It is not known, and a budget in money needs it; or the file of prices is none.
    """
    price = Prices.load(job.prices).find(model, settings.base_url)
    return needed(price, model) if job.budget_usd is not None else price


def places(job: BatchJob, model: Model, settings: Settings) -> tuple[int, int | None]:
    """Return how many requests may be in flight, and with how many to begin; None to find out.

    A model on this machine has a fixed number of places: more in flight would only wait in its server.
    """
    number = job.concurrency or settings.parallel or (model.parallel if model.provider == "embedded" else None)
    most = connections(number or _MOST)
    return (most, most if number is not None else None)


def connections(asked: int) -> int:
    """Return how many connections of ``asked`` the process may have beside its own files; the limit on both is raised as far as allowed.

    Some systems begin with 256 (macOS), and where connections use all of them up, no result can be written.
    """
    try:
        import resource
    except ImportError:  # no such limit, as on Windows
        return asked
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = asked + _FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return asked
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(asked, soft - _FILES))


def described(extractor: Extractor, job: BatchJob) -> Manifest:
    """Return the manifest of asking ``extractor`` about the inputs of ``job``."""
    return Manifest(
        profile=extractor.profile.name,
        prompt=", ".join(prompt.reference for prompt in extractor.prompts),
        prompt_digest=" ".join(prompt.digest for prompt in extractor.prompts),
        model=extractor.model.name,
        endpoint=extractor.endpoint,
        parser=extractor.parser_identity,
        inputs=job.inputs,
        shard=job.shard,
        started=datetime.now(UTC),
    )


def ended(session: Running) -> str:
    """Return in a few words how a run ended."""
    if session.fault is not None:
        return f"stopped: {type(session.fault).__name__}"
    return "stopped by a signal" if session.stopping else "finished"


def _told(job: BatchJob, settings: Settings) -> dict[str, Any]:
    """Return what a run was asked for, for the manifest; nothing of it is secret."""
    asked = {name: getattr(job, name) for name in _OPTIONS}
    return {
        name: value if isinstance(value, (bool, int, str, dict)) else str(value)
        for name, value in {**asked, "attempts": settings.attempts, "deadline": settings.deadline}.items()
        if value not in (None, {})
    }


def _close(session: Session, how: str) -> None:
    try:
        session.report(how)
        session.store.close()
    except BaseException:
        session.store.abandon()
        raise


def _downloading(say: Say) -> Progress:
    """Return what tells, ten times, how far the download of a model's file is."""
    told = -1

    def tell(had: int, total: int) -> None:
        nonlocal told
        tenth = had * 10 // total
        if tenth > told:
            told = tenth
            say(f"fetching the model: {had / 1e6:,.0f} of {total / 1e6:,.0f} MB")

    return tell
