"""kill -9 of the whole server at random moments while it has jobs: no job and no result is lost, and nobody gets one twice.

Usage: python benchmarks/service/kills.py [--kills 20] [--jobs 10] [--articles 30] [--seed 0]

Each job has a client that hands it over with an Idempotency-Key, again after every kill, and pages through its results by the cursor it
has kept, over all lives of the server.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp
import anyio
import anyio.to_thread

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks

from benchmarks.mock.server import Mock, serving
from benchmarks.service.articles import article, drafts
from benchmarks.service.service import Service
from benchmarks.service.verdict import Row, told

LANES: Final = 4
"""Articles of jobs that the server has in flight."""
_LATENCY: Final = 0.5
_LIFE: Final = 2.0
"""Seconds that a server lives at the most, once it is ready."""
_EARLY: Final = 0.2
"""Share of the lives that end within twice the time that a start takes, ready or not."""
_PAGE: Final = 7
_PAUSE: Final = 0.1
_LONGEST: Final = 600.0


@dataclass(slots=True)
class Customer:
    """A client with one job, and what it has seen.

    Attributes:
        number: Of the job.
        articles: How many it has.
        ids: Ids that the job was given, whenever it was handed over.
        seen: How often each article's result was got.
        empty: Results without claims, or with a problem.
        cursor: Where it is in the results.
        state: What it was told last.
        fault: An answer that no server may give; none where there was none.
    """

    number: int
    articles: int
    ids: Counter[str] = field(default_factory=Counter)
    seen: Counter[int] = field(default_factory=Counter)
    empty: int = 0
    cursor: str | None = None
    state: str = ""
    fault: str = ""

    @property
    def content(self) -> bool:
        """Whether it has all there is to get."""
        return bool(self.fault) or (self.state == "done" and len(self.seen) == self.articles)

    async def be(self, session: aiohttp.ClientSession, url: str) -> None:
        """Hand the job over, follow it to its end and get its results; whatever a killed server breaks is tried again."""
        while not self.content:
            try:
                job = await self._hand_over(session, url)
                while job is not None and not self.content:
                    await self._follow(session, f"{url}/v1/jobs/{job}")
                    await anyio.sleep(_PAUSE)
            except (aiohttp.ClientError, TimeoutError, ConnectionError):
                await anyio.sleep(_PAUSE)

    async def _hand_over(self, session: aiohttp.ClientSession, url: str) -> str | None:
        fields = {"articles": [article("short", 10_000 * self.number + at) for at in range(self.articles)]}
        async with session.post(f"{url}/v1/jobs", json=fields, headers={"idempotency-key": f"job-{self.number}"}) as reply:
            said = await reply.read()
            if reply.status == 202:
                found = str(json.loads(said)["id"])
                self.ids[found] += 1
                return found
            self._refuse(reply.status, said, "handed over")
        await anyio.sleep(_PAUSE)
        return None

    async def _follow(self, session: aiohttp.ClientSession, job: str) -> None:
        async with session.get(job) as reply:
            said = await reply.read()
            if reply.status != 200:
                self._refuse(reply.status, said, "looked at")
                return
            state = json.loads(said)["state"]
        # The last page is taken after the job is known to be done, so that nothing can come behind it.
        while await self._page(session, job):
            pass
        self.state = state

    async def _page(self, session: aiohttp.ClientSession, job: str) -> bool:
        """Take the next page; return whether it had anything."""
        asked = {"limit": str(_PAGE)} | ({"cursor": self.cursor} if self.cursor is not None else {})
        async with session.get(f"{job}/results", params=asked) as reply:
            said = await reply.read()
            if reply.status != 200:
                self._refuse(reply.status, said, "paged")
                return False
            self.cursor = reply.headers.get("next-cursor", self.cursor)
        lines: list[dict[str, Any]] = [json.loads(line) for line in said.splitlines()]
        for line in lines:
            self.seen[line["index"]] += 1
            self.empty += not (line.get("extraction") or {}).get("claims")
        return bool(lines)

    def _refuse(self, status: int, said: bytes, when: str) -> None:
        """Note an answer that is neither a success nor one that says to come again."""
        if status not in {409, 429, 503}:
            self.fault = f"{status} when it was {when}: {said[:300]!r}"


@dataclass(frozen=True, slots=True)
class Survived:
    """What was left after the kills.

    Attributes:
        customers: The clients, with what they saw.
        kills: How often the server was killed while jobs were on their way.
        requests: Requests that the model got.
        bodies: How many of them were different.
        paid_twice: Whole answers that the model gave to a question it had answered.
        most: Requests that it had in flight at once, at the most.
        seconds: From the first start to the last result.
    """

    customers: Sequence[Customer]
    kills: int
    requests: int
    bodies: int
    paid_twice: int
    most: int
    seconds: float


def measure(kills: int, jobs: int, articles: int, *, seed: int = 0, life: float = _LIFE, latency: float = _LATENCY) -> Survived:
    """Hand jobs over and kill the server so often, if they last so long."""
    customers = [Customer(number, articles) for number in range(jobs)]
    with tempfile.TemporaryDirectory(prefix="kills-") as folder, serving(drafts=drafts(), latency_ms=1000 * latency) as mock:
        service = Service(Path(folder), mock.url, EXTRACTOR_SERVICE_JOB_LANES=LANES)
        try:
            return anyio.run(partial(_lives, service, mock, customers, kills=kills, life=life, draw=random.Random(seed)))
        finally:
            service.stop()


async def _lives(service: Service, mock: Mock, customers: Sequence[Customer], *, kills: int, life: float, draw: random.Random) -> Survived:
    began, killed = time.monotonic(), 0
    timeout = aiohttp.ClientTimeout(total=10)
    with anyio.move_on_after(_LONGEST):
        async with aiohttp.ClientSession(timeout=timeout) as session, anyio.create_task_group() as tasks:
            waiting = list(customers)

            def arrive(count: int) -> None:
                for customer in waiting[:count]:
                    tasks.start_soon(customer.be, session, service.url)
                del waiting[:count]

            took = life
            for _ in range(kills):
                arrive(-(-2 * len(customers) // kills))
                # Some die while they start, or take up what the last one left; most while they work.
                if draw.random() < _EARLY:
                    await anyio.to_thread.run_sync(service.launch)
                    await anyio.sleep(draw.uniform(0.0, 2 * took))
                else:
                    launched = time.monotonic()
                    await anyio.to_thread.run_sync(service.start)
                    took = time.monotonic() - launched
                    await anyio.sleep(draw.uniform(0.0, life))
                if all(customer.content for customer in customers):
                    break
                await anyio.to_thread.run_sync(service.kill)
                killed += 1
            arrive(len(customers))
            if killed == kills:
                await anyio.to_thread.run_sync(service.start)
    stats = mock.stats()
    counts = (stats["requests"], stats["bodies"], stats["answered_again"], stats["most_in_flight"])
    return Survived(customers, killed, *counts, time.monotonic() - began)


def rows(found: Survived, kills: int) -> Sequence[Row]:
    """Return the figures, and what is asked of them."""
    customers = found.customers
    articles = sum(customer.articles for customer in customers)
    results = Counter(sum(customer.seen.values()) for customer in customers)
    lost = sum(customer.articles - len(customer.seen) for customer in customers)
    twice = sum(times > 1 for customer in customers for times in customer.seen.values())
    handed = sum(sum(customer.ids.values()) for customer in customers)
    faults = [customer.fault for customer in customers if customer.fault]
    again = found.requests - found.bodies
    most = found.kills * LANES
    return [
        Row("kills while jobs were on their way", str(found.kills), str(kills), found.kills == kills),
        Row("jobs, handed over so often", f"{len(customers)}, {handed}"),
        Row(
            "jobs with more than one id, with none",
            f"{sum(len(one.ids) > 1 for one in customers)}, {sum(not one.ids for one in customers)}",
            "0, 0",
            all(len(one.ids) == 1 for one in customers),
        ),
        Row("results by job", str(dict(results))),
        Row("articles without a result", str(lost), f"0 of {articles}", lost == 0),
        Row("articles with more than one", str(twice), "0", twice == 0),
        Row("results without claims", str(sum(one.empty for one in customers)), "0", not any(one.empty for one in customers)),
        Row("answers that no server may give", "; ".join(faults) or "0", "0", not faults),
        Row(
            "requests to the model, different ones", f"{found.requests}, {found.bodies}", f"{articles} different", found.bodies == articles
        ),
        Row("sent again after a kill", str(again), f"<= {most}, what was in flight", again <= most),
        Row("whole answers paid for twice", str(found.paid_twice), f"<= {most}, what was in flight", found.paid_twice <= most),
        Row("in flight at once, at the most", str(found.most), f"<= {LANES}", found.most <= LANES),
        Row("seconds", f"{found.seconds:.0f}"),
    ]


def main() -> int:
    """Run the kills."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="how often (default 20)")
    parser.add_argument("--jobs", type=int, default=10, help="how many jobs (default 10)")
    parser.add_argument("--articles", type=int, default=30, help="articles of each (default 30)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    given = parser.parse_args()
    found = measure(given.kills, given.jobs, given.articles, seed=given.seed)
    return told(f"{given.kills} kills of a server with {given.jobs} jobs of {given.articles} articles", rows(found, given.kills))


if __name__ == "__main__":
    sys.exit(main())
