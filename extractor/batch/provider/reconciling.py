"""From a batch's files to answers in the cache, and to where each request of its job stands then.

Lines come in any order, twice, torn, about requests of nobody, or not at all. An answer counts once, by its key; it beats an
error about the same request; and a request that no line is about has got no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from extractor.batch.provider.lines import Line
from extractor.batch.provider.register import Known
from extractor.caches.base import Cache
from extractor.errors import AuthenticationError, DeadlineError, ProviderError, QuotaError, ResponseError
from extractor.requests import Completion, Usage

_BLAMELESS: Final = (AuthenticationError, QuotaError)
"""Errors that are the account's: the request is asked again, its tries are not used up, and the run must stop."""


@dataclass(slots=True)
class Counts:
    """What a round's files held.

    Attributes:
        answered: Requests whose answers are in the cache.
        again: Requests to be asked again.
        failed: Requests given up.
        missing: Requests that no line was about.
        duplicate: Lines about a request that had its answer.
        unknown: Lines about requests that are not of the batch.
        unreadable: Lines that could not be understood.
        lost: Requests given up, by class of their error.
    """

    answered: int = 0
    again: int = 0
    failed: int = 0
    missing: int = 0
    duplicate: int = 0
    unknown: int = 0
    unreadable: int = 0
    lost: dict[str, int] = field(default_factory=dict)


class Reconciliation:
    """Sorts a batch's lines, for one job.

    Args:
        tries: Keys of the job's requests, and how often each was asked.
        cache: Where answers go.
        attempts: How often one request is asked at the most.
        counts: Where lines and requests are counted.

    Attributes:
        usage: What the answers cost.
        stopping: An error that every further request would meet too.
    """

    def __init__(self, tries: Mapping[str, int], cache: Cache, *, attempts: int, counts: Counts) -> None:
        self._tries = tries
        self._cache = cache
        self._attempts = attempts
        self._counts = counts
        self._answered: set[str] = set()
        self._errors: dict[str, ProviderError] = {}
        self.usage = Usage()
        self.stopping: ProviderError | None = None

    def take(self, lines: Iterable[Line | None]) -> None:
        """Put answers into the cache, in the form in which those that come online are kept there.

        Raises:
            StorageError: The cache cannot keep them; they are still at the provider.
        """
        for line in lines:
            if line is None:
                self._counts.unreadable += 1
            elif line.key not in self._tries:
                self._counts.unknown += 1
            elif line.key in self._answered:
                self._counts.duplicate += 1
            elif isinstance(line.result, Completion):
                self._cache.set(line.key, line.result.model_dump_json(exclude={"cached", "limits"}).encode())
                self._answered.add(line.key)
                self.usage += line.result.usage
            else:
                self._errors[line.key] = line.result

    def standings(self, *, cancelled: bool = False) -> Iterator[tuple[str, Known]]:
        """Yield where each request stands now; ``cancelled``: somebody stopped the batch, which uses up no try."""
        missing = ResponseError("the batch ended without an answer to this request")
        for key, tries in self._tries.items():
            if key in self._answered:
                self._counts.answered += 1
                yield key, Known("answered", tries)
                continue
            self._counts.missing += key not in self._errors
            yield key, self._unanswered(tries, self._errors.get(key, missing), cancelled=cancelled)

    def _unanswered(self, tries: int, error: ProviderError, *, cancelled: bool) -> Known:
        name, message = type(error).__name__, str(error)
        if isinstance(error, _BLAMELESS):
            self.stopping = self.stopping or error
        if cancelled or isinstance(error, _BLAMELESS):
            self._counts.again += 1
            return Known("open", tries - 1, name, message)
        passing = error.retryable or isinstance(error, DeadlineError)
        if passing and tries < self._attempts:
            self._counts.again += 1
            return Known("open", tries, name, message)
        self._counts.failed += 1
        self._counts.lost[name] = self._counts.lost.get(name, 0) + 1
        return Known("failed", tries, name, message)
