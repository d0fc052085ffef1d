"""Starting and asking the mock.

``python -m benchmarks.mock.server latency_ms=200 mix=500=0.02,hang=0.01`` runs one until it is interrupted, then prints what it counted.
"""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from .articles import known

_SOURCE: Final = Path(__file__).with_name("mock.c")

Draft = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mock:
    """A mock that runs.

    Attributes:
        url: Its address up to ``/v1``.
        pid: Its process.
    """

    url: str
    pid: int

    def stats(self) -> dict[str, Any]:
        """Return what it counted since it started or was reset.

        ``requests`` and of them by ``faults`` and ``status``; whole answers ``answered``, those of them to a body that had
        one before ``answered_again`` (paid for twice), different ``bodies``, ``in_flight`` and ``most_in_flight``,
        ``abandoned`` by clients, ``connections``, and its own ``cpu_seconds``.
        """
        found = self._call("GET", "/stats")
        assert isinstance(found, dict)
        return found

    def reset(self) -> None:
        """Set all counters to nothing, and forget which bodies were seen."""
        self._call("POST", "/reset")

    def _call(self, method: str, path: str) -> object:
        request = urllib.request.Request(self.url.removesuffix("/v1") + path, method=method)  # noqa: S310  # our own address
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as reply:
            return json.load(reply)


@contextmanager
def serving(
    *,
    drafts: Iterable[tuple[str, Draft]] | None = None,
    answers: Iterable[str] = (),
    mix: Mapping[str, float] | None = None,
    **options: float | str,
) -> Iterator[Mock]:
    """Run a mock on a free port of loopback.

    It answers about every numbered sentence (``[3] At least ...``) of a request that ``drafts`` has, under that number. Where
    none is known it sends the ``answers``' own for "Dispatch N", number N modulo how many there are, else no claims.

    A fault is drawn for each request by ``seed`` and its number; with ``by="body"`` by its body, so that one article always
    fares alike, or with ``times=2`` twice and then no more. An article can also ask for one itself, by the words
    ``MOCK:500`` or ``MOCK:500:2`` anywhere in a request. Faults: ``429``, ``429after`` (with Retry-After), ``quota``, ``400``,
    ``401``, ``500``, ``503``, ``503after``, ``malformed`` (an answer that is no JSON), ``truncated`` (half of the reply's JSON),
    ``empty``, ``html``, ``length``, ``refusal``, ``reset``, ``cut`` (the connection closed within the body), ``drip`` (a byte
    every ``drip_ms``), ``hang``, ``flood`` (``flood_bytes`` of white space, 1 GB).

    Args:
        drafts: Sentences and what is claimed in them; by default those of ``articles.known``; () for none.
        answers: Contents of whole answers.
        mix: Share of each fault, such as ``{"500": 0.02}``.
        options: ``latency_ms`` (0), ``seed`` (1), ``by`` (request), ``times`` (for ever), ``retry_after`` in seconds (1), ``drip_ms``
            (500), ``flood_bytes``, ``capacity`` (requests in flight above which 429 is sent), ``limit_requests`` and
            ``limit_tokens`` in each ``limit_seconds`` (60) with the headers that say so, ``limit_after`` (1: Retry-After with
            those 429), ``port``.
    """
    if drafts is None:
        drafts = known()
    with tempfile.TemporaryDirectory(prefix="mock-") as folder:
        words = [str(_build())]
        for name, lines in (("drafts", [_line(*pair) for pair in drafts]), ("answers", [_escaped(text) for text in answers])):
            file = Path(folder, name)
            file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            words += [f"--{name}", str(file)]
        if mix:
            words += ["--mix", ",".join(f"{name}={share}" for name, share in mix.items())]
        words += [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own program
            assert process.stdout is not None
            try:
                port = process.stdout.readline().strip()
                if not port:
                    msg = "the mock did not start"
                    raise RuntimeError(msg)
                yield Mock(f"http://127.0.0.1:{port}/v1", process.pid)
            finally:
                process.kill()


@cache
def _build() -> Path:
    """Compile it, once a process."""
    folder = tempfile.mkdtemp(prefix="mock-")
    atexit.register(shutil.rmtree, folder)
    program = Path(folder, "mock")
    subprocess.run(["cc", "-O2", "-o", program, _SOURCE], check=True)  # noqa: S603, S607  # the machine's own compiler
    return program


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def _line(sentence: str, draft: Draft) -> str:
    """Return the sentence and the rest of its draft after the number, both as they stand within a JSON string."""
    return f"{_escaped(sentence)}\t{_escaped(',' + json.dumps(draft, separators=(',', ':'))[1:])}"


if __name__ == "__main__":
    given: dict[str, Any] = dict(word.split("=", 1) for word in sys.argv[1:])
    shares = {name: float(share) for name, share in (part.split("=") for part in given.pop("mix", "").split(",") if part)}
    with serving(mix=shares, **given) as mock:
        print(f"EXTRACTOR_BASE_URL={mock.url}", flush=True)
        try:
            sys.stdin.read()
        except KeyboardInterrupt:
            print(json.dumps(mock.stats(), indent=1))
