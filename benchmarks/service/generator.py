"""Clients that ask in a closed loop, as a process of its own: a plan as JSON on standard input, what was seen as JSON on standard output.

``Load`` starts it and reads what it says. Run as a script it is the process.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any, Final, Literal

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks.service

from benchmarks.service.articles import SIZES, body

_POOL: Final = 50
"""Articles that are asked about again and again, where some are to be."""
_TICK: Final = 0.01
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Plan:
    """What the clients do.

    Attributes:
        url: The server, without a path.
        clients: How many ask at once, each its next question when the last is answered.
        seconds: How long is measured.
        warm: Seconds before that; within them the clients begin one after another.
        article: Size of the articles.
        first: Number of the first article; every further request is about the next.
        repeated: Share of the requests that are about one of a few articles, which the server remembers after the first time.
        pause: Seconds that a refused client waits at the least and at the most, whatever it is told.
        rest: Seconds that a client waits before its next question, on average; with none, clients that were answered together once ask
            together for ever, since the model takes equally long for all.
        seed: Of what is drawn.
    """

    url: str
    clients: int
    seconds: float
    warm: float = 5.0
    article: str = "short"
    first: int = 1_000
    repeated: float = 0.0
    pause: tuple[float, float] = (0.5, 1.0)
    rest: float = 0.0
    seed: int = 1


@dataclass(slots=True)
class Seen:
    """What came of it, after the warm-up; times are of whole exchanges, in seconds.

    Attributes:
        answers: How many, by HTTP status; ``broken`` where no answer came.
        fresh: Times of answers with status 200 about articles that are new, in order of size.
        repeated: Of those that were asked about before.
        late: By how much the generator's own timer of 10 ms came late, in order of size: what it cannot tell from the server's delay.
        wrong: Answers with status 200 that have not all claims.
        untold: Refusals without Retry-After.
        cpu: Its own seconds of processor.
        seconds: How long was measured.
        next: Number of the first article that was not asked about.
    """

    answers: dict[str, int] = field(default_factory=dict)
    fresh: list[float] = field(default_factory=list)
    repeated: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    wrong: int = 0
    untold: int = 0
    cpu: float = 0.0
    seconds: float = 0.0
    next: int = 0

    @property
    def count(self) -> int:
        """All answers."""
        return sum(self.answers.values())

    def failed(self) -> int:
        """Return how many got a 5xx or no answer; 503 counts."""
        return sum(count for status, count in self.answers.items() if status == "broken" or status.startswith("5"))


def percentile(ordered: list[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed (nearest rank); NaN of none."""
    return ordered[max(0, ceil(share * len(ordered) - _TINY) - 1)] if ordered else float("nan")


class Load:
    """The process on its way."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def wait_for(self, event: Literal["measuring", "measured"]) -> Any:
        """Wait until it says so, and return what it says with it.

        Raises:
            RuntimeError: It ended before.
        """
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if said["event"] == event:
                return said["with"]
        msg = f"the generator ended before it was {event}"
        raise RuntimeError(msg)

    def seen(self) -> Seen:
        """Wait until it is over and return what it saw."""
        return Seen(**self.wait_for("measured"))


@contextmanager
def loading(plan: Plan) -> Iterator[Load]:
    """Run the clients of ``plan`` in a process of their own."""
    words = [sys.executable, __file__]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own script
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(asdict(plan)))
            process.stdin.close()
            yield Load(process)
        finally:
            process.kill()


def load(plan: Plan) -> Seen:
    """Run the clients of ``plan`` to the end and return what they saw."""
    with loading(plan) as going:
        return going.seen()


class _Clients:
    """All clients of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._draw = random.Random(plan.seed)
        self._next = plan.first
        self._known: set[int] = set()
        self._answers: Counter[str] = Counter()
        self._fresh, self._repeated, self._late = array("d"), array("d"), array("d")
        self._wrong = self._untold = 0
        self._from = self._until = 0.0

    async def run(self) -> Seen:
        import aiohttp
        import anyio

        began = time.monotonic()
        self._from = began + self._plan.warm
        self._until = self._from + self._plan.seconds
        timeout = aiohttp.ClientTimeout(total=120)
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session,
            anyio.create_task_group() as tasks,
        ):
            for number in range(self._plan.clients):
                tasks.start_soon(self._client, session, self._plan.warm * 0.8 * number / self._plan.clients)
            tasks.start_soon(self._watch)
            await anyio.sleep_until(anyio.current_time() + self._from - time.monotonic())
            before = time.process_time()
            _say("measuring", None)
            await anyio.sleep_until(anyio.current_time() + self._until - time.monotonic())
            used = time.process_time() - before
        times = (sorted(self._fresh), sorted(self._repeated), sorted(self._late))
        return Seen(dict(self._answers), *times, self._wrong, self._untold, used, self._plan.seconds, self._next)

    async def _watch(self) -> None:
        import anyio

        while (now := time.monotonic()) < self._until:
            await anyio.sleep(_TICK)
            if now > self._from:
                self._late.append(time.monotonic() - now - _TICK)

    async def _client(self, session: Any, wait: float) -> None:
        import aiohttp
        import anyio

        await anyio.sleep(wait)
        while time.monotonic() < self._until:
            number, again = self._chosen()
            given = body(self._plan.article, number)
            began = time.monotonic()
            try:
                async with session.post(f"{self._plan.url}/v1/extract", data=given, headers={"content-type": "application/json"}) as reply:
                    said = await reply.read()
                    status, told = str(reply.status), "retry-after" in reply.headers
            except (aiohttp.ClientError, TimeoutError):
                status, said, told = "broken", b"", True
            ended = time.monotonic()
            if self._from <= ended <= self._until:
                self._note(status, said, ended - began, again=again, told=told)
            if status == "200":
                self._known.add(number)
                if self._plan.rest:
                    await anyio.sleep(self._draw.uniform(0.0, 2 * self._plan.rest))
            else:
                await anyio.sleep(self._draw.uniform(*self._plan.pause))

    def _chosen(self) -> tuple[int, bool]:
        """Return an article's number, and whether the server has answered about it."""
        if self._plan.repeated and self._draw.random() < self._plan.repeated:
            number = self._draw.randrange(_POOL)
            return number, number in self._known
        self._next += 1
        return self._next - 1, False

    def _note(self, status: str, said: bytes, took: float, *, again: bool, told: bool) -> None:
        self._answers[status] += 1
        if status == "200":
            (self._repeated if again else self._fresh).append(took)
            self._wrong += said.count(b'"polarity"') != SIZES[self._plan.article].claims
        elif status in {"429", "503"}:
            self._untold += not told


def _say(event: str, more: object) -> None:
    print(json.dumps({"event": event, "with": more}), flush=True)


def _main() -> None:
    import anyio

    try:
        import uvloop  # noqa: F401  # only whether it is there
    except ImportError:
        loop = False
    else:
        loop = True
    fields = json.loads(sys.stdin.read())
    plan = Plan(**{**fields, "pause": tuple(fields["pause"])})
    _say("measured", asdict(anyio.run(_Clients(plan).run, backend_options={"use_uvloop": loop})))


if __name__ == "__main__":
    _main()
