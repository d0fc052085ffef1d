import datetime as dt
import io
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import extracted
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor import claims
from extractor.documents import Mention, Span
from extractor.errors import StorageError
from extractor.extraction import DocumentRecord, Extraction, Provenance
from extractor.requests import Usage
from extractor.sinks import parquet
from extractor.sinks.columns import ARTICLES, CLAIMS, COUNTED, EXTRACTION, STRUCTS, Column

MODELS = {
    "span": Mention,
    "source": claims.Source,
    "stated_on": claims.StatedOn,
    "attribution": claims.Attribution,
    "outcome": claims.Outcome,
    "quantity": claims.Quantity,
    "time": claims.Time,
    "verification": claims.Verification,
    "claim_provenance": claims.ClaimProvenance,
    "claim": claims.Claim,
}
NAMES = {model: name for name, model in MODELS.items()} | {Span: "span"}
PLAIN = {str: "text", int: "int", float: "number", bool: "flag", dt.date: "day"}


def type_of(annotation: Any) -> str:
    """Return the name of the type that a model's field has in the tables."""
    origin, args = get_origin(annotation), [one for one in get_args(annotation) if one is not type(None)]
    if origin is Literal:
        return "text"
    if origin is tuple:
        return type_of(args[0]) + "[]"
    if origin in (Union, types.UnionType):
        return "number" if set(args) == {int, float} else type_of(args[0])
    return NAMES.get(annotation) or PLAIN[annotation]


def batch(made: list[Extraction]) -> parquet.Batch:
    lines = [one.model_dump_json().encode() for one in made]
    keys = [extracted.key(number).hex() for number in range(len(made))]
    return parquet.Batch(keys, ["a.jsonl"] * len(made), [""] * len(made), [None] * len(made), lines)


def written(path: Path, columns: tuple[Column, ...], *tables) -> Path:
    with path.open("wb") as stream, parquet.Writer(stream, columns) as writer:
        for table in tables:
            writer.write(table)
    return path


def value(path: str, roots: dict[str, Any]) -> Any:
    """Return what stands at a column's path, read the slow way."""
    found: Any = roots
    for place, step in enumerate(path.split(".")):
        name = step.removesuffix("[0]").removesuffix("[]")
        found = found[name] if isinstance(found, dict) else getattr(found, name)
        if step.endswith("[]"):
            rest = path.split(".")[place + 1 :]
            return [getattr(one, rest[0]) for one in found]
        if step.endswith("[0]"):
            found = found[0] if found else None
        if found is None:
            return None
    return found


def test_the_shape_of_a_claim_is_that_of_the_models():
    for name, model in MODELS.items():
        fields = {field: type_of(info.annotation) for field, info in model.model_fields.items()}
        assert STRUCTS[name] == fields, name


def test_what_is_taken_of_an_extraction_is_in_its_models():
    for name, model in {"document": DocumentRecord, "provenance": Provenance, "usage": Usage}.items():
        counts = {"int": "count"} if name == "usage" else {}
        known = {field: counts.get(type_of(info.annotation), type_of(info.annotation)) for field, info in model.model_fields.items()}
        assert EXTRACTION[name].items() <= known.items(), name
    assert set(COUNTED) <= set(Extraction.model_fields)


def test_every_slot_of_a_claim_has_a_column_of_its_own():
    paths = [column.path for column in CLAIMS]
    slots = [f"claim.{slot}" for slot in claims.Claim.model_fields] + [
        f"claim.attribution.{slot}" for slot in claims.Attribution.model_fields
    ]
    assert [slot for slot in slots if not any(path == slot or path.startswith((f"{slot}.", f"{slot}[")) for path in paths)] == []


def test_columns_have_different_names_and_say_what_they_hold():
    for columns in (CLAIMS, ARTICLES):
        names = [column.name for column in columns]
        assert len(set(names)) == len(names)
        assert all(column.says.endswith(".") for column in columns)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made=st.lists(extracted.extractions, max_size=3))
