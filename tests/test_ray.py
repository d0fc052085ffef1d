"""Shards by Ray: what a worker makes of a job, with a stand-in for Ray; and where Ray is installed, on a cluster of our own."""

from __future__ import annotations

import builtins
import importlib.util
import os
import pickle
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from extractor._version import __version__
from extractor.batch import ray as adapter
from extractor.batch.ray import Cluster, Ended, run
from extractor.errors import ConfigurationError, MissingExtraError, ReaderError, RunError

INSTALLED = importlib.util.find_spec("ray") is not None
TAKEN = "another process writes to this shard"
needs_ray = pytest.mark.skipif(not INSTALLED, reason="ray is not installed; it is not in the lock (pip install 'claim-extractor[ray]')")


@pytest.fixture
def starts(monkeypatch):
    """Counts starts here, as the actor does in a cluster."""
    counter = adapter._Starts()
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(get=lambda value: value))
    return SimpleNamespace(begin=SimpleNamespace(remote=counter.begin))


def ended(shards, number):
    return pickle.loads(shards.shard({"number": number})["ended"])


def test_a_report_comes_back_under_the_number_of_its_job(starts):
    found = ended(adapter._Shards(["a", "b"], str.upper, 4, starts), 2)
    assert (found.number, found.report, found.error) == (2, "B", None)
    assert found.host
    assert found.seconds >= 0


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (RunError(TAKEN), TAKEN),
        (ReaderError("feed.jsonl is missing"), "feed.jsonl is missing"),
        (ValueError("words of an article"), "a fault of this program (ValueError); run it alone with EXTRACTOR_DEBUG=1 and report it"),
        (MemoryError(), "a fault of this program (MemoryError); run it alone with EXTRACTOR_DEBUG=1 and report it"),
    ],
)
def test_what_a_job_raises_is_told_and_never_raised(starts, fault, told):
    def work(_):
        raise fault

    assert ended(adapter._Shards([1], work, 4, starts), 1).error == told


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(starts):
    begun = []
    shards = adapter._Shards([1, 2], begun.append, 3, starts)
    found = [ended(shards, 1) for _ in range(4)]
    assert begun == [1, 1, 1]
    assert "died 3 times" in found[-1].error
    assert ended(shards, 2).error is None


def test_another_version_on_a_machine_does_nothing(starts):
    begun = []
    found = ended(adapter._Shards([1], begun.append, 4, starts, version="0.0.1"), 1)
    assert not begun
    assert f"claim-extractor {__version__} is installed on {found.host}, and the run is of 0.0.1" in found.error


def test_without_ray_the_command_that_installs_it_is_told(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **named):
        if name.split(".")[0] == "ray":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'claim-extractor\[ray\]'"):
        run([1], str, Cluster())


def test_a_clusters_fault_is_told_by_its_kinds_alone():
    fault = RuntimeError("words of an article")
    fault.__cause__ = OSError("a path")
    assert adapter._kinds(fault) == "RuntimeError, OSError"


def trouble(job):
    """Do what the job says, and leave a mark for every try."""
    folder, order = job
    with (Path(folder) / order).open("a") as marks:
        marks.write("x")
        marks.flush()
        if order == "die" or (order == "die once" and marks.tell() == 1):
            os.kill(os.getpid(), signal.SIGKILL)
    if order == "raise":
        raise ValueError(order)
    if order == "refuse":
        raise RunError(TAKEN)
    return order.upper()


@needs_ray
@pytest.mark.filterwarnings("ignore")  # Ray's own, of its own settings and files
def test_every_job_ends_in_a_report_or_an_error_whatever_befalls_its_worker(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # workers import what is to be done by its name
    orders = ["work", "die once", "die", "raise", "refuse", "work again"]
    told: list[tuple[Ended[str], int, int]] = []
    found = run([(str(tmp_path), order) for order in orders], trouble, Cluster(tries=2), lambda *news: told.append(news))
    assert [one.number for one in found] == [1, 2, 3, 4, 5, 6]
    assert [one.report for one in found] == ["WORK", "DIE ONCE", None, None, None, "WORK AGAIN"]
    assert "died 2 times" in found[2].error
    assert "ValueError" in found[3].error
    assert found[4].error == TAKEN
    assert [(done, of) for _, done, of in told] == [(number, 6) for number in range(1, 7)]
    assert {order: len((tmp_path / order).read_text()) for order in orders} == dict(zip(orders, [1, 2, 2, 1, 1, 1], strict=True))


@needs_ray
@pytest.mark.filterwarnings("ignore")
def test_a_job_too_large_for_every_machine_is_told(monkeypatch):
    with pytest.raises(ConfigurationError, match="no machine of the cluster has so many"):
        run([1], str, Cluster(cpus=1e6))


@needs_ray
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_not_there_is_told():
    with pytest.raises(RunError, match=r"the cluster 127\.0\.0\.1:1 cannot be used"):
        run([1], str, Cluster(address="127.0.0.1:1"))
