import io
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from extracted import failed, finished, key, manifest

from extractor.batch import parts
from extractor.batch.layout import Layout
from extractor.batch.manifest import Counts, Session
from extractor.batch.store import Store
from extractor.errors import DiskFullError, RunError, StorageError
from extractor.requests import Usage
from extractor.sinks import parquet


def opened(folder: Path, **options) -> Store:
    return Store.open(folder, manifest(), **options)


def keys_of(layout: Layout) -> list[str]:
    """Return the keys of all articles that are in the files."""
    found: list[str] = []
    there = layout.numbers()
    for number in there["articles"]:
        for table in parquet.read_columns(layout.articles(number), ["key"]):
            found += table.column("key").to_pylist()
    for number in there["part"]:
        found += [line.key.hex() for line in parts.read(layout.part(number))]
    return found


def lines_of(layout: Layout) -> list[dict]:
    """Return all extractions of the sealed parts."""
    import zstandard

    found = []
    for number in sorted(layout.numbers()["extractions"]):
        with layout.extractions(number).open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as stream:
            found += [json.loads(line) for line in io.BufferedReader(stream)]
    return found


def assert_holds(folder: Path, numbers, letters=()) -> None:
    """Assert that a folder that is opened and closed has these articles, once each, and these dead letters."""
    store = opened(folder)
    assert set(store.states([key(number) for number in numbers])) <= {"done"}
    assert store.counts.done == len(set(numbers))
    assert store.counts.claims == sum(number % 4 for number in set(numbers))
    assert store.counts.partial == sum(number % 3 == 0 for number in set(numbers))
    assert store.counts.failed + store.counts.passing == len(set(letters))
    store.close()
    assert_files(folder, numbers, letters)


def assert_files(folder: Path, numbers, letters=()) -> None:
    """Assert that the files of a folder that was closed have these articles, once each, and these dead letters."""
    layout = Layout(folder)
    assert Counter(keys_of(layout)) == Counter(key(number).hex() for number in set(numbers))
    assert not layout.numbers()["part"]
    claims = [claim for number in sorted(layout.numbers()["claims"]) for claim in parquet.read_claims(layout.claims(number))]
    lines = lines_of(layout)
    assert len(lines) == len(set(numbers))
    assert [claim.id for claim in claims] == [claim["id"] for line in lines for claim in line["claims"]]
    rows = [json.loads(line) for line in layout.failures.read_bytes().splitlines() if line]
    assert sorted(row["key"] for row in rows) == sorted(key(number).hex() for number in set(letters))


def test_what_is_committed_is_there_after_closing(tmp_path):
    store = opened(tmp_path, articles=5)
    for number in range(1, 13):
        store.commit([finished(number, size=90)])
        if (part := store.roll()) is not None:
            store.seal(part)
    store.commit([failed(20), failed(21, passing=False)])
    assert store.states([key(1), key(20), key(21), key(22)]) == ["done", "passing", "failed", None]
    assert (store.counts.done, store.counts.passing, store.counts.failed) == (12, 1, 1)
    assert store.usage == Usage(requests=12 + 6, input_tokens=1200, cached_input_tokens=120, output_tokens=240)
    store.close()
    assert len(Layout(tmp_path).numbers()["claims"]) == 3
    assert_holds(tmp_path, range(1, 13), (20, 21))
    again = opened(tmp_path)
    assert again.usage == store.usage
    assert [json.loads(line)["claims"] for line in map(json.dumps, lines_of(again.layout))] == [
        json.loads(finished(number).extraction)["claims"] for number in range(1, 13)
    ]
    again.close()


def test_what_is_committed_twice_is_kept_once_and_a_result_outlives_a_failure(tmp_path):
    store = opened(tmp_path)
    store.commit([failed(1), finished(2), finished(2), failed(3), finished(3)])
    store.commit([finished(1), failed(2), finished(3)])
    assert store.states([key(1), key(2), key(3)]) == ["done"] * 3
    assert store.counts.passing == 0
    store.close()
    assert_holds(tmp_path, [1, 2, 3])


