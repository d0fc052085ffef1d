"""How fast the entries of archives are gone through, as a resumed batch does, and documents made of them.

Run: python benchmarks/archives.py [--lines 200000]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import anyio

from extractor.readers.archives.entries import Entry
from extractor.readers.archives.inputs import Inputs
from extractor.readers.archives.pages import Pages

WORDS = "troops ministry said on Wednesday that it lost systems near the region and could not verify any count".split()


def article(rng: random.Random) -> str:
    """Return about 3 KB of words."""
    return " ".join(rng.choices(WORDS, k=560))


def page(rng: random.Random, number: int) -> bytes:
    """Return a page of about 24 KB."""
    shell = b"<script>" + b"var x=1;" * 2000 + b"</script><div>" + b"<a href=/x>link</a>" * 200 + b"</div>"
    text = b"".join(b"<p>%s</p>" % " ".join(rng.choices(WORDS, k=80)).encode() for _ in range(7))
    return b"<html><head><title>%d</title></head><body>%s<article>%s</article></body></html>" % (number, shell, text)


def record(body: bytes, number: int) -> bytes:
    """Return a page as a record of a web archive."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/{number}\r\nWARC-Date: 2023-07-19T10:00:00Z\r\n"
    return f"{head}Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def archives(folder: Path, lines: int) -> Iterator[Path]:
    """Write an archive of each kind, one after the other."""
    rng = random.Random(1)
    rows = ({"id": str(number), "text": article(rng), "published": "2023-07-19"} for number in range(lines))
    plain = folder / "articles.jsonl"
    with plain.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    yield plain
    few = max(lines // 10, 1)
    with plain.open("rb") as stream, gzip.open(folder / "articles.jsonl.gz", "wb", 6) as packed:
        packed.writelines(islice(stream, few))
    yield folder / "articles.jsonl.gz"
    with plain.open("rb") as stream, (folder / "articles.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, ["id", "text", "published"])
        writer.writeheader()
        writer.writerows(json.loads(line) for line in islice(stream, few))
    yield folder / "articles.csv"
    from pyarrow import Table, parquet

    with plain.open("rb") as stream:
        parquet.write_table(Table.from_pylist([json.loads(line) for line in islice(stream, few)]), folder / "articles.parquet")
    yield folder / "articles.parquet"
    with (folder / "pages.warc.gz").open("wb") as stream:
        stream.writelines(gzip.compress(record(page(rng, number), number), 1) for number in range(max(lines // 40, 1)))
    yield folder / "pages.warc.gz"


async def documents(path: Path, count: int, workers: int) -> float:
    """Return how many documents a second are made of the entries of ``path``."""
    pages = Pages(workers=workers)
    inputs = Inputs([path], pages=pages)
    entries = list(islice(inputs, count))
    await inputs.document(entries[0])

    async def some(mine: list[Entry]) -> None:
        for entry in mine:
            await inputs.document(entry)

    begun = time.perf_counter()
    async with anyio.create_task_group() as group:
        for first in range(2 * workers):
            group.start_soon(some, entries[first :: 2 * workers])
    rate = len(entries) / (time.perf_counter() - begun)
    await pages.aclose()
    return rate


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as name:
        print(f"{'archive':20} {'MB':>7} {'entries':>8} {'entries/s':>10} {'CPU us':>7} {'documents/s':>12}")
        for path in archives(Path(name), lines):
            begun, cpu = time.perf_counter(), time.process_time()
            count = sum(1 for _ in Inputs([path]))
            rate, each = count / (time.perf_counter() - begun), (time.process_time() - cpu) / count * 1e6
            made = anyio.run(documents, path, 300 if path.suffix == ".gz" and "warc" in path.name else 5000, 1)
            print(f"{path.name:20} {path.stat().st_size / 1e6:7.1f} {count:8,} {rate:10,.0f} {each:7.1f} {made:12,.0f}")
        print(f"peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB, the making of the archives included")


if __name__ == "__main__":
    main()
