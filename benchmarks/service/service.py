"""``extractor serve`` as a process of its own, with folders of its own, asking the mock."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.service.processes import Usage, usage

_START: Final = 60.0
"""Seconds within which a server must be ready."""
_STOP: Final = 40.0
"""Seconds within which it must have stopped when told to."""
_STEP: Final = 0.05


class Service:
    """A server that can be killed and started again, on one port and with the same folders.

    Args:
        folder: Where its jobs, keys, cache and log are.
        model_url: Address of the model, up to ``/v1``; None for the embedded model.
        workers: Its processes.
        environment: Further variables, such as ``EXTRACTOR_SERVICE_QUEUE``; values are written as they print.
    """

    def __init__(self, folder: Path, model_url: str | None, *, workers: int = 1, **environment: object) -> None:
        self._folder = folder
        self._port = _free_port()
        self._words = [sys.executable, "-m", "extractor", "serve", "--host", "127.0.0.1", "--port", str(self._port)]
        self._words += ["--workers", str(workers)] if workers > 1 else []
        passed = {name: value for name, value in os.environ.items() if not name.startswith(("EXTRACTOR_", "OPENAI_"))}
        own = {"EXTRACTOR_CACHE_DIR": str(folder / "cache"), "EXTRACTOR_SERVICE_FOLDER": str(folder / "service")}
        asked = {"EXTRACTOR_BASE_URL": model_url, "EXTRACTOR_MODEL": "mock"} if model_url is not None else {}
        self._environment = passed | own | asked | {name: str(value) for name, value in environment.items()}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """Its port on loopback."""
        return self._port

    @property
    def log(self) -> Path:
        """What it wrote on standard output and standard error, over all its lives."""
        return self._folder / "serve.log"

    def launch(self) -> None:
        """Start it, and do not wait for it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._words, env=self._environment, stdout=log, stderr=log, start_new_session=True)  # noqa: S603  # our own command

    def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            RuntimeError: It ended, or is not ready in time; the message is the end of its log.
        """
        self.launch()
        until = time.monotonic() + _START
        while not self.ready():
            if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                msg = f"the server did not become ready: {self.log.read_text(encoding='utf-8', errors='replace')[-1500:]}"
                raise RuntimeError(msg)
            time.sleep(_STEP)

    def ready(self) -> bool:
        """Tell whether it says that it is."""
        try:
            self.ask("GET", "/readyz", seconds=2.0)
        except OSError:
            return False
        return True

    def usage(self) -> Usage:
        """Return what its processes use together."""
        return usage(self._process.pid) if self._process is not None else Usage(0, 0.0, 0, 0, 0)

    def kill(self) -> None:
        """Kill all its processes as a power cut would."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            while usage(self._process.pid).processes:
                time.sleep(_STEP)
            self._process = None

    def stop(self) -> int:
        """Tell it to stop, and return its exit code; one that does not in time is killed."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(_STOP)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        self.kill()
        return code

    def ask(self, method: str, path: str, fields: object = None, *, seconds: float = 60.0) -> Any:
        """Return the JSON that it answers.

        Raises:
            OSError: It cannot be reached, or answers with an error.
        """
        given = json.dumps(fields).encode() if fields is not None else None
        request = urllib.request.Request(self.url + path, data=given, method=method, headers={"content-type": "application/json"})  # noqa: S310  # our own server
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=seconds) as reply:
                said = reply.read()
        except urllib.error.HTTPError as error:
            error.close()
            raise
        return json.loads(said) if said.lstrip()[:1] in (b"{", b"[") else None

    def _signal(self, number: int) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


@contextmanager
def served(folder: Path, model_url: str | None, *, workers: int = 1, **environment: object) -> Iterator[Service]:
    """Run a server for as long as the block runs; see ``Service``."""
    service = Service(folder, model_url, workers=workers, **environment)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
