"""The one policy for sending again: what failed on the way is repeated, what was answered is not.

Retries have three owners, each of one kind of fault: this module for transport, instructor for answers that do not
validate, the SDK for none.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

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
        sending = _Sending(self, send, door)
        # Most are answered at the first send. tenacity costs a tenth of a millisecond, and a cycle of references to be collected, so it
        # is begun where there is something to decide; the first failure is its first attempt.
        try:
            return await sending.once()
        except ProviderError as error:
            failed = [error]

        async def again() -> T:
            if failed:
                raise failed.pop()
            return await sending.once()

        # A new object for each call: one shared between tasks fails under concurrency.
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, ProviderError) and error.retryable),
            stop=lambda state: stop_after_attempt(self.attempts)(state) or self._too_late(state, sending.spent),
            wait=self._wait,
            sleep=sending.pause,
            reraise=True,
        )
        try:
            return await retrying(again)
        except ProviderError as error:
            error.attempts = sending.sent
            raise

    def _wait(self, state: RetryCallState) -> float:
        asked = _retry_after(state)
        backoff = wait_exponential(multiplier=self.first_wait, max=self.longest_wait) + wait_random(0, self.first_wait)
        if asked is None:
            return backoff(state)
        return 0.0 if self.parked else max(asked, 0.0)

    def _too_late(self, state: RetryCallState, spent: float) -> bool:
        asked = _retry_after(state)
        return asked is not None and not self.parked and spent + asked > self.deadline


@dataclass(slots=True)
class _Sending(Generic[T]):
    """The sends of one call.

    Attributes:
        policy: How long they may take.
        send: Sends once.
        door: What each must pass.
        sent: How many there were.
        spent: Seconds that they and the waits between them took.
    """

    policy: RetryPolicy
    send: Callable[[], Awaitable[T]]
    door: Door[T] | None
    sent: int = 0
    spent: float = 0.0

    async def once(self) -> T:
        """Send once."""
        if self.door is not None:
            await self.door.enter()
        self.sent += 1
        began = time.monotonic()
        result: T | ProviderError | None = None
        try:
            with anyio.fail_after(self.policy.deadline - self.spent):
                result = await self.send()
                return result
        except TimeoutError:
            result = self._late()
            raise result from None
        except ProviderError as error:
            result = error
            raise
        finally:
            self.spent += time.monotonic() - began
            if self.door is not None:
                self.door.leave(result)

    async def pause(self, seconds: float) -> None:
        """Wait before the next."""
        left = self.policy.deadline - self.spent
        self.spent += seconds
        await anyio.sleep(min(seconds, left))
        if seconds > left:
            raise self._late()

    def _late(self) -> DeadlineError:
        msg = f"no answer within {self.policy.deadline:g} s and {self.sent} attempts; raise EXTRACTOR_DEADLINE or use a faster model"
        return DeadlineError(msg, attempts=self.sent)


def _retry_after(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome is not None else None
    found = getattr(error, "retry_after", None)
    return float(found) if found is not None else None
