"""The command line as a process: what it prints where, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from conftest import ARTICLE, PARSER
from faults import Reply, completion, error, serving
from words import answer

from extractor.extraction import Extraction

LOST = {
    "sentence": 1, "source": "Ostrava's military", "subject": "Velorian forces", "outcome": "lost", "quantity": "310 soldiers",
    "time": "over the past day", "type": "human_losses",
}  # fmt: skip
GUNS = {**LOST, "quantity": "14 armored vehicles", "type": "equipment_losses"}
GOOD = Reply(body=completion(answer({**LOST, "sentence": 1})))
EMPTY = Reply(body=completion())


def run(*arguments: str, stdin: bytes | None = None, cwd=None, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith(("EXTRACTOR_", "OPENAI_"))}
    ours = {name: os.environ[name] for name in ("EXTRACTOR_CACHE_DIR", "EXTRACTOR_PARSER")}
    known |= {**ours, "COLUMNS": "100", **environment}
    done = subprocess.run(
        [sys.executable, "-m", "extractor", *arguments],
        input=stdin or b"",
        capture_output=True,
        env=known,
        cwd=cwd,
        timeout=120,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def asked(server, *arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run against ``server``, which stands for a hosted model; windows are asked about one by one, so that replies come in their order."""
    return run("extract", *arguments, EXTRACTOR_BASE_URL=server.url, EXTRACTOR_MODEL="m", EXTRACTOR_PARALLEL="1", **more)


