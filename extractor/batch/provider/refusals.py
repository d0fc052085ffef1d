"""Why a provider did not begin a batch, from what it says on it.

Codes are those of OpenAI; a batch can be refused after its creation, when its file has been read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from extractor.batch.provider.endpoints import FileTooLargeError
from extractor.batch.provider.register import Job
from extractor.errors import BadRequestError, ProviderError, QuotaError, RateLimitError

if TYPE_CHECKING:
    from openai.types import Batch

What = Literal["queue", "size", "requests", "whole"]
"""The queue has no room for it now; it is too large; some of its requests are malformed; nothing like it can be taken."""

_WHAT: Final[dict[str, tuple[What, type[ProviderError]]]] = {
    "token_limit_exceeded": ("queue", RateLimitError),
    "too_many_tasks": ("size", FileTooLargeError),
    "file_too_large": ("size", FileTooLargeError),
    "request_too_large": ("size", FileTooLargeError),
    "insufficient_quota": ("whole", QuotaError),
    "billing_hard_limit_reached": ("whole", QuotaError),
    "billing_not_active": ("whole", QuotaError),
}
_NEXT: Final[dict[type[ProviderError], str]] = {
    RateLimitError: "wait for other batches of the organisation to end, and run again to go on",
    QuotaError: "add credit to the account, and run again to go on",
}
"""What a user can do."""

_MOST: Final = 200
"""Characters of the provider's own words that are kept."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a batch was not begun.

    Attributes:
        what: What is wrong.
        error: The same as an error.
        lines: What is wrong with which line of the file, from 1.
    """

    what: What
    error: ProviderError
    lines: Mapping[int, str] = field(default_factory=dict)


def explain(batch: Batch, job: Job, name: str) -> Refusal:
    """Return why the ``batch`` of a ``job`` failed; ``name`` is what messages call the provider."""
    errors = batch.errors.data or [] if batch.errors is not None else []
    codes = sorted({error.code or "no code" for error in errors})
    told = f"{name} refused a batch of {job.requests} requests ({', '.join(codes) or 'it does not say why'})"
    for code in codes:
        if code in _WHAT:
            what, kind = _WHAT[code]
            return Refusal(what, kind(f"{told}; {_NEXT[kind]}" if kind in _NEXT else told, attempts=0))
    lines = {error.line: f"{error.code}: {(error.message or '')[:_MOST]}" for error in errors if error.line is not None}
    reason = next((f": {error.message[:_MOST]}" for error in errors if error.message), "")
    return Refusal("requests" if 0 < len(lines) < job.requests else "whole", BadRequestError(f"{told}{reason}", attempts=0), lines)
