"""``extractor query``: a batch's results in SQL."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import IO, Annotated, Any, Final

import typer

_SHOWN: Final = 1000
"""Most rows of a table for people."""

Rows = Iterator[tuple[Any, ...]]


class Answer(StrEnum):
    """How an answer is written."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"


def query(
    folder: Annotated[
        Path, typer.Argument(help="Folder of a batch, as given to 'extractor batch --out'.", metavar="DIR", show_default=False)
    ],
    sql: Annotated[str, typer.Argument(help="One SELECT statement of SQL, in DuckDB's dialect.", metavar="SQL", show_default=False)],
    format: Annotated[Answer, typer.Option(help="How to write the answer; parquet needs --out.")] = Answer.table,
    out: Annotated[Path | None, typer.Option(help="File to write, instead of standard output.", show_default=False)] = None,
) -> None:
    """Ask a batch's results in SQL.

    The tables are claims (one row a claim), articles (one row a finished article), extractions (everything about an article) and
    failures (one row an article that was given up). 'describe claims' shows columns; docs/batch-output.md says what they hold.
    Every slot's place in its article is in the column claim, as claim.subject.start.
    Nothing is changed, nothing but the batch's own files is read, and there is no network.

    Examples: extractor query results "select type, count(*) as claims from claims group by all order by claims desc"

    extractor query results "select published, source, quantity, evidence from claims where source_kind = 'military' and outcome_kind =
    'killed' order by quantity_value desc limit 20"

    extractor query results "select * exclude claim from claims" --format csv --out claims.csv

    extractor query results "select error, passing, count(*) from failures group by all"

    extractor query results "select document_id, claim.subject.start from claims" --format jsonl
    """
    from extractor.batch.views import Views
    from extractor.errors import ConfigurationError

    if format is Answer.parquet and out is None:
        msg = "parquet is no text for a terminal; name a file with --out"
        raise ConfigurationError(msg)
    views = Views(folder, out)
    try:
        if views.pending:
            typer.echo(
                "extractor: articles that are not in a sealed part yet are left out; the same 'extractor batch' command seals them",
                err=True,
            )
        if format is Answer.parquet:
            views.write(sql)
            return
        names, rows = views.ask(sql)
        with _opened(out) as stream:
            _WRITERS[format](stream, names, rows)
    finally:
        views.close()


@contextmanager
def _opened(out: Path | None) -> Iterator[IO[str]]:
    if out is None:
        yield sys.stdout
        return
    from extractor.errors import StorageError

    try:
        with out.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        msg = f"{out} cannot be written ({error.strerror or error}); check its folder and the space on the disk"
        raise StorageError(msg) from error


def _table(stream: IO[str], names: list[str], rows: Rows) -> None:
    """Write a table for people; whatever could steer a terminal is shown by its code."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from extractor.sinks.escaping import visible

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    first = list(islice(rows, _SHOWN))
    for place, name in enumerate(names):
        numbers = any(isinstance(row[place], (int, float, Decimal)) and not isinstance(row[place], bool) for row in first)
        table.add_column(visible(name), justify="right" if numbers else "left", overflow="fold")
    for row in first:
        table.add_row(*(Text(" ".join(visible(_shown(value)).split())) for value in row))
    Console(file=stream).print(table)
    if next(rows, None) is not None:
        typer.echo(f"extractor: the first {_SHOWN} rows; all of them with --format csv or jsonl", err=True)


def _csv(stream: IO[str], names: list[str], rows: Rows) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_shown(value) for value in row] for row in rows)


def _json(stream: IO[str], names: list[str], rows: Rows) -> None:
    stream.write("[")
    for number, row in enumerate(rows):
        stream.write((",\n " if number else "\n ") + _object(names, row))
    stream.write("\n]\n")


def _jsonl(stream: IO[str], names: list[str], rows: Rows) -> None:
    for row in rows:
        stream.write(_object(names, row) + "\n")


_WRITERS: Final[dict[Answer, Callable[[IO[str], list[str], Rows], None]]] = {
    Answer.table: _table,
    Answer.csv: _csv,
    Answer.json: _json,
    Answer.jsonl: _jsonl,
}


def _object(names: list[str], row: tuple[Any, ...]) -> str:
    return json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_plain)


def _shown(value: Any) -> str:
    """Return a value as text: lists and structs as JSON, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return value if isinstance(value, str) else str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.date, dt.time)):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.hex() if isinstance(value, bytes) else value if isinstance(value, (int, float)) else str(value)
