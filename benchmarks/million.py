"""A million articles that are all remembered: speed through to Parquet, memory, and the scan of a run that has nothing left to do.

Usage: python benchmarks/million.py FOLDER [--articles 1000000]

The archive is JSONL of short articles (about 300 bytes), each with an id and a text of its own. Their finished extractions are put
into the cache without a model: one is made by the pipeline, and the others are it with another document's record, so claims' ids
repeat, which nothing here looks at. FOLDER keeps archive and cache for another time (1 GB for a hundred thousand articles at the most).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import anyio

from extractor.caches.disk import DiskCache
from extractor.documents import Document
from extractor.pipeline import Extractor
from extractor.providers.scripted import ScriptedProvider
from extractor.settings import Settings

NOBODY = "http://127.0.0.1:9/v1"
_TEXT = "Velorian forces lost {n} soldiers near Halm on Monday, Ostrava's military said. The ministry did not confirm figure number {n}."
_ANSWER = {
    "sentence": 1,
    "source": "Ostrava's military",
    "subject": "Velorian forces",
    "outcome": "lost",
    "quantity": "0 soldiers",
    "type": "human_losses",
}
_AT_ONCE = 2_000
"""Entries stored in one transaction."""


class Nobody(ScriptedProvider):
    """Answers in the name of the address that the command is given."""

    @property
    def endpoint(self) -> str:
        """An address where nothing listens."""
        return NOBODY


def main() -> None:
    """Make what is missing in the folder, then run the batch twice and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    archive = given.folder / f"articles-{given.articles}.jsonl"
    settings = Settings(model="m", base_url=NOBODY, cache_dir=given.folder / f"cache-{given.articles}")
    if not archive.exists():
        began = time.monotonic()
        anyio.run(make, archive, settings, given.articles)
        print(f"made in {time.monotonic() - began:.0f} s: {archive.stat().st_size / 1e6:,.0f} MB of articles")
    out = given.folder / "results"
    shutil.rmtree(out, ignore_errors=True)
    for what in ("all remembered", "nothing left to do"):
        measure(what, archive, settings, out, given.articles)


async def make(archive: Path, settings: Settings, number: int) -> None:
    """Write the archive, and remember an extraction of each article."""
    cache = DiskCache(settings.cache_dir / "answers")
    provider = Nobody(lambda _: json.dumps({"claims": [_ANSWER]}))
    async with Extractor.from_settings(settings, provider=provider, cache=cache) as extractor:
        model = await extractor.extract(Document(text=_TEXT.format(n=0), id="article-0"))
        memo = extractor._memo  # noqa: SLF001  # filled from outside here and nowhere else
        assert memo is not None
        with archive.with_suffix(".partial").open("w", encoding="utf-8") as stream:
            for first in range(0, number, _AT_ONCE):
                with cache._cache.transact():  # noqa: SLF001  # one by one would take an hour
                    for n in range(first, min(first + _AT_ONCE, number)):
                        document = Document(text=_TEXT.format(n=n), id=f"article-{n}")
                        record = model.document.model_copy(update={"id": document.id, "length": len(document.text)})
                        memo.keep(document, model.model_copy(update={"document": record}))
                        stream.write(json.dumps({"id": document.id, "text": document.text}) + "\n")
    archive.with_suffix(".partial").replace(archive)


def measure(what: str, archive: Path, settings: Settings, out: Path, number: int) -> None:
    """Run the command and print its time, processor time and memory."""
    environment = {**os.environ, "EXTRACTOR_CACHE_DIR": str(settings.cache_dir), "EXTRACTOR_BASE_URL": NOBODY}
    command = [sys.executable, "-m", "extractor", "batch", str(archive), "--out", str(out), "--model", "m", "--concurrency", "8"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603  # our own command
        peaks = []
        while process.poll() is None:
            time.sleep(2)
            peaks.append(resident(process.pid))
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    quarters = [max(peaks[len(peaks) * q // 4 : max(len(peaks) * (q + 1) // 4, len(peaks) * q // 4 + 1)], default=0) for q in range(4)]
    print(
        f"{what}: {seconds:.0f} s, {number / seconds:,.0f} articles/s, {used / number * 1000:.2f} ms of processor an article,"
        f" exit code {process.returncode}; resident MB in each quarter {', '.join(f'{one / 1e6:.0f}' for one in quarters)}"
    )


def resident(pid: int) -> int:
    """Return the bytes a process holds in memory; 0 where it has gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
