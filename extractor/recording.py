"""What an extractor does, as OpenTelemetry spans and metrics by the conventions for generative AI; never any text.

Each article is a span ``extract``. In it, each request that went out is a span ``chat {model}``: it begins with the first
send, covers all retries, and ends with the answer or the last error. A remembered answer, and one shared with another
article, is no call: it has no span and no metric. Neither messages, answers nor the wording of errors are recorded, and no
option changes that.

Names are those of v0.1.0 of open-telemetry/semantic-conventions-genai (docs/gen-ai/client-inference.md and
gen-ai-token-metrics.md), whose status is Development: all of them stand in one table here.

Importing this module needs the extra ``otel``; nothing else imports it unless somebody asks for a trace.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from extractor._version import __version__
from extractor.documents import Document
from extractor.errors import MissingExtraError, ProviderError
from extractor.exchange import Completing
from extractor.extraction import Extract, Extraction
from extractor.providers.base import Provider
from extractor.requests import Completion, Request, Usage

MISSING: Final = "tracing needs OpenTelemetry, which is not installed; run: pip install 'claim-extractor[otel]'"

try:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider
except ImportError as error:
    raise MissingExtraError(MISSING) from error

SERVICE: Final = "claim-extractor"
"""What the service, and whoever makes the records, is called."""


class _Name:
    """Names of spans, attributes and metrics: those of the conventions, then our own."""

    CHAT = "chat"
    OPERATION = "gen_ai.operation.name"
    PROVIDER = "gen_ai.provider.name"
    MODEL = "gen_ai.request.model"
    MAX_TOKENS = "gen_ai.request.max_tokens"
    OUTPUT = "gen_ai.output.type"
    FINISH = "gen_ai.response.finish_reasons"
    INPUT_TOKENS = "gen_ai.usage.input_tokens"
    CACHE_READ_TOKENS = "gen_ai.usage.cache_read.input_tokens"
    OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
    ADDRESS = "server.address"
    PORT = "server.port"
    ERROR = "error.type"
    MODALITY = "gen_ai.token.modality"
    DURATION = "gen_ai.client.inference.duration"
    INPUT_USAGE = "gen_ai.client.inference.usage.input_tokens"
    CACHE_READ_USAGE = "gen_ai.client.inference.usage.cache_read.input_tokens"
    OUTPUT_USAGE = "gen_ai.client.inference.usage.output_tokens"

    EXTRACT = "extract"
    ATTEMPTS = "claim_extractor.attempts"
    DOCUMENT = "claim_extractor.document.id"
    LENGTH = "claim_extractor.document.length"
    SENTENCES = "claim_extractor.document.sentences"
    WINDOWS = "claim_extractor.windows"
    FAILED = "claim_extractor.windows.failed"
    CLAIMS = "claim_extractor.claims"
    REJECTIONS = "claim_extractor.rejections"
    REQUESTS = "claim_extractor.requests"
    OUTCOME = "claim_extractor.outcome"
    ARTICLES = "claim_extractor.articles"


_SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Bounds of the duration's buckets, as the conventions have them."""
_LONGEST_ID: Final = 200
"""Most characters of a document's id: a user may give an archive's own, of any length."""
_NO_ANSWER: Final = ("error",)
"""Finish reasons of a request without an answer."""
_PROVIDERS: Final = {
    "openai.azure.com": "azure.ai.openai",
    "amazonaws.com": "aws.bedrock",
    "anthropic.com": "anthropic",
    "cohere.ai": "cohere",
    "cohere.com": "cohere",
    "deepseek.com": "deepseek",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "groq.com": "groq",
    "mistral.ai": "mistral_ai",
    "moonshot.ai": "moonshot_ai",
    "moonshot.cn": "moonshot_ai",
    "perplexity.ai": "perplexity",
    "x.ai": "x_ai",
}
"""Providers that the conventions name, by the ends of their servers' names; whoever else speaks OpenAI's language counts as OpenAI."""
_EMBEDDED: Final = "llama_cpp"
"""Provider of a model in our own process."""

