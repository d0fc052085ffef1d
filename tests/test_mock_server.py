"""The mock that benchmarks and long runs ask: it must know its articles, and fail as planned."""

import shutil

import anyio
import pytest

from benchmarks.mock.articles import article
from benchmarks.mock.server import serving
from extractor import Document, Extractor, NoCache, errors
from extractor.providers.openai import OpenAIProvider
from extractor.requests import Message, Request
from extractor.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")]


def request(text: str) -> Request:
    return Request(endpoint="e", model="m", messages=(Message(role="user", content=text),), constraint={}, max_tokens=9)


async def outcomes(url: str, texts: list[str], patience: float = 5.0) -> list[str]:
    """Ask about all texts, one by one; return the finish reasons and the classes of errors."""
    provider = OpenAIProvider(base_url=url, key="k", timeout=patience)
    found = []
    try:
        for text in texts:
            try:
                found.append((await provider.complete(request(text))).finish_reason)
            except errors.ProviderError as error:
                found.append(type(error).__name__)
    finally:
        await provider.aclose()
    return found


@pytest.mark.parametrize("hosted", [True, False], ids=["whole articles", "windows"])
async def test_it_knows_the_claims_of_its_articles(hosted, monkeypatch):
    with serving() as mock:
        monkeypatch.setenv("OPENAI_BASE_URL", mock.url)
        settings = Settings(model="openai/m", api_key="k") if hosted else Settings(model="m", base_url=mock.url)
        async with Extractor.from_settings(settings, cache=NoCache()) as extractor:
            found = await extractor.extract(Document.model_validate(article(70)))
        assert (len(found.claims), found.rejections, mock.stats()["answered"]) == (12, (), 1 if hosted else 3)


async def test_faults_are_the_same_with_the_same_seed_and_those_of_a_body_stay_its_own():
    texts = [f"article {number}" for number in range(60)]
    mix = {"500": 0.2, "malformed": 0.1, "429": 0.1}
    with serving(mix=mix) as first, serving(mix=mix) as second, serving(mix=mix, by="body") as own:
        once = await outcomes(first.url, texts)
        assert once == await outcomes(second.url, texts)
        assert {"stop", "ServerError", "RateLimitError"} == set(once)
        theirs = await outcomes(own.url, texts)
        assert theirs == (await outcomes(own.url, texts[::-1]))[::-1]
    with serving(mix=mix, by="body", times=2) as mock:
        assert await outcomes(mock.url, texts) == await outcomes(mock.url, texts) == theirs
        assert set(await outcomes(mock.url, texts)) == {"stop"}


PLANNED = {
    "429": "RateLimitError", "429after": "RateLimitError", "quota": "QuotaError", "400": "BadRequestError", "401": "AuthenticationError",
    "500": "ServerError", "503": "ServerError", "503after": "ServerError", "malformed": "stop", "truncated": "ResponseError",
    "empty": "ResponseError", "html": "ResponseError", "length": "length", "refusal": "refusal", "reset": "ConnectionFailedError",
    "cut": "ConnectionFailedError", "hang": "ConnectionFailedError", "flood": "ResponseError",
}  # fmt: skip


async def test_an_article_can_ask_for_its_own_fault_for_ever_or_some_times():
    with serving() as mock:
        assert await outcomes(mock.url, [f"MOCK:{name}" for name in PLANNED], patience=0.3) == list(PLANNED.values())
        assert await outcomes(mock.url, ["MOCK:500:2."] * 3) == ["ServerError", "ServerError", "stop"]
        counted = mock.stats()
        assert (counted["requests"], counted["bodies"], counted["faults"]["hang"]) == (len(PLANNED) + 3, len(PLANNED) + 1, 1)
        assert counted["status"] == {"200": 9, "400": 1, "401": 1, "429": 3, "500": 3, "503": 2}
        mock.reset()
        assert mock.stats()["requests"] == 0


async def test_a_drip_ends_at_the_clients_deadline_and_is_counted_as_abandoned():
    with serving(drip_ms=20) as mock:
        with anyio.move_on_after(0.3) as scope:
            await outcomes(mock.url, ["MOCK:drip"])
        assert scope.cancelled_caught
        await anyio.sleep(0.1)
        assert (mock.stats()["abandoned"], mock.stats()["in_flight"]) == (1, 0)


async def test_its_limits_are_told_and_kept():
    with serving(limit_requests=2, limit_seconds=100, limit_after=0) as mock:
        provider = OpenAIProvider(base_url=mock.url, key="k")
        left = [(await provider.complete(request(f"{number}"))).limits for number in range(2)]
        assert [(limits.requests_limit, limits.requests_remaining) for limits in left if limits] == [(2, 1), (2, 0)]
        assert all(90 <= limits.requests_reset <= 100 for limits in left if limits)
        with pytest.raises(errors.RateLimitError) as caught:
            await provider.complete(request("one too many"))
        assert caught.value.retry_after is None
        await provider.aclose()


async def test_more_than_it_takes_at_once_are_refused():
    with serving(capacity=5, latency_ms=200, retry_after=3) as mock:
        provider = OpenAIProvider(base_url=mock.url, key="k")
        found = []

        async def ask(number: int) -> None:
            try:
                found.append((await provider.complete(request(f"{number}"))).finish_reason)
            except errors.RateLimitError as error:
                found.append(error.retry_after)

        async with anyio.create_task_group() as tasks:
            for number in range(12):
                tasks.start_soon(ask, number)
        await provider.aclose()
        assert sorted(map(str, found)) == ["3.0"] * 7 + ["stop"] * 5
        assert mock.stats()["most_in_flight"] == 12
