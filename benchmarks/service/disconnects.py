"""Clients that leave: what is in flight for them at the model is cancelled, and the server serves the others.

Usage: python benchmarks/service/disconnects.py [--clients 1000]

Twice: 200 clients a second come, and each leaves 0.2 s after its request; then all come at once, wait until the model has as many
requests as the server sends it, and leave in one moment.
Every other one leaves with a reset. Each asks about an article of its own, for whose answer the model takes far longer.
"""

from __future__ import annotations

import argparse
import socket
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.abc

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks

from benchmarks.mock.server import Mock
from benchmarks.service.articles import article, body
from benchmarks.service.load import both
from benchmarks.service.service import Service
from benchmarks.service.verdict import Row, told

SOON: Final = 1.0
"""Seconds within which the model must have nothing in flight, after the last client left."""
_LATENCY: Final = 20.0
_STAY: Final = 0.2
_RATE: Final = 200.0
"""Clients that come in a second, where each leaves by itself: as fast as one process can read what they send."""
_PATIENCE: Final = 30.0
_STEP: Final = 0.02
_AT_ONCE: Final = 256
"""Requests that a server has in flight at a model at the most; the others wait for one of them."""
_SPARE: Final = 8
"""File descriptors that may be there beside those of before: connections to the model that are kept for the next request."""
_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Left:
    """What came of clients that left.

    Attributes:
        clients: How many there were.
        requests: Requests that the model got.
        most: How many of them were in flight at the model when the first client left, or at the most.
        abandoned: How many were cancelled.
        answered: How many the model answered in full.
        seconds: From the last leave until the model had nothing in flight; infinite where it still had after half a minute.
    """

    clients: int
    requests: int
    most: int
    abandoned: int
    answered: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Disconnected:
    """What came of both ways of leaving.

    Attributes:
        singly: Each left 0.2 s after its request.
        together: All left in one moment.
        files: File descriptors of the server before, and after.
        served: Claims of an article that was asked about afterwards.
    """

    singly: Left
    together: Left
    files: tuple[int, int]
    served: int


def measure(service: Service, mock: Mock, clients: int) -> Disconnected:
    """Let so many clients come and leave, twice; the server must have a place for each."""
    before = service.usage().files
    singly = anyio.run(_left, service, mock, clients, 10_000, False)
    together = anyio.run(_left, service, mock, clients, 20_000, True)
    after = _settled(service, before)
    served = service.ask("POST", "/v1/extract", article("short", 5))
    return Disconnected(singly, together, (before, after), len(served["claims"]))


async def _left(service: Service, mock: Mock, clients: int, first: int, together: bool) -> Left:  # noqa: FBT001  # anyio.run passes by position
    mock.reset()
    leave = anyio.Event()
    gone: list[float] = []
    here = 0

    async def client(number: int) -> None:
        if not together:
            await anyio.sleep(number / _RATE)
        async with await anyio.connect_tcp("127.0.0.1", service.port) as stream:
            given = body("short", first + number)
            lines = (
                "POST /v1/extract HTTP/1.1",
                f"host: 127.0.0.1:{service.port}",
                "content-type: application/json",
                f"content-length: {len(given)}",
            )
            await stream.send("".join(f"{line}\r\n" for line in (*lines, "")).encode() + given)
            await (leave.wait() if together else anyio.sleep(_STAY))
            if number % 2:
                stream.extra(anyio.abc.SocketAttribute.raw_socket).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)  # noqa: S610  # no Django here
            await anyio.aclose_forcefully(stream)
            gone.append(time.monotonic())

    async with anyio.create_task_group() as tasks:
        for number in range(clients):
            tasks.start_soon(client, number)
        if together:
            here = await _full(mock, clients)
            leave.set()
    stats, last = await _emptied(mock)
    most = here if together else stats["most_in_flight"]
    return Left(clients, stats["requests"], most, stats["abandoned"], stats["answered"], max(0.0, last - max(gone)))


async def _full(mock: Mock, clients: int) -> int:
    """Wait until the model has so many requests, or gets no more; return how many it has."""
    seen, changed = 0, time.monotonic()
    while seen < clients and time.monotonic() < changed + _PATIENCE / 3:
        if (now := mock.stats()["in_flight"]) != seen:
            seen, changed = now, time.monotonic()
        await anyio.sleep(_STEP)
    return seen


async def _emptied(mock: Mock) -> tuple[dict[str, Any], float]:
    """Wait until the model has had nothing in flight for a second; return what it counted, and when it last had something, or infinity."""
    began = last = time.monotonic()
    while (now := time.monotonic()) < began + _PATIENCE:
        stats = mock.stats()
        if stats["in_flight"]:
            last = now
        elif now > last + SOON:
            return stats, last
        await anyio.sleep(_STEP)
    return mock.stats(), float("inf")


def _settled(service: Service, files: int) -> int:
    """Return how many file descriptors the server has, once they are about as few as before, or after a while."""
    until = time.monotonic() + _PATIENCE / 3
    while (now := service.usage().files) > files and time.monotonic() < until:
        time.sleep(0.1)
    return now


def rows(found: Disconnected) -> Sequence[Row]:
    """Return the figures, and what is asked of them."""
    figures: list[Row] = []
    for how, left in (("each after 0.2 s", found.singly), ("all in one moment", found.together)):
        figures += [
            Row(f"{how}: clients, requests to the model, at once", f"{left.clients:,}, {left.requests:,}, {left.most:,}"),
            Row(
                f"{how}: answered in full, cancelled",
                f"{left.answered:,}, {left.abandoned:,}",
                "all cancelled",
                left.abandoned == left.requests,
            ),
            Row(f"{how}: seconds until none was in flight", f"{left.seconds:.2f}", f"<= {SOON:g}", left.seconds <= SOON),
        ]
    (before, after), most = found.files, min(_AT_ONCE, found.together.clients)
    return [
        *figures,
        Row("of all in one moment, in flight when they left", f"{found.together.most:,}", f">= {most:,}", found.together.most >= most),
        Row("file descriptors of the server before, after", f"{before}, {after}", f"<= {before + _SPARE}", after <= before + _SPARE),
        Row("claims of an article asked about afterwards", str(found.served), "1", found.served == 1),
    ]


def main() -> int:
    """Let them come and leave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=1_000, help="how many (default 1000)")
    given = parser.parse_args()
    with both(given.clients, latency=_LATENCY) as (service, mock):
        found = measure(service, mock, given.clients)
    return told(f"{given.clients} clients that leave", rows(found))


if __name__ == "__main__":
    sys.exit(main())
