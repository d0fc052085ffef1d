"""The file of jobs: what was promised is there, once, whatever comes in which order; what was deleted is gone."""

import json
import os
import random
import shutil
import sqlite3
import stat
import string
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from job_service import asked

from extractor.batch.results import Failed, Finished
from extractor.errors import DiskFullError, RefusedError, StorageError
from extractor.requests import Usage
from extractor.service.jobs import places
from extractor.service.jobs.cursors import cursor, position
from extractor.service.jobs.deliveries import Deliveries
from extractor.service.jobs.idempotency import digest, key_of
from extractor.service.jobs.store import FILE, Jobs
from extractor.service.jobs.turns import Turns
from extractor.service.jobs.work import Work
from extractor.service.schemas import JobIn, ResultLine

CALLERS = ("one", "two")
COST = Usage(requests=1, input_tokens=10, output_tokens=3)
JOB = "job_" + "a" * 26


def finished(job: int, place: int, claims: int = 0) -> Finished:
    line = b'{"article":%d}' % place
    return Finished(places.key(job, place), "job", f"article {place}", f"d{place}", None, line, COST, claims, "ok")


def failed(job: int, place: int, error: str = "ReaderError", message: str = "no word in it") -> Failed:
    return Failed(
        places.key(job, place), "job", f"article {place}", None, error, message, 0, passing=False, at="2026-03-11T00:00:00Z", usage=COST
    )  # fmt: skip


def result(job: int, place: int, claims: int | None) -> Finished | Failed:
    return failed(job, place) if claims is None else finished(job, place, claims)


def refused(kind: str):
    return pytest.raises(RefusedError, check=lambda error: error.kind == kind)


@pytest.fixture
def jobs(tmp_path):
    opened = Jobs.open(tmp_path)
    yield opened
    opened.close()


def make(jobs: Jobs, *texts: str, caller: str = "one", **more) -> int:
    """Make a job, and return its number."""
    made, _ = jobs.create(asked(*texts), caller=caller, model="m", most=1_000, **more)
    return next(job.number for job in Work(jobs).open() if job.id == made.id)


