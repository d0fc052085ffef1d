"""Lines of a file, each of bounded length: a longer one is passed over, not held."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Overlong:
    """A line that was passed over.

    Attributes:
        size: Its bytes.
        digest: Their SHA-256.
    """

    size: int
    digest: bytes


def lines(stream: BinaryIO, most: int) -> Iterator[bytes | Overlong]:
    r"""Yield every line, its ``\n`` included.

    Args:
        stream: A buffered stream of bytes.
        most: Largest size of a line that is held, in bytes.
    """
    while raw := stream.readline(most + 1):
        yield raw if len(raw) <= most else _passed_over(stream, raw)


def _passed_over(stream: BinaryIO, begun: bytes) -> Overlong:
    size, digest, piece = len(begun), hashlib.sha256(begun), begun
    while not piece.endswith(b"\n") and (piece := stream.readline(1 << 16)):
        size += len(piece)
        digest.update(piece)
    return Overlong(size, digest.digest())
