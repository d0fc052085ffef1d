"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header-07): a request that is sent again does not make a second job."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from extractor.errors import RefusedError
from extractor.service.schemas import JobIn

_LONGEST: Final = 255


def key_of(headers: Sequence[str]) -> str | None:
    """Return the key that a request's headers of this name carry; None where there is none.

    The draft writes it in quotes, and most clients do not; both are the same key.

    Raises:
        RefusedError: There are several, or it is empty, too long or no printable ASCII.
    """
    if not headers:
        return None
    key = headers[0]
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if len(headers) > 1 or not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable():
        msg = f"the Idempotency-Key must be one value of 1 to {_LONGEST} printable ASCII characters, such as a UUID"
        raise RefusedError(msg, kind="invalid")
    return key


def digest(body: JobIn) -> bytes:
    """Return what tells a body from another one: spelling, white space and order of its JSON do not count."""
    return hashlib.sha256(body.model_dump_json().encode()).digest()
