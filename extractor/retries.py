"""The one policy for sending again: what failed on the way is repeated, what was answered is not.

Retries have three owners, each of one kind of fault: this module for transport, instructor for answers that do not
validate, the SDK for none.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

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
T_contra = TypeVar("T_contra", contravariant=True)


class Door(Protocol[T_contra]):
    """What a send must pass: it may have to wait before it, and the door learns what came of it."""

    async def enter(self) -> None:
        """Wait until one send may be made.

        Raises:
            ProviderError: None ever may.
        """
        ...

    def leave(self, result: T_contra | ProviderError | None) -> None:
        """Learn what came of a send that was let in; None where it was cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to try.

    Attributes:
        attempts: Requests sent at the most.
        deadline: Seconds of sending, and of waiting between sends, until giving up.
        first_wait: Seconds before the second send; doubled for each further one, with jitter.
        longest_wait: Most seconds between two sends, unless the provider asks for more.
        parked: Whether whoever lets requests in keeps the waits that providers ask for, so that they are not waited for here.
    """

    attempts: int = 4
    deadline: float = 600.0
    first_wait: float = 1.0
    longest_wait: float = 60.0
    parked: bool = False

    async def run(self, send: Callable[[], Awaitable[T]], *, door: Door[T] | None = None) -> T:
        """Return what ``send`` returns, sending again while its error is retryable and the policy allows.

        Args:
            send: Sends once.
            door: What each send must pass; waiting there does not count.

        Raises:
            ProviderError: The last error, with the number of attempts; DeadlineError when time ran out first.
        """
        sent = 0
        spent = 0.0

        async def once() -> T:
            nonlocal sent, spent
            if door is not None:
                await door.enter()
            sent += 1
            began = time.monotonic()
            result: T | ProviderError | None = None
            try:
                with anyio.fail_after(self.deadline - spent):
                    result = await send()
                    return result
            except TimeoutError:
                result = self._late(sent)
                raise result from None
            except ProviderError as error:
                result = error
                raise
            finally:
                spent += time.monotonic() - began
                if door is not None:
                    door.leave(result)

        async def pause(seconds: float) -> None:
            nonlocal spent
            left = self.deadline - spent
            spent += seconds
            await anyio.sleep(min(seconds, left))
            if seconds > left:
                raise self._late(sent)

        # A new object for each call: one shared between tasks fails under concurrency.
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, ProviderError) and error.retryable),
            stop=lambda state: stop_after_attempt(self.attempts)(state) or self._too_late(state, spent),
            wait=self._wait,
            sleep=pause,
            reraise=True,
        )
        try:
            return await retrying(once)
        except ProviderError as error:
            error.attempts = sent
            raise

    def _late(self, sent: int) -> DeadlineError:
        msg = f"no answer within {self.deadline:g} s and {sent} attempts; raise EXTRACTOR_DEADLINE or use a faster model"
        return DeadlineError(msg, attempts=sent)

    def _wait(self, state: RetryCallState) -> float:
        asked = _retry_after(state)
        backoff = wait_exponential(multiplier=self.first_wait, max=self.longest_wait) + wait_random(0, self.first_wait)
        if asked is None:
            return backoff(state)
        return 0.0 if self.parked else max(asked, 0.0)

    def _too_late(self, state: RetryCallState, spent: float) -> bool:
        asked = _retry_after(state)
        return asked is not None and not self.parked and spent + asked > self.deadline


def _retry_after(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome is not None else None
    found = getattr(error, "retry_after", None)
    return float(found) if found is not None else None
