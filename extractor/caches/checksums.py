"""The checksum that every remembered value carries: storage that changes a bit, or hands one key's value to another, is found out."""

from __future__ import annotations

import hashlib
from typing import Final

_BYTES: Final = 32


def with_checksum(key: str, value: bytes) -> bytes:
    """Return ``value`` as it is stored: behind the SHA-256 of ``key`` and itself."""
    return _checksum(key, value) + value


def checked(key: str, stored: bytes) -> bytes | None:
    """Return the value that ``with_checksum`` stored under ``key``; None where it is damaged, another key's, or of another program."""
    value = stored[_BYTES:]
    return value if stored[:_BYTES] == _checksum(key, value) else None


def _checksum(key: str, value: bytes) -> bytes:
    """Return the digest of key and value: a damaged key must not hand its value to another."""
    return hashlib.sha256(key.encode() + b"\0" + value).digest()
