import json
import logging

import anyio
import openai
import pytest
from batch_api import BatchApi, Fault, Plan, answered, line, refused, serving, unasked
from faults import Reply, completion, error

from extractor.batch.provider.endpoints import open_client
from extractor.batch.provider.engine import ProviderBatch
from extractor.batch.provider.options import Options
from extractor.caches.base import MemoryCache, NoCache
from extractor.errors import (
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConnectionFailedError,
    DeadlineError,
    DeferredError,
    DiskFullError,
    ProviderError,
    QuotaError,
    RateLimitError,
    ResponseError,
    RunError,
    ServerError,
    StorageError,
)
from extractor.exchange import Exchange
from extractor.providers.openai import OpenAIProvider
from extractor.requests import Completion, Message, Request, Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
POLICY = RetryPolicy(attempts=3, first_wait=0.0, longest_wait=0.0)
ONCE = Usage(requests=1, input_tokens=11, output_tokens=7)


def options(**changes) -> Options:
    return Options(**{"first_poll": 0.01, "longest_poll": 0.02, "policy": POLICY, **changes})


def request(number: int, endpoint: str = "openai", text: str = "x") -> Request:
    message = Message(role="user", content=f"{text} {number}")
    return Request(endpoint=endpoint, model="m", messages=(message,), constraint={"response_format": {"type": "json"}}, max_tokens=5)


def engine_of(api: BatchApi, folder, cache, **changes) -> ProviderBatch:
    def client() -> openai.AsyncOpenAI:
        # certificates take longer to load than the rest of a test
        return openai.AsyncOpenAI(base_url=api.url, api_key="k", http_client=openai.DefaultAsyncHttpxClient(verify=False))

    return ProviderBatch(client, cache, folder, options=options(**changes))


async def ask(engine: ProviderBatch, cache, requests) -> list[Completion | ProviderError]:
    """Ask as the pipeline does: the cache first, then the provider that collects."""
    exchange, results = Exchange(engine.collecting(), cache, POLICY), []
    for one in requests:
        try:
            results.append(await exchange.complete(one))
        except ProviderError as fault:
            results.append(fault)
    return results


async def rounds(api: BatchApi, folder, requests, **changes):
    """Do rounds until nothing is deferred; return the results of the last pass, the rounds, and the usage."""
    cache, found = MemoryCache(), []
    async with engine_of(api, folder, cache, **changes) as engine:
        while True:
            results = await ask(engine, cache, requests)
            if not engine.deferred:
                return results, found, engine.usage
            found.append(await engine.submit_and_wait())


def kinds(results) -> list[str]:
    return [type(result).__name__ for result in results]


async def test_what_is_asked_is_deferred_then_answered_from_the_cache(tmp_path):
    seen = []
    with serving(BatchApi(Plan(looks=3))) as api:
        cache, requests = MemoryCache(), [request(number) for number in range(5)]
        async with engine_of(api, tmp_path, cache) as engine:
            assert kinds(await ask(engine, cache, requests * 2)) == ["DeferredError"] * 10
            assert engine.deferred == 5
            done = await engine.submit_and_wait(seen.append)
            again = await ask(engine, cache, requests)
            assert engine.deferred == 0
        assert [(one.finish_reason, one.cached, one.usage) for one in again] == [("stop", True, Usage())] * 5
        assert (done.number, done.requests, done.counts.answered) == (1, 5, 5)
        assert done.usage == engine_usage(5)
        assert [(one.batches, one.requests, one.done) for one in seen][-1] == (0, 5, 5)
        assert {file.name for file in tmp_path.iterdir()} == {"lock", "requests.sqlite"}


def engine_usage(times: int) -> Usage:
    return sum([ONCE] * times, Usage())


async def test_bodies_and_remembered_answers_are_those_of_the_online_path(tmp_path):
    one = request(1, text="line \u2028 end")
    with serving(BatchApi()) as api:
        await rounds(api, tmp_path, [one])
        (row,) = api.rows(next(iter(api.batches.values())))
        (content,) = (content for name, content in api.files.values() if name.startswith("claims-"))
    assert row == {"custom_id": one.key, "method": "POST", "url": "/v1/chat/completions", "body": one.body()}
    assert len(content.decode().splitlines()) == 1
    assert len(row["custom_id"]) <= 64


