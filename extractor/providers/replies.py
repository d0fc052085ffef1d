"""Reading what a server that speaks OpenAI's chat completions sent: an answer, an error, and the limits beside them.

Headers are any mapping that finds lower-case names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pydantic_core import from_json

from extractor import errors
from extractor.requests import Completion, FinishReason, Limits, Usage

Headers = Mapping[str, str]

_FINISH: Final[dict[str, FinishReason]] = {"stop": "stop", "length": "length", "content_filter": "refusal"}
_WHAT: Final = ("requests", "tokens")
_COUNTS: Final = tuple((f"{what}_{part}", f"x-ratelimit-{part}-{what}") for what in _WHAT for part in ("limit", "remaining"))
_RESETS: Final = tuple((f"{what}_reset", f"x-ratelimit-reset-{what}") for what in _WHAT)
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(d|h|ms|m|s|us|µs|ns)?")
_SECONDS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "": 1.0}
_NO_CREDIT: Final = frozenset(("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"))


def completion(content: bytes, *, name: str, limits: Limits | None = None) -> Completion:
    """Return the answer in a reply.

    Args:
        content: The body.
        name: What messages call the server.
        limits: What the headers said.

    Raises:
        ResponseError: It is no chat completion; another try may bring one.
    """
    try:
        reply = from_json(content)
        choice = reply["choices"][0]
        message = choice["message"]
        refusal = message.get("refusal")
        finish = "refusal" if refusal else _FINISH.get(choice.get("finish_reason") or "stop", "stop")
        text = refusal or message.get("content") or ""
        return Completion(content=text, finish_reason=finish, usage=_usage(reply.get("usage") or {}), limits=limits)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        msg = f"{name} answered with {len(content)} bytes that are no chat completion"
        raise errors.ResponseError(msg) from error


def failure(status: int, headers: Headers, content: bytes | object, *, name: str, model: str) -> errors.ProviderError:
    """Return the error that a reply with an error's status stands for.

    Args:
        status: The status.
        headers: The headers.
        content: The body, or the JSON value it held.
        name: What messages call the server.
        model: The model that was asked for.
    """
    said = _said(content)
    if status == 402 or not _NO_CREDIT.isdisjoint((said.get("code"), said.get("type"))):
        return errors.QuotaError(f"the account at {name} has no credit left; add credit, raise its limit or use another key")
    make = _BY_STATUS.get(status) or (_failed if status >= 500 else _refused)
    return make(status, headers, said, name, model)


def read_limits(headers: Headers) -> Limits | None:
    """Return what the server says it will still take, if it says anything that can be used.

    Azure sends -1 where it does not know (openai-dotnet issue 838); what is negative or no number is left out.
    """
    found: dict[str, float | None] = {}
    for field, header in _COUNTS:
        value = headers.get(header)
        if value is not None and value.isdecimal() and value.isascii():
            found[field] = int(value)
    for field, header in _RESETS:
        value = headers.get(header)
        if value is not None:
            found[field] = seconds(value)
    return Limits.model_validate(found) if found else None


def seconds(duration: str) -> float | None:
    """Return the seconds of a duration as ``x-ratelimit-reset-*`` writes it: ``1s``, ``6m0s``, ``120ms``, ``7.66s``, or ``59``.

    None where it is none; a number without a unit is of seconds.
    """
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration or (len(parts) > 1 and not all(unit for _, unit in parts)):
        return None
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def retry_after(headers: Headers) -> float | None:
    """Return the seconds to wait, if the reply says.

    By ``retry-after-ms``, which OpenAI and Azure send for fractions, else by Retry-After (RFC 9110, section 10.2.3: seconds or a date).
    """
    if (exact := _number(headers.get("retry-after-ms"))) is not None:
        return exact / 1000
    value = headers.get("retry-after")
    if value is None:
        return None
    if (whole := _number(value)) is not None:
        return whole
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _number(value: str | None) -> float | None:
    try:
        found = float(value) if value is not None else -1.0
    except ValueError:
        return None
    return found if 0 <= found < math.inf else None


def _usage(usage: dict[str, Any]) -> Usage:
    details = usage.get("prompt_tokens_details") or {}
    return Usage(
        requests=1,
        input_tokens=usage.get("prompt_tokens") or 0,
        cached_input_tokens=details.get("cached_tokens") or 0,
        output_tokens=usage.get("completion_tokens") or 0,
    )


def _said(content: object) -> dict[str, Any]:
    """Return what the body says of the error; servers put it into ``error``, or send it bare."""
    if isinstance(content, bytes):
        try:
            content = from_json(content)
        except ValueError:
            return {}
    inner = content.get("error", content) if isinstance(content, dict) else None
    if isinstance(inner, str):
        return {"message": inner}
    if not isinstance(inner, dict):
        return {}
    return {key: str(inner[key]) for key in ("message", "code", "type") if inner.get(key)}


def _unauthorised(status: int, _: Headers, __: dict[str, Any], name: str, model: str) -> errors.ProviderError:
    return errors.AuthenticationError(f"{name} refuses the key for '{model}' (status {status}); check OPENAI_API_KEY or EXTRACTOR_API_KEY")


def _not_found(_: int, __: Headers, ___: dict[str, Any], name: str, model: str) -> errors.ProviderError:
    return errors.UnknownModelError(f"{name} has no model '{model}', or the address lacks /v1; check --model and EXTRACTOR_BASE_URL")


def _limited(_: int, headers: Headers, __: dict[str, Any], name: str, ___: str) -> errors.ProviderError:
    return errors.RateLimitError(f"{name} is limiting the rate; lower EXTRACTOR_PARALLEL or wait", retry_after=retry_after(headers))


def _passing(status: int, headers: Headers, _: dict[str, Any], name: str, __: str) -> errors.ProviderError:
    return errors.ServerError(f"{name} could not take the request now (status {status})", retry_after=retry_after(headers))


def _failed(status: int, headers: Headers, _: dict[str, Any], name: str, __: str) -> errors.ProviderError:
    return errors.ServerError(f"{name} failed with status {status}", retry_after=retry_after(headers))


def _refused(status: int, _: Headers, said: dict[str, Any], name: str, __: str) -> errors.ProviderError:
    reason = f": {said['message'][:200]}" if "message" in said else ""
    return errors.BadRequestError(f"{name} refused the request with status {status}{reason}")


_BY_STATUS: Final[dict[int, Callable[[int, Headers, dict[str, Any], str, str], errors.ProviderError]]] = {
    401: _unauthorised,
    403: _unauthorised,
    404: _not_found,
    408: _passing,
    409: _passing,
    429: _limited,
}
