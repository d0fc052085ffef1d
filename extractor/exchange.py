"""Asking a model once: the cache first, then the provider under the retry policy, identical questions only once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import anyio
from pydantic import ValidationError

from extractor.caches.base import Cache
from extractor.caches.reach import looked_up, written
from extractor.errors import ProviderError, StorageError
from extractor.providers.base import Provider
from extractor.requests import Completion, Request, Usage
from extractor.retries import RetryPolicy

_log = logging.getLogger(__name__)


class Gate(Protocol):
    """Decides when a request may be sent, and learns what came of it. Safe to call from many tasks at once."""

    async def enter(self, request: Request) -> None:
        """Wait until ``request`` may be sent once.

        Raises:
            ProviderError: It never may; nothing was sent.
            StorageError: Whether it may cannot be told; nothing was sent.
        """
        ...

    def leave(self, request: Request, result: Completion | ProviderError | None) -> None:
        """Learn what came of a request that was let in; None where it was cancelled."""
        ...


class _Flight:
    """A request on its way: the event of its landing, and what it brought."""

    def __init__(self) -> None:
        self.landed = anyio.Event()
        self.completion: Completion | None = None
        self.error: ProviderError | None = None


class Completing(Protocol):
    """What answers requests, remembered answers and retries included: an Exchange, or what is put around one."""

    @property
    def provider(self) -> Provider:
        """Who answers what is not remembered."""
        ...

    async def complete(self, request: Request) -> Completion:
        """Return the answer to ``request``.

        Raises:
            ProviderError: There is none.
        """
        ...

    async def aclose(self) -> None:
        """Let go of provider and cache."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """Answers every question alike; a ``Completing`` for where the way of an answer is looked at, not the answer.

    Attributes:
        completion: The answer.
        provider: Who would be asked.
    """

    completion: Completion
    provider: Provider

    async def complete(self, request: Request) -> Completion:  # noqa: ARG002  # every question alike
        """Return the answer."""
        return self.completion

    async def aclose(self) -> None:
        """Do nothing: the provider is not this one's to close."""


@dataclass(frozen=True, slots=True)
class _Door:
    """A gate, for one request."""

    gate: Gate
    request: Request

    async def enter(self) -> None:
        await self.gate.enter(self.request)

    def leave(self, result: Completion | ProviderError | None) -> None:
        self.gate.leave(self.request, result)


class Exchange:
    """Answers requests from the cache or a provider.

    Args:
        provider: Who answers what is not remembered.
        cache: What remembers answers; failures are never stored.
        policy: How often and how long to try.
        gate: What decides when a request may be sent; by default at once.
    """

    def __init__(self, provider: Provider, cache: Cache, policy: RetryPolicy, gate: Gate | None = None) -> None:
        self.provider = provider
        self._gate = gate
        self._cache = cache
        self._policy = policy
        self._flights: dict[str, _Flight] = {}
        self._cannot_store = False

    async def complete(self, request: Request) -> Completion:
        """Return the answer to ``request``; a remembered one costs nothing, and its usage says so.

        While the same request is in flight, others share its answer or its error rather than send it again.

        Raises:
            ProviderError: There is no answer.
        """
        key = request.key
        while (flight := self._flights.get(key)) is not None:
            await flight.landed.wait()
            if flight.completion is not None:
                return _free(flight.completion)
            if flight.error is not None:
                raise type(flight.error)(str(flight.error), attempts=0)
        flight = self._flights[key] = _Flight()
        try:
            remembered = await looked_up(self._cache, partial(self._remembered, key))
            if remembered is not None:
                flight.completion = remembered
                return remembered
            await self.provider.prepare(request)
            door = _Door(self._gate, request) if self._gate is not None else None
            completion: Completion = await self._policy.run(lambda: self.provider.complete(request), door=door)
            flight.completion = completion
            await written(self._cache, partial(self._remember, key, completion))
        except ProviderError as error:
            if not error.personal:  # else whoever shares the question must find out for themselves
                flight.error = error
            raise
        finally:
            del self._flights[key]
            flight.landed.set()
        return completion

    async def aclose(self) -> None:
        """Close provider and cache."""
        try:
            await self.provider.aclose()
        finally:
            self._cache.close()

    def _remembered(self, key: str) -> Completion | None:
        value = self._cache.get(key)
        if value is None:
            return None
        try:
            return _free(Completion.model_validate_json(value))
        except ValidationError:
            _log.warning("the cached answer %s has an unknown form: it will be asked for again", key[:12])
            self._cache.drop(key)
            return None

    def _remember(self, key: str, completion: Completion) -> None:
        """Store an answer. One that cannot be stored is still an answer: it is used, and the user is told once."""
        try:
            self._cache.set(key, completion.model_dump_json(exclude={"cached", "limits"}).encode())
        except StorageError as error:
            if not self._cannot_store:
                _log.warning("%s; the answers of this run are used, but not remembered", error)
            self._cannot_store = True


def _free(completion: Completion) -> Completion:
    return completion.model_copy(update={"cached": True, "usage": Usage()})
