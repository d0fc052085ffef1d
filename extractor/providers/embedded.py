"""A model in this process: llama.cpp's own OpenAI-compatible server on a free loopback port, by way of xllamacpp.

The server starts before the first request that must be sent and stops with the provider; the requests themselves go the way of
every other provider. A random key keeps other users of the machine out.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from extractor.errors import MissingExtraError, ProviderError, WeightsError
from extractor.models import Model
from extractor.providers.openai import OpenAIProvider
from extractor.providers.prefixes import Prefixes
from extractor.requests import Completion, Request

_CONTEXT_TOKENS = 4096
"""Tokens of one slot: instructions and examples about 850, a window of four sentences 100 to 400, the answer 700, a re-ask."""


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
        self._server: Any = None
        self._client: OpenAIProvider | None = None

    @property
    def endpoint(self) -> str:
        """The digest of the file, so that the same weights answer from the same cache on every machine."""
        return f"sha256:{self._sha256}"

    @property
    def running(self) -> bool:
        """Whether the server has been started."""
        return self._server is not None

    async def prepare(self, request: Request) -> None:
        """Fetch the model's file if need be, start the server, and have it read the static turns of ``request``.

        Raises:
            MissingExtraError: xllamacpp is not installed.
            WeightsError: The model's file cannot be had or loaded.
        """
        async with self._starting:
            if self._client is None:
                self._client = await self._start(request)

    async def complete(self, request: Request) -> Completion:
        """Send ``request`` once.

        Raises:
            ProviderError: There is no answer.
        """
        if self._client is None:
            msg = "the embedded model was not started; call prepare first"
            raise ProviderError(msg, attempts=0)
        return await self._client.complete(request)

    async def aclose(self) -> None:
        """Stop the server."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        server, self._server = self._server, None
        # The destructor joins the server's threads: here, where nothing else runs, and not at interpreter exit.
        del server

    async def _start(self, request: Request) -> OpenAIProvider:
        file = await anyio.to_thread.run_sync(self._file)
        key = secrets.token_urlsafe(24)
        slots = self._state / "slots" if self._state is not None else None
        self._server = await anyio.to_thread.run_sync(
            lambda: serve(file, name=self._model.served_as, parallel=self._parallel, key=key, slots=slots)
        )
        address = str(self._server.listening_address)
        if slots is not None:
            prefixes = Prefixes(slots, model=self._sha256, slots=self._parallel, address=address, key=key)
            await prefixes.load(request.messages[:-1])
        return OpenAIProvider(base_url=f"{address}/v1", key=key, timeout=self._timeout, name=f"the embedded model {self._model.name}")


def serve(file: Path, *, name: str, parallel: int, key: str, slots: Path | None = None) -> Any:
    """Start llama.cpp's server on a free loopback port and return it; it stops when it is let go of.

    Args:
        file: The model's file.
        name: What the server calls it.
        parallel: Requests answered at once.
        key: Key that requests must carry.
        slots: Folder the states of slots may be saved to.

    Raises:
        MissingExtraError: xllamacpp is not installed.
        WeightsError: The file cannot be loaded.
    """
    try:
        import xllamacpp
    except ImportError as error:
        msg = "embedded models need the extra 'local': pip install 'claim-extractor[local]'"
        raise MissingExtraError(msg) from error
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.n_parallel = parallel
    params.n_ctx = _CONTEXT_TOKENS * parallel
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _cores()
    params.warmup = False
    # What our prompts share stays in the slots; a further cache of whole prompts would only take memory, 8 GiB by default.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.verbosity = 0
    if slots is not None:
        slots.mkdir(mode=0o700, parents=True, exist_ok=True)
        params.slot_save_path = f"{slots}{os.sep}"
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        msg = f"the model file {file} cannot be loaded ({error}); delete it and run 'extractor models pull', or check the free memory"
        raise WeightsError(msg) from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
