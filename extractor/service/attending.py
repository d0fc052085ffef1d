"""Working for a client only as long as it waits: it may go, and its patience has an end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import anyio
from anyio.abc import TaskGroup
from starlette.requests import ClientDisconnect, Request

from extractor.errors import RefusedError
from extractor.service.streams import gone

T = TypeVar("T")


class Attending:
    """Looks out for clients that go.

    Args:
        tasks: Where it looks out, for each client until its connection is closed or its request answered. It is one group for all
            requests: a group for each would have to be cancelled in the common case, which costs a request as much as reading its
            body, and leaves garbage that only a full collection frees.
    """

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks

    async def attended(self, request: Request, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
        """Return what ``work`` returns; it is cancelled when the client goes, and when its time is over.

        Args:
            request: Whose client waits; its body was read.
            seconds: How long the work may take.
            work: What is done for it.

        Raises:
            ClientDisconnect: The client has gone.
            RefusedError: The time is over.
            Exception: What ``work`` raises.
        """
        left = over = False

        async def leave() -> None:
            nonlocal left
            with suppress(Exception):  # whatever keeps one client from being heard must not end the watch over all others
                await gone(request)
            if not over:
                left = True
                scope.cancel()

        with anyio.move_on_after(seconds) as scope:
            self._tasks.start_soon(leave)
            try:
                return await work()
            finally:
                over = True
        raise ClientDisconnect if left else late(seconds)


def late(seconds: float) -> RefusedError:
    """Return the error that says that the time of a request was over."""
    msg = (
        f"the article was not done within {seconds:g} s; what was answered until then is remembered, so ask again,"
        " give it longer with ?deadline=SECONDS, or hand it over as a job"
    )
    return RefusedError(msg, kind="deadline")
