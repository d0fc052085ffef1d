"""Cursors into a job's results: which was read last, in a form that only this service makes.

A cursor says nothing to its holder. It carries a digest of the job and itself, so that one of another job, or a mistyped one, is
refused rather than answered with the wrong lines; it guards no secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from typing import Final

from extractor.errors import RefusedError

_SEQ: Final = struct.Struct(">Q")
_CHECK: Final = 7
"""Bytes of the digest: with the number they are 15, which base64 writes without padding."""


def cursor(job: str, seq: int) -> str:
    """Return the cursor behind result ``seq`` of the job with the id ``job``; 0 is before the first."""
    return base64.urlsafe_b64encode(_SEQ.pack(seq) + _check(job, seq)).decode()


def position(job: str, cursor: str) -> int:
    """Return the number of the result that ``cursor`` stands behind.

    Raises:
        RefusedError: It is no cursor of this job.
    """
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        [seq] = _SEQ.unpack(raw[: _SEQ.size])
    except (ValueError, binascii.Error, struct.error):
        seq, raw = 0, b""
    if raw[_SEQ.size :] != _check(job, seq) or seq >= 2**63:
        msg = "the cursor is none of this job's; use one of its header Next-Cursor, or leave it out to begin at the first result"
        raise RefusedError(msg, kind="not-found")
    return int(seq)


def _check(job: str, seq: int) -> bytes:
    return hashlib.sha256(f"{job} {seq}".encode()).digest()[:_CHECK]
