"""Where webhooks may go. A caller names the address, so this server must not be led to what only it can reach (SSRF).

Three gates, one behind the other. The URL is read strictly and put together anew, so that no two programs can read it in two ways.
Every address its host has must be public, or lie in a network that the operator has named; they are looked up anew at each attempt,
since they may change. The connection can then go to those addresses alone: the client looks nothing up itself, and the address of each
socket is looked at once more before it is made.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

import aiohttp
import anyio
import idna
from aiohttp.abc import AbstractResolver, ResolveResult

from extractor.errors import ConfigurationError, RefusedError

if TYPE_CHECKING:
    import ssl

    from aiohttp.connector import AddrInfoType

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host, given with the port; none where there are none, or none can be found."""

LONGEST: Final = 2_000
"""Characters of a URL."""
_PORTS: Final = {"https": 443, "http": 80}
_OTHER_PROTOCOLS: Final = frozenset({*range(1, 1024), 6379, 11211} - {80, 443})
"""Ports that no receiver is at: the well-known ones belong to other protocols, and Redis and memcached act on lines of a POST."""
_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::(?P<port>[0-9]{1,5}))?")
_NAME: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
"""Names that end in a number, which programs take for IPv4 in a dozen spellings (WHATWG URL, "ends in a number")."""
_LOOK_UP_SECONDS: Final = 5.0
_MOST_ADDRESSES: Final = 8
_ASKING: Final = ThreadPoolExecutor(16, thread_name_prefix="webhook-hosts")
"""Threads of their own, in a bounded number: a resolver cannot be interrupted, and slow names must not hold up other lookups."""

_CHARACTERS: Final = f"it is longer than {LONGEST:,} characters, or holds a space, a backslash or a control character"
_PARTS: Final = "it must be https://, a host, perhaps a port, and a path; without a user's name"
_PORT: Final = "its port is one of another protocol; take 443, or one from 1024 on"
_HOST: Final = "its host is neither a name nor an address in its usual form"
_REACH: Final = "its host has no public address, or also one that is not public; this server calls no others"
"""The same for a host that is not known, since the difference would tell of our network."""

_UNICAST: Final = IPv6Network("2000::/3")
"""All that IANA gives out as global unicast; a list of what is refused would miss what comes later."""
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is reached."""
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(name)
    for name in (
        "192.0.0.0/24",  # protocol assignments (RFC 6890); Oracle's metadata server is in it
        "192.88.99.0/24",  # relays of 6to4, given up (RFC 7526)
        "168.63.129.16/32",  # Azure's own server for its machines: a public address that only they reach
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: holds an IPv4 address, and is given up (RFC 7526)
        "3fff::/20",  # documentation (RFC 9637), which Python 3.11 takes for global
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was read, and may be called if its host's addresses allow it.

    Attributes:
        url: The URL, put together anew: ASCII, without a fragment.
        scheme: ``https`` or ``http``.
        host: Its host in lower case: a name in ASCII, or an address as Python writes it.
        port: Its port.
        literal: Whether the host is an address.
    """

    url: str
    scheme: str
    host: str
    port: int
    literal: bool


def checked(url: str, networks: Sequence[str]) -> Target:
    """Return what ``url`` asks for, as far as can be told without looking its host up.

    Args:
        url: What the caller wrote.
        networks: The operator's own networks, which may be called too, also over http.

    Raises:
        RefusedError: It is no https URL with a host and a usual port, or its host is an address that may not be called.
        ConfigurationError: A network is none.
    """
    own = own_networks(tuple(networks))
    if len(url) > LONGEST or "\\" in url or not url.isprintable() or " " in url:
        raise _refused(_CHARACTERS)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _refused(_PARTS) from None
    found = _AUTHORITY.fullmatch(parts.netloc)
    if parts.scheme not in _PORTS or found is None or (parts.scheme == "http" and not own):
        raise _refused(_PARTS)
    port = int(found["port"] or _PORTS[parts.scheme])
    if not 1 <= port <= 65_535 or port in _OTHER_PROTOCOLS:
        raise _refused(_PORT)
    address, host = _host(found["host"])
    if address is not None and not _may(address, parts.scheme, own):
        raise _refused(_REACH)
    shown = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?") if parts.query else ""
    usual = "" if port == _PORTS[parts.scheme] else f":{port}"
    return Target(f"{parts.scheme}://{shown}{usual}{path}{query}", parts.scheme, host, port, address is not None)


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses that this machine's resolver gives for ``host``, within some seconds."""
    with anyio.move_on_after(_LOOK_UP_SECONDS):
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = await asyncio.get_running_loop().run_in_executor(_ASKING, ask)
        except (OSError, UnicodeError):
            return ()
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    return ()


