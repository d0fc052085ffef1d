"""Every error this package raises on purpose.

* ExtractorError
  + ConfigurationError        a setting, option or name is wrong
    x MissingExtraError       an optional part is not installed
    x PromptError             a prompt file is missing, malformed or was changed after release
  + ReaderError               an input cannot be read as an article
    x RepeatedIdError         an article has the id of another one
    x GoldError               gold cannot be used to measure with
  + ProviderError             the model could not be asked, or did not answer
    x AuthenticationError     the key is missing, wrong or not allowed to use the model
    x QuotaError              the account has no credit left
    x UnknownModelError       the provider has no such model, or the address is wrong
    x BadRequestError         the provider refuses the request as malformed
    x RateLimitError          too many requests; may carry the seconds to wait     (retried)
    x ServerError             the provider failed                                  (retried)
    x ConnectionFailedError   the provider cannot be reached                       (retried)
    x ResponseError           the reply is no chat completion                      (retried)
    x DeadlineError           no answer within the total deadline
    x BudgetError             what may be spent is spent, or would be by the next request
      - UnaffordableError     the request may cost more than may ever be spent
    x DeferredError           the answer comes later, with a batch of the provider's
    x StoppedError            somebody stopped the run, so nothing more is sent
    x RestingError            the provider fails or asked to wait, and somebody waits who need not
  + RefusedError              a service refuses a request; its kind says why
  + WeightsError              a local model's file cannot be had, or is not the right one
  + StorageError              the cache or an output file cannot be read or written
    x DiskFullError           there is no room; the same call succeeds when there is again
    x RunError                a folder holds no run, a damaged one, or one of something else

Each class knows whether sending again can help (``retryable``), which HTTP status a service answers with
(``http_status``) and which code the command line exits with (``exit_code``), so no other module keeps lists of cases.
Messages say what is wrong, where, and what to do next; they never hold article text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class ExtractorError(Exception):
    """Base of all errors raised on purpose."""

    retryable: ClassVar[bool] = False
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1


class ConfigurationError(ExtractorError):
    """A setting, option or name is wrong."""

    exit_code = 2


class MissingExtraError(ConfigurationError):
    """An optional part of the package is not installed."""


class PromptError(ConfigurationError):
    """A prompt file is missing, malformed, or was changed after its release."""


class ReaderError(ExtractorError):
    """An input cannot be read as an article."""

    http_status = 422
    exit_code = 3


class RepeatedIdError(ReaderError):
    """An article has the id of another one."""


class GoldError(ReaderError):
    """Gold cannot be used to measure with."""


class ProviderError(ExtractorError):
    """The model could not be asked, or did not answer.

    Attributes:
        attempts: How many requests were sent before giving up.
        personal: Whether it is about who asked, so that another may be answered.
    """

    http_status = 502
    exit_code = 4
    personal: ClassVar[bool] = False

    def __init__(self, message: str, *, attempts: int = 1) -> None:
        super().__init__(message)
        self.attempts = attempts


class AuthenticationError(ProviderError):
    """The key is missing, wrong, or not allowed to use the model."""


class QuotaError(ProviderError):
    """The account has no credit left; waiting does not help."""


class UnknownModelError(ProviderError):
    """The provider has no such model, or the address is wrong; no article would fare better."""


class BadRequestError(ProviderError):
    """The provider refuses the request as malformed."""


class RateLimitError(ProviderError):
    """Too many requests.

    Attributes:
        retry_after: Seconds the provider asks to wait, if it says.
    """

    retryable = True
    http_status = 503

    def __init__(self, message: str, *, retry_after: float | None = None, attempts: int = 1) -> None:
        super().__init__(message, attempts=attempts)
        self.retry_after = retry_after


class ServerError(ProviderError):
    """The provider failed on its side.

    Attributes:
        retry_after: Seconds the provider asks to wait, if it says.
    """

    retryable = True

    def __init__(self, message: str, *, retry_after: float | None = None, attempts: int = 1) -> None:
        super().__init__(message, attempts=attempts)
        self.retry_after = retry_after


class ConnectionFailedError(ProviderError):
    """The provider cannot be reached, or the connection broke."""

    retryable = True


class ResponseError(ProviderError):
    """The reply is no chat completion."""

    retryable = True


class DeadlineError(ProviderError):
    """No answer within the total deadline."""

    http_status = 504


class BudgetError(ProviderError):
    """What may be spent is spent, or would be by the next request."""

    http_status = 429
    personal = True


class UnaffordableError(BudgetError):
    """One request may cost more than may be spent at all, so no waiting helps."""

    http_status = 403


class DeferredError(ProviderError):
    """The question goes out with a batch of the provider's, and its answer comes later; an article that waits for one is pending."""

    http_status = 503


class StoppedError(ProviderError):
    """Somebody stopped the run, so nothing more is sent."""

    http_status = 503


class RestingError(ProviderError):
    """Nothing is sent to the provider for a while, since it fails or asked to wait, and whoever asks should come again later.

    Attributes:
        retry_after: Seconds until something may be sent.
    """

    http_status = 503
    personal = True

    def __init__(self, message: str, *, retry_after: float | None = None, attempts: int = 0) -> None:
        super().__init__(message, attempts=attempts)
        self.retry_after = retry_after


class RefusedError(ExtractorError):
    """A service refuses a request; raised where it is refused, and again by the client it is told to.

    Attributes:
        kind: Name of the kind of problem, which decides the HTTP status: a key of ``extractor.service.problems.KINDS``.
        retry_after: Seconds after which the same request may be taken, if that can be told.
        faults: Places in the request's body that are wrong, as JSON pointers, each with what is wrong there.
    """

    exit_code = 4

    def __init__(self, message: str, *, kind: str, retry_after: float | None = None, faults: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
        self.faults = tuple(faults)


class WeightsError(ExtractorError):
    """A local model's file cannot be had, or is not the right one."""

    http_status = 503
    exit_code = 5


class StorageError(ExtractorError):
    """The cache or an output file cannot be read or written."""

    exit_code = 6


class DiskFullError(StorageError):
    """There is no room on the disk; the same call succeeds when there is again."""

    http_status = 503


class RunError(StorageError):
    """A folder holds no run, a damaged one, or one of something else."""


def by_name(name: str | None) -> type[ExtractorError]:
    """Return the class of this module that is called ``name``, as results keep it; ExtractorError where there is none."""
    found = globals().get(name or "")
    return found if isinstance(found, type) and issubclass(found, ExtractorError) else ExtractorError


def may_pass(kind: type[ExtractorError]) -> bool:
    """Tell whether a question that failed by an error of ``kind`` was not answered, but may be another time."""
    return issubclass(kind, ProviderError) and kind not in (BadRequestError, UnaffordableError)


def of_group(error: BaseException) -> BaseException:
    """Return the error of a group that says most, a StorageError before any other of this module; one that is no group, as it is."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    found = [of_group(one) for one in error.exceptions]
    ours = [one for one in found if isinstance(one, ExtractorError)]
    return next((one for one in ours if isinstance(one, StorageError)), (ours or found)[0])
