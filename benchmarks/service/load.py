"""Load from a second process: so many clients at once, each article new, a model that takes a second.

Usage: python benchmarks/service/load.py [--seconds 600] [--clients 200] [--workers 1] [--article SIZE] [--repeated SHARE] [--rest SECONDS]
       python benchmarks/service/load.py --search [--seconds 20] [--workers 1]

The overhead is the time of an answer less the second that the model takes (the windows of one article are asked about at once); of an
article that the server remembers it is all the time. ``--search`` looks instead for the most clients with which the overhead keeps
its aim, for each size of article. Clients begin one after another during a warm-up that is not measured.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks

from benchmarks.mock.server import Mock, serving
from benchmarks.service.articles import SIZES, article, drafts
from benchmarks.service.generator import Plan, Seen, loading, percentile
from benchmarks.service.processes import Usage, processor
from benchmarks.service.service import Service, served
from benchmarks.service.verdict import Row, told

OVERHEAD: Final = 0.1
"""Seconds that 99 of 100 answers may take beyond the model's time."""
GROWTH: Final = 0.05
"""By how much memory may grow from the first look at it to the last."""
_LATENCY: Final = 1.0
_SETTLED: Final = 60.0
"""Seconds after which memory is looked at first; a run that is shorter than thrice that tells of growth without judging it."""
_WARM: Final = 5.0
_LOOK: Final = 2.0
_STEPS: Final = (10, 25, 50, 75, 100, 125, 150, 200, 250, 300, 400)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run brought.

    Attributes:
        plan: The run.
        seen: What the clients saw.
        server: What the server used when the measuring began, and when it ended.
        mock: Seconds of processor of the mock in between.
        looks: Seconds since the measuring began, and what the server used, from time to time.
        requests: Requests that the mock got, from the start of the clients on.
    """

    plan: Plan
    seen: Seen
    server: tuple[Usage, Usage]
    mock: float
    looks: Sequence[tuple[float, Usage]]
    requests: int

    @property
    def overhead(self) -> list[float]:
        """Overheads of the answers about new articles, in order of size."""
        return [took - _LATENCY for took in self.seen.fresh]

    def grown(self) -> tuple[float, Usage, Usage]:
        """Return after how many seconds memory was looked at first, and what was used then and at the end."""
        settled = min(_SETTLED, self.plan.seconds / 3)
        at, first = next(((at, used) for at, used in self.looks if at >= settled), self.looks[-1])
        return at, first, self.looks[-1][1]


def measure(plan: Plan, service: Service, mock: Mock) -> Measured:
    """Run one load and look at the processes meanwhile."""
    asked = mock.stats()["requests"]
    with loading(plan) as load, _looking(service) as looks:
        load.wait_for("measuring")
        began, before, cpu = time.monotonic(), service.usage(), processor(mock.pid)
        seen = load.seen()
        after, used = service.usage(), processor(mock.pid) - cpu
    kept = [(at - began, usage) for at, usage in looks if at >= began] or [(0.0, before)]
    return Measured(plan, seen, (before, after), used, kept, mock.stats()["requests"] - asked)


def rows(found: Measured) -> list[Row]:
    """Return the figures of a run, and what is asked of them."""
    seen, plan, (before, after) = found.seen, found.plan, found.server
    at, first, last = found.grown()
    growth = last.rss / first.rss - 1
    judged = plan.seconds >= 3 * _SETTLED
    p99 = percentile(found.overhead, 0.99)
    cpu, each = after.cpu - before.cpu, max(1, seen.count)
    figures = [
        Row(
            "answers by status",
            ", ".join(f"{status}: {count:,}" for status, count in sorted(seen.answers.items())),
            "no 5xx",
            not seen.failed(),
        ),
        Row("answers a second", f"{seen.count / seen.seconds:.1f}"),
        Row("answers with a wrong number of claims", str(seen.wrong), "0", seen.wrong == 0),
        Row("total p50, p95, p99, ms", _ms(seen.fresh)),
        Row("overhead p50, p95, p99, ms", _ms(found.overhead), f"p99 < {1000 * OVERHEAD:.0f}", p99 < OVERHEAD),
    ]
    if seen.repeated:
        kept = percentile(seen.repeated, 0.99) < OVERHEAD
        figures.append(
            Row(f"remembered articles ({len(seen.repeated):,}) p50, p95, p99, ms", _ms(seen.repeated), f"p99 < {1000 * OVERHEAD:.0f}", kept)
        )
    return [
        *figures,
        Row("processor of the server", f"{cpu:.1f} s, {100 * cpu / seen.seconds:.0f} %, {1000 * cpu / each:.2f} ms an answer"),
        Row("processor of the generator, of the mock", f"{100 * seen.cpu / seen.seconds:.0f} %, {100 * found.mock / seen.seconds:.0f} %"),
        Row("the generator's own delay p50, p99, ms", f"{1000 * percentile(seen.late, 0.5):.1f}, {1000 * percentile(seen.late, 0.99):.1f}"),
        Row(
            f"memory of the server after {at:.0f} s, at the end, growth",
            f"{first.rss / 1e6:.0f} MB, {last.rss / 1e6:.0f} MB, {100 * growth:+.1f} %",
            f"< {100 * GROWTH:.0f} %" if judged else "",
            growth < GROWTH if judged else None,
        ),
        Row("file descriptors and threads after that, at the end", f"{first.files} and {first.threads}, {last.files} and {last.threads}"),
        Row("processes; requests to the model", f"{last.processes}; {found.requests:,}"),
    ]


def _ms(ordered: list[float]) -> str:
    return ", ".join(f"{1000 * percentile(ordered, share):.0f}" for share in (0.5, 0.95, 0.99))


@contextmanager
def _looking(service: Service) -> Iterator[list[tuple[float, Usage]]]:
    """Look at the server's processes every few seconds."""
    looks: list[tuple[float, Usage]] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            looks.append((time.monotonic(), service.usage()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        over.set()
        thread.join()


@contextmanager
def both(clients: int, *, workers: int = 1, latency: float = _LATENCY, **environment: object) -> Iterator[tuple[Service, Mock]]:
    """Run a mock and a server that lets so many requests in at once, in each process."""
    places = {"EXTRACTOR_SERVICE_IN_FLIGHT": clients, "EXTRACTOR_SERVICE_CONNECTIONS": 2 * clients + 100}
    with (
        tempfile.TemporaryDirectory(prefix="service-") as folder,
        serving(drafts=drafts(), latency_ms=1000 * latency) as mock,
        served(Path(folder), mock.url, workers=workers, **{**places, **environment}) as service,
    ):
        service.ask("POST", "/v1/extract", article("long", 1))  # what is loaded late is loaded before the clients come
        mock.reset()
        yield service, mock


def search(plan: Plan, workers: int) -> int:
    """Print how the overhead grows with the clients, for each size, until it misses its aim; return the exit code."""
    print("\n| article | clients | answers/s | overhead p50, p95, p99, ms | server % | ms of processor an answer | |\n|" + " --- |" * 7)
    failed = 0
    for size in SIZES:
        with both(max(_STEPS), workers=workers) as (service, mock):
            first = plan.first
            for clients in _STEPS:
                found = measure(replace(plan, url=service.url, article=size, clients=clients, first=first), service, mock)
                seen, cpu = found.seen, found.server[1].cpu - found.server[0].cpu
                first, failed = seen.next, failed + seen.failed() + seen.wrong
                held = percentile(found.overhead, 0.99) < OVERHEAD
                each = 1000 * cpu / max(1, seen.count)
                rates = (f"{seen.count / seen.seconds:.1f}", _ms(found.overhead), f"{100 * cpu / seen.seconds:.0f}", f"{each:.2f}")
                print(f"| {' | '.join((size, str(clients), *rates, 'held' if held else 'missed'))} |", flush=True)
                if not held:
                    break
    return 1 if failed else 0


def main() -> int:
    """Run the load that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600, help="how long is measured (default 600)")
    parser.add_argument("--clients", type=int, default=200, help="how many ask at once (default 200)")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server (default 1)")
    parser.add_argument("--article", choices=SIZES, default="short", help="3, 25 or 73 sentences (default short)")
    parser.add_argument("--repeated", type=float, default=0.0, metavar="SHARE", help="share of requests about articles that are remembered")
    parser.add_argument("--rest", type=float, default=0.0, metavar="SECONDS", help="wait of a client before its next question, on average")
    parser.add_argument("--search", action="store_true", help="look for the most clients instead; --seconds are those of each step")
    given = parser.parse_args()
    plan = Plan("", given.clients, given.seconds, _WARM, given.article, repeated=given.repeated, rest=given.rest)
    if given.search:
        return search(plan, given.workers)
    with both(given.clients, workers=given.workers) as (service, mock):
        found = measure(replace(plan, url=service.url), service, mock)
    size = SIZES[given.article]
    words = f"{given.clients} clients for {given.seconds:g} s, {given.workers} process(es), articles of {size.windows} window(s)"
    return told(f"{words} and {size.claims} claim(s), {100 * given.repeated:.0f} % of them repeated", rows(found))


if __name__ == "__main__":
    sys.exit(main())
