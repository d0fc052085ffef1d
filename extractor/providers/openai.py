"""Any server that speaks OpenAI's chat completions.

One request is one send: nothing is retried here, and a reply is read straight into a Completion.
"""

from __future__ import annotations

import os
from typing import Final

from pydantic_core import to_json

from extractor import errors
from extractor.providers import replies
from extractor.providers.transport import Transport
from extractor.requests import Completion, Request

_OPENAI: Final = "https://api.openai.com/v1"
_OWN_HEADERS: Final = {"OPENAI_ORG_ID": "OpenAI-Organization", "OPENAI_PROJECT_ID": "OpenAI-Project"}
"""Variables of OpenAI's own, which say on whose account a request goes, and the headers that carry them; sent to nobody else."""


class OpenAIProvider:
    """Sends requests to OpenAI or a compatible server.

    Args:
        base_url: Address up to ``/v1``; None for OpenAI itself, or wherever OPENAI_BASE_URL says it is.
        key: Key to authenticate with; servers of one's own often need none.
        timeout: Seconds without a byte before a request counts as lost.
        name: What messages call the server.
    """

    def __init__(self, *, base_url: str | None, key: str | None, timeout: float = 600.0, name: str | None = None) -> None:
        self._base_url = base_url.rstrip("/") if base_url else None
        self._key = key
        self._name = name or self._base_url or "OpenAI"
        own = {} if self._base_url else {name: os.environ[variable] for variable, name in _OWN_HEADERS.items() if os.environ.get(variable)}
        address = self._base_url or (os.environ.get("OPENAI_BASE_URL") or _OPENAI).rstrip("/")
        headers = own | ({"authorization": f"Bearer {key}"} if key is not None else {})
        self._transport = Transport(f"{address}/chat/completions", headers=headers, timeout=timeout, name=self._name)

    @property
    def endpoint(self) -> str:
        """The base URL, or ``openai``."""
        return self._base_url or "openai"

    async def prepare(self, request: Request) -> None:
        """Do nothing; connections are made as they are needed."""

    async def complete(self, request: Request) -> Completion:
        """Send ``request`` once and return the answer.

        Raises:
            ProviderError: There is none; the class says why and whether sending again can help.
        """
        if self._key is None and self._base_url is None:
            msg = "OpenAI needs a key: set OPENAI_API_KEY, or choose an embedded model with --model"
            raise errors.AuthenticationError(msg, attempts=0)
        if self._key is not None and not (self._key.isascii() and self._key.isprintable()):
            msg = f"the key for {self._name} holds a line break or another character no key has; check OPENAI_API_KEY or EXTRACTOR_API_KEY"
            raise errors.AuthenticationError(msg, attempts=0)
        reply = await self._transport.post(to_json(request.body()))
        if reply.status >= 400:
            raise replies.failure(reply.status, reply.headers, reply.content, name=self._name, model=request.model)
        return replies.completion(reply.content, name=self._name, limits=replies.read_limits(reply.headers))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()
