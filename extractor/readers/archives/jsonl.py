"""JSON Lines: one object a line. A line is parsed only when its article is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extractor.readers.archives import objects
from extractor.readers.archives.compression import FAULTS
from extractor.readers.archives.entries import Entry, Fields
from extractor.readers.archives.lines import Overlong, lines
from extractor.readers.archives.reading import Source

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_BLANK: Final = b" \t\r\n"


def read(source: Source) -> Iterator[Entry]:
    """Yield the objects of the file."""
    number = 0
    begun = False
    try:
        with source.open() as opened:
            for number, raw in enumerate(lines(opened.stream, source.rules.longest), 1):
                position = f"line {number}"
                if isinstance(raw, Overlong):
                    begun = True
                    yield source.failed(source.rules.too_long(raw.size), position, known_by=raw.digest)
                    continue
                content = raw.strip(_BLANK)
                if not begun:
                    content = content.removeprefix(_BOM)
                    if refused := _refused(content):
                        yield source.failed(refused, read=source.file.size)
                        return
                if not content:
                    continue
                begun = True
                if not raw.endswith(b"\n") and (torn := _torn(content)):
                    yield source.failed(torn, position, known_by=content)
                else:
                    yield source.entry(Fields(content), position)
    except FAULTS as error:
        yield source.broken(error, f"from line {number + 1} on" if number else "")


def _refused(first: bytes) -> str | None:
    """Return why a file that begins like this is no JSON Lines."""
    if first.startswith(_UTF_16):
        return "is UTF-16; convert it, for example with: iconv -f UTF-16 -t UTF-8"
    if first.startswith(b"["):
        return "holds a JSON list, not one object a line; convert it, for example with: jq -c '.[]'"
    return None


def _torn(last: bytes) -> str | None:
    """Return what is wrong with a last line that has no end."""
    try:
        objects.parse(last)
    except ValueError as error:
        return f"{error}, and the file ends inside this line; fetch the file again"
    return None
