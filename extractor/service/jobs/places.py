"""An article of a job as batch's machinery knows it: by a key of 16 bytes, here the job's number and the article's place in it."""

from __future__ import annotations

import struct
from typing import Final

_KEY: Final = struct.Struct(">QQ")


def key(job: int, place: int) -> bytes:
    """Return the key of the article at ``place``, from 0, of the job with the number ``job``."""
    return _KEY.pack(job, place)


def of(key: bytes) -> tuple[int, int]:
    """Return job and place of such a key."""
    job, place = _KEY.unpack(key)
    return job, place
