"""What the engine of provider batches costs a request, without any network: collecting it into a file, and bringing its answer home.

.venv/bin/python benchmarks/provider_batch.py --requests 20000
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from extractor.batch.provider.collecting import Collecting
from extractor.batch.provider.lines import read
from extractor.batch.provider.reconciling import Counts, Reconciliation
from extractor.batch.provider.register import Register
from extractor.batch.provider.request_files import RequestFiles
from extractor.caches.disk import DiskCache
from extractor.errors import DeferredError
from extractor.requests import Message, Request


async def measure(count: int, folder: Path) -> None:
    """Print the figures of ``count`` requests."""
    cache = DiskCache(folder / "cache")
    register = Register(folder / "requests.sqlite")
    files = RequestFiles(folder, register, most_requests=50_000, most_bytes=200_000_000)
    provider = Collecting("openai", register, files, attempts=3)
    instructions, article, answer = "instructions " * 700, "three kilobytes of an article " * 100, "an answer of " * 300
    began = time.process_time()
    for number in range(count):
        messages = (Message(role="system", content=instructions), Message(role="user", content=f"{number} {article}"))
        request = Request(endpoint="openai", model="m", messages=messages, constraint={"response_format": {}}, max_tokens=8_000)
        with suppress(DeferredError):
            await provider.complete(request)
    files.finish()
    collecting = (time.process_time() - began) / count
    jobs = register.jobs()
    size = sum(job.size for job in jobs)

    body: dict[str, Any] = {"choices": [{"message": {"content": answer}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3_000}}
    began = time.process_time()
    counts = Counts()
    for job in jobs:
        tries = register.requests(job)
        answers = folder / "answers"
        with answers.open("w") as stream:
            stream.writelines(
                json.dumps({"custom_id": key, "response": {"status_code": 200, "body": body}, "error": None}) + "\n" for key in tries
            )
        began = time.process_time() if job is jobs[0] else began
        found = Reconciliation(tries, cache, attempts=3, counts=counts)
        with answers.open("rb") as lines:
            found.take(read(lines, "OpenAI", "a batch"))
        register.settle(replace(job, state="settled"), found.standings(), found.usage)
    bringing = (time.process_time() - began) / count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} requests of {size // count} bytes in {len(jobs)} files: {counts.answered} answered")
    print(
        f"collecting {collecting * 1e3:.2f} ms of CPU a request, bringing an answer home {bringing * 1e3:.2f} ms, peak memory {peak:.0f} MB"
    )
    register.close()
    cache.close()


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000, help="requests in all (default 20,000)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        anyio.run(measure, arguments.requests, Path(folder))


if __name__ == "__main__":
    main()
