"""Figures of the service for Prometheus.

Workers share the figures through files of a folder, which prometheus_client reads together for whichever worker is asked; then a
gauge is what each worker last wrote, so the gauges that are read from a function are read anew once a second.
A label never holds text of a client: routes are templates, methods, kinds and outcomes are of fixed sets, models are those that are served.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from extractor._version import __version__
from extractor.requests import Usage

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder that workers share; prometheus_client reads it when it is imported."""

_REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_EXTRACTION_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 300)

_COUNTERS: Final = (
    ("requests", "Requests answered; status 499 means that the client left before the answer.", ("route", "method", "status")),
    ("request_bytes", "Bytes of request bodies read.", ("route",)),
    ("refused", "Requests answered with a problem, by its kind.", ("kind",)),
    ("extractions", "Articles extracted, or not, by what came of it.", ("model", "outcome")),
    ("claims", "Claims found.", ("model",)),
    ("joined", "Articles that were identical to one in work, and so were extracted with it.", ("model",)),
    ("remembered", "Articles answered from memory, without any work.", ("model",)),
    ("model_requests", "Requests sent to models.", ("model",)),
    ("model_tokens", "Tokens that models read and wrote; cached input is part of the input.", ("model", "kind")),
    ("job_articles", "Articles of jobs that are done, by what came of them.", ("outcome",)),
    ("webhooks", "Attempts to deliver a webhook, by what came of them.", ("outcome",)),
)
_HISTOGRAMS: Final = (
    ("request_seconds", "Seconds from a request's headers to the end of its answer.", ("route",), _REQUEST_SECONDS),
    ("extraction_seconds", "Seconds that extracting an article took.", ("model",), _EXTRACTION_SECONDS),
)
_GAUGES: Final = (
    ("extractions_in_flight", "Articles being extracted for requests that wait.", (), "livesum"),
    ("extractions_waiting", "Requests that wait for a place.", (), "livesum"),
    ("extraction_places", "Places there are for articles of requests that wait.", (), "livesum"),
    ("event_streams", "Streams of events that are open.", (), "livesum"),
    ("jobs", "Jobs that are kept, by state; all workers share them.", ("state",), "livemostrecent"),
    ("build_info", "Always 1; the label tells the version.", ("version",), "livemax"),
)
_SHARED: Final = frozenset(name for name, _, _, mode in _GAUGES if mode == "livemostrecent")

_log = logging.getLogger(__name__)


class Meters:
    """What one process counts.

    Args:
        folder: Folder that workers share; None where there is one process.
    """

    def __init__(self, *, folder: str | None = os.environ.get(FOLDER)) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types there
        self._folder = folder
        self._registry = CollectorRegistry()
        own = self._registry if folder is None else None
        self._counters = {name: Counter(f"extractor_{name}", says, labels, registry=own) for name, says, labels in _COUNTERS}
        self._histograms = {
            name: Histogram(f"extractor_{name}", says, labels, buckets=buckets, registry=own) for name, says, labels, buckets in _HISTOGRAMS
        }
        self._gauges = {
            name: Gauge(f"extractor_{name}", says, labels, registry=own, multiprocess_mode=mode)  # type: ignore[arg-type]  # of the table
            for name, says, labels, mode in _GAUGES
        }
        if folder is None:
            ProcessCollector(registry=self._registry)
        else:
            MultiProcessCollector(self._registry, path=folder)  # type: ignore[no-untyped-call]  # the same
        self._watched: list[tuple[Gauge, Callable[[], float]]] = []
        self._shared: list[tuple[Gauge, Callable[[], float]]] = []
        self._gauges["build_info"].labels(version=__version__).set(1)

    def request(self, route: str, method: str, status: int, *, seconds: float, received: int = 0) -> None:
        """Count a request that is over.

        Args:
            route: Template of its path.
            method: Its method, one of a fixed set.
            status: Status of its answer.
            seconds: How long it took in all.
            received: Bytes of its body that were read.
        """
        self._counters["requests"].labels(route, method, str(status)).inc()
        self._histograms["request_seconds"].labels(route).observe(seconds)
        if received:
            self._counters["request_bytes"].labels(route).inc(received)

    def refused(self, kind: str) -> None:
        """Count a problem.

        Args:
            kind: Name of its kind.
        """
        self._counters["refused"].labels(kind).inc()

    def extraction(self, model: str, outcome: str, *, seconds: float, claims: int = 0, usage: Usage | None = None) -> None:
        """Count an article that was extracted, or was not.

        Args:
            model: Name of a model that is served.
            outcome: ``ok``, ``incomplete``, ``failed`` or ``cancelled``, say: one of a fixed set.
            seconds: How long it took.
            claims: How many claims were found.
            usage: What it cost.
        """
        self._counters["extractions"].labels(model, outcome).inc()
        self._histograms["extraction_seconds"].labels(model).observe(seconds)
        self._counters["claims"].labels(model).inc(claims)
        if usage is not None:
            self.usage(model, usage)

    def usage(self, model: str, usage: Usage) -> None:
        """Count what ``model`` cost."""
        self._counters["model_requests"].labels(model).inc(usage.requests)
        kinds = {"input": usage.input_tokens, "cached_input": usage.cached_input_tokens, "output": usage.output_tokens}
        for kind, tokens in kinds.items():
            self._counters["model_tokens"].labels(model, kind).inc(tokens)

    def joined(self, model: str) -> None:
        """Count an article that was extracted together with an identical one."""
        self._counters["joined"].labels(model).inc()

    def remembered(self, model: str) -> None:
        """Count an article that was answered from memory."""
        self._counters["remembered"].labels(model).inc()

    def job_article(self, outcome: str) -> None:
        """Count an article of a job that is done, by what came of it: one of a fixed set of words."""
        self._counters["job_articles"].labels(outcome).inc()

    def webhook(self, outcome: str) -> None:
        """Count an attempt to deliver a webhook, by what came of it: one of a fixed set of words."""
        self._counters["webhooks"].labels(outcome).inc()

    @contextmanager
    def event_stream(self) -> Iterator[None]:
        """Count a stream of events as open while the block runs."""
        gauge = self._gauges["event_streams"]
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()

    def watch(self, name: str, read: Callable[[], float], **labels: str) -> None:
        """Have a gauge tell what ``read`` returns.

        Args:
            name: Name of the gauge, without its prefix: ``extractions_in_flight``, ``jobs``, ...
            read: Returns its value, quickly; called once a second, and for what all workers share only when the figures are asked for.
            labels: Its labels, if it has any.
        """
        gauge = self._gauges[name]
        (self._shared if name in _SHARED else self._watched).append((gauge.labels(**labels) if labels else gauge, read))

    def refresh(self) -> None:
        """Read the values anew that are this process's own."""
        _read(self._watched)

    def text(self) -> bytes:
        """Return all figures in the text format of Prometheus; of all workers, where there are several."""
        _read([*self._watched, *self._shared])
        return generate_latest(self._registry)


def _read(watched: Iterable[tuple[Gauge, Callable[[], float]]]) -> None:
    for gauge, read in watched:
        try:
            gauge.set(read())
        except Exception as error:  # noqa: BLE001  # a figure that cannot be had keeps its last value, and nothing else fails for it
            _log.warning("a figure cannot be read (%s)", type(error).__name__)
