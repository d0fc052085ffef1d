"""A batch's folder as tables that can be asked in SQL: read only, without a network, and nothing but the batch's own files.

The answers come from the sealed parts of all shards. What is in an open part comes with its sealing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from extractor.batch.layout import Layout, shards
from extractor.errors import ConfigurationError, MissingExtraError, RunError, StorageError
from extractor.sinks import parquet
from extractor.sinks.columns import ARTICLES, CLAIMS

if TYPE_CHECKING:
    import duckdb

_MISSING: Final = "the part that answers queries is not installed; install it with: pip install 'claim-extractor[archives]'"
_LARGEST: Final = 32 * 2**20
"""Bytes of the largest extraction that the table of extractions takes."""
_SPAN: Final = 'STRUCT("text" VARCHAR, "start" INTEGER, "end" INTEGER)'
_USAGE: Final = "STRUCT(requests BIGINT, input_tokens BIGINT, cached_input_tokens BIGINT, output_tokens BIGINT)"
_EXTRACTIONS: Final = {
    "document": "STRUCT(id VARCHAR, source VARCHAR, published DATE, title VARCHAR, publisher VARCHAR, language VARCHAR, url VARCHAR,"
    " length INTEGER, sentences INTEGER)",
    "claims": "JSON[]",
    "verifications": "JSON[]",
    "records": "JSON[]",
    "rejections": 'STRUCT("window" INTEGER, reason VARCHAR, slot VARCHAR, message VARCHAR, draft JSON)[]',
    "planted": f"{_SPAN}[]",
    "windows": 'STRUCT("index" INTEGER, "start" INTEGER, "end" INTEGER, outcome VARCHAR, detail VARCHAR, error VARCHAR, drafts INTEGER,'
    f" requests VARCHAR[], cached BOOLEAN, usage {_USAGE})[]",
    "usage": _USAGE,
    "provenance": "STRUCT(extractor VARCHAR, profile VARCHAR, prompt VARCHAR, prompt_digest VARCHAR, model VARCHAR, endpoint VARCHAR,"
    " parser VARCHAR)",
}
_FAILURES: Final = {
    "key": "VARCHAR", "source": "VARCHAR", "position": "VARCHAR", "document": "VARCHAR", "error": "VARCHAR", "message": "VARCHAR",
    "attempts": "INTEGER", "passing": "BOOLEAN", "at": "TIMESTAMP WITH TIME ZONE", "usage": _USAGE,
}  # fmt: skip
_LETTER: Final = '* EXCLUDE (source, document, "at"), source AS source_file, document AS document_id, "at" AS failed_at'
_LAST: Final = 'WHERE key NOT IN (SELECT key FROM articles) QUALIFY row_number() OVER (PARTITION BY key ORDER BY "at" DESC) = 1'
_READ: Final = ("SELECT", "EXPLAIN")


class Views:
    """A batch's folder, opened for questions.

    Args:
        folder: The folder.
        out: A file that an answer may be written to, by ``write``.

    Attributes:
        pending: Parts that are not sealed yet, whose articles are in no answer.

    Raises:
        RunError: The folder holds no batch.
        MissingExtraError: DuckDB is not installed.
    """

    def __init__(self, folder: Path, out: Path | None = None) -> None:
        try:
            import duckdb
        except ImportError as error:
            raise MissingExtraError(_MISSING) from error
        layouts = [Layout(folder, shard) for shard in shards(folder)] if folder.is_dir() else []
        if not layouts:
            msg = f"{folder} holds no batch; make one with: extractor batch INPUT... --out {folder}"
            raise RunError(msg)
        self._error = duckdb.Error
        self._out = out
        self.pending = sum(part.stat().st_size > 0 for layout in layouts for part in _parts(layout))
        sealed = [layout.sealed(number) for layout in layouts for number in sorted(layout.numbers()["extractions"])]
        letters = [layout.failures for layout in layouts if layout.failures.is_file()]
        self._database = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
        self._make([files[0] for files in sealed], [files[1] for files in sealed], [files[2] for files in sealed], letters)
        self._shut([*(path for files in sealed for path in files), *letters, *([out] if out is not None else [])])

    def ask(self, sql: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Return the names of the answer's columns, and its rows.

        Raises:
            ConfigurationError: The question is none, or asks for what there is not.
            StorageError: The files cannot be read.
        """
        self._check(sql)
        try:
            found = self._database.execute(sql)
        except self._error as error:
            self._refuse(error, sql)
        return [column[0] for column in found.description or ()], self._rows(found, sql)

    def write(self, sql: str) -> None:
        """Write the answer to ``out`` as Parquet.

        Raises:
            ConfigurationError: The question is none, or asks for what there is not.
            StorageError: The files cannot be read, or the answer cannot be written.
        """
        self._check(sql)
        try:
            self._database.execute(f"CREATE TEMP VIEW answer AS {sql}")
            self._database.execute(f"COPY answer TO {_quoted(str(self._out))} (FORMAT parquet, COMPRESSION zstd)")
        except self._error as error:
            self._refuse(error, sql)

    def columns(self) -> dict[str, list[str]]:
        """Return the columns of each table."""
        rows = self._database.execute(
            "SELECT table_name, column_name FROM information_schema.columns ORDER BY table_name, ordinal_position"
        )
        found: dict[str, list[str]] = {}
        for table, column in rows.fetchall():
            found.setdefault(table, []).append(column)
        return found

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def _make(self, claims: Sequence[Path], articles: Sequence[Path], extractions: Sequence[Path], failures: Sequence[Path]) -> None:
        """Make the tables; one without files is empty."""
        for name, columns, files in (("claims", CLAIMS, claims), ("articles", ARTICLES, articles)):
            if files:
                self._view(name, f"SELECT * FROM read_parquet({_list(files)}, union_by_name = true)")  # noqa: S608  # names of ours
            else:
                self._database.register(f"no_{name}", parquet.schema(columns).empty_table())
                self._database.execute(f"CREATE TABLE {name} AS SELECT * FROM no_{name}")  # noqa: S608  # names of ours
                self._database.unregister(f"no_{name}")
        self._lines("extractions", _EXTRACTIONS, extractions, compression="zstd")
        self._lines("failures", _FAILURES, failures, select=_LETTER, where=_LAST)

    def _lines(
        self, name: str, columns: dict[str, str], files: Sequence[Path], *, compression: str = "none", select: str = "*", where: str = ""
    ) -> None:
        kinds = ", ".join(f"'{column}': {_quoted(kind)}" for column, kind in columns.items())
        options = f"format = 'newline_delimited', compression = '{compression}', maximum_object_size = {_LARGEST}"
        nothing = "SELECT " + ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in columns.items()) + " LIMIT 0"
        found = f"read_json({_list(files)}, columns = {{{kinds}}}, {options})" if files else f"({nothing})"
        self._view(name, f"SELECT {select} FROM {found} {where}")  # noqa: S608  # names of ours

    def _view(self, name: str, sql: str) -> None:
        try:
            self._database.execute(f"CREATE VIEW {name} AS {sql}")
        except self._error as error:
            self._refuse(error, "")

    def _shut(self, files: Sequence[Path]) -> None:
        """Let nothing be read or written but ``files``, whatever is asked."""
        self._database.execute(f"SET allowed_paths = {_list(files)}")
        self._database.execute("SET enable_external_access = false")
        self._database.execute("SET lock_configuration = true")

    def _check(self, sql: str) -> None:
        try:
            statements = self._database.extract_statements(sql)
        except self._error as error:
            self._refuse(error, sql)
        if len(statements) != 1 or statements[0].type.name not in _READ:
            msg = "a question is one SELECT statement; nothing of a batch can be changed by a query"
            raise ConfigurationError(msg)

    def _rows(self, found: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            while rows := found.fetchmany(1024):
                yield from rows
        except self._error as error:
            self._refuse(error, sql)

    def _refuse(self, error: Exception, sql: str) -> NoReturn:
        """Raise DuckDB's error as a sentence, with what there is where something was not found."""
        kind, _, rest = str(error).partition("Error: ")
        what = " ".join(rest.partition("\nLINE ")[0].replace("\n", " ").split()).rstrip("!.") or kind
        if kind.strip() in ("IO", "Out of Memory", "Corrupt File") or isinstance(error, OSError):
            msg = f"the batch cannot be read ({what}); restore its files, or make it anew in another folder"
            raise StorageError(msg) from error
        if "Referenced column" in what or "does not have a column" in what or "could not be found" in what:
            msg = f"{what.partition(' Candidate')[0].rstrip('!.')}; there are: {self._there(sql)}"
        elif kind.strip() == "Catalog" and "Table" in what:
            msg = f"{what.partition(' Did you')[0].rstrip('!.')}; the tables are claims, articles, extractions and failures"
        else:
            msg = f"the question cannot be answered: {what}"
        raise ConfigurationError(msg) from error

    def _there(self, sql: str) -> str:
        """Return the columns of the tables that are asked about."""
        every = self.columns()
        asked = [name for name in every if re.search(rf"\b{name}\b", sql, re.IGNORECASE)] or list(every)
        return "; ".join(f"{name}: {', '.join(every[name])}" for name in asked)


def _parts(layout: Layout) -> list[Path]:
    return [layout.part(number) for number in layout.numbers()["part"]]


def _list(files: Sequence[Path]) -> str:
    return "[" + ", ".join(_quoted(str(file)) for file in files) + "]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
