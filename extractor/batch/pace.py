"""The pace: how many requests may be in flight, and from when on.

How many, by additive increase, and decrease by what the provider did not take:

::

    finding   from the start of a run without a given number: each answer makes room for one more, so the limit doubles with
              every round trip; the first request that is refused halves it, the first that fails ends it ... then steady
    steady    each answer makes room for one part in ``limit`` of a request, so the limit grows by one with every round trip
              (by one with every ten answers, where it is smaller than ten)
    returning after a spell without any answer: doubling, as when finding, up to where the spell began ..... then steady

    In all of them a request that is refused because of the rate (RateLimitError) takes its own place off the limit, which so
    falls to what the provider did take, at once. One that fails in a way that also befalls a provider with room to spare
    (ServerError, ConnectionFailedError, DeadlineError) takes half of it: a round trip in which all fail halves the limit.

Halving at every refusal, as TCP does at every loss, was tried and measured on a simulated server: it keeps to three quarters
of what the server takes, and one refusal in a hundred that has nothing to do with the load holds it near 10 requests.
A request sent before the halving that ends "finding" knew nothing of it: its outcome changes the limit no more. The limit
grows only where at least half of it was in flight within a round trip (RFC 7661, section 4.3). It stays between 1 and
``most``; a given number is both the start and the most, so trouble lowers it and it comes back.

From when on: a provider that says how long to wait (Retry-After) parks everything until then. Where ten requests in a row are
refused, without an answer between them and without saying how long, everything is parked for a second, and for twice as long
after every further ten, up to a minute. Where the provider says what it will still take (``x-ratelimit-*``), that is spread
evenly over the time until its reset, and nothing is sent until the reset where it is less than one request. A bucket that
fills all the time so settles half full, at the rate at which it fills; a fixed window is used up just as it ends.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Final

from extractor.errors import ConnectionFailedError, DeadlineError, ProviderError, RateLimitError, ServerError
from extractor.requests import Completion, Limits

_FAILURES: Final = (ServerError, ConnectionFailedError, DeadlineError)
_START: Final = 4
_IN_ROW: Final = 10
"""Refusals without an answer between them that park everything."""
_GENTLE: Final = 10
"""Answers that the limit takes to grow by one, at the least."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_SLACK: Final = 0.05
"""Seconds a request may be early when requests are spread: finer timers would cost more than they give."""
_SMOOTHING: Final = 0.05
"""Weight of one answer in the mean number of tokens."""


class Pace:
    """How many requests may be in flight, and from when on.

    Args:
        most: Requests in flight at the most, at least 1.
        start: Requests in flight at the start; None to find out how many the provider takes.
        clock: Returns the time in seconds, never going back.
    """

    def __init__(self, most: int, start: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._most = most
        self._limit = float(min(most, start or _START))
        self._doubling_to = math.inf if start is None else 0.0
        self._sent = 0
        self._round = 0  # number of the first request of this round trip
        self._peak = 0  # most in flight in it
        self._halved_at = 0  # requests with a smaller number were sent before the halving
        self._answered = True  # since the last trouble
        self._pause = _FIRST_PAUSE
        self._refused = 0  # since the last answer, or the last pause
        self._gap = 0.0
        self._spread_until = -math.inf
        self._next = -math.inf
        self._tokens: float | None = None
        self.in_flight = 0
        self.not_before = -math.inf

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return int(self._limit)

    def wait(self) -> float:
        """Return the seconds until the next request may be sent; infinite where one must come back first."""
        if self.in_flight >= self.limit:
            return math.inf
        now = self._clock()
        parked = self.not_before - now
        spread = self._next - now if now < self._spread_until else 0.0
        return max(0.0, parked, spread if spread > _SLACK else 0.0)

    def begin(self) -> int:
        """Count a request as sent and return its number; ``wait`` must have returned 0."""
        number = self._sent
        self._sent += 1
        self.in_flight += 1
        self._peak = max(self._peak, self.in_flight)
        now = self._clock()
        if now < self._spread_until:
            self._next = max(self._next, now) + self._gap
        return number

    def end(self, number: int, result: Completion | ProviderError | None) -> None:
        """Learn what came of request ``number``; None where it was cancelled."""
        if number >= self._round:
            self._round, self._peak = self._sent, self.in_flight
        self.in_flight -= 1
        news = number >= self._halved_at
        if isinstance(result, Completion):
            self._heed(result)
            if news:
                self._raise()
        elif isinstance(result, RateLimitError):
            self._park(result.retry_after)
            self._refuse(told=result.retry_after is not None, news=news)
        elif isinstance(result, _FAILURES):
            self._park(getattr(result, "retry_after", None))
            if news:
                self._lower(self._limit - 0.5)

    def _raise(self) -> None:
        self._answered = True
        self._refused, self._pause = 0, _FIRST_PAUSE
        if 2 * self._peak >= self._limit:
            step = 1.0 if self._limit < self._doubling_to else 1.0 / max(self._limit, _GENTLE)
            self._limit = min(self._limit + step, float(self._most))

    def _lower(self, limit: float) -> None:
        self._limit = max(limit, 1.0)
        if self._answered or math.isinf(self._doubling_to):
            self._doubling_to = self._limit
        self._answered = False

    def _refuse(self, *, told: bool, news: bool) -> None:
        self._refused += not told
        if self._refused >= _IN_ROW:
            self._park(self._pause)
            self._refused, self._pause = 0, min(2 * self._pause, _LONGEST_PAUSE)
        if math.isinf(self._doubling_to):
            self._halved_at = self._sent
            self._lower(self._limit / 2)
        elif news:
            self._lower(self._limit - 1.0)

    def _park(self, seconds: float | None) -> None:
        if seconds is not None and math.isfinite(seconds):
            self.not_before = max(self.not_before, self._clock() + seconds)

    def _heed(self, completion: Completion) -> None:
        """Spread what the provider will still take over the time until it takes more."""
        usage = completion.usage
        tokens = usage.input_tokens + usage.output_tokens
        self._tokens = tokens if self._tokens is None else self._tokens + _SMOOTHING * (tokens - self._tokens)
        if completion.limits is None:
            return
        now = self._clock()
        self._gap = 0.0
        for left, reset in _left(completion.limits, max(self._tokens, 1.0)):
            if left < 1:
                self._park(reset)
            elif reset / left > self._gap:
                self._gap, self._spread_until = reset / left, now + reset
        if not self._gap:
            self._spread_until = -math.inf
        self._next = min(self._next, now + self._gap)


def _left(limits: Limits, tokens: float) -> Iterator[tuple[float, float]]:
    """Yield how many requests are still taken, and in how many seconds more are, for each limit that is known.

    Args:
        limits: What the provider said.
        tokens: Tokens of one request.
    """
    for remaining, reset, size in (
        (limits.requests_remaining, limits.requests_reset, 1.0),
        (limits.tokens_remaining, limits.tokens_reset, tokens),
    ):
        if remaining is not None and reset is not None and 0 < reset < math.inf:
            yield remaining / size, reset
