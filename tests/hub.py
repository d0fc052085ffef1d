"""A local model hub that holds one file, as far as the hub's client asks: metadata by HEAD, bytes by GET, ranges too."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def hub(path: str, content: bytes, *, asked: list[str]) -> Iterator[str]:
    """Serve ``content`` at ``/{path}`` on loopback; ``asked`` collects what was asked for."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            wanted = self.path.partition("?")[0]
            asked.append(f"{self.command} {wanted} {self.headers.get('range', '')}".strip())
            if wanted not in ("/", f"/{path}"):
                self._send(404, b"", body=body)
                return
            whole = content if wanted != "/" else b"a hub"
            first = int((self.headers.get("range") or "bytes=0-").removeprefix("bytes=").partition("-")[0])
            self._send(206 if first else 200, whole[first:], body=body)

        def _send(self, status: int, payload: bytes, *, body: bool) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(payload)))
            self.send_header("etag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("x-repo-commit", "0" * 40)
            self.send_header("accept-ranges", "bytes")
            self.end_headers()
            if body:
                self.wfile.write(payload)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
