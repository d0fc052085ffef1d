"""What it costs to keep results: commits, sealing, lookups, and making a lost index anew.

Articles of 12 claims each, every slot filled, are committed in batches and sealed as a run does it, in a folder that is deleted
afterwards. Then a million keys (or as many as are asked for) go into an index. Prints one line of JSON a measurement; times are
CPU of this process where it says so, the rest is wall time.

Usage: python benchmarks/store.py [articles|index|all] [--articles 100000] [--keys 1000000] [--claims 12] [--folder DIR]
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractor.batch.index import Index
from extractor.batch.manifest import Manifest
from extractor.batch.results import Finished
from extractor.batch.store import Store
from extractor.batch.totals import Row
from extractor.extraction import Extraction
from extractor.requests import Usage

_USAGE = Usage(requests=1, input_tokens=1200, output_tokens=900)
_MANIFEST = Manifest(
    profile="claims", prompt="claims/1", prompt_digest="d", model="m", endpoint="e", started=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
)
_AT_ONCE = 64


def key(number: int) -> bytes:
    """Return the key of article ``number``."""
    return hashlib.sha256(b"%d" % number).digest()[:16]


def span(text: str, start: int, **fields: Any) -> dict[str, Any]:
    """Return a place in a document."""
    return {"text": text, "start": start, "end": start + len(text), **fields}


def claim(number: int) -> dict[str, Any]:
    """Return a claim with every slot that articles usually fill."""
    said = f"@@: Russian forces lost {470 + number} troops over the past day, Kyiv's military said on Wednesday in a post to social media."
    at = 140 * number
    source = span("Kyiv's military", at + 46, canonical="Armed Forces of Ukraine", kind="military", party="Ukraine", side="ukraine")
    return {
        "id": hashlib.sha256(said.encode()).hexdigest()[:32],
        "type": "human_losses",
        "attribution": {
            "sources": [source], "cue": span("said", at + 62), "channel": span("in a post to social media", at + 80),
            "stated_on": span("on Wednesday", at + 67, date="2023-07-19"), "stance": "asserts", "quotation": "indirect",
            "voice": "attributed",
        },
        "subject": span("Russian forces", at),
        "outcome": span("lost", at + 15, kind="lost"),
        "quantity": span(f"{470 + number} troops", at + 20, low=470, high=470, value=470, comparator="exact", unit="troops", kind="people"),
        "measure": "period",
        "time": span("over the past day", at + 31, start_date="2023-07-18", end_date="2023-07-19", basis="relative", granularity="day"),
        "evidence": [span(said, at)],
        "provenance": {"window": number // 4, "requests": [hashlib.sha256(b"%d" % number).hexdigest()], "cached": False},
    }  # fmt: skip


def template(claims: int) -> bytes:
    """Return an extraction as JSON with ``@@`` where the number of its document goes."""
    extraction = {
        "document": {"id": "@@", "source": "news.jsonl, line @@", "published": "2023-07-19", "length": 3000, "sentences": 30},
        "claims": [claim(number) for number in range(claims)],
        "verifications": [],
        "rejections": [{"window": 0, "reason": "not_in_window", "slot": "subject", "message": "these words are not in the sentence"}],
        "windows": [{"index": number, "start": 0, "end": 700, "outcome": "ok", "drafts": 3, "requests": ["r" * 64]} for number in range(4)],
        "usage": _USAGE.model_dump(),
        "provenance": {
            "extractor": "0.1.0", "profile": "claims", "prompt": "claims/1", "prompt_digest": "d" * 64, "model": "openai/mock",
            "endpoint": "http://127.0.0.1",
        },
    }  # fmt: skip
    return Extraction.model_validate(extraction).model_dump_json().encode()


def finished(number: int, made: bytes, claims: int) -> Finished:
    """Return article ``number``, finished."""
    name = b"%032x" % number
    return Finished(key(number), "news.jsonl", f"line {number}", name.decode(), None, made.replace(b"@@", name), _USAGE, claims, "ok")


def peak() -> int:
    """Return the most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def tell(**figures: Any) -> None:
    """Print a measurement."""
    print(json.dumps({name: round(figure, 4) if isinstance(figure, float) else figure for name, figure in figures.items()}), flush=True)


