"""The jobs of one model: a run of batch's machinery after the other, until the service stops.

A run ends when nothing can be asked any more, as for a refused key. Then the jobs wait, and another run begins as soon as the
desk's gate lets requests through again, or, where only trying can tell, after a pause that grows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

import anyio

from extractor import errors
from extractor.batch.control import until
from extractor.batch.results import Failed, Finished
from extractor.batch.run import Run
from extractor.batch.tally import Tally
from extractor.errors import ExtractorError
from extractor.extraction import Extract
from extractor.service.callers import Caller
from extractor.service.jobs import holdups
from extractor.service.jobs.feed import Feed
from extractor.service.jobs.in_work import Extracting, InWork
from extractor.service.jobs.queue import Standing
from extractor.service.jobs.work import OpenJob, Work

_log = logging.getLogger(__name__)
Count = Callable[[str, Finished | Failed], None]
"""Told of a model, and of what came of an article by it."""

_LOOK: Final = 0.25
"""Seconds between two looks at a gate that lets nothing through."""
_LONGEST: Final = 60.0
"""Seconds to the next try where only trying can tell."""


class Lasting(Protocol):
    """What lets requests through, as ``extractor.service.gates.Lasting`` does."""

    @property
    def stopped(self) -> ExtractorError | None:
        """The error for which nothing is sent at the moment."""
        ...


class Desk(Protocol):
    """Who is asked, as ``extractor.service.desks.Desk`` is."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    @property
    def traced(self) -> Callable[[Extract], Extract]:
        """Has what makes an extraction recorded, where anything is."""
        ...

    @property
    def extractor(self) -> Extracting:
        """Makes extractions."""
        ...

    @property
    def gate(self) -> Lasting:
        """Lets requests through."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms jobs are done.

    Attributes:
        lanes: Articles of one model extracted at once.
        callers: Returns a caller by its id; None where its key was revoked.
        most: Largest size of a text, in bytes of UTF-8.
        grace: Seconds that articles in flight are given to finish after a stop.
        pauses: Seconds before each further try of an article that the provider failed for.
        count: Told of the model and of what came of an article.
    """

    lanes: int
    callers: Callable[[str], Caller | None]
    most: int
    grace: float
    pauses: tuple[float, ...]
    count: Count


class AtDesk:
    """Does the jobs of one model.

    Args:
        work: The jobs.
        desk: Who is asked.
        terms: On what terms.

    Attributes:
        holdup: What holds all of them up, in words; None where nothing does.
    """

    def __init__(self, work: Work, desk: Desk, terms: Terms) -> None:
        self._work = work
        self._desk = desk
        self._terms = terms
        self._jobs: Sequence[OpenJob] = ()
        self._stopping = anyio.Event()
        self._pause = _LOOK
        self.holdup: str | None = None
        self._begin()

    async def run(self) -> None:
        """Do what there is to be done until told to stop."""
        while not self._stopping.is_set():
            fault = self._desk.gate.stopped
            if fault is None:
                fault = await self._once()
            if fault is None:
                continue
            if self.holdup is None and not self._stopping.is_set():
                _log.warning("jobs wait: %s", fault)
            self.holdup = holdups.words(fault)
            await until(self._stopping, self._next_pause())

    def update(self, jobs: Sequence[OpenJob]) -> None:
        """Take note of the jobs of this model that are open. Blocks.

        Raises:
            StorageError: They cannot be read.
        """
        self._jobs = jobs
        self._feed.update(jobs)

    def cancel_others(self) -> None:
        """Stop what is in work of jobs that are not open any more."""
        self._in_work.cancel([job.number for job in self._jobs])

    def standing(self) -> dict[int, Standing]:
        """Return how each job stands."""
        if self._run.tally.fresh or self._run.tally.failed:
            self.holdup, self._pause = None, _LOOK
        return {number: replace(one, waits=self.holdup or one.waits) for number, one in self._feed.standing().items()}

    def stop(self) -> None:
        """Begin nothing more; what is in flight is finished, within the time of grace."""
        self._stopping.set()
        self._feed.end()
        self._run.stop()

    def _begin(self) -> None:
        """Make a run anew, which knows nothing of who worked on what; the next ``update`` tells it of the jobs."""
        gate = self._desk.gate
        self._feed = Feed(self._work)
        self._in_work = InWork(
            feed=self._feed,
            extractor=self._desk.extractor,
            callers=self._terms.callers,
            stopped=lambda: gate.stopped,
            most=self._terms.most,
            pauses=self._terms.pauses,
            count=partial(self._terms.count, self._desk.name),
            traced=self._desk.traced,
        )
        self._run = Run(
            feed=self._feed,
            articles=self._in_work,
            store=self._work,
            tally=Tally(),
            lanes=self._terms.lanes,
            stopped=lambda: gate.stopped,
            drain=self._terms.grace,
            ahead=0,
        )

    async def _once(self) -> ExtractorError | None:
        """Do one run; return what ended it, if not the end of the service."""
        self._begin()
        try:
            await self._run.run()
        except Exception as error:  # noqa: BLE001  # a fault of ours must not end the jobs of all
            fault = errors.of_group(error)
            if isinstance(fault, ExtractorError):
                return fault
            _log.debug("the fault", exc_info=True)
            return ExtractorError(f"a fault of this program ({type(fault).__name__})")
        return self._run.fault

    def _next_pause(self) -> float:
        if self._desk.gate.stopped is not None:
            return _LOOK
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST)
        return pause
