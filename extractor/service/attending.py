"""Working for a client only as long as it waits: it may go, and its patience has an end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
from starlette.requests import ClientDisconnect, Request

from extractor.errors import RefusedError
from extractor.service.streams import gone

T = TypeVar("T")


async def attended(request: Request, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
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
    results: list[T] = []
    fault: Exception | None = None
    left = False

    async def leave() -> None:
        nonlocal left
        await gone(request)
        left = True
        tasks.cancel_scope.cancel()

    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(leave)
            try:
                results.append(await work())
            except Exception as error:  # noqa: BLE001  # raised below, outside of the group, which would wrap it
                fault = error
            tasks.cancel_scope.cancel()
    if fault is not None:
        raise fault
    if results:
        return results[0]
    if left:
        raise ClientDisconnect
    raise late(seconds)


def late(seconds: float) -> RefusedError:
    """Return the error that says that the time of a request was over."""
    msg = (
        f"the article was not done within {seconds:g} s; what was answered until then is remembered, so ask again,"
        " give it longer with ?deadline=SECONDS, or hand it over as a job"
    )
    return RefusedError(msg, kind="deadline")
