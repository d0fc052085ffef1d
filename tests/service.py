"""The whole service in process, with a model whose answers a test writes."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn

from extractor import Settings, settings
from extractor.providers.base import Provider
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Request
from extractor.service import limits
from extractor.service.app import create
from extractor.service.connections import protocol
from extractor.service.context import Context
from extractor.service.edge import Edge, around
from extractor.service.heads import Bounds
from extractor.service.options import Options

EMPTY = '{"claims":[]}'


def options(folder: Path, **given) -> Options:
    """Return what a service in ``folder`` is started with: a model that is somewhere else, which no test ever reaches."""
    own = settings.load(model="scripted", base_url="http://127.0.0.1:9/v1", api_key="none", cache_dir=folder / "cache", attempts=1)
    return Options(settings=own, limits=limits.load(folder=folder / "service", **given))


def scripted(answer: Callable[[Request], str] = lambda _: EMPTY) -> ScriptedProvider:
    """Return a provider that answers every request with ``answer``."""
    return ScriptedProvider(answer)


@asynccontextmanager
async def open_service(folder: Path, provider: Provider | None = None, **given) -> AsyncIterator[tuple[Edge, Context]]:
    """Yield the service as its server calls it, and what it holds."""
    chosen = options(folder, **given)
    app = create(chosen, provider=provider or scripted())
    async with app.router.lifespan_context(app):
        yield around(app, chosen), app.state.context


@contextmanager
def listening(
    folder: Path, provider: Provider | None = None, *, own: Settings | None = None, models: tuple[str, ...] = (), **given
) -> Iterator[str]:
    """Serve on a free port of loopback, from a thread of this process, and yield the address."""
    chosen = options(folder, **given)
    chosen = replace(chosen, settings=own or chosen.settings, models=models)
    app = create(chosen, provider=provider or scripted())
    edge = around(app, chosen)
    config = uvicorn.Config(
        edge,
        http=protocol(Bounds(), refused=lambda _: None),
        lifespan="on",
        log_config=None,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                thread.join(0.01)
            assert server.started, "the service did not start"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