@pytest.mark.parametrize(
    ("content", "finish", "refusal"), [("{}", "stop", None), ("{", "length", None), ("", "stop", "no"), ("x", "content_filter", None)]
)
async def test_an_answer_is_remembered_as_if_it_had_come_online(tmp_path, content, finish, refusal):
    from faults import serving as serving_online

    body = completion(content, finish=finish, refusal=refusal)
    online, batched = MemoryCache(), MemoryCache()
    with serving_online(Reply(body=body)) as server:
        provider = OpenAIProvider(base_url=server.url, key="k")
        exchange = Exchange(provider, online, POLICY)
        await exchange.complete(request(1))
        await exchange.aclose()
    with serving(BatchApi(Plan(reply=lambda row: line(row, 200, json.loads(body))))) as api:
        async with engine_of(api, tmp_path, batched) as engine:
            await ask(engine, batched, [request(1)])
            await engine.submit_and_wait()
    assert batched == online


async def test_files_hold_no_more_than_they_may(tmp_path):
    with serving(BatchApi()) as api:
        _, (done,), _ = await rounds(api, tmp_path / "a", [request(number) for number in range(7)], most_requests=3)
        assert done.counts.answered == 7
        assert [len(api.rows(batch)) for batch in api.batches.values()] == [3, 3, 1]
    with serving(BatchApi()) as api:
        await rounds(api, tmp_path / "b", [request(number) for number in range(7)], most_bytes=700)
        sizes = [len(content) for name, content in api.files.values() if name.startswith("claims-")]
        assert max(sizes) <= 700
        assert len(sizes) > 1


async def test_lines_may_come_in_any_order_twice_torn_and_about_nobody(tmp_path):
    stranger = json.dumps(answered({"custom_id": "0" * 64})).encode() + b"\n"

    def edit(lines):
        torn = lines[0][:40] + b"\n"
        return [b"\n", *lines[:0:-1], lines[1], stranger, b"[1]\n", b'"x"\n', b"{}\n", torn, b"\xff\xfe\n"]

    with serving(BatchApi(Plan(edit=edit), Plan())) as api:
        results, found, usage = await rounds(api, tmp_path, [request(number) for number in range(4)])
    assert kinds(results) == ["Completion"] * 4
    first = found[0].counts
    assert (first.answered, first.again, first.missing) == (3, 1, 1)
    assert (first.duplicate, first.unknown, first.unreadable) == (1, 1, 5)
    assert found[1].requests == 1
    assert usage == engine_usage(4)


async def test_an_answer_beats_an_error_about_the_same_request(tmp_path):
    def edit(lines):
        return [json.dumps(unasked(json.loads(lines[0]))).encode() + b"\n", *lines]

    with serving(BatchApi(Plan(edit=edit))) as api:
        _, found, _ = await rounds(api, tmp_path, [request(1)])
    assert (len(found), found[0].counts.answered) == (1, 1)


async def test_a_line_longer_than_any_answer_is_skipped(tmp_path, monkeypatch):
    monkeypatch.setattr("extractor.batch.provider.lines.MOST_BYTES", 2_000)
    with serving(BatchApi(Plan(edit=lambda lines: [lines[0][:50] + b"x" * 200_000 + b"\n", *lines[1:]]), Plan())) as api:
        results, found, _ = await rounds(api, tmp_path, [request(number) for number in range(3)])
    assert (found[0].counts.unreadable, found[0].counts.answered) == (1, 2)
    assert kinds(results) == ["Completion"] * 3


async def test_of_an_expired_batch_what_is_finished_is_kept_and_the_rest_asked_again(tmp_path):
    with serving(BatchApi(Plan(status="expired", most=3), Plan())) as api:
        results, found, usage = await rounds(api, tmp_path, [request(number) for number in range(5)])
        assert sorted(api.asked()) == sorted(api.asked()[:5] + api.asked()[3:5])
    assert kinds(results) == ["Completion"] * 5
    assert [(one.counts.answered, one.counts.again) for one in found] == [(3, 2), (2, 0)]
    assert usage == engine_usage(5)


