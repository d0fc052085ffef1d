"""Requests to one service over HTTP, one session for all of them; what fails on the way becomes an error of this package."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio

from extractor._version import __version__
from extractor.errors import ConfigurationError, ConnectionFailedError, ResponseError
from extractor.providers.sessions import Way, way
from extractor.providers.transport import Reply

if TYPE_CHECKING:
    import aiohttp

LARGEST: Final = 256_000_000
"""Bytes of an answer; a page of results holds the extractions of many articles."""
_CONNECT_SECONDS: Final = 10.0
_CHUNK: Final = 2**18


class Connection:
    """Sends requests to one service.

    Args:
        url: Its address.
        key: The key to send with each request; None for a service that is open.

    Raises:
        ConfigurationError: Address or key cannot be used.
    """

    def __init__(self, url: str, *, key: str | None) -> None:
        self.url = checked_url(url)
        self._headers = {"User-Agent": f"claim-extractor/{__version__}"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {word(key, 'the key')}"
        self._way: Way | None = None

    async def open(self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        """Send a request once and return the beginning of its answer, whatever its status; ``pieces`` or ``whole`` gives the rest.

        Args:
            method: The method.
            path: The path, from the service's address on.
            body: JSON to send.
            headers: Headers beside those of every request.

        Raises:
            ConnectionFailedError: There is no answer.
        """
        from yarl import URL

        typed = {"Content-Type": "application/json"} if body is not None else {}
        with self._translated():
            if self._way is None:
                self._way = self._opened()
            return await self._way.session.request(
                method,
                # As it is: what stands in the path was quoted, and must not be read anew.
                URL(f"{self.url}{path}", encoded=True),
                data=body,
                headers={**self._headers, **self._way.headers, **typed, **headers},
                proxy_headers=self._way.proxy_headers,
                # A key goes to the address that was named, and nowhere else.
                allow_redirects=False,
            )

    async def pieces(self, response: aiohttp.ClientResponse, *, silence: float = math.inf) -> AsyncGenerator[bytes]:
        """Yield the body of an answer as it comes, and let go of the answer at the end.

        Args:
            response: The beginning of the answer.
            silence: Seconds without a byte after which it counts as lost.

        Raises:
            ConnectionFailedError: The connection broke.
            ResponseError: It is too large.
        """
        size = 0
        try:
            while True:
                with self._translated(), anyio.move_on_after(silence) as waiting:
                    piece = await response.content.read(_CHUNK)
                if waiting.cancelled_caught:
                    msg = f"the service at {self.url} sent nothing for {silence:g} s"
                    raise ConnectionFailedError(msg)
                if not piece:
                    break
                size += len(piece)
                if size > LARGEST:
                    msg = f"the service at {self.url} answered with more than {LARGEST:,} bytes; ask for fewer articles at once"
                    raise ResponseError(msg)
                yield piece
        finally:
            response.close()

    async def whole(self, response: aiohttp.ClientResponse) -> Reply:
        """Return an answer with all of its body.

        Raises:
            ConnectionFailedError: The connection broke.
            ResponseError: It is too large.
        """
        return Reply(response.status, response.headers, b"".join([piece async for piece in self.pieces(response)]))

    async def aclose(self) -> None:
        """Close the connections; may be called twice."""
        used, self._way = self._way, None
        if used is not None:
            await used.session.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import aiohttp

        try:
            yield
        except (aiohttp.ClientError, OSError, ValueError) as error:
            cause = str(error) or type(error).__name__
            msg = f"the service at {self.url} cannot be reached ({cause}); check that 'extractor serve' runs there, and any proxy"
            raise ConnectionFailedError(msg) from error

    def _opened(self) -> Way:
        import aiohttp

        found = way(self.url, aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS))
        found.session._retry_connection = False  # noqa: SLF001  # it would send a GET or DELETE again by itself, counted by nobody
        return found


def checked_url(url: str) -> str:
    """Return the address of a service, without a slash at its end.

    Raises:
        ConfigurationError: It is none.
    """
    try:
        found = urlsplit(url)
        usable = found.scheme in ("http", "https") and found.hostname and not (found.username or found.query or found.fragment)
        usable = usable and found.port != 0
    except ValueError:
        usable = False
    if not usable:
        msg = "the address of the service is none; write it as http://127.0.0.1:8000, without a name, a query or a fragment"
        raise ConfigurationError(msg)
    return url.rstrip("/")


def word(text: str, what: str) -> str:
    """Return ``text`` where it can stand in a header.

    Raises:
        ConfigurationError: It cannot; the message does not show it.
    """
    if not text or not all("!" <= character <= "~" for character in text):
        msg = f"{what} is empty or holds other characters than visible ASCII; give it as it was shown"
        raise ConfigurationError(msg)
    return text
