"""A provider that answers nothing: it notes what is asked, to be asked in a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Never

from extractor import errors
from extractor.batch.provider.register import Known, Register
from extractor.batch.provider.request_files import RequestFiles
from extractor.errors import DeadlineError, DeferredError, ProviderError
from extractor.requests import Completion, Request


class Collecting:
    """Notes each request that the cache has no answer to, once.

    Args:
        endpoint: Who answers, as the online provider would say; so both share the cache.
        register: Where requests stand.
        files: What they are written to.
        attempts: How often one request is asked at the most.
        admit: Told of each request before it is noted; raises a ProviderError where it may not be, as for a budget.
    """

    def __init__(
        self, endpoint: str, register: Register, files: RequestFiles, *, attempts: int, admit: Callable[[Request], None] | None = None
    ) -> None:
        self._endpoint = endpoint
        self._register = register
        self._files = files
        self._attempts = attempts
        self._admit = admit
        self.over: str | None = None
        """Why nothing more is asked; None while more is."""

    @property
    def endpoint(self) -> str:
        """Who answers, for the cache key."""
        return self._endpoint

    async def prepare(self, request: Request) -> None:
        """Do nothing."""

    async def complete(self, request: Request) -> Completion:
        """Note ``request``.

        Raises:
            DeferredError: Always, while there may still be an answer.
            ProviderError: It was given up, by the class of its last error; or it may not be asked.
            StorageError: It cannot be noted.
        """
        key = request.key
        known = self._register.known(key)
        if known is None or known.standing != "asked":
            if known is not None and (known.standing == "failed" or known.tries >= self._attempts):
                _give_up(known)
            if self.over is not None:
                if known is not None and known.error is not None:
                    _give_up(known)
                raise DeadlineError(self.over, attempts=0)
            if self._admit is not None:
                self._admit(request)
            self._files.add(request, key)
        msg = "the answer comes with a batch of the provider's"
        raise DeferredError(msg, attempts=0)

    async def aclose(self) -> None:
        """Do nothing; the engine is closed by who opened it."""


def _give_up(known: Known) -> Never:
    if known.standing == "answered":
        msg = f"its answer came {known.tries} times, and the cache did not keep it; look at the cache with: extractor cache verify"
        raise ProviderError(msg, attempts=known.tries)
    msg = f"{known.message or 'the batch brought no answer'} ({known.tries} tries)"
    kind = errors.by_name(known.error)
    raise (kind if issubclass(kind, ProviderError) else ProviderError)(msg, attempts=known.tries)
