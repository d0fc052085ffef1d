"""The kinds of problems there are: each with its status and words, and the kind that each class of errors is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extractor import errors


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem (RFC 9457).

    Attributes:
        name: Its name, the last part of its ``type``.
        status: The HTTP status.
        title: The kind in a few words.
        says: What it means and what to do, where nothing more is known.
        retry_after: Seconds to wait where the error does not tell; None where waiting does not help, or nobody knows.
        closes: Whether the connection ends with the answer, since the rest of the request is not read.
    """

    name: str
    status: int
    title: str
    says: str
    retry_after: float | None = None
    closes: bool = False

    @property
    def type(self) -> str:
        """Address, on the server, of what it means."""
        return f"/problems/{self.name}"


_ALL: Final = (
    Kind("malformed", 400, "Malformed request", "The request cannot be read; send one JSON object in UTF-8."),
    Kind("unauthorized", 401, "No valid key", "Send a valid key in the header Authorization, as Bearer and the key."),
    Kind("forbidden", 403, "Not allowed", "The request is not allowed; see which host it names, and from which page it comes."),
    Kind("unaffordable", 403, "Budget too small", "One question may cost more than this key may spend in a day; ask for a larger budget."),
    Kind("not-found", 404, "Not found", "There is nothing at this address, or nothing any more."),
    Kind("method-not-allowed", 405, "Method not allowed", "The address takes other methods only; the header Allow names them."),
    Kind("not-acceptable", 406, "Not acceptable", "The answer has none of the media types that the header Accept asks for."),
    Kind("request-timeout", 408, "Body not received in time", "The body did not arrive in time; send it again, faster.", closes=True),
    Kind("too-large", 413, "Too large", "The request is larger than the service takes; send less at once."),
    Kind("unsupported-media-type", 415, "Unsupported media type", "Send JSON in UTF-8, as Content-Type application/json."),
    Kind("invalid", 422, "Invalid request", "The request has wrong values; the errors say where."),
    Kind("idempotency-mismatch", 422, "Idempotency-Key used before", "The Idempotency-Key came with another body before; use a new one."),
    Kind("unreadable-article", 422, "Unreadable article", "The article cannot be read."),
    Kind("rate-limited", 429, "Too many requests", "Too many requests with this key; wait, then send again.", 1.0),
    Kind("budget-spent", 429, "Budget spent", "What this key may spend is spent."),
    Kind("head-too-large", 431, "Header fields too large", "Send fewer or shorter header fields.", closes=True),
    Kind("fault", 500, "Fault of the service", "The service has a fault, which its operator finds in the log."),
    Kind("model-failed", 502, "Model failed", "The model did not answer as it should; its answers so far are remembered, so try again."),
    Kind("overloaded", 503, "Overloaded", "The service is busy; wait, then send again.", 1.0),
    Kind("draining", 503, "Shutting down", "The service is shutting down; send again soon.", 5.0),
    Kind("model-unavailable", 503, "Model unavailable", "The model cannot be asked at the moment; try again later.", 30.0),
    Kind("no-room", 503, "No room", "The service has no room on its disk; its operator must make some. Try again later.", 60.0),
    Kind("model-late", 504, "Model late", "The model did not answer in time; its answers so far are remembered, so try again."),
    Kind("deadline", 504, "Deadline passed", "The deadline passed before the answer; what the model said is remembered, so try again."),
)

KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _ALL}
BY_STATUS: Final[dict[int, Kind]] = {kind.status: kind for kind in reversed(_ALL)}
"""The first kind of each status: for errors of the framework, which know no more."""

BY_ERROR: Final[dict[type[errors.ExtractorError], str]] = {
    errors.ExtractorError: "fault",
    errors.ConfigurationError: "fault",
    errors.MissingExtraError: "fault",
    errors.PromptError: "fault",
    errors.ReaderError: "unreadable-article",
    errors.RepeatedIdError: "unreadable-article",
    errors.GoldError: "unreadable-article",
    errors.ProviderError: "model-failed",
    errors.AuthenticationError: "model-failed",
    errors.QuotaError: "model-failed",
    errors.UnknownModelError: "model-failed",
    errors.BadRequestError: "model-failed",
    errors.RateLimitError: "overloaded",
    errors.ServerError: "model-failed",
    errors.ConnectionFailedError: "model-failed",
    errors.ResponseError: "model-failed",
    errors.DeadlineError: "model-late",
    errors.BudgetError: "budget-spent",
    errors.UnaffordableError: "unaffordable",
    errors.DeferredError: "model-unavailable",
    errors.StoppedError: "draining",
    errors.RestingError: "model-unavailable",
    errors.RefusedError: "fault",
    errors.WeightsError: "model-unavailable",
    errors.StorageError: "fault",
    errors.DiskFullError: "no-room",
    errors.RunError: "fault",
}
"""The kind that each class is; a RefusedError's own word comes first."""
