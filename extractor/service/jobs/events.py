"""What comes of a job as server-sent events, from any process: the file is looked at, and only where it has changed.

``progress`` and ``done`` carry the job, ``result`` says which article came, with its number as the event's id, so that a client
that lost the connection goes on where it was. The ``done`` event has the id ``done``: a browser asks again by itself after the
end of a stream, and is told by that id that there is nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import anyio.to_thread

from extractor.errors import RefusedError
from extractor.service import sse
from extractor.service.jobs.store import Came, Jobs
from extractor.service.schemas import JobOut

DONE: Final = "done"
"""Id of the last event."""

_TICK: Final = 0.25
"""Seconds between two ``progress`` events."""
_MOST: Final = 500
"""Results told of at once."""
_LONGEST_ID: Final = 18


def position(last_event_id: str | None) -> int | None:
    """Return the number of the result that a client saw last; None where it saw the end.

    Raises:
        RefusedError: The id is of no event of ours.
    """
    if not last_event_id:
        return 0
    if last_event_id == DONE:
        return None
    if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > _LONGEST_ID:
        msg = "the header Last-Event-ID is the id of no event of this job; leave it out to begin at the first"
        raise RefusedError(msg, kind="invalid")
    return int(last_event_id)


async def tell(
    jobs: Jobs,
    id: str,  # noqa: A002  # its name
    caller: str,
    *,
    after: int,
    draining: anyio.Event,
    write: Callable[[bytes], Awaitable[None]],
) -> None:
    """Write what comes of a job until it is done or deleted, or the service stops.

    Args:
        jobs: The jobs.
        id: Which job.
        caller: Id of whose it is.
        after: Number of the result that was told of last.
        draining: Set when the service stops.
        write: Sends bytes to the client.
    """
    told: JobOut | None = None
    while not draining.is_set():
        seen = await jobs.changes.version()
        try:
            job, came = await anyio.to_thread.run_sync(lambda after=after: jobs.news(id, caller, after=after, most=_MOST))  # type: ignore[misc]  # bound now
        except RefusedError:
            await write(sse.event("deleted", json.dumps({"id": id})))
            return
        if came:
            await write(b"".join(_result(one) for one in came))
            after = came[-1].seq
        if len(came) == _MOST:
            continue
        if job != told:
            await write(sse.event("progress", job.model_dump_json()))
            told = job
        if job.ended is not None:
            await write(sse.event("done", job.model_dump_json(), DONE))
            return
        while not draining.is_set():
            await anyio.sleep(_TICK)
            if await jobs.changes.version() != seen:
                break


def _result(one: Came) -> bytes:
    outcome = "done" if one.done else "failed"
    return sse.event("result", json.dumps({"index": one.index, "outcome": outcome, "claims": one.claims}), str(one.seq))
