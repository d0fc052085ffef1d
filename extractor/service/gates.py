"""What lets requests of a service through to a model: batch's gate, made to live on.

A batch ends at the first error that no request can escape, such as a refused key. A service stays: some time after such an
error its gate is made anew, and the next request finds out whether it still holds.

A batch waits while its provider rests; a person does not. Requests for somebody who waits are refused at once while the
provider rests for longer than a moment, and told when to come again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from extractor.batch.control import Control
from extractor.errors import ProviderError, RestingError
from extractor.requests import Completion, Request

hurried: ContextVar[bool] = ContextVar("hurried", default=False)
"""Whether somebody waits for what is asked."""

_AGAIN: Final = 30.0
"""Seconds after which a gate that was stopped is made anew."""
_MOMENT: Final = 5.0
"""Longest rest of a provider, in seconds, that somebody who waits is made to wait for."""


class Lasting:
    """A ``Gate`` of ``extractor.exchange`` that outlives what stops it.

    Args:
        make: Makes the gate proper.
        again: Seconds after which a stopped one is made anew.
        clock: Returns the time in seconds, never going back.
    """

    def __init__(self, make: Callable[[], Control], *, again: float = _AGAIN, clock: Callable[[], float] = time.monotonic) -> None:
        self._make = make
        self._again = again
        self._clock = clock
        self._control = make()
        self._stopped_at: float | None = None
        self._entered: dict[int, list[Control]] = {}

    @property
    def control(self) -> Control:
        """The gate proper, at the moment."""
        control = self._control
        if control.stopped is None:
            return control
        if self._stopped_at is None:
            self._stopped_at = self._clock()
        if self._clock() - self._stopped_at < self._again:
            return control
        self._stopped_at = None
        self._control = self._make()
        return self._control

    @property
    def stopped(self) -> ProviderError | None:
        """The error for which nothing is sent at the moment."""
        return self.control.stopped

    @property
    def rest(self) -> float:
        """Seconds from now for which nothing will be sent, 0 where something may be."""
        return self.control.rest

    async def enter(self, request: Request) -> None:
        """Wait until ``request`` may be sent once.

        Raises:
            RestingError: Somebody waits for the answer, and the provider rests.
            ProviderError: What stopped the gate proper.
        """
        control = self.control
        if hurried.get() and (rest := control.rest) > _MOMENT:
            seconds = _MOMENT if math.isinf(rest) else rest
            msg = f"the model's provider fails, or asked to wait; nothing is sent to it for {seconds:.0f} s"
            raise RestingError(msg, retry_after=seconds)
        await control.enter(request)
        self._entered.setdefault(id(request), []).append(control)

    def leave(self, request: Request, result: Completion | ProviderError | None) -> None:
        """Learn what came of ``request``, which was let in; None where it was cancelled."""
        entered = self._entered[id(request)]
        control = entered.pop()
        if not entered:
            del self._entered[id(request)]
        control.leave(request, result)
