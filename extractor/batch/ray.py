"""Shards on more than one machine, by Ray Data.

Ray carries jobs out and reports back, and nothing else: no article and no result passes through it. A shard keeps its own
files in the shared folder and goes on where it stood, so one whose worker died is simply begun anew, on whatever machine is
left. Jobs and reports are values that can be pickled; all machines have the same version of this package.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from extractor._version import __version__
from extractor.errors import ConfigurationError, ExtractorError, MissingExtraError, RunError

Job = TypeVar("Job")
Report = TypeVar("Report")

_log = logging.getLogger(__name__)
_MISSING: Final = "the part for clusters is not installed; install it with: pip install 'claim-extractor[ray]'"
_OBJECTS: Final = 100 * 2**20
"""Bytes of shared memory for what passes through Ray on a machine of our own; jobs and reports are a few kilobytes."""
_PATIENCE: Final = 10.0
"""Seconds that a cluster has to answer."""
_SAFE: Final = {"RAY_AUTH_MODE": "token", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
"""Set before Ray is loaded for a cluster of our own, where the user has not: nobody else may send it work, it listens on loopback alone
(which Ray does where it takes clusters of machines to be impossible, as on Windows), and it tells nobody of it."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where jobs run.

    Attributes:
        address: ``host:port`` or ``ray://host:port`` of a cluster, ``auto`` for the one this machine belongs to; None starts one on this
            machine alone and ends it afterwards.
        parallel: Jobs at once; by default one for each processor.
        cpus: Processors that Ray holds back for a job. A job mostly waits for its model's server, and where jobs hold back whole
            processors, Ray Data may wait for one forever without a word (ray-project/ray#44687).
        tries: How often a job is begun whose worker dies.
    """

    address: str | None = None
    parallel: int | None = None
    cpus: float = 0.25
    tries: int = 4


@dataclass(frozen=True, slots=True)
class Ended(Generic[Report]):
    """What came of one job.

    Attributes:
        number: Its place among the jobs, from 1.
        report: What its work returned; None where it did not end well.
        error: Why it did not, in a sentence.
        host: Machine that it ended on.
        seconds: Wall time of its last try.
    """

    number: int
    report: Report | None = None
    error: str | None = None
    host: str = ""
    seconds: float = 0.0


Watch = Callable[[Ended[Any], int, int], None]
"""Told of each job as it ends, how many have, and how many there are."""


def run(jobs: Sequence[Job], work: Callable[[Job], Report], cluster: Cluster, watch: Watch | None = None) -> list[Ended[Report]]:
    """Return what came of each of ``jobs``, in their order; blocks until all have ended.

    Args:
        jobs: What is to be done; each must be safe to begin anew where its worker died.
        work: Does one, in a worker. What it raises is told as the job's error.
        cluster: Where.
        watch: Told of each as it ends.

    Raises:
        ConfigurationError: No machine of the cluster is large enough for a job.
        MissingExtraError: Ray is not installed.
        RunError: The cluster cannot be reached, or broke down as a whole.
    """
    ended: list[Ended[Report]] = []
    with _connected(cluster) as data:
        dataset = _dataset(data, jobs, work, cluster)
        try:
            for row in dataset.iter_rows():
                ended.append(pickle.loads(row["ended"]))  # noqa: S301  # from our own workers, over Ray's own channel
                if watch is not None:
                    watch(ended[-1], len(ended), len(jobs))
        except Exception as error:
            msg = (
                f"the cluster broke down ({_kinds(error)}); see that every machine is up and has this package, "
                "then run the same command again: what is finished is not done again"
            )
            raise RunError(msg) from error
    return sorted(ended, key=lambda one: one.number)


def end() -> None:
    """End what runs, if anything does: ``run`` then raises. Every job is safe to begin anew."""
    ray = sys.modules.get("ray")
    if ray is not None and ray.is_initialized():
        ray.shutdown()


class _Starts:
    """Counts, at one place of the cluster, how often each job was begun: left alone, Ray Data begins anew forever."""

    def __init__(self) -> None:
        self._found: Counter[int] = Counter()

    def begin(self, number: int) -> int:
        """Return which start of the job this is, from 1."""
        self._found[number] += 1
        return self._found[number]


@dataclass(frozen=True, slots=True)
class _Shards(Generic[Job, Report]):
    """What Ray has in a worker: the jobs, and how one is done. Raises nothing: an exception would take the whole data set with it."""

    jobs: Sequence[Job]
    work: Callable[[Job], Report]
    tries: int
    starts: Any
    version: str = __version__

    def shard(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the row of the job that ``row`` names."""
        return {"ended": pickle.dumps(self._ended(int(row["number"])))}

    def _ended(self, number: int) -> Ended[Report]:
        import ray

        host, began = socket.gethostname(), time.monotonic()
        report, error = None, None
        try:
            if self.version != __version__:
                error = (
                    f"claim-extractor {__version__} is installed on {host}, and the run is of {self.version}; install the same everywhere"
                )
            elif ray.get(self.starts.begin.remote(number)) > self.tries:
                error = f"its worker died {self.tries} times; look for its end in Ray's logs, then run the same command again"
            else:
                report = self.work(self.jobs[number - 1])
        except ExtractorError as fault:
            error = str(fault)
        except Exception as fault:  # noqa: BLE001  # whatever it is, it is this job's alone
            _log.debug("job %d failed", number, exc_info=True)
            error = f"a fault of this program ({type(fault).__name__}); run it alone with EXTRACTOR_DEBUG=1 and report it"
        return Ended(number, report, error, host, time.monotonic() - began)


def _dataset(data: Any, jobs: Sequence[Job], work: Callable[[Job], Report], cluster: Cluster) -> Any:
    """Return the data set of what comes of the jobs: one job is one row, one block and one task."""
    import ray

    processors = [node["Resources"].get("CPU", 0.0) for node in ray.nodes() if node["Alive"]]
    if max(processors, default=0.0) < cluster.cpus:
        msg = f"a job needs {cluster.cpus:g} processors, and no machine of the cluster has so many; ask for fewer"
        raise ConfigurationError(msg)
    starts = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Starts).remote()
    return data.from_items([{"number": number} for number in range(1, len(jobs) + 1)], override_num_blocks=len(jobs)).map(
        _Shards(jobs, work, cluster.tries, starts).shard,
        num_cpus=cluster.cpus,
        compute=data.TaskPoolStrategy(size=min(len(jobs), cluster.parallel or max(1, int(sum(processors))))),
    )


