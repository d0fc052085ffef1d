"""The breaker: where most requests fail on the way, none is sent for a while, then one at a time, to see.

::

    closed --- 20 results or more within 30 s, half of them or more failed; or 10 failed in a row ---> open
    open ----- its wait is over: the next request is the probe --------------------------------------> half-open
    half-open  the provider answers the probe, whatever it says -------------------------------------> closed
    half-open  the probe fails: the wait doubles, up to 60 s ----------------------------------------> open
    half-open  the probe is cancelled: another may be sent at once ----------------------------------> open

Only failures of transport count: a provider that limits the rate or refuses a request is there. Ten in a row count however
long they took, since with few requests in flight there are never 20 results in 30 s. What comes back while the breaker is not
closed, from requests sent before, changes nothing, except that an answer shows the provider was alive.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from extractor.errors import ConnectionFailedError, DeadlineError, ProviderError, ResponseError, ServerError
from extractor.requests import Completion

_FAILED: Final = (ServerError, ConnectionFailedError, DeadlineError, ResponseError)
_WINDOW: Final = 30
"""Seconds that are looked back on."""
_ENOUGH: Final = 20
_SHARE: Final = 0.5
_IN_ROW: Final = 10
_FIRST_WAIT: Final = 5.0
_LONGEST_WAIT: Final = 60.0


class Breaker:
    """Whether the provider seems to be there.

    Args:
        clock: Returns the time in seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds: deque[list[int]] = deque()  # [second, results, failed ones], the newest last
        self._results = self._failures = self._row = 0
        self._wait = _FIRST_WAIT
        self._until: float | None = None  # of an open breaker, when the probe may go
        self._silent_since = 0.0
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether requests are held back, but for a probe."""
        return self._until is not None

    def wait(self) -> float:
        """Return the seconds until a request may be sent; infinite while a probe is out."""
        if self._until is None:
            return 0.0
        return math.inf if self._probing else max(0.0, self._until - self._clock())

    def patience(self, seconds: float) -> float:
        """Return what is left of ``seconds`` without an answer while not closed; infinite while closed."""
        return math.inf if self._until is None else self._silent_since + seconds - self._clock()

    def given_up(self, after: float) -> bool:
        """Return whether the breaker has been open, without an answer, for ``after`` seconds."""
        return self.patience(after) <= 0

    def begin(self) -> bool:
        """Count a request as sent and return whether it is a probe; ``wait`` must have returned 0."""
        self._probing = self._until is not None
        return self._probing

    def end(self, result: Completion | ProviderError | None, *, probe: bool) -> None:
        """Learn what came of a request, a ``probe`` or not; None where it was cancelled."""
        failed = isinstance(result, _FAILED)
        if result is not None and not failed:
            self._silent_since = self._clock()
        if probe:
            self._probing = False
            self._judge(result, failed=failed)
        elif self._until is None and result is not None:
            self._count(failed=failed)

    def _judge(self, result: Completion | ProviderError | None, *, failed: bool) -> None:
        if result is None:
            self._until = self._clock()
        elif failed:
            self._wait = min(2 * self._wait, _LONGEST_WAIT)
            self._until = self._clock() + self._wait
        else:
            self._until, self._wait = None, _FIRST_WAIT

    def _count(self, *, failed: bool) -> None:
        now = int(self._clock())
        if not self._seconds or self._seconds[-1][0] != now:
            self._seconds.append([now, 0, 0])
        self._seconds[-1][1] += 1
        self._seconds[-1][2] += failed
        self._results += 1
        self._failures += failed
        self._row = self._row + 1 if failed else 0
        while self._seconds[0][0] <= now - _WINDOW:
            _, results, failures = self._seconds.popleft()
            self._results -= results
            self._failures -= failures
        if self._row >= _IN_ROW or (self._results >= _ENOUGH and self._failures >= _SHARE * self._results):
            self._seconds.clear()
            self._results = self._failures = self._row = 0
            self._silent_since = self._clock()
            self._until = self._clock() + self._wait