class Kept(RuleBasedStateMachine):
    """Jobs against what a dictionary says of them."""

    ids = Bundle("ids")
    cursors = Bundle("cursors")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now = 1_000.0
        self._open()
        self.known: dict[str, dict] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.gone: dict[str, tuple[str, int]] = {}

    def _open(self) -> None:
        self.jobs = Jobs.open(self.folder)
        self.jobs.clock = lambda: self.now
        self.work = Work(self.jobs)

    def teardown(self) -> None:
        self.jobs.close()
        shutil.rmtree(self.folder)

    @rule(target=ids, caller=st.sampled_from(CALLERS), articles=st.integers(1, 3), key=st.sampled_from([None, None, "k1", "k2"]))
    def create(self, caller, articles, key):
        body = asked(*(f"text {place}" for place in range(articles)))
        earlier = self.keys.get((caller, key)) if key else None
        if earlier is not None and self.known[earlier]["articles"] != articles:
            with refused("idempotency-mismatch"):
                self.jobs.create(body, caller=caller, model="m", most=100, key=key)
            return multiple()
        made, replayed = self.jobs.create(body, caller=caller, model="m", most=100, key=key)
        assert replayed == (earlier is not None)
        if replayed:
            assert made.id == earlier
            return multiple()
        number = next(one.number for one in self.work.open() if one.id == made.id)
        self.known[made.id] = {"caller": caller, "number": number, "articles": articles, "came": [], "ended": None}
        if key is not None:
            self.keys[caller, key] = made.id
        return made.id

    @rule(jobs=st.lists(ids, max_size=4), data=st.data())
    def commit(self, jobs, data):
        """Keep results, some of articles that have one, and of jobs that are gone."""
        batch = []
        for job in jobs:
            number, articles = (self.known[job]["number"], self.known[job]["articles"]) if job in self.known else self.gone[job]
            place, claims = data.draw(st.integers(0, articles - 1)), data.draw(st.sampled_from([None, 0, 2]))
            batch.append(result(number, place, claims))
            if job in self.known and place not in [came[0] for came in self.known[job]["came"]]:
                self.known[job]["came"].append((place, claims))
                if len(self.known[job]["came"]) == articles:
                    self.known[job]["ended"] = self.now
        self.work.commit(batch)

    @rule(target=cursors, job=ids, at=st.none() | cursors, limit=st.integers(1, 3))
    def page(self, job, at, limit):
        if job not in self.known or (at is not None and at[0] != job):
            with refused("not-found"):
                self.jobs.page(job, self._caller(job), cursor=at and at[1], limit=limit)
            return multiple()
        came, after = self.known[job]["came"], at[2] if at else 0
        page = self.jobs.page(job, self.known[job]["caller"], cursor=at and at[1], limit=limit)
        found = [ResultLine.model_construct(**json.loads(line)) for line in page.lines()]
        assert [(line.index, line.problem is None) for line in found] == [
            (place, claims is not None) for place, claims in came[after : after + limit]
        ]
        assert page.more == (len(came) < self.known[job]["articles"] or after + limit < len(came))
        return job, page.cursor, min(after + limit, len(came))

    @rule(job=consumes(ids), mine=st.booleans())
    def delete(self, job, mine):
        if job not in self.known or not mine:
            with refused("not-found"):
                self.jobs.delete(job, self._caller(job) if mine else "stranger")
            return
        self.jobs.delete(job, self.known[job]["caller"])
        self._forget(job)

    @rule(seconds=st.integers(1, 50))
    def forget(self, seconds):
        self.now += seconds
        old = [job for job, one in self.known.items() if one["ended"] is not None and one["ended"] < self.now - 60]
        assert self.work.forget(ended_before=self.now - 60) == len(old)
        for job in old:
            self._forget(job)

    @rule()
    def reopen(self):
        self.jobs.close()
        self._open()

    @invariant()
    def it_is_as_known(self):
        assert [one.id for one in self.work.open()] == [job for job, one in self.known.items() if one["ended"] is None]
        for job, one in self.known.items():
            came, claims = one["came"], [claims for _, claims in one["came"] if claims is not None]
            told = self.jobs.get(job, one["caller"])
            assert (told.articles, told.done, told.failed, told.claims) == (
                one["articles"],
                len(claims),
                len(came) - len(claims),
                sum(claims),
            )
            assert told.usage == sum([COST] * len(came), Usage())
            assert told.state == ("done" if len(came) == one["articles"] else "running" if came else "queued")
            assert (told.ended and told.ended.timestamp()) == one["ended"]
            assert self.work.pending(one["number"]) == sorted(set(range(one["articles"])) - {place for place, _ in came})
            for other in (*CALLERS, "stranger"):
                if other != one["caller"]:
                    with refused("not-found"):
                        self.jobs.get(job, other)

    def _caller(self, job: str) -> str:
        return self.known[job]["caller"] if job in self.known else "one"

    def _forget(self, job: str) -> None:
        one = self.known.pop(job)
        self.gone[job] = one["number"], one["articles"]
        self.keys = {key: held for key, held in self.keys.items() if held != job}


Kept.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
test_jobs_are_as_a_dictionary_says = Kept.TestCase


def test_a_job_and_its_texts_are_on_the_disk_of_the_owner_alone(jobs, tmp_path):
    make(jobs, "One.")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def noise(seed: str, size: int = 20_000) -> str:
    """Text that does not shrink, so that what is kept of it can be found."""
    return "".join(random.Random(seed).choices(string.ascii_letters, k=size))


def traces(folder: Path, content: bytes) -> int:
    """Count the pieces of ``content``, as it is kept, that stand in the files of a folder; a few are cut in two by the ends of pages."""
    packed, kept = zlib.compress(content, 1), b"".join(file.read_bytes() for file in folder.iterdir())
    return sum(packed[at : at + 64] in kept for at in range(64, len(packed) - 64, 256))


def test_what_is_deleted_is_nowhere_in_the_files(jobs, tmp_path):
    texts = [noise("a"), noise("b")]
    number = make(jobs, *texts)
    [job] = Work(jobs).open()
    sent = [json.dumps({"text": text}, separators=(",", ":")).encode() for text in texts]
    made = json.dumps(noise("c")).encode()
    Work(jobs).commit([Finished(places.key(number, 0), "", "", "d", None, made, COST, 0, "ok")])
    line = b'{"index":0,"extraction":%b,"problem":null}' % made
    assert traces(tmp_path, sent[1]) > 20
    assert traces(tmp_path, line) > 20
    jobs.delete(job.id, "one")
    assert [traces(tmp_path, content) for content in (*sent, line)] == [0, 0, 0]


def test_a_text_is_kept_until_its_result_only(jobs):
    number = make(jobs, "One.", "Two.")
    [job] = Work(jobs).open()
    work = Work(jobs)
    assert json.loads(work.entry(job, 0).content.raw) == {"text": "One."}
    work.commit([finished(number, 0)])
    assert work.entry(job, 0) is None
    assert work.pending(number) == [1]


