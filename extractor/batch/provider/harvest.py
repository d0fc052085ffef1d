"""Brings home what a batch that has ended holds: fetches its files, puts its answers into the cache, and settles its job."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from extractor.batch.provider.endpoints import Endpoints, GoneError
from extractor.batch.provider.lines import read, readable
from extractor.batch.provider.options import Options
from extractor.batch.provider.reconciling import Counts, Reconciliation
from extractor.batch.provider.register import Job, Register
from extractor.caches.base import Cache
from extractor.disk import told
from extractor.errors import ProviderError, ResponseError
from extractor.requests import Usage

if TYPE_CHECKING:
    from openai.types import Batch

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a batch brought.

    Attributes:
        usage: What its answers cost.
        stopping: An error that every further request would meet too.
    """

    usage: Usage
    stopping: ProviderError | None


class Harvest:
    """Settles jobs whose batches have ended.

    Args:
        endpoints: The provider.
        register: Where jobs and requests stand.
        cache: Where answers go.
        folder: Where they are put on their way there.
        options: Limits.
        counts: Where lines and requests are counted.
    """

    def __init__(self, endpoints: Endpoints, register: Register, cache: Cache, folder: Path, options: Options, counts: Counts) -> None:
        self._endpoints = endpoints
        self._register = register
        self._cache = cache
        self._folder = folder
        self._options = options
        self._counts = counts

    async def bring(self, job: Job, batch: Batch) -> Brought:
        """Settle a job; done twice, after a kill, it counts once.

        Raises:
            ProviderError: Its files cannot be had now; they are still there.
            StorageError: Answers cannot be kept; they are still at the provider.
        """
        done = batch.request_counts
        completed, failed = (done.completed or 0, done.failed or 0) if done is not None else (0, 0)
        if completed and batch.output_file_id is None:
            msg = f"{self._endpoints.name} has {completed} answers of the batch {batch.id}, and names no file that holds them"
            raise ResponseError(msg)
        paths = []
        for file, kind, lines in ((batch.output_file_id, "answers", completed), (batch.error_file_id, "errors", failed)):
            path = self._folder / f"batch-{job.number:05}.{kind}.jsonl"
            if file is not None and await self._fetch(file, path, lines):
                paths.append(path)
        return await anyio.to_thread.run_sync(self._reconcile, job, paths, batch.status)

    async def _fetch(self, file: str, path: Path, lines: int) -> bool:
        """Fetch a file of answers or errors; return whether it is still there.

        Answers that a fetch lost would be paid for again, so one that brought fewer lines than the provider counts is repeated.
        What is still missing then is missing at the provider, unless it is all of it.
        """
        found = 0

        async def once() -> None:
            nonlocal found
            await self._endpoints.download(file, path)
            found = await anyio.to_thread.run_sync(readable, path)
            if found < lines:
                msg = f"{self._endpoints.name} sent {found} of the {lines} lines of the file {file}"
                raise ResponseError(msg)

        try:
            await self._options.policy.run(once)
        except GoneError:
            _log.warning("the file %s of answers is no longer at %s: what was in it is asked anew", file, self._endpoints.name)
            return False
        except ResponseError as error:
            if not found:
                raise
            _log.warning("%s; what is missing is asked anew", error)
        return True

    def _reconcile(self, job: Job, paths: list[Path], status: str) -> Brought:
        found = Reconciliation(self._register.requests(job), self._cache, attempts=self._options.attempts, counts=self._counts)
        with told(self._folder):
            for path in paths:
                with path.open("rb") as stream:
                    found.take(read(stream, self._endpoints.name, "a batch"))
            self._register.settle(replace(job, state="settled"), found.standings(cancelled=status == "cancelled"), found.usage)
            for path in paths:
                path.unlink()
        return Brought(found.usage, found.stopping)
