"""The one policy for sending again: what failed on the way is repeated, what was answered is not.

Retries have three owners, each of one kind of fault: this module for transport, instructor for answers that do not
validate, the SDK for none.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from extractor.errors import DeadlineError, ProviderError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to try.

    Attributes:
        attempts: Requests sent at the most.
        deadline: Seconds from the first send to giving up, waits included.
        first_wait: Seconds before the second send; doubled for each further one, with jitter.
        longest_wait: Most seconds between two sends, unless the provider asks for more.
    """

    attempts: int = 4
    deadline: float = 600.0
    first_wait: float = 1.0
    longest_wait: float = 60.0

    async def run(self, send: Callable[[], Awaitable[T]]) -> T:
        """Return what ``send`` returns, sending again while its error is retryable and the policy allows.

        Raises:
            ProviderError: The last error, with the number of attempts; DeadlineError when time ran out first.
        """
        began = time.monotonic()
        sent = 0

        async def once() -> T:
            nonlocal sent
            sent += 1
            return await send()

        # A new object for each call: one shared between tasks fails under concurrency.
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, ProviderError) and error.retryable),
            stop=lambda state: stop_after_attempt(self.attempts)(state) or self._too_late(state, began),
            wait=self._wait,
            sleep=anyio.sleep,
            reraise=True,
        )
        try:
            with anyio.fail_after(self.deadline):
                return await retrying(once)
        except TimeoutError:
            msg = f"no answer within {self.deadline:g} s and {sent} attempts; raise EXTRACTOR_DEADLINE or use a faster model"
            raise DeadlineError(msg, attempts=sent) from None
        except ProviderError as error:
            error.attempts = sent
            raise

    def _wait(self, state: RetryCallState) -> float:
        asked = _retry_after(state)
        backoff = wait_exponential(multiplier=self.first_wait, max=self.longest_wait) + wait_random(0, self.first_wait)
        return backoff(state) if asked is None else max(asked, 0.0)

    def _too_late(self, state: RetryCallState, began: float) -> bool:
        asked = _retry_after(state)
        return asked is not None and time.monotonic() - began + asked > self.deadline


def _retry_after(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome is not None else None
    found = getattr(error, "retry_after", None)
    return float(found) if found is not None else None