def test_a_text_that_is_damaged_on_the_disk_is_one_articles_problem(jobs):
    number = make(jobs, "One.")
    with jobs.database.changing() as sql:
        sql.execute("UPDATE articles SET document = x'00'")
    entry = Work(jobs).entry(Work(jobs).open()[0], 0)
    assert "damaged" in str(entry.error)
    assert places.of(entry.key) == (number, 0)


@pytest.mark.parametrize("damage", ["head", "middle"])
def test_a_damaged_file_is_left_alone_and_the_service_does_not_begin(tmp_path, damage):
    jobs = Jobs.open(tmp_path)
    for number in range(20):
        make(jobs, noise(f"x{number}"))
    jobs.close()
    file = tmp_path / FILE
    raw = bytearray(file.read_bytes())
    at = 0 if damage == "head" else 4096
    raw[at : at + 4096] = os.urandom(4096)
    file.write_bytes(raw)
    with pytest.raises(StorageError, match=r"are damaged; restore .*move it"):
        Jobs.open(tmp_path)
    assert file.read_bytes() == raw


def test_a_file_of_another_program_or_version_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / FILE) as sql:
        sql.execute("CREATE TABLE mine (x)")
    sql.close()
    with pytest.raises(StorageError, match="another program"):
        Jobs.open(tmp_path)
    (tmp_path / FILE).unlink()
    Jobs.open(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as sql:
        sql.execute("PRAGMA user_version = 99")
    sql.close()
    with pytest.raises(StorageError, match="another version"):
        Jobs.open(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be read or written"):
        Jobs.open(tmp_path / "file")


def test_processes_that_begin_a_file_together_share_it(tmp_path):
    code = "import sys, pathlib; from extractor.service.jobs.store import Jobs; sys.stdin.read(1); Jobs.open(pathlib.Path(sys.argv[1]))"
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new")], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = []
    for one in started:
        one.stdin.write(b"x")
        one.stdin.flush()
    for one in started:
        _, said = one.communicate(timeout=60)
        ended.append((one.returncode, said))
    assert ended == [(0, b"")] * 3
    Jobs.open(tmp_path / "new").close()


def test_on_a_full_disk_nothing_is_half_kept_and_later_it_goes_on(jobs):
    number = make(jobs, "One.", "Two.")
    writer = jobs.database._writer
    [pages] = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    long = finished(number, 0)
    large = Finished(long.key, "", "", "d", None, json.dumps(noise("x")).encode(), COST, 5, "ok")
    with pytest.raises(DiskFullError, match="no room"):
        Work(jobs).commit([finished(number, 1, 7), large])
    with pytest.raises(DiskFullError):
        jobs.create(asked(noise("y")), caller="one", model="m", most=10)
    [job] = Work(jobs).open()
    assert jobs.get(job.id, "one").done == 0
    assert Work(jobs).pending(number) == [0, 1]
    writer.execute("PRAGMA max_page_count = 1000000")
    Work(jobs).commit([finished(number, 1, 7), large])
    assert (jobs.get(job.id, "one").done, jobs.get(job.id, "one").claims) == (2, 12)


def test_the_end_of_a_job_and_what_its_webhook_is_told_are_one_change(jobs):
    jobs.clock = lambda: 50.0
    deliveries, work = Deliveries(jobs.database), Work(jobs)
    number = make(jobs, "One.", "Two.")
    told = next(job.id for job in work.open())
    with jobs.database.changing() as sql:
        sql.execute("UPDATE jobs SET webhook = 'https://hook.example/' WHERE number = ?", (number,))
    work.commit([finished(number, 0)])
    assert deliveries.due(60.0, 10) == []
    work.commit([failed(number, 1)])
    work.commit([failed(number, 1)])
    [one] = deliveries.due(60.0, 10)
    said = json.loads(one.body)
    assert (one.job, one.caller, one.url, one.attempts, one.created) == (told, "one", "https://hook.example/", 0, 50.0)
    assert (said["type"], said["data"]) == ("job.done", jobs.get(told, "one").model_dump(mode="json"))
    deliveries.settle(one.id, delivered=False, next_at=70.0, error="status 500")
    assert (deliveries.due(69.0, 10), [again.attempts for again in deliveries.due(70.0, 10)]) == ([], [1])
    deliveries.settle(one.id, delivered=True)
    deliveries.settle(one.id, delivered=False, next_at=80.0)
    assert deliveries.due(1e9, 10) == []
    jobs.delete(told, "one")
    with jobs.database.reading() as sql:
        assert sql.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)


def test_a_page_of_large_results_ends_early_and_never_stands_still(jobs):
    number = make(jobs, *("x" * 10 for _ in range(5)))
    [job] = Work(jobs).open()
    for place in range(5):
        large = json.dumps("y" * (1_500_000 if place else 5_000_000)).encode()
        Work(jobs).commit([Finished(places.key(number, place), "", "", "d", None, large, COST, 0, "ok")])
    sizes, at = [], None
    for _ in range(4):
        page = jobs.page(job.id, "one", cursor=at, limit=100)
        sizes.append(len(list(page.lines())))
        at = page.cursor
    assert sizes == [1, 2, 2, 0]


def test_a_caller_has_no_more_jobs_than_the_most(jobs):
    for _ in range(2):
        jobs.create(asked("x"), caller="one", model="m", most=2, key=None)
    with refused("rate-limited") as caught:
        jobs.create(asked("x"), caller="one", model="m", most=2)
    assert caught.value.retry_after > 0
    jobs.create(asked("x"), caller="two", model="m", most=2)
    job = Work(jobs).open()[0]
    Work(jobs).commit([finished(job.number, 0)])
    jobs.create(asked("x"), caller="one", model="m", most=2)


@pytest.mark.parametrize(
    ("error", "message", "status", "detail"),
    [
        ("ReaderError", "there is no sentence in it", 422, "there is no sentence in it"),
        (
            "ServerError",
            "secret-host failed",
            502,
            "The model did not answer as it should; its answers so far are remembered, so try again.",
        ),
        ("DeadlineError", "late", 504, "The model did not answer in time; its answers so far are remembered, so try again."),
        ("KeyError", "x", 500, "The service has a fault, which its operator finds in the log."),
    ],
)
def test_a_failed_article_is_told_as_it_would_be_alone(jobs, error, message, status, detail):
    number = make(jobs, "x")
    [job] = Work(jobs).open()
    Work(jobs).commit([failed(number, 0, error, message)])
    [line] = jobs.page(job.id, "one", cursor=None, limit=1).lines()
    problem = ResultLine.model_validate_json(line).problem
    assert (problem.status, problem.detail) == (status, detail)


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_is_read_as_it_was_written(seq):
    assert position(JOB, cursor(JOB, seq)) == seq


@given(st.text() | st.text("AQgw_-=", max_size=24) | st.integers(0, 9).map(lambda seq: cursor("job_other", seq)))
def test_any_other_cursor_is_refused(text):
    with refused("not-found"):
        position(JOB, text)


@pytest.mark.parametrize(("headers", "key"), [([], None), (["a"], "a"), (['"a b"'], "a b"), (["x" * 255], "x" * 255), (['"'], '"')])
def test_an_idempotency_key_may_be_quoted(headers, key):
    assert key_of(headers) == key


@pytest.mark.parametrize("headers", [[""], ['""'], ["x" * 256], ["é"], ["a\tb"], ["a\x7f"], ["a", "a"]])
def test_what_is_no_idempotency_key_is_refused(headers):
    with refused("invalid"):
        key_of(headers)


def test_a_body_is_another_where_any_value_is():
    bodies = [asked("a"), asked("a", "b"), asked("b", "a"), asked("a", model="m"), asked("a", webhook={"url": "https://h.example"})]
    assert len({digest(body) for body in bodies}) == len(bodies)
    assert digest(JobIn.model_validate_json('{"model": null, "articles": [ {"text": "\\u0061"} ]}')) == digest(asked("a"))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5)), min_size=1, max_size=6))
def test_callers_take_turns_and_of_each_its_jobs(plan):
    """Whoever is ready comes again before anybody else has come twice."""
    turns, left, owner = Turns(), {}, {}
    for job, (caller, articles) in enumerate(plan):
        turns.add(job, caller)
        left[job], owner[job] = articles, caller
    order = []
    while (job := turns.next(lambda job: left[job] > 0)) is not None:
        order.append(job)
        left[job] -= 1
    assert sorted(order) == sorted(job for job, (_, articles) in enumerate(plan) for _ in range(articles))
    for first, job in enumerate(order):
        if job in order[first + 1 :]:
            between = order[first + 1 : order.index(job, first + 1)]
            waiting = {other for other in owner if order[first:].count(other) and owner[other] == owner[job] and other != job}
            assert waiting <= set(between)
    for first, caller in enumerate(owner[job] for job in order):
        if (rest := [owner[job] for job in order[first + 1 :]]) and caller in rest:
            assert set(rest) - {caller} <= set(rest[: rest.index(caller)])
    for job, caller in owner.items():
        turns.remove(job, caller)
    assert turns.next(lambda _: True) is None
