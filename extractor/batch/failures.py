"""Dead letters: ``failures.jsonl``, one line an article that was given up, for people to read and for a later run to try again.

Lines are appended through to the disk; of several about one article the last counts. When the batch is closed, only the last
line of each article that is still failed is kept. A line that is taken out by hand is an article that was never tried.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from extractor import disk
from extractor.batch.results import Failed
from extractor.disk import Appended, told
from extractor.requests import Usage

_log = logging.getLogger(__name__)
_KEY_BYTES: Final = 16


def line(failed: Failed) -> bytes:
    """Return the line of an article that was given up."""
    value = {name: field for name, field in ((slot, getattr(failed, slot)) for slot in Failed.__slots__) if name not in ("key", "usage")}
    row = {"key": failed.key.hex(), **value, "usage": failed.usage.model_dump()}
    return json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n"  # names of files need not be Unicode


def _parsed(raw: bytes) -> Failed | None:
    try:
        row: dict[str, Any] = json.loads(raw)
        key = bytes.fromhex(row.pop("key"))
        failed = Failed(key=key, usage=Usage.model_validate(row.pop("usage", {})), **row)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return failed if len(key) == _KEY_BYTES else None


class Failures:
    """The dead letters of one shard.

    Args:
        path: Their file; a torn tail is cut off.

    Attributes:
        file: What lines are appended to.

    Raises:
        StorageError: It cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = Appended(path)

    def read(self) -> Iterator[Failed]:
        """Yield the last line of each article, in the order of the file."""
        yield from (failed for failed, _ in self._last().values())

    def compact(self, is_failed: Callable[[list[bytes]], list[bool]]) -> None:
        """Keep only the last line of each article that is still failed; the file is replaced whole.

        Args:
            is_failed: Returns which of some keys are still failed.

        Raises:
            StorageError: It cannot be written.
        """
        last = self._last()
        keys = list(last)
        kept = b"".join(last[key][1] for key, failed in zip(keys, is_failed(keys), strict=True) if failed)
        if len(kept) == self.file.size:
            return
        disk.replace(self.path, kept)
        self.file.close()
        self.file = Appended(self.path)

    def _last(self) -> dict[bytes, tuple[Failed, bytes]]:
        found: dict[bytes, tuple[Failed, bytes]] = {}
        damaged = 0
        with told(self.path):
            for raw in self.path.read_bytes()[: self.file.size].splitlines(keepends=True):
                if (failed := _parsed(raw)) is None:
                    damaged += 1
                else:
                    found.pop(failed.key, None)
                    found[failed.key] = failed, raw
        if damaged:
            _log.warning("%s: %d lines are no dead letters and are passed over; their articles are tried again", self.path, damaged)
        return found