@pytest.mark.parametrize(
    ("reply", "kind", "times"),
    [
        (lambda row: refused(row, 500), ServerError, 3),
        (lambda row: refused(row, 429, "rate_limit_exceeded"), RateLimitError, 3),
        (lambda row: unasked(row, "request_timeout"), ServerError, 3),
        (unasked, DeadlineError, 3),
        (lambda row: line(row, 200, {"choices": []}), "ResponseError", 3),
        (lambda row: {**answered(row), "response": "?"}, "ResponseError", 3),
        (lambda row: refused(row, 400), BadRequestError, 1),
    ],
    ids=["500", "429", "timeout", "expired", "no choices", "no object", "400"],
)
async def test_a_request_is_asked_as_often_as_allowed_then_given_up_with_its_error(tmp_path, reply, kind, times):
    bad = request(1)

    def some(row):
        return reply(row) if row["custom_id"] == bad.key else answered(row)

    plan = Plan(reply=some)
    if kind == "ResponseError":
        plan = Plan(edit=lambda lines: [json.dumps(some(json.loads(text))).encode() + b"\n" for text in lines])
    with serving(BatchApi(plan)) as api:
        results, found, usage = await rounds(api, tmp_path, [bad, request(2)])
        assert api.asked().count(bad.key) == times
    name = kind if isinstance(kind, str) else kind.__name__
    assert kinds(results) == [name, "Completion"]
    assert found[-1].counts.lost == {name: 1}
    assert usage == engine_usage(1)


async def test_a_new_run_gives_new_tries_to_what_was_given_up(tmp_path):
    with serving(BatchApi(*[Plan(reply=lambda row: refused(row, 500))] * 3, Plan())) as api:
        assert kinds((await rounds(api, tmp_path, [request(1)]))[0]) == ["ServerError"]
        assert kinds((await rounds(api, tmp_path, [request(1)]))[0]) == ["Completion"]


async def test_after_the_last_round_what_is_left_is_given_up(tmp_path):
    with serving(BatchApi(Plan(status="expired", most=1))) as api:
        cache = MemoryCache()
        async with engine_of(api, tmp_path, cache, rounds=1) as engine:
            await ask(engine, cache, [request(1), request(2)])
            await engine.submit_and_wait()
            results = await ask(engine, cache, [request(1), request(2), request(3)])
            assert engine.deferred == 0
    assert kinds(results) == ["Completion", "DeadlineError", "DeadlineError"]
    assert "rounds" in str(results[2])


async def test_an_answer_the_cache_loses_is_not_asked_for_ever(tmp_path):
    class Forgetting(MemoryCache):
        def set(self, key: str, value: bytes) -> None:
            pass

    with serving(BatchApi()) as api:
        cache = Forgetting()
        async with engine_of(api, tmp_path, cache) as engine:
            for _ in range(3):
                await ask(engine, cache, [request(1)])
                await engine.submit_and_wait()
            (result,) = await ask(engine, cache, [request(1)])
            assert engine.deferred == 0
    assert "cache did not keep it" in str(result)
    with pytest.raises(ConfigurationError, match="--no-cache"):
        engine_of(api, tmp_path, NoCache())


