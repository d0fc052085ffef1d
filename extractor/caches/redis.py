"""Answers shared by many machines, in Redis or Valkey.

The first answer to a question stays (SET NX), so whoever has read it and whoever reads it later have the same one. Values are
compressed, since the server keeps them in memory, and carry the checksum that those on disk carry. A server that goes away in
the middle of a run makes everything a miss until it answers again; between two tries to reach it nothing waits for it.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from extractor.caches.checksums import checked, with_checksum
from extractor.errors import ConfigurationError, MissingExtraError, StorageError

if TYPE_CHECKING:
    import redis

_log = logging.getLogger(__name__)

_PREFIX: Final = "claim-extractor:1:"
"""Stands before every key, so that a database can be shared; its number goes up when what is kept under a key changes."""
_TIMEOUT: Final = 2.0
"""Seconds to connect and to answer, where the address does not say ``?socket_timeout=``; a server that works takes milliseconds."""
_PAUSES: Final = (1.0, 5.0, 15.0, 60.0)
"""Seconds between two tries to reach a server that is away; the last one repeats."""
_SCHEMES: Final = {"valkey": "redis", "valkeys": "rediss"}
"""Schemes that the client does not know, and what it calls them."""
_PORT: Final = 6379
_MALFORMED: Final = (
    "the address of the cache cannot be understood; EXTRACTOR_CACHE_URL is like redis://user:password@host:6379/0, "
    "and in a password / is written %2F, @ is %40, # is %23, ? is %3F"
)
_MISSING: Final = "the part for shared caches is not installed; install it with: pip install 'claim-extractor[redis]'"


class RedisCache:
    """A Cache in a Redis or Valkey server; see the module's head. Safe to use from many threads.

    Args:
        url: ``redis://[user:password@]host[:port][/database]``; ``rediss://`` is the same over TLS, ``valkey://`` and ``valkeys://`` are
            other names of both. What stands behind ``?`` goes to the client, such as ``socket_timeout=5`` or ``ssl_ca_certs=/path``.
        clock: Tells seconds that never go back.

    Attributes:
        where: The server's address, without user and password.

    Raises:
        ConfigurationError: The address cannot be understood.
        MissingExtraError: The client is not installed.
        StorageError: The server cannot be reached, or lets nobody in with this address.
    """

    remote: Final = True

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.where = _shown(url)
        self._client = _client(url, self.where)
        self._clock = clock
        self._lock = threading.Lock()
        self._outages = 0
        self._tries = 0
        self._away_until = 0.0
        self._told = False
        self._check()

    def get(self, key: str) -> bytes | None:
        """Return the value of ``key``; a damaged or foreign one is a miss and is dropped, and so is everything while the server is away."""
        import redis

        try:
            with self._asked():
                try:
                    stored = self._client.get(_PREFIX + key)
                except redis.ResponseError as error:
                    if not str(error).startswith("WRONGTYPE"):
                        raise
                    stored = b""
        except StorageError as error:
            with self._lock:
                told, self._told = self._told, True
            if not told:
                _log.warning("%s; until then every question counts as new", error)
            return None
        if not isinstance(stored, bytes):
            return None
        value = _restored(key, stored)
        if value is None:
            _log.warning("the answer %s in %s is damaged or foreign: it is dropped and will be asked for again", key[:12], self.where)
            self.drop(key)
        return value

    def set(self, key: str, value: bytes) -> None:
        """Remember ``value``, unless ``key`` has one already.

        Raises:
            StorageError: The server is away, full, or does not let us write.
        """
        with self._asked():
            self._client.set(_PREFIX + key, with_checksum(key, zlib.compress(value, level=1)), nx=True)

    def drop(self, key: str) -> None:
        """Forget ``key``, whose value its reader cannot use; a server that is away keeps it."""
        try:
            with self._asked():
                self._client.delete(_PREFIX + key)
        except StorageError:
            _log.debug("the answer %s in %s could not be dropped", key[:12], self.where)

    def close(self) -> None:
        """Close the connections."""
        self._client.connection_pool.disconnect()

    def _check(self) -> None:
        """Ask the server once how it is set up, so that a wrong address is told at the start and not article by article."""
        import redis

        with self._asked():
            self._client.exists(_PREFIX)
            try:
                setup = self._client.info("memory")
            except redis.ResponseError:  # a user of few rights may not ask; what it may, shows when it does
                return
        policy = str(setup.get("maxmemory_policy", ""))
        if policy.startswith("allkeys") and setup.get("maxmemory") != 0:
            _log.warning(
                "%s forgets answers when its memory is full (maxmemory-policy %s), and they are paid for again; set it to noeviction",
                self.where,
                policy,
            )

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Translate the client's errors, and leave a server that is away alone for a while.

        Raises:
            StorageError: The server did not do what was asked of it.
        """
        import redis

        known = self._outages
        if self._clock() < self._away_until:
            raise StorageError(self._unusable("it is away, and is tried again within a minute"))
        try:
            yield
        except (redis.ConnectionError, redis.TimeoutError) as error:
            self._went_away(known)
            raise StorageError(self._unusable(str(error))) from error
        except redis.RedisError as error:
            raise StorageError(self._unusable(_reason(error))) from None  # the server's own words may quote what was to be stored
        self._answered(known)

    def _went_away(self, known: int) -> None:
        """Leave the server alone for a while; of the calls that were under way when it went, the first alone counts as a try."""
        with self._lock:
            if known != self._outages:
                return
            self._outages += 1
            self._away_until = self._clock() + _PAUSES[min(self._tries, len(_PAUSES) - 1)]
            self._tries += 1

    def _answered(self, known: int) -> None:
        """Forget that the server was away; a call that was under way when it went cannot tell that it is back."""
        with self._lock:
            if known != self._outages:
                return
            told, self._told, self._tries = self._told, False, 0
        if told:
            _log.warning("the cache in %s answers again", self.where)

    def _unusable(self, why: str) -> str:
        return (
            f"the cache in {self.where} cannot be used ({why.rstrip('.')}); start the server, check EXTRACTOR_CACHE_URL, or add --no-cache"
        )


