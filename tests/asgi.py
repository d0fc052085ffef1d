"""One request to an ASGI application, in process: its body comes piece by piece, as a test plans it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def _pieces(body: Iterable[bytes] | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(body, AsyncIterator):
        async for piece in body:
            yield piece
    else:
        for piece in body:
            yield piece


async def ask(
    app: Any,
    method: str,
    target: str,
    body: bytes | Iterable[bytes] | AsyncIterator[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    leaves: bool = False,
    until: anyio.Event | None = None,
) -> Answer:
    """Send one request and return the answer.

    Args:
        app: The application; errors that it raises are raised here.
        method: The method.
        target: Path and query.
        body: Bytes are sent with their length, pieces in chunks.
        headers: Headers beside those; an empty value takes a header away.
        leaves: Whether the client goes away after the last piece instead of ending the body.
        until: When the client, whose body was sent, goes away; by default it waits for ever.
    """
    url = urlsplit(target)
    sent = {"host": "127.0.0.1"}
    if body is not None:
        sent["content-type"] = JSON
        sent |= {"content-length": str(len(body))} if isinstance(body, bytes) else {"transfer-encoding": "chunked"}
    sent |= {name.lower(): value for name, value in (headers or {}).items()}
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "scheme": "http", "method": method,
        "path": url.path, "raw_path": url.path.encode(), "query_string": url.query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items() if value],
        "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    pieces = _pieces([body] if isinstance(body, bytes) else body or [])
    ended = False
    answer = Answer()

    async def receive() -> dict[str, Any]:
        nonlocal ended
        async for piece in pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        if leaves:
            return {"type": "http.disconnect"}
        if not ended:
            ended = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await (until.wait() if until is not None else anyio.sleep_forever())
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer
