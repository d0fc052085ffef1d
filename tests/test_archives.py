"""Entries of files and tables: what is found, where it stands, and when its key changes."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from archives import entries, read, written
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from extractor import Document
from extractor.errors import ConfigurationError, ReaderError
from extractor.readers import text
from extractor.readers.archives import dates, objects, table
from extractor.readers.archives.fields import Naming
from extractor.readers.archives.inputs import Inputs

LINE = '{"id": "7", "body": "The army said no.", "date": "2023-07-19T23:30:00+02:00", "source": "Ledger", "lang": "en_GB"}\n'


@pytest.mark.anyio
async def test_a_folder_of_texts_gives_the_documents_that_extract_reads(tmp_path):
    path = written(tmp_path, "in/a.txt", "---\ntitle: No\ndate: 2023-07-19\n---\nThe army said no.\n")
    assert await read(tmp_path / "in") == [text.read(str(path))]


@pytest.mark.anyio
async def test_folders_are_walked_in_order_of_names_without_what_is_hidden_or_unknown(tmp_path):
    for name in ("b.txt", "a/z.txt", "a/y.md", ".hidden.txt", ".git/x.txt", "photo.jpg", "c.txt"):
        written(tmp_path, name, name)
    inputs = Inputs([tmp_path])
    assert [Path(entry.source).relative_to(tmp_path).as_posix() for entry in inputs] == ["a/y.md", "a/z.txt", "b.txt", "c.txt"]
    assert dict(inputs.counts) == {"files of an unknown kind, skipped": 1}
    assert inputs.size == sum(len(name) for name in ("a/y.md", "a/z.txt", "b.txt", "c.txt"))


def test_links_to_folders_are_not_followed(tmp_path):
    written(tmp_path, "a/x.txt", "x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert len(entries(tmp_path)) == 1


def test_the_folder_of_the_results_is_no_input(tmp_path):
    written(tmp_path, "x.txt", "x")
    written(tmp_path, "out/failures.jsonl", LINE)
    assert len(entries(tmp_path, without=[tmp_path / "out"])) == 1


def test_patterns_are_expanded(tmp_path):
    for name in ("a/1.txt", "b/2.txt", "b/.3.txt"):
        written(tmp_path, name, name)
    assert [entry.source for entry in entries(f"{tmp_path}/**/*.txt")] == [f"{tmp_path}/a/1.txt", f"{tmp_path}/b/2.txt"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("nowhere.txt", "there is no file .*nowhere.txt"),
        ("*.jsonl", "no file matches"),
        ("photo.jpg", "unknown kind; say which by --format"),
        ("empty", "holds no file that can be read"),
        ("pipe", "no regular file"),
    ],
)
def test_a_wrong_path_is_said_at_once(tmp_path, path, told):
    written(tmp_path, "photo.jpg", "x")
    written(tmp_path, "empty/photo.jpg", "x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReaderError, match=told):
        Inputs([tmp_path / path])


def test_a_name_that_is_no_unicode_becomes_one(tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")
    Path(name).write_text("x")
    (entry,) = entries(tmp_path)
    assert entry.source.endswith("\\xff.txt")


def test_a_format_overrules_names(tmp_path):
    path = written(tmp_path, "dump.log", LINE)
    assert [entry.position for entry in entries(path, form="jsonl")] == ["line 1"]
    with pytest.raises(ConfigurationError, match="no format 'xml'; choose one of text, html"):
        Inputs([path], form="xml")


@pytest.mark.anyio
async def test_a_file_that_vanishes_or_cannot_be_read_is_one_failed_entry(tmp_path):
    path = written(tmp_path, "a.jsonl", LINE)
    inputs = Inputs([path])
    path.unlink()
    (entry,) = inputs
    assert "a.jsonl: cannot be read (No such file or directory)" in str(entry.error)


@pytest.mark.anyio
async def test_fields_are_found_under_their_usual_names(tmp_path):
    (document,) = await read(written(tmp_path, "a.jsonl", LINE))
    assert document == Document(text="The army said no.", id="7", published=dt.date(2023, 7, 19), publisher="Ledger", language="en-GB")


@pytest.mark.anyio
async def test_fields_are_found_where_the_user_says(tmp_path):
    line = json.dumps({"text": "a teaser", "article": {"body": "The army said no."}, "date": "soon", "when": 1689724800})
    path = written(tmp_path, "a.jsonl", line)
    (document,) = await read(path, fields={"text": "article.body", "published": "when"})
    assert (document.text, document.published) == ("The army said no.", dt.date(2023, 7, 19))


@pytest.mark.parametrize(
    ("fields", "told"),
    [({"body": "text"}, "no field 'body'; its fields are text, id"), ({"text": ""}, "needs a text")],
)
def test_a_wrong_naming_is_said_at_once(fields, told):
    with pytest.raises(ConfigurationError, match=told):
        Naming(fields)


def test_options_name_keys():
    assert Naming.of(["text=article.body", "published="]).named == {"text": "article.body", "published": ""}
    with pytest.raises(ConfigurationError, match="FIELD=KEY"):
        Naming.of(["body"])


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"tekst": "x", "b": 1}, "a.jsonl, line 1: has no text; its keys are tekst, b: name the one with the text by --field text=KEY"),
        ({"text": None}, "a.jsonl, line 1 has an empty text"),
        ({"text": " \n"}, "a.jsonl, line 1 has an empty text"),
        ({"text": ["x"]}, "the text in 'text' is a list"),
        ({"text": 5}, "the text in 'text' is a number"),
        ({"text": "a\0b"}, "holds the control character U+0000 at offset 1"),
        ({"text": "a\ud800b"}, "holds a lone surrogate (U+D800) at offset 1"),
        ({"text": "x", "date": "soon"}, "the date in 'date' is 'soon'; write it as YYYY-MM-DD, or leave it out with --field published="),
        ({"text": "x", "date": {}}, "the date in 'date' is an object"),
        ({"text": "x", "id": ["7"]}, "the id in 'id' is a list"),
        ({"text": "x", "id": "a\x1b[2Jb"}, "the id in 'id' holds the control character U+001B"),
        ({"text": "x", "id": "i" * 10_000}, "the id in 'id' has 10,000 characters, more than 500"),
    ],
)
@pytest.mark.anyio
async def test_what_claims_hang_on_must_be_usable(tmp_path, monkeypatch, values, told):
    monkeypatch.chdir(written(tmp_path, "a.jsonl", json.dumps(values) + "\n").parent)
    (message,) = await read("a.jsonl")
    assert told in message


@pytest.mark.parametrize("title", [["No"], {"a": 1}, "t" * 20_000, "\ud800", True, "  "])
@pytest.mark.anyio
async def test_what_claims_do_not_hang_on_is_left_out_unless_it_was_asked_for(tmp_path, title):
    path = written(tmp_path, "a.jsonl", json.dumps({"text": "x", "title": title}) + "\n")
    assert [document.title for document in await read(path)] == [None]
    (asked,) = await read(path, fields={"title": "title"})
    assert title == "  " or "the title in 'title'" in asked


@pytest.mark.parametrize(
    ("written_as", "day"),
    [
        ("2023-07-19", "2023-07-19"),
        ("2023-07-19T23:59:59-11:00", "2023-07-19"),
        ("Wed, 19 Jul 2023 23:00:00 -0500", "2023-07-19"),
        (" 20230719 ", "2023-07-19"),
        (20230719, "2023-07-19"),
        (1689724800, "2023-07-19"),
        (1689724800.5, "2023-07-19"),
        (1689724800123, "2023-07-19"),
        ("1689724800.0", "2023-07-19"),
        ("", None),
        ("NaT", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_dates_are_read_as_archives_write_them(written_as, day):
    assert dates.day(written_as) == (dt.date.fromisoformat(day) if day else None)


@given(st.one_of(st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.lists(st.integers(), max_size=2), st.just("9" * 5000)))
def test_any_value_is_a_day_none_or_refused(value):
    try:
        found = dates.day(value)
    except (ValueError, TypeError, IndexError):
        return
    assert found is None or isinstance(found, dt.date)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_refused(raw):
    try:
        found = objects.parse(raw)
    except ValueError:
        return
    assert isinstance(found, dict)


@given(
    st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
)
def test_a_dumped_row_is_parsed_as_it_was(values):
    kept = {key: value for key, value in values.items() if not isinstance(value, int) or abs(value) < 10**17}
    assert objects.parse(objects.dump(kept)) == kept


@pytest.mark.anyio
async def test_packed_files_are_read_as_they_are_unpacked(tmp_path):
    for name, pack in ((".gz", gzip.compress), (".zst", zstandard.compress)):
        plain = written(tmp_path, "a.jsonl", LINE * 3)
        # Three frames, with the padding that tapes leave between gzip's.
        packed = written(tmp_path, f"a.jsonl{name}", b"\0\0".join(pack(LINE.encode()) for _ in range(3)))
        assert [entry.key for entry in entries(packed)] == [entry.key for entry in entries(plain)]
        assert await read(packed) == await read(plain)
        assert entries(packed)[-1].read == packed.stat().st_size


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
@pytest.mark.anyio
async def test_what_is_whole_in_a_packed_file_that_is_cut_off_is_read(tmp_path, suffix, pack):
    lines = "".join(json.dumps({"text": f"{number} {os.urandom(500).hex()}"}) + "\n" for number in range(500))
    path = written(tmp_path, f"a.jsonl{suffix}", pack(lines.encode())[:-1000])
    *whole, last = await read(path)
    assert len(whole) > 300
    assert all(isinstance(document, Document) for document in whole)
    assert f"from line {len(whole) + 1} on: cannot be read (the file ends inside packed data); fetch or pack the file again" in last


def test_keys_are_of_content_and_rules_not_of_places(tmp_path):
    one = written(tmp_path, "one.jsonl", LINE)
    two = written(tmp_path, "two.jsonl", "\n" + LINE)
    (first,), (second,) = entries(one), entries(two)
    assert first.key == second.key
    assert (first.where, second.where) == (f"{one}, line 1", f"{two}, line 2")
    others = [entries(one, fields={"text": "body"}), entries(one, published=dt.date(2023, 7, 19)), entries(one, form="text")]
    assert len({first.key, *(entry.key for (entry,) in others)}) == 4
    assert len(first.key) == 16


def test_a_failed_entry_keeps_its_key_until_its_content_changes(tmp_path):
    path = written(tmp_path, "a.jsonl", LINE + '{"text": "The ar')
    _, torn = entries(path)
    assert "ends inside this line" in str(torn.error)
    assert entries(path)[1].key == torn.key
    written(tmp_path, "a.jsonl", LINE + '{"text": "The army"')
    assert entries(path)[1].key != torn.key


def test_progress_reaches_the_size(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        written(tmp_path, name, LINE * 5)
    written(tmp_path, "c.txt", "x")
    inputs = Inputs([tmp_path])
    marks = [entry.read for entry in inputs]
    assert marks == sorted(marks)
    assert marks[-1] == inputs.size


@pytest.mark.anyio
async def test_one_object_a_file_is_read(tmp_path):
    written(tmp_path, "a.json", json.dumps({"text": "x\ny"}, indent=1))
    written(tmp_path, "b.json", '[{"text": "x"}]')
    one, listed = await read(tmp_path)
    assert one.text == "x\ny"
    assert "b.json: holds a JSON list, not one object" in listed


CSV = '\ufefftitle;text;date\r\nNo;"The army; it said\nno.";2023-07-19\r\n\r\nShort;x\r\nYes;"It said ""yes"".";2023-07-20\r\n'


@pytest.mark.anyio
async def test_tables_of_separated_values_are_read_row_by_row(tmp_path):
    path = written(tmp_path, "a.csv", CSV)
    first, short, last = await read(path)
    assert (first.title, first.text, first.published) == ("No", "The army; it said\nno.", dt.date(2023, 7, 19))
    assert "row 2: has 2 cells where the header names 3 columns" in short
    assert last.text == 'It said "yes".'
    assert [entry.position for entry in entries(path)] == ["row 1", "row 2", "row 3"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "has no header"),
        ("tekst,b\nx,y\n", "has no text; its keys are tekst, b"),
        ("text,text\nx,y\n", "the column 'text' more than once"),
        ("text\n".encode("utf-16"), "is UTF-16"),
    ],
)
@pytest.mark.anyio
async def test_a_table_that_cannot_be_read_is_one_failed_entry(tmp_path, content, told):
    (message,) = await read(written(tmp_path, "a.csv", content))
    assert told in message


@pytest.mark.anyio
async def test_a_quote_that_is_never_closed_costs_its_rows_only(tmp_path):
    rows = ["text,b\n", 'a,"open\n', *(f"{number},x\n" for number in range(200)), "last,x\n"]
    found = await read(written(tmp_path, "a.csv", "".join(rows)), most=100)
    assert "row 1: is larger than 0.0004 MB, or a quote in it is never closed" in found[0]
    assert found[-1].text == "last"


@pytest.mark.anyio
async def test_a_byte_that_is_not_utf8_costs_its_row_only(tmp_path):
    bad, good = await read(written(tmp_path, "a.csv", b"text,b\ncaf\xe9,1\nno,2\n"))
    assert "the text holds byte 0xE9, which is not UTF-8, at offset 3" in bad
    assert good.text == "no"


def table_of(folder: Path, columns: dict[str, pa.Array], name: str = "a.parquet") -> Path:
    parquet.write_table(pa.table(columns), folder / name, row_group_size=100)
    return folder / name


@pytest.mark.anyio
async def test_parquet_is_read_in_the_columns_that_are_needed(tmp_path):
    times = pa.array([dt.datetime(2023, 7, 19), None], pa.timestamp("ns"))  # noqa: DTZ001
    columns = {
        "content": pa.array(["no", "yes"], pa.large_string()),
        "date": times,
        "id": pa.array([1, 2]),
        "vector": pa.array([[1.0]] * 2),
    }
    path = table_of(tmp_path, columns)
    assert await read(path) == [Document(text="no", id="1", published=dt.date(2023, 7, 19)), Document(text="yes", id="2")]
    assert b"vector" not in entries(path)[0].content.raw


@pytest.mark.anyio
async def test_a_damaged_page_of_a_parquet_file_costs_the_rest_only(tmp_path):
    path = table_of(tmp_path, {"text": pa.array([f"{number} {os.urandom(50).hex()}" for number in range(400)])})
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 200] = b"\xff" * 200
    path.write_bytes(content)
    found = await read(path)
    assert found[0].text.startswith("0 ")
    assert isinstance(found[-1], str) or len(found) == 400


def test_every_reader_is_reached_by_its_suffixes_and_its_name():
    for one in table.READERS:
        assert table.named(one.form) is one
        for suffix in one.suffixes:
            assert table.reader(f"x{suffix.upper()}") == (one, "")
            if one.packed:
                assert table.reader(f"x{suffix}.gz") == (one, ".gz")
    assert table.reader("x.parquet.gz") is None
    assert table.reader("gz") is None