def _client(url: str, where: str) -> redis.Redis:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.connection import parse_url
        from redis.retry import Retry
    except ImportError as error:
        raise MissingExtraError(_MISSING) from error
    scheme, rest = url.split("://", 1)
    ours = {
        "decode_responses": False,
        "protocol": 2,  # servers before Redis 6 know no other
        # a kept connection may be stale, so once more; a silent server is not waited for twice
        "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    }
    try:
        options = {
            "socket_connect_timeout": _TIMEOUT,
            "socket_timeout": _TIMEOUT,
            **parse_url(f"{_SCHEMES.get(scheme, scheme)}://{rest}"),  # type: ignore[no-untyped-call]  # the client's own, without types
            **ours,
        }
        pool = redis.ConnectionPool(**options)
        pool.connection_class(**pool.connection_kwargs)  # which finds unknown options now, not with the first article
    except (ValueError, TypeError, redis.RedisError):
        msg = f"an option behind the ? of the cache in {where} is unknown or wrong; see EXTRACTOR_CACHE_URL"
        raise ConfigurationError(msg) from None  # whose words may quote a password
    return redis.Redis(connection_pool=pool)


def _shown(url: str) -> str:
    """Return the address without user, password and options.

    Raises:
        ConfigurationError: It is none. A password that is not encoded would stand elsewhere than in its place, and be shown.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.fragment or re.fullmatch(r"(/\d*)?", parts.path) is None:
        raise ConfigurationError(_MALFORMED)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port or _PORT}{parts.path}"


def _restored(key: str, stored: bytes) -> bytes | None:
    packed = checked(key, stored)
    if packed is None:
        return None
    try:
        return zlib.decompress(packed)
    except zlib.error:
        return None


def _reason(error: redis.RedisError) -> str:
    import redis

    reasons = (
        (redis.exceptions.OutOfMemoryError, "its memory is full"),
        (redis.ReadOnlyError, "it is a replica, which cannot be written"),
        (redis.exceptions.NoPermissionError, "its user may not read and write the keys claim-extractor:*"),
    )
    return next(
        (reason for kind, reason in reasons if isinstance(error, kind)), f"it answers {str(error).split(' ', 1)[0] or type(error).__name__}"
    )
