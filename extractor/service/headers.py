"""The header fields that every answer carries, whoever gives it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

Fields = Sequence[tuple[bytes, bytes]]

CLOSE: Final = (b"connection", b"close")

DEFAULTS: Final[Fields] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
"""What an answer says where it says nothing else: answers hold articles and claims, so nothing keeps, frames, guesses at or runs them."""

_EXPOSED: Final = b"Location, Retry-After, Next-Cursor, Link, X-Request-Id"
_ALLOWED: Final = (
    (b"access-control-allow-methods", b"GET, POST, DELETE"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id"),
    (b"access-control-max-age", b"600"),
)


def completed(given: Iterable[tuple[bytes, bytes]], *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """Return the fields of an answer: those it was ``given``, ``more``, and each default that it does not have."""
    fields = [*given, *more]
    names = {name.lower() for name, _ in fields}
    return fields + [field for field in DEFAULTS if field[0] not in names]


def first(fields: Fields, name: bytes) -> bytes | None:
    """Return the first value of the field ``name``, which is in lower case; None where there is none."""
    return next((value for key, value in fields if key == name), None)


def for_origin(request: Fields, origins: Collection[str]) -> Fields:
    """Return what the answer to a page of another server says: nothing, unless the page's origin is one of ``origins``.

    Credentials are never allowed: a key goes in a header, which a page must know.
    """
    origin = first(request, b"origin")
    if origin is None or origin.decode("latin-1") not in origins:
        return [(b"vary", b"Origin")] if origins else []
    return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _EXPOSED), (b"vary", b"Origin")]


def preflight(method: str, request: Fields, origins: Collection[str]) -> Fields | None:
    """Return what answers a browser that asks whether a page may call; None where the request is something else."""
    allowed = for_origin(request, origins)
    if method != "OPTIONS" or len(allowed) < 2 or first(request, b"access-control-request-method") is None:
        return None
    return _ALLOWED
