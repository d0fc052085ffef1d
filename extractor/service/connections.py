"""One connection: uvicorn's protocol over h11, with a bound on everything that a client could make last or grow.

What a bad client may do, and what ends it:

* a head that is too large, has too many fields or is none    a problem, then the connection is closed
* a head that comes a byte at a time, or never                the same, after ``head_seconds``
* a body that goes on when it was answered already            closed after ``rest_seconds``
* a connection kept and not used                              closed after ``idle_seconds``
* an answer that is not taken                                 aborted after ``stall_seconds`` in which nothing was
* too many connections                                        refused, or closed at once
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from extractor.errors import RefusedError
from extractor.service import problems
from extractor.service.headers import CLOSE, completed, first
from extractor.service.heads import Bounds, Head

_FAULTS: Final = {
    431: ("head-too-large", "the head of the request is too large: send fewer or shorter header fields"),
    400: ("malformed", "what was sent is no HTTP request"),
}


def protocol(bounds: Bounds, *, refused: Callable[[str], None]) -> Callable[..., asyncio.Protocol]:
    """Return what makes the protocol of a new connection, as uvicorn's ``http`` wants it.

    Args:
        bounds: What a connection may cost.
        refused: Told of each request that never became one, by the name of the kind of problem.
    """
    return partial(Connection, bounds=bounds, refused=refused)


class Connection(H11Protocol):
    """A connection that ends in bounded time whatever its client does."""

    conn: Head

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        bounds: Bounds,
        refused: Callable[[str], None],
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = Head(bounds)
        self._bounds = bounds
        self._refused = refused
        self._phase: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._answered = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, unless there are too many."""
        super().connection_made(transport)
        beyond = len(self.connections) - self._bounds.connections
        if beyond > self._bounds.spare:
            transport.abort()
        elif beyond > 0:
            self.app_state = {**self.app_state, "crowded": True}
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        super().connection_lost(exc)
        for timer in (self._timer, self._stall):
            if timer is not None:
                timer.cancel()
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Go on behind an answer."""
        self._answered = True
        super().on_response_complete()
        self._look()

    def shutdown(self) -> None:
        """End soon, since the server ends."""
        super().shutdown()
        self._look()

    def finish(self) -> None:
        """Close behind the answer in work, if one is: the server ends."""
        if (cycle := self._at_work()) is not None:
            cycle.keep_alive = False

    def pause_writing(self) -> None:
        """Wait for the client to take what was sent."""
        super().pause_writing()
        self._watch()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request."""
        del msg
        fault = self.conn.fault
        self._refuse(*_FAULTS[431 if fault is not None and fault.error_status_hint == 431 else 400])

    def _refuse(self, kind: str, says: str) -> None:
        """Answer with a problem, where an answer can still be given, and close."""
        self._refused(kind)
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = problems.response(RefusedError(says, kind=kind))
            fields = completed([*self.server_state.default_headers, *answer.raw_headers])
            if first(fields, CLOSE[0]) is None:
                fields.append(CLOSE)
            status = answer.status_code
            events = h11.Response(status_code=status, headers=fields, reason=STATUS_PHRASES[status]), h11.Data(data=bytes(answer.body))
            with suppress(h11.LocalProtocolError):  # such as for HEAD, whose answer has no body
                for event in (*events, h11.EndOfMessage()):
                    self.transport.write(self.conn.send(event) or b"")
        if (cycle := self._at_work()) is not None:
            # Whoever is at work on it learns that the client is gone, and says nothing more on this connection.
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()
        self._look()

    def _at_work(self) -> RequestResponseCycle | None:
        """Return the request that is being answered, if one is."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # uvicorn says that there is always one
        return None if cycle is None or cycle.response_complete else cycle

    def _look(self) -> None:
        """Set the timer for what is awaited of the client now; one that runs for the same is left alone, so no trickle prolongs it."""
        phase = self._awaited()
        if phase == self._phase:
            return
        self._phase = phase
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if phase == "end":
            self._watch()
        elif phase is not None:
            self._timer = self.loop.call_later(getattr(self._bounds, f"{phase}_seconds"), self._late, phase)

    def _awaited(self) -> str | None:
        """Return what is awaited of the client: a ``head``, the ``rest`` of a body, its ``end``; ``idle`` or None where nothing is."""
        if self.transport.is_closing():
            return "end"
        if self._at_work() is not None:
            return None
        if self.conn.their_state is h11.IDLE:
            return "idle" if self._answered and not self.conn.trailing_data[0] else "head"
        return "rest"

    def _late(self, phase: str) -> None:
        if self.transport.is_closing():
            return
        if phase == "head" and self.conn.trailing_data[0]:
            self._refuse("request-timeout", f"the head of the request did not arrive within {self._bounds.head_seconds:g} s")
        else:
            self.transport.close()
            self._look()

    def _watch(self, before: int | None = None) -> None:
        """See to it that what waits to be sent becomes less; a client that takes nothing is cut off."""
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        waiting = self.transport.get_write_buffer_size()
        if before is not None and waiting >= before:
            self.transport.abort()
        elif waiting:
            self._stall = self.loop.call_later(self._bounds.stall_seconds, self._watch, waiting)
