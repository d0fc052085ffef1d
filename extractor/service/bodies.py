"""Bodies of requests: read within bounds of size, time and memory, and parsed into models without ever failing otherwise than refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn, TypeVar

import anyio
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from extractor.errors import RefusedError
from extractor.service import faults, shape

Model = TypeVar("Model", bound=BaseModel)

VALUES: Final = 20_000
"""Values that a body may hold where nothing is said: a job of 1,000 articles with all their fields has 8,000."""

_JSON: Final = re.compile(r"application/(?:[a-z0-9!#$&^_.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?(?P<name>[^\s;\"]*)", re.IGNORECASE)
_PLACE: Final = re.compile(r"line \d+ column \d+")

_NOT_UTF_8: Final = "is not in UTF-8"
_NO_JSON: Final = "is no JSON"
_NOT_FINITE: Final = "holds NaN or Infinity, which are no JSON"
_UNREADABLE: Final = "holds half of a surrogate pair, or a number that is too long,"
"""What the parser of values refuses, of what the parser of the grammar took."""


class Buffers:
    """Bytes of bodies that a process holds at once.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    @contextmanager
    def hold(self) -> Iterator[Share]:
        """Yield a share for one body, given back at the end. It takes room as the body comes, so that a promise of size takes none."""
        share = Share(self)
        try:
            yield share
        finally:
            self.held -= share.size


class Share:
    """What one body takes of the buffers.

    Args:
        buffers: Where it belongs.
    """

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self.size = 0

    def grow(self, size: int) -> None:
        """Take ``size`` more bytes.

        Raises:
            RefusedError: There is no room.
        """
        if self._buffers.held + size > self._buffers.most:
            msg = "the service holds as many articles as it has room for; wait, then send again"
            raise RefusedError(msg, kind="overloaded")
        self._buffers.held += size
        self.size += size


async def read(request: Request, *, most: int, seconds: float, share: Share | None = None) -> bytes:
    """Return the body of ``request``, which says that it is JSON.

    Args:
        request: What is read from.
        most: Largest size, in bytes.
        seconds: How long the client has to send all of it.
        share: What it takes of the process's buffers.

    Raises:
        RefusedError: There is none, it is something else, too large, or not there in time, or there is no room for it.
        ClientDisconnect: The client has gone.
    """
    announced = _announced(request, most)
    if announced == 0:
        msg = "the body is missing; send one JSON object"
        raise RefusedError(msg, kind="malformed")
    _check_type(request)
    body = bytearray()
    with anyio.move_on_after(seconds) as scope:
        async for chunk in request.stream():
            if len(body) + len(chunk) > most:
                raise _too_large(most)
            if share is not None:
                share.grow(len(chunk))
            body += chunk
    if scope.cancelled_caught:
        msg = f"the body did not arrive within {seconds:g} s; send it again, faster"
        raise RefusedError(msg, kind="request-timeout")
    return bytes(body)


def parse(model: type[Model], raw: bytes, *, depth: int, values: int = VALUES) -> Model:
    """Return what ``raw`` says, as a ``model``: strictly, with each field given once.

    Args:
        model: What it must be.
        raw: One JSON object in UTF-8.
        depth: Deepest nesting.
        values: Most values.

    Raises:
        RefusedError: It is no JSON, too deep, too large, or no ``model``; what it says of that holds nothing of ``raw``.
    """
    shape.check(raw, depth=depth, values=values)
    try:
        json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_not_finite, parse_int=len, parse_float=len)
    except UnicodeDecodeError as error:
        raise _malformed(_NOT_UTF_8, f"byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise _malformed(_NO_JSON, f"line {error.lineno} column {error.colno}") from None
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0] if error.error_count() == 1 else None
        if first is not None and first["type"] == "json_invalid":
            place = _PLACE.search(first["msg"])
            raise _malformed(_UNREADABLE, place[0] if place else None) from None
        raise faults.refusal(model, error) from None


def _announced(request: Request, most: int) -> int | None:
    """Return the size that the request tells beforehand; None where it comes in chunks.

    Raises:
        RefusedError: It is larger than ``most``, or no number.
    """
    told = request.headers.get("content-length")
    if told is None:
        return None if "transfer-encoding" in request.headers else 0
    if not told.isascii() or not told.isdigit():
        msg = "the header Content-Length is no number"
        raise RefusedError(msg, kind="malformed")
    if len(told) > 18 or int(told) > most:
        raise _too_large(most)
    return int(told)


def _check_type(request: Request) -> None:
    """Check that the body is said to be JSON, in UTF-8, and not packed.

    Raises:
        RefusedError: It is said to be something else.
    """
    kind = request.headers.get("content-type", "")
    charset = _CHARSET.search(kind)
    if not _JSON.fullmatch(kind.strip()) or (charset and charset["name"].lower() not in {"utf-8", "utf8", "us-ascii"}):
        msg = "the body must be JSON in UTF-8, sent with the header Content-Type: application/json"
        raise RefusedError(msg, kind="unsupported-media-type")
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        msg = "the body must not be packed; send it without the header Content-Encoding"
        raise RefusedError(msg, kind="unsupported-media-type")


def _too_large(most: int) -> RefusedError:
    return RefusedError(f"the body is larger than {most / 1e6:g} MB; send less at once", kind="too-large")


def _malformed(says: str, place: str | None = None) -> RefusedError:
    where = f" at {place}" if place else ""
    return RefusedError(f"the body {says}{where}; send one JSON object", kind="malformed")


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Check an object's fields, since parsers take the last of two, and an article of two texts is in doubt."""
    if len({name for name, _ in pairs}) != len(pairs):
        msg = "an object of the body has two fields of the same name; each may be given once"
        raise RefusedError(msg, kind="invalid")


def _not_finite(_: str) -> NoReturn:
    raise _malformed(_NOT_FINITE)
