"""Articles through the pipeline and the provider's batches: what comes out is what comes online."""

import json

import openai
import pytest
from batch_api import BatchApi, Plan, line, refused, serving
from faults import completion
from test_answers import BAD, GOOD, TEXT
from words import answer, asking

from extractor import Document, MemoryCache, ScriptedProvider
from extractor.batch.provider.engine import ProviderBatch
from extractor.batch.provider.options import Options
from extractor.errors import DeferredError
from extractor.extraction import Extraction
from extractor.requests import Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
OPTIONS = Options(first_poll=0.0, longest_poll=0.0, policy=RetryPolicy(attempts=1))
DOCUMENT = Document(text=TEXT)


def replying(row):
    """Answer badly first, and well when asked again with the reason."""
    again = any(turn["content"] == answer(BAD) for turn in row["body"]["messages"])
    return line(row, 200, json.loads(completion(answer(GOOD if again else BAD))))


def told(extraction: Extraction) -> dict:
    """Return what an extraction says, but for who was asked and what it cost."""
    value = extraction.model_dump(
        exclude={"usage": True, "provenance": {"endpoint"}, "windows": {"__all__": {"usage", "cached", "requests"}}}
    )
    for claim in value["claims"]:
        for name in ("requests", "cached"):
            del claim["provenance"][name]
    return value


async def batched(api: BatchApi, folder) -> tuple[Extraction, list[bool], list]:
    """Do rounds until the article is no longer pending."""
    client = openai.AsyncOpenAI(base_url=api.url, api_key="k", http_client=openai.DefaultAsyncHttpxClient(verify=False))
    cache, pending, rounds = MemoryCache(), [], []
    async with ProviderBatch(lambda: client, cache, folder, options=OPTIONS) as engine:
        extractor = asking(engine.collecting(), cache=cache)
        while True:
            extraction = await extractor.extract(DOCUMENT)
            pending.append(any(window.error == DeferredError.__name__ for window in extraction.windows))
            if not pending[-1]:
                return extraction, pending, rounds
            rounds.append(await engine.submit_and_wait())


async def test_an_article_waits_for_its_answers_and_for_those_to_what_is_asked_again(tmp_path):
    with serving(BatchApi(Plan(reply=replying))) as api:
        extraction, pending, rounds = await batched(api, tmp_path)
    online = await asking(ScriptedProvider([answer(BAD), answer(GOOD)])).extract(DOCUMENT)
    assert pending == [True, True, False]
    assert told(extraction) == told(online)
    assert len(extraction.claims) == 1
    assert extraction.windows[0].cached
    assert extraction.usage == Usage()
    assert [one.usage.requests for one in rounds] == [1, 1]


async def test_an_article_whose_request_is_refused_fails_with_its_error(tmp_path):
    with serving(BatchApi(Plan(reply=lambda row: refused(row, 400)))) as api:
        extraction, pending, _ = await batched(api, tmp_path)
    assert pending == [True, False]
    assert [(window.outcome, window.error) for window in extraction.windows] == [("failed", "BadRequestError")]
