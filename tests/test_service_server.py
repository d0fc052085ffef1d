"""The service as processes, over real sockets: bad clients, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from service_stub import ROOT, SECRET, Service, answer, request, serving

from benchmarks.mock.articles import article
from benchmarks.mock.server import serving as mocked
from extractor.cli.serve import serve
from extractor.errors import ConfigurationError, MissingExtraError

BOUNDED = 20.0
"""Seconds that nothing here takes unless it hangs."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def tight() -> Iterator[Service]:
    """One with short times and few connections."""
    with serving(tight=True) as started:
        yield started


def _until_closed(connection: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    return received


def _until(connection: socket.socket, words: bytes) -> bytes:
    """Read until ``words`` have come."""
    received = b""
    while words not in received:
        piece = connection.recv(65536)
        assert piece, f"closed after {received!r}"
        received += piece
    return received


def test_it_says_where_it_serves_and_answers(service: Service) -> None:
    assert service.log().startswith(f"extractor: serving local/qwen2.5-coder-1.5b on http://127.0.0.1:{service.port}, page at /")
    found = service.get("/livez")
    assert (found.status, json.loads(found.body)) == (200, {"pid": service.process.pid})
    assert "server" not in found.fields
    assert "date" in found.fields


FLOODS = {
    "a field of 100 KB": b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\na: " + b"x" * 100_000 + b"\r\n\r\n",
    "a field that does not end": b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\na: " + b"x" * 40_000,
    "101 fields": b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"a: b\r\n" * 100 + b"\r\n",
    "10,000 fields": b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"a: b\r\n" * 10_000 + b"\r\n",
    "a long address": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_of_headers_is_a_problem_and_ends_the_connection(service: Service, flood: bytes) -> None:
    with service.connect() as connection:
        with suppress(ConnectionError):
            connection.sendall(flood)
        found = answer(connection)
    assert (found.status, found.fields["content-type"]) == (431, "application/problem+json")
    assert found.fields["x-content-type-options"] == "nosniff"
    assert found.fields["connection"] == "close"
    assert "head of the request" in json.loads(found.body)["detail"]


def test_floods_cost_no_memory(service: Service) -> None:
    piece = b"a: b\r\n" * 100_000
    before = _resident(service)
    for head in (b"", b"GET / HTTP/1.1\r\na: "):
        for _ in range(20):
            with service.connect() as connection, suppress(ConnectionError):
                connection.sendall(head)
                for _ in range(10):
                    connection.sendall(piece)
    assert service.get("/livez").status == 200
    assert _resident(service) - before < 20_000


def _resident(service: Service) -> int:
    """Return the memory it has, in kilobytes."""
    lines = Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def test_a_flood_behind_a_good_request_is_found_as_well(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(request("/livez") + FLOODS["10,000 fields"])
        received = _until_closed(connection)
    assert received.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 431" in received


def test_a_hundred_fields_are_taken(service: Service) -> None:
    assert service.get("/livez", *(f"a{number}: b" for number in range(98))).status == 200


RUBBISH = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01",
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
]


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_what_is_no_request_is_a_problem(service: Service, rubbish: bytes) -> None:
    with service.connect() as connection:
        connection.sendall(rubbish + b"\r\n" * 2)
        found = answer(connection)
    assert (found.status, found.fields["content-type"]) == (400, "application/problem+json")


def test_a_body_that_breaks_the_rules_ends_as_a_problem_and_its_request_as_left(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(request("/things/a", "Transfer-Encoding: chunked", method="POST") + b"5\r\nhello\r\nrubbish\r\n")
        found = answer(connection)
    assert found.status == 400
    assert service.get("/livez").status == 200


def test_what_is_refused_before_it_is_a_request_is_counted(service: Service) -> None:
    before = _figure(service, 'extractor_refused_total{kind="malformed"}')
    with service.connect() as connection:
        connection.sendall(b"GET\r\n\r\n")
        _until_closed(connection)
    assert _figure(service, 'extractor_refused_total{kind="malformed"}') == before + 1


def _figure(service: Service, name: str) -> float:
    lines = service.get("/metrics").body.decode().splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0.0)


def test_a_head_that_trickles_in_is_cut_off(tight: Service) -> None:
    with tight.connect() as connection:
        received, began = b"", time.monotonic()
        connection.settimeout(0.05)
        for letter in b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nx: " + b"x" * 1_000:
            with suppress(ConnectionError):
                connection.send(bytes([letter]))
            try:
                received += connection.recv(4096)
            except TimeoutError:
                continue
            break
        assert time.monotonic() - began < BOUNDED
    assert received.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in received


def test_a_connection_that_says_nothing_is_closed(tight: Service) -> None:
    with tight.connect() as connection:
        assert _until_closed(connection) == b""


def test_a_connection_is_kept_for_a_while_and_then_closed(tight: Service) -> None:
    with tight.connect() as connection:
        connection.sendall(request("/livez"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        connection.sendall(request("/livez"))
        received = _until_closed(connection)
    assert received.count(b"HTTP/1.1 200") == 1
    assert b"408" not in received


def test_a_body_that_nobody_reads_may_not_go_on_for_ever(tight: Service) -> None:
    with tight.connect() as connection:
        connection.sendall(request("/nothing", "Content-Length: 1000000000", method="POST"))
        connection.settimeout(0.05)
        began, sent = time.monotonic(), 0
        with suppress(ConnectionError):
            while time.monotonic() - began < BOUNDED:
                sent += connection.send(b"x")
                time.sleep(0.01)
        assert time.monotonic() - began < BOUNDED
        assert sent > 1
        connection.settimeout(10)
        assert _until_closed(connection).startswith(b"HTTP/1.1 404")


def test_a_client_that_takes_nothing_of_an_answer_is_cut_off(tight: Service) -> None:
    with tight.connect() as connection:
        connection.sendall(request("/large"))
        for _ in range(200):
            if _figure(tight, 'extractor_requests_total{method="GET",route="/large"'):
                break
            time.sleep(0.05)
        taken = len(_until_closed(connection))
    assert 0 < taken < 100_000_000


def test_connections_beyond_the_bound_are_refused_except_to_ask_how_it_is(tight: Service) -> None:
    held = [tight.connect() for _ in range(6)]
    try:
        for connection in held:
            connection.sendall(request("/slow?seconds=60"))
        found = tight.get("/things/a", method="POST", body=b"x")
        assert (found.status, json.loads(found.body)["type"], found.fields["retry-after"]) == (503, "/problems/overloaded", "1")
        assert tight.get("/livez").status == 200
    finally:
        for connection in held:
            connection.close()


def test_what_a_handler_cannot_do_goes_into_no_log(service: Service) -> None:
    found, late = service.get("/fault"), service.get("/late-fault")
    assert (found.status, json.loads(found.body)["type"]) == (500, "/problems/fault")
    assert (late.status, late.body) == (200, b"5\r\nbegun\r\n"), "an answer that has begun ends without its end"
    assert service.get("/livez").status == 200
    assert SECRET not in service.logged("ValueError in pieces")
    assert SECRET.encode() not in found.body


def test_it_drains_when_told_to_stop() -> None:
    with serving(EXTRACTOR_SERVICE_GRACE="10") as started:
        with started.connect() as streaming, started.connect() as slow, started.connect() as kept:
            streaming.sendall(request("/stream"))
            _until(streaming, b"data: 1")
            slow.sendall(request("/slow?seconds=1"))
            kept.sendall(request("/livez"))
            _until(kept, b"pid")
            started.process.send_signal(signal.SIGTERM)
            assert b"data: end" in _until_closed(streaming), "streams end at once"
            kept.sendall(request("/readyz"))
            told = answer(kept)
            assert (told.status, told.fields["connection"]) == (503, "close")
            done = answer(slow)
            assert (done.status, done.body) == (200, b'{"slept":"well"}'), "what is in work is finished"
        assert started.process.wait(BOUNDED) == 0
    assert "Traceback" not in started.log()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_ends_in_time_whatever_clients_do(workers: str) -> None:
    with serving(STUB_WORKERS=workers, EXTRACTOR_SERVICE_GRACE="0.5") as started, ExitStack() as stack:
        upload, stream, reader, silent = (stack.enter_context(started.connect()) for _ in range(4))
        upload.sendall(request("/things/a", "Content-Length: 1000", method="POST") + b"x")
        stream.sendall(request("/stubborn"))
        _until(stream, b"data: 1")
        reader.sendall(request("/large"))
        silent.sendall(b"GET /")
        assert started.end(signal.SIGTERM) == 0
        refused = answer(upload)
        assert (refused.status, json.loads(refused.body)["type"]) == (503, "/problems/draining")
    assert "Traceback" not in started.log()


def test_an_application_that_does_not_end_is_ended() -> None:
    with serving(tight=True, STUB="endless", EXTRACTOR_SERVICE_GRACE="0") as started:
        assert started.end(signal.SIGTERM) == 1
    assert "did not end in time" in started.log()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_signal_ends_it_at_once(workers: str) -> None:
    with serving(STUB_WORKERS=workers, EXTRACTOR_SERVICE_GRACE="60") as started, started.connect() as stream, started.connect() as kept:
        stream.sendall(request("/stubborn"))
        _until(stream, b"data: 1")
        kept.sendall(request("/livez"))
        _until(kept, b"pid")
        started.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        while started.get("/readyz").status != 503:
            assert time.monotonic() - began < BOUNDED
        assert started.end(signal.SIGINT) == 130
    assert "ended at once" in started.log()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_ends_when_it_has_not_even_started(workers: str) -> None:
    with serving(until="starting", STUB="late", STUB_WORKERS=workers) as started:
        assert started.end(signal.SIGTERM) == 0
    assert started.log() == "starting\n"


def test_an_interrupt_ends_it_with_the_code_of_one() -> None:
    with serving() as started:
        assert started.end(signal.SIGINT) == 130


def test_workers_share_the_port_the_figures_and_the_work() -> None:
    with serving(STUB_WORKERS="2") as started:
        pids = _workers(started, 2)
        assert started.process.pid not in pids
        assert _figure(started, 'extractor_requests_total{method="GET",route="/livez",status="200"}') >= 2
        first = min(pids)
        os.kill(first, signal.SIGKILL)
        after = _workers(started, 2, without=first)
        assert len(after) == 2
        started.logged("by signal 9; another takes its place")
        with started.connect() as streaming:
            streaming.sendall(request("/stream"))
            _until(streaming, b"data: 1")
            started.process.send_signal(signal.SIGTERM)
            assert b"data: end" in _until_closed(streaming), "a worker is told to drain"
        assert started.process.wait(BOUNDED) == 0
        assert not any(_lives(pid) for pid in after)


def test_workers_do_not_outlive_whoever_looks_after_them() -> None:
    with serving(STUB_WORKERS="2") as started:
        pids = _workers(started, 2)
        started.process.kill()
        began = time.monotonic()
        while any(_lives(pid) for pid in pids) and time.monotonic() - began < BOUNDED:
            time.sleep(0.05)
        assert not any(_lives(pid) for pid in pids)


def _workers(service: Service, number: int, *, without: int = 0) -> set[int]:
    """Ask until so many workers have answered, which of them is up to the system."""
    found: set[int] = set()
    began = time.monotonic()
    while len(found) < number and time.monotonic() - began < BOUNDED:
        with suppress(ConnectionError, IndexError):
            found.add(json.loads(service.get("/livez").body)["pid"])
        found.discard(without)
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_application_that_does_not_start_is_one_sentence(workers: str) -> None:
    found = _run(STUB="broken", STUB_WORKERS=workers)
    assert (found.returncode, found.stderr) == (2, "extractor: the setting EXTRACTOR_STUB is wrong\n")


def test_an_address_in_use_is_one_sentence(service: Service) -> None:
    found = _run(STUB_PORT=str(service.port))
    assert found.returncode == 2
    assert found.stderr == (
        f"extractor: cannot listen on 127.0.0.1 port {service.port}: address already in use; choose another with --host and --port\n"
    )


def _run(**environment: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, str(ROOT / "tests" / "service_stub.py"), "usual"]
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(arguments, env=known, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler, which the mock of a model is built with")
def test_the_command_serves_what_it_extracts(tmp_path: Path) -> None:
    with mocked() as model:
        known = {"EXTRACTOR_BASE_URL": model.url, "EXTRACTOR_MODEL": "mock", "EXTRACTOR_SERVICE_FOLDER": str(tmp_path)}
        command = ("-m", "extractor", "serve", "--port", "0", "--log-json")
        with serving(command=command, EXTRACTOR_CACHE_DIR=str(tmp_path / "cache"), **known) as started:
            body = json.dumps(article(70)).encode()
            found = started.get("/v1/extract", "Content-Type: application/json", method="POST", body=body)
            assert (found.status, len(json.loads(found.body)["claims"])) == (200, 12)
            assert json.loads(started.get("/readyz").body)["status"] == "ok"
            assert started.get("/", "Host: elsewhere.test").status == 400, "two hosts are none"
            assert started.end(signal.SIGTERM) == 0
    lines = [json.loads(line) for line in started.said]
    assert [line["route"] for line in lines if "route" in line][:2] == ["/v1/extract", "/readyz"]
    assert "soldiers" not in started.log()


def test_without_its_packages_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("extractor.service")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'claim-extractor\[service\]'"):
        serve()


def test_without_a_key_it_listens_to_this_machine_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXTRACTOR_SERVICE_FOLDER", str(tmp_path))
    with pytest.raises(ConfigurationError, match="extractor keys add"):
        serve(host="0.0.0.0")
