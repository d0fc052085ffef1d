"""h11's connection, with bounds on the head of a request that hold before any of it is parsed.

h11 bounds only a head that has not ended, and the server reads up to 256 KB at once: 40,000 fields in one piece would be parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import h11

_BLANK: Final = re.compile(rb"\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a connection may cost.

    Attributes:
        head_bytes: Largest head of a request: request line and header fields.
        fields: Most header fields.
        head_seconds: Seconds a head may take, the first one from when the connection was made.
        idle_seconds: Seconds a connection may be idle after an answer.
        rest_seconds: Seconds a client may go on sending a body that nobody reads any more.
        stall_seconds: Seconds in which a client must take some of an answer that waits to be sent.
        connections: Connections at once; what comes on those beyond it is refused.
        spare: So many more are accepted to be told so; those beyond are closed at once.
    """

    head_bytes: int = 32_768
    fields: int = 100
    head_seconds: float = 10.0
    idle_seconds: float = 15.0
    rest_seconds: float = 5.0
    stall_seconds: float = 120.0
    connections: int = 2_000
    spare: int = 100


class Head(h11.Connection):
    """The server's side of a connection whose heads are bounded.

    Attributes:
        fault: Why the last event could not be had, if it could not.
    """

    def __init__(self, bounds: Bounds) -> None:
        super().__init__(h11.SERVER, bounds.head_bytes)
        self._bounds = bounds
        self.fault: h11.RemoteProtocolError | None = None

    def next_event(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        """Return the next event.

        Raises:
            h11.RemoteProtocolError: The client does not speak HTTP, or a head is too large.
        """
        try:
            if self.their_state is h11.IDLE:
                self._bounded(self.trailing_data[0])
            return super().next_event()
        except h11.RemoteProtocolError as error:
            self.fault = error
            raise

    def _bounded(self, waiting: bytes) -> None:
        most = self._bounds.head_bytes
        end = _BLANK.search(waiting, 0, most)
        lines = waiting.count(b"\n", 0, most if end is None else end.start())
        if lines > self._bounds.fields or (end is None and len(waiting) > most):
            msg = "the head of the request is too large"
            raise h11.RemoteProtocolError(msg, error_status_hint=431)
