"""The Python client: the event parser by itself, faults on the way by a small server of the test's, the rest by the real service."""

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing, asynccontextmanager

import anyio
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from service import listening
from words import WEDNESDAY, answer

from extractor import Document, Extractor, MemoryCache, ScriptedProvider, settings
from extractor.client import Client, JobOut, WindowOut
from extractor.client.events import Event, EventParser
from extractor.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailedError,
    DeadlineError,
    RefusedError,
    ResponseError,
)
from extractor.extraction import Extraction
from extractor.retries import RetryPolicy
from extractor.service import sse

pytestmark = pytest.mark.anyio
QUICK = RetryPolicy(attempts=3, deadline=20, first_wait=0.001, longest_wait=0.002)
TEXT = "Russian forces lost 470 troops over the past day, Kyiv's military said on Wednesday."
LOST = {
    "sentence": 1, "source": "Kyiv's military", "subject": "Russian forces", "outcome": "lost", "quantity": "470 troops",
    "time": "over the past day", "type": "human_losses",
}  # fmt: skip
SAID = Document(text=TEXT, published=WEDNESDAY)
JOB = {"id": "j1", "state": "done", "created": "2026-03-11T00:00:00Z", "model": "m", "articles": 1}

# The event parser.


def parsed(*pieces: bytes) -> list[Event]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [Event("a")]),
        (b"data:a\n\n", [Event("a")]),
        (b"data:  a\n\n", [Event(" a")]),
        (b"data: a\ndata\ndata: b\n\n", [Event("a\n\nb")]),
        (b"event: window\ndata: {}\n\n", [Event("{}", "window")]),
        (b"event: window\n\ndata: a\n\n", [Event("a")]),
        (b"data\n\n", [Event("")]),
        (b": heart\n:\n\ndata: a\n\n", [Event("a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Event("a")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
        (b"id: 7\ndata: a\n\ndata: b\n\n", [Event("a", id="7"), Event("b", id="7")]),
        (b"id: 7\ndata: a\n\nid: x\0y\ndata: b\n\nid\ndata: c\n\n", [Event("a", id="7"), Event("b", id="7"), Event("c")]),
        (b"retry: 5\nother: 1\ndata: a\n\n", [Event("a")]),
        (b"data: a\r\ndata: b\r\rdata: c\n\r\n", [Event("a\nb"), Event("c")]),
        (b"data: a\r\n\r\n", [Event("a")]),
        (b"data: a\n", []),
        (b"data: \xff\n\n", [Event("\ufffd")]),
        ("data: \u2028\x85\x0b\n\n".encode(), [Event("\u2028\x85\x0b")]),
    ],
)
def test_a_stream_is_read_as_browsers_read_it(stream, events):
    assert parsed(stream) == events
    assert parsed(*(bytes([byte]) for byte in stream)) == events


@given(
    lines=st.lists(
        st.sampled_from(["data: a", "data", "data:é\U0001f600", "event: w", "id: 1", "id", ": c", "", "", "x: y", "\ufeffdata: z"]),
        max_size=30,
    ),
    breaks=st.lists(st.sampled_from(["\n", "\r", "\r\n"]), min_size=30, max_size=30),
    cuts=st.lists(st.integers(0, 400), max_size=20),
)
def test_the_events_do_not_depend_on_how_the_bytes_are_cut(lines, breaks, cuts):
    stream = "".join(line + end for line, end in zip(lines, breaks, strict=False)).encode()
    places = sorted({0, *(cut for cut in cuts if cut < len(stream)), len(stream)})
    pieces = [stream[start:end] for start, end in itertools.pairwise(places)]
    whole = parsed(stream)
    assert parsed(*pieces) == whole
    for end in ("\n", "\r", "\r\n"):
        assert parsed("".join(line + end for line in lines).encode()) == parsed("".join(f"{line}\n" for line in lines).encode())


@given(
    st.lists(
        st.tuples(st.sampled_from(["window", "extraction"]), st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r")))
    )
)
def test_what_the_service_writes_is_what_the_client_reads(sent):
    events = parsed(b"".join(sse.COMMENT + sse.event(name, data) for name, data in sent))
    assert events == [Event("\n".join(data.encode().decode().split("\n")).removesuffix("\n"), name) for name, data in sent]


# Faults on the way.


def problem(status: int, kind: str, detail: str = "no", errors: object = (), **headers: str) -> web.Response:
    told = {"type": f"/problems/{kind}", "title": kind, "status": status, "detail": detail, "errors": errors}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, body=json.dumps(told), content_type="application/problem+json", headers=named)


@asynccontextmanager
async def serving(*answers: web.Response | Callable, policy: RetryPolicy = QUICK, key: str | None = None):
    """Yield a client of a server that gives ``answers`` in order, the last for ever, and the requests it got."""
    got = []

    async def handle(request: web.Request) -> web.StreamResponse:
        got.append((request, await request.read()))
        planned = answers[min(len(got), len(answers)) - 1]
        return planned if isinstance(planned, web.Response) else await planned(request)

    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        async with Client(f"http://127.0.0.1:{runner.addresses[0][1]}/", policy=policy, key=key) as client:
            yield client, got
    finally:
        await runner.cleanup()


def fresh(*answers: Callable[[], web.Response]) -> list[Callable]:
    """Answers made anew for each request: one can be sent once only."""

    def each(make):
        async def handle(_):
            return make()

        return handle

    return [each(make) for make in answers]


def job(**fields: object) -> web.Response:
    return web.json_response({**JOB, **fields})


async def broken(request: web.Request) -> web.Response:
    request.transport.abort()
    return web.Response()


async def test_a_refusal_is_one_error_with_its_kind_and_places():
    refusal = problem(422, "invalid", "two things", [{"pointer": "#/text", "detail": "too short"}, "no object"])
    async with serving(refusal) as (client, got):
        with pytest.raises(RefusedError, match="two things") as caught:
            await client.extract(SAID)
    assert (caught.value.kind, caught.value.faults, caught.value.retry_after) == ("invalid", (("#/text", "too short"),), None)
    assert len(got) == 1


@pytest.mark.parametrize(("status", "kind"), [(502, "model-failed"), (504, "deadline"), (401, "unauthorized"), (500, "fault")])
async def test_what_does_not_pass_is_asked_once(status, kind):
    async with serving(problem(status, kind)) as (client, got):
        with pytest.raises(RefusedError) as caught:
            await client.models()
    assert (caught.value.kind, len(got)) == (kind, 1)


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry_After": "0"}), (503, {}), (409, {}), (502, {"Retry_After": "0"})])
async def test_what_passes_is_asked_again(status, headers):
    busy = [lambda: problem(status, "overloaded", **headers)] * 2
    async with serving(*fresh(*busy, job)) as (client, got):
        assert (await client.job("j1")).id == "j1"
    assert len(got) == 3


async def test_it_is_asked_again_a_bounded_number_of_times():
    async with serving(*fresh(lambda: problem(503, "overloaded", "full", Retry_After="0"))) as (client, got):
        with pytest.raises(RefusedError, match="full") as caught:
            await client.extract(SAID)
    assert (len(got), caught.value.retry_after) == (3, 0)


async def test_a_wait_that_is_too_long_is_told_and_not_waited_for():
    async with serving(problem(429, "budget-spent", "spent", Retry_After="3600")) as (client, got):
        with pytest.raises(RefusedError, match="spent") as caught:
            await client.extract(SAID)
    assert (len(got), caught.value.retry_after) == (1, 3600)


async def test_a_broken_connection_is_tried_again_with_the_same_key():
    async with serving(broken, broken, *fresh(job)) as (client, got):
        assert (await client.submit([SAID])).articles == 1
    keys = {request.headers["Idempotency-Key"] for request, _ in got}
    assert (len(got), len(keys)) == (3, 1)
    assert len(keys.pop()) == 32


async def test_nobody_there_is_a_failed_connection():
    async with serving(broken) as (client, got):
        with pytest.raises(ConnectionFailedError, match="extractor serve"):
            await client.extract(SAID)
    assert len(got) == 3
    gone = Client("http://127.0.0.1:9", policy=RetryPolicy(attempts=1))
    with pytest.raises(ConnectionFailedError, match="cannot be reached"):
        await gone.models()
    await gone.aclose()


async def test_an_answer_cut_off_is_a_failed_connection():
    async def cut(request):
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"models"')
        request.transport.close()
        return response

    async with serving(cut) as (client, got):
        with pytest.raises(ConnectionFailedError):
            await client.models()
    assert len(got) == 3


async def test_a_service_that_does_not_answer_has_a_deadline():
    async def late(_):
        await anyio.sleep(60)

    async with serving(late, policy=RetryPolicy(attempts=2, deadline=0.05)) as (client, _):
        with pytest.raises(DeadlineError, match=r"did not answer within 0\.05 s"):
            await client.extract(SAID)


NO_ANSWERS = {
    "a page of a proxy": lambda: web.Response(status=404, text="<html>nginx"),
    "somewhere else": lambda: web.Response(status=301, headers={"Location": "https://example.org/"}),
    "text": lambda: web.Response(text="no JSON"),
    "another version": lambda: web.json_response({"models": [{"id": "m", "default": True, "local": True, "news": 1}]}),
    "another problem": lambda: web.Response(status=400, body=b'["no", "problem"]'),
}


@pytest.mark.parametrize("reply", NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_what_is_no_answer_of_a_service_is_told_apart(reply):
    async with serving(*fresh(reply)) as (client, got):
        with pytest.raises(ResponseError, match="the answer"):
            await client.models()
    assert len(got) == 1


async def test_a_key_goes_out_with_each_request_and_is_never_shown():
    async with serving(*fresh(lambda: web.json_response({"models": []})), key="ck_1_secret") as (client, got):
        assert await client.models() == ()
    assert got[0][0].headers["Authorization"] == "Bearer ck_1_secret"
    assert got[0][0].headers["User-Agent"].startswith("claim-extractor/")
    assert "secret" not in repr(client) + repr(vars(client))
    for wrong in ("", "a b", "a\r\nX: y", "schlüssel"):
        with pytest.raises(ConfigurationError, match="the key is empty or holds") as caught:
            Client("http://127.0.0.1", key=wrong)
        assert wrong == "" or wrong not in str(caught.value)


async def test_connections_are_kept():
    async with serving(*fresh(job)) as (client, got):
        for _ in range(3):
            await client.job("j1")
        peers = {request.transport for request, _ in got}
    assert len(peers) == 1


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://host", "http://", "http://u:p@host", "http://host?q", "http://host:0", "http://host:x", "http://[x"]
)
def test_what_is_no_address_is_told(url):
    with pytest.raises(ConfigurationError, match="address of the service"):
        Client(url)


async def test_an_idempotency_key_is_one_word():
    async with serving(*fresh(job)) as (client, got):
        with pytest.raises(ConfigurationError, match="idempotency key"):
            await client.submit([SAID], idempotency_key="two words")
        await client.submit([SAID], model="m", webhook="https://example.org/hook", idempotency_key="mine")
    [(request, body)] = got
    assert request.headers["Idempotency-Key"] == "mine"
    assert json.loads(body)["webhook"] == {"url": "https://example.org/hook"}
    assert json.loads(body)["model"] == "m"


async def test_results_are_waited_for_as_long_as_the_service_says_there_will_be_more():
    more = {"Next-Cursor": "c/1", "Link": '</v1/jobs/j1/results?cursor=c/1&limit=100>; rel="next"'}
    line = '{"index":0,"extraction":null,"problem":{"type":"/problems/fault","title":"t","status":500,"detail":"d"}}\n'
    pages = [
        lambda: web.Response(headers=more),
        lambda: web.Response(text=line, headers=more),
        lambda: web.Response(headers={"Next-Cursor": "x"}),
    ]
    async with serving(*fresh(*pages)) as (client, got):
        lines = [line async for line in client.results("j1")]
    assert [line.index for line in lines] == [0]
    assert [request.raw_path for request, _ in got] == ["/v1/jobs/j1/results"] + ["/v1/jobs/j1/results?cursor=c%2F1"] * 2


async def test_what_was_deleted_by_a_lost_send_is_deleted():
    async with serving(broken, *fresh(lambda: problem(404, "not-found"))) as (client, got):
        await client.delete("a/b")
    assert got[0][0].raw_path == "/v1/jobs/a%2Fb"
    async with serving(*fresh(lambda: problem(404, "not-found"))) as (client, _):
        with pytest.raises(RefusedError) as caught:
            await client.delete("j1")
    assert caught.value.kind == "not-found"


async def test_a_large_answer_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr("extractor.client.connection.LARGEST", 1_000)
    async with serving(*fresh(lambda: web.Response(body=b" " * 1_001))) as (client, _):
        with pytest.raises(ResponseError, match="more than 1,000 bytes"):
            await client.models()


def stream(*parts: bytes, end: Callable | None = None) -> Callable:
    async def handle(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in parts:
            await response.write(part)
        if end is not None:
            await end(request)
        return response

    return handle


WINDOW = sse.event("window", '{"index":0,"of":1,"outcome":"empty","claims":[]}')


async def told(client: Client) -> list[object]:
    return [event async for event in client.stream(SAID)]


async def test_a_stream_that_ends_early_or_breaks_is_a_failed_connection():
    async def cut(request):
        request.transport.abort()

    for end in (None, cut):
        async with serving(stream(WINDOW, end=end)) as (client, got):
            with pytest.raises(ConnectionFailedError):
                await told(client)
        assert len(got) == 1


async def test_a_problem_in_a_stream_is_a_refusal():
    wrong = sse.event("problem", json.dumps({"type": "/problems/model-failed", "detail": "it failed", "status": 502, "title": "t"}))
    async with serving(stream(sse.COMMENT, WINDOW, sse.event("news", "1"), wrong)) as (client, _):
        with pytest.raises(RefusedError, match="it failed") as caught:
            await told(client)
    assert caught.value.kind == "model-failed"


@pytest.mark.parametrize(
    "event", [sse.event("problem", "[]"), sse.event("problem", "{"), sse.event("window", "{}"), sse.event("extraction", "{}")]
)
async def test_events_that_cannot_be_read_are_told(event):
    async with serving(stream(event)) as (client, _):
        with pytest.raises(ResponseError, match="same version"):
            await told(client)


async def test_a_stream_is_begun_again_while_the_service_is_busy():
    async with serving(*fresh(lambda: problem(503, "overloaded", Retry_After="0")), broken, stream(WINDOW)) as (client, got):
        with pytest.raises(ConnectionFailedError, match="before the extraction"):
            await told(client)
    assert len(got) == 3
    async with serving(*fresh(lambda: problem(401, "unauthorized"))) as (client, got):
        with pytest.raises(RefusedError):
            await told(client)
    assert len(got) == 1


async def test_silence_in_a_stream_is_a_lost_connection(monkeypatch):
    async def wait(_):
        await anyio.sleep(60)

    monkeypatch.setattr("extractor.client.client._SILENCE", 0.05)
    async with serving(stream(WINDOW, end=wait)) as (client, _):
        with pytest.raises(ConnectionFailedError, match=r"sent nothing for 0\.05 s"):
            await told(client)


async def test_leaving_a_stream_lets_go_of_its_connection():
    left = anyio.Event()

    async def wait(request):
        while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110  # aiohttp tells by this alone
            await anyio.sleep(0.01)
        left.set()

    async with serving(stream(WINDOW, end=wait)) as (client, _):
        async with aclosing(client.stream(SAID)) as events:
            assert isinstance(await anext(events), WindowOut)
        with anyio.fail_after(30):
            await left.wait()


async def test_a_session_trusts_the_proxy_of_the_environment(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://user:secret@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    client = Client("http://service.invalid", policy=RetryPolicy(attempts=1))
    with pytest.raises(ConnectionFailedError, match=r"127\.0\.0\.1:9") as caught:
        await client.models()
    await client.aclose()
    assert "secret" not in str(caught.value)


async def test_an_https_address_is_spoken_to_by_tls():
    async with await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0) as listener:
        seen = []

        async def hear(heard):
            async with heard:
                seen.append(await heard.receive())

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, hear)
            where = f"https://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"
            async with Client(where, key="ck_1_secret", policy=RetryPolicy(attempts=1)) as client:
                with pytest.raises(ConnectionFailedError):
                    await client.models()
            tasks.cancel_scope.cancel()
    assert seen[0][0] == 0x16  # a TLS handshake
    assert b"secret" not in seen[0]


# The real service.


def provider() -> ScriptedProvider:
    return ScriptedProvider(lambda _: answer(LOST))


def without_costs(extraction: Extraction) -> dict[str, object]:
    """What an extraction says, but for where it was read from and what it cost this time."""
    kept = extraction.model_dump(exclude={"usage": True, "windows": True, "document": {"source"}})
    for claim in kept["claims"]:
        del claim["provenance"]["cached"]
    return kept


async def test_an_extraction_is_that_of_ones_own_process(tmp_path, article):
    said = answer(
        {
            "sentence": 1,
            "source": "Ostrava's military",
            "subject": "Velorian forces",
            "outcome": "lost",
            "quantity": "310 soldiers",
            "type": "human_losses",
        }
    )
    own = settings.load(model="scripted", base_url="http://127.0.0.1:9/v1", api_key="none", attempts=1)
    async with Extractor.from_settings(own, provider=ScriptedProvider(lambda _: said), cache=MemoryCache()) as here:
        expected = await here.extract(article)
    assert expected.claims
    with listening(tmp_path, ScriptedProvider(lambda _: said)) as url:
        async with Client(url, policy=QUICK) as client:
            found = await client.extract(article)
            events = [event async for event in client.stream(article)]
    assert without_costs(found) == without_costs(expected)
    assert found.document.id == article.id
    assert all(article.text[span.start : span.end] == span.text for claim in found.claims for span in claim.spans())
    *windows, last = events
    assert without_costs(last) == without_costs(expected)
    assert [window.index for window in windows] == list(range(len(found.windows)))
    assert {claim.id for window in windows for claim in window.claims} >= {claim.id for claim in found.claims}


async def test_every_field_of_a_document_arrives(tmp_path):
    fields = {"title": "A title", "publisher": "Outlet", "language": "de", "url": "https://example.org/1", "id": "mine"}
    with listening(tmp_path, provider()) as url:
        async with Client(url, policy=QUICK) as client:
            found = await client.extract(SAID.model_copy(update=fields))
    assert found.document.model_dump(include={*fields, "published"}) == {**fields, "published": WEDNESDAY}


async def test_a_job_is_followed_to_its_end(tmp_path):
    documents = [SAID, Document(text="  \n"), Document(text=TEXT.replace("470", "471"))]
    with listening(tmp_path, provider()) as url:
        async with Client(url, policy=QUICK) as client:
            job = await client.submit(documents, idempotency_key="k")
            assert isinstance(job, JobOut)
            lines = [line async for line in client.results(job.id)]
            assert (await client.submit(documents, idempotency_key="k")).id == job.id
            done = await client.job(job.id)
            await client.delete(job.id)
            with pytest.raises(RefusedError):
                await client.job(job.id)
    assert sorted(line.index for line in lines) == [0, 1, 2]
    by_index = {line.index: line for line in lines}
    assert by_index[0].extraction.document.id == SAID.id
    assert by_index[1].problem.type.endswith("unreadable-article")
    assert (done.state, done.done, done.failed) == ("done", 2, 1)


async def test_refusals_of_the_service_are_told_as_it_words_them(tmp_path):
    with listening(tmp_path, ScriptedProvider(lambda _: AuthenticationError("no such key"))) as url:
        async with Client(url, policy=QUICK) as client:
            assert [model.default for model in await client.models()] == [True]
            for ask, kind in (
                (client.extract(SAID), "model-failed"),
                (client.extract(SAID, model="none"), "invalid"),
                (client.extract(Document(text="\n")), "unreadable-article"),
                (client.job("none"), "not-found"),
            ):
                with pytest.raises(RefusedError) as caught:
                    await ask
                assert caught.value.kind == kind
            with pytest.raises(RefusedError) as caught:
                await told(client)
            assert caught.value.kind == "model-failed"


def test_a_script_needs_no_event_loop(tmp_path):
    with listening(tmp_path, provider()) as url:
        assert len(Client(url).extract_sync(SAID).claims) == 1


def test_the_client_needs_neither_the_server_nor_a_model():
    code = "import sys, extractor.client; print([name for name in ('fastapi', 'starlette', 'openai', 'aiohttp') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
