"""Extractions as tables of claims and of articles, in Parquet.

Lines of JSON go through Arrow's own reader, whole chunks at a time, into columns; nothing is done row by row in Python.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Self

from extractor._version import __version__
from extractor.claims import Claim
from extractor.errors import MissingExtraError, StorageError
from extractor.sinks.columns import ARTICLES, CLAIMS, COUNTED, EXTRACTION, SCHEMA, STRUCTS, WHOLE, Column

if TYPE_CHECKING:
    import pyarrow as pa

_MISSING: Final = "the part that writes Parquet is not installed; install it with: pip install 'claim-extractor[archives]'"
_LEVEL: Final = 1
"""Of zstd: 3 takes twice the time and saves 4 %."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some finished articles, as lists of equal length.

    Attributes:
        keys: Key of each, in hexadecimal.
        sources: File of each.
        positions: Where in the file.
        texts: Text of each, where it is not the input's own characters.
        extractions: Extraction of each, as a line of JSON.
    """

    keys: Sequence[str]
    sources: Sequence[str]
    positions: Sequence[str]
    texts: Sequence[str | None]
    extractions: Sequence[bytes]


class Writer:
    """Writes one table of Parquet, chunk by chunk; a context, at whose end the file is whole.

    Args:
        stream: Where to; stays open.
        columns: The table's columns.
    """

    def __init__(self, stream: IO[bytes], columns: tuple[Column, ...]) -> None:
        self._writer = _parquet().ParquetWriter(stream, schema(columns), compression="zstd", compression_level=_LEVEL)

    def write(self, table: pa.Table) -> None:
        """Write a chunk, as one row group."""
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write what makes it a whole file; after an error, let go of one that is none."""
        with suppress(*(() if kind is None else (Exception,))):
            self._writer.close()


@cache
def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Return the Arrow schema of a table; its metadata name the version of the columns and of this package."""
    import pyarrow as pa

    about = {"claim-extractor.schema": str(SCHEMA), "claim-extractor.version": __version__}
    fields = [pa.field(column.name, _type(column.type, day=pa.date32()), metadata={"says": column.says}) for column in columns]
    return pa.schema(fields, metadata=about)


def tables(batch: Batch) -> tuple[pa.Table, pa.Table]:
    """Return the claims and the articles of ``batch``.

    Raises:
        StorageError: An extraction is no line of JSON as this package writes it.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    read = _read(batch.extractions)
    lists = {name: read[name] for name in COUNTED}
    of = pc.list_parent_indices(lists["claims"])
    roots = {
        "entry": pa.StructArray.from_arrays(
            [
                pa.array(batch.keys, pa.string()),
                pa.array(batch.sources, pa.string()),
                pa.array(batch.positions, pa.string()),
                pa.array(batch.texts, pa.string()),
                _outcomes(read["windows"]),
                *(pc.cast(pc.list_value_length(found), pa.int32()) for found in lists.values()),
            ],
            names=["key", "source", "position", "text", "outcome", *lists],
        ),
        **{name: read[name] for name in EXTRACTION},
    }
    articles = _table(ARTICLES, roots)
    rows = {"claim": pc.list_flatten(lists["claims"])}
    beside = {column.path: _at(column.path, roots).take(of) for column in CLAIMS if not column.path.startswith("claim")}
    return _table(CLAIMS, rows, beside), articles


def read_claims(path: Path) -> Iterator[Claim]:
    """Yield the claims of a file, in its order.

    Raises:
        StorageError: It cannot be read as one of ours.
    """
    for chunk in read_columns(path, ["claim"]):
        yield from (Claim.model_validate(row["claim"]) for row in chunk.to_pylist())


