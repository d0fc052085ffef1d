"""The rate of a caller: a bucket of tokens that fills evenly; one request takes one token."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_BURST: Final = 0.25
"""Minutes' worth of requests that a full bucket holds."""


class Bucket:
    """Lets ``rate`` requests a minute through, and a quarter of them at once.

    Args:
        rate: Requests a minute, at least 1.
        clock: Returns the time in seconds, never going back.

    Attributes:
        burst: Requests that a full bucket lets through at once, at least 1.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst = max(1.0, rate * _BURST)
        self._every = 60.0 / rate  # seconds
        self._clock = clock
        # When the bucket would be full, if nothing more were taken: one number that no rounding adds up in.
        self._full_at = clock()

    def take(self) -> float:
        """Take a token where there is one; return the seconds until there is, 0 where it was taken."""
        now = self._clock()
        full_at = max(self._full_at, now) + self._every
        wait = full_at - now - self.burst * self._every
        if wait > 1e-9 * self._every:
            return wait
        self._full_at = full_at
        return 0.0
