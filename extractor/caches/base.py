"""The seam to remembered answers."""

from __future__ import annotations

from typing import Final, Protocol


class Cache(Protocol):
    """Remembers bytes by key. ``get`` answers None for whatever it cannot give back whole; ``set`` may not lose others."""

    @property
    def remote(self) -> bool:
        """Whether it is elsewhere, so that a call may take long; then it is called from several threads at once."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return the value of ``key``, or None."""
        ...

    def set(self, key: str, value: bytes) -> None:
        """Remember ``value`` under ``key``."""
        ...

    def drop(self, key: str) -> None:
        """Forget ``key``, whose value its reader cannot use: a cache may keep the first value it was given."""
        ...

    def close(self) -> None:
        """Let go of files; may be called twice."""
        ...


class NoCache:
    """Remembers nothing."""

    remote: Final = False

    def get(self, key: str) -> bytes | None:  # noqa: ARG002  # Cache calls it so, and callers may name it
        """Return None."""
        return None

    def set(self, key: str, value: bytes) -> None:
        """Forget ``value``."""

    def drop(self, key: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class MemoryCache(dict[str, bytes]):
    """Remembers for as long as it lives; for tests and one-off scripts."""

    remote: Final = False

    def set(self, key: str, value: bytes) -> None:
        """Remember ``value`` under ``key``."""
        self[key] = value

    def drop(self, key: str) -> None:
        """Forget ``key``."""
        self.pop(key, None)

    def close(self) -> None:
        """Do nothing."""
