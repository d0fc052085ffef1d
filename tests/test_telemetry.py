"""Traces: what is recorded, what never is, and that nothing is loaded where nobody asks for one."""

import importlib
import itertools
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anyio
import pytest
from conftest import ARTICLE
from faults import NOBODY
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from extractor import telemetry
from extractor.caches.base import MemoryCache
from extractor.documents import Document
from extractor.errors import AuthenticationError, ConfigurationError, MissingExtraError, ReaderError, ServerError, StorageError
from extractor.exchange import Exchange
from extractor.models import Model
from extractor.pipeline import Extractor
from extractor.profiles import resolve
from extractor.prompts import load
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Completion, Message, Request, Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
POLICY = RetryPolicy(attempts=3, first_wait=0.0, longest_wait=0.0)
SERVER = "http://127.0.0.1:8000/v1"
MODEL = Model(name="m", served_as="served", provider="openai", window=4, context=0, parallel=2, max_tokens=50)
SECRET = "quoted back: lost 470 troops"
"""What a server may say of a request it refuses: the article's own words."""


def request(endpoint: str = SERVER) -> Request:
    constraint = {"response_format": {"type": "json_schema"}}
    return Request(
        endpoint=endpoint, model="m", messages=(Message(role="user", content="Lost 470 troops"),), constraint=constraint, max_tokens=5
    )


