import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from extracted import failed, finished, manifest
from typer.testing import CliRunner

from extractor.batch.store import Store
from extractor.batch.views import Views
from extractor.cli.query import query
from extractor.errors import ConfigurationError, MissingExtraError, RunError, StorageError

app = typer.Typer()
app.command()(query)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A batch in two shards, one of them in two parts."""
    made = tmp_path_factory.mktemp("it's a batch") / "results"
    for shard, numbers in (((1, 2), range(1, 6)), ((2, 2), range(6, 9))):
        store = Store.open(made, manifest(), shard, articles=3)
        for number in numbers:
            store.commit([finished(number)])
            if (part := store.roll()) is not None:
                store.seal(part)
        store.commit([failed(20 + shard[0], passing=shard[0] == 1)])
        store.close()
    return made


def ask(folder: Path, sql: str) -> list[tuple]:
    views = Views(folder)
    try:
        return list(views.ask(sql)[1])
    finally:
        views.close()


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_all_tables_of_all_shards_are_asked(folder):
    claims = sum(number % 4 for number in range(1, 9))
    assert ask(folder, "select count(*), count(distinct claim_id) from claims") == [(claims, 6)]
    assert ask(folder, "select count(*), sum(claims), count_if(outcome = 'partial') from articles") == [(8, claims, 2)]
    assert ask(folder, "select sum(len(claims)), any_value(document.published)::text from extractions") == [(claims, "2023-07-19")]
    assert ask(folder, "select position, passing, usage.requests from failures order by all") == [
        ("line 21", True, 3),
        ("line 22", False, 3),
    ]


def test_slots_and_their_places_are_columns(folder):
    sql = "select quantity_value, claim.quantity.start, time_start::text, source, sources from claims where document_id = 'document-5'"
    assert ask(folder, sql) == [(5.0, 0, "2023-07-19", "Kyiv", ["Kyiv"])]
    assert ask(folder, "select windows[1].outcome, count(*) from extractions group by all order by 2") == [("refused", 2), ("ok", 6)]
    assert ask(folder, "select claims[1]->>'$.quantity.text' from extractions where document.id = 'document-5'") == [("5",)]


def test_a_batch_without_articles_has_empty_tables(tmp_path):
    Store.open(tmp_path, manifest()).close()
    for table in ("claims", "articles", "extractions", "failures"):
        assert ask(tmp_path, f"select count(*) from {table}") == [(0,)]
    assert ask(tmp_path, "select claim.attribution.sources[1].text, time_start from claims") == []


def test_a_dead_letter_of_an_article_that_was_finished_later_is_none(tmp_path):
    store = Store.open(tmp_path, manifest(), articles=2)
    store.commit([failed(1), failed(2), failed(2)])
    store.commit([finished(1), finished(3)])
    store.seal(store.roll())
    store.abandon()
    assert ask(tmp_path, "select position from failures") == [("line 2",)]


def test_what_is_not_sealed_yet_is_told_and_a_run_is_not_disturbed(tmp_path):
    store = Store.open(tmp_path, manifest(), articles=2)
    store.commit([finished(1), finished(2)])
    store.seal(store.roll())
    store.commit([finished(3)])
    done = CliRunner().invoke(app, [str(tmp_path), "select count(*) as n from articles", "--format", "jsonl"])
    assert done.stdout == '{"n": 2}\n'
    assert "not in a sealed part yet are left out" in done.stderr
    store.commit([finished(4)])
    store.close()
    assert ask(tmp_path, "select count(*) from articles") == [(4,)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select nope from claims", r'"nope" not found in FROM clause; there are: claims: claim_id, document_id, .*, claim$'),
        ("select c.nope from articles c", r"there are: articles: key, document_id,"),
        ("select * from clams", "clams does not exist; the tables are claims, articles, extractions and failures"),
        ("selec 1", 'cannot be answered: syntax error at or near "selec"$'),
        ("", "one SELECT statement"),
        ("select 1; select 2", "one SELECT statement"),
        ("drop view claims", "one SELECT statement"),
        ("create table x as select 1", "one SELECT statement"),
        ("copy (select 1) to 'x.csv'", "one SELECT statement"),
        ("set enable_external_access = true", "one SELECT statement"),
        ("attach 'x.db'", "one SELECT statement"),
        ("install httpfs", "one SELECT statement"),
        ("select * from read_text('/etc/hostname')", "file system operations are disabled"),
        ("select * from 'https://example.org/x.parquet'", "file system operations are disabled"),
        ("select * from glob('/etc/*')", "disabled"),
        ("select cast('a' as int)", "Could not convert string"),
    ],
)
def test_what_cannot_be_answered_is_an_error_in_a_sentence(folder, sql, message):
    with pytest.raises(ConfigurationError, match=message) as error:
        ask(folder, sql)
    assert "\n" not in str(error.value)


def test_an_error_in_the_middle_of_an_answer_is_one_too(folder):
    with pytest.raises(ConfigurationError, match="Could not convert"):
        ask(folder, "select position::int from articles")


def test_files_beside_the_batchs_own_are_out_of_reach(folder):
    (folder / "other.csv").write_text("a\n1\n")
    with pytest.raises(ConfigurationError, match="disabled"):
        ask(folder, f"select * from '{folder.as_posix().replace(chr(39), chr(39) * 2)}/other.csv'")


def test_a_folder_without_a_batch_is_an_error(tmp_path):
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(RunError, match="holds no batch; make one with: extractor batch INPUT"):
            Views(path)


def test_a_damaged_file_is_an_error_of_the_files(tmp_path):
    store = Store.open(tmp_path, manifest())
    store.commit([finished(1)])
    store.close()
    (tmp_path / "claims-00000.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises((StorageError, ConfigurationError)):
        ask(tmp_path, "select count(*) from claims")


def test_a_missing_part_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'claim-extractor\[archives\]'"):
        Views(folder)


VALUES = "select 1 as i, 2.50 as d, 'a,\"b\u2028' as t, null as n, ['x'] as l, {'a': date '2023-07-19'} as s, true as b"


def test_answers_are_written_as_json(folder):
    expected = {"i": 1, "d": 2.5, "t": 'a,"b\u2028', "n": None, "l": ["x"], "s": {"a": "2023-07-19"}, "b": True}
    assert json.loads(run(folder, VALUES, "--format", "json")) == [expected]
    assert json.loads(run(folder, VALUES, "--format", "jsonl")) == expected
    assert json.loads(run(folder, "select 1 where false", "--format", "json")) == []


def test_answers_are_written_as_csv(folder, tmp_path):
    out = tmp_path / "x.csv"
    run(folder, VALUES, "--format", "csv", "--out", out)
    rows = list(csv.reader(io.StringIO(out.read_text("utf-8"), newline="")))
    assert rows == [["i", "d", "t", "n", "l", "s", "b"], ["1", "2.5", 'a,"b\u2028', "", '["x"]', '{"a": "2023-07-19"}', "True"]]


def test_answers_are_written_as_parquet(folder, tmp_path):
    import pyarrow.parquet as pq

    out = tmp_path / "it's.parquet"
    run(folder, "select document_id, claim from claims order by 1; -- all", "--format", "parquet", "--out", out)
    table = pq.read_table(out)
    assert table.num_rows == sum(number % 4 for number in range(1, 9))
    assert table.column("claim")[0]["quantity"]["value"].as_py() == 1.0
    with pytest.raises(ConfigurationError, match="name a file with --out"):
        run(folder, "select 1", "--format", "parquet")


def test_a_table_shows_what_could_steer_a_terminal_by_its_code(folder):
    shown = run(folder, "select chr(27) || '[31mred' as word, 12 as number, null as nothing")
    assert "U+001B[31mred" in shown
    assert "\x1b" not in shown
    assert "12" in shown
    assert "[bold]" in run(folder, "select '[bold]' as word")


def test_a_long_table_ends_with_the_way_to_all_of_it(folder):
    done = CliRunner().invoke(app, [str(folder), "select unnest(range(1500)) as n"])
    assert " 999 " in done.stdout
    assert " 1000 " not in done.stdout
    assert "the first 1000 rows; all of them with --format csv or jsonl" in done.stderr


def test_an_output_that_cannot_be_written_is_an_error(folder, tmp_path):
    with pytest.raises(StorageError, match="cannot be written"):
        run(folder, "select 1", "--format", "csv", "--out", tmp_path / "no" / "x.csv")


def test_help_loads_no_database():
    script = "import sys\nfrom extractor.cli import query\nassert not {'duckdb', 'pyarrow', 'pydantic'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
