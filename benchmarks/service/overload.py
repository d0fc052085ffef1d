"""Three times as many clients as the server has places and queue: it refuses what it cannot take, serves the others as ever, and recovers.

Usage: python benchmarks/service/overload.py [--places 16] [--seconds 20]

A refused client comes back after half a second to a second, sooner than it is told to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks

from benchmarks.mock.server import Mock
from benchmarks.service.generator import Plan, Seen, load, percentile
from benchmarks.service.load import both
from benchmarks.service.service import Service
from benchmarks.service.verdict import Row, told


@dataclass(frozen=True, slots=True)
class Overloaded:
    """What three loads in turn brought.

    Attributes:
        before: As many clients as half of the places.
        during: Three times as many as places and queue.
        after: As before, measured from two seconds after the others left.
        most: Requests that the model got at once, at the most.
    """

    before: Seen
    during: Seen
    after: Seen
    most: int


def measure(mock: Mock, places: int, queue: int, plan: Plan) -> Overloaded:
    """Load a server of so many places and so long a queue, thrice for as long as ``plan`` says."""
    light = replace(plan, clients=max(1, places // 2))
    before = load(light)
    during = load(replace(plan, clients=3 * (places + queue), first=before.next))
    after = load(replace(light, first=during.next))
    return Overloaded(before, during, after, mock.stats()["most_in_flight"])


@contextmanager
def narrow(places: int, queue: int, latency: float = 1.0) -> Iterator[tuple[Service, Mock]]:
    """Run a mock and a server of so many places and so long a queue."""
    limits = {"EXTRACTOR_SERVICE_QUEUE": queue, "EXTRACTOR_SERVICE_CONNECTIONS": 20 * (places + queue)}
    with both(places, latency=latency, **limits) as running:
        yield running


def rows(found: Overloaded, places: int) -> Sequence[Row]:
    """Return the figures, and what is asked of them."""
    during = found.during
    usual, loaded, again = (percentile(seen.fresh, 0.99) for seen in (found.before, during, found.after))
    other = {status: count for status, count in during.answers.items() if status not in {"200", "429", "503"}}
    return [
        Row(
            "answers by status",
            ", ".join(f"{status}: {count:,}" for status, count in sorted(during.answers.items())),
            "200, 429, 503",
            not other,
        ),
        Row(
            "refused at all",
            str(during.answers.get("429", 0) + during.answers.get("503", 0)),
            "> 0",
            during.count > during.answers.get("200", 0),
        ),
        Row("refusals without Retry-After", str(during.untold), "0", during.untold == 0),
        Row("answers with a wrong number of claims", str(during.wrong), "0", during.wrong == 0),
        Row("p99 of accepted, unloaded, ms", f"{1000 * usual:.0f}"),
        Row("p99 of accepted, overloaded, ms", f"{1000 * loaded:.0f}", "< 2 times that", loaded < 2 * usual),
        Row("accepted a second, unloaded and overloaded", f"{_rate(found.before):.1f}, {_rate(during):.1f}"),
        Row("requests at the model at once, at the most", str(found.most), f"<= {places}", found.most <= places),
        Row("answers after it, by status", str(found.after.answers), "all 200", set(found.after.answers) == {"200"}),
        Row("p99 two seconds after it, ms", f"{1000 * again:.0f}", "< 1.2 times the unloaded", again < 1.2 * usual),
    ]


def _rate(seen: Seen) -> float:
    return seen.answers.get("200", 0) / seen.seconds


def main() -> int:
    """Run the three loads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, default=16, help="articles extracted at once (default 16); half as many may wait")
    parser.add_argument("--seconds", type=float, default=20, help="length of each load (default 20)")
    given = parser.parse_args()
    queue = given.places // 2
    with narrow(given.places, queue) as (service, mock):
        found = measure(mock, given.places, queue, Plan(service.url, 1, given.seconds, warm=2.0))
    return told(f"{3 * (given.places + queue)} clients for {given.places} places and a queue of {queue}", rows(found, given.places))


if __name__ == "__main__":
    sys.exit(main())
