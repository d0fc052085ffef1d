"""Server-sent events as bytes (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from typing import Final

COMMENT: Final = b":\n\n"
"""Says nothing; sent now and then, so that a connection without news is not taken for dead."""


def event(name: str, data: str | bytes, id: str | None = None) -> bytes:  # noqa: A002  # the field's name
    """Return one event.

    Args:
        name: Its type: a plain word.
        data: What it carries; of several lines, each gets a field.
        id: What a client that lost the connection says it saw last; a plain word.
    """
    lines = (data.encode() if isinstance(data, str) else data).splitlines() or [b""]
    head = f"id: {id}\n" if id is not None else ""
    return f"{head}event: {name}\n".encode() + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"
