"""A response of events that ends when the client goes, and never looks dead while it waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from extractor.service import sse

Write = Callable[[bytes], Awaitable[None]]
"""Sends some bytes to the client; waits while the client is slow to read."""

HEARTBEAT: Final = 15.0
"""Seconds between two comments; proxies commonly close what was silent for 30 or 60."""


async def gone(request: Request) -> None:
    """Wait until the client of ``request``, whose body was read, has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class EventStream(Response):
    """Events as they come.

    Args:
        produce: Writes the events, and returns at the end; cancelled when the client goes.
        heartbeat: Seconds between two comments.
        during: Left at the end, however that comes.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        produce: Callable[[Write], Awaitable[None]],
        *,
        heartbeat: float = HEARTBEAT,
        during: AbstractContextManager[object] | None = None,
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._produce = produce
        self._heartbeat = heartbeat
        self._during = during or nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is produced."""
        sending = anyio.Lock()

        async def write(content: bytes) -> None:
            async with sending:
                await send({"type": "http.response.body", "body": content, "more_body": True})

        async def beat() -> None:
            while True:
                await anyio.sleep(self._heartbeat)
                await write(sse.COMMENT)

        async def leave() -> None:
            await gone(Request(scope, receive))
            tasks.cancel_scope.cancel()

        left = True
        with self._during:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(leave)
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                tasks.start_soon(beat)
                await self._produce(write)
                left = False
                tasks.cancel_scope.cancel()
        if not left:
            await send({"type": "http.response.body", "body": b""})
