"""Faults from outside: kills, signals, a clock that jumps, too few files, many processes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from fault import Fault
from fault_inputs import drafts, lines
from planned import error, good, late, serving
from workshop import Results, Workshop, expect

from benchmarks.mock import server as mock

KILLS: Final = int(os.environ.get("KILLS", "200"))
"""How often ``kill`` kills."""
_IN_FLIGHT: Final = 8
_OPTIONS: Final = ("--concurrency", str(_IN_FLIGHT))


def _killed(shop: Workshop) -> str:
    draw = random.Random(7)
    articles, kills = max(400, 60 * KILLS), 0
    with mock.serving(drafts=drafts(articles), latency_ms=50) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", articles)
        known: set[str] = set()
        while kills < KILLS:
            asked = server.stats()["requests"]
            batch = shop.start(archive, options=_OPTIONS)
            # Some die while they start or look for what is done, most while they work.
            if draw.random() < 0.8:
                while server.stats()["requests"] == asked and batch.ended() is None:
                    time.sleep(0.02)
            time.sleep(draw.uniform(0.0, 1.2))
            if batch.ended() is not None:
                break
            batch.kill()
            kills += 1
            results = shop.results
            results.unique()
            expect(known <= results.keys, f"kill {kills}: {len(known - results.keys)} finished articles are gone")
            known = results.keys
        expect(kills == KILLS, f"it ended after {kills} kills: {batch.told[-300:]}")
        early = len(known)
        ended = shop.run(archive, options=("--concurrency", "64"), seconds=900)
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        results = shop.results
        results.reconcile(inputs=articles)
        expect(results.counts["done"] == articles, f"{dict(results.counts)}")
        expect(known <= results.keys, f"{len(known - results.keys)} finished articles are gone at the end")
        repeated = server.stats()["requests"] - articles
        expect(repeated <= kills * _IN_FLIGHT, f"{repeated} requests were sent again after {kills} kills with {_IN_FLIGHT} in flight")
        return f"{kills} kills, {articles:,} articles ({early:,} before the last run), {repeated} requests again, 0 lost"


def _signalled(number: int) -> Callable[[Workshop], str]:
    def check(shop: Workshop) -> str:
        with serving(lambda ask: late(good(ask.number), 2.0)) as server:
            shop = replace(shop, server=server.url)
            archive = lines(shop.folder / "a.jsonl", 60)
            batch = shop.start(archive, options=_OPTIONS)
            server.wait_for(_IN_FLIGHT + 1)
            batch.send(number)
            began = time.monotonic()
            ended = batch.wait(40)
            took = time.monotonic() - began
            expect(ended.code == 128 + number, f"it ended with {ended.code}: {ended.told[-300:]}")
            expect(took < 30, f"the drain took {took:.1f} s")
            results = shop.results
            results.reconcile()
            expect(results.counts["done"] == len(server.asks), f"{len(server.asks)} requests were paid for, {results.counts['done']} done")
            expect(not batch.left(), "processes are left")
            server.plan = lambda ask: good(ask.number)
            ended = shop.run(archive, options=_OPTIONS)
            expect(ended.code == 0, f"resumed, it ended with {ended.code}")
            expect(set(server.asked.values()) == {1}, "a request was paid for twice")
            shop.results.reconcile(inputs=60)
            return f"drained in {took:.1f} s, {results.counts['done']} done, none asked twice"

    return check


def _twice_signalled(shop: Workshop) -> str:
    with serving(lambda ask: late(good(ask.number), 60.0)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 60)
        batch = shop.start(archive, options=_OPTIONS)
        server.wait_for(1)
        time.sleep(0.5)
        batch.send(signal.SIGTERM)
        time.sleep(1.0)
        expect(batch.ended() is None, "one signal ended it while requests were in flight")
        batch.send(signal.SIGTERM)
        began = time.monotonic()
        ended = batch.wait(10)
        took = time.monotonic() - began
        expect(ended.code == 128 + signal.SIGTERM, f"it ended with {ended.code}")
        expect(took < 2, f"the second signal took {took:.1f} s")
        in_flight = len(server.asks)
        server.plan = lambda ask: good(ask.number)
        expect(shop.run(archive, options=_OPTIONS).code == 0, "the same command again did not finish")
        shop.results.reconcile(inputs=60)
        expect(len(server.asks) - 60 <= in_flight <= _IN_FLIGHT, f"{len(server.asks) - 60} requests were sent again")
        return f"ended {took:.1f} s after the second, {len(server.asks) - 60} requests sent again"


def _never_ends(shop: Workshop) -> str:
    with serving(lambda ask: late(good(ask.number), 300.0)) as server:
        shop = replace(shop, server=server.url)
        batch = shop.start(lines(shop.folder / "a.jsonl", 20), options=_OPTIONS, EXTRACTOR_DEADLINE="600")
        server.wait_for(1)
        batch.send(signal.SIGTERM)
        began = time.monotonic()
        ended = batch.wait(45)
        took = time.monotonic() - began
        expect(ended.code == 128 + signal.SIGTERM, f"it ended with {ended.code}")
        expect(took < 35, f"the drain took {took:.1f} s")
        shop.results.reconcile()
        expect(not shop.results.failures, f"articles were given up: {shop.results.lost}")
        return f"given up after {took:.1f} s, all pending"


_JUMPING: Final = '''
import time
_real, _began = time.time, time.monotonic()
def _jumping():
    """A wall clock that jumps a day forward, then a day back, every second."""
    return _real() + (86_400 if int(time.monotonic() - _began) % 2 else -86_400)
time.time = _jumping
time.time_ns = lambda: int(_jumping() * 1e9)
'''


def _jumped(shop: Workshop) -> str:
    (shop.folder / "clock").mkdir()
    (shop.folder / "clock" / "sitecustomize.py").write_text(_JUMPING, encoding="utf-8")

    def plan_once(ask_total: int) -> bool:
        return ask_total < 3

    with serving(lambda ask: error(429, retry_after="2") if plan_once(ask.total) else late(good(ask.number), 0.2)) as server:
        shop = replace(shop, server=server.url)
        ended = shop.run(lines(shop.folder / "a.jsonl", 60), options=_OPTIONS, seconds=60, PYTHONPATH=str(shop.folder / "clock"))
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=60)
        again = min(ask.at for ask in server.asks if ask.nth) - server.asks[0].at
        expect(2.0 <= again < 10.0, f"a wait of 2 s took {again:.1f} s")
        return f"a wait of 2 s took {again:.1f} s, {ended.seconds:.1f} s in all"


def _few_files(shop: Workshop) -> str:
    with serving(lambda ask: late(good(ask.number), 0.3)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 300)
        ended = shop.run(archive, options=("--concurrency", "128"), before=("prlimit", "--nofile=64:64"))
        expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=300)
        expect(shop.results.counts["done"] == 300, f"{dict(shop.results.counts)}")
        return f"300 done in {ended.seconds:.1f} s, {len(server.asks) - 300} requests sent again"


def _eight(shop: Workshop) -> str:
    articles, folders = 800, (shop.out, shop.folder / "second")
    with mock.serving(drafts=drafts(articles), latency_ms=20) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", articles)
        for out in folders:
            batches = [shop.start(archive, options=(*_OPTIONS, "--shard", f"{number}/8"), out=out) for number in range(1, 9)]
            codes = [batch.wait(600).code for batch in batches]
            expect(codes == [0] * 8, f"they ended with {codes}: {[batch.told[-100:] for batch in batches]}")
            results = Results(out)
            results.reconcile(inputs=articles)
            expect(results.counts["done"] == articles, f"{dict(results.counts)}")
            asked = server.stats()["requests"]
            expect(asked == articles, f"{asked} requests for {articles} articles")
        return f"{articles} articles, {articles} requests, 0 when repeated from the shared cache"


def _same_folder(shop: Workshop) -> str:
    with serving(lambda ask: late(good(ask.number), 0.5)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 60)
        first = shop.start(archive, options=_OPTIONS)
        server.wait_for(1)
        second = shop.run(archive, options=_OPTIONS, seconds=60)
        expect(second.code == 6, f"the second ended with {second.code}: {second.told[-300:]}")
        expect("Traceback" not in second.told, second.told[-300:])
        expect(first.wait().code == 0, "the first was disturbed")
        shop.results.reconcile(inputs=60)
        expect(len(server.asks) == 60, f"{len(server.asks)} requests for 60 articles")
        return "the second is told and ends with 6"


FAULTS: Final = (
    Fault("kill", "12", f"kill -9, {KILLS} times at random moments", "nothing finished is lost or doubled; repeats <= in flight", _killed),
    Fault(
        "sigterm", "13", "SIGTERM with 8 in flight", "what is in flight is finished, exit 143; none asked twice", _signalled(signal.SIGTERM)
    ),
    Fault(
        "ctrl-c", "13", "SIGINT with 8 in flight", "what is in flight is finished, exit 130; none asked twice", _signalled(signal.SIGINT)
    ),
    Fault("second-signal", "13", "SIGTERM twice", "ends at once; repeats <= in flight", _twice_signalled),
    Fault("endless-drain", "13", "SIGTERM while no answer comes", "ends within 35 s, nothing given up", _never_ends),
    Fault("eight", "17", "8 shards, one folder, one cache", "each article once, each question once", _eight),
    Fault("same-folder", "17", "a second batch in the same folder", "exit 6 and a sentence; the first is not disturbed", _same_folder),
    Fault("clock", "18", "the wall clock jumps by a day, every second", "waits are kept, all done", _jumped),
    Fault("few-files", "19", "ulimit -n 64 with 128 in flight", "all done", _few_files),
)
