"""Processes of a service that are killed in the middle of their jobs: two of them take jobs, one of the two does them, any is killed.

It prints a line for each kill, and at last what the asking came to. Run as: job_victims.py FOLDER KILLS JOBS ARTICLES
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import anyio
from batches import NOTHING
from job_service import MODEL, Desks, a_desk, a_runner, asked

from extractor.caches.disk import DiskCache
from extractor.providers.scripted import ScriptedProvider
from extractor.service import limits
from extractor.service.jobs.store import Jobs

LANES = 4
DELAY = 0.04
"""Seconds that an answer takes."""


class Counting(ScriptedProvider):
    """Answers, and notes in a file that it was asked."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda _: NOTHING, delay=DELAY)
        self.log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def complete(self, request):
        os.write(self.log, b"asked\n")
        return await super().complete(request)


def texts(job: int, articles: int) -> list[str]:
    return [f"Article {place} of job {job} is one sentence." for place in range(articles)]


def told(folder: Path) -> list[str]:
    """Return the ids of the jobs that a client was told of."""
    path = folder / "told"
    return list(dict.fromkeys(path.read_text().split())) if path.exists() else []


async def serve(folder: Path, wanted: int, articles: int) -> None:
    """Take jobs until there are as many as ``wanted``, the same as the other process takes, and do them until all are done."""
    jobs = Jobs.open(folder)
    desks = Desks(a_desk(Counting(folder / "asked"), DiskCache(folder / "cache")))
    runner = a_runner(jobs, desks, limits.load(folder=folder), lanes=LANES)
    tells = os.open(folder / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        while (number := len(told(folder))) < wanted:
            job, _ = jobs.create(asked(*texts(number, articles)), caller="open", model=MODEL, most=1_000, key=f"key {number}")
            os.write(tells, f"{job.id}\n".encode())
            await anyio.sleep(0.1)
        while any(jobs.get(job, "open").state != "done" for job in told(folder)):  # noqa: ASYNC110  # what is waited for is in a file
            await anyio.sleep(0.05)
        await runner.aclose()
    jobs.close()


def main() -> None:
    folder, kills, wanted, articles = Path(sys.argv[1]), *map(int, sys.argv[2:])
    chance, killed = random.Random(kills), 0

    def begin() -> int:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                anyio.run(serve, folder, wanted, articles)
                code = 0
            finally:
                os._exit(code)
        return child

    children = [begin(), begin()]
    while killed < kills:
        time.sleep(0.05 + 0.3 * chance.random())
        victim = children.pop(chance.randrange(2))
        os.kill(victim, signal.SIGKILL)
        _, status = os.waitpid(victim, 0)
        if os.WIFSIGNALED(status):
            killed += 1
            print("killed", flush=True)
        elif os.waitstatus_to_exitcode(status):
            sys.exit("a process failed")
        else:
            wanted += 5  # all was done before the last kill
        children.append(begin())
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(json.dumps({"killed": killed, "asked": (folder / "asked").read_bytes().count(b"\n")}), flush=True)
    sys.exit(max(ends))


if __name__ == "__main__":
    main()
