"""An open part: finished articles, one line each, through to the disk before anybody is told.

A line is ``CRC-32 of the rest, key, source, position, text, extraction``, separated by tabs; the four last are JSON, in which
neither tab nor line end can occur. What stands behind the last line end was torn off by a kill and is cut off; a line whose
CRC is wrong was damaged on the disk and is passed over, so that its article is done again.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extractor.batch.results import Finished
from extractor.disk import whole_lines

_log = logging.getLogger(__name__)
_TABS: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A finished article as a part holds it; all but the key as JSON.

    Attributes:
        key: The entry's key.
        source: Its file.
        position: Where in the file.
        text: Its text, or null.
        extraction: Its Extraction.
    """

    key: bytes
    source: bytes
    position: bytes
    text: bytes
    extraction: bytes


def line(finished: Finished) -> bytes:
    """Return the line of a finished article."""
    fields = (
        finished.key.hex().encode(),
        _json(finished.source),
        _json(finished.position),
        _json(finished.text),
        finished.extraction.replace(b"\n", b" ").replace(b"\r", b" "),  # between tokens, the only place where JSON may have them
    )
    rest = b"\t".join(fields)
    return b"%08x\t%b\n" % (zlib.crc32(rest), rest)


def read(path: Path) -> Iterator[Line]:
    """Yield the whole lines of the part at ``path``, and say in the log how many were damaged."""
    damaged = 0
    for raw in whole_lines(path):
        if (found := _parsed(raw)) is None:
            damaged += 1
        else:
            yield found
    if damaged:
        _log.warning(
            "%s: %d damaged lines are passed over; their articles are done again, from remembered answers where there are", path, damaged
        )


def _parsed(raw: bytes) -> Line | None:
    crc, _, rest = raw.partition(b"\t")
    try:
        if int(crc, 16) != zlib.crc32(rest):
            return None
    except ValueError:
        return None
    key, source, position, text, extraction = rest.split(b"\t", _TABS - 1)
    return Line(bytes.fromhex(key.decode()), source, position, text, extraction)


def _json(value: str | None) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")  # names of files need not be Unicode
