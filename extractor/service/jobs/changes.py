"""Whether a file of jobs has changed: looked at once in a while, for however many want to know."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import anyio.to_thread

from extractor.service.jobs.database import Database

_LOOK: Final = 0.25
"""Seconds between two looks."""


class Changes:
    """Tells whether a file has changed.

    Args:
        database: The file.
        clock: Returns the time in seconds, never going back.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._version = (0, 0)
        self._looked = -_LOOK

    async def version(self) -> tuple[int, int]:
        """Return a value that is another one after a change, up to a quarter second late.

        Raises:
            StorageError: The file cannot be read.
        """
        if self._clock() - self._looked >= _LOOK:
            self._looked = self._clock()
            self._version = await anyio.to_thread.run_sync(self._database.version)
        return self._version
