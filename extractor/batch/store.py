"""The folder of a batch, for its one writer: what is committed is kept, whatever happens next.

A commit appends to the open part and to the dead letters, through to the disk, and then to the index. A part that is large
enough is sealed, meanwhile another is open. What a kill leaves half done is put right when the folder is opened again: the
parts and the dead letters are the truth, and the index is brought up to them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

import filelock

from extractor.batch import manifest as manifests
from extractor.batch import parts, sealing
from extractor.batch.failures import Failures
from extractor.batch.failures import line as failure_line
from extractor.batch.index import FAILED, PASSING, Index
from extractor.batch.layout import Layout
from extractor.batch.manifest import Manifest, Session
from extractor.batch.results import Failed, Finished, Visit
from extractor.batch.totals import Row, Totals
from extractor.disk import Appended, told
from extractor.errors import RunError
from extractor.requests import Usage

State = Literal["done", "failed", "passing"]
"""Finished; given up for good; given up for a fault that may have passed."""

_log = logging.getLogger(__name__)
_ARTICLES: Final = 10_000
_BYTES: Final = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Stored:
    """What a folder holds.

    Attributes:
        done: Finished articles.
        partial: Those of them with a window that was refused or cut off.
        claims: Their claims.
        failed: Articles given up for good.
        passing: Articles given up for a fault that may have passed.
    """

    done: int
    partial: int
    claims: int
    failed: int
    passing: int


class Store:
    """A batch's folder, or one shard of it, opened for writing; made by ``open``.

    Commits come from one thread, ``seal`` may run in another meanwhile, questions may come from any.

    Attributes:
        layout: Where its files are.
        manifest: What it is of, and how it goes.
    """

    def __init__(self, layout: Layout, manifest: Manifest, lock: filelock.BaseFileLock, articles: int, size: int) -> None:
        self.layout = layout
        self.manifest = manifest
        self._file_lock = lock
        self._articles, self._bytes = articles, size
        self._committing, self._sealing = threading.Lock(), threading.Lock()
        self._failures = Failures(layout.failures)
        self._index = Index(layout.index)
        self._unsealed = sealing.repair(layout, self._index, self._failures)
        self._handed: set[int] = set()
        self._number = self._unsealed.pop() if self._unsealed else sealing.following(layout)
        self._part = Appended(layout.part(self._number))

    @classmethod
    def open(
        cls, folder: Path, manifest: Manifest, shard: tuple[int, int] = (1, 1), *, articles: int = _ARTICLES, size: int = _BYTES
    ) -> Self:
        """Return the store in ``folder``, which is made where there is none; what a kill left half done there is put right.

        Args:
            folder: Where the results go.
            manifest: What is asked of whom.
            shard: Which of how many shards, from 1.
            articles: Most articles of a part.
            size: Bytes at which a part is full.

        Raises:
            RunError: Another process writes there, or the folder holds a batch of something else or a damaged one.
            StorageError: It cannot be read or written.
            MissingExtraError: What makes its files is not installed.
        """
        sealing.check_installed()
        layout = Layout(folder, shard)
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(layout.lock, thread_local=False)
            try:
                lock.acquire(blocking=False)
            except filelock.Timeout as error:
                msg = (
                    f"another process writes to {folder}; wait for its end, use another folder with --out, or divide the work with --shard"
                )
                raise RunError(msg) from error
        try:
            settled = manifests.settle(layout, manifest)
            manifests.write(layout.manifest, settled)
            return cls(layout, settled, lock, articles, size)
        except BaseException:
            lock.release()
            raise

    @property
    def counts(self) -> Stored:
        """What it holds."""
        totals, given = self._totals(), self._index.given
        return Stored(totals.articles, totals.partial, totals.claims, given.failed, given.passing)

    @property
    def usage(self) -> Usage:
        """What everything in it cost, dead letters included."""
        return self._totals().usage + self._index.given.usage

    def states(self, keys: Sequence[bytes]) -> list[State | None]:
        """Return what is known of each of ``keys``; None of one that is new."""
        return [_state(place) for place in self._index.places(keys)]

    def visit(self, keys: Sequence[bytes]) -> list[Visit]:
        """Note that the entries were met in this pass over the inputs, and return what was known of each."""
        places, repeated = self._index.visit(keys)
        return ["repeated" if again else _state(place) or "new" for place, again in zip(places, repeated, strict=True)]

    def begin_pass(self) -> None:
        """Begin another pass over the inputs: no entry was met in it yet."""
        self._index.begin_pass()

    def owner(self, document: str) -> bytes | None:
        """Return the key of the finished entry whose document has this id, if there is one."""
        return self._index.owner(document)

    def commit(self, results: Sequence[Finished | Failed]) -> None:
        """Keep ``results``; they are on the disk when it returns, all of them, and after an error none of them is kept.

        What is finished already is left as it is.

        Raises:
            DiskFullError: There is no room; the same call succeeds when there is again.
            StorageError: They cannot be written.
        """
        with self._committing:
            finished, failed = self._fresh(results)
            part, letters = self._part, self._failures.file
            before = (part.size, part.lines), (letters.size, letters.lines)
            try:
                if finished:
                    part.append(parts.line(one) for one in finished)
                if failed:
                    letters.append(failure_line(one) for one in failed)
                self._index.record(self._number, [_row(one) for one in finished], failed)
            except BaseException:
                part.cut(*before[0])
                letters.cut(*before[1])
                raise

    def roll(self) -> int | None:
        """Return the number of a part that is to be sealed, if there is one; the open part is closed where it is full."""
        with self._committing:
            if self._part.lines >= self._articles or self._part.size >= self._bytes:
                self._cut()
            number = next((number for number in self._unsealed if number not in self._handed), None)
            if number is not None:
                self._handed.add(number)
            return number

    def seal(self, number: int) -> None:
        """Make the files of a part that ``roll`` has named; commits go on meanwhile.

        Raises:
            DiskFullError: There is no room; the same call succeeds when there is again.
            StorageError: They cannot be written.
        """
        with self._sealing:
            sealing.seal(self.layout, number, self._index)
            self._unsealed.remove(number)

    def report(self, session: Session) -> None:
        """Write to the manifest how this run goes; a later report of the same run replaces it.

        Raises:
            StorageError: It cannot be written.
        """
        self.manifest = self.manifest.with_session(session)
        manifests.write(self.layout.manifest, self.manifest)

    def close(self) -> None:
        """Seal what is open, keep of the dead letters those that still are, and let the folder go.

        Raises:
            DiskFullError: There is no room; the same call succeeds when there is again.
            StorageError: Something cannot be written; what was committed is kept all the same.
        """
        with self._committing:
            if self._part.lines:
                self._cut()
        for number in list(self._unsealed):
            self.seal(number)
        self._failures.compact(lambda keys: [place is not None and place < 0 for place in self._index.places(keys)])
        self.abandon()

    def abandon(self) -> None:
        """Let the folder go as it is; what was committed is kept. Once more does nothing."""
        if not self._file_lock.is_locked:
            return
        self._part.close()
        if not self._part.lines:
            self._part.path.unlink(missing_ok=True)
        self._failures.file.close()
        self._index.close()
        self._file_lock.release()

    def _cut(self) -> None:
        """Open the next part in place of this one, which is then to be sealed."""
        following = Appended(self.layout.part(self._number + 1))
        full, self._part = self._part, following
        self._unsealed.append(self._number)
        self._number += 1
        full.close()

    def _totals(self) -> Totals:
        return sum(list(self._index.parts.values()), Totals())

    def _fresh(self, results: Sequence[Finished | Failed]) -> tuple[list[Finished], list[Failed]]:
        """Return what is to be kept: of one key the last result, and a finished one rather than a failed one."""
        keys = [result.key for result in results]
        done = {key for key, place in zip(keys, self._index.places(keys), strict=True) if place is not None and place >= 0}
        finished = {result.key: result for result in results if isinstance(result, Finished) and result.key not in done}
        failed = {
            result.key: result for result in results if isinstance(result, Failed) and result.key not in done and result.key not in finished
        }
        return list(finished.values()), list(failed.values())


def _state(place: int | None) -> State | None:
    if place is None:
        return None
    return {FAILED: "failed", PASSING: "passing"}.get(place, "done")  # type: ignore[return-value]  # mypy sees str


def _row(finished: Finished) -> Row:
    return Row(finished.key, finished.document, finished.claims, finished.outcome == "partial", finished.usage)
