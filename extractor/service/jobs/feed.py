"""The articles of all jobs for one model, in turns: what batch's ``Run`` is fed with here.

Nothing about who works on what is on the disk. A feed is made anew from the jobs whenever a run begins.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from extractor.readers.archives.entries import Entry
from extractor.requests import Usage
from extractor.service.jobs import places
from extractor.service.jobs.queue import Queue, Standing
from extractor.service.jobs.turns import Turns
from extractor.service.jobs.work import OpenJob, Work

_PATIENCE: Final = 0.25
"""Seconds that ``chunk`` waits for an article."""


class Feed:
    """What is to be done for one model; calls may come from any thread.

    Args:
        work: The jobs.
        clock: Returns the time in seconds, never going back.
    """

    def __init__(self, work: Work, clock: Callable[[], float] = time.monotonic) -> None:
        self._work = work
        self._clock = clock
        self._changed = threading.Condition()
        self._queues: dict[int, Queue] = {}
        self._turns = Turns()
        self._ended = False

    def update(self, jobs: Sequence[OpenJob]) -> None:
        """Take note of the jobs that are open; blocks where there are new ones.

        Raises:
            StorageError: They cannot be read.
        """
        fresh = [Queue(job, self._work.pending(job.number)) for job in jobs if job.number not in self._queues]
        with self._changed:
            for number in self._queues.keys() - {job.number for job in jobs}:
                self._turns.remove(number, self._queues.pop(number).job.caller)
            for queue in fresh:
                if queue.job.number in self._queues:
                    continue
                self._queues[queue.job.number] = queue
                self._turns.add(queue.job.number, queue.job.caller)
            self._changed.notify_all()

    def chunk(self) -> list[Entry] | None:
        """Return an article to be done, or none after a while without one; None when there will be no more. Blocks.

        One at a time: what is read ahead would be done before a job that came later.

        Raises:
            StorageError: It cannot be read.
        """
        with self._changed:
            if self._ended:
                return None
            now = self._clock()
            number = self._turns.next(lambda job: self._queues[job].ready(now))
            if number is None:
                self._changed.wait(_PATIENCE)
                return []
            queue = self._queues[number]
            place = queue.take()
        entry = self._work.entry(queue.job, place)
        return [entry] if entry is not None else []

    def end(self) -> None:
        """Let there be no more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def done(self, key: bytes) -> Usage:
        """Note that an article has its result; return what it had cost before."""
        number, place = places.of(key)
        with self._changed:
            queue = self._queues.get(number)
            return queue.done(place) if queue is not None else Usage()

    def give_back(self, key: bytes, usage: Usage, *, hold: float, why: str | None = None) -> None:
        """Take back an article that could not be asked about; it cost ``usage``. Nothing of its job is given out for ``hold`` seconds."""
        number, place = places.of(key)
        with self._changed:
            if (queue := self._queues.get(number)) is None:
                return
            queue.give_back(place, usage)
            queue.hold(self._clock() + hold, why)
            self._changed.notify_all()

    def again(self, key: bytes, usage: Usage, pauses: Sequence[float]) -> bool:
        """Take back an article that failed, which cost ``usage``; False where it was tried again after each of ``pauses``."""
        number, place = places.of(key)
        with self._changed:
            if (queue := self._queues.get(number)) is None:
                return False
            times = queue.tried(place).times
            if times >= len(pauses):
                return False
            queue.again(place, usage, self._clock() + pauses[times])
            return True

    def job(self, key: bytes) -> OpenJob | None:
        """Return the job of an article; None where it is gone."""
        with self._changed:
            queue = self._queues.get(places.of(key)[0])
        return queue.job if queue is not None else None

    def standing(self) -> dict[int, Standing]:
        """Return how each job stands."""
        with self._changed:
            return {number: queue.standing() for number, queue in self._queues.items()}
