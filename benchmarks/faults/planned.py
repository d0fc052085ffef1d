"""A provider of our own that does what a plan says, article by article, and remembers what it was asked.

The mock in ``benchmarks/mock`` is fast and faulty by shares; this one knows its articles, so that "twice, then never again" can
be planned for one of them, and "asked three times" counted.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import anyio
import anyio.abc
import anyio.from_thread
from anyio.streams.buffered import BufferedByteReceiveStream
from fault_inputs import draft

_NUMBER: Final = re.compile(rb"in district (\d+)")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_HEAD: Final = 65_536
_BLOCK: Final = b"10000\r\n" + b" " * 65_536 + b"\r\n"
_FLOOD: Final = 2**30
_RESET: Final = struct.pack("ii", 1, 0)

Ending = Literal["whole", "cut", "drip", "flood", "reset"]
"""The whole reply; half of its body and the end; a byte every tenth of a second; a gigabyte; no reply but a reset."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back.

    Attributes:
        status: HTTP status.
        body: Its body.
        headers: Further headers.
        wait: Seconds before it.
        ending: How it goes out.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0
    ending: Ending = "whole"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that arrived.

    Attributes:
        number: Of the article it is about; -1 for none of ours.
        nth: Which request about it this is, from 0.
        total: Which request at all, from 0.
        at: When, in seconds of the monotonic clock.
    """

    number: int
    nth: int
    total: int
    at: float


Plan = Callable[[Ask], Reply]


def good(number: int, *, finish: str = "stop", quote: str | None = None, refusal: str | None = None) -> Reply:
    """Return the right answer about an article: one claim.

    Args:
        number: The article.
        finish: Why the model ended.
        quote: What is claimed to be the claim's source; by default what is.
        refusal: Why the model does not answer.
    """
    claim = {"sentence": 1, **draft(max(number, 0))} | ({"source": quote} if quote else {})
    content = json.dumps({"claims": [claim]}) if number >= 0 else '{"claims":[]}'
    message = {"role": "assistant", "content": None if refusal else content, "refusal": refusal}
    usage = {"prompt_tokens": 900, "completion_tokens": 60, "total_tokens": 960}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return Reply(body=json.dumps({"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}).encode())


def error(status: int, code: str | None = None, **headers: str) -> Reply:
    """Return an error as OpenAI words it."""
    body = json.dumps({"error": {"message": "planned", "type": "planned", "code": code}}).encode()
    return Reply(status, body, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def late(reply: Reply, seconds: float) -> Reply:
    """Return ``reply`` as one that takes ``seconds``."""
    return replace(reply, wait=seconds)


@dataclass(slots=True)
class Server:
    """A server that follows a plan.

    Attributes:
        plan: What it does; may be changed while it runs.
        asks: What it was asked, in order.
        answered: Articles whose right answer went out whole.
        left: When the other side went away before the reply was whole, in seconds of the monotonic clock.
        port: Where it listens.
    """

    plan: Plan
    asks: list[Ask] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)
    left: list[float] = field(default_factory=list)
    port: int = 0
    _seen: Counter[int] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        """Its address, up to ``/v1``."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def asked(self) -> Counter[int]:
        """How often it was asked about each article."""
        return self._seen

    def wait_for(self, count: int, seconds: float = 60.0) -> None:
        """Wait until it was asked ``count`` times.

        Raises:
            TimeoutError: It is not within ``seconds``.
        """
        until = time.monotonic() + seconds
        while len(self.asks) < count:
            if time.monotonic() > until:
                msg = f"{len(self.asks)} requests came within {seconds:g} s, not {count}"
                raise TimeoutError(msg)
            time.sleep(0.01)

    async def serve(self, stream: anyio.abc.SocketStream) -> None:
        """Answer the requests of one connection."""
        with suppress(anyio.IncompleteRead, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            async with stream:
                buffered = BufferedByteReceiveStream(stream)
                while True:
                    head = await buffered.receive_until(b"\r\n\r\n", _HEAD)
                    length = _LENGTH.search(head)
                    body = await buffered.receive_exactly(int(length[1])) if length else b""
                    reply = self._noted(body)
                    await anyio.sleep(reply.wait)
                    try:
                        await self._send(stream, reply)
                    except (anyio.BrokenResourceError, OSError):
                        self.left.append(time.monotonic())
                        raise
                    if reply.ending != "whole":
                        return
                    if b'"finish_reason"' in reply.body:
                        self.answered[_about(body)] += 1

    def _noted(self, body: bytes) -> Reply:
        number = _about(body)
        ask = Ask(number, self._seen[number], len(self.asks), time.monotonic())
        self._seen[number] += 1
        self.asks.append(ask)
        return self.plan(ask)

    async def _send(self, stream: anyio.abc.SocketStream, reply: Reply) -> None:
        if reply.ending == "reset":
            stream.extra(anyio.abc.SocketAttribute.raw_socket).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)  # noqa: S610  # no Django here
            return
        lines = [f"HTTP/1.1 {reply.status} Planned", "content-type: application/json"]
        lines.append("transfer-encoding: chunked" if reply.ending == "flood" else f"content-length: {len(reply.body)}")
        lines += [f"{name}: {value}" for name, value in reply.headers]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        match reply.ending:
            case "whole":
                await stream.send(head + reply.body)
            case "cut":
                await stream.send(head + reply.body[: len(reply.body) // 2])
            case "drip":
                await stream.send(head)
                for byte in reply.body:
                    await anyio.sleep(0.1)
                    await stream.send(bytes([byte]))
            case "flood":
                await stream.send(head)
                for _ in range(_FLOOD // 65_536):
                    await stream.send(_BLOCK)


def _about(body: bytes) -> int:
    """Return the number of the article a request is about: the last one named, since the article comes last."""
    found = _NUMBER.findall(body)
    return int(found[-1]) if found else -1


@contextmanager
def serving(plan: Plan, *, port: int = 0) -> Iterator[Server]:
    """Yield a server on loopback that follows ``plan``; it runs in a thread of its own."""
    server = Server(plan)
    up = threading.Event()
    with anyio.from_thread.start_blocking_portal() as portal:

        async def listen(*, task_status: anyio.abc.TaskStatus[None]) -> None:
            async with await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port, backlog=1024) as listener:
                server.port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610  # the same
                task_status.started()
                up.set()
                await listener.serve(server.serve)

        future, _ = portal.start_task(listen)
        up.wait()
        try:
            yield server
        finally:
            future.cancel()
