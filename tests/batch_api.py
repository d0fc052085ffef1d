"""A local server that speaks OpenAI's files and batches, with planned outcomes and faults; it outlives the clients that are killed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from faults import Reply, completion, error

Row = dict[str, Any]
ENDED = {"completed", "failed", "expired", "cancelled"}


def answered(row: Row) -> Row:
    """Return the line of an answer."""
    return line(row, 200, json.loads(completion()))


def line(row: Row, status: int, body: Row) -> Row:
    """Return a line of the file of answers or errors."""
    response = {"status_code": status, "request_id": "r", "body": body}
    return {"id": f"batch_req_{row['custom_id'][:8]}", "custom_id": row["custom_id"], "response": response, "error": None}


def refused(row: Row, status: int, code: str = "planned") -> Row:
    """Return the line of a request that was refused."""
    return line(row, status, {"error": {"message": f"planned {status}", "code": code, "type": "planned"}})


def unasked(row: Row, code: str = "batch_expired") -> Row:
    """Return the line of a request that was not sent."""
    return {"id": "x", "custom_id": row["custom_id"], "response": None, "error": {"code": code, "message": "planned"}}


@dataclass
class Plan:
    """What becomes of one batch.

    Attributes:
        looks: Looks at it before it ends.
        status: How it ends.
        most: Requests answered before it ends; None for all.
        reply: What a request is answered with.
        edit: Changes the lines of the file of answers.
        errors: Why it failed.
    """

    looks: int = 1
    status: str = "completed"
    most: int | None = None
    reply: Callable[[Row], Row] = answered
    edit: Callable[[list[bytes]], list[bytes]] = lambda lines: lines
    errors: list[Row] = field(default_factory=list)


@dataclass
class Fault:
    """A planned fault of an endpoint.

    Attributes:
        call: Method and path, such as ``POST /batches``; the path may be a beginning.
        reply: What is answered instead; None to break the connection.
        done: Whether the call is carried out all the same.
        times: How often.
    """

    call: str
    reply: Reply | None = None
    done: bool = False
    times: int = 1


class BatchApi:
    """The state of the server.

    Attributes:
        url: Its address up to ``/v1``.
        plans: What becomes of the batches, in the order of their creation; the last one for ever.
        faults: Faults to come.
        calls: Every call, as method and path.
        files: Name and content of each file.
        batches: Each batch, in the order of creation.
        page: Most batches or files of one page.
        heard: Told of each call before it is carried out, and after.
    """

    def __init__(self, *plans: Plan, faults: tuple[Fault, ...] = ()) -> None:
        self.url = ""
        self.plans = list(plans) or [Plan()]
        self.faults = list(faults)
        self.calls: list[str] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.batches: dict[str, Row] = {}
        self.page = 2
        self.heard: Callable[[str, str], None] = lambda when, call: None
        self._looks: dict[str, int] = {}
        self._lock = threading.Lock()

    def rows(self, batch: Row) -> list[Row]:
        """Return the requests of a batch."""
        return [json.loads(text) for text in self.files[batch["input_file_id"]][1].splitlines()]

    def asked(self) -> list[str]:
        """Return the keys of all requests of batches that were not refused as a whole, as often as they were asked."""
        return [row["custom_id"] for batch in self.batches.values() if batch["status"] != "failed" for row in self.rows(batch)]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes, kind: str) -> Reply:
        with self._lock:
            parts = path.removeprefix("/v1/").split("/")
            if (method, parts[0]) == ("POST", "files"):
                return _reply(self._upload(body, kind))
            if (method, path) == ("GET", "/v1/files"):
                return self._list([self._file(name) for name in self.files], query)
            if parts[0] == "files" and parts[-1] == "content":
                return Reply(body=self.files[parts[1]][1]) if parts[1] in self.files else error(404)
            if (method, path) == ("POST", "/v1/batches"):
                return self._create(json.loads(body))
            if (method, path) == ("GET", "/v1/batches"):
                return self._list(list(self.batches.values()), query)
            if parts[1] not in self.batches:
                return error(404)
            if parts[-1] == "cancel":
                self.batches[parts[1]]["status"] = "cancelling"
            else:
                self._look(self.batches[parts[1]])
            return _reply(self.batches[parts[1]])

    def _upload(self, body: bytes, kind: str) -> Row:
        boundary = b"--" + kind.partition("boundary=")[2].encode()
        found = {}
        for part in body.split(boundary)[1:-1]:
            head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
            found[b"filename" in head] = (head, content)
        head, content = found[True]
        name = head.partition(b'filename="')[2].partition(b'"')[0].decode()
        identity = self._keep(name, content + b"\n")
        return self._file(identity)

    def _keep(self, name: str, content: bytes) -> str:
        identity = f"file-{len(self.files) + 1}"
        self.files[identity] = (name, content)
        return identity

    def _file(self, identity: str) -> Row:
        name, content = self.files[identity]
        return {
            "id": identity,
            "object": "file",
            "bytes": len(content),
            "created_at": 0,
            "filename": name,
            "purpose": "batch",
            "status": "ok",
        }

    def _create(self, asked: Row) -> Reply:
        if asked["input_file_id"] not in self.files:
            return error(404)
        identity = f"batch_{len(self.batches) + 1}"
        self.batches[identity] = batch = {
            **asked, "id": identity, "object": "batch", "created_at": 0, "status": "validating", "errors": None,
            "output_file_id": None, "error_file_id": None, "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }  # fmt: skip
        return _reply(batch)

    def _list(self, found: list[Row], query: dict[str, list[str]]) -> Reply:
        newest = found[::-1]
        after = query.get("after", [""])[0]
        start = next((index + 1 for index, item in enumerate(newest) if item["id"] == after), 0)
        page = newest[start : start + self.page]
        return _reply({"object": "list", "data": page, "has_more": start + self.page < len(newest)})

    def _look(self, batch: Row) -> None:
        if batch["status"] in ENDED:
            return
        plan = self.plans[min(list(self.batches).index(batch["id"]), len(self.plans) - 1)]
        self._looks[batch["id"]] = self._looks.get(batch["id"], 0) + 1
        cancelled = batch["status"] == "cancelling"
        if self._looks[batch["id"]] < plan.looks and not cancelled:
            batch["status"] = "in_progress"
            return
        batch["status"] = "cancelled" if cancelled else plan.status
        if batch["status"] == "failed":
            batch["errors"] = {"object": "list", "data": plan.errors}
            return
        rows = self.rows(batch)
        most = len(rows) if plan.most is None else plan.most
        lines = [plan.reply(row) for row in rows[:most]]
        good = [item for item in lines if (item["response"] or {}).get("status_code") == 200]
        bad = [item for item in lines if item not in good]
        bad += [unasked(row, f"batch_{batch['status']}") for row in rows[most:]]
        batch["request_counts"] = {"total": len(rows), "completed": len(good), "failed": len(bad)}
        if good:
            batch["output_file_id"] = self._keep("answers", b"".join(plan.edit([json.dumps(item).encode() + b"\n" for item in good])))
        if bad:
            batch["error_file_id"] = self._keep("errors", b"".join(json.dumps(item).encode() + b"\n" for item in bad))


def _reply(value: Row) -> Reply:
    return Reply(body=json.dumps(value).encode())


@contextmanager
def serving(api: BatchApi) -> Iterator[BatchApi]:
    """Serve ``api`` on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes, and would wait 40 ms for each other

        def handle_one(self) -> None:
            split = urlsplit(self.path)
            call = f"{self.command} {split.path.removeprefix('/v1')}"
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            api.calls.append(call)
            api.heard("before", call)
            fault = next((one for one in api.faults if one.times and call.startswith(one.call)), None)
            if fault is not None:
                fault.times -= 1
            reply = Reply()
            if fault is None or fault.done:
                reply = api.answer(self.command, split.path, parse_qs(split.query), body, self.headers.get("content-type") or "")
            api.heard("after", call)
            if fault is not None and fault.reply is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            reply = reply if fault is None or fault.reply is None else fault.reply
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", "content-length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.reset:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

        do_GET = do_POST = handle_one  # noqa: N815  # http.server's names

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            """Clients are killed here; that is no news."""

    http = Server(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    api.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    threading.Thread(target=lambda: http.serve_forever(poll_interval=0.02), daemon=True).start()
    try:
        yield api
    finally:
        http.shutdown()
        http.server_close()
