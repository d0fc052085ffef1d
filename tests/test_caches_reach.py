"""A cache that is elsewhere may hang: nobody but who asks it waits, and what was paid for is kept all the same."""

import threading

import anyio
import anyio.to_thread
import pytest
from asgi import ask
from job_service import seen
from service import open_service, scripted

from extractor import Document, Extractor, settings
from extractor.caches import reach
from extractor.caches.base import MemoryCache
from extractor.exchange import Exchange
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Message, Request
from extractor.retries import RetryPolicy
from extractor.service import desks

pytestmark = pytest.mark.anyio
POLICY = RetryPolicy(attempts=2, first_wait=0.0, longest_wait=0.0)
REQUEST = Request(endpoint="e", model="m", messages=(Message(role="user", content="x"),), constraint={}, max_tokens=5)


class Hanging(MemoryCache):
    """A cache elsewhere whose calls wait until they are let go on."""

    remote = True

    def __init__(self, *, gets: bool = False, sets: bool = False) -> None:
        super().__init__()
        self.hangs = {"get": gets, "set": sets}
        self.asked, self.let = threading.Event(), threading.Event()

    def get(self, key):
        self._wait("get")
        return super().get(key)

    def set(self, key, value):
        self._wait("set")
        super().set(key, value)

    def _wait(self, call: str) -> None:
        if self.hangs[call]:
            self.asked.set()
            assert self.let.wait(20), "whoever should have let it go on was waiting for it"


async def test_the_loop_goes_on_while_it_hangs_and_identical_requests_are_one():
    cache, provider = Hanging(gets=True, sets=True), ScriptedProvider(["one"])
    exchange, found = Exchange(provider, cache, POLICY), []

    async def complete() -> None:
        found.append(await exchange.complete(REQUEST))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(complete)
        await seen(cache.asked.is_set)
        assert found == []
        cache.let.set()
    assert sorted((one.content, one.cached) for one in found) == [("one", False), ("one", True), ("one", True)]
    assert len(provider.sent) == len(cache) == 1
    assert (await exchange.complete(REQUEST)).cached


async def test_who_is_cancelled_does_not_wait_for_it_and_leaves_the_question_to_others():
    cache, provider = Hanging(gets=True), ScriptedProvider(["one"])
    exchange = Exchange(provider, cache, POLICY)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(exchange.complete, REQUEST)
        await seen(cache.asked.is_set)
        tasks.cancel_scope.cancel()
    assert not cache.let.is_set()
    cache.let.set()
    assert (await exchange.complete(REQUEST)).content == "one"


async def test_an_answer_is_kept_though_who_asked_has_gone_meanwhile():
    cache, provider = Hanging(sets=True), ScriptedProvider(["one"])
    exchange = Exchange(provider, cache, POLICY)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(exchange.complete, REQUEST)
        await seen(cache.asked.is_set)
        tasks.cancel_scope.cancel()
        cache.let.set()
    assert len(cache) == 1


async def test_an_answer_is_kept_though_who_asked_goes_in_the_moment_it_lands():
    cache, scope = Hanging(), anyio.CancelScope()

    def one(_: Request) -> str:
        scope.cancel()
        return "one"

    with scope:
        await Exchange(ScriptedProvider(one), cache, POLICY).complete(REQUEST)
    assert len(cache) == 1


async def test_answers_that_wait_for_a_thread_are_kept_too_and_take_none_of_the_others():
    cache, answered = Hanging(sets=True), []

    def one(request: Request) -> str:
        answered.append(request)
        return "one"

    exchange, most = Exchange(ScriptedProvider(one), cache, POLICY), reach._MOST + 4
    async with anyio.create_task_group() as tasks:
        for repeat in range(most):
            tasks.start_soon(exchange.complete, REQUEST.model_copy(update={"repeat": repeat}))
        await seen(lambda: len(answered) == most and cache.asked.is_set())
        assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 0
        tasks.cancel_scope.cancel()
        cache.let.set()
    assert len(cache) == most


async def test_articles_are_finished_one_by_one_but_remembered_side_by_side(known_settings):
    both = threading.Barrier(2)

    class Shelf(Hanging):
        def set(self, key, value):
            if not value.startswith(b"{"):  # no answer, but a finished extraction
                both.wait(20)
            super().set(key, value)

    texts, cache, made = ("The mayor said 4 men left.", "The mayor said 5 men left."), Shelf(), []
    chosen = settings.load(cache_dir=known_settings.cache_dir, model="openai/x", attempts=1)
    async with Extractor.from_settings(chosen, provider=scripted(), cache=cache) as extractor:

        async def extract(text: str) -> None:
            made.append(await extractor.extract(Document(text=text)))

        async with anyio.create_task_group() as tasks:
            for text in texts:
                tasks.start_soon(extract, text)
        assert [await extractor.remembered(Document(text=text)) for text in texts].count(None) == 0
    assert len(made) == len(texts)


async def test_a_cache_of_this_machine_is_asked_without_a_thread():
    threads = set()

    class Local(Hanging):
        remote = False

        def _wait(self, call):
            threads.add((call, threading.get_ident()))

    await Exchange(ScriptedProvider(["one"]), Local(), POLICY).complete(REQUEST)
    assert threads == {("get", threading.get_ident()), ("set", threading.get_ident())}


async def test_the_service_answers_while_its_cache_hangs(tmp_path, monkeypatch):
    cache = Hanging(gets=True)
    monkeypatch.setattr(desks.caches, "provide", lambda _: cache)
    async with open_service(tmp_path, scripted()) as (app, _):
        answers = {}

        async def extract() -> None:
            answers["extract"] = await ask(app, "POST", "/v1/extract", b'{"text": "The mayor said 4 men left."}')

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(extract)
            await seen(cache.asked.is_set)
            answers["livez"] = await ask(app, "GET", "/livez")
            assert "extract" not in answers
            cache.let.set()
    assert (answers["livez"].status, answers["extract"].status) == (200, 200)
