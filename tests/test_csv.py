import csv
import datetime as dt
import io
from typing import Any

import extracted
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor.documents import Mention
from extractor.extraction import Extraction
from extractor.sinks import csv as sink
from extractor.sinks import parquet
from extractor.sinks.columns import CLAIMS

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def read(page: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page, newline=""), strict=True))


def tabled(made: list[Extraction]) -> list[dict[str, Any]]:
    """The same claims by way of Arrow, which reads them from their JSON."""
    count = len(made)
    sources = [one.document.source or "" for one in made]
    lines = [one.model_dump_json().encode() for one in made]
    claims, _ = parquet.tables(parquet.Batch(["k"] * count, sources, [""] * count, [None] * count, lines))
    return claims.drop_columns(["claim"]).to_pylist()


def value(cell: str, kind: str) -> Any:
    """Read a cell back by the type of its column; an empty one is null."""
    if cell == "":
        return None
    if kind == "flag":
        return {"true": True, "false": False}[cell]
    if kind == "day":
        return dt.date.fromisoformat(cell)
    return float(cell) if kind == "number" else int(cell) if kind == "int" else sink.plain(cell)


def one(**slots: Any) -> Extraction:
    """An extraction of one claim with these slots."""
    known = extracted.extraction(1)
    return known.model_copy(update={"claims": (known.claims[0].model_copy(update=slots),)})


def mention(text: str) -> Mention:
    return Mention(text=text, start=0, end=len(text))


@QUICK
@given(made=st.lists(extracted.extractions, max_size=3))
def test_a_page_holds_what_the_parquet_files_hold(made):
    types = {column.name: column.type for column in sink.COLUMNS}
    rows = read(sink.page(made))
    expected = tabled(made)
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        assert list(row) == list(other)
        sources = other.pop("sources")
        assert row.pop("sources") == "; ".join(f"'{text}" if sink.plain(f"'{text}") == text else text for text in sources)
        assert {name: value(cell, types[name]) for name, cell in row.items()} == {
            name: None if found == "" else found for name, found in other.items()
        }


def test_the_columns_are_those_of_parquet_without_the_nested_one():
    header = sink.page([])
    assert header.endswith("\r\n")
    assert header.rstrip("\r\n").split(",") == [column.name for column in CLAIMS if column.type != "claim"]


def test_every_line_ends_as_rfc_4180_has_it_and_a_cell_keeps_its_own_breaks():
    page = sink.page([one(subject=mention('a "b",\nc\r\nd'))])
    assert page.count("\r\n") == 3
    assert '"a ""b"",\nc\r\nd"' in page
    assert read(page)[0]["subject"] == 'a "b",\nc\r\nd'


def test_header_and_rows_are_a_page_written_piece_by_piece():
    made = [extracted.extraction(number) for number in range(4)]
    assert sink.header() + "".join(sink.rows(extraction) for extraction in made) == sink.page(made)
    assert sink.rows(extracted.extraction(0)) == ""


@pytest.mark.parametrize("first", list(sink.FORMULA))
def test_what_a_spreadsheet_would_run_is_defused(first):
    words = first + 'cmd|" /C calc"!A0'
    sources = tuple(
        extracted.extraction(1).claims[0].attribution.sources[0].model_copy(update=mention(text).model_dump()) for text in (words, words)
    )
    said = extracted.extraction(1).claims[0].attribution.model_copy(update={"sources": sources})
    row = read(sink.page([one(subject=mention(words), attribution=said)]))[0]
    assert row["subject"] == row["source"] == "'" + words
    assert row["sources"] == f"'{words}; '{words}"
    assert sink.plain(row["subject"]) == words


def test_negative_figures_stay_figures():
    quantity = (
        extracted.extraction(1)
        .claims[0]
        .quantity.model_copy(update={"low": -7, "value": -5.5, "high": 10**30, **mention("-5.5 degrees").model_dump()})
    )
    row = read(sink.page([one(quantity=quantity)]))[0]
    assert (row["quantity_low"], row["quantity_value"], row["quantity_high"]) == ("-7", "-5.5", str(10**30))
    assert row["quantity"] == "'-5.5 degrees"


@given(words=st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("'" + sink.FORMULA), min_size=1))
def test_no_cell_begins_as_a_formula_and_the_words_come_back(words):
    cell = read(sink.page([one(subject=mention(words))]))[0]["subject"]
    assert cell[0] not in sink.FORMULA
    assert sink.plain(cell) == words


def test_where_it_was_read_from_is_a_column():
    known = extracted.extraction(1)
    named = known.model_copy(update={"document": known.document.model_copy(update={"source": "news/a.txt"})})
    assert read(sink.page([known, named]))[0]["source_file"] == ""
    assert read(sink.page([known, named]))[1]["source_file"] == "news/a.txt"
