"""Faults of the disk: it is full, it cannot be written, it gives back other bytes than it was given."""

from __future__ import annotations

import os
import pickle
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fault import Fault, SkippedError
from fault_inputs import lines
from planned import good, late, serving
from workshop import Batch, Workshop, expect

_OPTIONS: Final = ("--concurrency", "16")
_PLANTED: Final = "planted"


@contextmanager
def _mounted(folder: Path, options: str) -> Iterator[Path]:
    """Yield ``folder`` as a file system of its own, in memory."""
    if os.geteuid() != 0:
        msg = "only root can mount a small file system"
        raise SkippedError(msg)
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603  # our own words
        msg = "this machine lets nobody mount a file system"
        raise SkippedError(msg)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S603, S607  # the same


def _resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)  # noqa: S603, S607  # the same


def _until_told(batch: Batch, words: str, seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while words not in batch.told:
        expect(batch.ended() is None, f"it ended instead of waiting: {batch.told[-300:]}")
        expect(time.monotonic() < until, f"nothing was said of it within {seconds:g} s: {batch.told[-300:]}")
        time.sleep(0.1)


def _full(shop: Workshop) -> str:
    articles = 3000
    with _mounted(shop.folder / "small", "size=3m") as small, serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        out = small / "out"
        archive = lines(shop.folder / "a.jsonl", articles)
        batch = shop.start(archive, options=_OPTIONS, out=out)
        _until_told(batch, "waits")
        time.sleep(8)
        expect(batch.ended() is None, "it ended while the disk was full")
        asked = len(server.asks)
        expect(asked < articles, "the disk was never too small: give it more articles")
        time.sleep(2)
        expect(len(server.asks) - asked == 0, f"{len(server.asks) - asked} requests were paid for while nothing could be kept")
        _resize(small, "64m")
        ended = batch.wait()
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        results = type(shop.results)(out)
        results.reconcile(inputs=articles)
        expect(results.counts["done"] == articles, f"{dict(results.counts)}")
        expect(len(server.asks) == articles, f"{len(server.asks)} requests for {articles} articles")
        return f"waited after {asked:,} requests, then finished; none asked twice"


def _full_then_stopped(shop: Workshop) -> str:
    articles = 3000
    with _mounted(shop.folder / "small", "size=3m") as small, serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        out = small / "out"
        archive = lines(shop.folder / "a.jsonl", articles)
        batch = shop.start(archive, options=_OPTIONS, out=out)
        _until_told(batch, "waits")
        batch.send(signal.SIGTERM)
        ended = batch.wait(60)
        expect(ended.code in {6, 128 + signal.SIGTERM}, f"it ended with {ended.code}: {ended.told[-300:]}")
        expect("Traceback" not in ended.told, ended.told[-600:])
        _resize(small, "64m")
        ended = shop.run(archive, options=_OPTIONS, out=out)
        expect(ended.code == 0, f"resumed, it ended with {ended.code}: {ended.told[-300:]}")
        results = type(shop.results)(out)
        results.reconcile(inputs=articles)
        expect(len(server.asks) == articles, f"{len(server.asks)} requests for {articles} articles")
        return "stopped while full; resumed with room; none asked twice"


def _full_cache(shop: Workshop) -> str:
    with _mounted(shop.folder / "small", "size=1m") as small, serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        articles = 2000
        ended = shop.run(lines(shop.folder / "a.jsonl", articles), options=_OPTIONS, EXTRACTOR_CACHE_DIR=str(small / "cache"))
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=articles)
        expect("not remembered" in ended.told, f"nobody was told: {ended.told[-300:]}")
        return "answers are used, not remembered; told once"


def _read_only(shop: Workshop) -> str:
    with _mounted(shop.folder / "still", "ro") as still, serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        ended = shop.run(lines(shop.folder / "a.jsonl", 20), out=still / "out")
        expect(ended.code == 6, f"it ended with {ended.code}: {ended.told[-300:]}")
        expect(str(still) in ended.told, f"the message does not say where: {ended.told[-300:]}")
        expect("Traceback" not in ended.told, ended.told[-600:])
        expect(not server.asks, f"{len(server.asks)} requests were paid for")
        return "no request sent"