@pytest.mark.parametrize(
    "call", ["POST /files", "POST /batches", "GET /batches/", "GET /files/file-2/content", "GET /batches", "GET /files"]
)
@pytest.mark.parametrize(
    "reply",
    [error(500), error(429, retry_after="0"), error(503), Reply(body=b"<html>"), Reply(body=b"{}"), None],
    ids=["500", "429", "503", "html", "empty", "reset"],
)
async def test_passing_faults_of_an_endpoint_are_passed_over(tmp_path, call, reply):
    with serving(BatchApi(faults=(Fault(call, reply, times=2),))) as api:
        if call in ("GET /batches", "GET /files"):  # asked only where the end of an earlier call is unknown
            api.faults.insert(0, Fault(call.replace("GET", "POST"), None, done=True))
        results, _, usage = await rounds(api, tmp_path, [request(1), request(2)])
        assert len(api.batches) == 1
    assert kinds(results) == ["Completion"] * 2
    assert usage == engine_usage(2)


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("call", ["POST /files", "POST /batches"])
async def test_a_call_whose_reply_is_lost_is_not_done_twice(tmp_path, call, done):
    with serving(BatchApi(faults=(Fault(call, None, done=done),))) as api:
        await rounds(api, tmp_path, [request(number) for number in range(3)], most_requests=1)
        uploads = [name for name, _ in api.files.values() if name.startswith("claims-")]
        assert (len(api.batches), len(uploads)) == (3, 3)


async def test_a_download_that_breaks_off_is_fetched_again(tmp_path):
    half = Reply(body=b'{"custom_id"', headers={"content-length": "1000"}, reset=True)
    with serving(BatchApi(faults=(Fault("GET /files/file-2/content", half),))) as api:
        results, found, _ = await rounds(api, tmp_path, [request(1)])
        assert api.calls.count("GET /files/file-2/content") == 2
    assert (kinds(results), found[0].counts.unreadable) == (["Completion"], 0)


@pytest.mark.parametrize("call", ["POST /files", "POST /batches", "GET /batches/", "GET /files/file-2/content"])
@pytest.mark.parametrize(
    ("reply", "kind"), [(error(401), AuthenticationError), (error(429, "insufficient_quota"), QuotaError)], ids=["key", "credit"]
)
async def test_a_wrong_key_or_no_credit_stops_at_once_and_a_later_run_goes_on(tmp_path, call, reply, kind):
    cache, requests = MemoryCache(), [request(1), request(2)]
    with serving(BatchApi(faults=(Fault(call, reply),))) as api:
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, requests)
            with pytest.raises(kind):
                await engine.submit_and_wait()
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, requests)
            if engine.deferred:  # what ran when the credit ended was waited for
                await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, requests)) == ["Completion"] * 2
            assert engine.usage == engine_usage(2)
        assert len(api.batches) == 1


async def test_credit_that_ends_within_a_batch_keeps_its_answers_and_stops(tmp_path):
    plan = Plan(reply=lambda row: answered(row) if row["custom_id"] == request(1).key else refused(row, 429, "insufficient_quota"))
    cache, requests = MemoryCache(), [request(1), request(2)]
    with serving(BatchApi(plan, Plan())) as api:
        async with engine_of(api, tmp_path, cache, attempts=1) as engine:
            await ask(engine, cache, requests)
            with pytest.raises(QuotaError):
                await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, requests)) == ["Completion", "DeferredError"]


async def test_what_runs_is_waited_for_when_nothing_more_may_be_sent(tmp_path):
    cache, requests = MemoryCache(), [request(number) for number in range(3)]
    with serving(BatchApi(Plan(looks=3))) as api:
        async with engine_of(api, tmp_path, cache, most_requests=1) as engine:
            await ask(engine, cache, requests)
            api.heard = lambda when, call: (
                api.faults.append(Fault("POST /batches", error(429, "insufficient_quota")))
                if (when, call) == ("after", "POST /batches")
                else None
            )
            with pytest.raises(QuotaError):
                await engine.submit_and_wait()
            assert sum(isinstance(one, Completion) for one in await ask(engine, cache, requests)) == 1


async def test_a_server_that_is_silent_for_too_long_ends_the_run(tmp_path):
    with serving(BatchApi(faults=(Fault("GET /batches/", error(500), times=10**6),))) as api:
        cache = MemoryCache()
        async with engine_of(api, tmp_path, cache, patience=0.05) as engine:
            await ask(engine, cache, [request(1)])
            with pytest.raises(ServerError):
                await engine.submit_and_wait()
            assert engine.deferred == 1


