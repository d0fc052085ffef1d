"""Everything at once: 10,000 articles, a provider that fails in every way, a SIGTERM and a kill -9 on the way."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from dataclasses import replace
from typing import Final

from fault import Fault
from fault_inputs import article, drafts
from workshop import Workshop, expect

from benchmarks.mock import server as mock

ARTICLES: Final = int(os.environ.get("ARTICLES", "10000"))
"""How many articles ``mixed`` has."""
_IN_FLIGHT: Final = 64
_ONCE: Final = ("429after", "429", "500", "503after", "reset", "html", "empty", "cut", "truncated")
"""What befalls the articles whose numbers end in 00 to 08, once; then they are answered."""
_EVER: Final = {10: "400", 20: "length", 21: "refusal"}
"""What befalls articles for ever, by the last two digits: a dead letter, and two answers that are not whole."""
_TWICE: Final = 500
"""Of so many articles, the first stands in the archive twice."""
_TORN: Final = 1000
"""Behind the first of so many articles, a line is torn."""


def _order(number: int) -> str:
    """Return what the mock is told to do with requests about an article."""
    kind = number % 100
    if kind < len(_ONCE):
        return f"MOCK:{_ONCE[kind]}:1"
    return f"MOCK:{_EVER[kind]}" if kind in _EVER else ""


def _mixed(shop: Workshop) -> str:
    a_hundredth, repeated, torn = ARTICLES // 100, ARTICLES // _TWICE, ARTICLES // _TORN
    with mock.serving(drafts=drafts(ARTICLES), latency_ms=20, retry_after=0.2) as server:
        shop = replace(shop, server=server.url)
        archive = shop.folder / "a.jsonl"
        with archive.open("w", encoding="utf-8") as file:
            for number in range(ARTICLES):
                line = json.dumps(article(number, _order(number))) + "\n"
                file.write(line * 2 if number % _TWICE == 0 else line)
                if number % _TORN == 0:
                    file.write(f'{{"text": "torn {number}\n')
        options = ("--concurrency", str(_IN_FLIGHT))
        began = time.monotonic()
        for share, number in ((0.25, signal.SIGTERM), (0.5, signal.SIGKILL)):
            batch = shop.start(archive, options=options)
            while server.stats()["requests"] < share * ARTICLES and batch.ended() is None:
                time.sleep(0.1)
            batch.send(number)
            ended = batch.wait(60)
            expect(ended.code in {128 + number, -number}, f"it ended with {ended.code}: {ended.told[-300:]}")
            shop.results.unique()
        ended = shop.run(archive, options=options, seconds=1800)
        took = time.monotonic() - began
        results = shop.results
        expect(ended.code == 4, f"it ended with {ended.code}: {ended.told[-300:]}")
        results.reconcile(inputs=ARTICLES + repeated + torn)
        counts = dict(results.counts)
        expect(counts["repeated"] == repeated, f"{counts}, {repeated} stand there twice")
        expect(counts["failed"] == a_hundredth + torn, f"{counts}, {a_hundredth} are refused and {torn} torn; {dict(results.lost)}")
        expect(not counts.get("pending"), f"{counts}")
        expect(results.lost["BadRequestError"] == a_hundredth, f"dead letters: {dict(results.lost)}")
        outcomes = Counter(window["outcome"] for extraction in results.extractions for window in extraction["windows"])
        expect(outcomes["truncated"] == outcomes["refused"] == a_hundredth, f"outcomes: {dict(outcomes)}")
        stats = server.stats()
        again = stats["requests"] - ARTICLES - len(_ONCE) * a_hundredth
        expect(again <= 2 * _IN_FLIGHT, f"{again} requests were sent again after a stop and a kill with {_IN_FLIGHT} in flight")
        expect(stats["answered_again"] <= 2 * _IN_FLIGHT, f"{stats['answered_again']} answers were paid for twice")
        figures = f"{stats['requests']:,} requests, {again} of them again, {stats['answered_again']} paid for twice"
        return f"{counts}; {figures}; {took:.0f} s in all; {ended.rss / 1e6:.0f} MB held at the most"


FAULTS: Final = (
    Fault("mixed", "-", f"{ARTICLES:,} articles, faults of every kind, SIGTERM, kill -9", "totals reconcile with the plan", _mixed),
)
