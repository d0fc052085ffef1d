"""Who does the jobs: of all processes of a service exactly one, the holder of a lock; when it dies, another takes over.

What is done, and what is not, stands in the file of jobs; who works on what is known to the holder alone. So a kill leaves
nothing to be put right: what has no result is done again, from the answers that are remembered.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

import anyio
import anyio.to_thread
import filelock
from anyio.abc import TaskGroup

from extractor.batch.control import until
from extractor.disk import told
from extractor.errors import ExtractorError, RefusedError, StorageError
from extractor.service.callers import Caller
from extractor.service.jobs import holdups
from extractor.service.jobs.at_desk import AtDesk, Count, Desk, Terms
from extractor.service.jobs.in_work import PAUSES
from extractor.service.jobs.queue import Standing
from extractor.service.jobs.store import Jobs
from extractor.service.jobs.work import OpenJob, Work
from extractor.service.limits import Limits

LOCK: Final = "jobs.lock"
"""Name of the lock's file within the service's folder."""

_log = logging.getLogger(__name__)
_LOOK: Final = 0.25
"""Seconds between two looks at what has come, and what was deleted."""
_TAKE_OVER: Final = 0.5
"""Seconds between two tries to get the lock."""
_TROUBLE: Final = 5.0
"""Seconds to the next try where the file of jobs cannot be used."""
_FORGET: Final = 600.0
"""Seconds between two looks for jobs to be forgotten."""
_DAY: Final = 86_400.0
_UNSERVED: Final = Standing(begun=False, waits=holdups.UNSERVED)


class Desks(Protocol):
    """Who can be asked, as ``extractor.service.desks.Desks`` knows."""

    def get(self, name: str | None) -> Desk:
        """Return the desk of a model.

        Raises:
            RefusedError: It is not served.
        """
        ...


class Runner:
    """Does jobs, where no other process does.

    Args:
        jobs: The jobs.
        desks: Who is asked.
        limits: Where the lock is, how long jobs are kept, and what time there is at the end.
        lanes: Articles of one model extracted at once.
        callers: Returns a caller by its id; None where its key was revoked.
        most: Largest size of a text, in bytes of UTF-8.
        beside: What else only one process may do: run while the lock is held, and cancelled at the end.
        pauses: Seconds before each further try of an article that the provider failed for.
        count: Told of the model and of what came of an article.
    """

    def __init__(
        self,
        jobs: Jobs,
        desks: Desks,
        limits: Limits,
        *,
        lanes: int,
        callers: Callable[[str], Caller | None],
        most: int,
        beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
        pauses: tuple[float, ...] = PAUSES,
        count: Count = lambda _, __: None,
    ) -> None:
        self._work = Work(jobs)
        self._clock = jobs.clock
        self._desks = desks
        self._limits = limits
        self._terms = Terms(lanes=lanes, callers=callers, most=most, grace=limits.grace, pauses=pauses, count=count)
        self._beside = tuple(beside)
        self._at: dict[str, AtDesk] = {}
        self._stopping, self._ended = anyio.Event(), anyio.Event()
        self._running = False

    async def run(self) -> None:
        """Do jobs whenever no other process does, until told to stop."""
        self._running = True
        lock = filelock.FileLock(self._limits.folder / LOCK, thread_local=False, mode=0o600)
        try:
            while not self._stopping.is_set():
                if await self._take(lock):
                    try:
                        await self._lead()
                    except Exception as error:  # noqa: BLE001  # whatever it is, jobs go on; the next lead knows nothing of this one
                        _log.warning("the doing of jobs has a fault (%s); it is begun again", type(error).__name__)
                        _log.debug("the fault", exc_info=True)
                        await until(self._stopping, _TROUBLE)
                    finally:
                        lock.release()
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Begin nothing more; ``run`` returns when what is in flight is finished or, after the time of grace, given back."""
        self._stopping.set()
        for at in self._at.values():
            at.stop()

    async def aclose(self) -> None:
        """Stop, and wait until that is done."""
        self.stop()
        if self._running:
            await self._ended.wait()

    async def _take(self, lock: filelock.BaseFileLock) -> bool:
        """Take the lock, or wait a while; tell whether it was taken."""
        try:
            with told(self._limits.folder / LOCK):
                try:
                    lock.acquire(blocking=False)
                except filelock.Timeout:  # an OSError too
                    pause = _TAKE_OVER
                else:
                    return True
        except StorageError as error:
            _log.warning("jobs wait: %s", error)
            pause = _TROUBLE
        await until(self._stopping, pause)
        return False

    async def _lead(self) -> None:
        self._at.clear()
        async with anyio.create_task_group() as around:
            for task in self._beside:
                around.start_soon(self._again_and_again, task)
            around.start_soon(self._forget)
            async with anyio.create_task_group() as at_desks:
                around.start_soon(self._watch, at_desks)
                await self._stopping.wait()
            around.cancel_scope.cancel()

    async def _again_and_again(self, task: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run ``task``; a fault of it must not end the jobs."""
        while True:
            try:
                await task()
            except Exception as error:  # noqa: BLE001  # whatever it is, it is tried again
                _log.warning("what runs beside the jobs has a fault (%s); it is begun again", type(error).__name__)
                _log.debug("the fault", exc_info=True)
                await anyio.sleep(_TROUBLE)
            else:
                return

    async def _watch(self, at_desks: TaskGroup) -> None:
        """Keep an eye on the file: what has come, what was deleted, and how what is open stands."""
        while True:
            try:
                open_jobs = await anyio.to_thread.run_sync(self._work.open)
                by_model = defaultdict[str, list[OpenJob]](list)
                for job in open_jobs:
                    by_model[job.model].append(job)
                for model in by_model.keys() - self._at.keys():
                    self._begin(model, at_desks)
                standing = {job.number: _UNSERVED for job in open_jobs if job.model not in self._at}
                for model, at in self._at.items():
                    await anyio.to_thread.run_sync(at.update, by_model[model])
                    at.cancel_others()
                    standing.update(at.standing())
                await self._note(open_jobs, standing)
            except ExtractorError as error:
                _log.warning("jobs cannot be looked at: %s", error)
                await anyio.sleep(_TROUBLE)
            await anyio.sleep(_LOOK)

    def _begin(self, model: str, at_desks: TaskGroup) -> None:
        """Have the jobs of a model done, where it is served."""
        try:
            desk = self._desks.get(model)
        except RefusedError:
            return
        if not self._stopping.is_set():
            at = self._at[model] = AtDesk(self._work, desk, self._terms)
            at_desks.start_soon(at.run)

    async def _note(self, open_jobs: Sequence[OpenJob], standing: dict[int, Standing]) -> None:
        """Note what has changed of how the jobs stand."""
        known = [(job, standing[job.number]) for job in open_jobs if job.number in standing]
        begun = [job.number for job, stands in known if stands.begun and not job.begun]
        waits = {job.number: stands.waits for job, stands in known if stands.waits != job.waits}
        if begun or waits:
            await anyio.to_thread.run_sync(self._work.note, begun, waits)

    async def _forget(self) -> None:
        """Forget what is old, and what nobody can ask for any more, since its key was revoked long ago."""
        while True:
            before = self._clock() - self._limits.keep_days * _DAY
            try:
                open_jobs = await anyio.to_thread.run_sync(self._work.open)
                orphans = [job.number for job in open_jobs if job.created < before and self._terms.callers(job.caller) is None]
                forgotten = await anyio.to_thread.run_sync(lambda: self._work.forget(ended_before=before, orphans=orphans))  # noqa: B023  # awaited here
                if forgotten:
                    _log.info("%d jobs were forgotten after their time", forgotten)
            except ExtractorError as error:
                _log.warning("old jobs cannot be forgotten now: %s", error)
            await anyio.sleep(_FORGET)
