"""What becomes of good, bad, cut-off and refused answers; what instructor is shown; what is sent."""

import pytest
from words import answer, haystack

from extractor.answers import answer as ask
from extractor.caches.base import MemoryCache
from extractor.errors import AuthenticationError, ServerError
from extractor.exchange import Exchange
from extractor.profiles import PROFILES
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Completion, Message, Request, Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
TEXT = "Kyiv's military said Russia lost 470 troops {{ secret }} {% if x %}. It was calm."
HAYSTACK = haystack(TEXT)
GOOD = {
    "sentence": 1,
    "source": "Kyiv's military",
    "subject": "Russia",
    "outcome": "lost",
    "quantity": "470 troops",
    "type": "human_losses",
}
BAD = {**GOOD, "quantity": "490 troops"}
REQUEST = Request(endpoint="e", model="m", messages=(Message(role="user", content=TEXT),), constraint={}, max_tokens=50)


async def run(*answers, cache=None):
    provider = ScriptedProvider(answers)
    exchange = Exchange(provider, cache if cache is not None else MemoryCache(), RetryPolicy(attempts=2, first_wait=0, longest_wait=0))
    return await ask(exchange, REQUEST, PROFILES["claims"], HAYSTACK), provider


def cut(content: str) -> Completion:
    return Completion(content=content, finish_reason="length", usage=Usage(requests=1))


async def test_a_good_answer_is_one_request():
    found, provider = await run(answer(GOOD))
    assert found.outcome == "ok"
    assert [draft.quantity for draft, _ in found.drafts] == ["470 troops"]
    assert found.requests == [REQUEST.key]
    assert len(provider.sent) == 1


async def test_no_claim_is_an_answer():
    found, _ = await run(answer())
    assert (found.outcome, found.drafts, found.rejections) == ("empty", [], [])


async def test_a_draft_that_cannot_be_grounded_goes_back_once_with_the_reason():
    found, provider = await run(answer(BAD), answer(GOOD))
    assert (found.outcome, len(found.drafts), found.rejections) == ("ok", 1, [])
    first, again = provider.sent
    assert again.messages[: len(first.messages)] == first.messages
    told = again.messages[-1]
    assert told.role == "user"
    assert "'490 troops' does not stand in sentence 1" in told.content
    assert again.messages[-2] == Message(role="assistant", content=answer(BAD))
    assert found.usage.requests == 2
    assert len(found.requests) == 2


async def test_article_text_passes_no_template():
    """instructor's templates would read {{ secret }} in the article, or fail on {% if %}."""
    _, provider = await run(answer(BAD), answer(GOOD))
    assert all(request.messages[0].content == TEXT for request in provider.sent)


async def test_a_draft_that_fails_twice_is_a_rejection_and_the_others_are_kept():
    other = {**GOOD, "outcome": "was calm", "sentence": 2, "quantity": None}
    found, provider = await run(answer(BAD, other), answer(BAD, other))
    assert len(provider.sent) == 2
    assert found.outcome == "ok"
    assert [draft.outcome for draft, _ in found.drafts] == ["was calm"]
    [rejection] = found.rejections
    assert (rejection.reason, rejection.slot, rejection.draft["quantity"]) == ("not_in_sentence", "quantity", "490 troops")


async def test_what_was_good_in_the_first_answer_is_not_lost_by_the_second():
    found, _ = await run(answer(GOOD, BAD), answer())
    assert len(found.drafts) == 1


@pytest.mark.parametrize("junk", ["no JSON", '{"claims": 7}', "[]", '{"claims": [7]}', '{"claims": [{"sentence": "x"}]}', "", "{}"])
async def test_what_is_no_answer_is_asked_again(junk):
    found, provider = await run(junk, answer(GOOD))
    assert len(provider.sent) == 2
    assert len(found.drafts) == 1


async def test_junk_twice_is_an_empty_window_with_a_rejection():
    found, _ = await run("junk", "junk")
    assert (found.outcome, [r.reason for r in found.rejections]) == ("empty", ["not_a_draft"])


async def test_a_cut_off_answer_keeps_what_was_whole_and_is_not_paid_for_again():
    found, provider = await run(cut(answer(GOOD)[:-2] + ',{"sentence": 1, "source": "Kyiv'))
    assert (found.outcome, len(found.drafts), len(provider.sent)) == ("truncated", 1, 1)
    assert "cut off at 50 tokens" in found.detail


async def test_a_cut_off_re_ask_keeps_the_first_answer():
    found, provider = await run(answer(GOOD, BAD), cut('{"claims":['))
    assert (found.outcome, len(found.drafts), len(found.rejections), len(provider.sent)) == ("ok", 1, 1, 2)


async def test_a_re_ask_that_fails_keeps_the_first_answer():
    found, provider = await run(answer(GOOD, BAD), ServerError("down"), ServerError("down"))
    assert (found.outcome, len(found.drafts), len(found.rejections)) == ("ok", 1, 1)
    assert found.usage.requests == len(provider.sent) == 3


async def test_a_refusal_is_an_outcome_and_final():
    found, provider = await run(Completion(content="I cannot help", finish_reason="refusal", usage=Usage(requests=1)))
    assert (found.outcome, found.detail, len(provider.sent)) == ("refused", "I cannot help", 1)


async def test_a_failure_is_an_outcome_that_counts_its_sends():
    found, _ = await run(ServerError("down"), ServerError("down"))
    assert (found.outcome, found.detail, found.usage.requests) == ("failed", "down", 2)
    found, _ = await run(AuthenticationError("wrong key"))
    assert (found.outcome, found.usage.requests) == ("failed", 1)


async def test_a_second_run_is_free_re_ask_included():
    cache = MemoryCache()
    await run(answer(BAD), answer(GOOD), cache=cache)
    found, provider = await run(cache=cache)
    assert (found.outcome, found.cached, found.usage, provider.sent) == ("ok", True, Usage(), [])


async def test_the_same_draft_twice_is_one():
    found, _ = await run(answer(GOOD, GOOD))
    assert len(found.drafts) == 1
