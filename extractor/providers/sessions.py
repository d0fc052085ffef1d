"""Sessions of HTTP: one for each server, by the proxy and the certificates that the environment names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    import ssl

    import aiohttp


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a server.

    Attributes:
        session: What sends; nothing is remembered of the server.
        headers: Headers that a request needs beside its own: a proxy's account, where the proxy reads the request.
        proxy_headers: Headers for the proxy alone, where a tunnel leads through it.
    """

    session: aiohttp.ClientSession
    headers: dict[str, str]
    proxy_headers: dict[str, str]


def way(url: str, timeout: aiohttp.ClientTimeout) -> Way:
    """Return the way to the server of ``url``; within an event loop.

    Headers of requests are given with each of them: aiohttp would send those of a session to the proxy too, a key among them.

    Args:
        url: An address of it.
        timeout: How long requests may take where they do not say.

    Raises:
        ValueError: What the environment names is no address of a proxy.
    """
    import aiohttp

    address = urlsplit(url)
    proxy, account = _proxy(address.scheme, address.hostname or "")
    tunnel = address.scheme == "https"
    # Who may send is decided elsewhere: a limit of connections would only hold back what was let in.
    connector = aiohttp.TCPConnector(limit=0, ssl=_trust() if tunnel else True)
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout, proxy=proxy)
    return Way(session, {} if tunnel else account, account if tunnel else {})


def _trust() -> ssl.SSLContext:
    """Return whom to trust: the system, or SSL_CERT_FILE and SSL_CERT_DIR; as the SDK does."""
    import httpx2

    return httpx2.create_ssl_context()


def _proxy(scheme: str, host: str) -> tuple[str | None, dict[str, str]]:
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
