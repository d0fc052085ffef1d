"""Parquet files, a few rows at a time, of the columns that are needed only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from extractor.errors import MissingExtraError
from extractor.readers.archives import objects
from extractor.readers.archives.entries import Entry, Fields
from extractor.readers.archives.reading import Source

_ROWS: Final = 64
"""Rows held at a time: the memory is theirs, and texts may be large."""


def read(source: Source) -> Iterator[Entry]:
    """Yield the rows of the file."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        msg = "Parquet files need the package pyarrow; install it with: pip install 'claim-extractor[archives]'"
        raise MissingExtraError(msg) from error
    done = 0
    try:
        with parquet.ParquetFile(source.file.path, pre_buffer=False, buffer_size=1 << 20) as table:
            names = list(table.schema_arrow.names)
            if wrong := source.rules.naming.lacks_text(names):
                yield source.failed(wrong)
                return
            total = max(table.metadata.num_rows, 1)
            columns = source.rules.naming.columns(names)
            for batch in table.iter_batches(batch_size=_ROWS, columns=columns):
                for values in _rows(_whole_seconds(batch, pa)):
                    done += 1
                    yield _entry(source, values, done, source.file.size * done // total)
    except (pa.ArrowException, OSError, ValueError) as error:
        yield source.broken(error, f"from row {done + 1} on" if done else "")


def _whole_seconds(batch: Any, pa: Any) -> Any:
    """Return ``batch`` with times that Python can hold: it refuses nanoseconds."""
    for index, column in enumerate(batch.schema):
        if pa.types.is_timestamp(column.type):
            batch = batch.set_column(index, column.name, batch.column(index).cast(pa.timestamp("s", column.type.tz), safe=False))
    return batch


def _rows(batch: Any) -> Iterator[dict[str, Any] | str]:
    """Yield the rows of ``batch``; of one whose text is not UTF-8, the reason."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for index in range(batch.num_rows):
            try:
                yield batch.slice(index, 1).to_pylist()[0]
            except UnicodeDecodeError as error:
                yield f"is not UTF-8 text (byte 0x{error.object[error.start]:02X} at {error.start}); correct it"


def _entry(source: Source, values: dict[str, Any] | str, number: int, read: int) -> Entry:
    position = f"row {number}"
    if isinstance(values, str):
        return source.failed(values, position, read=read)
    raw = objects.dump(values)
    if len(raw) > source.rules.longest:
        return source.failed(source.rules.too_long(len(raw)), position, known_by=raw, read=read)
    return source.entry(Fields(raw), position, read=read)
