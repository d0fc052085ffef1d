"""Where records of what an extractor does go: to a collector, to the console, or to a file.

What is recorded, and what never is, is in ``extractor.recording``. Importing this module needs the extra ``otel``; nothing
else imports it unless somebody asks for a trace.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Final

from extractor._version import __version__
from extractor.errors import ConfigurationError, MissingExtraError, StorageError
from extractor.recording import MISSING, SERVICE, Tracing

try:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricExporter, PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
except ImportError as error:
    raise MissingExtraError(MISSING) from error

__all__ = ["Tracing", "tracing"]

_log = logging.getLogger(__name__)
_PATIENCE: Final = 5.0
"""Seconds that the last records are given to be sent."""


@contextmanager
def tracing(target: str) -> Iterator[Tracing]:
    """Yield what records to ``target``, and send what is left at the end; a target that fails costs records, never a run.

    Args:
        target: ``otlp`` for a collector, found by the standard OTEL_* variables; ``console`` for standard error; else a file, which JSON
            lines are added to.

    Raises:
        ConfigurationError: The target is a misspelt word.
        StorageError: The file cannot be written.
    """
    make = _TARGETS.get(target, _file)
    with make(target) as (spans, metrics):
        # What the environment says of the service wins.
        resource = Resource({"service.name": SERVICE, "service.version": __version__}).merge(OTELResourceDetector().detect())
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(spans))
        meters = MeterProvider([PeriodicExportingMetricReader(metrics)], resource=resource, shutdown_on_exit=False)
        with _told_once():
            try:
                yield Tracing(tracers, meters)
            finally:
                # An exporter that is shut down drops what is left; the SDK alone would try a collector that is gone for a minute.
                timers = [Timer(_PATIENCE, exporter.shutdown) for exporter in (spans, metrics)]
                for timer in timers:
                    timer.start()
                tracers.shutdown()
                meters.shutdown()
                for timer in timers:
                    timer.cancel()


class _Telling(logging.Handler):
    """Says the first fault of the SDK in a sentence, instead of each with its stack."""

    told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of ``record`` unless something was told already."""
        if not self.told:
            self.told = True
            _log.warning("records of the trace are lost, the run goes on (%s)", record.getMessage()[:300])


@contextmanager
def _told_once() -> Iterator[None]:
    logger, telling = logging.getLogger("opentelemetry"), _Telling(logging.WARNING)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(telling)
    try:
        yield
    finally:
        logger.removeHandler(telling)
        logger.propagate = propagate


_Exporters = tuple[SpanExporter, MetricExporter]


@contextmanager
def _otlp(_: str) -> Iterator[_Exporters]:
    yield OTLPSpanExporter(), OTLPMetricExporter()


@contextmanager
def _console(_: str) -> Iterator[_Exporters]:
    yield _lines(sys.stderr)


@contextmanager
def _file(target: str) -> Iterator[_Exporters]:
    path = Path(target)
    if not path.suffix:
        msg = f"'{target}' is neither otlp nor console, and no file with an ending; name a file like trace.jsonl"
        raise ConfigurationError(msg)
    try:
        stream = path.open("a", encoding="utf-8")
    except OSError as error:
        msg = f"the trace cannot be written to {path}: {error.strerror}; name another file"
        raise StorageError(msg) from error
    with stream:
        yield _lines(stream)


_TARGETS: Final = {"otlp": _otlp, "console": _console}


def _lines(stream: IO[str]) -> _Exporters:
    return (
        ConsoleSpanExporter(out=stream, formatter=lambda span: f"{span.to_json(indent=None)}\n"),
        ConsoleMetricExporter(out=stream, formatter=lambda metrics: f"{metrics.to_json(indent=None)}\n"),
    )
