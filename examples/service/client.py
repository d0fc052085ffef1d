"""Calls the service from Python: ``python client.py http://127.0.0.1:8000 ../dispatch.txt``; a key stands in EXTRACTOR_KEY."""

from __future__ import annotations

import os
import sys

import anyio

from extractor import Document, Extraction
from extractor.client import Client
from extractor.readers.text import read
from extractor.sinks.table import headline


async def main(url: str = "http://127.0.0.1:8000", path: str = "examples/dispatch.txt") -> None:
    """Extract an article, stream it, and hand it over as a job."""
    article = read(path)
    async with Client(url, key=os.environ.get("EXTRACTOR_KEY")) as client:
        extraction = await client.extract(article)
        for claim in extraction.claims:
            print(f"[{claim.evidence[0].start}:{claim.evidence[0].end}] {headline(claim)}")

        async for news in client.stream(article):
            if isinstance(news, Extraction):
                print(f"the whole; claims: {len(news.claims)}")
            else:
                print(f"part {news.index + 1} of {news.of}, {news.outcome}; claims: {len(news.claims)}")

        job = await client.submit([article, Document(text=" ")])
        async for line in client.results(job.id):
            said = f"claims: {len(line.extraction.claims)}" if line.extraction is not None else line.problem and line.problem.title
            print(f"article {line.index}; {said}")


if __name__ == "__main__":
    anyio.run(lambda: main(*sys.argv[1:]))
