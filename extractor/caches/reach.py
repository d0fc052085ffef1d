"""Calling a cache from an event loop: one on this machine at once, one elsewhere in a thread, so that nobody else waits for it.

A call of a local cache takes a tenth of a millisecond, which is less than a thread costs; a server that hangs takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from extractor.caches.base import Cache

T = TypeVar("T")

_MOST: Final = 16
"""Calls of remote caches at once; a server that hangs would else take all threads there are."""
_threads: RunVar[anyio.CapacityLimiter] = RunVar("threads of remote caches")


async def looked_up(cache: Cache, look: Callable[[], T]) -> T:
    """Return what ``look`` finds in ``cache``; whoever is cancelled does not wait for it."""
    return await anyio.to_thread.run_sync(look, abandon_on_cancel=True, limiter=_limiter()) if cache.remote else look()


async def written(cache: Cache, write: Callable[[], None]) -> None:
    """Have ``write`` put something into ``cache``; what was paid for is put there even where whoever waits is cancelled."""
    if cache.remote:
        with anyio.CancelScope(shield=True):  # a thread that is begun is waited for anyway, but one that is not would never be
            await anyio.to_thread.run_sync(write, limiter=_limiter())
    else:
        write()


def _limiter() -> anyio.CapacityLimiter:
    """Return the limiter of this event loop."""
    found = _threads.get(None)
    if found is None:
        found = anyio.CapacityLimiter(_MOST)
        _threads.set(found)
    return found