def one_sentence(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("extractor: ")
    for word in words:
        assert word in lines[0]


def test_help_teaches():
    done = run("--help")
    assert done.returncode == 0
    assert "Exit codes: 0 done;" in done.stdout
    shown = run("extract", "--help").stdout
    for option in ("--model", "--published", "--profile", "--format", "--out", "--no-cache"):
        assert option in shown
    assert "Examples:" in shown
    for command in (["models"], ["models", "pull"], ["cache"], ["cache", "clear"], ["schema"]):
        assert run(*command, "--help").returncode == 0


def test_every_option_has_a_help_text():
    import typer

    from extractor.cli.main import app

    def walk(command):
        for child in getattr(command, "commands", {}).values():
            yield from walk(child)
        yield from command.params

    assert all(getattr(p, "help", None) for p in walk(typer.main.get_command(app)))


def test_version():
    assert run("--version").stdout.strip()


def test_json_is_data_and_obeys_the_published_schema():
    with serving(Reply(body=completion(answer(LOST, GUNS))), EMPTY) as server:
        done = asked(server, str(ARTICLE), "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    jsonschema.validate(found, json.loads(run("schema").stdout), cls=jsonschema.Draft202012Validator)
    claim, guns = found["claims"]
    assert claim["type"] == "human_losses"
    assert claim["attribution"]["sources"][0]["text"] == "Ostrava's military"
    assert (claim["quantity"]["value"], claim["quantity"]["low"], claim["quantity"]["high"], claim["quantity"]["comparator"]) == (
        310,
        310,
        310,
        "exact",
    )
    assert (claim["time"]["start_date"], claim["time"]["end_date"]) == ("2026-03-10", "2026-03-11")
    assert (claim["verification"]["status"], guns["verification"]["status"]) == ("not_verified", "denied")
    assert found["windows"][0]["outcome"] == "ok"
    text = ARTICLE.read_text()
    assert all(text[s["start"] : s["end"]] == s["text"] for s in claim["evidence"])
    assert {"usage", "provenance", "rejections"} <= set(found)


def test_a_second_run_is_the_same_and_asks_nobody():
    with serving(GOOD, EMPTY) as server:
        first = asked(server, str(ARTICLE), "--format", "json")
        sent = len(server.received)
        second = asked(server, str(ARTICLE), "--format", "json")
        assert len(server.received) == sent
        asked(server, str(ARTICLE), "--format", "json", "--no-cache")
        assert len(server.received) > sent
    one, two = json.loads(first.stdout), json.loads(second.stdout)
    assert two["usage"] == {"requests": 0, "input_tokens": 0, "cached_input_tokens": 0, "output_tokens": 0}
    assert [c["id"] for c in one["claims"]] == [c["id"] for c in two["claims"]]
    stats = run("cache", "stats")
    kept = sent + 1  # the finished extraction
    assert f"{kept} answers" in stats.stdout
    assert run("cache", "verify").stdout == f"{kept} answers, trees and extractions whole, 0 damaged and dropped\n"
    assert run("cache", "clear", "--yes").stdout == f"{kept} answers, trees and extractions forgotten\n"


def test_table_jsonl_html_and_standard_input(tmp_path):
    with serving(GOOD, EMPTY) as server:
        shown = asked(server, str(ARTICLE)).stdout
        assert "310 soldiers" in shown
        assert "Velorian forces lost 310 soldiers and 14" in shown
        lines = asked(server, "-", "-", "--format", "jsonl", stdin=ARTICLE.read_bytes()).stdout.splitlines()
        assert Extraction.model_validate_json(lines[0]).document.source == "standard input"
        page = tmp_path / "page.html"
        done = asked(server, str(ARTICLE), "--format", "html", "--out", str(page))
        assert (done.returncode, done.stdout) == (0, "")
    assert "<article>" in page.read_text()
    assert sorted(file.name for file in tmp_path.glob("page*")) == ["page.html"]


def test_published_wins_over_the_file():
    with serving(GOOD, EMPTY) as server:
        done = asked(server, str(ARTICLE), "--format", "json", "--published", "2026-04-01")
    assert json.loads(done.stdout)["claims"][0]["time"]["end_date"] == "2026-04-01"


BAD_FILES = [
    ("empty.txt", b"", "is empty"),
    ("blank.txt", b" \n\t\n\xef\xbb\xbf", "is empty"),
    ("nul.txt", b"The army\0said no.", "NUL character at offset 8"),
    ("doc.pdf", b"%PDF-1.7 ...", "a PDF"),
    ("old.txt", "Der Bürgermeister sagte nein.".encode("latin-1"), "is not UTF-8 text (byte 0xFC at 5)"),
    ("long.txt", b"word " * 1_000_000, "larger than 2 MB"),
    ("surrogate.txt", b"The army \xed\xa0\x80 said no.", "is not UTF-8 text"),
    ("nothing.txt", b"*** --- !!!\n\n...", "there is no sentence in it"),
    ("front.txt", b"---\npublished: soon\n---\nThe army said no.", "the publication date of"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD_FILES, ids=[row[0] for row in BAD_FILES])
def test_bad_input_is_one_sentence_and_the_others_are_still_done(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with serving(GOOD, EMPTY) as server:
        one_sentence(asked(server, str(tmp_path / name)), 3, name, message)
        done = asked(server, str(tmp_path / name), str(ARTICLE), "--format", "json")
    one_sentence(done, 3, message)
    assert len(json.loads(done.stdout)["claims"]) == 1


def test_strange_but_valid_text_is_read(tmp_path):
    text = "\ufeffThe \u202earmy\u202c said\u200b it lost 470 troops 😀. A\u0301 e\u0301.\r\n\r\nOK."
    (tmp_path / "a.txt").write_bytes(text.encode())
    lost = {"sentence": 1, "source": "The army", "outcome": "lost", "quantity": "470 troops", "type": "human_losses"}
    with serving(Reply(body=completion(answer(lost)))) as server:
        done = asked(server, str(tmp_path / "a.txt"), "--format", "json")
    assert done.returncode == 0, done.stderr
    [claim] = json.loads(done.stdout)["claims"]
    for slot in (claim["quantity"], claim["attribution"]["sources"][0], *claim["evidence"]):
        assert text[slot["start"] : slot["end"]] == slot["text"]


def test_utf_16_with_a_mark_is_read(tmp_path):
    (tmp_path / "a.txt").write_bytes("The army said no.".encode("utf-16"))
    with serving(EMPTY) as server:
        assert asked(server, str(tmp_path / "a.txt")).returncode == 0


def test_paths_that_are_no_files(tmp_path):
    with serving(EMPTY) as server:
        one_sentence(asked(server, str(tmp_path)), 3, "is a folder")
        one_sentence(asked(server, "none.txt", cwd=tmp_path), 3, "there is no file none.txt")


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "words"),
    [
        (["--model", "nope"], {}, 2, ["there is no model 'nope'", "local/"]),
        (["--profile", "nope"], {}, 2, ["there is no profile 'nope'"]),
        (["--format", "html"], {}, 2, ["--out"]),
        ([], {"EXTRACTOR_BASE_URL": "http://127.0.0.1:9/v1"}, 2, ["no model is named"]),
        ([], {"EXTRACTOR_DEADLINE": "soon"}, 2, ["EXTRACTOR_DEADLINE"]),
        (["--model", "openai/gpt-x"], {}, 4, ["OPENAI_API_KEY"]),
        ([], {"EXTRACTOR_GGUF": "/nowhere.gguf"}, 5, ["EXTRACTOR_GGUF", "/nowhere.gguf"]),
    ],
)
def test_wrong_settings_are_one_sentence(arguments, environment, code, words):
    one_sentence(run("extract", str(ARTICLE), *arguments, **environment), code, *words)


def test_a_date_that_is_none():
    done = run("extract", str(ARTICLE), "--published", "yesterday")
    assert done.returncode == 2
    assert "write it as YYYY-MM-DD" in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(401), ["refuses the key", "OPENAI_API_KEY"]),
        (error(404), ["has no model 'm'"]),
        (error(400), ["status 400"]),
        (error(429, "insufficient_quota"), ["no credit left"]),
        (Reply(body=completion(refusal="I will not")), ["refused: I will not"]),
        (Reply(body=completion('{"claims":[', finish="length")), ["truncated", "cut off"]),
    ],
)
def test_a_model_that_does_not_answer_is_one_sentence_and_what_was_got_is_written(reply, words):
    with serving(reply) as server:
        done = asked(server, str(ARTICLE), "--format", "json")
    one_sentence(done, 4, *words)
    assert {w["outcome"] for w in json.loads(done.stdout)["windows"]} <= {"failed", "refused", "truncated"}


