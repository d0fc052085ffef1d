"""Serving: a socket is bound, and one process or several take what comes on it."""

from __future__ import annotations

import gc
import signal
import socket
from asyncio import CancelledError
from collections.abc import Callable
from functools import partial
from pkgutil import resolve_name
from typing import Any, Final, cast

import uvicorn

from extractor import models as known
from extractor.errors import ConfigurationError
from extractor.service import logs
from extractor.service.connections import protocol
from extractor.service.draining import Draining, Started
from extractor.service.heads import Bounds
from extractor.service.limits import Limits
from extractor.service.options import Options
from extractor.settings import Settings

APP: Final = "extractor.service.server:application"
"""Where the application is made, of ``Options``; a worker is a fresh process and finds it by this name."""
_YOUNG: Final = 30_000
"""Objects made and not yet freed before Python looks for cycles among them. A request leaves none behind, so at the usual 700 each look
found only what is in work: a twentieth of the processor's time, and pauses of up to 60 ms."""


def serve(
    settings: Settings,
    limits: Limits,
    *,
    host: str,
    port: int,
    workers: int = 1,
    models: tuple[str, ...] = (),
    log_json: bool = False,
    trace: str | None = None,
    make: str = APP,
) -> int:
    """Serve until a signal stops it; return the exit code: 0 after SIGTERM, 130 after Ctrl-C.

    Args:
        settings: Whom to ask, and where answers are remembered.
        limits: What the service takes.
        host: Name or address to listen on.
        port: Port to listen on; 0 for a free one.
        workers: How many processes.
        models: Names of the models that are served; empty for the one of the settings.
        log_json: Whether the log is lines of JSON.
        trace: Where records of articles and calls go; None for nowhere.
        make: Where the application is made, as ``module:function``.

    Raises:
        ConfigurationError: The address cannot be listened on, or a model's name or a setting is wrong.
        ExtractorError: The application does not start, for a reason that its message tells.
    """
    options = Options(settings, limits, models, host, workers, log_json, trace)
    names = [known.resolve(settings.model_copy(update={"model": name})).name for name in models] or [known.resolve(settings).name]
    with listening(host, port) as bound, logs.logging_to(as_json=log_json):
        ready = partial(logs.notice, f"serving {', '.join(names)} on http://{_address(bound)}, page at /; stop with Ctrl-C")
        if workers > 1:
            from extractor.service.workers import Workers

            return Workers(options, bound, make=make, ready=ready).run()
        return run(options, bound, make=make, ready=ready)


def application(options: Options) -> Any:
    """Return the service's own application."""
    from extractor.service.app import create
    from extractor.service.edge import around

    return around(create(options), options)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that is bound, and refuses connections until it is served.

    Raises:
        ConfigurationError: The address is wrong, in use, or not allowed.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, number)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.set_inheritable(True)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        msg = f"cannot listen on {host} port {port}: {(error.strerror or 'no such address').lower()}; choose another with --host and --port"
        raise ConfigurationError(msg) from error
    return bound


def server(options: Options, *, make: str, ready: Callable[[], None], kind: Callable[..., Draining] = Draining) -> tuple[Draining, Started]:
    """Return uvicorn's server of this process, and the application it serves."""
    app = Started(resolve_name(make)(options))
    bounds = Bounds(connections=_descriptors(options.limits.connections))
    config = uvicorn.Config(
        app,
        http=cast("Any", protocol(bounds, refused=app.refused)),  # whatever makes a protocol will do
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=3_600,  # a connection has timers of its own
        timeout_graceful_shutdown=1,  # the time of grace is over when uvicorn begins to shut down
        reset_contextvars=True,  # else who pays for one request of a connection would be who pays for the next
        workers=1,
    )
    return kind(config, app, grace=options.limits.grace, ready=ready), app


def run(options: Options, bound: socket.socket, *, make: str, ready: Callable[[], None], kind: Callable[..., Draining] = Draining) -> int:
    """Serve in this process; return the exit code.

    Raises:
        Exception: What kept the application from starting.
    """
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    serving, app = server(options, make=make, ready=ready, kind=kind)
    ended = _run(serving, bound)
    if app.fault is not None and not serving.should_exit:
        raise app.fault
    return (130 if serving.got == signal.SIGINT else 0) if ended else 1


def _run(serving: Draining, bound: socket.socket) -> bool:
    """Run the server to its end; return whether it was told to, and did not fail to start."""
    try:
        serving.run([bound])
    except SystemExit:
        return False  # the application did not start
    except CancelledError:
        return True  # told to stop while it started
    return True


def _descriptors(connections: int) -> int:
    """Return how many connections this process can have, of those it may: the system counts open files, and is asked for enough."""
    try:
        import resource
    except ImportError:  # not on this system
        return connections
    spare = 256
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= connections + spare:
        return connections
    most = connections + spare if hard == resource.RLIM_INFINITY else min(connections + spare, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(1, most - spare)


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
