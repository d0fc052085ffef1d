import logging

import anyio
import pytest

from extractor.caches.base import MemoryCache, NoCache
from extractor.errors import DeadlineError, ProviderError, QuotaError, RateLimitError, ServerError, StorageError
from extractor.exchange import Exchange
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Completion, Message, Request, Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
POLICY = RetryPolicy(attempts=2, first_wait=0.0, longest_wait=0.0)
REQUEST = Request(endpoint="e", model="m", messages=(Message(role="user", content="x"),), constraint={}, max_tokens=5)


async def test_a_second_answer_comes_from_the_cache_and_costs_nothing():
    provider, cache = ScriptedProvider(["one"]), MemoryCache()
    exchange = Exchange(provider, cache, POLICY)
    first, second = await exchange.complete(REQUEST), await exchange.complete(REQUEST)
    assert (first.content, first.cached, first.usage.requests) == ("one", False, 1)
    assert (second.content, second.cached, second.usage) == ("one", True, Usage())
    assert len(provider.sent) == 1


async def test_failures_are_not_remembered():
    provider = ScriptedProvider([QuotaError("no"), "yes"])
    exchange = Exchange(provider, MemoryCache(), POLICY)
    with pytest.raises(QuotaError):
        await exchange.complete(REQUEST)
    assert (await exchange.complete(REQUEST)).content == "yes"


@pytest.mark.parametrize("cache", [MemoryCache(), NoCache()])
async def test_a_thousand_identical_requests_are_one_send(cache):
    provider = ScriptedProvider(lambda _: "one", delay=0.05)
    exchange = Exchange(provider, cache, POLICY)
    results = []

    async def ask() -> None:
        results.append(await exchange.complete(REQUEST))

    async with anyio.create_task_group() as tasks:
        for _ in range(1000):
            tasks.start_soon(ask)
    assert len(provider.sent) == 1
    assert sum(result.usage.requests for result in results) == 1
    assert {result.content for result in results} == {"one"}


async def test_those_who_waited_share_the_error():
    provider = ScriptedProvider(lambda _: ServerError("down"), delay=0.02)
    exchange = Exchange(provider, MemoryCache(), POLICY)
    failures = []

    async def ask() -> None:
        try:
            await exchange.complete(REQUEST)
        except ServerError as error:
            failures.append(error.attempts)

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(ask)
    assert len(provider.sent) == 2
    assert sorted(failures) == [0] * 9 + [2]


async def test_when_the_sender_is_cancelled_another_sends():
    provider = ScriptedProvider(lambda _: "one", delay=0.1)
    exchange = Exchange(provider, MemoryCache(), POLICY)
    results = []

    async def ask() -> None:
        results.append((await exchange.complete(REQUEST)).content)

    async with anyio.create_task_group() as tasks:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as leaders:
                leaders.start_soon(exchange.complete, REQUEST)
                await anyio.sleep(0.02)
                tasks.start_soon(ask)
                await anyio.sleep(0.02)
                scope.cancel()
    assert results == ["one"]
    assert len(provider.sent) == 2


async def test_an_answer_of_an_unknown_form_is_asked_again(caplog):
    provider, cache = ScriptedProvider(["new"]), MemoryCache()
    cache.set(REQUEST.key, b'{"old": "form"}')
    with caplog.at_level(logging.WARNING):
        assert (await Exchange(provider, cache, POLICY).complete(REQUEST)).content == "new"
    assert "unknown form" in caplog.text


async def test_an_answer_that_cannot_be_stored_is_still_used_and_told_once(caplog):
    class Full(NoCache):
        def set(self, key: str, value: bytes) -> None:
            msg = "the disk is full"
            raise StorageError(msg)

    exchange = Exchange(ScriptedProvider(["one", "two"]), Full(), POLICY)
    with caplog.at_level(logging.WARNING):
        assert (await exchange.complete(REQUEST)).content == "one"
        assert (await exchange.complete(REQUEST)).content == "two"
    assert caplog.text.count("the disk is full") == 1


class Recorded:
    """A gate that notes who passes."""

    def __init__(self, wait: float = 0.0, closed: ProviderError | None = None) -> None:
        self.wait, self.closed, self.results = wait, closed, []

    async def enter(self, request: Request) -> None:
        await anyio.sleep(self.wait)
        if self.closed is not None:
            raise self.closed

    def leave(self, request: Request, result: Completion | ProviderError | None) -> None:
        self.results.append(result)


async def test_a_gate_lets_every_send_in_and_learns_what_came_of_it():
    gate = Recorded()
    exchange = Exchange(ScriptedProvider([ServerError("down"), "one"]), MemoryCache(), POLICY, gate)
    await exchange.complete(REQUEST)
    await exchange.complete(REQUEST)
    assert [type(result).__name__ for result in gate.results] == ["ServerError", "Completion"]


async def test_waiting_at_a_gate_is_no_part_of_the_deadline():
    gate = Recorded(wait=0.1)
    exchange = Exchange(ScriptedProvider(["one"]), MemoryCache(), RetryPolicy(deadline=0.05), gate)
    assert (await exchange.complete(REQUEST)).content == "one"


async def test_a_closed_gate_sends_nothing():
    gate, provider = Recorded(closed=QuotaError("no", attempts=0)), ScriptedProvider(["one"])
    with pytest.raises(QuotaError) as caught:
        await Exchange(provider, MemoryCache(), POLICY, gate).complete(REQUEST)
    assert (caught.value.attempts, provider.sent, gate.results) == (0, [], [])


async def test_a_gate_learns_of_a_deadline_and_of_a_cancelled_send():
    gate = Recorded()
    exchange = Exchange(ScriptedProvider(["one", "two"], delay=5), MemoryCache(), RetryPolicy(deadline=0.02), gate)
    with pytest.raises(DeadlineError):
        await exchange.complete(REQUEST)
    patient = Exchange(exchange.provider, MemoryCache(), POLICY, gate)
    with anyio.move_on_after(0.02):
        await patient.complete(REQUEST)
    assert [type(result).__name__ for result in gate.results] == ["DeadlineError", "NoneType"]


async def test_a_gate_keeps_the_waits_that_a_provider_asks_for():
    provider = ScriptedProvider([RateLimitError("wait", retry_after=900), "one"])
    exchange = Exchange(provider, MemoryCache(), RetryPolicy(attempts=2, deadline=1, parked=True), Recorded())
    assert (await exchange.complete(REQUEST)).content == "one"


async def test_no_wait_between_sends_outlasts_the_deadline():
    policy = RetryPolicy(attempts=3, deadline=0.05, first_wait=9)
    with pytest.raises(DeadlineError, match="1 attempts"):
        await Exchange(ScriptedProvider(lambda _: ServerError("down")), MemoryCache(), policy).complete(REQUEST)
