"""Sending bytes to one server over HTTP and having bytes back, cheaply and with hundreds in flight.

aiohttp, which instructor brings along, and no SDK: the SDK's own way costs 2.5 times the processor's time a request on the same
connections, and 3 s to import. One client a provider; connections are kept, as many as there were requests in flight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies, proxy_bypass

from extractor import errors
from extractor._version import __version__

if TYPE_CHECKING:
    import ssl

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
        self._sent = self._headers
        self._told_proxy: dict[str, str] = {}
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes) -> Reply:
        """Send ``body`` once and return the reply, whatever its status.

        Raises:
            ConnectionFailedError: There is none.
            ResponseError: It is too large.
        """
        import aiohttp

        try:
            if self._session is None:
                self._session = self._open()
            async with self._session.post(self._url, data=body, headers=self._sent, proxy_headers=self._told_proxy) as response:
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
        session, self._session = self._session, None
        if session is not None:
            await session.close()

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

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp
        from yarl import URL

        url = URL(self._url)
        proxy, account = proxy_of(url.scheme, url.host or "")
        tunnel = url.scheme == "https"
        # Who may send is decided elsewhere: a limit of connections would only hold back what was let in.
        connector = aiohttp.TCPConnector(limit=0, ssl=trust() if tunnel else True)
        # Not headers of the session: aiohttp would send those to the proxy too, the key among them.
        self._sent = self._headers if tunnel else self._headers | account
        self._told_proxy = account if tunnel else {}
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=self._timeout),
            proxy=proxy,
        )


def trust() -> ssl.SSLContext:
    """Return whom to trust: the system, or SSL_CERT_FILE and SSL_CERT_DIR; as the SDK does."""
    import httpx2

    return httpx2.create_ssl_context()


def proxy_of(scheme: str, host: str) -> tuple[str | None, dict[str, str]]:
    """Return the proxy that the environment names for an address, and the headers that say who asks it.

    Looked up once, since aiohttp's own way does it for each request; the account is taken out of the address, which aiohttp's errors show.

    Raises:
        ValueError: What the environment names is no address.
    """
    import aiohttp
    from yarl import URL

    known = {} if proxy_bypass(host) else getproxies()
    found = known.get(scheme) or known.get("all")
    if found is None:
        return None, {}
    try:
        proxy = URL(found if "://" in found else f"http://{found}")
        account = {"Proxy-Authorization": aiohttp.encode_basic_auth(proxy.user, proxy.password or "")} if proxy.user else {}
    except ValueError:
        msg = f"the variable {scheme}_proxy or all_proxy holds no address of a proxy"
        raise ValueError(msg) from None
    return str(proxy.with_user(None)), account
