"""A local server that answers chat completions with whatever a test plans, faults included."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NOBODY = "http://127.0.0.1:9/v1"
"""An address where nothing listens: replayed, it is never reached."""
EMPTY = '{"claims":[]}'


def completion(content: str = EMPTY, *, finish: str = "stop", refusal: str | None = None) -> bytes:
    """Return the body of a chat completion."""
    message = {"role": "assistant", "content": None if refusal else content, "refusal": refusal}
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    return json.dumps(
        {"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}
    ).encode()


@dataclass
class Reply:
    """One planned reply: a status and body, or a way of not answering."""

    status: int = 200
    body: bytes = field(default_factory=completion)
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    wait: float = 0.0


def error(status: int, code: str = "", **headers: str) -> Reply:
    """Return an error reply as OpenAI words it."""
    body = json.dumps({"error": {"message": f"planned {status}", "code": code or None, "type": "planned"}}).encode()
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class FaultServer:
    """The server; ``received`` holds the body of every request."""

    url: str
    plan: Callable[[int], Reply]
    received: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def serving(*replies: Reply, port: int = 0) -> Iterator[FaultServer]:
    """Serve ``replies`` in order on loopback, the last one for ever."""
    server: FaultServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.received.append(body)
            reply = server.plan(len(server.received) - 1)
            time.sleep(reply.wait)
            if reply.reset:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", "content-length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # the client has left, as some are to do
                self.wfile.write(reply.body)

        def log_message(self, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    http.daemon_threads = True
    server = FaultServer(f"http://127.0.0.1:{http.server_address[1]}/v1", lambda index: replies[min(index, len(replies) - 1)])
    thread = threading.Thread(target=lambda: http.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
