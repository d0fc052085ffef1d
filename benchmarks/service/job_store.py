"""How fast the file of jobs is: jobs taken, results kept and results read in a second, by one process, through to the disk.

.venv/bin/python benchmarks/service/job_store.py [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractor.batch.results import Finished
from extractor.requests import Usage
from extractor.service.jobs import places
from extractor.service.jobs.store import Jobs
from extractor.service.jobs.work import Work
from extractor.service.schemas import JobIn

_WORDS = [f"{letter}{number}" for letter in "abcdefgh" for number in range(200)]


@contextmanager
def timed(what: str, number: int) -> Iterator[None]:
    """Print how many a second were done."""
    began = time.perf_counter()
    yield
    print(f"{what}: {number / (time.perf_counter() - began):,.0f}/s")


def text(chance: random.Random, size: int) -> str:
    """Return about ``size`` characters of words."""
    return " ".join(chance.choices(_WORDS, k=size // 4))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where to (default: the system's folder for such files)")
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as folder:
        jobs = Jobs.open(Path(folder))
        work = Work(jobs)
        small = [JobIn.model_validate({"articles": [{"text": text(chance, 4_000)}]}) for _ in range(300)]
        with timed("jobs of 1 article of 4 kB taken", len(small)):
            for body in small:
                jobs.create(body, caller="a", model="m", most=10_000)
        large = JobIn.model_validate({"articles": [{"text": text(chance, 4_000)} for _ in range(1_000)]})
        with timed("articles of a job of 1,000 taken", 1_000):
            job, _ = jobs.create(large, caller="b", model="m", most=10)
        number = max(one.number for one in work.open())
        line = json.dumps({"claims": [text(chance, 100) for _ in range(200)]}).encode()

        def kept(first: int, most: int) -> None:
            keys = [places.key(number, place) for place in range(first, first + most)]
            work.commit([Finished(key, "", "", "d", None, line, Usage(), 1, "ok") for key in keys])

        with timed(f"results of {len(line) // 1000} kB kept, one at a time", 200):
            for place in range(200):
                kept(place, 1)
        with timed(f"results of {len(line) // 1000} kB kept, 64 at a time", 768):
            for first in range(200, 968, 64):
                kept(first, 64)
        at, read = None, 0
        with timed("results read, in pages of 100", 968):
            while True:
                page = jobs.page(job.id, "b", cursor=at, limit=100)
                found = sum(1 for _ in page.lines())
                read, at = read + found, page.cursor
                if not found:
                    break
        with timed("jobs looked at", 5_000):
            for _ in range(5_000):
                jobs.get(job.id, "b")
        with timed("articles handed out", 300):
            for one in work.open()[:300]:
                work.entry(one, 0)
        began = time.perf_counter()
        jobs.delete(job.id, "b")
        print(f"a job of 1,000 results forgotten in {time.perf_counter() - began:.2f} s")
        jobs.close()


if __name__ == "__main__":
    main()
