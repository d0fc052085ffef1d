"""Identical requests at once: the model is asked once, and everybody gets the same answer, as JSON or as events.

Usage: python benchmarks/service/identical.py [--clients 1000] [--workers 1 2]

With several processes each may ask once, since what one of them has in flight the others cannot see.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import anyio

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks

from benchmarks.mock.server import Mock
from benchmarks.service.articles import SIZES, body
from benchmarks.service.load import both
from benchmarks.service.service import Service
from benchmarks.service.verdict import Row, told

_SIZE: Final = "dispatch"
_NUMBER: Final = 7
_LATENCY: Final = 3.0
"""Seconds that the model takes: long enough for all clients to arrive meanwhile."""
_PLACES: Final = 4
"""Articles that the server extracts at once: identical ones are one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the clients got.

    Attributes:
        clients: How many asked.
        workers: Processes of the server.
        statuses: Answers by HTTP status; ``broken`` where none came.
        different: How many different answers there were, usage and what was remembered apart.
        claims: Claims of each of them, in all answers.
        requests: Requests that the model got.
        bodies: How many of them were different.
        again: Whole answers that the model gave to a question it had answered.
        seconds: From the first request to the last answer.
    """

    clients: int
    workers: int
    statuses: Counter[str]
    different: int
    claims: set[int]
    requests: int
    bodies: int
    again: int
    seconds: float


def measure(service: Service, mock: Mock, clients: int, workers: int = 1) -> Answered:
    """Let so many clients ask a server of so many processes about one article at once, every other one for events."""
    mock.reset()
    began = time.monotonic()
    replies = anyio.run(_all, service.url, clients)
    took = time.monotonic() - began
    stats = mock.stats()
    extractions = [json.loads(said) for status, said in replies if status == "200"]
    plain = [_without_costs(extraction) for extraction in extractions]
    return Answered(
        clients,
        workers,
        Counter(status for status, _ in replies),
        len({json.dumps(one, sort_keys=True) for one in plain}),
        {len(one["claims"]) for one in plain},
        stats["requests"],
        stats["bodies"],
        stats["answered_again"],
        took,
    )


async def _all(url: str, clients: int) -> list[tuple[str, bytes]]:
    replies: list[tuple[str, bytes]] = []
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:

        async def ask(number: int) -> None:
            as_events = number % 2 == 1
            headers = {"content-type": "application/json", "accept": "text/event-stream" if as_events else "application/json"}
            try:
                async with session.post(f"{url}/v1/extract", data=body(_SIZE, _NUMBER), headers=headers) as reply:
                    said = await reply.read()
                    status = str(reply.status)
            except (aiohttp.ClientError, TimeoutError):
                replies.append(("broken", b""))
                return
            found = _last_event(said, "extraction") if as_events and status == "200" else said
            replies.append((status, found) if found else ("no extraction", b""))

        async with anyio.create_task_group() as tasks:
            for number in range(clients):
                tasks.start_soon(ask, number)
    return replies


def _last_event(stream: bytes, name: str) -> bytes:
    """Return the data of the last event of a stream if it has that name."""
    events = [
        dict(_field(line) for line in event.splitlines() if line[:1] != b":") for event in stream.replace(b"\r\n", b"\n").split(b"\n\n")
    ]
    told = [event for event in events if event.get(b"data")]
    return told[-1][b"data"] if told and told[-1].get(b"event") == name.encode() else b""


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value.removeprefix(b" ")


def _without_costs(value: Any) -> Any:
    """Return the JSON without what tells apart who paid: usage, and whether an answer was remembered."""
    if isinstance(value, dict):
        return {name: _without_costs(one) for name, one in value.items() if name not in {"usage", "cached"}}
    return [_without_costs(one) for one in value] if isinstance(value, list) else value


def rows(found: Answered) -> Sequence[Row]:
    """Return the figures, and what is asked of them."""
    windows, claims = SIZES[_SIZE].windows, SIZES[_SIZE].claims
    most = windows * found.workers
    where = f"{found.workers} process(es): "
    return [
        Row(f"{where}answers by status", str(dict(found.statuses)), f"{found.clients} times 200", found.statuses == {"200": found.clients}),
        Row(f"{where}different answers", str(found.different), "1", found.different == 1),
        Row(f"{where}claims", str(found.claims), str({claims}), found.claims == {claims}),
        Row(f"{where}requests to the model", str(found.requests), f"<= {most}, for {windows} windows", found.requests <= most),
        Row(f"{where}different ones", str(found.bodies), str(windows), found.bodies == windows),
        Row(f"{where}seconds", f"{found.seconds:.1f}"),
    ]


def main() -> int:
    """Ask servers of one process and of two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=1_000, help="how many (default 1000)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="processes of the server (default 1, then 2)")
    given = parser.parse_args()
    figures: list[Row] = []
    for workers in given.workers:
        with both(given.clients, workers=workers, latency=_LATENCY, EXTRACTOR_SERVICE_IN_FLIGHT=_PLACES) as (service, mock):
            figures += rows(measure(service, mock, given.clients, workers))
    return told(f"{given.clients} identical requests at once, half of them for events", figures)


if __name__ == "__main__":
    sys.exit(main())
