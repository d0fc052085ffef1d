"""The figures that Prometheus reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from service_stub import ROOT

from extractor.errors import StorageError
from extractor.requests import Usage
from extractor.service.meters import FOLDER, Meters


def _values(text: bytes) -> dict[tuple[str, ...], float]:
    """Return each value by its name and labels, as Prometheus reads them."""
    families = text_string_to_metric_families(text.decode())
    return {(sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value for f in families for sample in f.samples}


def test_what_is_counted_is_told() -> None:
    meters = Meters(folder=None)
    meters.request("/v1/extract", "POST", 200, seconds=0.2, received=100)
    meters.refused("overloaded")
    meters.extraction("m", "ok", seconds=3.0, claims=4, usage=Usage(requests=2, input_tokens=10, cached_input_tokens=3, output_tokens=5))
    meters.extraction("m", "failed", seconds=1.0)
    meters.joined("m")
    meters.remembered("m")
    meters.job_article("ok")
    meters.webhook("delivered")
    found = _values(meters.text())
    for key, value in {
        ("extractor_requests_total", "POST", "/v1/extract", "200"): 1,
        ("extractor_request_bytes_total", "/v1/extract"): 100,
        ("extractor_request_seconds_bucket", "0.1", "/v1/extract"): 0,
        ("extractor_request_seconds_bucket", "0.25", "/v1/extract"): 1,
        ("extractor_refused_total", "overloaded"): 1,
        ("extractor_extractions_total", "m", "ok"): 1,
        ("extractor_extractions_total", "m", "failed"): 1,
        ("extractor_extraction_seconds_sum", "m"): 4,
        ("extractor_claims_total", "m"): 4,
        ("extractor_model_requests_total", "m"): 2,
        ("extractor_model_tokens_total", "input", "m"): 10,
        ("extractor_model_tokens_total", "cached_input", "m"): 3,
        ("extractor_model_tokens_total", "output", "m"): 5,
        ("extractor_joined_total", "m"): 1,
        ("extractor_remembered_total", "m"): 1,
        ("extractor_job_articles_total", "ok"): 1,
        ("extractor_webhooks_total", "delivered"): 1,
    }.items():
        assert found[key] == value, key


def test_every_figure_is_explained_and_named_alike() -> None:
    families = list(text_string_to_metric_families(Meters(folder=None).text().decode()))
    assert len(families) > 15
    for family in families:
        assert family.documentation.endswith((".", "version.")) or family.name.startswith("process_"), family.name
        assert family.name.startswith(("extractor_", "process_"))
    assert not any(family.name.endswith("_created") for family in families)


def test_a_gauge_is_read_when_it_is_asked_for() -> None:
    meters, waiting = Meters(folder=None), [1]
    meters.watch("extractions_waiting", lambda: len(waiting))
    meters.watch("jobs", lambda: 7, state="queued")
    waiting.append(2)
    found = _values(meters.text())
    assert found["extractor_extractions_waiting",] == 2
    assert found["extractor_jobs", "queued"] == 7


def test_a_gauge_that_cannot_be_read_keeps_its_value_and_fails_nobody() -> None:
    meters, fails = Meters(folder=None), [False]

    def read() -> float:
        if fails[0]:
            msg = "the jobs cannot be read"
            raise StorageError(msg)
        return 3

    meters.watch("jobs", read, state="done")
    meters.text()
    fails[0] = True
    assert _values(meters.text())["extractor_jobs", "done"] == 3


def test_streams_are_open_while_they_are() -> None:
    meters = Meters(folder=None)

    def failing() -> None:
        with meters.event_stream(), meters.event_stream():
            assert _values(meters.text())["extractor_event_streams",] == 2
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert _values(meters.text())["extractor_event_streams",] == 0


WORKER = """
import os
from extractor.service.meters import Meters
meters = Meters()
meters.watch("extractions_in_flight", lambda: 2)
meters.watch("jobs", lambda: 5, state="queued")
meters.request("/livez", "GET", 200, seconds=0.01)
meters.refresh()
print(os.getpid())
print(meters.text().decode())
"""


def test_workers_tell_the_figures_of_all(tmp_path: Path) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    def worker() -> tuple[int, dict[tuple[str, ...], float]]:
        environment = {**os.environ, FOLDER: str(tmp_path), "PYTHONPATH": str(ROOT)}
        said = subprocess.run([sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        pid, _, text = said.partition("\n")
        return int(pid), _values(text.encode())

    first, alone = worker()
    _, both = worker()
    count, busy, jobs = (
        ("extractor_requests_total", "GET", "/livez", "200"),
        ("extractor_extractions_in_flight",),
        ("extractor_jobs", "queued"),
    )
    assert (alone[count], alone[busy], alone[jobs]) == (1, 2, 5)
    assert (both[count], both[busy], both[jobs]) == (2, 4, 5), "jobs are the same for all workers"
    mark_process_dead(first, str(tmp_path))
    _, later = worker()
    assert (later[count], later[busy]) == (3, 4), "what a dead worker counted stays; what it did has ended"
