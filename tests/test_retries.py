"""How often each fault is sent, from the pipeline's side down to the socket."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import anyio
import pytest
from faults import Reply, completion, error, serving

from extractor import errors
from extractor.caches.base import MemoryCache, NoCache
from extractor.exchange import Exchange
from extractor.providers.openai import OpenAIProvider
from extractor.requests import Message, Request
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
REQUEST = Request(endpoint="e", model="m", messages=(Message(role="user", content="x"),), constraint={}, max_tokens=5)
FAST = RetryPolicy(attempts=4, deadline=120, first_wait=0.01, longest_wait=0.05)
OK = Reply()

TABLE = [
    ("answered at once", [OK], 1, None),
    ("one 500", [error(500), OK], 2, None),
    ("two 503", [error(503), error(503), OK], 3, None),
    ("500 for ever", [error(500)], 4, errors.ServerError),
    ("429 with Retry-After", [error(429, retry_after="0.1"), OK], 2, None),
    ("429 with a wrong Retry-After", [error(429, retry_after="soon"), OK], 2, None),
    ("429 for ever", [error(429)], 4, errors.RateLimitError),
    ("429 asking for longer than the deadline", [error(429, retry_after="600")], 1, errors.RateLimitError),
    ("no credit left", [error(429, "insufficient_quota")], 1, errors.QuotaError),
    ("408", [error(408), OK], 2, None),
    ("400", [error(400)], 1, errors.BadRequestError),
    ("401", [error(401)], 1, errors.AuthenticationError),
    ("403", [error(403)], 1, errors.AuthenticationError),
    ("404", [error(404)], 1, errors.UnknownModelError),
    ("422", [error(422)], 1, errors.BadRequestError),
    ("connection reset", [Reply(reset=True), OK], 2, None),
    ("connection reset for ever", [Reply(reset=True)], 4, errors.ConnectionFailedError),
    ("HTML instead of JSON", [Reply(body=b"<html>busy</html>"), OK], 2, None),
    ("JSON of another kind", [Reply(body=b'{"choices":[]}')], 4, errors.ResponseError),
    ("a list", [Reply(body=b"[1]")], 4, errors.ResponseError),
    ("cut off JSON", [Reply(body=completion()[:-9]), OK], 2, None),
    ("empty 200", [Reply(body=b""), OK], 2, None),
    ("refusal", [Reply(body=completion(refusal="I cannot"))], 1, None),
    ("cut off by the token limit", [Reply(body=completion("{", finish="length"))], 1, None),
]


@pytest.mark.parametrize(("replies", "sends", "raises"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
async def test_sends_for_each_fault(replies, sends, raises):
    with serving(*replies) as server:
        provider = OpenAIProvider(base_url=server.url, key="k")
        exchange = Exchange(provider, MemoryCache(), FAST)
        try:
            if raises is None:
                await exchange.complete(REQUEST)
            else:
                with pytest.raises(raises) as caught:
                    await exchange.complete(REQUEST)
                assert type(caught.value) is raises
                assert caught.value.attempts == sends
        finally:
            await exchange.aclose()
        assert len(server.received) == sends


async def test_retry_after_is_waited_for_in_seconds_and_as_a_date():
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    for header, least in (("0.5", 0.45), (when, 0.3)):
        with serving(error(429, retry_after=header), OK) as server:
            provider = OpenAIProvider(base_url=server.url, key="k")
            began = time.monotonic()
            await FAST.run(lambda provider=provider: provider.complete(REQUEST))
            assert time.monotonic() - began >= least
            await provider.aclose()


async def test_one_deadline_ends_it_all():
    with serving(Reply(wait=3)) as server:
        provider = OpenAIProvider(base_url=server.url, key="k")
        policy = RetryPolicy(attempts=4, deadline=0.3, first_wait=0.01)
        with pytest.raises(errors.DeadlineError, match=r"within 0.3 s and 1 attempts"):
            await policy.run(lambda: provider.complete(REQUEST))
        await provider.aclose()


async def test_a_silent_server_is_a_lost_connection():
    with serving(Reply(wait=2)) as server:
        provider = OpenAIProvider(base_url=server.url, key="k", timeout=0.2)
        with pytest.raises(errors.ConnectionFailedError, match=r"sent nothing for 0.2 s"):
            await provider.complete(REQUEST)
        await provider.aclose()


async def test_nobody_listens():
    provider = OpenAIProvider(base_url="http://127.0.0.1:9/v1", key="k")
    with pytest.raises(errors.ConnectionFailedError, match="cannot be reached"):
        await provider.complete(REQUEST)
    await provider.aclose()


async def test_an_address_that_is_none():
    provider = OpenAIProvider(base_url="nonsense", key="k")
    with pytest.raises(errors.ProviderError, match="cannot be reached"):
        await provider.complete(REQUEST)
    await provider.aclose()


async def test_openai_without_a_key_is_told_before_sending():
    with pytest.raises(errors.AuthenticationError, match="OPENAI_API_KEY"):
        await OpenAIProvider(base_url=None, key=None).complete(REQUEST)


async def test_many_at_once_share_no_retry_state():
    with serving(*[error(500)] * 30, OK) as server:
        provider = OpenAIProvider(base_url=server.url, key="k")
        exchange = Exchange(provider, NoCache(), RetryPolicy(attempts=20, deadline=120, first_wait=0.01, longest_wait=0.02))
        async with anyio.create_task_group() as tasks:
            for index in range(20):
                tasks.start_soon(exchange.complete, REQUEST.model_copy(update={"repeat": index}))
        assert len(server.received) == 50
        await exchange.aclose()