def test_an_article_given_up_again_counts_once_by_its_last_line(tmp_path):
    store = opened(tmp_path)
    for _ in range(3):
        store.commit([failed(1), failed(2)])
    store.commit([failed(1, passing=False, error="BadRequestError")])
    assert (store.counts.failed, store.counts.passing) == (1, 1)
    assert store.usage.requests == 21
    store.close()
    rows = [json.loads(line) for line in (tmp_path / "failures.jsonl").read_bytes().splitlines()]
    assert [(row["position"], row["error"], row["passing"]) for row in rows] == [
        ("line 2", "RateLimitError", True),
        ("line 1", "BadRequestError", False),
    ]


def test_a_dead_letter_taken_out_by_hand_is_an_article_never_tried(tmp_path):
    store = opened(tmp_path)
    store.commit([failed(1), failed(2)])
    store.close()
    path = tmp_path / "failures.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])
    again = opened(tmp_path)
    assert again.states([key(1), key(2)]) == [None, "passing"]
    assert again.counts.passing == 1
    again.close()


def test_an_entry_met_twice_in_a_pass_is_told_apart(tmp_path):
    store = opened(tmp_path)
    store.commit([finished(1), failed(2)])
    assert store.visit([key(1), key(2), key(3), key(3)]) == ["done", "passing", "new", "repeated"]
    assert store.visit([key(1), key(4)]) == ["repeated", "new"]
    store.begin_pass()
    assert store.visit([key(1), key(4)]) == ["done", "new"]
    assert store.visit([]) == []
    store.close()


def test_the_owner_of_a_documents_id_is_known(tmp_path):
    store = opened(tmp_path, articles=1)
    store.commit([finished(1)])
    store.seal(store.roll())
    store.commit([finished(2)])
    for _ in range(2):
        assert store.owner("document-1") == key(1)
        assert store.owner("document-2") == key(2)
        assert store.owner("document-3") is None
        store.close()
        store = opened(tmp_path)
    store.close()


def test_thousands_of_keys_are_looked_up_at_once(tmp_path):
    store = opened(tmp_path)
    store.commit([finished(number) for number in range(300)])
    keys = [key(number) for number in range(5000)]
    assert store.states(keys) == ["done"] * 300 + [None] * 4700
    store.close()


def test_results_come_in_parts_by_their_bytes_too(tmp_path):
    store = opened(tmp_path, size=10_000)
    for number in range(10):
        store.commit([finished(number, size=6000)])
        store.roll()
    store.close()
    assert len(Layout(tmp_path).numbers()["claims"]) == 5
    assert_holds(tmp_path, range(10))


def test_an_empty_batch_has_a_manifest_and_no_parts(tmp_path):
    opened(tmp_path).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["failures.jsonl", "index.sqlite", "run.json", "run.lock"]
    opened(tmp_path).close()


def test_a_second_writer_is_told_so(tmp_path):
    store = opened(tmp_path)
    with pytest.raises(RunError, match="another process writes to"):
        opened(tmp_path)
    store.close()
    opened(tmp_path).close()


def test_shards_share_a_folder_with_files_of_their_own(tmp_path):
    first, second = opened(tmp_path, shard=(1, 2)), opened(tmp_path, shard=(2, 2))
    first.commit([finished(1)])
    second.commit([finished(2), failed(3)])
    first.close()
    second.close()
    assert {"claims-1of2-00000.parquet", "claims-2of2-00000.parquet", "run-1of2.json", "failures-2of2.jsonl"} <= {
        path.name for path in tmp_path.iterdir()
    }
    with pytest.raises(RunError, match="in 2 shards, not 1; go on with --shard I/2"):
        opened(tmp_path)
    with pytest.raises(RunError, match="another model"):
        Store.open(tmp_path, manifest(model="other"), (2, 2))


