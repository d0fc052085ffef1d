"""An application as the service's, but with handlers that do what clients and faults bring about; and a service of it as a process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from extractor.errors import ConfigurationError, RefusedError
from extractor.service import limits, problems
from extractor.service.edge import Edge, around
from extractor.service.heads import Bounds
from extractor.service.meters import Meters
from extractor.service.options import Options

ROOT = Path(__file__).parent.parent
SECRET = "Velorian forces lost 310 soldiers"
"""Stands for the text of an article: it must come out nowhere but in answers."""


class Context:
    """What the service's context offers to the server and to what surrounds the application."""

    def __init__(self) -> None:
        self.meters = Meters()
        self.keys = SimpleNamespace(any=lambda: False)
        self.draining = anyio.Event()

    def drain(self) -> None:
        self.draining.set()


router = APIRouter()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> Any:
    if os.environ.get("STUB") == "broken":
        msg = "the setting EXTRACTOR_STUB is wrong"
        raise ConfigurationError(msg)
    if os.environ.get("STUB") == "late":
        sys.stderr.write("starting\n")
        sys.stderr.flush()
        await anyio.sleep_forever()
    app.state.context = Context()
    yield
    if os.environ.get("STUB") == "endless":
        await anyio.sleep_forever()


def application() -> FastAPI:
    app = FastAPI(lifespan=_lifespan, docs_url=None, redoc_url=None)
    problems.install(app)
    app.include_router(router)
    return app


@router.get("/livez")
async def live() -> dict[str, int]:
    return {"pid": os.getpid()}


@router.get("/readyz")
async def ready(request: Request) -> PlainTextResponse:
    draining = request.app.state.context.draining.is_set()
    return PlainTextResponse("stopping" if draining else "ready", 503 if draining else 200)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    return Response(request.app.state.context.meters.text(), media_type="text/plain")


@router.post("/things/{name}")
async def upload(name: str, request: Request) -> dict[str, int]:
    request.state.caller = SimpleNamespace(id="caller-1")
    return {"bytes": len(await request.body())}


@router.get("/slow")
async def slow(seconds: float = 1.0) -> dict[str, str]:
    await anyio.sleep(seconds)
    return {"slept": "well"}


@router.get("/stream")
async def stream(request: Request) -> StreamingResponse:
    async def events() -> Any:
        yield b"data: 1\n\n"
        await request.app.state.context.draining.wait()
        yield b"data: end\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


@router.get("/stubborn")
async def stubborn() -> StreamingResponse:
    async def events() -> Any:
        yield b"data: 1\n\n"
        await anyio.sleep_forever()

    return StreamingResponse(events(), media_type="text/event-stream")


@router.get("/large")
async def large() -> StreamingResponse:
    async def pieces() -> Any:
        for _ in range(1000):
            yield b"x" * 100_000

    return StreamingResponse(pieces(), media_type="application/octet-stream")


@router.get("/pieces")
async def pieces() -> StreamingResponse:
    async def parts() -> Any:
        yield b"one"
        yield b"two"

    return StreamingResponse(parts(), media_type="text/plain")


@router.get("/fault")
async def fault() -> None:
    raise ValueError(SECRET)


@router.get("/late-fault")
async def late_fault() -> StreamingResponse:
    async def pieces() -> Any:
        yield b"begun"
        raise ValueError(SECRET)

    return StreamingResponse(pieces(), media_type="text/plain")


@router.get("/refused")
async def refused() -> None:
    msg = "wait"
    raise RefusedError(msg, kind="rate-limited", retry_after=2.5)


@router.get("/own")
async def own() -> Response:
    return Response("<p>page</p>", headers={"Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=60"})


def make(options: Options) -> Edge:
    return around(application(), options)


TIGHT = Bounds(head_seconds=0.4, idle_seconds=0.4, rest_seconds=0.4, stall_seconds=0.4, connections=6, spare=2)


@dataclass
class Service:
    """A service that runs as a process."""

    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list)

    def connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), 10)
        made.settimeout(10)
        return made

    def get(self, path: str, *more: str, method: str = "GET", body: bytes = b"") -> Answer:
        with self.connect() as connection:
            connection.sendall(request(path, "Connection: close", *more, method=method, body=body))
            return answer(connection)

    def log(self) -> str:
        return "".join(self.said)

    def logged(self, words: str) -> str:
        """Wait until ``words`` are said; return all that is."""
        began = time.monotonic()
        while words not in self.log() and time.monotonic() - began < 10:
            time.sleep(0.01)
        assert words in self.log()
        return self.log()

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@dataclass
class Answer:
    status: int
    fields: dict[str, str]
    body: bytes


def request(path: str, *more: str, method: str = "GET", body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *length, *more, "", ""]).encode() + body


def answer(connection: socket.socket) -> Answer:
    """Read until the other side closes."""
    received = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return Answer(int(first.split()[1]), {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}, body)


@contextmanager
def serving(
    *, tight: bool = False, command: Sequence[str] = (), until: str = r"http://127\.0\.0\.1:(\d+)", **environment: str
) -> Iterator[Service]:
    """Run a service of the application above until it says ``until``; what it says on standard error is kept."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("EXTRACTOR_")}
    arguments = [sys.executable, *(command or (__file__, "tight" if tight else "usual"))]
    process = subprocess.Popen(
        arguments, stderr=subprocess.PIPE, text=True, env={**known, "PYTHONPATH": str(ROOT), **environment}, cwd=ROOT
    )
    service = Service(process, 0)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            service.said.append(line)
            if found := re.search(until, line):
                service.port = int(found.group(1)) if found.groups() else 0
                break
        reader = threading.Thread(target=lambda: service.said.extend(process.stderr or ()))
        reader.start()
        yield service
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        reader.join()
        if process.stderr is not None:
            process.stderr.close()


def main(arguments: Sequence[str]) -> int:
    from extractor.service import draining, server
    from extractor.settings import load

    if arguments[0] == "tight":
        server.Bounds = lambda **_: TIGHT
        draining.LEFT = 0.5
    workers, as_json = int(os.environ.get("STUB_WORKERS", "1")), os.environ.get("STUB_LOG") == "json"
    port = int(os.environ.get("STUB_PORT", "0"))
    return server.serve(load(), limits.load(), host="127.0.0.1", port=port, workers=workers, log_json=as_json, make="service_stub:make")


if __name__ == "__main__":
    from extractor.errors import ExtractorError

    try:
        sys.exit(main(sys.argv[1:]))
    except ExtractorError as error:
        sys.stderr.write(f"extractor: {error}\n")
        sys.exit(error.exit_code)
