"""The client of the service."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import quote, urlencode

import anyio

from extractor.client.answers import again, parsed, problem, refusal, retry_after
from extractor.client.connection import Connection, word
from extractor.client.events import EventParser
from extractor.documents import Document
from extractor.errors import ConnectionFailedError, DeadlineError, ResponseError, ServerError
from extractor.extraction import Extraction
from extractor.providers.transport import Reply
from extractor.retries import RetryPolicy
from extractor.service.schemas import DocumentIn, JobOut, ModelOut, ModelsOut, ResultLine, WindowOut

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

_SILENCE: Final = 60.0
"""Seconds; the service sends a heartbeat each 15."""
_LONGEST_PAUSE: Final = 10.0


class _NotNowError(ServerError):
    """An answer that means "later", so that the policy asks again; ``reply`` is what is told where it gives up."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("not now", retry_after=retry_after(reply.headers))
        self.reply = reply


class Client:
    """Calls one service.

    Whatever is asked for, the same errors can come back. What the service refuses is a RefusedError with the problem's kind, also
    where the model behind it is at fault ("model-failed"); a ProviderError is one that this process met itself, as when the service
    cannot be reached.

    A request is sent again where the connection broke, or the answer means "not now" (409, 429, 503, or any that says when), after what
    it asks to wait; each is safe to repeat, and what was answered once is remembered.

    Args:
        url: Address of the service.
        key: Key to call it with, where it has keys.
        policy: How often and how long to try.

    Raises:
        ConfigurationError: Address or key cannot be used.
    """

    def __init__(self, url: str, *, key: str | None = None, policy: RetryPolicy | None = None) -> None:
        self._connection = Connection(url, key=key)
        self._policy = policy or RetryPolicy()

    async def extract(self, document: Document, *, model: str | None = None) -> Extraction:
        """Return the claims of ``document`` and all that belongs to them, as ``Extractor.extract`` in this process would.

        Args:
            document: The article; its header is looked for in its text again.
            model: One of the service's models; its first by default.

        Raises:
            RefusedError: The service says why there is no answer.
            ProviderError: It cannot be reached, or what came is no answer of one.
        """
        reply = await self._ask("POST", "/v1/extract", _article(document) | _given(model=model))
        return parsed(Extraction, reply.content)

    async def stream(self, document: Document, *, model: str | None = None) -> AsyncGenerator[WindowOut | Extraction]:
        """Yield what the parts of ``document`` bring as they are read, and at last the extraction.

        A stream that breaks is not begun anew, since parts of it were given out; asked again, what was read is remembered.

        Raises:
            RefusedError: The service says why there is no answer.
            ProviderError: It cannot be reached, or what came is no answer of one.
        """
        body = _body(_article(document) | _given(model=model))
        headers = {"Accept": "text/event-stream"}

        async def begin() -> aiohttp.ClientResponse | Reply:
            response = await self._connection.open("POST", "/v1/extract", body=body, headers=headers)
            return response if response.status == 200 else _unless_later(await self._connection.whole(response))

        begun = await self._tried(begin)
        if isinstance(begun, Reply):
            raise refusal(begun)
        parser = EventParser()
        async with aclosing(self._connection.pieces(begun, silence=_SILENCE)) as pieces:
            async for piece in pieces:
                for event in parser.feed(piece):
                    if event.name == "window":
                        yield parsed(WindowOut, event.data)
                    elif event.name == "extraction":
                        yield parsed(Extraction, event.data)
                        return
                    elif event.name == "problem":
                        raise problem(_object(event.data))
        msg = f"the service at {self._connection.url} ended the stream before the extraction; ask again, what was read is remembered"
        raise ConnectionFailedError(msg)

    async def submit(
        self, documents: Iterable[Document], *, model: str | None = None, webhook: str | None = None, idempotency_key: str | None = None
    ) -> JobOut:
        """Hand over many articles to be done in the service's own time, and return their job.

        Args:
            documents: The articles, each done by itself.
            model: One of the service's models; its first by default.
            webhook: An https address to tell of the end.
            idempotency_key: Same key, same job, however often it is sent; by default one of this call.

        Raises:
            RefusedError: The service says why it does not take them.
            ProviderError: It cannot be reached, or what came is no answer of one.
            ConfigurationError: The key is no word.
        """
        key = word(idempotency_key if idempotency_key is not None else uuid.uuid4().hex, "the idempotency key")
        told = {"url": webhook} if webhook is not None else None
        body = {"articles": [_article(document) for document in documents], **_given(model=model, webhook=told)}
        return parsed(JobOut, (await self._ask("POST", "/v1/jobs", body, {"Idempotency-Key": key})).content)

    async def job(self, id: str) -> JobOut:  # noqa: A002  # as it is called everywhere
        """Return how a job stands.

        Raises:
            RefusedError: There is none.
            ProviderError: The service cannot be reached, or what came is no answer of one.
        """
        return parsed(JobOut, (await self._ask("GET", _path(id))).content)

    async def results(self, id: str) -> AsyncGenerator[ResultLine]:  # noqa: A002  # as it is called everywhere
        """Yield the results of a job, each article once, following it to its end while it runs.

        Raises:
            RefusedError: There is no such job, or it was deleted meanwhile.
            ProviderError: The service cannot be reached, or what came is no answer of one.
        """
        page = f"{_path(id)}/results"
        query, pause = "", self._policy.first_wait
        while True:
            reply = await self._ask("GET", f"{page}{query}", accept="application/x-ndjson")
            lines = [parsed(ResultLine, line) for line in reply.content.splitlines()]
            for line in lines:
                yield line
            # The service says so as long as there is more, or will be.
            if 'rel="next"' not in reply.headers.get("Link", ""):
                return
            query = f"?{urlencode({'cursor': reply.headers.get('Next-Cursor', '')})}"
            if lines:
                pause = self._policy.first_wait
            else:
                await anyio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def delete(self, id: str) -> None:  # noqa: A002  # as it is called everywhere
        """Stop a job, and have its texts and results forgotten.

        Raises:
            RefusedError: There is none.
            ProviderError: The service cannot be reached, or what came is no answer of one.
        """
        await self._ask("DELETE", _path(id))

    async def models(self) -> tuple[ModelOut, ...]:
        """Return the service's models, the one that is asked by default first.

        Raises:
            RefusedError: The service says why it does not tell.
            ProviderError: It cannot be reached, or what came is no answer of one.
        """
        return parsed(ModelsOut, (await self._ask("GET", "/v1/models")).content).models

    def extract_sync(self, document: Document, *, model: str | None = None) -> Extraction:
        """Return what ``extract`` returns, for scripts without an event loop; closes the client afterwards."""

        async def run() -> Extraction:
            async with self:
                return await self.extract(document, model=model)

        return anyio.run(run)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it, also when cancelled."""
        with anyio.CancelScope(shield=True):
            await self.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        accept: str = "application/json",
    ) -> Reply:
        """Return the answer to a request that was taken."""
        content = _body(body) if body is not None else None

        sent = 0

        async def once() -> Reply:
            nonlocal sent
            sent += 1
            response = await self._connection.open(method, path, body=content, headers={"Accept": accept, **(headers or {})})
            return _unless_later(await self._connection.whole(response))

        reply = await self._tried(once)
        # Deleted by the first send, whose answer was lost.
        deleted = method == "DELETE" and reply.status == 404 and sent > 1
        if not (200 <= reply.status < 300 or deleted):
            raise refusal(reply)
        return reply

    async def _tried(self, send: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._policy.run(send)
        except _NotNowError as error:
            raise refusal(error.reply) from None
        except DeadlineError as error:
            msg = f"the service at {self._connection.url} did not answer within {self._policy.deadline:g} s; give it more time, or a job"
            raise DeadlineError(msg, attempts=error.attempts) from None


def _unless_later(reply: Reply) -> Reply:
    if again(reply):
        raise _NotNowError(reply)
    return reply


def _article(document: Document) -> dict[str, Any]:
    return document.model_dump(include=set(DocumentIn.model_fields), exclude_none=True)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _body(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")


def _path(id: str) -> str:  # noqa: A002  # as it is called everywhere
    return f"/v1/jobs/{quote(id, safe='')}"


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        msg = "the service sent a problem that is no JSON object; use the same version of this package on both sides"
        raise ResponseError(msg)
    return found
