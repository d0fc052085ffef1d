"""What surrounds the application: ids, hosts, headers, other pages, the log, and faults."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio
import pytest
from asgi import Answer, ask
from hypothesis import given
from hypothesis import strategies as st
from service_stub import SECRET, application

from extractor import settings
from extractor.service import headers, limits, logs
from extractor.service.edge import Edge, around
from extractor.service.options import Options

pytestmark = pytest.mark.anyio

PAGE = "https://desk.example.org"
KINDS_OF_ANSWERS = {
    "an answer": "/livez",
    "a stream": "/pieces",
    "nothing there": "/nothing",
    "a refusal": "/refused",
    "a fault": "/fault",
    "a page": "/own",
}


@asynccontextmanager
async def _open(**given: object) -> AsyncIterator[Edge]:
    app = application()
    async with app.router.lifespan_context(app):
        yield around(app, Options(settings.load(), limits.load(**given)))


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Keep what is logged."""
    stream = io.StringIO()
    with logs.logging_to(stream, as_json=True):
        yield stream


async def _get(edge: Edge, path: str, method: str = "GET", **fields: str) -> Answer:
    return await ask(edge, method, path, headers={name.replace("_", "-"): value for name, value in fields.items()})


@pytest.mark.parametrize("path", KINDS_OF_ANSWERS.values(), ids=KINDS_OF_ANSWERS)
async def test_every_answer_says_how_it_may_be_used(path: str) -> None:
    async with _open() as edge:
        found = (await _get(edge, path)).headers
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "no-referrer"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert found["x-frame-options"] == "DENY"
    own = path == "/own"
    assert found["content-security-policy"] == ("default-src 'self'" if own else "default-src 'none'; frame-ancestors 'none'")
    assert found["cache-control"] == ("max-age=60" if own else "no-store")
    assert re.fullmatch("[0-9a-f]{16}", found["x-request-id"])
    assert not any(name.startswith("access-control") for name in found)


async def test_a_plain_request_id_is_given_back_and_another_is_not() -> None:
    async with _open() as edge:
        assert (await _get(edge, "/livez", x_request_id="desk-7.b_2")).headers["x-request-id"] == "desk-7.b_2"
        for given_id in ("x" * 65, "a b", "a\tb", "<a>", "é"):
            assert (await _get(edge, "/livez", x_request_id=given_id)).headers["x-request-id"] != given_id


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000"])
async def test_a_host_of_this_machine_is_known(host: str) -> None:
    async with _open() as edge:
        assert (await _get(edge, "/livez", host=host)).status == 200


@pytest.mark.parametrize("host", ["rebound.example.org", "127.0.0.1.example.org", "", "127.0.0.2", "localhost.example"])
async def test_another_host_is_refused_before_anything_is_done(host: str) -> None:
    async with _open() as edge:
        for path in ("/livez", "/things/a", "/nothing"):
            found = await _get(edge, path, "POST", host=host)
            assert (found.status, found.json["type"]) == (403, "/problems/forbidden")


async def test_a_host_that_is_named_in_the_settings_is_known() -> None:
    async with _open(hosts=("claims.example.org",)) as edge:
        assert (await _get(edge, "/livez", host="claims.example.org:443")).status == 200


async def test_a_page_of_a_named_origin_may_call_and_nobody_else() -> None:
    async with _open(cors_origins=(PAGE,)) as edge:
        asked = await _get(edge, "/things/a", "OPTIONS", origin=PAGE, access_control_request_method="POST")
        assert (asked.status, asked.body) == (204, b"")
        assert asked.headers["access-control-allow-origin"] == PAGE
        assert "Idempotency-Key" in asked.headers["access-control-allow-headers"]
        answered = await _get(edge, "/livez", origin=PAGE)
        assert answered.headers["access-control-allow-origin"] == PAGE
        assert "Retry-After" in answered.headers["access-control-expose-headers"]
        assert (await _get(edge, "/refused", origin=PAGE)).headers["access-control-allow-origin"] == PAGE
        for origin in ("null", PAGE.upper(), f"{PAGE}.evil.test", "https://evil.test"):
            other = await _get(edge, "/things/a", "OPTIONS", origin=origin, access_control_request_method="POST")
            assert other.status == 405
            assert "access-control-allow-origin" not in other.headers
            assert other.headers["vary"] == "Origin"


async def test_no_page_of_another_server_may_call_by_default() -> None:
    async with _open() as edge:
        asked = await _get(edge, "/things/a", "OPTIONS", origin=PAGE, access_control_request_method="POST")
        assert asked.status == 405
        assert not any(name.startswith("access-control") for name in asked.headers)


