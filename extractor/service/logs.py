"""What the service says on standard error: a line a request, its own notices, and of other packages' messages only what they are.

No line holds article text. Other packages put values into their messages and tracebacks, so of theirs only the fixed words are written.
Lines are written by a thread, so that nobody waits for a slow reader of standard error; where it is too slow, lines are dropped.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Full, Queue
from typing import Any, Final, TextIO

_OWN: Final = "extractor"
_WAITING: Final = 10_000
"""Most lines that wait to be written."""
_PAUSE: Final = 0.1
"""Seconds between two turns of writing."""
_LAST: Final = 1.0
"""Seconds that the last lines are given."""

_requests = logging.getLogger("extractor.service.requests")
_notices = logging.getLogger("extractor.service.notices")


def request(**fields: Any) -> None:
    """Log one request; fields that are None are left out.

    Args:
        fields: What is said of it, by name: numbers, and words of the service's own.
    """
    _requests.info("request", extra={"fields": {name: value for name, value in fields.items() if value is not None}})


def notice(words: str) -> None:
    """Log a sentence about the service as a whole."""
    _notices.info(words)


@contextmanager
def logging_to(stream: TextIO | None = None, *, as_json: bool = False) -> Iterator[None]:
    """Write all that is logged to ``stream``, standard error by default, until the block ends.

    Args:
        stream: Where to.
        as_json: Whether each line is a JSON object.
    """
    debug = bool(os.environ.get("EXTRACTOR_DEBUG"))
    root = logging.getLogger()
    before, level, hook = root.handlers[:], root.level, threading.excepthook
    writer = _Writer(stream or sys.stderr)
    writer.setFormatter(_Lines(as_json=as_json, debug=debug))
    root.handlers[:] = [writer]
    root.setLevel(logging.DEBUG if debug else logging.WARNING)
    for always in (_requests, _notices):
        always.setLevel(logging.INFO)
    # What the server reports is reported by ours as well: an answer cut short, an application that does not start.
    logging.getLogger("uvicorn.error").setLevel(logging.DEBUG if debug else logging.CRITICAL)
    threading.excepthook = hook if debug else _uncaught
    try:
        yield
    finally:
        threading.excepthook = hook
        root.handlers[:] = before
        root.setLevel(level)
        writer.close()


class _Writer(logging.Handler):
    """Writes records in a thread of its own; drops those that find too many waiting.

    The thread writes all that wait in one go, and then waits itself: woken for each line it would take turns with the thread that answers.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: Queue[logging.LogRecord | None] = Queue(_WAITING)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Full):
            self._waiting.put_nowait(record)

    def close(self) -> None:
        """Write what waits, unless whoever should read it does not."""
        with suppress(Full):
            self._waiting.put(None, timeout=_LAST)
            self._thread.join(_LAST)
        super().close()

    def _write(self) -> None:
        ended = False
        while not ended:
            records = [self._waiting.get()]
            records += [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]  # nobody else takes any
            ended = None in records
            with suppress(OSError, ValueError):  # the stream is closed, or what reads it is gone
                self._stream.write("".join(f"{self.format(record)}\n" for record in records if record is not None))
                self._stream.flush()
            if not ended:
                time.sleep(_PAUSE)


class _Lines(logging.Formatter):
    def __init__(self, *, as_json: bool, debug: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._debug = debug

    def format(self, record: logging.LogRecord) -> str:
        when = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fields: dict[str, Any] | None = getattr(record, "fields", None)
        said = fields if fields is not None else {"level": record.levelname.lower(), "message": self._message(record)}
        if self._as_json:
            return json.dumps({"time": when, **said})
        if fields is None:
            return f"extractor: {said['message']}"
        return f"{when} {fields['method']} {fields['route']} {fields['status']} {_rest(fields)}"

    def _message(self, record: logging.LogRecord) -> str:
        own = record.name == _OWN or record.name.startswith(f"{_OWN}.")
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] is not None else None
        if self._debug:
            trace = f"\n{self.formatException(record.exc_info)}" if kind is not None and record.exc_info else ""
            return record.getMessage() + trace
        # The template of another package's message, first line only: what is filled in below it may be anything.
        words = record.getMessage() if own else f"{record.name}: {(str(record.msg).splitlines() or [''])[0]}"
        return words if kind is None else f"{words} ({kind})"


def _rest(fields: dict[str, Any]) -> str:
    known = {"method", "route", "status"}
    return " ".join(f"{name}={value}" for name, value in fields.items() if name not in known)


def _uncaught(args: threading.ExceptHookArgs) -> None:
    logging.getLogger(_OWN).error("a thread met a fault of this program (%s)", args.exc_type.__name__)
