"""Claims as lines of CSV: one row a claim, the columns of ``claims-*.parquet`` but the nested one, by the same names and in the same order.

RFC 4180: a header, commas, double quotes where they are needed, CRLF; UTF-8 without a mark. A missing value is an empty cell, a list's
members are joined by "; ", days are YYYY-MM-DD, flags ``true`` and ``false``, figures written so that they read back as the same figure.

Spreadsheets run a cell that begins with one of the characters of ``FORMULA`` as a formula, and articles are written by strangers. As
OWASP has it (its page on CSV injection, and ASVS 1.2.10), such a cell gets an apostrophe in front; so does one that begins with
apostrophes and then such a character, which makes ``plain`` the exact way back. Only words can be formulas: columns of figures are left as
they are, so -5 stays a number.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from extractor.extraction import Extraction
from extractor.sinks.columns import CLAIMS

COLUMNS: Final = tuple(column for column in CLAIMS if column.path != "claim")
"""The columns: those of a claim's row, without the nested ``claim``."""
FORMULA: Final = "=+-@\t\r\n\0＝＋－＠"
"""First characters of what a spreadsheet may run; the last four are the wide ones of East Asian keyboards."""
_RUNS: Final = re.compile(f"'*[{re.escape(FORMULA)}]")
_DEFUSED: Final = re.compile(f"'+[{re.escape(FORMULA)}]")
_PATHS: Final = tuple(tuple(column.path.split(".")) for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the tables of a batch know of an article's place, for one article by itself."""

    source: str | None
    position: None = None


def page(extractions: Iterable[Extraction]) -> str:
    """Return a header and one row for each claim."""
    return header() + "".join(rows(extraction) for extraction in extractions)


def header() -> str:
    """Return the line of the columns' names."""
    return _lines([[column.name for column in COLUMNS]])


def rows(extraction: Extraction) -> str:
    """Return one row for each claim of ``extraction``, without a header."""
    about = {"document": extraction.document, "provenance": extraction.provenance, "entry": _Entry(extraction.document.source)}
    return _lines(_row({**about, "claim": claim}) for claim in extraction.claims)


def plain(cell: str) -> str:
    """Return the words that ``cell`` holds: without the apostrophe that keeps a spreadsheet from running them."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def _lines(table: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(table)
    return stream.getvalue()


def _row(roots: dict[str, Any]) -> list[str]:
    return [_cell(list(_at(roots[root], steps))) for root, *steps in _PATHS]


def _at(found: Any, steps: Sequence[str]) -> Iterator[Any]:
    """Yield what stands at the end of ``steps``: nothing, one value, or those of a list."""
    if found is None:
        return
    if not steps:
        yield found
        return
    name = steps[0].removesuffix("[0]").removesuffix("[]")
    value = getattr(found, name)
    several = value if steps[0].endswith("[]") else value[:1] if steps[0].endswith("[0]") else (value,)
    for one in several:
        yield from _at(one, steps[1:])


def _cell(values: Sequence[Any]) -> str:
    return "; ".join(_written(value) for value in values)


def _written(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}" if _RUNS.match(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else repr(value)
