"""Sending bytes to one server over HTTP and having bytes back, cheaply and with hundreds in flight.

aiohttp, which instructor brings along, and no SDK: the SDK's own way costs 2.5 times the processor's time a request on the same
connections, and 3 s to import. One client a provider; connections are kept, as many as there were requests in flight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from extractor import errors
from extractor._version import __version__
from extractor.providers.sessions import Way, way

if TYPE_CHECKING:
    import aiohttp
    from multidict import CIMultiDictProxy

LARGEST: Final = 16_000_000
"""Bytes of a reply, unpacked; whatever is larger is no answer, and is not read to its end."""
_CONNECT_SECONDS: Final = 10.0
_CHUNK: Final = 2**18


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sent.

    Attributes:
        status: The status.
        headers: The headers, found by any case.
        content: The body.
    """

    status: int
    headers: CIMultiDictProxy[str]
    content: bytes


class Transport:
    """Posts JSON to one address.

    Args:
        url: The address.
        headers: Headers of every request.
        timeout: Seconds without a byte before a request counts as lost.
        name: What messages call the server.
    """

    def __init__(self, url: str, *, headers: dict[str, str], timeout: float, name: str) -> None:
        self._url = url
        ours = {"accept": "application/json", "content-type": "application/json", "user-agent": f"claim-extractor/{__version__}"}
        self._headers = {**ours, **headers}
        self._timeout = timeout
        self._name = name
        self._way: Way | None = None

    async def post(self, body: bytes) -> Reply:
        """Send ``body`` once and return the reply, whatever its status.

        Raises:
            ConnectionFailedError: There is none.
            ResponseError: It is too large.
        """
        import aiohttp

        try:
            if self._way is None:
                limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=self._timeout)
                self._way = way(self._url, limits)
                self._headers |= self._way.headers
            sending = self._way.session.post(self._url, data=body, headers=self._headers, proxy_headers=self._way.proxy_headers)
            async with sending as response:
                return Reply(response.status, response.headers, await self._read(response))
        except aiohttp.SocketTimeoutError as error:
            msg = f"{self._name} sent nothing for {self._timeout:g} s"
            raise errors.ConnectionFailedError(msg) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            cause = str(error) or type(error).__name__
            msg = f"{self._name} cannot be reached ({cause}); check the address, the network and any proxy"
            raise errors.ConnectionFailedError(msg) from error

    async def aclose(self) -> None:
        """Close the connections; may be called twice."""
        used, self._way = self._way, None
        if used is not None:
            await used.session.close()

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        found, size = [], 0
        while chunk := await response.content.read(_CHUNK):
            found.append(chunk)
            size += len(chunk)
            if size > LARGEST:
                response.close()
                msg = f"{self._name} answered with more than {LARGEST:,} bytes, which no answer has"
                raise errors.ResponseError(msg)
        return found[0] if len(found) == 1 else b"".join(found)
