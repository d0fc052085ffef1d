"""Ray as an engine: the work divided into shards, each done by the local engine on some machine of a cluster."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread

from extractor import models
from extractor.batch import ray
from extractor.batch.job import BatchJob
from extractor.batch.local import Say, ended, local
from extractor.batch.tally import Tally
from extractor.errors import ConfigurationError, ExtractorError, RunError
from extractor.requests import Usage
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.telemetry import Tracing

_WHOLE_MACHINE: Final = 1.0
"""Processors held back for a shard whose model runs beside it."""


@dataclass(frozen=True, slots=True)
class ShardJob:
    """A shard, and what it is done with.

    Attributes:
        job: The batch, with the shard's number.
        settings: Model, keys, folders and limits.
    """

    job: BatchJob
    settings: Settings


@dataclass(frozen=True, slots=True)
class ShardReport:
    """What came of a shard.

    Attributes:
        tally: Where it stands.
        usage: What it cost.
        cost: The same in US dollars; None where no price is known.
        how: How it ended, in a few words.
        error: What ended it early, in a sentence.
        passed: What of the inputs was passed over, by why.
    """

    tally: Tally
    usage: Usage
    cost: Decimal | None
    how: str
    error: str | None
    passed: Mapping[str, int]


def process_shard(shard: ShardJob) -> ShardReport:
    """Do one shard with the local engine, and return what came of it; done again, it goes on where it stood. Blocks.

    Raises:
        ExtractorError: Nothing of it can be done at all.
    """
    return anyio.run(_process, shard)


async def _process(shard: ShardJob) -> ShardReport:
    async with local(shard.job, shard.settings, _unsaid) as session:
        await session.run()
    error = str(session.fault) if session.fault is not None else None
    return ShardReport(session.tally, session.usage, session.cost, ended(session), error, dict(session.passed))


def _unsaid(_: str) -> None:
    """Say nothing: what matters is in the report."""


@dataclass(slots=True)
class RaySession:
    """A run that a cluster does.

    Attributes:
        job: What is asked for.
        shards: It, divided.
        cluster: Where.
        say: Told what a person should know, in a sentence.
        free: Whether the model costs nothing.
        tally: Where it stands: the sum of the shards that have ended.
    """

    job: BatchJob
    shards: list[ShardJob]
    cluster: ray.Cluster
    say: Say
    free: bool
    tally: Tally = field(default_factory=Tally)
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = Decimal(0)
    passed: Counter[str] = field(default_factory=Counter)
    fault: ExtractorError | None = None
    stopping: bool = False
    _ended: int = 0

    @property
    def state(self) -> str:
        """How many shards have ended, in words."""
        return f"{self._ended} of {len(self.shards)} shards ended"

    async def run(self) -> None:
        """Have the cluster do every shard."""
        self.tally.size = len(self.shards)
        try:
            await anyio.to_thread.run_sync(lambda: ray.run(self.shards, process_shard, self.cluster, self._count), abandon_on_cancel=True)
        except ExtractorError as error:
            self.fault = None if self.stopping else error

    def stop(self) -> None:
        """End the cluster's work; every shard goes on where it stood when the command is run again."""
        self.stopping = True
        ray.end()

    def _count(self, one: ray.Ended[ShardReport], ended_now: int, of: int) -> None:
        self._ended = ended_now
        self.tally.read, self.tally.ended = ended_now, ended_now == of
        if one.report is None or one.report.error is not None:
            what = one.error or (one.report.error if one.report is not None else "")
            self.say(f"shard {one.number} of {of} on {one.host}: {what}")
            self.fault = self.fault or RunError(f"shard {one.number} of {of} did not end well: {what}")
        if one.report is None:
            return
        tally, add = self.tally, one.report.tally
        for name in ("inputs", "repeated", "done", "failed", "fresh", "claims", "cached"):
            setattr(tally, name, getattr(tally, name) + getattr(add, name))
        for name, number in add.lost.items():
            tally.lost[name] = tally.lost.get(name, 0) + number
        self.usage += one.report.usage
        self.cost = self.cost + one.report.cost if self.cost is not None and one.report.cost is not None else None
        # every shard passes over the same files
        self.passed = Counter(one.report.passed) | self.passed


@asynccontextmanager
async def by_ray(job: BatchJob, settings: Settings, say: Say, tracing: Tracing | None = None) -> AsyncIterator[RaySession]:
    """Yield the run that ``job`` asks for, done by a cluster.

    Raises:
        ConfigurationError: It is asked for what a cluster does not do.
    """
    if job.shard != (1, 1) or tracing is not None:
        what = "--shard" if tracing is None else "--trace"
        msg = f"--engine ray divides the work itself and traces nothing; leave {what} out"
        raise ConfigurationError(msg)
    model = models.resolve(settings)
    on_its_machine = model.provider == "embedded"
    number = job.shards or os.cpu_count() or 1
    yield RaySession(
        job=job,
        shards=[ShardJob(_share(job, one, number), settings) for one in range(1, number + 1)],
        cluster=ray.Cluster(address=job.cluster, cpus=_WHOLE_MACHINE) if on_its_machine else ray.Cluster(address=job.cluster),
        say=say,
        free=on_its_machine,
    )


def _share(job: BatchJob, number: int, of: int) -> BatchJob:
    """Return one shard of ``job``: its part of what may be spent and sent at once, and paths that hold in any working folder."""
    return replace(
        job,
        inputs=tuple(str(Path(path).absolute()) for path in job.inputs),
        out=job.out.absolute(),
        prices=job.prices.absolute() if job.prices is not None else None,
        engine="local",
        shard=(number, of),
        concurrency=max(1, job.concurrency // of) if job.concurrency is not None else None,
        budget_usd=job.budget_usd / of if job.budget_usd is not None else None,
        budget_tokens=max(1, job.budget_tokens // of) if job.budget_tokens is not None else None,
    )
