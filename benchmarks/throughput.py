"""Articles per second and processor time per article, against peers, on a mock server; all clients in turn, several times.

(a) a bare aiohttp loop, (b) instructor with a semaphore, (c) langextract run in an environment of their own:
``python -m venv /tmp/peers && /tmp/peers/bin/pip install -r benchmarks/peers/requirements.txt``.

Usage: python benchmarks/throughput.py --peers /tmp/peers/bin/python [--latency 0 200] [--in-flight 64 256] [--repeats 3] [--clients ...]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # for benchmarks.mock

from benchmarks.mock.articles import KINDS, answer, articles
from benchmarks.mock.server import serving
from extractor.pipeline import Extractor
from extractor.settings import Settings

_HERE: Final = Path(__file__).parent
_LIMIT: Final = "aiohttp"


class Client(NamedTuple):
    """One client: its script, whether it is a peer's, and which share of the articles it gets."""

    words: tuple[str, ...]
    peer: bool
    share: float = 1.0


CLIENTS: Final = {
    _LIMIT: Client(("peers/raw_aiohttp.py",), peer=True),
    "requests": Client(("throughput_own.py", "requests"), peer=False),
    "articles": Client(("throughput_own.py", "articles"), peer=False, share=0.3),
    "batch": Client(("throughput_own.py", "batch"), peer=False, share=0.3),
    "instructor": Client(("peers/with_instructor.py",), peer=True, share=0.4),
    "langextract": Client(("peers/with_langextract.py",), peer=True, share=0.15),
}
Figures = dict[str, float]


def job(url: str, in_flight: int) -> dict[str, Any]:
    """Return what every client is told: the project's own prompt and schema."""
    with tempfile.TemporaryDirectory() as folder:
        extractor = Extractor.from_settings(Settings(model="openai/mock", cache_dir=Path(folder)))
        task = extractor._task  # noqa: SLF001  # the prompt as it is sent
        system, *turns = [turn.model_dump() for turn in task._static]  # noqa: SLF001  # the same
        return {"url": url, "in_flight": in_flight, "system": system["content"], "turns": turns, "schema": task._format["response_format"]}  # noqa: SLF001  # the same


def extractions(number: int) -> str:
    """Return the answer about an article in langextract's form."""
    drafts = json.loads(answer(number))["claims"]
    found = [
        {"claim": draft["quantity"], "claim_attributes": {slot: draft[slot] for slot in ("source", "outcome", "place")}} for draft in drafts
    ]
    return json.dumps({"extractions": found})


def measure(client: Client, url: str, in_flight: int, count: int, peers: str, lock: Path | None) -> Figures:
    """Return the figures of one run of a client."""
    lines = [
        json.dumps(job(url, in_flight)),
        *(json.dumps(fields) for fields in islice(articles(), int(count * client.share) + 1)),
    ]
    script, *rest = client.words
    words = [peers if client.peer else sys.executable, str(_HERE / script), *rest]
    words = ["flock", str(lock), *words] if lock is not None else words
    ended = subprocess.run(words, input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  # our own scripts
    found = json.loads(ended.stdout.splitlines()[-1])
    if found["claims"] != 12 * found["articles"]:
        print(f"  {client.words[0]}: {found['claims']} claims in {found['articles']} articles", file=sys.stderr)
    return {"rate": found["articles"] / found["seconds"], "cpu": 1000 * found["cpu"] / found["articles"]}


def spread(values: Sequence[float], form: str) -> str:
    """Return median, least and most."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def row(name: str, runs: Sequence[Mapping[str, Figures]]) -> str:
    """Return the row of a client in the table: its figures, and its rate in times of the limit's in the same run."""
    rates, costs = ([run[name][figure] for run in runs] for figure in ("rate", "cpu"))
    ratios = [run[name]["rate"] / run[_LIMIT]["rate"] for run in runs if _LIMIT in run]
    return f"| {name} | {spread(rates, '.0f')} | {spread(costs, '.2f')} | {spread(ratios, '.2f') if ratios else ''} |"


def main() -> None:
    """Print a table for each latency and number in flight."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peers", default=sys.executable, help="Python that has the peers")
    parser.add_argument("--clients", nargs="+", choices=CLIENTS, default=list(CLIENTS))
    parser.add_argument("--latency", nargs="+", type=int, default=[0, 200], help="milliseconds until an answer")
    parser.add_argument("--in-flight", nargs="+", type=int, default=[64, 256])
    parser.add_argument("--articles", type=int, default=1500, help="articles of a run; slow peers get a share of them")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--lock", type=Path, help="file to be locked during a run")
    chosen = parser.parse_args()
    for latency in chosen.latency:
        for in_flight in chosen.in_flight:
            runs: list[dict[str, Figures]] = []
            with serving(answers=[extractions(number) for number in range(KINDS)], latency_ms=latency) as mock:
                for _ in range(chosen.repeats):
                    runs.append({})
                    for name in chosen.clients:
                        runs[-1][name] = measure(CLIENTS[name], mock.url, in_flight, chosen.articles, chosen.peers, chosen.lock)
                own = mock.stats()
            cost = 1e6 * own["cpu_seconds"] / own["requests"]
            print(f"\n{latency} ms, {in_flight} in flight, {chosen.repeats} runs; the mock: {cost:.0f} us a request\n")
            print("| client | articles/s | CPU ms an article | times (a) |\n| --- | --- | --- | --- |")
            for name in chosen.clients:
                print(row(name, runs))


if __name__ == "__main__":
    main()
