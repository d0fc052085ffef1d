"""The evaluation commands as a process: what they print, what they leave, how they end."""

from __future__ import annotations

import json

import pytest
from faults import Reply, completion, error, serving
from sheets import ARTICLE, sample
from test_cli import LOST, one_sentence, run
from words import answer

from extractor.evaluation.probes import PROBES
from extractor.evaluation.probing import REPORTS
from extractor.evaluation.samples import canonical

FOUND = Reply(body=completion(answer(LOST)))
NOTHING = Reply(body=completion())
FILES = {
    "manifest.json",
    "gold.jsonl",
    "outputs.jsonl",
    "scores.json",
    "report.json",
    "report.md",
    "report.html",
    "metrics.csv",
    "articles.csv",
}


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(canonical(sample(name=name)) + "\n" for name in ("a", "b")), "utf-8")
    return str(path)


def evaluate(server, *arguments: str, cache: str = "one"):
    import os

    folder = os.environ["EXTRACTOR_CACHE_DIR"] + cache
    return run("eval", *arguments, EXTRACTOR_BASE_URL=server.url, EXTRACTOR_MODEL="m", EXTRACTOR_CACHE_DIR=folder)


def test_a_run_is_made_scored_reported_compared_and_gated(gold, tmp_path):
    first, second, baseline = (str(tmp_path / name) for name in ("first", "second", "baseline.json"))
    with serving(FOUND) as server:
        done = evaluate(server, "run", gold, "--out", first)
        assert done.returncode == 0, done.stderr
        assert "soft F1" in done.stdout
        assert "2/2 b: 1 found" in done.stderr
        again = evaluate(server, "run", gold, "--out", first)
        assert again.returncode == 0
        assert len(server.received) == 1  # one text, remembered; the finished run asks nothing
    assert {path.name for path in (tmp_path / "first").iterdir()} >= FILES
    with serving(NOTHING) as server:
        assert evaluate(server, "run", gold, "--out", second, cache="two").returncode == 0
    scored = run("eval", "score", first)
    assert scored.returncode == 0
    assert "soft F1" in scored.stdout
    whole = run("eval", "report", first).stdout
    assert "## Fields" in whole
    compared = run("eval", "compare", first, second)
    assert compared.returncode == 0
    assert "Of 2 articles 0 rose, 2 fell, 0 stayed." in compared.stdout
    assert json.loads(run("eval", "compare", first, second, "--json").stdout)["losses"] == 2
    assert run("eval", "freeze", first, baseline).returncode == 0
    passed = run("eval", "gate", first, "--baseline", baseline)
    assert (passed.returncode, passed.stdout.split()[-1]) == (0, "passed")
    junit = tmp_path / "gate.xml"
    failed = run("eval", "gate", second, "--baseline", baseline, "--junit", str(junit))
    assert failed.returncode == 7
    assert "FAILS" in failed.stdout
    assert 'failures="1"' in junit.read_text()


def test_gold_is_checked_without_any_model(gold, tmp_path):
    done = run("eval", "check", gold)
    assert done.returncode == 0
    assert "2 articles, 8 claims (0 optional)" in done.stdout
    bad = tmp_path / "bad.jsonl"
    bad.write_text((tmp_path / "gold.jsonl").read_text().replace('"start": 0', '"start": 1', 1))
    done = run("eval", "check", str(bad))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "line 1" in done.stderr


def test_bad_input_is_one_sentence(gold, tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    out = ("--out", str(tmp_path / "run"))
    one_sentence(run("eval", "run", str(empty), *out), 3, "holds no article")
    one_sentence(run("eval", "run", str(tmp_path / "none.jsonl"), *out), 3, "there is no file")
    one_sentence(run("eval", "run", gold, *out, "--profile", "nonsense"), 2, "there is no profile 'nonsense'", "module:NAME")
    one_sentence(run("eval", "run", gold, *out, "--profile", "json:loads"), 2, "no Profile")
    one_sentence(run("eval", "run", gold, *out, "--profile", "no_such:THING"), 2, "cannot be imported")
    one_sentence(run("eval", "score", str(tmp_path)), 6, "holds no run")
    one_sentence(run("eval", "gate", str(tmp_path), "--baseline", gold), 6, "holds no scores")
    unknown = tmp_path / "unknown.jsonl"
    unknown.write_text((tmp_path / "gold.jsonl").read_text().replace('"attribution"', '"atribution"', 1))
    one_sentence(run("eval", "run", str(unknown), *out), 3, "claims.0.atribution is no field of the schema")
    twice = tmp_path / "twice.jsonl"
    twice.write_text((tmp_path / "gold.jsonl").read_text() * 2)
    one_sentence(run("eval", "run", str(twice), *out), 3, "this id stands twice")


def test_a_folder_of_other_gold_is_refused(gold, tmp_path):
    folder = str(tmp_path / "run")
    with serving(FOUND) as server:
        assert evaluate(server, "run", gold, "--out", folder).returncode == 0
        one_sentence(evaluate(server, "run", gold, "--limit", "1", "--out", folder), 6, "a run of another gold", "--out")
        other = str(tmp_path / "other")
        assert evaluate(server, "run", gold, "--limit", "1", "--out", other).returncode == 0
    one_sentence(run("eval", "compare", folder, other), 6, "differ in their gold")


def test_probes_print_a_rate_for_each_law_and_write_every_violation(gold, tmp_path):
    out = tmp_path / "probes.json"
    order = ("probe", gold, "--probe", "shift_date", "--probe", "edit_number", "--limit", "1", "--out", str(out))
    with serving(FOUND) as server:  # a reader that sees the old figure whatever the article says
        done = evaluate(server, *order)
        assert done.returncode == 0, done.stderr
        sent = len(server.received)
        again = evaluate(server, *order)
        assert len(server.received) == sent  # remembered
    assert again.stdout == done.stdout
    assert "a: 35 days later: 3 of 3 held" in done.stderr
    for words in ("shift_date", "days reckoned", "100.0 %", "edit_number", " 0.0 %"):
        assert words in done.stdout
    by_law = {report.law: report for report in REPORTS.validate_json(out.read_text("utf-8"))}
    assert (by_law["relative_days"].held, by_law["relative_days"].checks, by_law["relative_days"].rate) == (2, 2, 1.0)
    assert (by_law["figure"].held, by_law["figure"].documents, by_law["figure"].applicable) == (0, 1, 1)
    [violation] = by_law["figure"].violations
    assert violation.document == "a"
    assert "soldiers" in violation.expected


def test_probes_take_articles_and_all_of_them_by_default(tmp_path):
    article = tmp_path / "article.txt"
    article.write_text(ARTICLE, "utf-8")
    with serving(FOUND) as server:
        done = evaluate(server, "probe", str(article))
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in PROBES)
    with serving(error(400)) as server:
        done = evaluate(server, "probe", str(article), "--probe", "delete_sentence", cache="two")
    assert done.returncode == 0
    assert "0 of 1, 1 failed" in done.stdout
    one_sentence(run("eval", "probe", str(tmp_path / "none.txt")), 3, "none.txt")
    one_sentence(
        run("eval", "probe", str(article), "--probe", "swap", EXTRACTOR_MODEL="openai/x", OPENAI_API_KEY="x"), 2, "no probe 'swap'"
    )


def test_help_teaches():
    shown = run("eval", "--help").stdout
    for command in ("check", "run", "probe", "score", "report", "compare", "gate", "freeze"):
        assert command in shown
        assert "Example" in run("eval", command, "--help").stdout
