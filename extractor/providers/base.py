"""The seam to a model."""

from __future__ import annotations

from typing import Protocol

from extractor.requests import Completion, Request


class Provider(Protocol):
    """Something that answers requests.

    ``complete`` sends exactly once and raises a ProviderError when there is no answer; refusals and truncated answers
    are Completions. Safe to call from many tasks at once.
    """

    @property
    def endpoint(self) -> str:
        """Who answers, for the cache key: a local model's digest or a base URL."""
        ...

    async def prepare(self, request: Request) -> None:
        """Make ready to answer requests like ``request``; may take long, since a model may have to be fetched.

        Called before every ``complete``, outside of its deadline; costs nothing once ready.
        """
        ...

    async def complete(self, request: Request) -> Completion:
        """Return the model's answer to ``request``."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and processes; may be called twice."""
        ...
