"""Sealing: an open part becomes files of Parquet and of compressed JSON, and whatever a kill left half done is put right.

The three files are written aside, through to the disk. Then claims and articles get their names, and after them the
extractions: with that name the part is sealed. Only then is the open part deleted. So a part is in exactly one of these
states, whenever the process dies: no file has its name yet, or some have but not the extractions (the open part counts, and
is sealed again); all have (the files count, and the open part is deleted).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from extractor.batch import parts
from extractor.batch.failures import Failures
from extractor.batch.index import FAILED, PASSING, Index
from extractor.batch.layout import Layout
from extractor.batch.parts import Line
from extractor.batch.totals import Row
from extractor.disk import aside, rename, told
from extractor.errors import MissingExtraError, RunError, StorageError
from extractor.requests import Usage
from extractor.sinks import parquet
from extractor.sinks.columns import ARTICLES, CLAIMS, WHOLE

_log = logging.getLogger(__name__)
_CHUNK: Final = 8 * 2**20
"""Bytes of extractions that are made into columns at once; it decides how much memory sealing takes."""
_LEVEL: Final = 3
_MISSING: Final = "the part that writes Parquet is not installed; install it with: pip install 'claim-extractor[archives]'"
_INDEXED: Final = ["key", "document_id", "claims", "outcome", "requests", "input_tokens", "cached_input_tokens", "output_tokens"]


def check_installed() -> None:
    """Raise before anything is paid for, where results could not be written.

    Raises:
        MissingExtraError: A library is missing.
    """
    from importlib.util import find_spec

    if find_spec("pyarrow") is None or find_spec("zstandard") is None:
        raise MissingExtraError(_MISSING)


def seal(layout: Layout, number: int, index: Index) -> None:
    """Make the files of part ``number`` and delete what they are made of.

    Raises:
        StorageError: They cannot be written.
    """
    if number in index.sealed:
        return
    part = layout.part(number)
    with told(layout.claims(number)):
        sealed = _write(layout, number)
        rename(layout.claims(number), layout.articles(number))
        rename(layout.extractions(number))
    _settle(layout, number, index, sealed)
    with told(part):
        part.unlink()


def repair(layout: Layout, index: Index, failures: Failures) -> list[int]:
    """Put right what a kill left half done, and bring the index up to the files; return the parts still to be sealed, in order.

    Raises:
        RunError: Files of a sealed part are missing or damaged.
        StorageError: Something cannot be read or written.
    """
    with told(layout.folder):
        for path in layout.asides():
            path.unlink()
        there = layout.numbers()
    waiting = []
    for number in sorted(set().union(*there.values())):
        if number in there["extractions"] and not (number in there["part"] and not _is_whole(layout, number)):
            _check(layout, number, index)
            with told(layout.part(number)):
                layout.part(number).unlink(missing_ok=True)
        elif number in there["part"]:
            with told(layout.folder):
                for path in layout.sealed(number):
                    path.unlink(missing_ok=True)
            _replay(layout, number, index)
            waiting.append(number)
        else:
            missing = layout.extractions(number)
            raise _incomplete(layout, number, f"{missing.name} is missing")
    for number in set(index.parts) - set().union(*there.values()):
        index.drop(number)
    _replay_failures(index, failures)
    return waiting


def following(layout: Layout) -> int:
    """Return the number of the part after all those there are."""
    return max((number for numbers in layout.numbers().values() for number in numbers), default=-1) + 1


def _write(layout: Layout, number: int) -> list[bytes]:
    """Write the three files aside; return the keys that are in them."""
    import zstandard

    keys = []
    with ExitStack() as stack:
        claims, articles, extractions = (stack.enter_context(aside(path)) for path in layout.sealed(number))
        compressed = stack.enter_context(zstandard.ZstdCompressor(level=_LEVEL).stream_writer(extractions, closefd=False))
        writers = [stack.enter_context(parquet.Writer(stream, columns)) for stream, columns in ((claims, CLAIMS), (articles, ARTICLES))]
        for chunk in _chunks(layout.part(number)):
            keys += [line.key for line in chunk]
            for writer, table in zip(writers, parquet.tables(_batch(chunk)), strict=True):
                writer.write(table)
            compressed.write(b"".join(line.extraction + b"\n" for line in chunk))
    return keys


def _chunks(part: Path) -> Iterator[list[Line]]:
    """Yield the lines of a part, each article once."""
    chunk: list[Line] = []
    size = 0
    for line in _once(part):
        chunk.append(line)
        size += len(line.extraction) + len(line.text)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _once(part: Path) -> Iterator[Line]:
    seen: set[bytes] = set()
    for line in parts.read(part):
        if line.key not in seen:
            seen.add(line.key)
            yield line


def _batch(lines: list[Line]) -> parquet.Batch:
    return parquet.Batch(
        keys=[line.key.hex() for line in lines],
        sources=[json.loads(line.source) for line in lines],
        positions=[json.loads(line.position) for line in lines],
        texts=[json.loads(line.text) for line in lines],
        extractions=[line.extraction for line in lines],
    )


def _settle(layout: Layout, number: int, index: Index, sealed: list[bytes]) -> None:
    """Note that a part is sealed, with the keys that are in its files: a line that was damaged on the disk is not."""
    if index.known(number) != set(sealed):
        _reindex(layout, number, index)
    index.seal(number)


def _check(layout: Layout, number: int, index: Index) -> None:
    """Look whether the files of a sealed part are there and whole, and the index knows what is in them."""
    try:
        articles, claims = parquet.rows(layout.articles(number)), parquet.rows(layout.claims(number))
    except StorageError as error:
        raise _incomplete(layout, number, str(error).partition(";")[0]) from error
    known = index.parts.get(number)
    if known is None or (known.articles, known.claims) != (articles, claims):
        _reindex(layout, number, index)
    if number not in index.sealed:
        index.seal(number)


def _reindex(layout: Layout, number: int, index: Index) -> None:
    """Read into the index what is in a sealed part."""
    index.drop(number)
    for table in parquet.read_columns(layout.articles(number), _INDEXED):
        index.record(number, [_row(row) for row in table.to_pylist()])


def _row(row: dict[str, Any]) -> Row:
    usage = Usage.model_construct(**{name: row[name] for name in Usage.model_fields})
    return Row(bytes.fromhex(row["key"]), row["document_id"], row["claims"], row["outcome"] == "partial", usage)


def _is_whole(layout: Layout, number: int) -> bool:
    """Return whether the files of a part whose open part is still there hold all of it."""
    try:
        return (
            parquet.rows(layout.articles(number)) == sum(1 for _ in _once(layout.part(number))) and parquet.rows(layout.claims(number)) >= 0
        )
    except StorageError:
        return False


def _replay(layout: Layout, number: int, index: Index) -> None:
    """Bring the index up to an open part."""
    lines = {line.key: line for line in _once(layout.part(number))}
    known = index.known(number)
    if known - lines.keys():
        index.drop(number)
        known = set()
    index.record(number, [_read(line) for key, line in lines.items() if key not in known])


def _read(line: Line) -> Row:
    value = json.loads(line.extraction)
    partial = any(window["outcome"] not in WHOLE for window in value["windows"])
    return Row(line.key, value["document"]["id"], len(value["claims"]), partial, Usage.model_validate(value["usage"]))


def _replay_failures(index: Index, failures: Failures) -> None:
    """Bring the index up to the dead letters."""
    known = index.failed()
    last = {failed.key: failed for failed in failures.read()}
    index.forget([key for key in known if key not in last])
    index.record(FAILED, (), [failed for key, failed in last.items() if known.get(key) != (PASSING if failed.passing else FAILED)])


def _incomplete(layout: Layout, number: int, what: str) -> RunError:
    names = ", ".join(path.name for path in layout.sealed(number))
    msg = f"{layout.folder} has a part that is not whole: {what}; restore it, or delete {names}, and its articles are done again"
    return RunError(msg)
