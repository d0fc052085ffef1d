"""Who calls: the key that a request carries, and where a service may listen without any.

A service without keys serves whoever reaches it, so it listens on the loopback addresses only and answers to their names only.
The names matter because of DNS rebinding: a page's own host name can be made to resolve to 127.0.0.1, and a browser then lets the
page read what is answered there; but it sends that host name along.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from extractor.errors import ConfigurationError, RefusedError
from extractor.service.callers import OPEN, Caller
from extractor.service.limits import Limits

if TYPE_CHECKING:
    from extractor.service.keys import Keys

__all__ = ["LOOPBACK", "OPEN", "Caller", "caller", "check_exposure", "host_name", "known_hosts"]

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names by which a machine calls itself."""


async def caller(request: Request) -> Caller:
    """Return who sends ``request``, and note it there for the log.

    Raises:
        RefusedError: A key is needed, and it carries none that is valid.
        StorageError: The keys cannot be read.
    """
    keys: Keys = request.app.state.context.keys
    if not keys.any():
        request.state.caller = OPEN
        return OPEN
    given = request.headers.getlist("authorization")
    scheme, _, secret = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not secret.strip():
        msg = "this service needs a key; send it as the header 'Authorization: Bearer KEY'"
        raise RefusedError(msg, kind="unauthorized")
    found = keys.find(secret.strip())
    if found is None:
        msg = "the key is not valid here, or was revoked; ask whoever runs this service for another"
        raise RefusedError(msg, kind="unauthorized")
    request.state.caller = found
    return found


def check_exposure(host: str, *, keys_exist: bool) -> None:
    """Refuse to let whoever is on the network call a service without keys.

    Args:
        host: Name or address to listen on.
        keys_exist: Whether callers need a key.

    Raises:
        ConfigurationError: The address can be reached from other machines, and no key is needed.
    """
    if not keys_exist and not _is_loopback(host):
        msg = f"without keys the service listens on this machine only, not on {host!r}; make a key first: extractor keys add NAME"
        raise ConfigurationError(msg)


def known_hosts(limits: Limits, host: str, *, keys_exist: bool) -> frozenset[str] | None:
    """Return the names by which clients may call, as ``host_name`` gives them; None where any will do.

    Args:
        limits: Settings of the service; its ``hosts`` are names that are known beside the loopback ones.
        host: Name or address that the service listens on.
        keys_exist: Whether callers need a key, which no web page of a stranger has.
    """
    if keys_exist and not limits.hosts:
        return None
    return LOOPBACK | {host_name(name) for name in (host, *limits.hosts)}


def host_name(header: str) -> str:
    """Return the name or address in a Host header, in the one form that names are compared in: without port, brackets, case, last dot."""
    name = header.strip()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:  # more of them are an address of IPv6
        name = name.partition(":")[0]
    return name.lower().removesuffix(".")


def _is_loopback(host: str) -> bool:
    name = host_name(host)
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