@given(st.lists(st.tuples(st.sampled_from([b"cache-control", b"Cache-Control", b"vary", b"x-frame-options"]), st.binary()), max_size=5))
def test_what_an_answer_says_itself_is_never_changed(given_fields: list[tuple[bytes, bytes]]) -> None:
    found = headers.completed(given_fields)
    assert found[: len(given_fields)] == given_fields
    names = [name.lower() for name, _ in found[len(given_fields) :]]
    assert len(set(names)) == len(names)
    assert not set(names) & {name.lower() for name, _ in given_fields}


async def test_a_fault_is_a_problem_without_its_words_and_the_connection_lives(said: io.StringIO) -> None:
    async with _open() as edge:
        found = await _get(edge, "/fault")
        late = await _get(edge, "/late-fault")
    assert (found.status, found.json["type"]) == (500, "/problems/fault")
    assert late.body == b"begun"
    assert SECRET not in found.body.decode()
    lines = _lines(said)
    assert SECRET not in json.dumps(lines)
    assert [line["problem"] for line in lines if "route" in line] == ["fault", "fault"]
    assert any("ValueError in pieces" in line.get("message", "") for line in lines)


def _lines(said: io.StringIO) -> list[dict[str, object]]:
    logging.getLogger().handlers[0].close()  # what waits is written
    return [json.loads(line) for line in said.getvalue().splitlines()]


async def test_a_request_is_one_line_of_what_it_was_and_nothing_it_said(said: io.StringIO) -> None:
    async with _open() as edge:
        await ask(edge, "POST", "/things/private-name?query=private", b'"private"', headers={"x-request-id": "r1"})
        await _get(edge, "/private/path", "BREW")
        figures = (await _get(edge, "/metrics")).body.decode()
    one, other, _ = _lines(said)
    assert (one["method"], one["route"], one["status"], one["caller"], one["request"]) == ("POST", "/things/{name}", 200, "caller-1", "r1")
    assert (other["method"], other["route"], other["status"], other["problem"]) == ("OTHER", "unmatched", 404, "not-found")
    assert "private" not in said.getvalue() + figures
    assert 'extractor_requests_total{method="POST",route="/things/{name}",status="200"} 1.0' in figures
    assert 'extractor_request_bytes_total{route="/things/{name}"} 9.0' in figures
    assert 'extractor_refused_total{kind="not-found"} 1.0' in figures


async def test_a_client_that_left_is_no_fault(said: io.StringIO) -> None:
    async with _open() as edge:
        await ask(edge, "POST", "/things/a", [b"x"], leaves=True)
    (line,) = _lines(said)
    assert line["status"] == 499
    assert "problem" not in line


async def test_a_request_that_is_cut_off_at_the_end_of_the_service_is_told_so(said: io.StringIO) -> None:
    async with _open() as edge:
        found: list[Answer] = []

        async def asks() -> None:
            found.append(await _get(edge, "/slow?seconds=1000"))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(asks)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
    assert _lines(said)[0]["problem"] == "draining"


FAULT = ValueError(SECRET)
EXCEPTION = (ValueError, FAULT, None)


def test_messages_of_other_packages_are_told_without_what_they_hold(said: io.StringIO) -> None:
    never = f"Task exception was never retrieved\nfuture: <{SECRET}>"
    logging.getLogger("asyncio").error(never, exc_info=EXCEPTION)
    logging.getLogger("client").warning("sending %s", SECRET)
    logging.getLogger("extractor.desk").warning("%d articles wait", 3)
    assert [line["message"] for line in _lines(said)] == [
        "asyncio: Task exception was never retrieved (ValueError)",
        "client: sending %s",
        "3 articles wait",
    ]


def test_a_debug_run_tells_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_DEBUG", "1")
    stream = io.StringIO()
    with logs.logging_to(stream):
        logging.getLogger("client").error("sending %s", 1, exc_info=EXCEPTION)
    assert "sending 1" in stream.getvalue()
    assert f"ValueError: {SECRET}" in stream.getvalue()


def test_a_log_that_nobody_reads_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            released.wait(30)
            return len(text)

    released = threading.Event()
    monkeypatch.setattr(logs, "_WAITING", 10)
    monkeypatch.setattr(logs, "_LAST", 0.01)
    with logs.logging_to(Stuck()):
        for _ in range(100):
            logs.request(method="GET", route="/", status=200)
    released.set()