async def resolved(target: Target, networks: Sequence[str], look_up: Lookup = look_up) -> tuple[str, ...]:
    """Return the addresses that a connection to ``target`` may go to now, some of those it has.

    Raises:
        RefusedError: One of them may not be called, or there is none; which of the two is not said.
    """
    own = own_networks(tuple(networks))
    found = [target.host] if target.literal else await look_up(target.host, target.port)
    if not found or not all(_may(ipaddress.ip_address(address), target.scheme, own) for address in found):
        raise _refused(_REACH)
    return tuple(found[:_MOST_ADDRESSES])


async def check(url: str, networks: Sequence[str], look_up: Lookup = look_up) -> None:
    """Refuse ``url`` where a webhook could not go to it; for the moment a job is handed over.

    Raises:
        RefusedError: As of ``checked`` and ``resolved``.
    """
    await resolved(checked(url, networks), networks, look_up)


def connector(target: Target, addresses: Sequence[str], trust: ssl.SSLContext) -> aiohttp.TCPConnector:
    """Return a connector that reaches nothing but ``addresses``; name and certificate stay those of the target's host."""
    return aiohttp.TCPConnector(
        resolver=_Pinned(target, addresses), use_dns_cache=False, force_close=True, ssl=trust, socket_factory=_Sockets(addresses)
    )


class _Pinned(AbstractResolver):
    """Answers with the addresses that were checked, for the host they were checked for."""

    def __init__(self, target: Target, addresses: Sequence[str]) -> None:
        self._target = target
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:  # noqa: ARG002  # aiohttp's signature
        """Return the addresses.

        Raises:
            OSError: Another host is asked for.
        """
        if (host, port) != (self._target.host, self._target.port):
            msg = "another host than the checked one"
            raise OSError(msg)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=_family(address), proto=0, flags=socket.AI_NUMERICHOST)
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Do nothing; there is nothing to close."""


class _Sockets:
    """Makes sockets for the addresses that were checked; aiohttp asks no resolver where the host is an address."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = frozenset(map(ipaddress.ip_address, addresses))

    def __call__(self, info: AddrInfoType) -> socket.socket:
        """Return a socket.

        Raises:
            OSError: It would go elsewhere.
        """
        family, kind, protocol, _, where = info
        if ipaddress.ip_address(where[0]) not in self._addresses:
            msg = "another address than the checked ones"
            raise OSError(msg)
        return socket.socket(family, kind, protocol)


def _host(written: str) -> tuple[IPv4Address | IPv6Address | None, str]:
    """Return the address that a URL's host is, or None, and the host as the connection gets it."""
    try:
        if written.startswith("["):
            address: IPv4Address | IPv6Address = IPv6Address(written[1:-1])
            return address, str(address)
        name = written.lower() if written.isascii() else idna.encode(written, uts46=True, std3_rules=True).decode()
        name = name.removesuffix(".")
        if _NUMBER.fullmatch(name):
            address = IPv4Address(name)
            return address, str(address)
    except (ValueError, idna.IDNAError):
        name = ""
    if not _NAME.fullmatch(name):
        raise _refused(_HOST)
    return None, name


def _may(address: IPv4Address | IPv6Address, scheme: str, own: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Return whether a connection may go to ``address``: anywhere in one's own networks, otherwise to public ones over https."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        address = IPv4Address(int(address) & 0xFFFF_FFFF) if address in _TRANSLATED else address.ipv4_mapped or address
    return any(address in network for network in own) or (scheme == "https" and _public(address))


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    special = address.is_multicast or address.is_reserved or any(address in network for network in _NOT_PUBLIC)
    return address.is_global and not special


@lru_cache(maxsize=16)
def own_networks(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the operator's own networks.

    Raises:
        ConfigurationError: One is none.
    """
    try:
        return tuple(ipaddress.ip_network(name, strict=False) for name in networks)
    except ValueError as error:
        msg = f"the setting EXTRACTOR_SERVICE_WEBHOOK_NETWORKS is wrong: {error}; write networks as 10.1.0.0/16"
        raise ConfigurationError(msg) from None


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _refused(says: str) -> RefusedError:
    return RefusedError(f"the webhook's address cannot be used: {says}", kind="invalid", faults=[("#/webhook/url", says)])
