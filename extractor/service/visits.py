"""One request on its way: who sent how much, what it was answered, and when."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from extractor.service.headers import CLOSE, Fields, completed, first
from extractor.service.kinds import KINDS

GONE: Final = 499
"""What the log and the figures call the status of a request whose client left before the answer; nothing is sent."""

_Error = TypeVar("_Error", bound=Exception)

_TOKEN: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
_PROBLEM: Final = b"application/problem+json"


class Visit:
    """A request between the server and the application; ``receive`` and ``send`` stand in for those of the server.

    Attributes:
        id: Id of the request: the client's, if it is a short plain word, else one of ours.
        begun: Whether the answer has begun.
        ended: Whether all of it is sent.
        gone: Whether the client left before.
        received: Bytes of the body that were read.
        problem: Name of the kind of problem that it was answered with.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, origin: Fields = ()) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._began = time.monotonic()
        self._status = 0
        state: dict[str, Any] = scope.setdefault("state", {})
        given = first(scope["headers"], b"x-request-id")
        self.id = given.decode() if given is not None and _TOKEN.fullmatch(given) else secrets.token_hex(8)
        state["request_id"] = self.id
        self._closes = bool(state.get("draining") or state.get("crowded"))
        self._more = ((b"x-request-id", self.id.encode()), *origin)
        self.begun = self.ended = self.gone = False
        self.received = 0
        self.problem: str | None = None

    @property
    def seconds(self) -> float:
        """Time since it began."""
        return time.monotonic() - self._began

    @property
    def status(self) -> int:
        """Status of the answer; 499 where the client did not wait for it."""
        return GONE if self.gone or not self.begun else self._status

    @property
    def method(self) -> str:
        """Its method, or OTHER: a client may invent any number of them."""
        method: str = self._scope["method"]
        return method if method in _METHODS else "OTHER"

    @property
    def route(self) -> str:
        """The template of its path, such as ``/v1/jobs/{id}``, never the path itself; ``unmatched`` where there is none."""
        return str(getattr(self._scope.get("route"), "path", None) or "unmatched")

    @property
    def caller(self) -> str | None:
        """Id of who called, if that was asked."""
        found = getattr(self._scope["state"].get("caller"), "id", None)
        return None if found is None else str(found)

    async def receive(self) -> Message:
        """Return the server's next message."""
        message = await self._receive()
        if message["type"] == "http.request":
            self.received += len(message.get("body", b""))
        elif message["type"] == "http.disconnect" and not self.ended:
            self.gone = True
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer, its beginning with the fields that every answer carries."""
        if message["type"] == "http.response.start":
            self._status, self.begun = message["status"], True
            fields = completed(message.get("headers", ()), *self._more)
            if self._closes and first(fields, CLOSE[0]) is None:
                fields.append(CLOSE)
            self.problem = "" if first(fields, b"content-type") == _PROBLEM else None
            message = {**message, "headers": fields}
        elif self.problem == "":
            self.problem = _kind(message.get("body", b""))
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.ended = True

    async def last(self, make: Callable[[_Error], Response], error: _Error) -> None:
        """Give the answer made of ``error`` where none has begun; behind one that has, the server closes the connection."""
        if not self.begun and not self.gone:
            await make(error)(self._scope, self.receive, self.send)


def _kind(body: bytes) -> str | None:
    """Return the name of the kind of problem that ``body`` is: an answer says so itself, whoever made it."""
    try:
        name = str(json.loads(body)["type"]).rpartition("/")[2]
    except (ValueError, KeyError, TypeError):
        return None
    return name if name in KINDS else None