async def test_a_server_that_is_not_there_is_a_connection_error(tmp_path):
    api, cache = BatchApi(), MemoryCache()
    api.url = "http://127.0.0.1:9/v1"
    async with engine_of(api, tmp_path, cache, patience=0.0) as engine:
        await ask(engine, cache, [request(1)])
        with pytest.raises(ConnectionFailedError):
            await engine.submit_and_wait()


async def test_requests_named_as_malformed_are_given_up_and_the_others_asked(tmp_path):
    requests = [request(number) for number in range(3)]
    bad = {"code": "invalid_request", "line": 2, "message": "no such field", "param": "body"}
    with serving(BatchApi(Plan(status="failed", errors=[bad]), Plan())) as api:
        results, _, usage = await rounds(api, tmp_path, requests, attempts=1)
    assert kinds(results) == ["Completion", "BadRequestError", "Completion"]
    assert "no such field" in str(results[1])
    assert usage == engine_usage(2)


@pytest.mark.parametrize(
    ("errors", "kind", "said"),
    [
        ([{"code": "model_not_found", "line": None, "message": "no such model"}], BadRequestError, "no such model"),
        ([{"code": "model_not_found", "line": number, "message": "no such model"} for number in (1, 2)], BadRequestError, "no such model"),
        ([{"code": "billing_hard_limit_reached", "message": "pay"}], QuotaError, "add credit"),
        ([], BadRequestError, "does not say why"),
    ],
    ids=["model", "model in every line", "credit", "no reason"],
)
async def test_a_batch_refused_as_a_whole_stops_the_run_and_a_later_one_goes_on(tmp_path, errors, kind, said):
    cache, requests = MemoryCache(), [request(1), request(2)]
    with serving(BatchApi(Plan(status="failed", errors=errors), Plan())) as api:
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, requests)
            with pytest.raises(kind, match=said):
                await engine.submit_and_wait()
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, requests)
            await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, requests)) == ["Completion"] * 2


FULL = Plan(status="failed", errors=[{"code": "token_limit_exceeded", "message": "Enqueued token limit reached for m"}])


async def test_a_full_queue_is_waited_for(tmp_path):
    with serving(BatchApi(Plan(looks=3), FULL, Plan())) as api:
        results, found, usage = await rounds(api, tmp_path, [request(number) for number in range(4)], most_requests=2)
        assert [batch["status"] for batch in api.batches.values()] == ["completed", "failed", "completed"]
        assert len({batch["input_file_id"] for batch in api.batches.values()}) == 2
    assert (kinds(results), len(found), usage) == (["Completion"] * 4, 1, engine_usage(4))


async def test_a_file_that_alone_fills_the_queue_is_halved_until_it_fits(tmp_path):
    with serving(BatchApi()) as api:
        fits = Plan()

        class Limited(list):
            def __getitem__(self, index):
                batch = list(api.batches.values())[index]
                others = any(other["status"] in ("validating", "in_progress") for other in api.batches.values() if other is not batch)
                return FULL if others or len(api.rows(batch)) > 2 else fits

            def __len__(self):
                return 10**6

        api.plans = Limited()
        results, found, usage = await rounds(api, tmp_path, [request(number) for number in range(9)])
        assert sorted(api.asked()) == sorted(request(number).key for number in range(9))
    assert (kinds(results), len(found), usage) == (["Completion"] * 9, 1, engine_usage(9))


async def test_a_queue_that_stays_full_ends_the_run_and_gives_nothing_up(tmp_path):
    cache = MemoryCache()
    with serving(BatchApi(FULL)) as api:
        async with engine_of(api, tmp_path, cache, patience=0.05) as engine:
            await ask(engine, cache, [request(1)])
            with pytest.raises(RateLimitError):
                await engine.submit_and_wait()
            assert engine.deferred == 1


@pytest.mark.parametrize(
    "reply", [error(413), Reply(400, b'{"error": {"message": "File is too large.", "code": null}}')], ids=["413", "400"]
)
async def test_a_file_the_provider_finds_too_large_is_halved(tmp_path, reply):
    with serving(BatchApi(faults=(Fault("POST /files", reply),))) as api:
        results, _, _ = await rounds(api, tmp_path / "a", [request(number) for number in range(5)])
        assert [len(api.rows(batch)) for batch in api.batches.values()] == [2, 3]
        assert kinds(results) == ["Completion"] * 5
    with serving(BatchApi(faults=(Fault("POST /files", reply, times=9),))) as api:
        assert kinds((await rounds(api, tmp_path / "b", [request(1)]))[0]) == ["BadRequestError"]


