"""Who of several processes that share a folder still lives: each locks a file of its own, and a lock ends with its process."""

from __future__ import annotations

import secrets
from pathlib import Path

import filelock


class Owner:
    """This process, as others see it.

    Args:
        folder: What is shared.

    Attributes:
        id: What it is called.
    """

    def __init__(self, folder: Path) -> None:
        self.id = secrets.token_hex(8)
        self._folder = folder
        self._mine: filelock.FileLock | None = None

    def live(self) -> None:
        """Be seen to live, from now on; to be called before anything is done in this name.

        Raises:
            OSError: The folder cannot be written.
        """
        if self._mine is None:
            lock = self._lock(self.id)
            lock.acquire(blocking=False)
            self._mine = lock

    def is_dead(self, other: str) -> bool:
        """Tell whether the process called ``other`` has ended; what it locked is cleared away then.

        Raises:
            OSError: The folder cannot be written.
        """
        lock = self._lock(other)
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            return False
        self._clear(lock)
        return True

    def end(self) -> None:
        """Be seen to live no more."""
        if self._mine is not None:
            self._clear(self._mine)
            self._mine = None

    def _lock(self, name: str) -> filelock.FileLock:
        return filelock.FileLock(self._folder / f".spending-{name}.lock", mode=0o600, thread_local=False)

    @staticmethod
    def _clear(lock: filelock.FileLock) -> None:
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)
