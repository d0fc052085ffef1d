"""A folder with everything that one fault needs: the command as a process of its own, and its results as anybody finds them."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

_LONGEST: Final = 300.0
"""Seconds after which a batch that was to end counts as hung."""
_STEP: Final = 0.02


class UnexpectedError(Exception):
    """The batch behaved otherwise than it should; the message says how."""


def expect(truth: object, message: str) -> None:
    """Raise UnexpectedError with ``message`` unless ``truth`` holds."""
    if not truth:
        raise UnexpectedError(message)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a batch ended.

    Attributes:
        code: Exit code; minus the signal where one killed it.
        told: What it wrote on standard error.
        seconds: Wall time since it was started.
        rss: Most memory it held, in bytes.
    """

    code: int
    told: str
    seconds: float
    rss: int


class Batch:
    """A batch on its way, in a process of its own.

    Args:
        command: Its words.
        environment: All of its variables.
        log: Where its standard error goes.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as file:
            self._began = time.monotonic()
            self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=file, start_new_session=True)  # noqa: S603  # our own command
        self._ended: Ended | None = None

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def told(self) -> str:
        """What it has written on standard error so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.ended() is None:
            os.kill(self.pid, number)

    def ended(self) -> Ended | None:
        """Return how it ended, or None while it runs."""
        if self._ended is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self._process.returncode = code
                self._ended = Ended(code, self.told, time.monotonic() - self._began, usage.ru_maxrss * 1024)
        return self._ended

    def wait(self, seconds: float = _LONGEST) -> Ended:
        """Wait until it ends.

        Raises:
            UnexpectedError: It does not within ``seconds``; it is killed then.
        """
        until = time.monotonic() + seconds
        while (ended := self.ended()) is None:
            if time.monotonic() > until:
                self.kill()
                msg = f"it was still running after {seconds:g} s and said: {self.told[-300:]}"
                raise UnexpectedError(msg)
            time.sleep(_STEP)
        return ended

    def kill(self) -> Ended:
        """Kill it as a power cut would, and wait for it."""
        self.send(signal.SIGKILL)
        while (ended := self.ended()) is None:
            time.sleep(_STEP)
        return ended

    def left(self, seconds: float = 5.0) -> list[int]:
        """Return the processes that it started and that are still there after ``seconds``, once it has ended."""
        until = time.monotonic() + seconds
        while (found := _of_session(self.pid)) and time.monotonic() < until:
            time.sleep(0.1)
        return found