async def test_of_a_batch_somebody_cancelled_what_is_finished_is_kept_and_nothing_is_asked_again(tmp_path):
    cache, requests = MemoryCache(), [request(1), request(2)]
    with serving(BatchApi(Plan(looks=10**6, most=1), Plan())) as api:
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, requests)
            async with anyio.create_task_group() as tasks:

                def watch(_) -> None:
                    if not any(call.endswith("cancel") for call in api.calls):
                        tasks.start_soon(engine.cancel)

                with pytest.raises(ProviderError, match="cancelled"):
                    await engine.submit_and_wait(watch)
            assert len(api.batches) == 1
            assert kinds(await ask(engine, cache, requests)) == ["Completion", "DeferredError"]
            await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, requests)) == ["Completion"] * 2


async def test_answers_that_are_gone_are_asked_for_anew(tmp_path, caplog):
    with serving(BatchApi(faults=(Fault("GET /files/file-2/content", error(404)),))) as api, caplog.at_level(logging.WARNING):
        results, found, _ = await rounds(api, tmp_path, [request(1)])
    assert (kinds(results), found[0].counts.missing) == (["Completion"], 1)
    assert "no longer" in caplog.text


async def test_a_batch_of_another_account_is_not_created_again(tmp_path):
    cache = MemoryCache()
    with serving(BatchApi(Plan(looks=10**6))) as api:
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, [request(1)])
            with anyio.move_on_after(0.2):
                await engine.submit_and_wait()
        api.batches.clear()
        async with engine_of(api, tmp_path, cache) as engine:
            with pytest.raises(ProviderError, match="same project"):
                await engine.submit_and_wait()
        assert not api.batches


async def test_a_request_may_be_kept_out(tmp_path):
    def admit(one: Request) -> None:
        if one.key == request(2).key:
            msg = "no money"
            raise QuotaError(msg)

    cache = MemoryCache()
    engine = ProviderBatch(lambda: openai.AsyncOpenAI(api_key="k"), cache, tmp_path, options=options(), admit=admit)
    async with engine:
        assert kinds(await ask(engine, cache, [request(1), request(2)])) == ["DeferredError", "QuotaError"]
        assert engine.deferred == 1


async def test_one_process_uses_a_folder_at_a_time(tmp_path):
    async with engine_of(BatchApi(), tmp_path, MemoryCache()):
        with pytest.raises(RunError, match="another process"):
            engine_of(BatchApi(), tmp_path, MemoryCache())
    async with engine_of(BatchApi(), tmp_path, MemoryCache()):
        pass


async def test_a_full_disk_while_collecting_leaves_nothing_half_written(tmp_path, monkeypatch):
    from extractor.batch.provider import request_files

    cache = MemoryCache()
    with serving(BatchApi()) as api:
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, [request(1)])

            def full(_, __):
                raise OSError(28, "No space left on device")

            with monkeypatch.context() as patch:
                patch.setattr(request_files._OpenFile, "write", full)
                with pytest.raises(StorageError, match="space"):
                    await ask(engine, cache, [request(2)])
            assert engine.deferred == 0
            await ask(engine, cache, [request(1), request(2)])
            await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, [request(1), request(2)])) == ["Completion"] * 2


async def test_a_deferred_request_is_not_tried_again_and_not_counted(tmp_path):
    async with engine_of(BatchApi(), tmp_path, MemoryCache()) as engine:
        with pytest.raises(DeferredError) as caught:
            await engine.collecting().complete(request(1))
    assert (caught.value.attempts, caught.value.retryable) == (0, False)