Attributes = Mapping[str, Any]


@dataclass(slots=True)
class _Call:
    """A request on its way.

    Attributes:
        sends: How often it was sent.
        began: When it was first, in nanoseconds of the wall clock; spans are stamped so.
        clock: The same in seconds of the monotonic clock, which durations are taken from.
    """

    sends: int = 0
    began: int = 0
    clock: float = 0.0


_CALL: ContextVar[_Call | None] = ContextVar("call", default=None)
"""The call that the present task is making; tells the provider's wrapper whose send it sees."""


class Sends:
    """A provider whose sends are noted, so that time spent waiting to be let out is no part of a call's.

    Args:
        provider: The one that sends.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @property
    def endpoint(self) -> str:
        """Who answers."""
        return self._provider.endpoint

    async def prepare(self, request: Request) -> None:
        """Make ready to answer."""
        await self._provider.prepare(request)

    async def complete(self, request: Request) -> Completion:
        """Send ``request`` once and return the answer."""
        call = _CALL.get()
        if call is not None:
            call.sends += 1
            if call.sends == 1:
                call.began, call.clock = time.time_ns(), time.monotonic()
        return await self._provider.complete(request)

    async def aclose(self) -> None:
        """Close the provider."""
        await self._provider.aclose()


class Traced:
    """An exchange whose calls are recorded. Its provider must be wrapped too: what sends nothing is no call.

    Args:
        exchange: What answers.
        tracing: What records.
    """

    def __init__(self, exchange: Completing, tracing: Tracing) -> None:
        self._exchange = exchange
        self._tracing = tracing

    @property
    def provider(self) -> Provider:
        """Who answers what is not remembered."""
        return self._exchange.provider

    async def complete(self, request: Request) -> Completion:
        """Return the answer to ``request``, and record what it took.

        Raises:
            ProviderError: There is no answer.
        """
        call = _Call()
        token = _CALL.set(call)
        result: Completion | BaseException | None = None
        try:
            result = await self._exchange.complete(request)
        except BaseException as error:
            result = error
            raise
        else:
            return result
        finally:
            _CALL.reset(token)
            if call.sends and result is not None:
                self._tracing.called(request, call, result)

    async def aclose(self) -> None:
        """Close the exchange."""
        await self._exchange.aclose()


class Tracing:
    """Records articles and calls.

    Args:
        tracers: Where spans go.
        meters: Where metrics go.
    """

    def __init__(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        self._tracer = tracers.get_tracer(SERVICE, __version__)
        meter = meters.get_meter(SERVICE, __version__)
        self._duration = meter.create_histogram(
            _Name.DURATION, "s", "Time from the first send to the answer", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._usage = {
            _Name.INPUT_USAGE: meter.create_counter(_Name.INPUT_USAGE, "{token}", "Tokens read by the model"),
            _Name.CACHE_READ_USAGE: meter.create_counter(_Name.CACHE_READ_USAGE, "{token}", "Those the provider had already read"),
            _Name.OUTPUT_USAGE: meter.create_counter(_Name.OUTPUT_USAGE, "{token}", "Tokens written by the model"),
        }
        self._articles = meter.create_counter(_Name.ARTICLES, "{article}", "Articles taken through the pipeline")
        self._claims = meter.create_counter(_Name.CLAIMS, "{claim}", "Claims found")

    def provider(self, provider: Provider) -> Sends:
        """Return ``provider`` with its sends noted; to be given to the exchange that is recorded."""
        return Sends(provider)

    def exchange(self, exchange: Completing) -> Traced:
        """Return ``exchange`` with its calls recorded."""
        return Traced(exchange, self)

    def articles(self, extract: Extract) -> Extract:
        """Return ``extract`` with each article recorded: its id and what came of it in numbers."""

        async def traced(document: Document, source: str) -> Extraction:
            identity: Attributes = {_Name.DOCUMENT: document.id[:_LONGEST_ID], _Name.LENGTH: len(document.text)}
            # Nothing is left to the SDK, which would record an error's message and stack.
            with self._tracer.start_as_current_span(
                _Name.EXTRACT, attributes=identity, record_exception=False, set_status_on_exception=False
            ) as span:
                try:
                    extraction = await extract(document, source)
                except BaseException as error:
                    self._ended(span, "failed", type(error).__name__)
                    raise
                self._extracted(span, extraction)
                return extraction

        return traced

    def called(self, request: Request, call: _Call, result: Completion | BaseException) -> None:
        """Record a request that was sent, and what came of it."""
        seconds = time.monotonic() - call.clock
        common = {_Name.OPERATION: _Name.CHAT, _Name.MODEL: request.model, **_server(request.endpoint)}
        answer = result if isinstance(result, Completion) else None
        ended = {} if answer is not None else {_Name.ERROR: type(result).__name__}
        # Made when it is over, since only then is it known for a call; it ends at the time that its duration says.
        span = self._tracer.start_span(
            f"{_Name.CHAT} {request.model}",
            kind=SpanKind.CLIENT,
            start_time=call.began,
            attributes={
                **common,
                **ended,
                _Name.MAX_TOKENS: request.max_tokens,
                _Name.OUTPUT: "json" if "response_format" in request.constraint else "text",
                _Name.FINISH: (answer.finish_reason,) if answer is not None else _NO_ANSWER,
                _Name.ATTEMPTS: call.sends,
                **(_tokens(answer.usage) if answer is not None else {}),
            },
        )
        if answer is None:
            span.set_status(StatusCode.ERROR)
        span.end(call.began + int(seconds * 1e9))
        self._duration.record(seconds, {**common, **ended})
        usage = answer.usage if answer is not None else Usage()
        counted = {**common, _Name.MODALITY: "text" if answer is not None else "unknown"}
        self._usage[_Name.INPUT_USAGE].add(usage.input_tokens, counted)
        self._usage[_Name.CACHE_READ_USAGE].add(usage.cached_input_tokens, counted)
        self._usage[_Name.OUTPUT_USAGE].add(usage.output_tokens, counted)

    def _extracted(self, span: Span, extraction: Extraction) -> None:
        failed = [window for window in extraction.windows if window.outcome == "failed"]
        span.set_attributes(
            {
                _Name.SENTENCES: extraction.document.sentences,
                _Name.WINDOWS: len(extraction.windows),
                _Name.FAILED: len(failed),
                _Name.CLAIMS: len(extraction.claims),
                _Name.REJECTIONS: len(extraction.rejections),
                _Name.REQUESTS: extraction.usage.requests,
                **_tokens(extraction.usage),
            }
        )
        self._claims.add(len(extraction.claims))
        if failed:
            self._ended(span, "failed", failed[0].error or ProviderError.__name__)
        else:
            self._ended(span, "ok" if extraction.complete else "partial", None)

    def _ended(self, span: Span, outcome: str, error: str | None) -> None:
        ended = {_Name.OUTCOME: outcome} | ({_Name.ERROR: error} if error is not None else {})
        span.set_attributes(ended)
        if error is not None:
            span.set_status(StatusCode.ERROR)
        self._articles.add(1, ended)


def _tokens(usage: Usage) -> Attributes:
    return {
        _Name.INPUT_TOKENS: usage.input_tokens,
        _Name.CACHE_READ_TOKENS: usage.cached_input_tokens,
        _Name.OUTPUT_TOKENS: usage.output_tokens,
    }


@lru_cache(maxsize=64)
def _server(endpoint: str) -> Attributes:
    """Return who answers at ``endpoint``: its name by the conventions, and its address where it has one."""
    url = urlsplit("https://api.openai.com" if endpoint == "openai" else endpoint)
    if not url.hostname:
        return {_Name.PROVIDER: _EMBEDDED}
    found = [name for end, name in _PROVIDERS.items() if f".{url.hostname}".endswith(f".{end}")]
    port = url.port or (80 if url.scheme == "http" else 443)
    return {_Name.PROVIDER: found[0] if found else "openai", _Name.ADDRESS: url.hostname, _Name.PORT: port}