def _cache_read_only(shop: Workshop) -> str:
    with _mounted(shop.folder / "still", "ro") as still, serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 20)
        ended = shop.run(archive, EXTRACTOR_CACHE_DIR=str(still / "cache"))
        expect(ended.code == 6, f"it ended with {ended.code}: {ended.told[-300:]}")
        expect(not server.asks, f"{len(server.asks)} requests were paid for")
        ended = shop.run(archive, options=("--no-cache",), EXTRACTOR_CACHE_DIR=str(still / "cache"))
        expect(ended.code == 0, f"with --no-cache it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=20)
        return "no request sent; with --no-cache all done"


def _without_costs(extraction: dict[str, Any]) -> dict[str, Any]:
    """Return what an extraction says of its document, without what it cost and what was remembered."""
    windows = [{name: value for name, value in window.items() if name not in ("cached", "usage")} for window in extraction["windows"]]
    claims = [claim | {"provenance": claim["provenance"] | {"cached": None}} for claim in extraction["claims"]]
    return {**extraction, "claims": claims, "windows": windows, "usage": None}


def _header(content: bytearray, _: random.Random) -> None:
    content[:16] = b"\xff" * 16


def _truncation(content: bytearray, _: random.Random) -> None:
    del content[len(content) // 2 :]


def _zeros(content: bytearray, draw: random.Random) -> None:
    for _ in range(10):
        start = draw.randrange(4096, len(content) - 4096)
        content[start : start + 2048] = bytes(2048)


def _bits(content: bytearray, draw: random.Random) -> None:
    for _ in range(200):
        content[draw.randrange(100, len(content))] ^= 1 << draw.randrange(8)


def _damaged(damage: Callable[[bytearray, random.Random], None]) -> Callable[[Workshop], str]:
    """Return the check of a cache whose database is damaged between two runs."""

    def check(shop: Workshop) -> str:
        articles = 300
        with serving(lambda ask: good(ask.number)) as server:
            shop = replace(shop, server=server.url)
            archive = lines(shop.folder / "a.jsonl", articles)
            expect(shop.run(archive, options=_OPTIONS).code == 0, "the first run did not end well")
            first = {extraction["document"]["id"]: _without_costs(extraction) for extraction in shop.results.extractions}
            database = next((shop.folder / "cache").rglob("cache.db"))
            for beside in database.parent.glob("cache.db-*"):
                beside.unlink()
            content = bytearray(database.read_bytes())
            damage(content, random.Random(3))
            database.write_bytes(content)
            asked = len(server.asks)
            ended = shop.run(archive, options=_OPTIONS, out=shop.folder / "second")
            expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
            expect("Traceback" not in ended.told, ended.told[-600:])
            results = type(shop.results)(shop.folder / "second")
            results.reconcile(inputs=articles)
            second = {extraction["document"]["id"]: _without_costs(extraction) for extraction in results.extractions}
            wrong = [name for name in first if first[name] != second[name]]
            expect(not wrong, f"{len(wrong)} articles have another result, for example {wrong[:1]}")
            return f"{len(server.asks) - asked} of {articles} asked again, 0 wrong"

    return check


class _Bomb:
    """Leaves a file behind where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        """Return what unpickling runs."""
        return open, (str(self._path), "w")


def _pickled(shop: Workshop) -> str:
    with serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 10)
        expect(shop.run(archive, options=_OPTIONS).code == 0, "the first run did not end well")
        planted = shop.folder / _PLANTED
        database = next((shop.folder / "cache").rglob("cache.db"))
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(_Bomb(planted)),))
        connection.close()
        ended = shop.run(archive, options=_OPTIONS, out=shop.folder / "second")
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        expect(not planted.exists(), "a planted pickle was run")
        expect(len(server.asks) == 20, f"{len(server.asks) - 10} of 10 were asked again")
        return "10 of 10 rows refused and asked again"


def _torn(shop: Workshop) -> str:
    with serving(lambda ask: late(good(ask.number), 0.05)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 200)
        batch = shop.start(archive, options=_OPTIONS)
        server.wait_for(120)
        batch.kill()
        part = next(shop.out.glob("part-*.tsv"))
        content = bytearray(part.read_bytes())
        expect(content.count(b"\n") > 2, "nothing was finished before the kill")
        content[len(content) // 2] ^= 1
        part.write_bytes(content + b"torn tai")
        ended = shop.run(archive, options=_OPTIONS)
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=200)
        expect(shop.results.counts["done"] == 200, f"{dict(shop.results.counts)}")
        return f"{len(server.asks) - 200} requests again"


def _index_lost(shop: Workshop) -> str:
    with serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 200)
        expect(shop.run(archive, options=(*_OPTIONS, "--limit", "150")).code == 0, "the first run did not end well")
        index = next(shop.out.glob("index*.sqlite"))
        index.write_bytes(b"no database" * 100)
        ended = shop.run(archive, options=(*_OPTIONS, "--no-cache"))
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=200)
        expect(len(server.asks) == 200, f"{len(server.asks) - 200} articles were done again")
        return "rebuilt; none done again"


_KEPT: Final = "quarantined or missed, asked again, nothing wrong served"

FAULTS: Final = (
    Fault("disk-full", "14", "results on a file system of 3 MB, enlarged later", "waits, goes on by itself, none asked twice", _full),
    Fault("disk-full-stop", "14", "the same, SIGTERM while it waits", "ends; resumes with room, none asked twice", _full_then_stopped),
    Fault("cache-full", "14", "cache on a file system of 1 MB", "told once, all done", _full_cache),
    Fault("read-only", "19", "results on a read-only file system", "exit 6, says where, no request", _read_only),
    Fault("cache-read-only", "19", "cache on a read-only file system", "exit 6, no request; with --no-cache all done", _cache_read_only),
    Fault("cache-header", "15", "the cache's first 16 bytes overwritten", _KEPT, _damaged(_header)),
    Fault("cache-truncated", "15", "half of the cache's database cut off", _KEPT, _damaged(_truncation)),
    Fault("cache-zeros", "15", "10 times 2 KB of zeros in it", _KEPT, _damaged(_zeros)),
    Fault("cache-bits", "15", "200 bits of it flipped", _KEPT, _damaged(_bits)),
    Fault("pickle", "16", "every row of the cache replaced by a pickle", "refused, never run, asked again", _pickled),
    Fault("part-torn", "12", "kill -9, then a flipped bit and a torn tail in the open part", "done again, totals reconcile", _torn),
    Fault("index-lost", "12", "the index overwritten", "rebuilt from the results, none done again", _index_lost),
)
