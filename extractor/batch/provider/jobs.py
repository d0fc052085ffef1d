"""Takes jobs to their end: upload, batch, looks at it, answers. Every step is recorded before it is begun and after it is done.

The register says where each job is, so that a process that was killed anywhere goes on from there: a step that was begun is first
looked for at the provider, and only then done.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread

from extractor.batch.provider.endpoints import Endpoints, FileTooLargeError, GoneError
from extractor.batch.provider.harvest import Harvest
from extractor.batch.provider.options import Options
from extractor.batch.provider.reconciling import Counts
from extractor.batch.provider.refusals import Refusal, explain
from extractor.batch.provider.register import Job, Known, Register
from extractor.batch.provider.request_files import RequestFiles
from extractor.caches.base import Cache
from extractor.errors import AuthenticationError, DeadlineError, ProviderError
from extractor.requests import Usage

if TYPE_CHECKING:
    from openai.types import Batch

_log = logging.getLogger(__name__)
_ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})
_ALONE: Final = 2
"""How often a file is refused for a full queue, with no other batch of ours in it, until it is taken to be too large itself."""


class Dispatch:
    """Takes the jobs of a register through the provider.

    Args:
        endpoints: The provider.
        register: Where jobs and requests stand.
        files: Their request files.
        cache: Where answers go.
        folder: Where answers are put on their way to the cache.
        options: Limits.
        clock: Seconds that never go back.

    Attributes:
        counts: What the answers of this dispatch were.
        usage: What they cost.
        fault: The error for which nothing more is sent; batches that run are still waited for.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        register: Register,
        files: RequestFiles,
        cache: Cache,
        folder: Path,
        options: Options,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoints = endpoints
        self._register = register
        self._files = files
        self._options = options
        self._clock = clock
        self._capacity = options.at_once
        self._refused_alone: Counter[int] = Counter()
        self._held: set[int] = set()
        self._full_since: float | None = None
        self._running: dict[int, int] = {}
        self._ended_requests = 0
        self._silent_since: float | None = None
        self._told = False
        self.counts = Counts()
        self._harvest = Harvest(endpoints, register, cache, folder, options, self.counts)
        self.usage = Usage()
        self.fault: ProviderError | None = None

    @property
    def done(self) -> int:
        """How many requests the provider has gone through."""
        return self._ended_requests + sum(self._running.values())

    async def sweep(self) -> bool:
        """Look at what runs, submit what may be; return whether something ended, so that the next look may be soon.

        Raises:
            ProviderError: The provider cannot be used at all; nothing is lost, and the same call goes on later.
            StorageError: Answers cannot be kept; they are still at the provider.
        """
        ended = False
        self._held.clear()
        self._told = False
        for job in self._register.jobs():
            if job.state == "created":
                ended |= await self._tried(self._look, job)
        for job in self._register.jobs():
            if self.fault is not None:
                break
            # one whose batch may have been created is looked for, whatever else runs
            wanted = job.state == "creating" or (job.state != "created" and self._register.running < self._capacity)
            if wanted and job.number not in self._held:
                ended |= await self._tried(self._submit, job)
        return ended

    async def cancel(self) -> None:
        """Stop the batches that run; what is finished of them comes with the next sweeps.

        Raises:
            ProviderError: One cannot be stopped.
        """
        for job in self._register.jobs():
            if job.batch is not None and job.state == "created":
                await self._options.policy.run(lambda batch=job.batch: self._endpoints.cancel(batch))  # type: ignore[misc]  # bound now

    async def _tried(self, step: Callable[[Job], Awaitable[bool]], job: Job) -> bool:
        """Take a step; one that did not reach the provider is taken again in the next sweep."""
        try:
            ended = await step(job)
        except AuthenticationError:
            raise
        except ProviderError as error:
            if not (error.retryable or isinstance(error, DeadlineError)):
                if self._register.running == 0 or isinstance(error, GoneError):
                    raise
                self.fault = self.fault or error
                return False
            now = self._clock()
            self._silent_since = now if self._silent_since is None else self._silent_since
            if now - self._silent_since >= self._options.patience:
                raise
            if not self._told:
                _log.warning("%s; it is tried again, and nothing is lost meanwhile", error)
            self._told = True
            return False
        self._silent_since = None
        return ended

    async def _submit(self, job: Job) -> bool:
        policy = self._options.policy
        if not self._files.path(job).exists():
            _log.warning("the request file %s is gone: what was in it is asked anew", self._files.path(job).name)
            self._reopen(job)
            return True
        try:
            uploaded = await policy.run(lambda: self._uploaded(job.number))
            await policy.run(lambda: self._created(uploaded.number))
        except FileTooLargeError as error:
            await self._split(job, error)
            return True
        return False

    async def _uploaded(self, number: int) -> Job:
        job = self._register.job(number)
        if job.state not in ("written", "uploading"):
            return job
        file = await self._endpoints.find_file(job) if job.state == "uploading" else None
        if file is None:
            job = self._register.move(replace(job, state="uploading"))
            file = await self._endpoints.upload(job, self._files.path(job))
        return self._register.move(replace(job, state="uploaded", file=file))

    async def _created(self, number: int) -> Job:
        job = self._register.job(number)
        batch = await self._endpoints.find_batch(job) if job.state == "creating" else None
        if batch is None:
            job = self._register.move(replace(job, state="creating"))
            try:
                batch = await self._endpoints.create(job)
            except GoneError:
                # the uploaded file is no longer there: the next run uploads it again
                self._register.move(replace(job, state="written", file=None))
                raise
        return self._register.move(replace(job, state="created", batch=batch.id))

    async def _look(self, job: Job) -> bool:
        assert job.batch is not None
        batch = await self._endpoints.retrieve(job.batch)
        counts = batch.request_counts
        self._running[job.number] = min(job.requests, (counts.completed or 0) + (counts.failed or 0)) if counts is not None else 0
        if batch.status not in _ENDED:
            if batch.status != "validating":
                self._full_since = None
            return False
        del self._running[job.number]
        if batch.status == "failed" and not (batch.output_file_id or batch.error_file_id):
            return await self._refused(job, batch)
        await self._settle(job, batch)
        self._full_since = None
        self._capacity = min(self._capacity + 1, self._options.at_once)
        return True

    async def _settle(self, job: Job, batch: Batch) -> None:
        brought = await self._harvest.bring(job, batch)
        self.usage += brought.usage
        self._ended_requests += job.requests
        self.fault = self.fault or brought.stopping
        if batch.status == "cancelled":
            msg = f"the batch {batch.id} was cancelled at {self._endpoints.name}; what was finished is kept, and a new run asks the rest"
            self.fault = self.fault or ProviderError(msg, attempts=0)
        self._files.remove(job)

    async def _refused(self, job: Job, batch: Batch) -> bool:
        """Do what a refusal asks for; nothing of the batch was asked, and nothing is billed. Return whether another may be sent now."""
        refusal = explain(batch, job, self._endpoints.name)
        again = replace(job, state="uploaded", batch=None, attempt=job.attempt + 1)
        if refusal.what == "queue":
            return await self._wait_for_room(again, refusal.error)
        if refusal.what == "size":
            await self._split(job, refusal.error)
        elif refusal.what == "requests":
            await anyio.to_thread.run_sync(self._take_out, job, refusal)
        else:
            # for another model or account it may be taken: the file is uploaded again, in case it is what was wrong
            self._register.move(replace(again, state="written", file=None))
            self.fault = self.fault or refusal.error
        return True

    async def _wait_for_room(self, job: Job, error: ProviderError) -> bool:
        """The provider's queue is full: keep as many batches in it as it took, and try again when one has ended or time has passed."""
        others = self._register.running - 1
        self._capacity = max(1, others)
        self._held.add(job.number)
        self._register.move(job)
        if others:
            return False
        now = self._clock()
        self._full_since = now if self._full_since is None else self._full_since
        if now - self._full_since >= self._options.patience:
            self.fault = self.fault or error
            return False
        self._refused_alone[job.number] += 1
        if self._refused_alone[job.number] >= _ALONE and job.requests > 1:
            await self._split(job, error)
        return False

    async def _split(self, job: Job, error: ProviderError) -> None:
        """Make two jobs of one that is too large; where it holds a single request, that is given up."""
        if job.requests > 1:
            await anyio.to_thread.run_sync(self._files.split, job)
            return
        known = [(key, Known("failed", tries, "BadRequestError", str(error))) for key, tries in self._register.requests(job).items()]
        self._count(known)
        self._end(job, known)

    def _take_out(self, job: Job, refusal: Refusal) -> None:
        """Give up the requests that the provider names as malformed; the others are asked again without them."""
        tries = self._register.requests(job)
        known = []
        for number, key in enumerate(self._files.keys(job), 1):
            reason = refusal.lines.get(number)
            if reason is None:
                known.append((key, Known("open", tries[key] - 1)))
            else:
                known.append(
                    (key, Known("failed", tries[key], "BadRequestError", f"{self._endpoints.name} refuses the request ({reason})"))
                )
        self._count(known)
        self._end(job, known)

    def _reopen(self, job: Job) -> None:
        self._end(job, [(key, Known("open", tries - 1)) for key, tries in self._register.requests(job).items()])

    def _end(self, job: Job, known: list[tuple[str, Known]]) -> None:
        self._register.settle(replace(job, state="settled"), known, Usage())
        self._files.remove(job)

    def _count(self, known: list[tuple[str, Known]]) -> None:
        for _, one in known:
            if one.standing == "failed":
                self.counts.failed += 1
                self.counts.lost[one.error or ""] = self.counts.lost.get(one.error or "", 0) + 1
            else:
                self.counts.again += 1
