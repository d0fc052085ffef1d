"""Runs: what was answered is kept, a kill loses nothing, other gold is refused, scores need no model."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sheets import sample
from words import answer

from extractor import Extractor, MemoryCache, ScriptedProvider
from extractor.errors import DiskFullError, RunError, ServerError, StorageError, WeightsError
from extractor.evaluation import comparing, results, runs
from extractor.evaluation.samples import Sample
from extractor.evaluation.suites import CLAIMS_SUITE
from extractor.evaluation.summary import summarise
from extractor.settings import load

pytestmark = pytest.mark.anyio

LOST = {
    "sentence": 1,
    "source": "Ostrava's military",
    "subject": "Velorian forces",
    "outcome": "lost",
    "quantity": "310 soldiers",
    "time": "over the past day",
    "type": "human_losses",
}
SAMPLES = [sample(name="a"), sample(name="b"), sample(text="Nothing happened.\n", sheet="[]", name="c")]
OPEN = load(model="m", base_url="http://127.0.0.1:9/v1")


def reads(request):
    """Answer as a model that finds the first claim of the dispatch and nothing elsewhere."""
    return answer(LOST) if "310 soldiers" in request.messages[-1].content else answer()


def finds_nothing(_):
    return answer()


def extractor(answers=reads):
    return Extractor.from_settings(OPEN, provider=ScriptedProvider(answers), cache=MemoryCache())


def begin(folder, made, samples=SAMPLES, repeats=1):
    return runs.create(folder, runs.describe(CLAIMS_SUITE, made, samples, repeats=repeats), samples)


async def finished(folder, answers=reads, *, samples=SAMPLES, repeats=1, concurrency=1):
    async with extractor(answers) as made:
        run = begin(folder, made, samples, repeats)
        await runs.ask(run, made, concurrency=concurrency)
    return run


def full(_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_run_can_be_scored_from_its_folder_alone(tmp_path):
    await finished(tmp_path / "run")
    scored = results.score(runs.read(tmp_path / "run"), CLAIMS_SUITE)
    report = summarise(scored, CLAIMS_SUITE.scorer.metrics, CLAIMS_SUITE.title)
    counts = [one.counts() for one in scored.samples]
    assert [(one["gold"], one["matched"]) for one in counts] == [(4, 1), (4, 1), (0, 0)]
    assert report.denominators.asked == report.denominators.ok == 3
    assert report.cost.cold == 2  # a and b have one text, so the second answer is remembered
    assert report.cost.cached_seconds is not None
    assert report.estimates[1].value == pytest.approx(2 * 2 / (8 + 2))
    assert results.score(runs.read(tmp_path / "run"), CLAIMS_SUITE) == scored


async def test_a_torn_line_is_cut_off_and_only_what_is_missing_is_asked_again(tmp_path):
    folder = tmp_path / "run"
    await finished(folder)
    path = folder / "outputs.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert [output.sample for output in runs.read(folder).outputs.values()] == ["a", "b"]
    provider = ScriptedProvider(reads)
    async with Extractor.from_settings(OPEN, provider=provider, cache=MemoryCache()) as made:
        run = begin(folder, made)
        assert [one.id for one, _ in run.missing] == ["c"]
        await runs.ask(run, made)
    assert len(provider.sent) == 1
    assert [json.loads(line)["sample"] for line in path.read_text().splitlines()] == ["a", "b", "c"]


@pytest.mark.parametrize("cut", [1, 7, 100])
async def test_a_file_cut_anywhere_is_read(tmp_path, cut):
    folder = tmp_path / "run"
    await finished(folder)
    path = folder / "outputs.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    assert len(runs.read(folder).outputs) == 2


async def test_a_disk_that_fills_up_is_told_as_such_and_the_same_run_goes_on_with_what_it_had(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    answers = folder / "outputs.jsonl"
    write = os.write

    def full_after_one(descriptor, content):
        if not answers.stat().st_size:
            return write(descriptor, content)
        write(descriptor, content[: len(content) // 2])
        return full(descriptor)

    async with extractor() as made:
        run = begin(folder, made)
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full_after_one)
            with pytest.raises(DiskFullError, match=r"no room to write .*outputs\.jsonl"):
                await runs.ask(run, made, concurrency=2)
    assert [json.loads(line)["sample"] for line in answers.read_bytes().splitlines()] == ["a"]  # no half line behind it
    assert [output.sample for output in run.outputs.values()] == ["a"]
    assert len((await finished(folder)).outputs) == 3


async def test_what_stops_every_answer_alike_is_raised_as_it_is(tmp_path):
    def lacking(_):
        msg = "the file cannot be had"
        raise WeightsError(msg)

    async with extractor(lacking) as made:
        with pytest.raises(WeightsError, match="cannot be had"):
            await runs.ask(begin(tmp_path / "run", made), made, concurrency=2)
    assert runs.read(tmp_path / "run").outputs == {}


async def test_a_file_that_cannot_be_written_is_left_as_it_was_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "made" / "scores.json"
    runs.write(path, "first\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskFullError, match=r"no room to write .*scores\.json"):
            runs.write(path, "second\n")
    assert path.read_text() == "first\n"
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(StorageError, match="cannot be read or written"):
        runs.write(path / "below" / "a" / "file", "")


async def test_blank_lines_of_a_run_are_passed_over(tmp_path):
    folder = tmp_path / "run"
    await finished(folder)
    for name in ("gold.jsonl", "outputs.jsonl"):
        (folder / name).write_bytes((folder / name).read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert len(runs.read(folder).outputs) == 3


async def test_an_answer_torn_within_a_character_is_asked_again(tmp_path):
    folder = tmp_path / "run"
    await finished(folder)
    path = folder / "outputs.jsonl"
    path.write_bytes(path.read_bytes() + '{"sample":"a","error":"ž'.encode()[:-1])
    assert len(runs.read(folder).outputs) == 3
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(RunError, match="damaged run"):
        runs.read(folder)


async def test_repeats_are_asked_anew_and_kept_apart(tmp_path):
    folder = tmp_path / "run"
    provider = ScriptedProvider([answer(LOST), answer(), answer(LOST)])
    async with Extractor.from_settings(OPEN, provider=provider, cache=MemoryCache()) as made:
        run = begin(folder, made, SAMPLES[:1], repeats=3)
        await runs.ask(run, made)
    assert len({request.key for request in provider.sent}) == 3
    assert len({json.dumps(request.body()) for request in provider.sent}) == 1
    report = summarise(results.score(run, CLAIMS_SUITE), CLAIMS_SUITE.scorer.metrics, "")
    assert report.stability.repeats == 3
    assert report.stability.flipped == 1 / 4
    assert report.stability.always == 0
    assert results.score(run, CLAIMS_SUITE).samples[0].counts()["matched"] == pytest.approx(2 / 3)


async def test_a_failed_article_counts_as_missed_and_is_asked_again_next_time(tmp_path):
    folder = tmp_path / "run"
    faulty = replace(CLAIMS_SUITE)
    settings = load(model="m", base_url="http://127.0.0.1:9/v1", attempts=1)
    provider = ScriptedProvider([ServerError("down"), answer(LOST), answer()])
    async with Extractor.from_settings(settings, provider=provider, cache=MemoryCache()) as made:
        run = begin(folder, made)
        await runs.ask(run, made)
    report = summarise(results.score(run, faulty), faulty.scorer.metrics, "")
    assert (report.denominators.ok, report.denominators.partial, report.denominators.windows["failed"]) == (2, 1, 1)
    recall = next(one for one in report.estimates if one.name == "recall")
    assert (recall.value, recall.without_failures) == (1 / 8, 1 / 4)
    assert [one.id for one, _ in runs.read(folder).missing] == ["a"]


async def test_an_article_without_a_sentence_is_an_error_and_not_the_end(tmp_path):
    empty = Sample(document=sample().document.model_copy(update={"text": "...", "id": "empty"}))
    run = await finished(tmp_path / "run", samples=[empty, SAMPLES[0]])
    assert [output.status for output in run.outputs.values()] == ["error", "ok"]
    report = summarise(results.score(run, CLAIMS_SUITE), CLAIMS_SUITE.scorer.metrics, "")
    assert report.denominators.error == 1


async def test_a_folder_of_other_gold_or_another_model_is_refused(tmp_path):
    folder = tmp_path / "run"
    await finished(folder)
    async with extractor() as made:
        with pytest.raises(RunError, match="a run of another gold"):
            begin(folder, made, SAMPLES[:2])
        other = runs.describe(CLAIMS_SUITE, made, SAMPLES, repeats=1).model_copy(update={"model": "n"})
        with pytest.raises(RunError, match="a run of another model"):
            runs.create(folder, other, SAMPLES)


async def test_a_damaged_or_missing_folder_is_told(tmp_path):
    with pytest.raises(RunError, match="holds no run"):
        runs.read(tmp_path)
    folder = tmp_path / "run"
    await finished(folder)
    gold = folder / "gold.jsonl"
    kept = gold.read_text()
    gold.write_text(kept.replace("310 soldiers", "311 soldiers"))
    with pytest.raises(RunError, match="not the gold this run was made with"):
        runs.read(folder)
    gold.write_text(kept)
    outputs = folder / "outputs.jsonl"
    outputs.write_text(outputs.read_text().replace('{"sample":"a"', '{"sample":"z"'))
    with pytest.raises(RunError, match="about 'z'"):
        runs.read(folder)
    outputs.write_text("{}\n")
    with pytest.raises(RunError, match="damaged"):
        runs.read(folder)


async def test_an_unfinished_run_has_no_score(tmp_path):
    folder = tmp_path / "run"
    async with extractor() as made:
        run = begin(folder, made)
    with pytest.raises(RunError, match="lacks 3 of 3 answers"):
        results.score(run, CLAIMS_SUITE)
    with pytest.raises(RunError, match="of the suite 'claims', not of 'other'"):
        results.score(run, replace(CLAIMS_SUITE, name="other"))


async def test_scores_are_the_same_however_many_are_in_flight_and_in_whatever_order(tmp_path):
    first = await finished(tmp_path / "one", samples=SAMPLES)
    second = await finished(tmp_path / "two", samples=SAMPLES[::-1], concurrency=3)
    one, two = (results.score(run, CLAIMS_SUITE) for run in (first, second))
    assert [(s.sample, s.counts()) for s in one.samples] == [(s.sample, s.counts()) for s in two.samples]
    assert one.manifest.gold == two.manifest.gold


async def test_two_runs_are_compared_article_by_article_and_gated(tmp_path):
    gold = [sample(name=f"x{index}") for index in range(12)]
    good = results.score(await finished(tmp_path / "good", samples=gold), CLAIMS_SUITE)
    bad = results.score(await finished(tmp_path / "bad", finds_nothing, samples=gold), CLAIMS_SUITE)
    metrics = CLAIMS_SUITE.scorer.metrics
    comparison = comparing.compare(good, bad, metrics)
    assert (comparison.wins, comparison.losses, comparison.ties) == (0, 12, 0)
    assert len(comparison.lost) == 12
    assert comparison.mcnemar == pytest.approx(2 * 0.5**12)
    assert all(check.passed for check in comparing.gate(good, good, metrics, delta=0.03))
    assert [check.passed for check in comparing.gate(good, bad, metrics, delta=0.03)] == [False, True, True, True]
    assert all(check.passed for check in comparing.gate(bad, good, metrics, delta=0.0))


async def test_runs_of_other_gold_or_scorers_are_not_compared(tmp_path):
    one = results.score(await finished(tmp_path / "one"), CLAIMS_SUITE)
    two = results.score(await finished(tmp_path / "two", samples=SAMPLES[:2]), CLAIMS_SUITE)
    with pytest.raises(RunError, match="differ in their gold"):
        comparing.compare(one, two, CLAIMS_SUITE.scorer.metrics)
    with pytest.raises(RunError, match="differ in their scorer"):
        comparing.compare(one, one.model_copy(update={"scorer": "another"}), CLAIMS_SUITE.scorer.metrics)


async def test_frozen_scores_hold_no_word_of_an_article_and_compare_like_the_run(tmp_path):
    scored = results.score(await finished(tmp_path / "run"), CLAIMS_SUITE)
    path = tmp_path / "baseline.json"
    results.keep(scored.bare(), path)
    assert not any(word in path.read_text() for word in ("soldiers", "Ostrava", "Velorian"))
    kept = results.load(path)
    same = comparing.compare(kept, scored, CLAIMS_SUITE.scorer.metrics)
    assert same.changes == comparing.compare(scored, scored, CLAIMS_SUITE.scorer.metrics).changes
    assert (same.gained, same.lost) == ((), ())
    for missing in (tmp_path / "none.json", tmp_path / "run" / "gold.jsonl"):
        with pytest.raises(RunError):
            results.load(missing)


SCRIPT = """
import sys, anyio, os
sys.path[:0] = [{tests!r}, {root!r}]
import test_eval_runs as t
from extractor import ScriptedProvider
class Slow(ScriptedProvider):
    async def complete(self, request):
        await anyio.sleep(0.15)
        return await super().complete(request)
t.ScriptedProvider = Slow
from pathlib import Path
from sheets import sample
anyio.run(lambda: t.finished(Path(sys.argv[1]), samples=[sample(name=f"k{{i:02}}") for i in range(40)]))
"""


def killed_after(folder, answers):
    """Run in another process, and kill that as soon as ``answers`` are on the disk."""
    tests = Path(__file__).parent
    process = subprocess.Popen([sys.executable, "-c", SCRIPT.format(tests=str(tests), root=str(tests.parent)), str(folder)])
    path = folder / "outputs.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not path.exists() or path.read_bytes().count(b"\n") < answers):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


async def test_a_killed_run_keeps_every_answer_it_had_and_goes_on(tmp_path):
    folder = tmp_path / "run"
    killed_after(folder, 4)
    had = len(runs.read(folder).outputs)
    assert 4 <= had < 40
    run = await finished(folder, samples=[sample(name=f"k{i:02}") for i in range(40)])
    assert len(run.outputs) == 40
    assert (folder / "outputs.jsonl").read_bytes().count(b"\n") == 40
