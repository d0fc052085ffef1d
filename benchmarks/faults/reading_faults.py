"""Faults of archives: pages that hang or crash their parser, web archives cut off or with garbage, files that are none."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from fault import Fault
from fault_inputs import article, hanging_page, pages, records
from planned import good, late, serving
from workshop import Results, Workshop, expect

_OPTIONS: Final = ("--concurrency", "16")
_BOMB: Final = 2_000_000_000


def _workers(batch: int) -> list[int]:
    """Return the processes in which a batch has pages read."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes()
            parent = (folder / "stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[1]
            if parent == str(batch) and b"page_worker" in words:
                found.append(int(folder.name))
    return found


def _crashed(shop: Workshop) -> str:
    draw = random.Random(5)
    with serving(lambda ask: late(good(ask.number), 0.05)) as server:
        shop = replace(shop, server=server.url)
        batch = shop.start(pages(shop.folder / "pages", 400), options=_OPTIONS)
        crashes = 0
        while batch.ended() is None and crashes < 20:
            workers = _workers(batch.pid)
            if workers:
                with suppress(ProcessLookupError):
                    os.kill(draw.choice(workers), signal.SIGSEGV)
                    crashes += 1
            time.sleep(draw.uniform(0.1, 0.5))
        batch.wait()
        results = shop.results
        results.reconcile(inputs=400)
        expect(results.counts["failed"] <= crashes, f"{results.counts['failed']} articles are lost by {crashes} crashes")
        expect(set(results.lost) <= {"ReaderError"}, f"dead letters: {dict(results.lost)}")
        return f"{crashes} crashes, {results.counts['failed']} dead letters, {results.counts['done']} done"


def _orphaned(shop: Workshop) -> str:
    with serving(lambda ask: late(good(ask.number), 0.2)) as server:
        shop = replace(shop, server=server.url)
        folder = pages(shop.folder / "pages", 200)
        batch = shop.start(folder, options=_OPTIONS)
        server.wait_for(20)
        workers = len(_workers(batch.pid))
        batch.kill()
        expect(workers, "no process read pages")
        expect(not batch.left(), f"{len(batch.left(0))} processes outlive it")
        ended = shop.run(folder, options=_OPTIONS)
        expect(ended.code == 0, f"resumed, it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=200)
        needed = sum(len(window["requests"]) for extraction in shop.results.extractions for window in extraction["windows"])
        again = len(server.asks) - needed
        expect(again <= 16, f"{again} requests were sent again")
        return f"{workers} readers ended with it; {again} requests sent again"


def _hung(shop: Workshop) -> str:
    with serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        folder = pages(shop.folder / "pages", 60)
        for number in range(3):
            (folder / f"hanging-{number}.html").write_text(hanging_page(number), encoding="utf-8")
        ended = shop.run(folder, options=_OPTIONS)
        expect(ended.code == 3, f"it ended with {ended.code}: {ended.told[-300:]}")
        results = shop.results
        results.reconcile(inputs=63)
        expect(results.counts["done"] == 60, f"{dict(results.counts)}")
        expect(dict(results.lost) == {"ReaderError": 3}, f"dead letters: {dict(results.lost)}")
        expect(ended.seconds < 60, f"it took {ended.seconds:.0f} s")
        return f"{ended.seconds:.1f} s for 60 pages and 3 that hang"


def _archive(path: Path, packed: bool, damage: str) -> Path:  # noqa: FBT001  # called from one table
    """Write a web archive of 40 pages, whole, without its end, or with garbage in its middle."""
    found = list(records(40, packed=packed))
    if damage == "cut":
        found[-1] = found[-1][: len(found[-1]) * 2 // 3]
    if damage == "garbage":
        found.insert(20, random.Random(2).randbytes(5000))
    path.write_bytes(b"".join(found))
    return path


def _web_archive(shop: Workshop, damage: str, least: int) -> str:
    told = []
    with serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        for packed in (False, True):
            name = f"{damage}.warc" + (".gz" if packed else "")
            out = shop.folder / f"out-{name}"
            ended = shop.run(_archive(shop.folder / name, packed, damage), options=(*_OPTIONS, "--no-cache"), out=out)
            results = Results(out)
            results.reconcile()
            expect(results.counts["done"] >= least, f"{name}: {dict(results.counts)}")
            expect(results.counts["pending"] == 0, f"{name}: {dict(results.counts)}")
            expect(results.counts["failed"] >= 1, f"{name}: the damage is not told: {dict(results.counts)}")
            expect(ended.code == 3, f"{name}: it ended with {ended.code}: {ended.told[-300:]}")
            told.append(f"{name} {results.counts['done']} done, {results.counts['failed']} failed")
    return "; ".join(told)


def _nasty_lines(shop: Workshop) -> str:
    """Lines that are no articles, between lines that are."""
    whole = [json.dumps(article(number)).encode() for number in range(20)]
    nasty = [
        b"{torn", b"[]", b"null", b'{"text": 7}', b'{"text": ""}', b'{"other": "x"}', b"\xff\xfe\x00", b"[" * 100_000,
        b'{"text": "\\ud800 said so."}', b'{"text": "He said so.", "published": "never"}', b'{"text": "' + b"a" * 5_000_000 + b'"}',
    ]  # fmt: skip
    with serving(lambda ask: good(ask.number)) as server:
        shop = replace(shop, server=server.url)
        path = shop.folder / "a.jsonl"
        mixed = [line for pair in zip(whole, [*nasty, *[b""] * (len(whole) - len(nasty))], strict=True) for line in pair]
        path.write_bytes(b"\n".join([*mixed, whole[0], b'{"text": "The end is to']))
        ended = shop.run(path, options=_OPTIONS)
        results = shop.results
        results.reconcile()
        expect(results.counts["done"] >= 20, f"{dict(results.counts)}: {dict(results.lost)}")
        expect(results.counts["repeated"] == 1, f"{dict(results.counts)}")
        expect(results.counts["pending"] == 0, f"{dict(results.counts)}")
        expect(ended.rss < 500e6, f"it held {ended.rss / 1e6:.0f} MB")
        expect("Traceback" not in ended.told, ended.told[-600:])
        return f"{results.counts['done']} done, {results.counts['failed']} failed, 1 repeated"


def _bomb(shop: Workshop) -> str:
    import zstandard

    path = shop.folder / "bomb.jsonl.zst"
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as writer:
        writer.write(json.dumps(article(1)).encode() + b"\n")
        for _ in range(_BOMB // 2**20):
            writer.write(b" " * 2**20)
        writer.write(b"\n" + json.dumps(article(2)).encode() + b"\n")
    with serving(lambda ask: good(ask.number)) as server:
        ended = replace(shop, server=server.url).run(path, options=_OPTIONS)
        shop.results.reconcile()
        expect(shop.results.counts["done"] >= 1, f"{dict(shop.results.counts)}")
        expect(ended.rss < 500e6, f"it held {ended.rss / 1e6:.0f} MB")
        return f"{dict(shop.results.counts)}, {ended.rss / 1e6:.0f} MB held at the most"


FAULTS: Final = (
    Fault("parser-crash", "20", "SIGSEGV into the processes that read HTML, 20 times", "at most one article lost by each, ends", _crashed),
    Fault("orphans", "12", "kill -9 while pages are read", "no process is left; resumes, repeats <= in flight", _orphaned),
    Fault("parser-hang", "20", "3 pages that hang the parser among 60", "3 dead letters, 60 done, exit 3", _hung),
    Fault("warc-cut", "-", "a web archive cut off in its last record", "39 done, told, exit 3", lambda shop: _web_archive(shop, "cut", 39)),
    Fault("warc-garbage", "-", "5 KB of garbage in a web archive", "40 done, told, exit 3", lambda shop: _web_archive(shop, "garbage", 40)),
    Fault("nasty-lines", "-", "lines that are no articles, among 20 that are", "20 done, the others told, one by one", _nasty_lines),
    Fault("bomb", "-", "a line of 2 GB, packed", "under 500 MB held, ends", _bomb),
)
