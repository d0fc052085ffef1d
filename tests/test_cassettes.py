"""What the embedded model and a faulty server really said, replayed; ``make record`` asks them again.

Requests are matched on their body: a changed prompt, grammar or schema finds no recording and fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from faults import NOBODY, Reply, completion, error, serving
from words import WEDNESDAY, answer

from extractor import Document, Extractor, MemoryCache, models, prompts
from extractor.exchange import Exchange
from extractor.extraction import Extraction
from extractor.models import Model
from extractor.profiles import PROFILES
from extractor.providers.openai import OpenAIProvider
from extractor.retries import RetryPolicy

pytestmark = [pytest.mark.anyio, pytest.mark.vcr, pytest.mark.usefixtures("all_played")]

TEXT = (
    "Velorian forces lost 310 soldiers and 14 armored vehicles over the past day, Ostrava's military said on Wednesday.\n\n"
    "Veloria's Defense Ministry claimed that at least 23 drones were shot down near Halm overnight.\n\n"
    "It was not possible to independently verify either count.\n"
)
EMBEDDED = models.EMBEDDED[models.DEFAULT]
LOST = {
    "sentence": 1,
    "source": "Ostrava's military",
    "subject": "Velorian forces",
    "outcome": "lost",
    "quantity": "310 soldiers",
    "type": "human_losses",
}


@contextmanager
def planned(request: pytest.FixtureRequest, *replies: Reply) -> Iterator[str]:
    """The address of a server with planned replies; replayed, nobody is there."""
    if not request.config.getoption("--live"):
        yield NOBODY
        return
    with serving(*replies) as server:
        yield server.url


async def extract(url: str, key: str, model: Model) -> Extraction:
    profile = PROFILES["claims"]
    provider = OpenAIProvider(base_url=url, key=key)
    exchange = Exchange(provider, MemoryCache(), RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.01))
    async with Extractor(model=model, exchange=exchange, profile=profile, prompt=prompts.load(profile.prompt), parallel=1) as extractor:
        result = await extractor.extract(Document(text=TEXT, published=WEDNESDAY))
    assert all(TEXT[span.start : span.end] == span.text for claim in result.claims for span in claim.spans())
    return result


async def test_the_embedded_model_finds_the_figures_of_both_sides(embedded):
    result = await extract(*embedded, EMBEDDED)
    found = {(c.quantity.value, c.quantity.unit, c.attribution.sources[0].text) for c in result.claims if c.quantity}
    assert found == {
        (310, "soldiers", "Ostrava's military"),
        (14, "armored vehicles", "Ostrava's military"),
        (23, "drones", "Veloria's Defense Ministry"),
    }
    assert {c.verification.status for c in result.claims if c.verification} == {"not_verified"}
    assert [w.outcome for w in result.windows] == ["ok"]


async def test_a_cut_off_answer_of_the_embedded_model_keeps_what_was_whole(embedded):
    result = await extract(*embedded, replace(EMBEDDED, max_tokens=70))
    assert [w.outcome for w in result.windows] == ["truncated"]
    assert [c.quantity.value for c in result.claims if c.quantity] == [310]


async def test_held_to_a_schema_only_the_embedded_model_is_asked_again(embedded):
    """Without the grammar it copies words that are not there; the re-ask goes out, and what stays wrong is rejected."""
    result = await extract(*embedded, replace(EMBEDDED, constraint="schema", screen=False))
    assert result.usage.requests == 2
    assert len(result.windows[0].requests) == 2
    assert result.claims or result.rejections


FAULTS: list[tuple[str, list[Reply], Callable[[Extraction], bool]]] = [
    ("rate limit", [error(429, retry_after="0"), Reply(body=completion(answer(LOST)))], lambda r: r.windows[0].outcome == "ok"),
    ("server error", [error(500), Reply(body=completion(answer(LOST)))], lambda r: len(r.claims) == 1),
    ("refusal", [Reply(body=completion(refusal="I cannot help with that."))], lambda r: r.windows[0].detail == "I cannot help with that."),
]


@pytest.mark.parametrize(("replies", "holds"), [row[1:] for row in FAULTS], ids=[row[0].replace(" ", "-") for row in FAULTS])
async def test_faults_of_a_server(request, replies, holds):
    with planned(request, *replies) as url:
        result = await extract(url, "recording", models.resolve(_hosted()))
    assert holds(result)


def _hosted():
    from extractor import settings

    return settings.load(model="m", base_url=NOBODY)
