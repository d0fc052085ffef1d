"""Faults of a provider: it limits, refuses, fails, breaks off, or answers with something else than an answer."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from fault import Fault
from fault_inputs import lines, same
from planned import Ask, Plan, Reply, error, good, late, serving
from workshop import Ended, Results, Workshop, expect

_FEW: Final = ("--concurrency", "4")
_HTML: Final = b"<html><body>Bad gateway</body></html>"


def _fine(ask: Ask) -> Reply:
    return good(ask.number)


def _first(count: int, reply: Reply) -> Plan:
    """Return the plan of a provider that meets the first ``count`` requests with ``reply``."""
    return lambda ask: reply if ask.total < count else good(ask.number)


def _done(results: Results, ended: Ended, inputs: int) -> None:
    """Expect that every article is finished."""
    expect(ended.code == 0, f"it ended with {ended.code}: {ended.told[-300:]}")
    results.reconcile(inputs=inputs)
    expect(results.counts["done"] == inputs, f"{dict(results.counts)} instead of {inputs} done")


def _limited(reply: Reply, seconds: float) -> Callable[[Workshop], str]:
    def check(shop: Workshop) -> str:
        with serving(_first(3, reply)) as server:
            ended = replace(shop, server=server.url).run(lines(shop.folder / "a.jsonl", 20), options=_FEW)
            _done(shop.results, ended, 20)
            times = [ask.at for ask in server.asks]
            again = min(at for ask, at in zip(server.asks, times, strict=True) if ask.nth)
            expect(again - times[0] >= seconds, f"sent again after {again - times[0]:.1f} s")
            expect(len(times) == 23, f"{len(times)} requests for 20 articles and 3 refusals")
            return f"sent again after {again - times[0]:.1f} s"

    return check


def _parked(shop: Workshop) -> str:
    with serving(lambda _: error(429, retry_after="600")) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 20)
        batch = shop.start(archive, options=_FEW)
        server.wait_for(1)
        time.sleep(3)
        asked = len(server.asks)
        time.sleep(5)
        expect(batch.ended() is None, f"it ended by itself: {batch.told[-300:]}")
        expect(asked == len(server.asks) <= 4, f"{asked}, then {len(server.asks)} requests went out while parked")
        batch.send(signal.SIGTERM)
        ended = batch.wait(45)
        expect(ended.code == 128 + signal.SIGTERM, f"it ended with {ended.code}")
        shop.results.reconcile()
        expect(not shop.results.failures, f"articles were given up: {shop.results.lost}")
        server.plan = _fine
        _done(shop.results, shop.run(archive, options=_FEW), 20)
        return f"{asked} requests while parked; ended {ended.seconds:.0f} s after the start"


def _stopped(reply: Reply) -> Callable[[Workshop], str]:
    def check(shop: Workshop) -> str:
        with serving(lambda ask: reply if ask.total >= 10 else good(ask.number)) as server:
            shop = replace(shop, server=server.url)
            archive = lines(shop.folder / "a.jsonl", 300)
            ended = shop.run(archive, options=_FEW)
            expect(ended.code == 4, f"it ended with {ended.code}: {ended.told[-300:]}")
            expect(len(server.asks) <= 10 + 4, f"{len(server.asks) - 10} requests went out to be refused by 4 workers")
            shop.results.reconcile()
            expect(not shop.results.failures, f"articles were given up: {shop.results.lost}")
            refused = len(server.asks) - 10
            server.plan = _fine
            _done(shop.results, shop.run(archive, options=_FEW), 300)
            expect(max(server.asked.values()) <= 2, "an answered article was asked about again")
            return f"{refused} refused"

    return check


def _twice(reply: Reply) -> Callable[[Workshop], str]:
    """Return the check of a fault that befalls each article twice, and then no more."""

    def check(shop: Workshop) -> str:
        with serving(lambda ask: reply if ask.nth < 2 else good(ask.number)) as server:
            ended = replace(shop, server=server.url).run(lines(shop.folder / "a.jsonl", 3), options=_FEW)
            _done(shop.results, ended, 3)
            expect(set(server.asked.values()) == {3}, f"requests an article: {sorted(server.asked.values())}")
            return f"{ended.seconds:.1f} s"

    return check


def _forever(reply: Reply, kind: str, requests: int, *, again: bool) -> Callable[[Workshop], str]:
    """Return the check of a fault that befalls two articles for ever.

    Args:
        reply: The fault.
        kind: Class of the error of their dead letters.
        requests: How often each may be asked about.
        again: Whether the same command tries them again.
    """

    def check(shop: Workshop) -> str:
        with serving(lambda ask: reply if ask.number < 2 else good(ask.number)) as server:
            shop = replace(shop, server=server.url)
            archive = lines(shop.folder / "a.jsonl", 6)
            ended = shop.run(archive, options=_FEW)
            expect(ended.code == 4, f"it ended with {ended.code}: {ended.told[-300:]}")
            results = shop.results
            results.reconcile(inputs=6)
            expect(dict(results.lost) == {kind: 2}, f"dead letters: {dict(results.lost)}")
            expect(server.asked[0] == server.asked[1] == requests, f"{server.asked[0]} and {server.asked[1]} requests")
            expect({failure["attempts"] for failure in results.failures} == {requests}, f"{results.failures}")
            expect({failure["passing"] for failure in results.failures} == {again}, f"{results.failures}")
            server.plan = _fine
            asked = len(server.asks)
            ended = shop.run(archive, options=_FEW)
            expect(len(server.asks) - asked == (2 if again else 0), f"{len(server.asks) - asked} requests by the same command again")
            expect(shop.results.counts["failed"] == (0 if again else 2), f"{dict(shop.results.counts)} after the same command again")
            shop.results.reconcile(inputs=6)
            if not again:
                _done(shop.results, shop.run(archive, options=(*_FEW, "--retry", "all")), 6)
            return f"{requests} requests each"

    return check


def _breaker(shop: Workshop) -> str:
    with serving(lambda _: error(500)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 200)
        batch = shop.start(archive, options=("--concurrency", "8"))
        server.wait_for(10)
        time.sleep(12)
        asked = len(server.asks)
        expect(asked <= 30, f"{asked} requests to a provider that fails every one")
        server.plan = _fine
        _done(shop.results, batch.wait(), 200)
        return f"{asked} requests in 12 s; closed again by itself"


def _unreachable(address: str) -> Callable[[Workshop], str]:
    def check(shop: Workshop) -> str:
        archive = lines(shop.folder / "a.jsonl", 2)
        ended = replace(shop, server=address).run(archive, options=_FEW)
        expect(ended.code == 4, f"it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile(inputs=2)
        expect(dict(shop.results.lost) == {"ConnectionFailedError": 2}, f"dead letters: {dict(shop.results.lost)}")
        return f"{ended.seconds:.1f} s"

    return check


def _drip(shop: Workshop) -> str:
    deadline = 3.0
    with serving(lambda ask: replace(good(ask.number), ending="drip")) as server:
        ended = replace(shop, server=server.url).run(lines(shop.folder / "a.jsonl", 1), EXTRACTOR_DEADLINE=str(deadline))
        expect(ended.code == 4, f"it ended with {ended.code}: {ended.told[-300:]}")
        expect(dict(shop.results.lost) == {"DeadlineError": 1}, f"dead letters: {dict(shop.results.lost)}")
        until = time.monotonic() + 3  # a drop is seen by the next byte that is sent
        while not server.left and time.monotonic() < until:
            time.sleep(0.05)
        took = server.left[0] - server.asks[0].at if server.left else -1.0
        expect(abs(took - deadline) <= 1.0, f"let go after {took:.1f} s, with a deadline of {deadline:g} s")
        return f"let go after {took:.1f} s"


def _partial(make: Callable[[int], Reply], outcome: str) -> Callable[[Workshop], str]:
    def check(shop: Workshop) -> str:
        with serving(lambda ask: make(ask.number) if ask.number < 2 else good(ask.number)) as server:
            ended = replace(shop, server=server.url).run(lines(shop.folder / "a.jsonl", 6), options=_FEW)
            _done(shop.results, ended, 6)
            expect(set(server.asked.values()) == {1}, f"requests an article: {sorted(server.asked.values())}")
            found = [extraction["windows"][0]["outcome"] for extraction in shop.results.extractions]
            expect(found.count(outcome) == 2, f"outcomes: {found}")
            return "1 request each"

    return check


def _flood(shop: Workshop) -> str:
    with serving(lambda ask: replace(good(ask.number), ending="flood") if ask.number == 0 else good(ask.number)) as server:
        ended = replace(shop, server=server.url).run(lines(shop.folder / "a.jsonl", 3), options=_FEW)
        expect(dict(shop.results.lost) == {"ResponseError": 1}, f"dead letters: {dict(shop.results.lost)}")
        shop.results.reconcile(inputs=3)
        expect(ended.rss < 500e6, f"it held {ended.rss / 1e6:.0f} MB")
        return f"{ended.rss / 1e6:.0f} MB held at the most"


def _unsupported(shop: Workshop) -> str:
    with serving(lambda ask: good(ask.number, quote="The Martians")) as server:
        ended = replace(shop, server=server.url).run(lines(shop.folder / "a.jsonl", 5), options=_FEW)
        _done(shop.results, ended, 5)
        found: list[dict[str, Any]] = shop.results.extractions
        expect(not any(extraction["claims"] for extraction in found), "a claim stands on words that the article does not have")
        expect(all(extraction["rejections"] for extraction in found), "what was dropped is not counted")
        expect(set(server.asked.values()) == {2}, f"requests an article: {sorted(server.asked.values())}")
        return "asked again once each, then rejected"


def _identical(shop: Workshop) -> str:
    with serving(lambda ask: late(good(ask.number), 1.0)) as server:
        archive = same(shop.folder / "a.jsonl", 1000)
        ended = replace(shop, server=server.url).run(archive, options=("--concurrency", "64"))
        _done(shop.results, ended, 1000)
        expect(len(server.asks) == 1, f"{len(server.asks)} requests for one question")
        return f"1 request, {ended.seconds:.1f} s"


def _budget(shop: Workshop) -> str:
    cap = 40_000
    with serving(lambda ask: late(good(ask.number), 0.05)) as server:
        shop = replace(shop, server=server.url)
        archive = lines(shop.folder / "a.jsonl", 100)
        ended = shop.run(archive, options=("--concurrency", "8", "--budget-tokens", str(cap)))
        expect(ended.code == 4, f"it ended with {ended.code}: {ended.told[-300:]}")
        shop.results.reconcile()
        expect(not shop.results.failures, f"articles were given up: {shop.results.lost}")
        spent = len(server.asks) * 960
        expect(0 < spent <= cap, f"{spent} tokens were spent of {cap}")
        ended = shop.run(archive, options=("--concurrency", "8", "--budget-tokens", str(cap)))
        expect(len(server.asks) * 960 <= cap, f"the same command again spent {len(server.asks) * 960} tokens of {cap} in all")
        _done(shop.results, shop.run(archive, options=("--concurrency", "8", "--budget-tokens", "1000000")), 100)
        expect(len(server.asks) == 100, f"{len(server.asks)} requests for 100 articles")
        return f"{spent:,} tokens spent of {cap:,}, also in all of two runs"


_NAMED: Final = "done after 3 requests each"
_DEAD: Final = "dead letters after 4 requests each; the same command again tries them and finishes"
_REFUSED: Final = "dead letters after 1 request each; the same command again does not ask; --retry all does"
_STOP: Final = "exit 4, at most 1 further request a worker, nothing given up; resumes"

FAULTS: Final = (
    Fault("429-retry-after", "1", "3 times 429, Retry-After 2", "waits 2 s, all done", _limited(error(429, retry_after="2"), 2.0)),
    Fault("429", "1", "3 times 429", "backs off, all done", _limited(error(429), 0.5)),
    Fault("503-retry-after", "1", "3 times 503, Retry-After 2", "waits 2 s, all done", _limited(error(503, retry_after="2"), 2.0)),
    Fault("parks", "2", "429, Retry-After 600", "no request while parked; SIGTERM ends it; resumes", _parked),
    Fault("quota", "3", "429 insufficient_quota from the 11th request on", _STOP, _stopped(error(429, "insufficient_quota"))),
    Fault("401", "3", "401 from the 11th request on", _STOP, _stopped(error(401, "invalid_api_key"))),
    Fault("500-twice", "4", "500 twice for each article", _NAMED, _twice(error(500))),
    Fault("500-forever", "5", "500 forever for 2 of 6 articles", _DEAD, _forever(error(500), "ServerError", 4, again=True)),
    Fault("breaker", "5", "500 for every request, fine after 12 s", "at most 30 requests, then all done", _breaker),
    Fault("400", "6", "400 for 2 of 6 articles", _REFUSED, _forever(error(400), "BadRequestError", 1, again=False)),
    Fault("reset", "7", "connection reset twice for each article", _NAMED, _twice(Reply(ending="reset"))),
    Fault("refused", "7", "nobody listens", "dead letters, exit 4", _unreachable("http://127.0.0.1:9/v1")),
    Fault("dns", "7", "no such host", "dead letters, exit 4", _unreachable("http://nobody.invalid/v1")),
    Fault("drip", "8", "a tenth of a second for each byte, deadline 3 s", "DeadlineError at 3 s, within 1 s", _drip),
    Fault("empty", "9", "empty 200 twice for each article", _NAMED, _twice(Reply())),
    Fault("html", "9", "HTML with status 200, twice", _NAMED, _twice(Reply(body=_HTML))),
    Fault("cut", "9", "reply cut off in its middle, twice", _NAMED, _twice(replace(good(0), ending="cut"))),
    Fault("html-forever", "9", "HTML with status 200 for 2 of 6", _DEAD, _forever(Reply(body=_HTML), "ResponseError", 4, again=True)),
    Fault(
        "length", "9", "finish_reason length for 2 of 6", "partial, 1 request", _partial(lambda n: good(n, finish="length"), "truncated")
    ),
    Fault("refusal", "9", "refusal for 2 of 6", "partial, 1 request", _partial(lambda n: good(n, refusal="No."), "refused")),
    Fault("flood", "10", "a reply of 1 GB", "ResponseError, under 500 MB held", _flood),
    Fault("unsupported", "11", "a source the article does not name", "asked again once, rejected and counted", _unsupported),
    Fault("budget", "-", "--budget-tokens for a third of the articles", "exit 4, never above it, also over two runs; resumes", _budget),
    Fault("identical", "22", "1,000 articles with one text", "1 request", _identical),
)
