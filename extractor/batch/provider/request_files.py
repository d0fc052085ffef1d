"""Files of requests in the form of OpenAI's Batch API, one a line, filled one after another and each recorded when it is whole.

A file that was begun but not recorded when the process ended is removed on the way in: nothing of it was sent.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from extractor.batch.provider.register import Job, Register
from extractor.disk import sync_folder, told
from extractor.errors import StorageError
from extractor.requests import Request

URL: Final = "/v1/chat/completions"
_PATTERN: Final = "requests-*.jsonl"
_BUFFER: Final = 2**20
_SEPARATORS: Final = {ord(character): f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"}
"""Ends of line to some readers of text, though not to JSON Lines."""


def line(request: Request, key: str) -> bytes:
    """Return a request as a line of a file, called by its key; its body is the one that goes out online."""
    value = {"custom_id": key, "method": "POST", "url": URL, "body": request.body()}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_SEPARATORS).encode() + b"\n"


class RequestFiles:
    """The request files of a folder.

    Args:
        folder: Where they are.
        register: Where they are recorded.
        most_requests: Requests in one file at the most.
        most_bytes: Bytes of one file at the most.
    """

    def __init__(self, folder: Path, register: Register, *, most_requests: int, most_bytes: int) -> None:
        self._folder = folder
        self._register = register
        self._most_requests = most_requests
        self._most_bytes = most_bytes
        self._open: _OpenFile | None = None
        known = {self.path(job) for job in register.jobs()}
        with told(folder):
            for file in folder.glob(_PATTERN):
                if file not in known:
                    file.unlink()

    def path(self, job: Job) -> Path:
        """Return where the file of a job is."""
        return self._path(job.number)

    def add(self, request: Request, key: str) -> None:
        """Write one more request, whose key is ``key``.

        Raises:
            StorageError: It cannot be written.
        """
        text = line(request, key)
        if self._open is not None and self._open.size + len(text) > self._most_bytes:
            self.finish()
        try:
            with told(self._folder):
                if self._open is None:
                    number = self._register.next_number()
                    self._open = _OpenFile(self._path(number), number)
                self._register.note(key, self._open.number)
                self._open.write(text)
        except StorageError:  # what is half written may not be sent
            self.drop()
            raise
        if self._open.requests >= self._most_requests:
            self.finish()

    def finish(self) -> None:
        """Record the file that is being filled, if there is one; after that it is uploaded whatever happens.

        Raises:
            StorageError: It cannot be written.
        """
        opened, self._open = self._open, None
        if opened is None:
            return
        try:
            with told(self._folder):
                self._register.intend(opened.finish())
        except StorageError:
            self._register.forget_noted()
            opened.drop()
            raise

    def split(self, job: Job) -> None:
        """Put two jobs of half the requests in the place of one of two or more."""
        number = self._register.next_number()
        keys: list[list[str]] = [[], []]
        with told(self._folder):
            halves = [_OpenFile(self._path(number + half), number + half) for half in range(2)]
            with self.path(job).open("rb") as lines:
                for index, text in enumerate(lines):
                    half = index >= job.requests // 2
                    halves[half].write(text)
                    keys[half].append(json.loads(text)["custom_id"])
            self._register.split(job, {part.finish(): held for part, held in zip(halves, keys, strict=True)})
            self.path(job).unlink()

    def keys(self, job: Job) -> Iterator[str]:
        """Yield the keys of a job's requests, line by line."""
        with told(self._folder), self.path(job).open("rb") as lines:
            for text in lines:
                yield json.loads(text)["custom_id"]

    def remove(self, job: Job) -> None:
        """Remove the file of a settled job."""
        with told(self._folder):
            self.path(job).unlink(missing_ok=True)

    def drop(self) -> None:
        """Drop the file that is being filled; its requests are as if they had never been asked."""
        opened, self._open = self._open, None
        self._register.forget_noted()
        if opened is not None:
            opened.drop()

    def _path(self, number: int) -> Path:
        return self._folder / _PATTERN.replace("*", f"{number:05}")


class _OpenFile:
    """A file being filled."""

    def __init__(self, path: Path, number: int) -> None:
        self.number = number
        self.size = 0
        self.requests = 0
        self._path = path
        self._digest = hashlib.sha256()
        self._stream: BinaryIO = path.open("wb", buffering=_BUFFER)

    def write(self, text: bytes) -> None:
        self._stream.write(text)
        self._digest.update(text)
        self.size += len(text)
        self.requests += 1

    def finish(self) -> Job:
        """Write through to the disk; the caller waits for it, as nothing else may be noted meanwhile."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        sync_folder(self._path.parent)
        return Job(self.number, self._digest.hexdigest(), self.requests, self.size)

    def drop(self) -> None:
        with suppress(OSError):
            self._stream.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
