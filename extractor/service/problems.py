"""Every answer that is none: problems by RFC 9457, and the one place where errors become answers.

Handlers let errors pass; what is installed here answers them. An answer never holds article text, a key or a path of this machine:
only what the service itself says of a request, of an article or of a budget goes out in its own words, and of everything else
the kind. The words are for the log.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from extractor.errors import BudgetError, ExtractorError, ReaderError, RefusedError, UnaffordableError, of_group
from extractor.service import faults
from extractor.service.budgets import until_midnight
from extractor.service.kinds import BY_ERROR, BY_STATUS, KINDS, Kind

__all__ = ["KINDS", "MEDIA_TYPE", "Kind", "documented", "install", "kind_of", "member", "response", "unforeseen"]

MEDIA_TYPE: Final = "application/problem+json"
_TOLD: Final = (RefusedError, ReaderError, BudgetError)
"""Errors that speak of the request; the others speak of the service, to whom it belongs."""
_LONGEST: Final = 1_000
"""Longest detail, in code points."""
_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_REFERENCE: Final = {"$ref": "#/components/schemas/ProblemOut"}

_LEFT: Final = 499
"""Status of a request whose client went away before it was answered."""

_log = logging.getLogger(__name__)


def kind_of(error: ExtractorError) -> Kind:
    """Return the kind of problem that ``error`` is: by its own word, or by its class."""
    if isinstance(error, RefusedError):
        return KINDS.get(error.kind, KINDS["fault"])
    return KINDS[next(BY_ERROR[cls] for cls in type(error).__mro__ if cls in BY_ERROR)]


def member(error: ExtractorError) -> dict[str, Any]:
    """Return the problem that ``error`` is, as a JSON object: what an answer, an event and a line of results hold."""
    kind = kind_of(error)
    return _object(kind, str(error) if isinstance(error, _TOLD) else kind.says, getattr(error, "faults", ()))


def response(error: ExtractorError) -> Response:
    """Return the answer to a request that ended with ``error``; what is the service's own trouble is logged, too."""
    kind = kind_of(error)
    if kind.status >= 500 and not isinstance(error, RefusedError):
        _log.warning("a request ended with %s: %s", type(error).__name__, error)
    return _answer(kind, member(error), retry_after=_retry_after(error))


def _retry_after(error: ExtractorError) -> float | None:
    """Return the seconds after which the same request may succeed; a spent budget is whole again at midnight UTC."""
    if isinstance(error, BudgetError) and not isinstance(error, UnaffordableError):
        return until_midnight(time.time())
    return getattr(error, "retry_after", None)


def unforeseen(error: BaseException) -> Response:
    """Return the answer to a request that ended with an error nobody foresaw.

    The message of such an error may hold article text, so it goes nowhere. Class and places in the code are digested: the digest
    stands in the answer and in the log, and the places in the log's debug lines.
    """
    lines = list(_places(error))
    digest = hashlib.sha256("".join(lines).encode("utf-8", "replace")).hexdigest()[:12]
    _log.warning(
        "a request ended with %s, which nobody foresaw: fault %s; its places are logged at level debug", type(error).__name__, digest
    )
    _log.debug("fault %s:\n%s", digest, "".join(lines))
    kind = KINDS["fault"]
    return _answer(kind, _object(kind, f"{kind.says} Its number is {digest}."))


def install(app: FastAPI) -> None:
    """Have ``app`` answer every error with a problem.

    Starlette raises what nobody foresaw once more after it was answered, for its server to print. Whatever is around ``app`` must
    catch that, since the message may hold article text.
    """
    app.add_exception_handler(ExtractorError, _extractor_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _wrong_parameters)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(ExceptionGroup, _group)
    app.add_exception_handler(Exception, _unforeseen)


def documented(*names: str) -> dict[int | str, dict[str, Any]]:
    """Return what FastAPI is told of the problems a path may answer with, as its ``responses``.

    Args:
        names: Names of kinds; those of the same status are told together.
    """
    told: dict[int | str, dict[str, Any]] = {}
    for kind in (KINDS[name] for name in names):
        entry = told.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: {"schema": _REFERENCE, "examples": {}}}})
        entry["description"] = f"{entry['description']} {kind.title}: {kind.says}".strip()
        entry["content"][MEDIA_TYPE]["examples"][kind.name] = {"value": _object(kind, kind.says)}
        if kind.retry_after is not None:
            entry["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}
    return told


def _object(kind: Kind, detail: str, wrong: Any = ()) -> dict[str, Any]:
    problem: dict[str, Any] = {"type": kind.type, "title": kind.title, "status": kind.status, "detail": _clean(detail)}
    if wrong:
        problem["errors"] = [{"pointer": _clean(pointer), "detail": _clean(says)} for pointer, says in wrong]
    return problem


def _clean(text: str) -> str:
    """Return ``text`` as it can be encoded, and not too long."""
    return text[:_LONGEST].encode("utf-8", "replace").decode()


def _answer(
    kind: Kind, problem: Mapping[str, Any], *, retry_after: float | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    sent = dict(headers or {})
    if kind.closes:
        sent["Connection"] = "close"
    if kind.name == "unauthorized":
        sent.setdefault("WWW-Authenticate", "Bearer")
    seconds = kind.retry_after if retry_after is None or not math.isfinite(retry_after) else retry_after
    if seconds is not None and kind.status in {429, 503}:
        sent["Retry-After"] = str(max(0, math.ceil(seconds)))
    return Response(json.dumps(problem), kind.status, sent, MEDIA_TYPE)


def _places(error: BaseException, depth: int = 0) -> list[str]:
    """Return class and places in the code of ``error`` and of what caused it, innermost last, without any message."""
    lines = [f"{type(error).__module__}.{type(error).__qualname__}\n", *traceback.format_tb(error.__traceback__)]
    inner = [*getattr(error, "exceptions", ()), error.__cause__ or error.__context__]
    for cause in inner if depth < 5 else ():
        if isinstance(cause, BaseException):
            lines += ["from ", *_places(cause, depth + 1)]
    return lines


async def _extractor_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ExtractorError)
    return response(error)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=headers)
    kind = BY_STATUS.get(error.status_code, KINDS["malformed" if error.status_code < 500 else "fault"])
    return _answer(kind, _object(kind, kind.says), headers=headers)


def _allowed(request: Request) -> list[str]:
    """Return the methods that this path takes, of all its routes; the framework tells only those of the first."""
    scopes = [{**request.scope, "method": method} for method in _METHODS]
    return [scope["method"] for scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)]


async def _wrong_parameters(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return response(RefusedError("; ".join(faults.of_parameters(error.errors())), kind="invalid"))


async def _left(_: Request, __: Exception) -> Response:
    """Answer nobody; the status is for those who count."""
    return Response(status_code=_LEFT)


async def _group(_: Request, error: Exception) -> Response:
    """Answer the error that says most of several that came at once."""
    inner = of_group(error)
    return response(inner) if isinstance(inner, ExtractorError) else unforeseen(error)


async def _unforeseen(_: Request, error: Exception) -> Response:
    return unforeseen(error)
