"""Caches by the address they have: the one place where they are listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from extractor.caches.base import Cache
from extractor.errors import ConfigurationError
from extractor.settings import Settings


def _redis(address: str) -> Cache:
    from extractor.caches.redis import RedisCache

    return RedisCache(address)


def _folder(address: str) -> Cache:
    from extractor.caches.disk import DiskCache

    return DiskCache(Path(address).expanduser())


SCHEMES: Final[dict[str, Callable[[str], Cache]]] = {
    "": _folder,
    "redis": _redis,
    "rediss": _redis,
    "valkey": _redis,
    "valkeys": _redis,
}
"""What opens an address, by what stands before its ``://``; an address without one is a folder."""


def open_cache(address: str) -> Cache:
    """Return the cache at ``address``: a folder of this machine, or a server that many machines share.

    Raises:
        ConfigurationError: There is no cache of that kind.
        MissingExtraError: Its client is not installed.
        StorageError: It cannot be opened.
    """
    scheme = address.partition("://")[0] if "://" in address else ""
    if scheme not in SCHEMES:
        names = ", ".join(f"{name}://" for name in SCHEMES if name)
        msg = f"there is no cache with addresses like {scheme}://; EXTRACTOR_CACHE_URL is a folder, or begins with one of {names}"
        raise ConfigurationError(msg)
    return SCHEMES[scheme](address)


def provide(settings: Settings) -> Cache:
    """Return the cache that the settings name: ``cache_url``, or else a folder in ``cache_dir``.

    Raises:
        ConfigurationError: The address names no kind of cache that there is.
        MissingExtraError: The client for it is not installed.
        StorageError: It cannot be opened.
    """
    return open_cache(settings.cache_url.get_secret_value() if settings.cache_url else str(settings.cache_dir / "answers"))
