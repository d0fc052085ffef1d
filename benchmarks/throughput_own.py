"""This project as a client of the comparison in throughput.py: ``requests``, ``articles`` or ``batch``.

``requests``: the request path alone, cache, retries and provider, its answers counted only; ``articles``: from the line of JSON to the
line of results, validated, grounded and normalised; ``batch``: the command ``extractor batch`` over a file, its start left out.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import uvloop
from pyarrow.parquet import read_metadata
from pydantic_core import from_json

sys.path.insert(0, str(Path(__file__).parent / "peers"))

from measuring import Work, read, shown

from extractor.caches.base import NoCache
from extractor.documents import Document
from extractor.exchange import Exchange
from extractor.pipeline import Extractor
from extractor.providers.openai import OpenAIProvider
from extractor.requests import Message, Request
from extractor.retries import RetryPolicy
from extractor.settings import Settings

_MODEL: Final = "openai/mock"


async def requests(work: Work) -> None:
    """Ask about every article; the answers are counted only."""
    job = work.job
    before = tuple(Message(**turn) for turn in ({"role": "system", "content": job["system"]}, *job["turns"]))
    provider = OpenAIProvider(base_url=job["url"], key="k")
    exchange = Exchange(provider, NoCache(), RetryPolicy())

    async def send(line: bytes) -> int:
        question = Message(role="user", content=shown(from_json(line)["text"]))
        request = Request(
            endpoint=provider.endpoint,
            model="m",
            messages=(*before, question),
            constraint={"response_format": job["schema"]},
            max_tokens=8000,
            max_tokens_field="max_completion_tokens",
        )
        completion = await exchange.complete(request)
        return len(from_json(completion.content)["claims"])

    await work.by_workers(send, gather=asyncio.gather)
    await exchange.aclose()


async def articles(work: Work) -> None:
    """Turn every article into a line of results."""
    os.environ["OPENAI_BASE_URL"] = work.job["url"]  # the whole article is one window only where the model is OpenAI's
    with tempfile.TemporaryDirectory() as folder:
        extractor = Extractor.from_settings(Settings(model=_MODEL, api_key="k", cache_dir=Path(folder)), cache=NoCache())
        async with extractor:

            async def send(line: bytes) -> int:
                extraction = await extractor.extract(Document.model_validate_json(line))
                extraction.model_dump_json()
                return len(extraction.claims)

            await work.by_workers(send, gather=asyncio.gather)


def batch(work: Work) -> None:
    """Run the command over a quarter of the articles, then over all of them; what the rest took is what is measured."""
    few = len(work.articles) // 4
    took = [_command(work, count) for count in (few, len(work.articles))]
    work.clock = {"seconds": took[1][0] - took[0][0], "cpu": took[1][1] - took[0][1]}
    work.claims = took[1][2] - took[0][2]
    work.articles = work.articles[few - 1 :]  # the first of these opens the way elsewhere, and is not counted


def _command(work: Work, count: int) -> tuple[float, float, int]:
    """Return seconds, processor seconds and claims of a batch over the first ``count`` articles."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "articles.jsonl")
        file.write_bytes(b"\n".join(work.articles[:count]) + b"\n")
        words = [sys.executable, "-m", "extractor", "batch", str(file), "--out", str(Path(folder, "out")), "--model", _MODEL]
        words += ["--concurrency", str(work.job["in_flight"])]
        known = {"EXTRACTOR_CACHE_DIR": str(Path(folder, "cache")), "OPENAI_BASE_URL": work.job["url"], "OPENAI_API_KEY": "k"}
        used, began = _children(), time.perf_counter()
        subprocess.run(words, env={**os.environ, **known}, check=True, capture_output=True)  # noqa: S603  # our own command
        seconds = time.perf_counter() - began
        claims = sum(read_metadata(part).num_rows for part in Path(folder, "out").glob("claims-*.parquet"))
    return seconds, _children() - used, claims


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Do the work on standard input in the way that the command line names, and print its figures."""
    work = read()
    way = sys.argv[1]
    if way == "batch":
        batch(work)
    else:
        uvloop.run({"requests": requests, "articles": articles}[way](work))
    work.tell()


if __name__ == "__main__":
    main()
