"""Files and batches of the provider, through the openai SDK, its errors told in this package's words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from extractor import errors
from extractor.batch.provider.register import Job
from extractor.batch.provider.request_files import URL
from extractor.disk import told
from extractor.providers import replies
from extractor.settings import Settings

if TYPE_CHECKING:
    import openai
    from openai.pagination import AsyncCursorPage
    from openai.types import Batch

T = TypeVar("T")

_DIGEST: Final = "claim_extractor_file"
_TRY: Final = "claim_extractor_try"
_PAGE: Final = 100
_SECONDS: Final = 600.0


class FileTooLargeError(errors.BadRequestError):
    """The provider takes no file of this size; smaller ones it may."""


class GoneError(errors.BadRequestError):
    """What was asked for is not at the provider, or not under this key."""


def open_client(settings: Settings) -> openai.AsyncOpenAI:
    """Return a client as the settings say.

    Raises:
        AuthenticationError: There is no key for OpenAI.
    """
    import openai

    if settings.key is None and settings.base_url is None:
        msg = "OpenAI needs a key for its batches: set OPENAI_API_KEY"
        raise errors.AuthenticationError(msg, attempts=0)
    return openai.AsyncOpenAI(base_url=settings.base_url, api_key=settings.key or "none", max_retries=0, timeout=_SECONDS)


class Endpoints:
    """Calls each endpoint once; what may be tried again says so by its class.

    Args:
        client_factory: Makes the client, when the first call is made.
        name: What messages call the provider.
    """

    def __init__(self, client_factory: Callable[[], openai.AsyncOpenAI], name: str) -> None:
        self._factory = client_factory
        self._client: openai.AsyncOpenAI | None = None
        self.name = name

    async def upload(self, job: Job, path: Path) -> str:
        """Upload a job's file and return its id."""
        async with self._calling("upload") as client:
            with path.open("rb") as stream:
                file = await client.files.create(file=(_filename(job), stream, "application/jsonl"), purpose="batch")
            return _named(file.id)

    async def find_file(self, job: Job) -> str | None:
        """Return the id of a job's file if it was uploaded earlier."""
        async with self._calling("list of files") as client:
            async for file in _all(await client.files.list(purpose="batch", limit=_PAGE)):
                if file.filename == _filename(job) and file.bytes == job.size:
                    return file.id
        return None

    async def create(self, job: Job) -> Batch:
        """Create the batch of a job's file; it holds the file's digest."""
        assert job.file is not None
        metadata = {_DIGEST: job.digest, _TRY: str(job.attempt)}
        async with self._calling("creation of a batch") as client:
            return _whole(await client.batches.create(input_file_id=job.file, endpoint=URL, completion_window="24h", metadata=metadata))

    async def find_batch(self, job: Job) -> Batch | None:
        """Return the batch of a job's file and try if it was created earlier."""
        async with self._calling("list of batches") as client:
            async for batch in _all(await client.batches.list(limit=_PAGE)):
                held = batch.metadata or {}
                if held.get(_DIGEST) == job.digest and held.get(_TRY) == str(job.attempt) and batch.input_file_id == job.file:
                    return batch
        return None

    async def retrieve(self, batch: str) -> Batch:
        """Return how a batch stands."""
        async with self._calling("look at a batch") as client:
            return _whole(await client.batches.retrieve(batch))

    async def cancel(self, batch: str) -> None:
        """Stop a batch; what is finished of it is kept, and billed."""
        async with self._calling("cancellation") as client:
            await client.batches.cancel(batch)

    async def download(self, file: str, path: Path) -> None:
        """Write the content of a file to ``path``, never held whole."""
        async with self._calling("download") as client, client.files.with_streaming_response.content(file) as response:
            with told(path):
                await response.stream_to_file(path)

    async def aclose(self) -> None:
        """Close the connections; may be called twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    @asynccontextmanager
    async def _calling(self, what: str) -> AsyncIterator[openai.AsyncOpenAI]:
        import httpx2
        import openai

        try:
            if self._client is None:
                self._client = self._factory().with_options(max_retries=0)
            yield self._client
        except openai.APIStatusError as error:
            raise self._refused(error, what) from error
        except openai.APIResponseValidationError as error:
            msg = f"{self.name} answered the {what} with something else"
            raise errors.ResponseError(msg) from error
        except (openai.APIError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            cause = type(error.__cause__ or error).__name__
            msg = f"the {what} did not reach {self.name} ({cause}); check the address, the network and any proxy"
            raise errors.ConnectionFailedError(msg) from error
        except (ValueError, AttributeError, TypeError) as error:  # the SDK's readers of replies that are no JSON, or of another form
            msg = f"{self.name} answered the {what} with something else"
            raise errors.ResponseError(msg) from error

    def _refused(self, error: openai.APIStatusError, what: str) -> errors.ProviderError:
        if error.status_code == 413 or "too large" in str(error.message).lower():
            return FileTooLargeError(f"{self.name} takes no file of this size")
        if error.status_code == 404:
            return GoneError(f"{self.name} knows nothing of what the {what} asked for; does the key belong to the same project as before?")
        return replies.failure(error.status_code, error.response.headers, error.body, name=self.name, model=f"the {what}")


def _filename(job: Job) -> str:
    return f"claims-{job.digest[:32]}.jsonl"


async def _all(page: AsyncCursorPage[T]) -> AsyncIterator[T]:
    """Yield the items of a list; a reply that is none must not read as an empty one, or what it hides would be made again."""
    while True:
        if not isinstance(page.data, list):
            msg = "a list without items"
            raise TypeError(msg)
        for item in page.data:
            yield item
        if not page.has_next_page():
            return
        page = await page.get_next_page()


def _named(identity: object) -> str:
    """Return an id; the SDK does not check that a reply has one."""
    if not isinstance(identity, str) or not identity:
        msg = "a reply without an id"
        raise TypeError(msg)
    return identity


def _whole(batch: Batch) -> Batch:
    """Return a batch that has what is needed of it; the SDK lets any reply pass as one."""
    _named(batch.id)
    _named(batch.status)
    return batch