def test_claims_read_back_are_those_that_were_written(tmp_path_factory, made):
    table, articles = parquet.tables(batch(made))
    path = written(tmp_path_factory.mktemp("p") / "claims.parquet", CLAIMS, table)
    assert list(parquet.read_claims(path)) == [claim for one in made for claim in one.claims]
    assert parquet.rows(path) == sum(len(one.claims) for one in made)
    assert articles.column("outcome").to_pylist() == ["ok" if one.complete else "partial" for one in made]
    for row, one in zip(articles.to_pylist(), made, strict=True):
        assert {name: row[name] for name in COUNTED} == {name: len(getattr(one, name)) for name in COUNTED}


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(made=st.lists(extracted.extractions, max_size=3))
def test_every_column_holds_what_stands_at_its_path(made):
    table, articles = parquet.tables(batch(made))
    entry = {"source": "a.jsonl", "position": ""}
    rows = [{"claim": claim, **_roots(one), "entry": entry} for one in made for claim in one.claims]
    for column in (column for column in CLAIMS if column.name != "claim"):
        assert table.column(column.name).to_pylist() == [value(column.path, row) for row in rows], column.name
    for column in (column for column in ARTICLES if not column.path.startswith("entry.")):
        assert articles.column(column.name).to_pylist() == [value(column.path, _roots(one)) for one in made], column.name


def _roots(one: Extraction) -> dict[str, Any]:
    return {"document": one.document, "usage": one.usage, "provenance": one.provenance}


def test_no_articles_and_no_claims_are_tables_too(tmp_path):
    empty, articles = parquet.tables(batch([]))
    assert (empty.num_rows, articles.num_rows) == (0, 0)
    path = written(tmp_path / "claims.parquet", CLAIMS, empty, parquet.tables(batch([extracted.extraction(0)]))[0])
    assert list(parquet.read_claims(path)) == []
    assert parquet.rows(path) == 0


def test_a_huge_text_is_one_value_among_others(tmp_path):
    words = "x\u2028" * 2_000_000
    claim = extracted.extraction(1).claims[0]
    large = claim.model_copy(update={"evidence": (Span(text=words, start=0, end=len(words)),)})
    made = [extracted.extraction(3), extracted.extraction(1).model_copy(update={"claims": (large,)}), extracted.extraction(2)]
    path = written(tmp_path / "claims.parquet", CLAIMS, parquet.tables(batch(made))[0])
    assert list(parquet.read_claims(path)) == [claim for one in made for claim in one.claims]


def test_figures_beyond_what_a_column_holds_do_not_stop_it():
    claim = extracted.extraction(1).claims[0]
    large = claim.model_copy(update={"quantity": claim.quantity.model_copy(update={"high": 10**400, "value": 2**60 + 1})})
    table, _ = parquet.tables(batch([extracted.extraction(1).model_copy(update={"claims": (large,)})]))
    assert table.column("quantity_value").to_pylist() == [float(2**60)]
    assert table.column("quantity_high").to_pylist() == [float("inf")]


def test_a_file_says_what_it_is_and_what_its_columns_hold(tmp_path):
    import pyarrow.parquet as pq

    path = written(tmp_path / "articles.parquet", ARTICLES, parquet.tables(batch([extracted.extraction(1)]))[1])
    schema = pq.read_schema(path)
    assert schema.metadata[b"claim-extractor.schema"] == b"1"
    assert schema.metadata[b"claim-extractor.version"]
    assert schema.field("key").metadata[b"says"].startswith(b"Digest")


def test_what_is_no_extraction_is_an_error_without_its_words():
    for line in (b"{", b'{"claims": "secret words"}', b'{"claims": []}\n{"claims": []}'):
        with pytest.raises(StorageError, match="cannot be written as a table") as error:
            parquet.tables(parquet.Batch(["k"], ["s"], [""], [None], [line]))
        assert "secret" not in str(error.value)


def test_what_is_no_parquet_is_an_error(tmp_path):
    path = tmp_path / "claims.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(StorageError, match="no whole Parquet file"):
        parquet.rows(path)
    with pytest.raises(StorageError, match="no whole Parquet file"):
        list(parquet.read_claims(path))


def test_a_writer_needs_no_place_to_seek_to():
    stream = io.BytesIO()
    with parquet.Writer(stream, CLAIMS):
        pass
    assert stream.getvalue()[:4] == stream.getvalue()[-4:] == b"PAR1"


def test_the_documentation_lists_every_column_as_the_tables_have_it():
    text = (Path(__file__).parent.parent / "docs" / "batch-output.md").read_text("utf-8")
    for title, columns in (("## Claims", CLAIMS), ("## Articles", ARTICLES)):
        section = text.partition(title)[2].partition("\n## ")[0].partition("\n### ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert rows == [f"| `{column.name}` | {column.type} | {column.says} |" for column in columns]
