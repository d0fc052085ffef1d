"""``extractor batch`` as people run it: a process, a server that misbehaves, signals, and a folder that must tell the truth."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_api import BatchApi
from batch_api import serving as serving_batches
from faults import Reply, completion, error, serving

from extractor.readers import results

ARTICLE = "The ministry of number {n} said on Monday that {n} people were killed near Halm.\n"
TEXT = "Officials said on Monday that a bridge fell near Halm."


def archive(folder: Path, number: int = 6) -> Path:
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps({"id": f"a{n}", "text": ARTICLE.format(n=n), "date": "2026-03-09"}) + "\n" for n in range(number)))
    return path


def command(*arguments: object, **environment: str) -> dict:
    return {
        "args": [sys.executable, "-m", "extractor", *map(str, arguments)],
        "env": {**os.environ, "EXTRACTOR_ATTEMPTS": "2", "OPENAI_API_KEY": "", **environment},
        "text": True,
    }


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(**command(*arguments, **environment), capture_output=True, check=False, timeout=120)


def batch(server, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return run("batch", *arguments, "--model", "m", EXTRACTOR_BASE_URL=server.url, **environment)


def manifest(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text())


def reconciled(folder: Path) -> dict:
    counts = manifest(folder)["counts"]
    assert counts["inputs"] == counts["done"] + counts["failed"] + counts["pending"] + counts["repeated"]
    return counts


def one_sentence(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_an_archive_is_done_and_the_same_command_asks_nobody(tmp_path):
    archive(tmp_path)
    (tmp_path / "page.html").write_text(f"<html><body><article><h1>Bridge</h1><p>{TEXT * 5}</p></article></body></html>")
    (tmp_path / "bad.txt").write_bytes(b"\xff\x00\x01")
    with serving(Reply()) as server:
        done = batch(server, tmp_path, "--out", tmp_path / "out")
        assert done.returncode == 3, done.stderr
        assert "8 articles met: 7 done (7 now), 1 failed, 0 pending" in done.stderr
        assert "1 ReaderError" in done.stderr
        assert len(server.received) == 7
        again = batch(server, tmp_path, "--out", tmp_path / "out")
        assert "8 articles met: 7 done (0 now), 1 failed, 0 pending" in again.stderr
        assert len(server.received) == 7
        assert again.returncode == 3
    assert reconciled(tmp_path / "out")["done"] == 7
    [letter] = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_text().splitlines()]
    assert letter["error"] == "ReaderError"
    assert "bad.txt" in letter["message"]


def test_another_folder_costs_nothing(tmp_path):
    path = archive(tmp_path)
    with serving(Reply()) as server:
        assert batch(server, path, "--out", tmp_path / "one").returncode == 0
        assert batch(server, path, "--out", tmp_path / "two").returncode == 0
        assert len(server.received) == 6
    assert manifest(tmp_path / "two")["usage"]["requests"] == 0


def test_the_results_are_those_of_extract(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    with serving(Reply()) as server:
        batch(server, tmp_path / "a.txt", "--out", tmp_path / "out")
        one = run("extract", tmp_path / "a.txt", "--format", "json", "--model", "m", EXTRACTOR_BASE_URL=server.url)
    [part] = (tmp_path / "out").glob("extractions-*.jsonl.zst")
    import zstandard

    with zstandard.open(part, "rt", encoding="utf-8") as stream:
        value = json.loads(stream.read())
    alone = json.loads(one.stdout)
    assert value["claims"] == alone["claims"]
    assert value["document"] == alone["document"]


def test_what_failed_for_a_passing_fault_is_done_by_the_next_run(tmp_path):
    path = archive(tmp_path, 3)
    with serving(error(500)) as server:
        done = batch(server, path, "--out", tmp_path / "out", EXTRACTOR_ATTEMPTS="1")
        assert done.returncode == 4, done.stderr
        assert reconciled(tmp_path / "out")["failed"] == 3
    with serving(Reply()) as server:
        other = batch(server, path, "--out", tmp_path / "out")
        one_sentence(other, 6, "another endpoint")


@pytest.mark.parametrize(("status", "words"), [(401, "refuses the key"), (404, "has no model 'm'")])
def test_what_no_article_can_escape_stops_at_once_and_everything_is_pending(tmp_path, status, words):
    path = archive(tmp_path, 50)
    with serving(error(status)) as server:
        done = batch(server, path, "--out", tmp_path / "out", "--concurrency", "4")
        assert len(server.received) <= 4
    one_sentence(done, 4, words)
    counts = reconciled(tmp_path / "out")
    assert (counts["done"], counts["failed"]) == (0, 0)
    assert counts["pending"] > 0


def test_a_budget_is_never_exceeded(tmp_path):
    path = archive(tmp_path, 40)
    dear = json.loads(completion()) | {"usage": {"prompt_tokens": 2_000, "completion_tokens": 1_000}}
    with serving(Reply(body=json.dumps(dear).encode())) as server:
        done = batch(server, path, "--out", tmp_path / "out", "--budget-tokens", "50000", "--concurrency", "2")
        one_sentence(done, 4, "budget of 50000 tokens", "raise --budget-tokens")
        spent = manifest(tmp_path / "out")["usage"]
        assert spent["input_tokens"] + spent["output_tokens"] == 3_000 * len(server.received) <= 50_000
        assert 0 < len(server.received) < 40
        before = len(server.received)
        assert batch(server, path, "--out", tmp_path / "out", "--budget-tokens", "50000").returncode == 4
        assert len(server.received) == before
        assert batch(server, path, "--out", tmp_path / "out").returncode == 0
        assert len(server.received) == 40
        unknown = batch(server, path, "--out", tmp_path / "other", "--budget-usd", "1")
        one_sentence(unknown, 2, "--budget-usd needs the price of 'm'")


def test_ctrl_c_finishes_what_is_in_flight(tmp_path):
    path = archive(tmp_path, 200)
    with serving(Reply(wait=0.2)) as server:
        process = subprocess.Popen(
            **command("batch", path, "--out", tmp_path / "out", "--model", "m", "--concurrency", "4", EXTRACTOR_BASE_URL=server.url),
            stderr=subprocess.PIPE,
        )
        while len(server.received) < 8:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "stopping when what is in flight has come back" in told
    counts = reconciled(tmp_path / "out")
    assert 4 <= counts["done"] <= 40
    assert counts["done"] == len(server.received)
    assert manifest(tmp_path / "out")["sessions"][0]["how"] == "stopped by a signal"


def test_a_second_signal_ends_at_once_and_the_next_run_repairs(tmp_path):
    path = archive(tmp_path, 30)
    with serving(*[Reply(wait=0.1)] * 12, Reply(wait=60)) as server:
        process = subprocess.Popen(
            **command("batch", path, "--out", tmp_path / "out", "--model", "m", "--concurrency", "4", EXTRACTOR_BASE_URL=server.url),
            stderr=subprocess.PIPE,
        )
        while len(server.received) < 14:
            time.sleep(0.02)
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 143, told
        server.plan = lambda _: Reply()
        done = batch(server, path, "--out", tmp_path / "out")
        assert "30 articles met: 30 done" in done.stderr
        assert len(server.received) <= 30 + 4 + 4


def test_shards_share_a_folder(tmp_path):
    path = archive(tmp_path, 12)
    with serving(Reply()) as server:
        for number in (1, 2):
            assert batch(server, path, "--out", tmp_path / "out", "--shard", f"{number}/2").returncode == 0
        assert len(server.received) == 12
        one_sentence(batch(server, path, "--out", tmp_path / "out"), 6, "in 2 shards, not 1")
    done = [json.loads(path.read_text())["counts"]["done"] for path in (tmp_path / "out").glob("run-*.json")]
    assert sum(done) == 12


def test_lines_of_json_for_programs(tmp_path):
    path = archive(tmp_path, 3)
    with serving(Reply()) as server:
        done = batch(server, path, "--out", tmp_path / "out", "--log-json")
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["event"] for line in told} == {"progress", "ended"}
    assert (told[-1]["done"], told[-1]["failed"], told[-1]["how"]) == (3, 0, "finished")


def test_a_trace_is_written_without_any_text(tmp_path):
    path = archive(tmp_path, 2)
    with serving(Reply()) as server:
        assert batch(server, path, "--out", tmp_path / "out", "--trace", tmp_path / "trace.jsonl").returncode == 0
    trace = (tmp_path / "trace.jsonl").read_text()
    assert trace.count('"extract"') >= 2
    assert "Halm" not in trace


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere.jsonl",), 3, ("there is no file nowhere.jsonl",)),
        (("articles.jsonl", "--shard", "3/2"), 2, ("no shard",)),
        (("articles.jsonl", "--concurrency", "many"), 2, ("neither 'auto'",)),
        (("articles.jsonl", "--budget-usd", "-1"), 2, ("no sum of US dollars",)),
        (("articles.jsonl", "--field", "text"), 2, ("names no key",)),
        (("articles.jsonl", "--format", "pdf"), 2, ("pdf",)),
        (("articles.jsonl", "--model", "nobody/none"), 2, ("there is no model",)),
        (("articles.jsonl", "--engine", "provider"), 2, ("has no batches",)),
        (("articles.jsonl", "--engine", "ray", "--shard", "1/2"), 2, ("leave --shard out",)),
        (("articles.jsonl", "--prices", "none.yaml"), 2, ("prices",)),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path, monkeypatch, arguments, code, words):
    archive(tmp_path)
    monkeypatch.chdir(tmp_path)
    one_sentence(run("batch", *arguments, "--out", "out"), code, *words)


def test_a_folder_that_another_process_writes_to(tmp_path):
    path = archive(tmp_path, 40)
    with serving(Reply(wait=1)) as server:
        first = subprocess.Popen(
            **command("batch", path, "--out", tmp_path / "out", "--model", "m", EXTRACTOR_BASE_URL=server.url), stderr=subprocess.DEVNULL
        )
        while not server.received:
            time.sleep(0.02)
        one_sentence(batch(server, path, "--out", tmp_path / "out"), 6, "another process")
        first.kill()
        first.wait()


def test_the_providers_batches_bring_the_same_claims(tmp_path):
    path = archive(tmp_path, 5)
    with serving_batches(BatchApi()) as api:
        done = batch(api, path, "--out", tmp_path / "out", "--engine", "provider", OPENAI_API_KEY="k")
        assert done.returncode == 0, done.stderr
        assert "5 articles met: 5 done" in done.stderr
        assert manifest(tmp_path / "out")["usage"]["requests"] == 5


def test_a_result_can_be_read_back(tmp_path):
    path = archive(tmp_path, 1)
    with serving(Reply(body=completion())) as server:
        batch(server, path, "--out", tmp_path / "out")
    [part] = (tmp_path / "out").glob("extractions-*.jsonl.zst")
    import zstandard

    with zstandard.open(part, "rb") as stream:
        (tmp_path / "lines.jsonl").write_bytes(stream.read())
    [extraction] = results.read(tmp_path / "lines.jsonl")
    assert extraction.document.source == f"{path}, line 1"