@contextmanager
def _connected(cluster: Cluster) -> Iterator[Any]:
    """Yield Ray Data, connected; a cluster of our own ends with it."""
    # Ray, once loaded, has read its settings, and would wait forever for servers that have others.
    if cluster.address is None and "ray" not in sys.modules:
        for name, value in _SAFE.items():
            os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError(_MISSING) from error
    own = {"include_dashboard": False, "object_store_memory": _OBJECTS} if cluster.address is None else {}
    try:
        _knock(cluster.address or "auto")
        ray.init(address=cluster.address or "local", logging_level=logging.ERROR, **own)
    except Exception as error:
        where = f"the cluster {cluster.address}" if cluster.address else "a cluster on this machine"
        msg = f"{where} cannot be used ({_kinds(error)}); check its address, that it runs, and its RAY_AUTH_MODE and token"
        raise RunError(msg) from error
    log = logging.getLogger("ray.data")
    level = log.level
    try:
        log.setLevel(logging.CRITICAL)  # it prints tracebacks of what is raised as well
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        yield ray.data
    finally:
        log.setLevel(level)
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise an OSError where nothing listens at ``address``: Ray itself waits for minutes, without a word."""
    where = urlsplit(address if "://" in address else f"ray://{address}")
    if where.hostname and where.port:
        socket.create_connection((where.hostname, where.port), timeout=_PATIENCE).close()


def _kinds(error: BaseException) -> str:
    """Return the classes of an error and its causes; their words may quote what was being done."""
    cause = getattr(error, "cause", None) or error.__cause__
    return type(error).__name__ + (f", {_kinds(cause)}" if isinstance(cause, BaseException) and cause is not error else "")
