"""One run of the command over a batch's folder: its passes over the inputs, where it stands, and what the manifest keeps of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

import anyio
import anyio.to_thread

from extractor.batch import manifest
from extractor.batch.articles import Articles
from extractor.batch.control import Control
from extractor.batch.feed import Feed
from extractor.batch.job import BatchJob
from extractor.batch.manifest import Counts
from extractor.batch.prices import Price
from extractor.batch.run import Run
from extractor.batch.store import Store
from extractor.batch.tally import Tally
from extractor.documents import Document
from extractor.errors import ExtractorError, StoppedError, StorageError
from extractor.extraction import Extract
from extractor.memo import Kept
from extractor.readers.archives.inputs import Inputs
from extractor.requests import Usage

_REPORTED: Final = 20.0
"""Seconds between two reports to the manifest."""


class Running(Protocol):
    """One run of the command, whichever engine does it."""

    job: BatchJob
    tally: Tally
    fault: ExtractorError | None
    stopping: bool

    @property
    def usage(self) -> Usage:
        """What answers have cost so far."""
        ...

    @property
    def cost(self) -> Decimal | None:
        """The same in US dollars; None where no price is known."""
        ...

    @property
    def free(self) -> bool:
        """Whether the model costs nothing."""
        ...

    @property
    def state(self) -> str:
        """What holds it up, in words; empty where nothing does."""
        ...

    @property
    def passed(self) -> Mapping[str, int]:
        """What of the inputs was passed over, by why."""
        ...

    async def run(self) -> None:
        """Do what there is to be done."""
        ...

    def stop(self) -> None:
        """Begin nothing more, and end soon."""
        ...


@dataclass(slots=True, kw_only=True)
class Session:
    """One run of the command.

    Attributes:
        job: What is asked for.
        inputs: The articles.
        store: Where results go.
        control: What lets requests through.
        extract: Makes a document's extraction, said to be read from a place.
        remembered: Returns a finished one that is remembered.
        lanes: Articles in flight at the most.
        price: What the model's tokens cost; None where that is not known.
        say: Told what a person should know, in a sentence.
        settings: What it runs with, for the manifest; no secrets.
        tally: Where it stands.
        waits_for: What it waits for beside requests, in words.
        fault: The error that ended it early.
    """

    job: BatchJob
    inputs: Inputs
    store: Store
    control: Control
    extract: Extract
    remembered: Callable[[Document, str], Awaitable[Kept | None]]
    lanes: int
    price: Price | None
    say: Callable[[str], None]
    settings: dict[str, Any] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    waits_for: str = ""
    fault: ExtractorError | None = None
    stopping: bool = False
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _run: Run | None = None
    _earlier: tuple[Usage, Usage] = (Usage(), Usage())  # frozen
    _earlier_usd: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Note what earlier runs cost, which the budget has counted."""
        budget = self.control.budget
        self._earlier = (budget.spent, budget.possible)
        self._earlier_usd = budget.spent_usd or Decimal(0)

    @property
    def usage(self) -> Usage:
        """What answers have cost so far, those to articles that are not finished included."""
        return self.control.budget.spent - self._earlier[0]

    @property
    def possible(self) -> Usage:
        """What requests that were cut off while they may have been answered may have cost besides."""
        return self.control.budget.possible - self._earlier[1]

    @property
    def cost(self) -> Decimal | None:
        """The same in US dollars; None where no price is known."""
        spent = self.control.budget.spent_usd
        return spent - self._earlier_usd if spent is not None else None

    @property
    def free(self) -> bool:
        """Whether the model costs nothing, as one on this machine."""
        return self.price is not None and not (self.price.input or self.price.output)

    @property
    def state(self) -> str:
        """What holds it up, in words; empty where nothing does."""
        if self.waits_for:
            return self.waits_for
        if self.control.parked > 1:
            return f"the provider asked to wait {self.control.parked:.0f} s"
        return "the provider fails; one request at a time until it answers" if self.control.open else ""

    @property
    def passed(self) -> Mapping[str, int]:
        """What of the inputs was passed over, by why."""
        return self.inputs.counts

    async def run(self) -> None:
        """Do what there is to be done; ``fault`` says what ended it early.

        Raises:
            StorageError: Results cannot be kept.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._report_now_and_then)
            await self.work()
            tasks.cancel_scope.cancel()

    async def work(self) -> None:
        """Go over the inputs once."""
        await self.go_over()

    async def go_over(self) -> None:
        """Take everything that is still to be done through the pipeline, once."""
        before = self.tally
        size = await anyio.to_thread.run_sync(lambda: self.inputs.size)
        self.tally = Tally(
            size=size, fresh=before.fresh, claims=before.claims, cached=before.cached, usage=before.usage, lost=before.lost
        )  # fmt: skip
        self.store.begin_pass()
        feed = Feed(self.inputs, self.store, self.tally, shard=self.job.shard, limit=self.job.limit, retry=self.job.retry)
        articles = Articles(self.inputs.document, self.extract, self.store, lambda: self.control.stopped, self.remembered)
        self._run = Run(
            feed=feed,
            articles=articles,
            store=self.store,
            tally=self.tally,
            lanes=self.lanes,
            stopped=lambda: self.control.stopped,
            say=self.say,
        )
        if self.stopping:
            self._run.stop()
        await self._run.run()
        self.fault = self._run.fault

    def stop(self) -> None:
        """Send nothing more, and end when what is in flight has come back."""
        self.stopping = True
        if self._run is not None:
            self._run.stop()
        msg = "the run was stopped"
        self.control.stop(StoppedError(msg, attempts=0))

    def report(self, how: str | None = None) -> None:
        """Write to the manifest where the run stands, and with ``how`` that it has ended. Blocks."""
        tally = self.tally
        self.store.report(
            manifest.Session(
                started=self._started,
                ended=datetime.now(UTC) if how is not None else None,
                how=how,
                settings=self.settings,
                counts=Counts(inputs=tally.inputs, done=tally.done, failed=tally.failed, pending=tally.pending, repeated=tally.repeated),
                fresh=tally.fresh,
                usage=self.usage,
                possible=self.possible,
                cost_usd=self.cost,
                lost=dict(tally.lost),
            )
        )

    async def _report_now_and_then(self) -> None:
        while True:
            await anyio.sleep(_REPORTED)
            with suppress(StorageError):  # a full disk is the commits' to wait for; the report at the end must be written
                await anyio.to_thread.run_sync(self.report)
