"""One job's articles that are still to be done: those that wait their turn, and those that wait for a time."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from extractor.requests import Usage
from extractor.service.jobs.work import OpenJob

RETRIED: Final = "the model's provider failed; what it failed for is tried again"
"""What a job waits for whose last articles are tried again."""


@dataclass(slots=True)
class Tried:
    """What an article went through so far, without a result.

    Attributes:
        times: How often it failed.
        usage: What that cost.
    """

    times: int = 0
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands with whoever does it.

    Attributes:
        begun: Whether an article of it was given out.
        waits: What it waits for, in words; None where it goes on.
    """

    begun: bool
    waits: str | None


class Queue:
    """The articles of a job that nobody works on.

    Args:
        job: The job.
        pending: Their places.

    Attributes:
        job: The job.
    """

    def __init__(self, job: OpenJob, pending: Iterable[int]) -> None:
        self.job = job
        self._waiting = deque(pending)
        self._later: list[tuple[float, int]] = []
        self._tried: dict[int, Tried] = {}
        self._out = 0
        self._begun = False
        self._held_until = 0.0
        self._held_for: str | None = None

    def ready(self, now: float) -> bool:
        """Tell whether an article of it may be taken."""
        while self._later and self._later[0][0] <= now:
            self._waiting.append(heapq.heappop(self._later)[1])
        return bool(self._waiting) and now >= self._held_until

    def take(self) -> int:
        """Return the place of the next article, which somebody works on from now."""
        self._out += 1
        self._begun = True
        return self._waiting.popleft()

    def done(self, place: int) -> Usage:
        """Note that an article has its result; return what it had cost before."""
        self._out -= 1
        self._held_for = None
        return self._tried.pop(place, Tried()).usage

    def give_back(self, place: int, usage: Usage) -> None:
        """Take back an article that is to be done as soon as may be; it cost ``usage``."""
        self._out -= 1
        self.tried(place).usage += usage
        self._waiting.appendleft(place)

    def again(self, place: int, usage: Usage, at: float) -> None:
        """Take back an article that failed, to be tried again at a time."""
        self._out -= 1
        tried = self.tried(place)
        tried.times += 1
        tried.usage += usage
        heapq.heappush(self._later, (at, place))

    def tried(self, place: int) -> Tried:
        """Return what an article went through."""
        return self._tried.setdefault(place, Tried())

    def hold(self, until: float, why: str | None) -> None:
        """Let nothing be taken before a time, because of ``why``, which holds until an article of it is done."""
        self._held_until, self._held_for = until, why

    def standing(self) -> Standing:
        """Return how the job stands."""
        retried = RETRIED if self._later and not self._waiting and not self._out else None
        return Standing(self._begun, self._held_for or retried)
