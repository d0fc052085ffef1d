"""Server-sent events read from bytes, however they were cut (WHATWG HTML, 9.2.6: interpreting an event stream)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

_BREAK: Final = re.compile("\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        data: What it carries.
        name: Its type.
        id: The last id that was seen, its own or that of an event before it.
    """

    data: str
    name: str = "message"
    id: str = ""


class EventParser:
    """Turns pieces of a stream into its events; whatever follows the last empty line is no event."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = False
        self._after_return = False
        self._line: list[str] = []
        self._data: list[str] = []
        self._name = ""
        self._id = ""

    def feed(self, piece: bytes) -> list[Event]:
        """Return the events that ``piece`` completes."""
        text = self._decoder.decode(piece)
        if not text:
            return []
        if not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        if self._after_return:
            # The line was ended by its CR, so that no event waits for a byte; the LF belongs to the same break.
            text = text.removeprefix("\n")
        self._after_return = text.endswith("\r")
        *ended, rest = _BREAK.split(text)
        events = [event for line in ended if (event := self._take(line)) is not None]
        self._line.append(rest)
        return events

    def _take(self, end: str) -> Event | None:
        """Interpret the line that ends with ``end``."""
        line = "".join((*self._line, end))
        self._line.clear()
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._name = [], ""
        return Event("\n".join(data), name or "message", self._id) if data else None