def read_columns(path: Path, names: Sequence[str]) -> Iterator[pa.Table]:
    """Yield some columns of a file, in chunks.

    Raises:
        StorageError: It cannot be read as one of ours.
    """
    import pyarrow as pa

    try:
        with _parquet().ParquetFile(path) as file:
            for index in range(file.num_row_groups):
                yield file.read_row_group(index, columns=list(names), use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(path, error) from error


def rows(path: Path) -> int:
    """Return how many rows a file has, by its footer.

    Raises:
        StorageError: It cannot be read.
    """
    import pyarrow as pa

    try:
        return int(_parquet().read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> StorageError:
    return StorageError(f"{path} is no whole Parquet file ({type(error).__name__}); restore it, or make the batch anew in another folder")


def _parquet() -> Any:
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError(_MISSING) from error
    return pq


def _type(name: str, *, day: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if name.endswith("[]"):
        return pa.list_(_type(name.removesuffix("[]"), day=day))
    if name in STRUCTS:
        return _struct(STRUCTS[name], day)
    plain = {"text": pa.string(), "int": pa.int32(), "count": pa.int64(), "number": pa.float64(), "flag": pa.bool_(), "day": day}
    return plain[name]


def _struct(fields: dict[str, str], day: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([pa.field(name, _type(kind, day=day)) for name, kind in fields.items()])


@cache
def _shape(day: pa.DataType) -> pa.Schema:
    """Return the schema of what is taken of an extraction."""
    import pyarrow as pa

    fields = {name: _struct(parts, day) for name, parts in EXTRACTION.items()}
    fields |= {name: pa.list_(pa.struct([])) for name in COUNTED}
    fields |= {"claims": _type("claim[]", day=day), "windows": pa.list_(_struct({"outcome": "text"}, day))}
    return pa.schema(list(fields.items()))


def _read(extractions: Sequence[bytes]) -> dict[str, pa.Array]:
    """Return the fields of extractions that the tables take, days as dates."""
    import pyarrow as pa
    import pyarrow.json as pj

    if not extractions:
        return {field.name: pa.array([], field.type) for field in _shape(pa.date32())}
    lines = b"\n".join(extractions) + b"\n"
    try:
        table = pj.read_json(
            io.BytesIO(lines),
            # A line must lie within a block, so all of them are one.
            read_options=pj.ReadOptions(use_threads=False, block_size=len(lines) + 1),
            # Arrow reads no dates, but makes them of text.
            parse_options=pj.ParseOptions(explicit_schema=_shape(pa.string()), unexpected_field_behavior="ignore"),
        )
        if table.num_rows != len(extractions):
            msg = f"{len(extractions)} extractions were read as {table.num_rows}"
            raise pa.ArrowInvalid(msg)
        table = table.cast(_shape(pa.date32()))
    except pa.ArrowException as error:
        msg = f"an extraction cannot be written as a table ({type(error).__name__}); it was changed on the disk, or is of another version"
        raise StorageError(msg) from error
    return {name: table[name].combine_chunks() for name in table.column_names}


def _table(columns: tuple[Column, ...], roots: dict[str, pa.Array], beside: dict[str, pa.Array] | None = None) -> pa.Table:
    import pyarrow as pa

    made = beside or {}
    arrays = [made[column.path] if column.path in made else _at(column.path, roots) for column in columns]
    return pa.Table.from_arrays(arrays, schema=schema(columns))


def _at(path: str, roots: dict[str, pa.Array]) -> pa.Array:
    """Return the values at ``path``."""
    import pyarrow.compute as pc

    root, *steps = path.split(".")
    found = roots[root]
    for place, step in enumerate(steps):
        found = pc.struct_field(found, step.removesuffix("[0]").removesuffix("[]"))
        if step.endswith("[0]"):
            found = _first(found)
        elif step.endswith("[]"):
            return _each(found, steps[place + 1 :])
    return found


def _first(lists: pa.ListArray) -> pa.Array:
    """Return the first of each list; null of an empty one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    where = pc.if_else(pc.greater(pc.list_value_length(lists), 0), lists.offsets[:-1], pa.scalar(None, pa.int32()))
    return lists.values.take(where)


def _each(lists: pa.ListArray, steps: Sequence[str]) -> pa.Array:
    import pyarrow as pa

    return pa.ListArray.from_arrays(lists.offsets, _at(".".join(("", *steps)), {"": lists.values}))


def _outcomes(windows: pa.ListArray) -> pa.Array:
    """Return ``partial`` where a window brought no whole answer."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lost = pc.invert(pc.is_in(pc.struct_field(pc.list_flatten(windows), "outcome"), pa.array(WHOLE)))
    partial = pc.is_in(pa.array(range(len(windows)), pa.int64()), pc.list_parent_indices(windows).filter(lost))
    return pc.if_else(partial, "partial", "ok")
