"""Pages of HTML read in processes that can be killed.

Parsers of HTML hang, crash and swell on some pages, and no thread of ours can be stopped; a process can. Whatever happens
to one, it is that article that cannot be read, and the next one gets a new process.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import struct
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, Final

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from extractor.errors import MissingExtraError, ReaderError
from extractor.readers.archives.entries import Page

WORKER: Final = (sys.executable, "-P", "-m", "extractor.readers.archives.page_worker")
_LENGTH: Final = struct.Struct(">I")
_LARGEST_ANSWER: Final = 32_000_000
_SECONDS_TO_START: Final = 60.0
_SECONDS_TO_END: Final = 1.0
_PAGES_A_WORKER: Final = 2_000
"""Pages after which a process is replaced, because parsers leak."""
_SECRET: Final = ("KEY", "TOKEN", "SECRET", "PASSW")
_NEEDED: Final = ("trafilatura", "lxml_html_clean")


class Pages:
    """Reads pages. Used within one event loop; processes are started when they are needed.

    Args:
        workers: How many processes there are at most; by default one for each processor, and at most four.
        seconds: How long one page may take.
        most: Largest size of a page when unpacked, in bytes.
        memory: Address space of a process, in bytes.
        command: What is run as a process; it gets ``memory`` and ``most`` as arguments.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        seconds: float = 5.0,
        most: int = 2_000_000,
        memory: int = 2**30,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._most = workers or min(4, os.cpu_count() or 1)
        self._seconds = seconds
        self._command = [*command, str(memory), str(most)]
        self._slots: anyio.Semaphore | None = None
        self._idle: list[_Worker] = []

    async def read(self, page: Page, name: str) -> Mapping[str, Any]:
        """Return the fields of the document that ``page`` is.

        Args:
            page: The page.
            name: What it is called in messages.

        Raises:
            ReaderError: It is no article, too large, or the parser crashed or took too long.
            MissingExtraError: trafilatura is not installed.
        """
        self._slots = self._slots or anyio.Semaphore(self._most)
        async with self._slots:
            worker = self._idle.pop() if self._idle else await self._started(name)
            healthy = False
            try:
                with anyio.fail_after(self._seconds):
                    answer = await worker.ask(page)
                healthy = not answer.get("last")
            except TimeoutError:
                msg = f"{name}: takes longer than {self._seconds:g} s to be read as HTML; save its text instead"
                raise ReaderError(msg) from None
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError, ValueError):
                msg = f"{name}: the parser of HTML crashed on it ({await worker.ended()}); save its text instead"
                raise ReaderError(msg) from None
            finally:
                if healthy and worker.asked < _PAGES_A_WORKER:
                    self._idle.append(worker)
                else:
                    await worker.end()
        if why := answer.get("error"):
            msg = f"{name}: the page {why}"
            raise ReaderError(msg)
        return answer

    async def aclose(self) -> None:
        """End all processes."""
        while self._idle:
            await self._idle.pop().end()

    async def _started(self, name: str) -> _Worker:
        if missing := [package for package in _NEEDED if find_spec(package) is None]:
            msg = f"pages of HTML need the package {missing[0]}; install it with: pip install 'claim-extractor[archives]'"
            raise MissingExtraError(msg)
        try:
            with anyio.CancelScope(shield=True):  # a process must not be lost between its start and our knowing it
                worker = _Worker(await _process(self._command))
        except OSError as error:
            msg = f"{name}: no process can be started to read it as HTML ({error.strerror}); close other programs and try again"
            raise ReaderError(msg) from error
        ready = False
        try:
            with anyio.move_on_after(_SECONDS_TO_START):
                ready = bool((await worker.answer()).get("ready"))
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, ValueError):
            pass
        finally:
            if not ready:
                await worker.end()
        if not ready:
            msg = f"{name}: the process that reads HTML does not start; see what it says: {' '.join(self._command)}"
            raise ReaderError(msg)
        return worker


class _Worker:
    """One process.

    Attributes:
        asked: How many pages it was given.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        assert process.stdout is not None
        assert process.stdin is not None
        self._answers = BufferedByteReceiveStream(process.stdout)
        self._questions = process.stdin
        self.asked = 0

    async def ask(self, page: Page) -> dict[str, Any]:
        """Return what the process says about ``page``."""
        self.asked += 1
        latest = (page.captured + dt.timedelta(days=1)).isoformat() if page.captured else None
        about = {"url": page.url, "charset": page.charset, "encodings": page.encodings, "latest": latest}
        for frame in (json.dumps(about).encode(), page.raw):
            await self._questions.send(_LENGTH.pack(len(frame)) + frame)
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        """Return the next answer.

        Raises:
            ValueError: It is none.
        """
        size = _LENGTH.unpack(await self._answers.receive_exactly(_LENGTH.size))[0]
        if size > _LARGEST_ANSWER:
            raise ValueError
        answer = json.loads(await self._answers.receive_exactly(size))
        if not isinstance(answer, dict):
            raise ValueError  # noqa: TRY004  # the value is wrong, not the caller
        return answer

    async def ended(self) -> str:
        """Return how the process, which has closed its pipes, ended."""
        with anyio.move_on_after(_SECONDS_TO_END):
            await self._process.wait()
        code = self._process.returncode
        if code is None:
            return "no answer"
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    async def end(self) -> None:
        """End the process at once."""
        with anyio.CancelScope(shield=True):
            with suppress(ProcessLookupError):
                if self._process.returncode is None:
                    self._process.kill()
            await self._process.aclose()


async def _process(command: list[str]) -> Process:
    import subprocess

    kept = {name: value for name, value in os.environ.items() if not any(word in name.upper() for word in _SECRET)}
    return await anyio.open_process(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept, start_new_session=True,
    )  # fmt: skip