def _of_session(number: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            cells = path.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
            if int(cells[3]) == number and cells[0] != "Z":
                found.append(int(path.parent.name))
    return found


class Results:
    """The folder of a batch, read as anybody would.

    Args:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def manifests(self) -> list[dict[str, Any]]:
        """The manifest of each shard."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.folder.glob("run*.json"))]

    @cached_property
    def counts(self) -> Counter[str]:
        """The manifests' counts, summed."""
        return sum((Counter(manifest["counts"]) for manifest in self.manifests), Counter())

    @cached_property
    def failures(self) -> list[dict[str, Any]]:
        """The dead letters; a line that is not whole yet is left out."""
        found = []
        for path in sorted(self.folder.glob("failures*.jsonl")):
            found += [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
        return found

    @cached_property
    def lost(self) -> Counter[str]:
        """The dead letters by class of the error."""
        return Counter(failure["error"] for failure in self.failures)

    @cached_property
    def rows(self) -> list[tuple[str, str]]:
        """Key and document id of each finished article, in sealed parts and open ones."""
        import pyarrow.parquet as pq

        found: list[tuple[str, str]] = []
        for name in self._sealed:
            table = pq.read_table(self.folder / f"articles-{name}.parquet", columns=["key", "document_id"])
            keys = (key.hex() if isinstance(key, bytes) else str(key) for key in table["key"].to_pylist())
            found += zip(keys, table["document_id"].to_pylist(), strict=True)
        for cells in self._open_lines():
            found.append((cells[1].decode(), json.loads(cells[-1])["document"]["id"]))
        return found

    @cached_property
    def extractions(self) -> list[dict[str, Any]]:
        """The extraction of each finished article."""
        import zstandard

        found = []
        for name in self._sealed:
            with (self.folder / f"extractions-{name}.jsonl.zst").open("rb") as file:
                found += [json.loads(line) for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")]
        return found + [json.loads(cells[-1]) for cells in self._open_lines()]

    @property
    def _sealed(self) -> list[str]:
        """Names of the sealed parts: the extractions are what is named last."""
        return sorted(
            path.name.removeprefix("extractions-").removesuffix(".jsonl.zst") for path in self.folder.glob("extractions-*.jsonl.zst")
        )

    def _open_lines(self) -> Iterator[list[bytes]]:
        """Yield the cells of the whole lines of open parts."""
        for path in sorted(self.folder.glob("part-*.tsv")):
            if path.stem.removeprefix("part-") not in self._sealed:
                yield from (line.split(b"\t") for line in path.read_bytes().split(b"\n")[:-1])

    @property
    def keys(self) -> set[str]:
        """Keys of the finished articles."""
        return {key for key, _ in self.rows}

    def reconcile(self, *, inputs: int | None = None) -> None:
        """Hold the manifest, the results and the dead letters against each other.

        Args:
            inputs: How many entries there must be.

        Raises:
            UnexpectedError: They differ.
        """
        counts = self.counts
        parts = {name: counts[name] for name in ("done", "failed", "pending", "repeated")}
        expect(counts["inputs"] == sum(parts.values()), f"{counts['inputs']} inputs are not the sum of {parts}")
        expect(inputs is None or counts["inputs"] == inputs, f"{counts['inputs']} inputs are counted, not {inputs}")
        expect(len(self.rows) == counts["done"], f"{counts['done']} are counted as done, and {len(self.rows)} are there")
        expect(len(self.failures) == counts["failed"], f"{counts['failed']} are counted as failed, {len(self.failures)} dead letters there")
        both = self.keys & {str(failure["key"]) for failure in self.failures}
        expect(not both, f"{len(both)} articles are both finished and failed")
        self.unique()

    def unique(self) -> None:
        """Raise UnexpectedError if an article is there twice."""
        for what, found in (("key", [key for key, _ in self.rows]), ("document id", [document for _, document in self.rows])):
            twice = [one for one, times in Counter(found).items() if times > 1]
            expect(not twice, f"{len(twice)} articles are there twice by their {what}")


@dataclass(slots=True)
class Workshop:
    """Where one fault is injected.

    Attributes:
        folder: Its own, empty folder.
        server: Address of the server that the batch asks, up to ``/v1``.
    """

    folder: Path
    server: str = "http://127.0.0.1:9/v1"
    _logs: int = 0

    @property
    def out(self) -> Path:
        """The folder of the batch's results."""
        return self.folder / "out"

    @property
    def results(self) -> Results:
        """What is in it now."""
        return Results(self.out)

    def start(
        self,
        *inputs: Path,
        options: Sequence[str] = (),
        before: Sequence[str] = (),
        out: Path | None = None,
        **environment: str,
    ) -> Batch:
        """Start a batch over ``inputs``.

        Args:
            inputs: Files and folders.
            options: Further words of the command.
            before: Words put before the command, for example ``prlimit``.
            out: Another folder of results.
            environment: Further variables.
        """
        self._logs += 1
        words = [sys.executable, "-m", "extractor", "batch", *map(str, inputs), "--out", str(out or self.out), "--model", "mock", *options]
        known = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "EXTRACTOR_BASE_URL": self.server,
            "EXTRACTOR_CACHE_DIR": str(self.folder / "cache"),
            "EXTRACTOR_DEADLINE": "60",
        }
        return Batch([*before, *words], known | environment, self.folder / f"log-{self._logs}.txt")

    def run(self, *inputs: Path, seconds: float = _LONGEST, **options: Any) -> Ended:
        """Start a batch and wait until it ends; see ``start``."""
        return self.start(*inputs, **options).wait(seconds)
