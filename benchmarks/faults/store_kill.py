"""Kill -9 of a process that commits to a store, again and again, and look each time at what is left.

After every kill a reader opens the folder, which puts right what the kill left half done, and checks: every acknowledged
result is there with its state, no article is there twice, every file of Parquet and every compressed line can be read. At the
end the folder is closed and checked once more. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from importlib import import_module
from pathlib import Path

from extractor.batch import parts
from extractor.batch.layout import Layout
from extractor.batch.manifest import Manifest
from extractor.batch.results import Failed, Finished
from extractor.batch.store import Store
from extractor.requests import Usage
from extractor.sinks import parquet

_MANIFEST = Manifest(
    profile="claims", prompt="claims/1", prompt_digest="d", model="m", endpoint="e", started=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
)
_USAGE = Usage(requests=1, input_tokens=10, output_tokens=5)
_PART = 40
_MOST_AT_ONCE = 8


def key(number: int) -> bytes:
    """Return the key of article ``number``."""
    return hashlib.sha256(b"%d" % number).digest()[:16]


def result(number: int) -> Finished | Failed:
    """Return the result of article ``number``; every seventh one fails."""
    if number % 7 == 0:
        return Failed(
            key=key(number), source="s", position=str(number), document=None, error="ServerError", message="planned", attempts=1,
            passing=True, at="2026-01-01T00:00:00+00:00", usage=Usage(requests=1),
        )  # fmt: skip
    span = {"text": "It is said.", "start": 0, "end": 11}
    claim: dict[str, object] = {
        "id": f"c{number}",
        "type": "other",
        "attribution": {"sources": [], "voice": "outlet"},
        "polarity": "affirmed",
    }
    claim |= {"evidence": [span], "provenance": {"window": 0, "requests": [], "cached": False}}
    extraction = {
        "document": {"id": f"d{number}", "published": None, "language": "en", "length": 11, "sentences": 1},
        "claims": [claim] * 3, "verifications": [], "records": [], "rejections": [], "planted": [], "windows": [{"outcome": "ok"}],
        "usage": _USAGE.model_dump(), "provenance": {"extractor": "0", "profile": "claims", "prompt": "p", "model": "m", "endpoint": "e"},
    }  # fmt: skip
    line = json.dumps(extraction).encode()
    return Finished(key(number), "s", str(number), f"d{number}", None, line, _USAGE, 3, "ok")


def write(folder: Path, told: int, first: int, seed: int) -> None:
    """Commit results from ``first`` on for ever, telling each number when it is acknowledged; parts are sealed in a second thread."""
    draw = random.Random(seed)
    store = Store.open(folder, _MANIFEST, articles=_PART)
    number = first
    while True:
        numbers = range(number, number + draw.randint(1, _MOST_AT_ONCE))
        store.commit([result(one) for one in numbers])
        os.write(told, b"".join(b"%d\n" % one for one in numbers))
        number = numbers[-1] + 1
        if (part := store.roll()) is not None:
            threading.Thread(target=store.seal, args=(part,), daemon=True).start()


def check(folder: Path, acknowledged: list[int], *, close: bool) -> int:
    """Return how many articles are finished; raise an AssertionError where anything is not as it must be."""
    store = Store.open(folder, _MANIFEST, articles=_PART)
    states = store.states([key(number) for number in acknowledged])
    wrong = [number for number, state in zip(acknowledged, states, strict=True) if state != ("passing" if number % 7 == 0 else "done")]
    assert not wrong, f"acknowledged and lost: {wrong[:5]}"
    done = store.counts.done
    if close:
        store.close()
    else:
        store.abandon()
    found, claims, lines = read(Layout(folder))
    twice = [article for article, times in Counter(found).items() if times > 1]
    assert not twice, f"{len(twice)} articles are there twice"
    assert len(found) == done, f"{done} articles are counted, {len(found)} are there"
    assert claims == lines * 3, f"{claims} claims of {lines} articles"
    missing = {key(number).hex() for number in acknowledged if number % 7} - set(found)
    assert not missing, f"{len(missing)} articles are in no file"
    return done


def read(layout: Layout) -> tuple[list[str], int, int]:
    """Return the keys of all articles, how many claims the sealed parts have, and how many extractions."""
    import zstandard

    found: list[str] = []
    claims = lines = 0
    there = layout.numbers()
    for number in there["extractions"]:
        for table in parquet.read_columns(layout.articles(number), ["key"]):
            found += table.column("key").to_pylist()
        claims += sum(table.num_rows for table in parquet.read_columns(layout.claims(number), ["claim"]))
        with layout.extractions(number).open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as stream:
            lines += sum(1 for line in io.BufferedReader(stream) if json.loads(line))
    for number in there["part"]:
        found += [line.key.hex() for line in parts.read(layout.part(number))]
    return found, claims, lines


def forked(work: object, *arguments: object, **options: object) -> int:
    """Return the process that does ``work``; it ends with it."""
    process = os.fork()
    if process:
        return process
    try:
        work(*arguments, **options)  # type: ignore[operator]  # a function
        os._exit(0)
    except BaseException as error:  # noqa: BLE001  # told to the parent by the exit code
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)


def main() -> int:
    """Run the kills."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="how many")
    parser.add_argument("--longest", type=float, default=0.4, metavar="SECONDS", help="longest life of a writer")
    parser.add_argument("--seed", type=int, default=0, help="of the lives and of the sizes of commits")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    for library in ("pyarrow.compute", "pyarrow.json", "pyarrow.parquet", "zstandard"):
        import_module(library)  # once, before the forks
    with tempfile.TemporaryDirectory() as name:
        folder, acks = Path(name) / "batch", Path(name) / "acknowledged"
        told = os.open(acks, os.O_CREAT | os.O_APPEND | os.O_RDWR)
        for kill in range(options.kills):
            numbers = [int(line) for line in acks.read_bytes().splitlines()]
            writer = forked(write, folder, told, max(numbers, default=0) + 1, kill)
            time.sleep(draw.uniform(0, options.longest))
            os.kill(writer, signal.SIGKILL)
            _, status = os.waitpid(writer, 0)
            numbers = [int(line) for line in acks.read_bytes().splitlines()]
            reader = forked(check, folder, numbers, close=kill % 10 == 9 or kill == options.kills - 1)
            _, seen = os.waitpid(reader, 0)
            if not os.WIFSIGNALED(status) or seen:
                print(json.dumps({"kill": kill, "failed": True}))
                return 1
        sealed = len(Layout(folder).numbers()["extractions"])
    print(json.dumps({"kills": options.kills, "acknowledged": len(numbers), "lost": 0, "twice": 0, "sealed_parts": sealed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
