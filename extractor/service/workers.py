"""Several processes that take what comes on one socket, and what looks after them.

A worker obeys its pipe and not the signals of a terminal, which reach every process of a group at once: a line in it means to drain, and
so does its end, since a supervisor that is gone must not leave workers behind. What is bound to end is waited for within bounds.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any, Final, cast

from extractor.errors import ExtractorError
from extractor.service import draining, logs
from extractor.service.accepting import Accepting, Shares, nobody
from extractor.service.options import Options

_SPAWN: Final = multiprocessing.get_context("spawn")
_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_KILLED: Final = draining.LEFT + 2.0
"""Seconds beyond the time of grace after which workers that are left are killed."""
_SOON: Final = 10.0
"""Seconds that a worker must have lasted for its successor to be started without a wait."""
_LONGEST: Final = 30.0
"""Longest wait before a worker is started anew, in seconds."""


@dataclass(slots=True, eq=False)
class Worker:
    """A worker process, as its supervisor sees it."""

    process: SpawnProcess
    pipe: Connection
    place: int
    began: float = field(default_factory=time.monotonic)


class Workers:
    """The supervisor of workers.

    Args:
        options: What each is started with.
        bound: The socket they share.
        make: Where the application is made.
        ready: Called when requests are taken.
    """

    def __init__(self, options: Options, bound: socket.socket, *, make: str, ready: Callable[[], None]) -> None:
        self._options = options
        self._bound = bound
        self._make = make
        self._ready = ready
        self._workers: list[Worker] = []
        self._counts: MutableSequence[int] = _SPAWN.RawArray("l", nobody(options.workers))
        self._folder = ""
        self._due: list[float] = []
        self._served = False
        self._short = 0
        self._got: list[int] = []

    def run(self) -> int:
        """Look after the workers until a signal; return the exit code: 0 after SIGTERM, 130 after Ctrl-C, else a failed worker's.

        The first worker is started alone, so that what is wrong with all of them is told once.
        """
        with _woken(self._got) as bell, self._figures():
            self._start()
            while not self._got:
                if (code := self._look(bell)) is not None:
                    return code
            return self._end(bell)

    def _look(self, bell: int) -> int | None:
        """Wait until something happens, and do what follows; return the exit code where the service cannot go on."""
        wait([bell, *(worker.pipe for worker in self._workers)], timeout=self._until())
        with suppress(BlockingIOError):
            os.read(bell, 1024)
        for worker in list(self._workers):
            self._hear(worker)
            if worker.process.is_alive() or self._got:
                continue
            self._workers.remove(worker)
            self._forget(worker)
            if not self._served:
                return worker.process.exitcode or 1
            self._replace(worker)
        while self._due and self._due[0] <= time.monotonic():
            self._due.pop(0)
            self._start()
        return None

    def _until(self) -> float:
        """Return the seconds until a worker is due."""
        return max(0.0, self._due[0] - time.monotonic()) if self._due else 3600.0

    def _hear(self, worker: Worker) -> None:
        """Take note when a worker takes requests, or its pipe has ended."""
        if not worker.pipe.poll():
            return
        try:
            worker.pipe.recv_bytes()
        except (EOFError, OSError):
            worker.process.join(1.0)  # it is about to end
            return
        if not self._served:
            self._served = True
            for _ in range(self._options.workers - 1):
                self._start()
            self._ready()

    def _start(self) -> None:
        ours, theirs = _SPAWN.Pipe()
        place = next(place for place in range(self._options.workers) if all(worker.place != place for worker in self._workers))
        arguments = (self._options, self._bound, theirs, self._counts, place, self._make)
        process = _SPAWN.Process(target=_work, args=arguments, name="worker")
        process.start()
        theirs.close()
        self._workers.append(Worker(process, ours, place))

    def _replace(self, worker: Worker) -> None:
        """Have another worker take the place of one that ended; where they end again and again, after longer and longer waits."""
        self._short = 0 if time.monotonic() - worker.began >= _SOON else self._short + 1
        self._due.append(time.monotonic() + (min(2.0 ** (self._short - 1), _LONGEST) if self._short > 1 else 0.0))
        self._due.sort()
        logs.notice(f"a worker ended, {_how(worker.process.exitcode)}; another takes its place")

    def _forget(self, worker: Worker) -> None:
        worker.pipe.close()
        Shares(self._counts, worker.place).leave()
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.process.pid, self._folder)  # type: ignore[no-untyped-call]  # the library has no types there

    def _end(self, bell: int) -> int:
        """Have all workers drain, and wait; kill those that do not end in time, or all of them at a second signal."""
        for worker in self._workers:
            with suppress(OSError):
                worker.pipe.send_bytes(b"drain")
        until = time.monotonic() + self._options.limits.grace + _KILLED
        while (left := [w.process.sentinel for w in self._workers if w.process.is_alive()]) and len(self._got) < 2:
            if time.monotonic() >= until:
                break
            wait([bell, *left], timeout=until - time.monotonic())
        for worker in self._workers:
            if worker.process.is_alive():
                worker.process.kill()
            worker.process.join()
        if len(self._got) > 1:
            logs.notice("ended at once")
        return 130 if self._got[0] == signal.SIGINT else 0

    @contextmanager
    def _figures(self) -> Iterator[None]:
        """Give the workers a folder for the figures they share."""
        self._folder = tempfile.mkdtemp(prefix="extractor-figures-")
        os.environ[_FOLDER] = self._folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]
            shutil.rmtree(self._folder, ignore_errors=True)


class _Obedient(draining.Draining):
    """A server that stops when its supervisor says so, and takes its share of the connections.

    Args:
        arguments: Those of ``Draining``.
        shares: How many connections the workers have.
    """

    def __init__(self, *arguments: Any, shares: Shares, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._shares = shares
        self._accepting: list[Accepting] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and take connections from ``sockets``."""
        await super().startup(sockets=[])
        for bound in sockets or []:
            accepting = Accepting(bound, self._protocol, self.server_state.connections, self._shares, backlog=self.config.backlog)
            accepting.start()
            self._accepting.append(accepting)
        self.servers = cast("list[Any]", self._accepting)  # uvicorn closes them, and waits for that

    async def on_tick(self, counter: int) -> bool:
        """Look after what must be done now and then; return whether to stop."""
        for accepting in self._accepting:
            accepting.tell()
        return await super().on_tick(counter)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn calls it
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=None
        )
        return made

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at SIGTERM, as often as it comes; what a terminal sends goes to the supervisor as well, so it is left to that."""
        del frame
        if sig == signal.SIGTERM:
            self.stop()


def _work(options: Options, bound: socket.socket, pipe: Connection, counts: MutableSequence[int], place: int, make: str) -> None:
    """Be the worker that has ``place`` among the counts of connections."""
    from extractor.service.server import run

    def ready() -> None:
        pipe.send_bytes(b"ready")

    def listen() -> None:
        with suppress(EOFError, OSError):
            pipe.recv_bytes()
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=listen, name="supervisor", daemon=True).start()
    try:
        with logs.logging_to(as_json=options.log_json):
            code = run(options, bound, make=make, ready=ready, kind=partial(_Obedient, shares=Shares(counts, place)))
    except ExtractorError as error:
        _say(str(error))
        code = error.exit_code
    except Exception as error:  # the last line of defence prints one sentence, as the command line does
        if os.environ.get("EXTRACTOR_DEBUG"):
            raise
        _say(f"a fault of this program ({type(error).__name__}); run again with EXTRACTOR_DEBUG=1 and report it")
        code = 1
    sys.exit(code)


@contextmanager
def _woken(got: list[int]) -> Iterator[int]:
    """Append each signal that comes to ``got``, and yield what can then be read."""
    out, into = os.pipe()
    os.set_blocking(out, False)
    os.set_blocking(into, False)

    def hear(number: int, _: FrameType | None) -> None:
        got.append(number)
        with suppress(BlockingIOError):
            os.write(into, b".")

    before = {number: signal.signal(number, hear) for number in draining.SIGNALS}
    try:
        yield out
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(out)
        os.close(into)


def _how(code: int | None) -> str:
    return f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"


def _say(words: str) -> None:
    sys.stderr.write(f"extractor: {words}\n")
