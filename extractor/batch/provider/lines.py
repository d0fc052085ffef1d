"""Lines of the files that a batch brings: which request each is about, and its answer or why there is none.

The form is OpenAI's (API reference, "The request output object"): a refused request is a status and an error's body where the
completion would be, in the file of errors or, with other servers, in the file of answers; a request that was never sent is a
top-level error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from extractor.errors import DeadlineError, ProviderError, ResponseError, ServerError
from extractor.providers import replies
from extractor.requests import Completion

MOST_BYTES: Final = 16 * 2**20
"""Most bytes of a line; one longer is skipped through, not held."""

_CHUNK: Final = 2**16
_CODES: Final[dict[str, type[ProviderError]]] = {
    "batch_expired": DeadlineError,
    "batch_cancelled": DeadlineError,
    "request_timeout": ServerError,
}
"""Errors of requests that were not answered, by OpenAI's code."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says.

    Attributes:
        key: The request it is about.
        result: Its answer, or the error for which there is none.
    """

    key: str
    result: Completion | ProviderError


def read(stream: IO[bytes], name: str, model: str) -> Iterator[Line | None]:
    """Yield what each line says; None for one that says nothing that can be understood.

    Args:
        stream: The file.
        name: What messages call the provider.
        model: What they call what was asked.
    """
    for text in _lines(stream):
        if text is None or text.strip():
            yield _line(text, name, model) if text is not None else None


def readable(path: Path) -> int:
    """Return how many lines of a file are about a request."""
    with path.open("rb") as stream:
        return sum(text is not None and _known(text) is not None for text in _lines(stream))


def _known(text: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return which request a line is about, and all it says."""
    try:
        value = json.loads(text)
        key = value["custom_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (key, value) if isinstance(key, str) else None


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    while text := stream.readline(MOST_BYTES):
        if len(text) == MOST_BYTES and not text.endswith(b"\n"):
            while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield text


def _line(text: bytes, name: str, model: str) -> Line | None:
    known = _known(text)
    if known is None:
        return None
    key, value = known
    try:
        return Line(key, _result(value, name, model))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Line(key, ResponseError(f"{name} answered in a batch with a line that is no answer"))
    except ProviderError as error:
        return Line(key, error)


def _result(value: dict[str, Any], name: str, model: str) -> Completion | ProviderError:
    response, fault = value.get("response"), value.get("error")
    if response is None:
        code = str((fault or {}).get("code") or "no code")
        kind = _CODES.get(code, ServerError)
        return kind(f"{name} did not get to this request in its batch ({code})")
    status, body = int(response.get("status_code") or 200), response.get("body")
    if status < 400:
        return replies.completion(json.dumps(body).encode(), name=name)
    return replies.failure(status, {}, body, name=name, model=model)  # the error that the same status would have been online
