"""What surrounds the application: the first to see a request and the last to see its answer.

Pure ASGI: a middleware that runs the application in a task of its own would keep it from learning that a client has left.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from extractor.errors import ExtractorError, RefusedError
from extractor.service import access, headers, logs, problems
from extractor.service.meters import Meters
from extractor.service.options import Options
from extractor.service.visits import Visit

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.datastructures import State

HEALTH: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Paths that are answered however many connections there are: whoever looks after the service must see how it is."""

_log = logging.getLogger(__name__)


class Edge:
    """The application with its surroundings.

    Args:
        app: The application.
        knows: Tells whether a Host header names this service.
        meters: Returns what requests are counted with, once the application has started.
        origins: Origins of pages on other servers that may call.
    """

    def __init__(self, app: ASGIApp, *, knows: Callable[[str], bool], meters: Callable[[], Meters], origins: Collection[str] = ()) -> None:
        self._app = app
        self._knows = knows
        self._meters = meters
        self._origins = frozenset(origins)

    @property
    def state(self) -> State:
        """The state of the application."""
        found: State = self._app.state  # type: ignore[attr-defined]  # of a Starlette application, which is what it surrounds
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer one request; whatever happens, there is an answer, a line of the log, and a count."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # its server leaves the body out of the answer
        visit = Visit(scope, receive, send, origin=headers.for_origin(scope["headers"], self._origins))
        try:
            await self._answered(scope, visit)
        except ClientDisconnect:
            visit.gone = True
        except anyio.get_cancelled_exc_class():
            # Nobody but the server cancels a request as a whole, and only at its end: this is where it was going.
            await visit.last(problems.response, RefusedError("the service has stopped; send it again soon", kind="draining"))
        except Exception as error:  # noqa: BLE001  # the last line of defence: a fault is one problem, and no text of it goes anywhere
            _tell(error, visit)
            await visit.last(problems.unforeseen, error)
            visit.problem = "fault"
        finally:
            self._note(visit)

    async def _answered(self, scope: Scope, visit: Visit) -> None:
        preflight = headers.preflight(scope["method"], scope["headers"], self._origins)
        try:
            self._admit(scope)
        except ExtractorError as error:
            await problems.response(error)(scope, visit.receive, visit.send)
        else:
            app = self._app if preflight is None else _no_content(preflight)
            await app(scope, visit.receive, visit.send)

    def _admit(self, scope: Scope) -> None:
        """Refuse what is not for this service, or too much for it, before anything of it is read.

        Raises:
            RefusedError: It is.
            StorageError: The keys cannot be read, which decide what it is known as.
        """
        if scope["state"].get("crowded") and scope["path"] not in HEALTH:
            msg = "the service has too many connections; wait, then send again"
            raise RefusedError(msg, kind="overloaded")
        if not self._knows((headers.first(scope["headers"], b"host") or b"").decode("latin-1")):
            msg = "the Host header is not a name of this service; its operator adds names with EXTRACTOR_SERVICE_HOSTS"
            raise RefusedError(msg, kind="forbidden")

    def _note(self, visit: Visit) -> None:
        seconds = visit.seconds
        meters = self._meters()
        meters.request(visit.route, visit.method, visit.status, seconds=seconds, received=visit.received)
        if visit.problem:
            meters.refused(visit.problem)
        logs.request(
            method=visit.method,
            route=visit.route,
            status=visit.status,
            seconds=round(seconds, 4),
            caller=visit.caller,
            problem=visit.problem,
            request=visit.id,
        )


def around(app: Starlette, options: Options) -> Edge:
    """Return ``app``, whose state holds the context once it has started, with its surroundings."""

    def knows(host: str) -> bool:
        names = access.known_hosts(options.limits, options.host, keys_exist=app.state.context.keys.any())
        return names is None or access.host_name(host) in names

    def meters() -> Meters:
        found: Meters = app.state.context.meters
        return found

    return Edge(app, knows=knows, meters=meters, origins=options.limits.cors_origins)


def _no_content(fields: headers.Fields) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = Response(status_code=204)
        answer.raw_headers = list(fields)
        await answer(scope, receive, send)

    return app


def _tell(error: Exception, visit: Visit) -> None:
    """Log the class and the place of what nobody foresaw; its message may hold article text."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = "nowhere" if where is None else f"{where.tb_frame.f_code.co_name}, line {where.tb_lineno}"
    debug = bool(os.environ.get("EXTRACTOR_DEBUG"))
    _log.error(
        "request %s met a fault of this program (%s in %s)", visit.id, type(error).__name__, place, exc_info=error if debug else None
    )