class Recorded:
    """A tracing that records into memory."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider(shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracing = telemetry.Tracing(tracers, MeterProvider([self.reader], shutdown_on_exit=False))

    def exchange(self, provider, cache=None):
        return self.tracing.exchange(Exchange(self.tracing.provider(provider), cache or MemoryCache(), POLICY))

    @property
    def spans(self) -> list:
        return list(self.exporter.get_finished_spans())

    @property
    def points(self) -> dict:
        """The points of each metric."""
        data = self.reader.get_metrics_data()
        found = [metric for one in data.resource_metrics for scope in one.scope_metrics for metric in scope.metrics] if data else []
        return {metric.name: list(metric.data.data_points) for metric in found}


async def test_a_call_is_a_span_by_the_conventions():
    recorded = Recorded()
    answer = Completion(
        content="{}", finish_reason="stop", usage=Usage(requests=1, input_tokens=12, cached_input_tokens=4, output_tokens=3)
    )
    await recorded.exchange(ScriptedProvider([answer])).complete(request())
    (span,) = recorded.spans
    assert (span.name, span.kind, span.status.status_code) == ("chat m", SpanKind.CLIENT, StatusCode.UNSET)
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m",
        "gen_ai.request.max_tokens": 5,
        "gen_ai.output.type": "json",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "gen_ai.usage.output_tokens": 3,
        "server.address": "127.0.0.1",
        "server.port": 8000,
        "claim_extractor.attempts": 1,
    }


async def test_a_call_is_counted_by_the_conventions():
    recorded = Recorded()
    answer = Completion(
        content="{}", finish_reason="stop", usage=Usage(requests=1, input_tokens=12, cached_input_tokens=4, output_tokens=3)
    )
    await recorded.exchange(ScriptedProvider([answer])).complete(request())
    common = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m",
        "server.address": "127.0.0.1",
        "server.port": 8000,
    }
    points, (span,) = recorded.points, recorded.spans
    (duration,) = points["gen_ai.client.inference.duration"]
    assert (duration.count, dict(duration.attributes)) == (1, common)
    assert duration.sum == pytest.approx((span.end_time - span.start_time) / 1e9, abs=1e-6)
    assert duration.explicit_bounds[0] == 0.01
    for kind, tokens in (("input_tokens", 12), ("cache_read.input_tokens", 4), ("output_tokens", 3)):
        (point,) = points[f"gen_ai.client.inference.usage.{kind}"]
        assert (point.value, dict(point.attributes)) == (tokens, common | {"gen_ai.token.modality": "text"})


async def test_retries_are_one_span_and_one_duration():
    recorded = Recorded()
    await recorded.exchange(ScriptedProvider([ServerError("1"), ServerError("2"), "yes"])).complete(request())
    (span,) = recorded.spans
    assert span.attributes["claim_extractor.attempts"] == 3
    assert "error.type" not in span.attributes
    assert [point.count for point in recorded.points["gen_ai.client.inference.duration"]] == [1]


async def test_an_error_is_recorded_by_its_class_and_not_by_its_words():
    recorded = Recorded()
    with pytest.raises(ServerError):
        await recorded.exchange(ScriptedProvider([ServerError(SECRET)] * 3)).complete(request())
    (span,) = recorded.spans
    assert (span.attributes["error.type"], span.status.status_code, span.status.description) == ("ServerError", StatusCode.ERROR, None)
    assert span.attributes["gen_ai.response.finish_reasons"] == ("error",)
    assert not span.events
    (duration,) = recorded.points["gen_ai.client.inference.duration"]
    assert duration.attributes["error.type"] == "ServerError"
    (tokens,) = recorded.points["gen_ai.client.inference.usage.input_tokens"]
    assert (tokens.value, tokens.attributes["gen_ai.token.modality"]) == (0, "unknown")


async def test_a_cancelled_call_is_recorded_too():
    recorded = Recorded()
    with anyio.move_on_after(0.02):
        await recorded.exchange(ScriptedProvider(["late"], delay=5.0)).complete(request())
    (span,) = recorded.spans
    assert span.attributes["error.type"] == "CancelledError"


async def test_remembered_and_shared_answers_are_no_calls():
    recorded = Recorded()
    exchange = recorded.exchange(ScriptedProvider(["one"], delay=0.02))
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(exchange.complete, request())
    await exchange.complete(request())
    assert len(recorded.spans) == 1
    assert [point.count for point in recorded.points["gen_ai.client.inference.duration"]] == [1]


async def test_what_a_gate_refuses_is_no_call_and_what_it_holds_back_is_not_yet_one():
    class Gate:
        async def enter(self, request: Request) -> None:
            await anyio.sleep(0.01)
            if request.endpoint != SERVER:
                raise AuthenticationError(SECRET, attempts=0)
            let_in.append(time.time_ns())

        def leave(self, request: Request, result: object) -> None: ...

    recorded, let_in = Recorded(), []
    provider = recorded.tracing.provider(ScriptedProvider(["one"]))
    exchange = recorded.tracing.exchange(Exchange(provider, MemoryCache(), POLICY, Gate()))
    with pytest.raises(AuthenticationError):
        await exchange.complete(request("https://elsewhere.example/v1"))
    await exchange.complete(request())
    (span,) = recorded.spans
    assert span.start_time >= let_in[0]


@pytest.mark.parametrize(
    ("endpoint", "provider", "address", "port"),
    [
        ("openai", "openai", "api.openai.com", 443),
        ("https://api.groq.com/openai/v1", "groq", "api.groq.com", 443),
        ("https://mine.openai.azure.com/openai/v1", "azure.ai.openai", "mine.openai.azure.com", 443),
        ("http://localhost:11434/v1", "openai", "localhost", 11434),
        ("http://[::1]/v1", "openai", "::1", 80),
        ("https://proxy.example/x.ai/v1", "openai", "proxy.example", 443),
        ("cc324af070c2", "llama_cpp", None, None),
    ],
)
async def test_who_answers_is_told_from_the_endpoint(endpoint, provider, address, port):
    recorded = Recorded()
    await recorded.exchange(ScriptedProvider(["one"])).complete(request(endpoint))
    (span,) = recorded.spans
    assert span.attributes["gen_ai.provider.name"] == provider
    assert (span.attributes.get("server.address"), span.attributes.get("server.port")) == (address, port)


def extractor(recorded: Recorded, answers) -> Extractor:
    profile = resolve("claims")
    return Extractor(model=MODEL, exchange=recorded.exchange(ScriptedProvider(answers)), profile=profile, prompt=load(profile.prompt))


async def test_an_article_is_a_span_with_counts_around_its_calls():
    recorded = Recorded()
    made = extractor(recorded, lambda _: json.dumps({"claims": []}))
    document = Document(text="He said so. She said no. They said it. We said 5. You said 6.", id="d-1")
    extraction = await recorded.tracing.articles(lambda document, source: made.extract(document, source=source))(document, "a.txt")
    *calls, article = recorded.spans
    assert [(call.name, call.parent.span_id) for call in calls] == [("chat served", article.context.span_id)] * len(extraction.windows)
    assert article.name == "extract"
    assert article.attributes["claim_extractor.document.id"] == "d-1"
    assert article.attributes["claim_extractor.windows"] == len(extraction.windows) == 2
    assert article.attributes["claim_extractor.outcome"] == "ok"
    assert article.attributes["gen_ai.usage.input_tokens"] == extraction.usage.input_tokens
    assert [(point.value, dict(point.attributes)) for point in recorded.points["claim_extractor.articles"]] == [
        (1, {"claim_extractor.outcome": "ok"})
    ]


async def test_an_article_that_failed_says_by_which_error():
    recorded = Recorded()
    made = extractor(recorded, lambda _: ServerError(SECRET))
    await recorded.tracing.articles(lambda document, source: made.extract(document, source=source))(Document(text="He said 5."), "a.txt")
    article = recorded.spans[-1]
    assert (article.attributes["error.type"], article.attributes["claim_extractor.outcome"]) == ("ServerError", "failed")
    assert (article.status.status_code, article.status.description) == (StatusCode.ERROR, None)


async def test_an_article_that_cannot_be_read_says_by_which_error():
    recorded = Recorded()
    made = extractor(recorded, [])
    with pytest.raises(ReaderError):
        await recorded.tracing.articles(lambda document, source: made.extract(document, source=source))(Document(text="-"), "a.txt")
    (article,) = recorded.spans
    assert article.attributes["error.type"] == "ReaderError"
    assert not article.events


async def test_no_word_of_an_article_is_recorded():
    recorded = Recorded()
    text = ARTICLE.read_text(encoding="utf-8")
    words = {word for word in text.split() if len(word) > 6}
    refusal = Completion(content=text, finish_reason="refusal", usage=Usage(requests=1))
    answers = [refusal, json.dumps({"claims": [{"source": text}]}), text, ServerError(text[:200]), ServerError(text[:200])]
    numbers = itertools.count()
    made = extractor(recorded, lambda _: answers[next(numbers) % len(answers)])
    document = Document(text=text, title=text[:60], publisher=text[:20], url=f"https://example.org/{text[:20]}")
    await recorded.tracing.articles(lambda document, source: made.extract(document, source=source))(document, text[:50])
    said = " ".join(span.to_json() for span in recorded.spans) + str(recorded.points)
    assert next(numbers) >= len(answers)
    assert len(words) > 20
    assert not {word for word in words if word in said}


@contextmanager
def collector():
    """A collector on a free port: yields its address, and the paths that something was sent to."""
    paths = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            paths.append(self.path)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def test_a_collector_is_found_by_the_standard_variable(monkeypatch):
    with collector() as (address, paths):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        with telemetry.tracing("otlp") as tracing:
            exchange = tracing.exchange(Exchange(tracing.provider(ScriptedProvider(["one"])), MemoryCache(), POLICY))
            anyio.run(exchange.complete, request())
    assert sorted(paths) == ["/v1/metrics", "/v1/traces"]


def test_a_file_gets_lines_of_json(tmp_path):
    target = tmp_path / "trace.jsonl"
    with telemetry.tracing(str(target)) as tracing:
        exchange = tracing.exchange(Exchange(tracing.provider(ScriptedProvider(["one"])), MemoryCache(), POLICY))
        anyio.run(exchange.complete, request())
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["name"] == "chat m"
    assert lines[0]["resource"]["attributes"]["service.name"] == "claim-extractor"
    assert any("resource_metrics" in line for line in lines)


def test_the_environment_names_the_service(tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "desk-7")
    target = tmp_path / "trace.jsonl"
    with telemetry.tracing(str(target)) as tracing:
        exchange = tracing.exchange(Exchange(tracing.provider(ScriptedProvider(["one"])), MemoryCache(), POLICY))
        anyio.run(exchange.complete, request())
    assert json.loads(target.read_text(encoding="utf-8").splitlines()[0])["resource"]["attributes"]["service.name"] == "desk-7"


def test_a_collector_that_is_gone_is_told_of_once_and_costs_no_run(monkeypatch, caplog):
    monkeypatch.setattr(telemetry, "_PATIENCE", 0.1)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOBODY)
    with telemetry.tracing("otlp") as tracing:
        exchange = tracing.exchange(Exchange(tracing.provider(ScriptedProvider(["one"])), MemoryCache(), POLICY))
        assert anyio.run(exchange.complete, request()).content == "one"
    (said,) = caplog.messages
    assert said.startswith("records of the trace are lost, the run goes on")


@pytest.mark.parametrize(("target", "error"), [("oltp", ConfigurationError), ("/nowhere/at/all.jsonl", StorageError)])
def test_a_target_that_cannot_be_is_an_error(target, error):
    with pytest.raises(error, match=r"trac|otlp"), telemetry.tracing(target):
        pass


def test_without_the_extra_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    monkeypatch.delitem(sys.modules, "extractor.telemetry")
    with pytest.raises(MissingExtraError, match=r"pip install 'claim-extractor\[otel\]'"):
        importlib.import_module("extractor.telemetry")


def test_nothing_is_loaded_where_nobody_asks():
    code = "import sys, extractor.cli.main, extractor.pipeline; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
