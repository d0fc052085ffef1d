"""The embedded provider where it cannot run; test_llama runs it with a stand-in, and tests/live shows it."""

import sys
from pathlib import Path

import pytest

from extractor import models
from extractor.caches.base import MemoryCache
from extractor.errors import MissingExtraError, ProviderError, WeightsError
from extractor.exchange import Exchange
from extractor.providers.embedded import EmbeddedProvider
from extractor.providers.llama import Server
from extractor.requests import Message, Request
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
MODEL = models.EMBEDDED[models.DEFAULT]
REQUEST = Request(endpoint="e", model="m", messages=(Message(role="user", content="x"),), constraint={}, max_tokens=5)


def provider(file):
    return EmbeddedProvider(MODEL, sha256="abc", file=file, parallel=1, state=None, timeout=5)


def test_without_the_extra_the_fix_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'claim-extractor\[local\]'"):
        Server(Path("x.gguf"), name="x", parallel=1, key="k")


async def test_a_model_that_cannot_be_had_is_raised_and_not_retried():
    asked = []

    def file() -> Path:
        asked.append(1)
        msg = "no network"
        raise WeightsError(msg)

    exchange = Exchange(provider(file), MemoryCache(), RetryPolicy(first_wait=0))
    with pytest.raises(WeightsError, match="no network"):
        await exchange.complete(REQUEST)
    assert asked == [1]
    await exchange.aclose()


async def test_a_remembered_answer_starts_nothing():
    cache = MemoryCache()
    cache.set(REQUEST.key, b'{"content":"x","finish_reason":"stop","usage":{}}')
    chosen = provider(lambda: pytest.fail("the model was asked for"))
    assert (await Exchange(chosen, cache, RetryPolicy()).complete(REQUEST)).content == "x"
    assert not chosen.running


async def test_asking_before_preparing_is_an_error():
    with pytest.raises(ProviderError, match="not started"):
        await provider(lambda: Path("x")).complete(REQUEST)
