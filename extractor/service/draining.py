"""uvicorn's server, made to end in bounded time: what is in work is finished, and whoever will not end is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import anyio
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from extractor import errors
from extractor.service.connections import Connection

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
LEFT: Final = 5.0
"""Seconds beyond the time of grace after which a process that has not ended is ended."""

_LOOK: Final = 0.05
"""Seconds between two looks at whether all is done."""


class Draining(uvicorn.Server):
    """A server that is told to stop by ``stop`` or a signal.

    It goes on listening while requests are answered, so that whoever asks ``/readyz`` is told not to send more; when no request is
    being answered, or the time of grace is over, it closes.

    Args:
        config: uvicorn's configuration; its ``app`` is ``app``.
        app: The application; where its state has a ``context`` with the method ``drain``, that is called at once.
        grace: Seconds that requests in work are given.
        ready: Called when requests are taken.

    Attributes:
        got: The signal that stopped it, if one did.
    """

    def __init__(self, config: uvicorn.Config, app: Started, *, grace: float, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._grace = grace
        self._ready = ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._stopped = 0.0
        self._finished = False
        self.got: int | None = None

    def stop(self) -> None:
        """Stop soon; may be called from any thread, and more than once."""
        if self.should_exit:
            return
        self.should_exit = True
        self._stopped = time.monotonic()
        last = threading.Timer(self._grace + LEFT, self._left)
        last.daemon = True
        last.start()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._drain)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal, and end at once at the second."""
        del frame
        if self.got is not None:
            _end(128 + sig, "ended at once")
        self.got = sig
        self.stop()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen to signals; other than uvicorn's, what was heard is not raised once more at the end."""
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._finished = True

    async def serve(self, sockets: list[Any] | None = None) -> None:
        """Serve until told to stop."""
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        await super().serve(sockets)

    async def main_loop(self) -> None:
        """Serve, then let what is in work finish, while what is new is told to go elsewhere."""
        self._ready()
        await super().main_loop()
        until = self._stopped + self._grace
        while self.server_state.tasks and time.monotonic() < until:  # noqa: ASYNC110  # uvicorn's set tells nobody when it changes
            await anyio.sleep(_LOOK)

    async def on_tick(self, counter: int) -> bool:
        """Look after what must be done now and then; return whether to stop."""
        if counter % 10 == 0 and (context := self._app.context) is not None:
            context.meters.refresh()
        return await super().on_tick(counter)

    def _left(self) -> None:
        """End a process that has not ended: it serves still, or waits at its end for a thread that does not come back."""
        if not self._finished or not threading.main_thread().is_alive():
            _end(1, "did not end in time; ended at once")

    def _drain(self) -> None:
        if not self.started and self._task is not None:
            self._task.cancel()  # nothing is in work yet, so nothing is waited for
            return
        self.lifespan.state["draining"] = True
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.finish()
        if (context := self._app.context) is not None:
            context.drain()


class Started:
    """An application that remembers why it did not start.

    Attributes:
        fault: The error that it ended with, if any.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.fault: BaseException | None = None

    @property
    def context(self) -> Any:
        """What the application holds while it runs; None before."""
        return getattr(getattr(self._app, "state", None), "context", None)

    def refused(self, kind: str) -> None:
        """Count what was refused before it reached the application, by the name of the kind of problem."""
        if self.context is not None:
            self.context.meters.refused(kind)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except BaseException as error:
            self.fault = errors.of_group(error)
            raise


def _end(code: int, says: str) -> None:
    """End this process now; what it has acknowledged is on the disk."""
    sys.stderr.write(f"extractor: {says}\n")
    sys.stderr.flush()
    os._exit(code)