@pytest.mark.parametrize(
    ("field", "word"),
    [("model", "model"), ("profile", "profile"), ("prompt_digest", "prompt"), ("endpoint", "endpoint"), ("parser", "parser")],
)
def test_a_folder_of_something_else_is_refused(tmp_path, field, word):
    opened(tmp_path).close()
    with pytest.raises(RunError, match=f"holds a batch of another {word} .*; choose another folder with --out"):
        Store.open(tmp_path, manifest(**{field: "something else"}))
    opened(tmp_path).close()


def test_a_damaged_manifest_is_an_error_in_a_sentence(tmp_path):
    opened(tmp_path).close()
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(RunError, match=r"run.json is damaged \(.*\); restore it"):
        opened(tmp_path)


def test_the_manifest_keeps_every_run_and_their_sums(tmp_path):
    store = opened(tmp_path)
    for day, how in ((1, None), (1, "stopped by a signal"), (2, "finished")):
        store.report(
            Session(
                started=f"2026-01-0{day}T00:00:00Z",
                how=how,
                counts=Counts(inputs=10, done=8, failed=1, pending=1),
                usage=Usage(requests=5),
                cost_usd="0.25",
                lost={"ServerError": 1},
            )
        )
    store.close()
    read = json.loads((tmp_path / "run.json").read_text())
    assert [session["how"] for session in read["sessions"]] == ["stopped by a signal", "finished"]
    assert read["usage"]["requests"] == 10
    assert read["cost_usd"] == "0.50"
    assert read["counts"] == {"inputs": 10, "done": 8, "failed": 1, "pending": 1, "repeated": 0}
    again = Store.open(tmp_path, manifest(inputs=("more.jsonl",)))
    assert again.manifest.inputs == ("archive.jsonl", "more.jsonl")
    again.report(Session(started="2026-01-03T00:00:00Z", usage=Usage(requests=1)))
    assert again.manifest.cost_usd is None
    again.close()


def test_hard_characters_of_sources_and_texts_come_back(tmp_path):
    import dataclasses

    words = 'tab\t line\n nul\x00 \u2028 "quote" \\ \r\n \U0001f600'
    store = opened(tmp_path)
    store.commit([dataclasses.replace(finished(1), source=words, position=words, text=words), finished(2)])
    store.commit([dataclasses.replace(finished(3), source="caf\udce9.jsonl", extraction=finished(3).extraction.replace(b",", b",\n"))])
    store.close()
    rows = [
        row
        for table in parquet.read_columns(tmp_path / "articles-00000.parquet", ["source_file", "position", "text"])
        for row in table.to_pylist()
    ]
    assert rows[0] == {"source_file": words, "position": words, "text": words}
    assert rows[1]["text"] is None
    assert rows[2]["source_file"] == "caf?.jsonl"


def test_a_part_is_sealed_while_others_are_committed(tmp_path):
    import threading

    store = opened(tmp_path, articles=20)
    sealers = []
    for number in range(100):
        store.commit([finished(number)])
        if (part := store.roll()) is not None:
            sealers.append(threading.Thread(target=store.seal, args=(part,)))
            sealers[-1].start()
    for sealer in sealers:
        sealer.join()
    store.close()
    assert len(sealers) == 5
    assert_holds(tmp_path, range(100))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be read or written"):
        opened(tmp_path / "file" / "out")


def test_kill_9_loses_nothing_that_was_acknowledged():
    script = Path(__file__).parent.parent / "benchmarks" / "faults" / "store_kill.py"
    done = subprocess.run([sys.executable, script, "--kills", "12", "--longest", "0.15"], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert (told["kills"], told["lost"], told["twice"]) == (12, 0, 0)
    assert told["acknowledged"] > 100


def test_letting_go_twice_is_letting_go_once(tmp_path):
    store = opened(tmp_path)
    store.commit([finished(1)])
    store.abandon()
    store.abandon()
    assert_holds(tmp_path, [1])


def test_errors_of_a_full_disk_are_their_own_class():
    assert issubclass(DiskFullError, StorageError)
