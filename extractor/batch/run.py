"""The local engine: entries in, results out, as many articles in flight as the gate lets requests through.

Three parts work side by side, joined by bounded streams, so that memory does not grow with the archive: one reads ahead,
lanes take entries through the pipeline, one commits what they bring. Stopping is a drain: nothing new is begun, what is in
flight is finished and committed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import anyio
import anyio.to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from extractor.batch.feed import CHUNK
from extractor.batch.results import Failed, Finished
from extractor.batch.tally import Tally
from extractor.errors import DiskFullError, ExtractorError
from extractor.readers.archives.entries import Entry

Result = Finished | Failed

_log = logging.getLogger(__name__)
_COMMIT: Final = 256
"""Most results committed at once."""
_DRAIN: Final = 30.0
"""Seconds that articles in flight are given to finish after a stop."""
_DISK_PAUSE: Final = 5.0
"""Seconds between two looks at a full disk."""


class Entries(Protocol):
    """Knows what is still to be done."""

    def chunk(self) -> list[Entry] | None:
        """Return the next entries, perhaps none so far; None where there will be no more. Blocks.

        Raises:
            ExtractorError: There can be no more.
        """
        ...


class Doing(Protocol):
    """Does one entry, as ``extractor.batch.articles.Articles`` does."""

    async def do(self, entry: Entry) -> Result | None:
        """Return what came of ``entry``; None where it is still to be done.

        Raises:
            ExtractorError: No entry can be done at all.
        """
        ...

    def settle(self, finished: Finished) -> None:
        """Learn that a result was kept."""
        ...


class Results(Protocol):
    """Keeps results."""

    def commit(self, results: Sequence[Result]) -> None:
        """Keep ``results``; they are on the disk when it returns. Blocks.

        Raises:
            StorageError: They cannot be kept.
        """
        ...

    def roll(self) -> int | None:
        """Begin another part where the open one is large enough; return the number of the one that can be sealed."""
        ...

    def seal(self, part: int) -> None:
        """Turn a part that is no longer open into files for readers. Blocks.

        Raises:
            StorageError: They cannot be written.
        """
        ...


@dataclass(slots=True)
class Run:
    """One pass over a batch's inputs.

    Attributes:
        feed: What is still to be done.
        articles: How one entry is done.
        store: Where results go.
        tally: Where they are counted.
        lanes: Articles in flight at the most.
        stopped: Returns the error for which no further request may be sent, if there is one.
        say: Told what a person should know, in a sentence.
        drain: Seconds that articles in flight are given to finish after a stop.
        ahead: Entries that are read before a lane is free for them.
        fault: The error that ended the run early.
    """

    feed: Entries
    articles: Doing
    store: Results
    tally: Tally
    lanes: int
    stopped: Callable[[], ExtractorError | None] = lambda: None
    say: Callable[[str], None] = _log.warning
    drain: float = _DRAIN
    ahead: int = CHUNK
    fault: ExtractorError | None = None
    _stopping: anyio.Event = field(default_factory=anyio.Event)

    def stop(self) -> None:
        """Begin nothing more, and end when what is in flight is finished, or the drain's time is over."""
        self._stopping.set()

    async def run(self) -> None:
        """Do everything there is to be done; what cannot be is left pending, and ``fault`` says why.

        Raises:
            StorageError: Results cannot be kept.
        """
        entries_in, entries_out = anyio.create_memory_object_stream[Entry](self.ahead)
        results_in, results_out = anyio.create_memory_object_stream[Result](_COMMIT)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._read, entries_in)
            tasks.start_soon(self._write, results_out)
            async with results_in, entries_out:
                await self._in_lanes(entries_out, results_in)

    async def _in_lanes(self, entries: MemoryObjectReceiveStream[Entry], results: MemoryObjectSendStream[Result]) -> None:
        async with anyio.create_task_group() as lanes:
            clock = anyio.CancelScope()

            async def patience() -> None:
                with clock:
                    await self._stopping.wait()
                    await anyio.sleep(self.drain)
                    self.say(f"what was in flight did not finish within {self.drain:g} s; it stays pending")
                    lanes.cancel_scope.cancel()

            async def all_lanes() -> None:
                async with anyio.create_task_group() as group:
                    for _ in range(self.lanes):
                        group.start_soon(self._lane, entries, results)
                clock.cancel()

            lanes.start_soon(patience)
            lanes.start_soon(all_lanes)

    async def _read(self, entries: MemoryObjectSendStream[Entry]) -> None:
        async with entries:
            while not self._stopping.is_set():
                try:
                    chunk = await anyio.to_thread.run_sync(self.feed.chunk)
                except ExtractorError as error:
                    self._end(error)
                    return
                if chunk is None:
                    return
                for entry in chunk:
                    try:
                        await entries.send(entry)
                    except anyio.BrokenResourceError:
                        return

    async def _lane(self, entries: MemoryObjectReceiveStream[Entry], results: MemoryObjectSendStream[Result]) -> None:
        async for entry in entries:
            if self._stopping.is_set():
                continue
            try:
                result = await self.articles.do(entry)
            except ExtractorError as error:
                self._end(error)
                continue
            if result is not None:
                try:
                    await results.send(result)
                except anyio.BrokenResourceError:
                    return  # what keeps results has failed, and says why
            if not self._stopping.is_set() and (stopped := self.stopped()) is not None:
                self._end(stopped)

    def _end(self, error: ExtractorError) -> None:
        self.fault = self.fault or error
        self._stopping.set()

    async def _write(self, results: MemoryObjectReceiveStream[Result]) -> None:
        async with results, anyio.create_task_group() as tasks:
            async for first in results:
                batch = [first]
                while len(batch) < _COMMIT:
                    try:
                        batch.append(results.receive_nowait())
                    except (anyio.WouldBlock, anyio.EndOfStream):
                        break
                await self._kept(lambda batch=batch: self.store.commit(batch))  # type: ignore[misc]  # bound now, called at once
                self._count(batch)
                if (part := self.store.roll()) is not None:
                    tasks.start_soon(self._seal, part)

    async def _seal(self, part: int) -> None:
        await self._kept(lambda: self.store.seal(part))

    async def _kept(self, write: Callable[[], None]) -> None:
        """Write in a thread; a full disk is waited for, since what is to be written was paid for."""
        told = False
        with anyio.CancelScope(shield=True):
            while True:
                try:
                    await anyio.to_thread.run_sync(write)
                except DiskFullError as error:
                    if self._stopping.is_set() and told:
                        raise
                    if not told:
                        self.say(f"{error}; the batch waits, and goes on by itself when there is room")
                    told = True
                    await anyio.sleep(_DISK_PAUSE)
                else:
                    return

    def _count(self, batch: Sequence[Result]) -> None:
        tally = self.tally
        for result in batch:
            tally.usage += result.usage
            if isinstance(result, Finished):
                self.articles.settle(result)
                tally.done += 1
                tally.fresh += 1
                tally.claims += result.claims
                tally.cached += not result.usage.requests
            else:
                tally.failed += 1
                tally.lost[result.error] = tally.lost.get(result.error, 0) + 1