def test_no_network():
    done = run("extract", str(ARTICLE), EXTRACTOR_BASE_URL="http://127.0.0.1:9/v1", EXTRACTOR_MODEL="m", EXTRACTOR_ATTEMPTS="1")
    one_sentence(done, 4, "cannot be reached", "check the address")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_under_the_output(tmp_path):
    with serving(GOOD, EMPTY) as server:
        (tmp_path / "out.json.partial").symlink_to("/dev/full")
        done = asked(server, str(ARTICLE), "--format", "json", "--out", str(tmp_path / "out.json"))
    one_sentence(done, 6, "out.json cannot be written", "No space left")


def test_an_output_that_cannot_be_written(tmp_path):
    with serving(GOOD) as server:
        done = asked(server, str(ARTICLE), "--format", "json", "--out", str(tmp_path / "none" / "out.json"))
    one_sentence(done, 6, "cannot be written")


def test_a_cache_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("x")
    one_sentence(run("extract", str(ARTICLE), EXTRACTOR_CACHE_DIR=str(tmp_path / "file")), 6, "--no-cache")


def test_a_corrupted_cache_entry_is_one_warning_and_asked_again():
    import sqlite3

    with serving(GOOD, EMPTY) as server:
        asked(server, str(ARTICLE), "--format", "json")
        sent = len(server.received)
        with sqlite3.connect(os.environ["EXTRACTOR_CACHE_DIR"] + "/answers/cache.db") as database:
            database.execute("UPDATE Cache SET value = ? WHERE rowid = 1", (b"junk",))
            database.execute("DELETE FROM Cache WHERE rowid > ?", (sent,))  # the finished extraction
        database.close()
        done = asked(server, str(ARTICLE), "--format", "json")
        assert len(server.received) == sent + 1
    assert done.returncode == 0
    assert done.stderr.count("is damaged") == 1


def test_a_reader_that_leaves_early_is_no_error():
    command = f"for i in $(seq 40); do echo {ARTICLE}; done | xargs {sys.executable} -m extractor extract --format jsonl | head -c 10"
    with serving(GOOD, EMPTY) as server:
        environment = {**os.environ, "EXTRACTOR_BASE_URL": server.url, "EXTRACTOR_MODEL": "m"}
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.startswith('{"document')
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_ctrl_c_ends_at_once_and_keeps_what_was_answered(tmp_path):
    # where the tests run in the background of a shell, Ctrl-C is ignored, and a child would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    other = tmp_path / "other.txt"
    other.write_text("The army said no.")
    with serving(GOOD, EMPTY, Reply(wait=30)) as server:  # the article has two windows
        environment = {**os.environ, "EXTRACTOR_BASE_URL": server.url, "EXTRACTOR_MODEL": "m", "EXTRACTOR_PARALLEL": "1"}
        command = [sys.executable, "-m", "extractor", "extract", str(ARTICLE), str(other), "--format", "jsonl"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True) as child:
            until = time.monotonic() + 30
            while len(server.received) < 3 and time.monotonic() < until:
                time.sleep(0.02)
            child.send_signal(signal.SIGINT)
            written, told = child.communicate(timeout=20)
    assert child.returncode == 130
    assert told == "extractor: interrupted; what was written is kept, and answers already given are remembered\n"
    assert len(written.splitlines()) == 1
    assert "3 answers" in run("cache", "stats").stdout  # and the finished extraction of the first


def test_models(tmp_path):
    listed = run("models", "list", COLUMNS="160").stdout
    assert "local/qwen2.5-coder-1.5b" in listed
    assert "the default" in listed
    assert run("models", "path").stdout.strip().endswith("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf")
    own = tmp_path / "own.gguf"
    own.write_bytes(b"x")
    assert run("models", "path", EXTRACTOR_GGUF=str(own)).stdout.strip() == str(own)
    assert run("models", "pull", EXTRACTOR_GGUF=str(own)).stdout.split() == [str(own), str(PARSER)]


def test_a_model_file_that_is_none_is_told_where_a_sentence_must_be_asked_about(tmp_path):
    pytest.importorskip("xllamacpp")
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF" + b"x" * 100)
    done = run("extract", str(ARTICLE), EXTRACTOR_GGUF=str(own))  # which has a figure in its own voice: "About 400 people spent ..."
    assert done.returncode == 5
    assert "cannot be loaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_article_that_a_parser_reads_alone_loads_no_model(tmp_path):
    own, clear = tmp_path / "own.gguf", tmp_path / "clear.txt"
    own.write_bytes(b"GGUF" + b"x" * 100)
    clear.write_text("Velorian forces lost 310 soldiers over the past day, Ostrava's military said on Wednesday.")
    done = run("extract", str(clear), "--format", "json", EXTRACTOR_GGUF=str(own))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    [claim] = found["claims"]
    assert (claim["quantity"]["value"], claim["provenance"]) == (310, {"window": None, "requests": [], "cached": False})
    assert found["usage"]["requests"] == 0
