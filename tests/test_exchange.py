import logging

import anyio
import pytest

from extractor.caches.base import MemoryCache, NoCache
from extractor.errors import QuotaError, ServerError, StorageError
from extractor.exchange import Exchange
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Message, Request, Usage
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