async def test_a_request_file_that_is_gone_is_made_again(tmp_path, caplog):
    cache = MemoryCache()
    with serving(BatchApi()) as api:
        async with engine_of(api, tmp_path, cache, most_requests=1) as engine:
            await ask(engine, cache, [request(1)])
            next(tmp_path.glob("requests-*.jsonl")).unlink()
            with caplog.at_level(logging.WARNING):
                await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, [request(1)])) == ["DeferredError"]
            await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, [request(1)])) == ["Completion"]
    assert "is gone" in caplog.text


async def test_an_uploaded_file_that_is_gone_is_uploaded_again_by_the_next_run(tmp_path):
    cache = MemoryCache()
    with serving(BatchApi(faults=(Fault("POST /batches", error(404)),))) as api:
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, [request(1)])
            with pytest.raises(BadRequestError):
                await engine.submit_and_wait()
        async with engine_of(api, tmp_path, cache) as engine:
            await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, [request(1)])) == ["Completion"]
        assert (len(api.batches), api.calls.count("POST /files")) == (1, 2)


async def test_a_batch_that_ended_without_naming_its_answers_is_looked_at_again(tmp_path):
    counts = {"total": 1, "completed": 1, "failed": 0}
    early = {"id": "batch_1", "status": "completed", "request_counts": counts, "output_file_id": None, "error_file_id": None}
    with serving(BatchApi(faults=(Fault("GET /batches/", Reply(body=json.dumps(early).encode()), times=2),))) as api:
        results, _, usage = await rounds(api, tmp_path, [request(1)])
        assert len(api.batches) == 1
    assert (kinds(results), usage) == (["Completion"], ONCE)


async def test_a_status_nobody_knows_is_no_end(tmp_path):
    odd = Reply(body=b'{"id": "batch_1", "status": "resting"}')
    with serving(BatchApi(faults=(Fault("GET /batches/", odd, times=2),))) as api:
        results, _, _ = await rounds(api, tmp_path, [request(1)])
        assert len(api.batches) == 1
    assert kinds(results) == ["Completion"]


async def test_a_file_of_answers_with_nothing_in_it_is_not_taken_for_no_answers(tmp_path):
    page = Fault("GET /files/file-2/content", Reply(body=b"<html>"), times=10**6)
    cache = MemoryCache()
    with serving(BatchApi(faults=(page,))) as api:
        async with engine_of(api, tmp_path, cache, patience=0.05) as engine:
            await ask(engine, cache, [request(1)])
            with pytest.raises(ResponseError, match="0 of the 1 lines"):
                await engine.submit_and_wait()
            page.times = 0
            await engine.submit_and_wait()
            assert kinds(await ask(engine, cache, [request(1)])) == ["Completion"]
        assert len(api.batches) == 1


async def test_answers_that_find_no_room_are_fetched_again(tmp_path):
    class Full(MemoryCache):
        full = True

        def set(self, key: str, value: bytes) -> None:
            if self.full and len(self) == 1:
                msg = "there is no room"
                raise DiskFullError(msg)
            super().set(key, value)

    cache = Full()
    with serving(BatchApi()) as api:
        async with engine_of(api, tmp_path, cache) as engine:
            await ask(engine, cache, [request(1), request(2)])
            with pytest.raises(DiskFullError):
                await engine.submit_and_wait()
            cache.full = False
            await engine.submit_and_wait()
            assert engine.usage == engine_usage(2)
        assert (len(cache), len(api.batches)) == (2, 1)


async def test_a_damaged_register_is_told_and_leaves_no_lock(tmp_path):
    tmp_path.joinpath("requests.sqlite").write_bytes(b"no database" * 1_000)
    for _ in range(2):
        with pytest.raises(StorageError, match=r"requests\.sqlite"):
            engine_of(BatchApi(), tmp_path, MemoryCache())


async def test_a_client_needs_a_key_for_openai_alone(known_settings):
    with pytest.raises(AuthenticationError, match="OPENAI_API_KEY"):
        open_client(known_settings)
    client = open_client(known_settings.model_copy(update={"base_url": "http://127.0.0.1:9/v1"}))
    assert (str(client.base_url), client.max_retries) == ("http://127.0.0.1:9/v1/", 0)
    await client.close()
