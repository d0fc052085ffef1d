"""``POST /v1/extract`` through the whole application: what one article is answered with, and who pays for it when."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import anyio
import anyio.lowlevel
import pytest
from asgi import JSON, PROBLEM, ask
from service import EMPTY, listening, open_service, options, scripted

from extractor import errors
from extractor.extraction import Extraction
from extractor.pipeline import Extractor
from extractor.readers import text
from extractor.service.app import create
from extractor.service.edge import around
from extractor.service.routes import extract

pytestmark = pytest.mark.anyio

TEXT = "Ostrava's military said on Wednesday that Velorian forces lost 310 soldiers.\n\nIt was not possible to verify the count.\n"
DRAFT = {
    "sentence": 1,
    "source": "Ostrava's military",
    "subject": "Velorian forces",
    "outcome": "lost",
    "quantity": "310 soldiers",
    "type": "human_losses",
}
CLAIM = json.dumps({"claims": [DRAFT]})
TWO = json.dumps({"text": "Kyiv said 1 man died.\n\n" + "Nothing happened here today. " * 30 + "Lviv said 2 men died."}).encode()
"""Two questions at least: the first and the last sentence are far from each other."""
BODY = json.dumps({"text": TEXT, "published": "2026-03-11"}).encode()


def events(body: bytes) -> list[tuple[str, dict]]:
    found = []
    for block in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


class Slow:
    """A provider that answers when it is let."""

    endpoint = "scripted"

    def __init__(self, answer=CLAIM):
        self.sent, self.cancelled = 0, 0
        self.let = anyio.Event()
        self.asked = anyio.Event()
        self._answers = scripted(lambda _: answer)

    async def prepare(self, request):
        pass

    async def complete(self, request):
        self.sent += 1
        self.asked.set()
        try:
            await self.let.wait()
        except anyio.get_cancelled_exc_class():
            self.cancelled += 1
            raise
        return await self._answers.complete(request)

    async def aclose(self):
        pass


async def test_the_answer_is_what_the_library_makes_of_the_same_article(tmp_path):
    provider = scripted(lambda _: CLAIM)
    async with open_service(tmp_path, provider) as (app, _):
        first = await ask(app, "POST", "/v1/extract", BODY)
        again = await ask(app, "POST", "/v1/extract", BODY)
    assert first.status == again.status == 200
    assert first.headers["content-type"] == JSON
    own = options(tmp_path / "library").settings
    async with Extractor.from_settings(own, provider=scripted(lambda _: CLAIM)) as extractor:
        expected = await extractor.extract(text.parse(TEXT, published=text.day("2026-03-11", "it")))
    got = Extraction.model_validate_json(first.body)
    assert got == expected
    [claim] = got.claims
    assert claim.quantity.value == 310
    assert TEXT[claim.quantity.start : claim.quantity.end] == claim.quantity.text
    assert len(provider.sent) == 1
    assert Extraction.model_validate_json(again.body).usage.requests == 0


async def test_a_header_of_the_text_is_understood_and_what_is_given_beside_it_wins(tmp_path):
    article = f"---\npublished: 2020-01-01\ntitle: Old\n---\n{TEXT}"
    async with open_service(tmp_path) as (app, _):
        own = await ask(app, "POST", "/v1/extract", json.dumps({"text": article}).encode())
        given = await ask(app, "POST", "/v1/extract", json.dumps({"text": article, "title": "New", "published": "2026-03-11"}).encode())
    assert (own.json["document"]["published"], own.json["document"]["title"]) == ("2020-01-01", "Old")
    assert (given.json["document"]["published"], given.json["document"]["title"]) == ("2026-03-11", "New")
    assert own.json["document"]["length"] == len(article)


@pytest.mark.parametrize("remembered", [False, True])
async def test_events_bring_the_parts_and_then_the_whole(tmp_path, remembered):
    async with open_service(tmp_path, scripted(lambda _: CLAIM)) as (app, _):
        if remembered:
            await ask(app, "POST", "/v1/extract", BODY)
        answer = await ask(app, "POST", "/v1/extract", BODY, {"accept": "text/event-stream"})
        whole = await ask(app, "POST", "/v1/extract", BODY)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *parts, (name, last) = events(answer.body)
    assert [part for part, _ in parts] == ["window"]
    assert parts[0][1]["of"] == 1
    assert [claim["quantity"]["value"] for claim in parts[0][1]["claims"]] == [310]
    assert name == "extraction"
    assert [claim["id"] for claim in last["claims"]] == [claim["id"] for claim in whole.json["claims"]]


async def test_a_page_and_a_table_are_made_of_the_same_claims(tmp_path):
    async with open_service(tmp_path, scripted(lambda _: CLAIM)) as (app, _):
        page = await ask(app, "POST", "/v1/extract", BODY, {"accept": "text/html"})
        table = await ask(app, "POST", "/v1/extract", BODY, {"accept": "text/csv"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert b"310 soldiers" in page.body
    [row] = csv.DictReader(io.StringIO(table.body.decode()))
    assert row["quantity_value"] == "310"
    assert row["source"] == "Ostrava's military"


async def test_identical_articles_at_the_same_time_are_read_once_and_ask_once(tmp_path):
    provider = Slow()
    answers = []
    async with open_service(tmp_path, provider, in_flight=2, queue=0) as (app, context):

        async def one(accept):
            answers.append(await ask(app, "POST", "/v1/extract", BODY, {"accept": accept}))

        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(one, "text/event-stream" if number % 4 == 0 else JSON)
            await provider.asked.wait()
            await anyio.wait_all_tasks_blocked()
            assert context.admission.in_flight == 1
            provider.let.set()
    assert provider.sent == 1
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 2  # one for each form


async def until(done: Callable[[], bool]) -> None:
    """Wait until what other tasks do has come to pass."""
    with anyio.fail_after(30):
        while not done():  # noqa: ASYNC110  # nobody tells a test
            await anyio.sleep(0.01)


async def test_a_client_that_leaves_stops_paying_unless_another_waits(tmp_path):
    provider = Slow()
    leave_first, leave_second = anyio.Event(), anyio.Event()
    async with open_service(tmp_path, provider) as (app, context), anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: ask(app, "POST", "/v1/extract", BODY, until=leave_first))
        tasks.start_soon(lambda: ask(app, "POST", "/v1/extract", BODY, {"accept": "text/event-stream"}, until=leave_second))
        await provider.asked.wait()
        await anyio.wait_all_tasks_blocked()
        leave_first.set()
        await anyio.wait_all_tasks_blocked()
        assert provider.cancelled == 0
        leave_second.set()
        await until(lambda: provider.cancelled and not context.admission.in_flight)
    assert provider.cancelled == 1


async def test_a_request_is_given_its_time_and_no_more(tmp_path):
    provider = Slow()
    async with open_service(tmp_path, provider, deadline=0.05) as (app, context):
        answer = await ask(app, "POST", "/v1/extract", BODY)
        streamed = await ask(app, "POST", "/v1/extract", BODY, {"accept": "text/event-stream"})
        await until(lambda: not context.admission.in_flight)
    assert (answer.status, answer.json["type"]) == (504, "/problems/deadline")
    assert [name for name, _ in events(streamed.body)] == ["problem"]
    assert events(streamed.body)[0][1]["type"] == "/problems/deadline"
    assert provider.cancelled == 2


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon", "9999"])
async def test_a_deadline_that_is_none_is_refused(tmp_path, value):
    async with open_service(tmp_path) as (app, _):
        answer = await ask(app, "POST", f"/v1/extract?deadline={value}", BODY)
    assert (answer.status, answer.headers["content-type"]) == (422, PROBLEM)


@pytest.mark.parametrize(
    ("error", "status", "problem"),
    [
        (errors.AuthenticationError("the key sk-secret is refused"), 502, "model-failed"),
        (errors.ServerError("broken"), 502, "model-failed"),
        (errors.DeadlineError("late"), 504, "model-late"),
    ],
)
async def test_a_question_without_an_answer_fails_the_request(tmp_path, error, status, problem):
    failing = True

    def answer(request):
        if failing and "Lviv" in request.messages[-1].content:
            return error
        return EMPTY

    provider = scripted(answer)
    async with open_service(tmp_path, provider) as (app, _):
        refused = await ask(app, "POST", "/v1/extract", TWO)
        streamed = await ask(app, "POST", "/v1/extract", TWO, {"accept": "text/event-stream"})
    assert (refused.status, refused.json["type"]) == (status, f"/problems/{problem}")
    assert b"sk-secret" not in refused.body + streamed.body
    assert events(streamed.body)[-1][0] == "problem"


async def test_what_was_answered_is_not_asked_again(tmp_path):
    broken = [True]

    def answer(request):
        if broken[0] and "Lviv" in request.messages[-1].content:
            return errors.BadRequestError("no")
        return EMPTY

    provider = scripted(answer)
    async with open_service(tmp_path, provider) as (app, _):
        assert (await ask(app, "POST", "/v1/extract", TWO)).status == 502
        asked = len(provider.sent)
        broken[0] = False
        again = await ask(app, "POST", "/v1/extract", TWO)
    assert again.status == 200
    assert asked > 1
    assert len(provider.sent) == asked + 1


async def test_a_full_service_says_when_to_come_again(tmp_path):
    provider = Slow()
    other = json.dumps({"text": "Another article said 7 people left."}).encode()
    third = json.dumps({"text": "A third article said 8 people left."}).encode()
    async with open_service(tmp_path, provider, in_flight=1, queue=1) as (app, context), anyio.create_task_group() as tasks:
        tasks.start_soon(ask, app, "POST", "/v1/extract", BODY)
        await provider.asked.wait()
        tasks.start_soon(ask, app, "POST", "/v1/extract", other)
        with anyio.fail_after(30):
            while not context.admission.waiting:
                await anyio.lowlevel.checkpoint()
        for accept in (JSON, "text/event-stream"):
            full = await ask(app, "POST", "/v1/extract", third, {"accept": accept})
            assert (full.status, full.json["type"]) == (503, "/problems/overloaded")
            assert int(full.headers["retry-after"]) >= 1
        provider.let.set()


async def test_a_service_that_drains_finishes_what_it_has_and_takes_nothing_new(tmp_path):
    provider = Slow()
    answers = []
    async with open_service(tmp_path, provider) as (app, context):

        async def early():
            answers.append(await ask(app, "POST", "/v1/extract", BODY))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(early)
            await provider.asked.wait()
            context.drain()
            late = await ask(app, "POST", "/v1/extract", json.dumps({"text": "Late news said 3."}).encode())
            ready = await ask(app, "GET", "/readyz")
            alive = await ask(app, "GET", "/livez")
            provider.let.set()
    assert (late.status, late.json["type"]) == (503, "/problems/draining")
    assert (ready.status, ready.json["status"]) == (503, "unavailable")
    assert alive.status == 200
    assert answers[0].status == 200


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"text": "  \n"}, 422, "unreadable-article"),
        ({"text": "---\npublished: yesterday\n---\nA man said 3."}, 422, "unreadable-article"),
        ({"text": "x" * 2_000_001}, 413, "too-large"),
        ({"text": "A man said 3.", "model": "gpt-of-dreams"}, 422, "invalid"),
        ({"text": "A man said 3.", "published": "11.03.2026"}, 422, "invalid"),
        ({"text": "A man said 3.", "langauge": "en"}, 422, "invalid"),
        ({}, 422, "invalid"),
    ],
)
async def test_an_article_that_cannot_be_read_is_one_clear_sentence(tmp_path, body, status, problem):
    async with open_service(tmp_path) as (app, _):
        answer = await ask(app, "POST", "/v1/extract", json.dumps(body).encode())
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json["type"] == f"/problems/{problem}"
    assert answer.json["detail"]


async def test_a_model_that_cannot_be_loaded_makes_the_service_unready_and_says_so(tmp_path, monkeypatch):
    class Missing(Slow):
        async def prepare(self, request):
            msg = "the file cannot be had"
            raise errors.WeightsError(msg)

    async with open_service(tmp_path, Missing()) as (app, context):
        await until(lambda: "cannot be loaded" in (context.lacks() or ""))
        ready = await ask(app, "GET", "/readyz")
        answer = await ask(app, "POST", "/v1/extract", BODY)
    assert ready.status == 503
    assert (answer.status, answer.json["type"]) == (503, "/problems/model-unavailable")


def test_every_form_is_offered_in_the_openapi_document(tmp_path):
    operation = next(route for route in extract.router.routes if route.path == "/v1/extract")
    assert set(operation.responses[200]["content"]) == set(extract._FORMS)


async def test_articles_answered_together_are_handed_over_one_by_one(tmp_path, monkeypatch):
    """Else all of them would be handed over at the end, and a service under load would go from burst to burst."""
    provider = Slow()
    seen = []
    assemble = Extractor._assemble

    def noted(self, *args):
        seen.append("finished")
        return assemble(self, *args)

    monkeypatch.setattr(Extractor, "_assemble", noted)
    async with open_service(tmp_path, provider) as (app, context), anyio.create_task_group() as tasks:

        async def one(number):
            await ask(app, "POST", "/v1/extract", json.dumps({"text": f"The ministry said {number} men left."}).encode())
            seen.append("answered")

        for number in range(2, 12):
            tasks.start_soon(one, number)
        await until(lambda: provider.sent == 10)
        assert context.admission.in_flight == 10
        provider.let.set()
    assert seen.count("finished") == seen.count("answered") == 10
    ahead = [seen[:end].count("finished") - seen[:end].count("answered") for end in range(1, len(seen) + 1)]
    assert max(ahead) < 5


async def test_what_one_caller_may_not_spend_is_not_refused_to_another_who_asks_the_same(tmp_path):
    """Both wait for the answer to one question: the first has no budget for it, the second has."""
    async with open_service(tmp_path, scripted(lambda _: CLAIM)) as (app, context):
        _, poor = context.keys.add("poor", tokens_a_day=1)
        _, rich = context.keys.add("rich")
        answers = {}

        async def one(name, key):
            answers[name] = await ask(app, "POST", "/v1/extract", BODY, {"authorization": f"Bearer {key}"})

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one, "poor", poor)
            tasks.start_soon(one, "rich", rich)
        without = await ask(app, "POST", "/v1/extract", BODY)
    assert (answers["poor"].status, answers["poor"].json["type"]) == (403, "/problems/unaffordable")
    assert "retry-after" not in answers["poor"].headers
    assert answers["rich"].status == 200
    assert (without.status, without.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_trace_has_a_span_for_each_article_and_each_call_and_no_text(tmp_path):
    pytest.importorskip("opentelemetry.sdk")
    where = tmp_path / "trace.jsonl"
    chosen = replace(options(tmp_path), trace=str(where))
    app = create(chosen, provider=scripted())
    async with app.router.lifespan_context(app):
        edge = around(app, chosen)
        assert (await ask(edge, "POST", "/v1/extract", BODY)).status == 200
        job = await ask(edge, "POST", "/v1/jobs", json.dumps({"articles": [{"text": "A ministry said 4 men left."}]}).encode())
        context = app.state.context
        await until(lambda: context.jobs.count("done") == 1)
    assert job.status == 202
    written = where.read_text()
    names = [json.loads(line).get("name") for line in written.splitlines()]
    assert names.count("extract") == 2
    assert names.count("chat scripted") == 2
    assert "Ostrava" not in written
    assert "ministry" not in written


async def test_head_is_answered_as_get_without_a_body(tmp_path):
    with listening(tmp_path) as url:
        address = url.removeprefix("http://").split(":")
        stream = await anyio.connect_tcp(address[0], int(address[1]))
        async with stream:
            await stream.send(b"HEAD /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            received = b""
            with suppress(anyio.EndOfStream):
                while True:
                    received += await stream.receive()
    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"\r\n\r\n")