def articles(folder: Path, count: int, claims: int) -> None:
    """Commit ``count`` articles and seal them, as a run does: sealing in a second thread."""
    made = template(claims)
    before = peak()
    store = Store.open(folder, _MANIFEST)
    began, cpu = time.perf_counter(), time.process_time()
    making = committing = 0.0
    sealers: list[threading.Thread] = []
    for start in range(0, count, _AT_ONCE):
        at = time.thread_time()
        results = [finished(number, made, claims) for number in range(start, min(count, start + _AT_ONCE))]
        making += time.thread_time() - at
        at = time.thread_time()
        store.commit(results)
        committing += time.thread_time() - at
        if (part := store.roll()) is not None:
            sealers.append(threading.Thread(target=store.seal, args=(part,)))
            sealers[-1].start()
    committed = time.perf_counter() - began
    for sealer in sealers:
        sealer.join()
    store.close()
    seconds, used = time.perf_counter() - began, time.process_time() - cpu - making
    tell(
        articles=count,
        bytes_an_article=len(made),
        commits_a_second=count / _AT_ONCE / committed,
        articles_a_second=count / seconds,
        mb_a_second=count * len(made) / 2**20 / seconds,
        cpu_ms_an_article=1000 * used / count,
        of_it_committing=1000 * committing / count,
        of_it_sealing=1000 * (used - committing) / count,
        peak_mb=peak(),
        peak_mb_before=before,
        **{
            f"{word}_mb": sum(path.stat().st_size for path in folder.glob(f"{word}-*")) / 2**20
            for word in ("claims", "articles", "extractions")
        },
    )
    began = time.perf_counter()
    Store.open(folder, _MANIFEST).close()
    tell(open_seconds=time.perf_counter() - began)
    for path in folder.glob("index*"):
        path.unlink()
    began, cpu = time.perf_counter(), time.process_time()
    store = Store.open(folder, _MANIFEST)
    tell(rebuilt_articles=store.counts.done, rebuild_seconds=time.perf_counter() - began, rebuild_cpu_seconds=time.process_time() - cpu)
    store.close()


def index(folder: Path, count: int) -> None:
    """Fill an index with ``count`` keys and look all of them up."""
    made = Index(folder / "index.sqlite")
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, count, _AT_ONCE):
        rows = [Row(key(number), f"{number:032x}", 12, False, _USAGE) for number in range(start, min(count, start + _AT_ONCE))]
        made.record(start // 10_000, rows)
    tell(index_keys=count, record_us_a_key=1e6 * (time.process_time() - cpu) / count, record_seconds=time.perf_counter() - began)
    tell(index_mb=sum(path.stat().st_size for path in folder.glob("index*")) / 2**20, peak_mb=peak())
    for chunk in (64, 4096):
        found, seconds = 0, 0.0
        for keys in _chunks(count, chunk):
            began = time.perf_counter()
            found += sum(place is not None for place in made.places(keys))
            seconds += time.perf_counter() - began
        tell(lookup_chunk=chunk, found=found, keys_a_second=count / seconds)
    made.begin_pass()
    seconds = 0.0
    for keys in _chunks(count, 64):
        began = time.perf_counter()
        made.visit(keys)
        seconds += time.perf_counter() - began
    tell(visit_chunk=64, keys_a_second=count / seconds, peak_mb=peak())
    made.close()
    began, cpu = time.perf_counter(), time.process_time()
    Index(folder / "index.sqlite").close()
    tell(open_and_verify_seconds=time.perf_counter() - began, cpu_seconds=time.process_time() - cpu)


def _chunks(count: int, size: int) -> Iterator[list[bytes]]:
    for start in range(0, count, size):
        yield [key(number) for number in range(start, min(count, start + size))]


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["articles", "index", "all"], default="all")
    parser.add_argument("--articles", type=int, default=100_000, help="how many are committed")
    parser.add_argument("--claims", type=int, default=12, help="claims of each")
    parser.add_argument("--keys", type=int, default=1_000_000, help="how many the index holds")
    parser.add_argument("--folder", type=Path, help="where to write, by default among the temporary files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        if options.what in ("articles", "all"):
            articles(Path(name) / "batch", options.articles, options.claims)
        if options.what in ("index", "all"):
            (Path(name) / "keys").mkdir()
            index(Path(name) / "keys", options.keys)
    return 0


if __name__ == "__main__":
    sys.exit(main())
