"""Signatures of webhooks, by Standard Webhooks 1.0.0 (its symmetric scheme, ``v1``); pure, for the sender and for receivers.

What is signed is ``id.timestamp.body``, so that neither an id nor a time can be put on another body. An id therefore holds no full
stop, which would let one message be read as another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from typing import Final

from extractor.errors import ConfigurationError

PREFIX: Final = "whsec_"
LEAST: Final = 24
"""Fewest bytes of a secret, by the specification; the most are MOST."""
MOST: Final = 64
TOLERANCE: Final = 300
"""Seconds by which a time may differ from the receiver's clock; the specification leaves it open, its libraries take five minutes."""
_VERSION: Final = "v1"
_SECONDS: Final = re.compile(r"0|[1-9][0-9]{0,11}")


def new_secret() -> str:
    """Return a random secret of 32 bytes, as it is shown to people: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key(secret: str) -> bytes:
    """Return the bytes that ``secret`` stands for.

    Raises:
        ConfigurationError: It is not ``whsec_`` and the base64 of 24 to 64 bytes; the message does not show it.
    """
    try:
        found = base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):
        found = b""
    if LEAST <= len(found) <= MOST:
        return found
    msg = f"a webhook's secret is {PREFIX} and the base64 of {LEAST} to {MOST} bytes; this is none"
    raise ConfigurationError(msg)


def sign(secret: str, identifier: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one attempt to send ``body``, as the header ``webhook-signature`` holds it.

    Args:
        secret: ``whsec_`` and base64.
        identifier: Id of the message, the same at each attempt; without a full stop.
        timestamp: Time of the attempt, in whole seconds since 1970.
        body: Exactly the bytes that are sent.

    Raises:
        ConfigurationError: The secret or the id cannot be used.
    """
    if not identifier or "." in identifier:
        msg = "a webhook's id has at least one character, and no full stop"
        raise ConfigurationError(msg)
    digest = hmac.digest(key(secret), f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"{_VERSION},{base64.b64encode(digest).decode()}"


def verify(
    known: Sequence[str], *, identifier: str, timestamp: str, signatures: str, body: bytes, now: float, tolerance: float = TOLERANCE
) -> bool:
    """Return whether a message that came in was signed with one of the ``known`` secrets, and lately.

    Args:
        known: The secrets that are good; several while one takes another's place.
        identifier: The header ``webhook-id``.
        timestamp: The header ``webhook-timestamp``.
        signatures: The header ``webhook-signature``: one or more, apart by spaces. Those of other schemes are passed over.
        body: The bytes that came, before they are parsed.
        now: The receiver's time, in seconds since 1970.
        tolerance: Seconds by which the time of sending may differ from it, either way.

    Raises:
        ConfigurationError: A known secret is none.
    """
    if not identifier or "." in identifier or not _SECONDS.fullmatch(timestamp) or abs(now - int(timestamp)) > tolerance:
        return False
    good = [sign(secret, identifier, int(timestamp), body).encode() for secret in known]
    given = [signature.encode(errors="replace") for signature in signatures.split(" ")]
    matches = [hmac.compare_digest(one, other) for one in good for other in given]
    return any(matches)
