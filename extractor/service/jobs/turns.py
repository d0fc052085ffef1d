"""Whose turn it is: callers take turns, and of each caller its jobs, so that a job of one article is not behind one of a thousand."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable


class Turns:
    """The turns of jobs, known by their numbers."""

    def __init__(self) -> None:
        self._callers: OrderedDict[str, deque[int]] = OrderedDict()

    def add(self, job: int, caller: str) -> None:
        """Let a job of ``caller`` take turns; a new one is the caller's last, a new caller the last of all."""
        self._callers.setdefault(caller, deque()).append(job)

    def remove(self, job: int, caller: str) -> None:
        """Let a job take no more turns."""
        jobs = self._callers[caller]
        jobs.remove(job)
        if not jobs:
            del self._callers[caller]

    def next(self, ready: Callable[[int], bool]) -> int | None:
        """Return the job whose turn it is among those that are ``ready``, and make it the last; None where none is."""
        for caller in list(self._callers):
            jobs = self._callers[caller]
            job = next((job for job in jobs if ready(job)), None)
            if job is not None:
                jobs.remove(job)
                jobs.append(job)
                self._callers.move_to_end(caller)
                return job
        return None
