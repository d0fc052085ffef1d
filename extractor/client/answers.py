"""What a service's answers mean: values of this package, or the error that says why there are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from extractor.errors import ExtractorError, RefusedError, ResponseError
from extractor.providers.transport import Reply

ModelT = TypeVar("ModelT", bound=BaseModel)

_LATER: Final = (409, 429, 503)
"""409: the same request, whose answer was lost on the way, is still being answered."""
_LONGEST: Final = 1_000


def again(reply: Reply) -> bool:
    """Tell whether the same request may be taken later: the answer says when, or is one of those that mean "not now"."""
    return reply.status >= 400 and (reply.status in _LATER or retry_after(reply.headers) is not None)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait, if it does so in seconds."""
    value = headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def refusal(reply: Reply) -> ExtractorError:
    """Return the error that an answer without success is."""
    try:
        found = json.loads(reply.content)
    except ValueError:
        found = None
    if isinstance(found, dict) and isinstance(found.get("type"), str) and isinstance(found.get("detail"), str):
        return problem(found, retry_after(reply.headers))
    msg = f"the answer has the status {reply.status} and is no problem as the service words it; check the address and what stands before it"
    return ResponseError(msg)


def problem(found: Mapping[str, Any], seconds: float | None = None) -> RefusedError:
    """Return the error that a problem (RFC 9457) is, whoever is at fault: its kind tells a bad article from a model that failed.

    Args:
        found: The problem, as JSON has it.
        seconds: When to ask again, if that is known.
    """
    kind = str(found.get("type", "")).rpartition("/")[2] or "unknown"
    faults = [fault for fault in found.get("errors") or () if isinstance(fault, dict)]
    places = [(str(fault.get("pointer", ""))[:_LONGEST], str(fault.get("detail", ""))[:_LONGEST]) for fault in faults]
    return RefusedError(str(found.get("detail", ""))[:_LONGEST], kind=kind[:_LONGEST], retry_after=seconds, faults=places)


def parsed(model: type[ModelT], content: bytes | str) -> ModelT:
    """Return the value that ``content`` is.

    Raises:
        ResponseError: It is none.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        msg = f"the answer is no {model.__name__} ({place}: {first['type']}); use the same version of this package on both sides"
        raise ResponseError(msg) from None
