"""A model on this machine: llama.cpp's own OpenAI-compatible server, started by us on a free loopback port.

The server starts before the first request that must be sent and stops with the provider; the requests themselves go the way of
every other provider. A random key keeps other users of the machine out.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from extractor.errors import ProviderError
from extractor.models import Model
from extractor.providers.llama import Server
from extractor.providers.openai import OpenAIProvider
from extractor.providers.prefixes import Prefixes
from extractor.requests import Completion, Request

_log = logging.getLogger(__name__)


class EmbeddedProvider:
    """Runs a model file here.

    Args:
        model: The model's entry.
        sha256: Digest of the file it runs on.
        file: Returns the file, downloading it if need be; called once, when the server must start.
        parallel: Requests answered at once.
        state: Folder for what was read of static prompts, so that it need not be read again; None to keep nothing.
        timeout: Seconds without a byte before a request counts as lost.
    """

    def __init__(self, model: Model, *, sha256: str, file: Callable[[], Path], parallel: int, state: Path | None, timeout: float) -> None:
        self._model = model
        self._sha256 = sha256
        self._file = file
        self._parallel = parallel
        self._state = state
        self._timeout = timeout
        self._starting = anyio.Lock()
        self._server: Server | None = None
        self._client: OpenAIProvider | None = None

    @property
    def endpoint(self) -> str:
        """The digest of the file, so that the same weights answer from the same cache on every machine."""
        return f"sha256:{self._sha256}"

    @property
    def running(self) -> bool:
        """Whether the server has been started, and has not ended by itself."""
        return self._server is not None and self._server.ended is None

    async def prepare(self, request: Request) -> None:
        """Fetch the model's file if need be, start the server, and have it read the static turns of ``request``.

        One that has ended by itself is started again.

        Raises:
            MissingExtraError: xllamacpp is not installed.
            WeightsError: The model's file cannot be had or loaded.
        """
        async with self._starting:
            if self._client is not None and self.running:
                return
            if self._server is not None and (code := self._server.ended) is not None:
                _log.warning("the process of the embedded model %s ended with the code %d; it is started again", self._model.name, code)
            await self.aclose()
            try:
                self._client = await self._start(request)
            finally:
                if self._client is None:
                    with anyio.CancelScope(shield=True):
                        await self.aclose()

    async def complete(self, request: Request) -> Completion:
        """Send ``request`` once.

        Raises:
            ProviderError: There is no answer.
            WeightsError: The server had ended, and cannot be started again.
        """
        if self._client is None:
            msg = "the embedded model was not started; call prepare first"
            raise ProviderError(msg, attempts=0)
        if not self.running:
            await self.prepare(request)
        return await self._client.complete(request)

    async def aclose(self) -> None:
        """Stop the server."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        server, self._server = self._server, None
        if server is not None:
            await anyio.to_thread.run_sync(server.close)

    async def _start(self, request: Request) -> OpenAIProvider:
        file = await anyio.to_thread.run_sync(self._file)
        key = secrets.token_urlsafe(24)
        slots = self._state / "slots" if self._state is not None else None
        server = self._server = await anyio.to_thread.run_sync(
            partial(Server, file, name=self._model.served_as, parallel=self._parallel, key=key, slots=slots)
        )
        # Whoever ends meanwhile need not wait for the model: what is closed tells the thread so.
        address = await anyio.to_thread.run_sync(lambda: server.listening_address, abandon_on_cancel=True)
        if slots is not None:
            prefixes = Prefixes(slots, model=self._sha256, slots=self._parallel, address=address, key=key)
            await prefixes.load(request.messages[:-1])
        return OpenAIProvider(base_url=f"{address}/v1", key=key, timeout=self._timeout, name=f"the embedded model {self._model.name}")
