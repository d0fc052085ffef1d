"""Jobs over HTTP: every article ends once, as a result or a problem; nobody waits behind a large job; nobody sees another's."""

import json
import random
import re
import string

import anyio
import pytest
from asgi import PROBLEM
from batches import NOTHING, extractor
from job_service import CLAIM, MODEL, TEXT, Desk, Gate, a_desk, asked, body, seen, serving

from extractor.batch import run as running
from extractor.batch.breaker import Breaker
from extractor.batch.budget import Budget
from extractor.batch.control import Control
from extractor.batch.pace import Pace
from extractor.caches.base import MemoryCache
from extractor.documents import Document
from extractor.errors import AuthenticationError, BudgetError, ConnectionFailedError, ServerError, StorageError, UnaffordableError
from extractor.extraction import Extraction
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Usage
from extractor.service.gates import Lasting
from extractor.service.jobs import events, in_work, runner
from extractor.service.jobs.deliveries import Deliveries
from extractor.service.jobs.feed import Feed
from extractor.service.jobs.store import Jobs
from extractor.service.jobs.work import Work
from extractor.service.schemas import JobOut, ResultLine

pytestmark = pytest.mark.anyio
ALL = {}
"""Arguments of a runner that has nothing special."""


def texts(number: int, word: str = "Article") -> list[str]:
    return [f"{word} {place} is one sentence." for place in range(number)]


def told(answer) -> list[dict[str, str]]:
    """Return the events of an answer."""
    found = []
    for block in answer.body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append({**fields, "data": json.loads(fields["data"])})
    return found


def kind(answer) -> str:
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json["status"] == answer.status
    return answer.json["type"].removeprefix("/problems/")


async def test_a_job_is_taken_done_and_read(tmp_path):
    async with serving(
        tmp_path, ScriptedProvider(lambda request: CLAIM if "470" in str(request.messages) else NOTHING), runner=ALL
    ) as service:
        answer = await service.ask("POST", "/v1/jobs", body(TEXT, *texts(2)))
        job = JobOut.model_validate(answer.json)
        assert (answer.status, answer.headers["location"], job.state, job.articles) == (202, f"/v1/jobs/{job.id}", "queued", 3)
        assert int(answer.headers["retry-after"]) > 0
        assert re.fullmatch(r"job_[a-z2-7]{26}", job.id)
        done = JobOut.model_validate(await service.until(job.id))
        assert (done.state, done.done, done.failed, done.claims, done.usage.requests, done.waits_for) == ("done", 3, 0, 1, 3, None)
        assert done.created <= done.ended
        alone = await service.desk.extractor.extract(Document(text=TEXT))
        [first] = [line for line in await service.results(job.id) if line["index"] == 0]
        made = Extraction.model_validate(first["extraction"])
        assert (made.claims[0].quantity.value, made.document.source) == (470, None)
        assert [claim.id for claim in made.claims] == [claim.id for claim in alone.claims]


async def test_an_article_that_cannot_be_read_is_its_own_problem(tmp_path):
    sent = {"articles": [{"text": " "}, {"text": "One."}, {"text": "x" * 2_000}, {"text": "---\ndate: never\n---\nTwo."}]}
    async with serving(tmp_path, runner={"most": 1_000}) as service:
        answer = await service.ask("POST", "/v1/jobs", sent)
        done = await service.until(answer.json["id"])
        assert (done["done"], done["failed"]) == (1, 3)
        problems = {line["index"]: line["problem"] for line in await service.results(done["id"])}
        assert {index: problem and problem["type"] for index, problem in problems.items()} == {
            0: "/problems/unreadable-article",
            1: None,
            2: "/problems/unreadable-article",
            3: "/problems/unreadable-article",
        }
        assert "empty" in problems[0]["detail"]
        assert "too large" in problems[2]["detail"]


async def test_identical_articles_have_a_result_each_and_are_asked_about_once(tmp_path):
    provider = ScriptedProvider(lambda _: NOTHING, delay=0.02)
    async with serving(tmp_path, provider, runner=ALL) as service:
        first, second = await service.create(*["The same."] * 6), await service.create(*["The same."] * 3)
        for job in (first, second):
            await service.until(job["id"])
            assert sorted(line["index"] for line in await service.results(job["id"])) == list(range(job["articles"]))
    assert len(provider.sent) == 1


async def test_a_job_of_one_article_is_not_behind_one_of_many(tmp_path):
    order = []

    def answering(request):
        order.append("large" if "Large" in str(request.messages) else "small")
        return NOTHING

    async with serving(tmp_path, ScriptedProvider(answering, delay=0.01), runner={"lanes": 1}) as service:
        large = await service.create(*texts(60, "Large"))
        await service.until(large["id"], lambda job: job["done"] > 2)
        small = await service.create("A small one.")
        await service.until(small["id"])
        await service.until(large["id"])
    assert len(order) == 61
    assert order.index("small") < 55


async def test_what_the_provider_failed_for_is_tried_again_then_told(tmp_path):
    tried = []

    def answering(request):
        asked = request.messages[-1].content
        tried.append(asked)
        if "hopeless" in asked or ("unlucky" in asked and sum("unlucky" in one for one in tried) < 3):
            return ServerError("the host 10.1.2.3 failed")
        return NOTHING

    async with serving(tmp_path, ScriptedProvider(answering), runner={"pauses": (0.02, 0.04)}) as service:
        job = await service.create("A hopeless one.", "An unlucky one.", "A lucky one.")
        done = await service.until(job["id"])
        problems = {line["index"]: line["problem"] for line in await service.results(job["id"])}
    assert (done["done"], done["failed"]) == (2, 1)
    assert (problems[1], problems[2], problems[0]["status"]) == (None, None, 502)
    assert "10.1" not in json.dumps(problems)
    assert [sum(word in one for one in tried) for word in ("hopeless", "unlucky", "lucky one")] == [3, 3, 4]


async def test_a_job_tells_that_it_waits_to_try_again(tmp_path):
    async with serving(tmp_path, ScriptedProvider(lambda _: ConnectionFailedError("refused")), runner={"pauses": (600.0,)}) as service:
        job = await service.create("One.")
        waiting = await service.until(job["id"], lambda job: job["waits_for"])
    assert (waiting["state"], waiting["failed"]) == ("running", 0)
    assert "tried again" in waiting["waits_for"]


async def test_while_the_provider_refuses_the_key_nothing_fails_and_jobs_go_on_by_themselves(tmp_path):
    refused = True
    provider = ScriptedProvider(lambda _: AuthenticationError("the key sk-secret is refused") if refused else NOTHING)
    gate = Lasting(lambda: Control(Pace(4, 4), Breaker(), Budget()), again=0.3)
    async with serving(tmp_path, desk=Desk(extractor(provider, gate=gate), gate), runner=ALL) as service:
        job = await service.create(*texts(10))
        waiting = await service.until(job["id"], lambda job: job["waits_for"])
        assert (waiting["done"], waiting["failed"]) == (0, 0)
        assert "refuses this server's key" in waiting["waits_for"]
        assert "sk-secret" not in json.dumps(waiting)
        vain = len(provider.sent)
        refused = False
        done = await service.until(job["id"])
    assert (done["done"], done["failed"], done["waits_for"]) == (10, 0, None)
    assert vain <= 4 * 20
    assert len(provider.sent) <= vain + 10 + 4


async def test_an_error_that_says_nothing_of_the_article_is_no_result(tmp_path, monkeypatch):
    monkeypatch.setattr(in_work, "_MOMENT", 0.05)
    provider = ScriptedProvider([AuthenticationError("no"), AuthenticationError("no"), NOTHING])
    async with serving(tmp_path, provider, runner=ALL) as service:
        job = await service.create("One.")
        done = await service.until(job["id"])
    assert (done["done"], done["failed"], len(provider.sent)) == (1, 0, 3)


def test_a_job_is_held_back_for_a_time_and_others_go_on(tmp_path):
    now, jobs = [100.0], Jobs.open(tmp_path)
    held, _ = jobs.create(asked(*texts(2)), caller="a", model="m", most=9)
    other, _ = jobs.create(asked(*texts(2)), caller="b", model="m", most=9)
    feed = Feed(Work(jobs), clock=lambda: now[0])
    feed.update(Work(jobs).open())
    [first] = feed.chunk()
    feed.give_back(first.key, Usage(requests=2), hold=60.0, why="no purse")
    assert [entry.source for _ in range(2) for entry in feed.chunk()] == [other.id] * 2
    assert feed.chunk() == []
    assert [one.waits for one in feed.standing().values()] == ["no purse", None]
    now[0] += 60
    assert [(entry.source, entry.position) for _ in range(2) for entry in feed.chunk()] == [(held.id, "article 0"), (held.id, "article 1")]
    assert feed.done(first.key) == Usage(requests=2)
    assert [one.waits for one in feed.standing().values()] == [None, None]
    feed.update([])
    assert feed.job(first.key) is None
    feed.end()
    assert feed.chunk() is None
    jobs.close()


async def test_a_caller_who_may_not_spend_more_waits_and_others_do_not(tmp_path, monkeypatch):
    monkeypatch.setattr(in_work, "_HOLD", 0.1)
    spent = True

    class Purse(Gate):
        async def enter(self, request):
            if spent and in_work.paying.get().id != "open":
                msg = "spent"
                raise BudgetError(msg, attempts=0)

        def leave(self, request, result):
            pass

    provider, gate = ScriptedProvider(lambda _: NOTHING), Purse()
    async with serving(tmp_path, desk=Desk(extractor(provider, gate=gate), gate), runner=ALL) as service:
        poor, _ = service.jobs.create(asked(*texts(3)), caller="poor", model=MODEL, most=10)
        rich = await service.create(*texts(3, "Other"))
        await service.until(rich["id"])
        await seen(lambda: service.jobs.get(poor.id, "poor").waits_for)
        found = service.jobs.get(poor.id, "poor")
        assert (found.done, found.failed, found.waits_for) == (0, 0, in_work.SPENT)
        spent = False
        await seen(lambda: service.jobs.get(poor.id, "poor").state == "done")
        found = service.jobs.get(poor.id, "poor")
    assert (found.done, found.failed, found.waits_for) == (3, 0, None)


async def test_an_article_that_its_key_can_never_pay_for_fails_and_holds_nothing_up(tmp_path):
    class Purse(Gate):
        async def enter(self, request):
            if "dear" in request.messages[-1].content:
                msg = "one question about this article may take up to 9 tokens, more than the 5 that this key may spend in a day"
                raise UnaffordableError(msg, attempts=0)

        def leave(self, request, result):
            pass

    gate = Purse()
    async with serving(tmp_path, desk=Desk(extractor(ScriptedProvider(lambda _: NOTHING), gate=gate), gate), runner=ALL) as service:
        job = await service.create("A dear article.", "Another.")
        done = await service.until(job["id"])
        assert (done["done"], done["failed"]) == (1, 1)
        results = await service.results(job["id"])
    [problem] = [line["problem"] for line in results if line["problem"]]
    assert (problem["type"], problem["status"]) == ("/problems/unaffordable", 403)
    assert "more than the 5" in problem["detail"]


async def test_the_jobs_of_a_revoked_key_wait_and_are_forgotten_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_FORGET", 0.05)
    async with serving(tmp_path, keep_days=1.0, runner={"callers": lambda _: None}) as service:
        job = await service.create("One.")
        waiting = await service.until(job["id"], lambda job: job["waits_for"])
        assert waiting["waits_for"] == in_work.REVOKED
        with service.jobs.database.changing() as sql:
            sql.execute("UPDATE jobs SET created = created - 90000")
        await seen(lambda: _gone(service, job))


async def test_the_jobs_of_a_model_that_is_not_served_wait(tmp_path):
    async with serving(tmp_path, runner=ALL) as service:
        other, _ = service.jobs.create(asked("One."), caller="open", model="another", most=10)
        job = await service.create("One.")
        await service.until(job["id"])
        waiting = await service.until(other.id, lambda job: job["waits_for"])
    assert (waiting["state"], "not served" in waiting["waits_for"]) == ("queued", True)


async def test_a_job_that_is_deleted_stops_and_is_forgotten(tmp_path):
    stopped, begun = [], anyio.Event()

    class Slow(ScriptedProvider):
        async def complete(self, request):
            if "Quick" in str(request.messages):
                return await super().complete(request)
            begun.set()
            try:
                await anyio.sleep_forever()
            except BaseException:
                stopped.append(request)
                raise

    async with serving(tmp_path, Slow([NOTHING]), runner={"lanes": 2}) as service:
        job = await service.create(*texts(5))
        await begun.wait()
        assert (await service.ask("DELETE", f"/v1/jobs/{job['id']}")).status == 204
        quick = await service.create("Quick.")
        await service.until(quick["id"])
        assert len(stopped) == 2
        for method, path in (("GET", ""), ("GET", "/results"), ("GET", "/events"), ("DELETE", "")):
            assert kind(await service.ask(method, f"/v1/jobs/{job['id']}{path}")) == "not-found"
        with service.jobs.database.reading() as sql:
            assert [sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("articles", "results")] == [0, 1]


async def test_what_is_in_flight_is_finished_when_the_service_stops(tmp_path):
    provider = ScriptedProvider(lambda _: NOTHING, delay=0.1)
    async with serving(tmp_path, provider, runner={"lanes": 2}) as service:
        job = await service.create(*texts(6))
        await service.until(job["id"], lambda _: len(provider.sent) >= 2)
    asked = len(provider.sent)
    cache = MemoryCache()
    async with serving(tmp_path, ScriptedProvider(lambda _: NOTHING), runner=None) as service:
        found = await service.get(job["id"])
        assert (found["done"], found["state"]) == (asked, "running")
    again = ScriptedProvider(lambda _: NOTHING)
    async with serving(tmp_path, desk=a_desk(again, cache), runner=ALL) as service:
        done = await service.until(job["id"])
        assert sorted(line["index"] for line in await service.results(job["id"])) == list(range(6))
    assert (done["done"], len(again.sent)) == (6, 6 - asked)


async def test_what_does_not_finish_in_time_is_given_back(tmp_path):
    begun = anyio.Event()

    class Stuck(ScriptedProvider):
        async def complete(self, request):
            begun.set()
            await anyio.sleep_forever()

    with anyio.fail_after(30):
        async with serving(tmp_path, Stuck([]), grace=0.1, runner=ALL) as service:
            job = await service.create(*texts(3))
            await begun.wait()
    async with serving(tmp_path, runner=ALL) as service:
        assert (await service.until(job["id"]))["done"] == 3


async def test_of_two_processes_one_does_the_jobs_and_the_other_takes_over(tmp_path):
    first, second = ScriptedProvider(lambda _: NOTHING, delay=0.01), ScriptedProvider(lambda _: NOTHING)
    async with (
        serving(tmp_path, first, runner=ALL) as service,
        serving(tmp_path, second, runner=None) as other,
        anyio.create_task_group() as tasks,
    ):
        job = await service.create("One.")
        await service.until(job["id"])
        tasks.start_soon(other.runner.run)
        job = await other.create(*texts(20))
        assert (await other.until(job["id"]))["done"] == 20
        assert second.sent == []
        await service.runner.aclose()
        job = await service.create(*texts(5, "Later"))
        await service.until(job["id"])
        assert len(second.sent) == 5
        await other.runner.aclose()


async def test_a_full_disk_is_waited_for_and_nothing_is_paid_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "_DISK_PAUSE", 0.05)
    provider = ScriptedProvider(lambda _: NOTHING)
    async with serving(tmp_path, provider, runner=None) as service:
        job = await service.create(*texts(10))
        writer = service.jobs.database._writer
        [pages] = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {pages}")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(service.runner.run)
            await seen(lambda: len(provider.sent) == 10)
            await anyio.sleep(0.2)
            held = await service.get(job["id"])
            answer = await service.ask("POST", "/v1/jobs", body("".join(random.Random(1).choices(string.ascii_letters, k=90_000))))
            writer.execute("PRAGMA max_page_count = 1000000")
            done = await service.until(job["id"])
            await service.runner.aclose()
    assert held["done"] < 10
    assert (answer.status, kind(answer)) == (503, "no-room")
    assert (done["done"], done["failed"], len(provider.sent)) == (10, 0, 10)


async def test_a_job_that_is_sent_again_is_not_made_again(tmp_path):
    async with serving(tmp_path, runner=None) as service:
        first = await service.ask("POST", "/v1/jobs", body("One."), idempotency_key="k")
        again = await service.ask("POST", "/v1/jobs", body("One."), idempotency_key='"k"')
        other = await service.ask("POST", "/v1/jobs", body("Two."), idempotency_key="k")
        free = await service.ask("POST", "/v1/jobs", body("One."))
        wrong = await service.ask("POST", "/v1/jobs", body("One."), idempotency_key="é")
    assert (first.status, again.status, again.json) == (202, 202, first.json)
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert again.headers["location"] == first.headers["location"]
    assert [kind(other), kind(wrong)] == ["idempotency-mismatch", "invalid"]
    assert free.json["id"] != first.json["id"]
    async with serving(tmp_path, runner=None) as service:
        late = await service.ask("POST", "/v1/jobs", body("One."), idempotency_key="k")
    assert (late.status, late.json["id"]) == (202, first.json["id"])


async def test_nobody_sees_anothers_job_nor_shares_their_keys(tmp_path):
    async with serving(tmp_path, runner=None) as service:
        (_, one), (_, two) = service.context.keys.add("one"), service.context.keys.add("two")
        mine = await service.ask("POST", "/v1/jobs", body("One."), secret=one, idempotency_key="k")
        theirs = await service.ask("POST", "/v1/jobs", body("Two."), secret=two, idempotency_key="k")
        assert (mine.status, theirs.status) == (202, 202)
        for method, path in (("GET", ""), ("GET", "/results"), ("GET", "/events"), ("DELETE", "")):
            assert kind(await service.ask(method, f"/v1/jobs/{mine.json['id']}{path}", secret=two)) == "not-found"
            assert kind(await service.ask(method, f"/v1/jobs/{mine.json['id']}{path}")) == "unauthorized"
        assert (await service.get(mine.json["id"], secret=one))["articles"] == 1


async def test_a_job_has_its_bounds(tmp_path):
    async with serving(tmp_path, max_jobs=1, max_job_articles=2, runner=None) as service:
        many = await service.ask("POST", "/v1/jobs", body(*texts(3)))
        assert (kind(many), many.json["errors"][0]["pointer"]) == ("invalid", "#/articles")
        await service.create(*texts(2))
        more = await service.ask("POST", "/v1/jobs", body("One."))
        assert (kind(more), more.status, int(more.headers["retry-after"]) > 0) == ("rate-limited", 429, True)
        assert kind(await service.ask("POST", "/v1/jobs", {"articles": []})) == "invalid"
        assert kind(await service.ask("POST", "/v1/jobs", body("One.", model="other"))) == "invalid"


async def test_results_are_read_page_by_page_also_while_they_come(tmp_path):
    async with serving(tmp_path, runner=None) as service:
        job = await service.create(*texts(5))
        path = f"/v1/jobs/{job['id']}/results"
        empty = await service.ask("GET", path)
        assert (empty.status, empty.body, empty.headers["content-type"].split(";")[0]) == (200, b"", "application/x-ndjson")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(service.runner.run)
            await service.until(job["id"])
            await service.runner.aclose()
        seen, at = [], empty.headers["next-cursor"]
        for _ in range(3):
            page = await service.ask("GET", f"{path}?cursor={at}&limit=2")
            seen += [ResultLine.model_validate_json(line).index for line in page.body.splitlines()]
            at = page.headers["next-cursor"]
            following = re.fullmatch(r'<(/v1/jobs/\S+)>; rel="next"', page.headers.get("link", ""))
            assert (following is None) == (len(seen) == 5)
            assert following is None or following[1] == f"{path}?cursor={at}&limit=2"
        assert sorted(seen) == list(range(5))
        assert (await service.ask("GET", f"{path}?cursor={at}")).body == b""
        for query in ("cursor=nonsense", "limit=0", "limit=1001", "limit=x", f"cursor={'A' * 101}"):
            assert kind(await service.ask("GET", f"{path}?{query}")) == "invalid"


@pytest.mark.parametrize("job", ["job_" + "a" * 26, "nothing", "job_" + "A" * 26, "x" * 10_000, "%00", "'; DROP TABLE jobs; --"])
async def test_a_job_that_there_is_not_is_not_found(tmp_path, job):
    async with serving(tmp_path, runner=None) as service:
        for method, path in (("GET", ""), ("GET", "/results"), ("GET", "/events"), ("DELETE", "")):
            assert kind(await service.ask(method, f"/v1/jobs/{job.replace(' ', '%20')}{path}")) == "not-found"


async def test_events_tell_of_each_result_once_and_of_the_end(tmp_path):
    answers = []
    async with serving(tmp_path, ScriptedProvider(lambda _: NOTHING, delay=0.02), runner={"lanes": 2}) as service:
        job = await service.create(*texts(6), " ")

        async def listen():
            answers.append(await service.ask("GET", f"/v1/jobs/{job['id']}/events"))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
        [whole] = answers
        assert whole.headers["content-type"].startswith("text/event-stream")
        seen = told(whole)
        came = [event for event in seen if event["event"] == "result"]
        assert [event["id"] for event in came] == [str(seq) for seq in range(1, 8)]
        assert sorted((event["data"]["index"], event["data"]["outcome"]) for event in came) == [
            *((index, "done") for index in range(6)),
            (6, "failed"),
        ]
        states = [JobOut.model_validate(event["data"]) for event in seen if event["event"] == "progress"]
        assert [one.done + one.failed for one in states] == sorted({one.done + one.failed for one in states} | {0}) or states[
            0
        ].state == "queued"
        assert (states[0].state, states[-1].state) == ("queued", "done")
        assert (seen[-1]["event"], seen[-1]["id"], seen[-1]["data"]["state"]) == ("done", "done", "done")
        rest = told(await service.ask("GET", f"/v1/jobs/{job['id']}/events", last_event_id="4"))
        assert [event["id"] for event in rest if event["event"] == "result"] == ["5", "6", "7"]
        assert rest[-1]["event"] == "done"
        assert (await service.ask("GET", f"/v1/jobs/{job['id']}/events", last_event_id="done")).status == 204
        assert kind(await service.ask("GET", f"/v1/jobs/{job['id']}/events", last_event_id="x")) == "invalid"


async def test_events_end_when_the_job_is_deleted_or_the_service_stops(tmp_path):
    async with serving(tmp_path, runner=None) as service:
        first, second = await service.create("One."), await service.create("Two.")
        answers = {}

        async def listen(job):
            answers[job["id"]] = await service.ask("GET", f"/v1/jobs/{job['id']}/events")

        with anyio.fail_after(30):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listen, first)
                tasks.start_soon(listen, second)
                await anyio.sleep(0.1)
                await service.ask("DELETE", f"/v1/jobs/{first['id']}")
                await seen(lambda: first["id"] in answers)
                assert second["id"] not in answers
                service.context.draining.set()
    assert [event["event"] for event in told(answers[first["id"]])] == ["progress", "deleted"]
    assert [event["event"] for event in told(answers[second["id"]])] == ["progress"]


async def test_many_results_are_told_in_portions(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "_MOST", 3)
    async with serving(tmp_path, runner=ALL) as service:
        job = await service.create(*texts(8))
        await service.until(job["id"])
        seen = told(await service.ask("GET", f"/v1/jobs/{job['id']}/events"))
    assert [event.get("id") for event in seen] == [*map(str, range(1, 9)), None, "done"]


async def test_jobs_are_forgotten_after_their_time(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_FORGET", 0.05)
    async with serving(tmp_path, keep_days=1.0, runner=ALL) as service:
        old, new = await service.create("One."), await service.create("Two.")
        await service.until(old["id"])
        await service.until(new["id"])
        with service.jobs.database.changing() as sql:
            sql.execute("UPDATE jobs SET ended = ended - 90000 WHERE id = ?", (old["id"],))
        await seen(lambda: _gone(service, old))
        assert (await service.get(new["id"]))["state"] == "done"


async def test_a_webhook_is_told_of_the_end_and_refused_where_it_cannot_be(tmp_path):
    hook = {"webhook": {"url": "http://127.0.0.1:8444/hook"}}
    async with serving(tmp_path, webhook_networks=("127.0.0.0/8",), runner=None) as service:
        answer = await service.ask("POST", "/v1/jobs", body("One.", **hook))
        assert (kind(answer), answer.json["errors"][0]["pointer"]) == ("invalid", "#/webhook")
    given = {"webhook_networks": ("127.0.0.0/8",), "webhook_secret": "whsec_" + "A" * 43 + "="}
    async with serving(tmp_path, runner=ALL, **given) as service:
        answer = await service.ask("POST", "/v1/jobs", body("One.", webhook={"url": "http://10.0.0.1/"}))
        assert kind(answer) == "invalid"
        job = (await service.ask("POST", "/v1/jobs", body("One.", **hook))).json
        done = await service.until(job["id"])
        [delivery] = Deliveries(service.jobs.database).due(2e9, 10)
        assert (delivery.job, json.loads(delivery.body)["data"]) == (job["id"], done)


async def test_a_fault_beside_the_jobs_does_not_end_them(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_TROUBLE", 0.05)
    begun = []

    async def beside():
        begun.append(1)
        raise ZeroDivisionError

    async with serving(tmp_path, runner={"beside": [beside]}) as service:
        job = await service.create("One.")
        await service.until(job["id"])
        await seen(lambda: len(begun) > 2)


@pytest.mark.parametrize("error", [StorageError("the file cannot be read"), ZeroDivisionError()])
async def test_a_fault_of_the_file_or_of_ours_is_waited_out(tmp_path, monkeypatch, error):
    monkeypatch.setattr(runner, "_TROUBLE", 0.05)
    looked, real = [], runner.Work.open

    def failing(self):
        looked.append(1)
        if len(looked) > 2 and len(looked) < 6:
            raise error
        return real(self)

    monkeypatch.setattr(runner.Work, "open", failing)
    async with serving(tmp_path, runner=ALL) as service:
        job = await service.create("One.")
        await service.until(job["id"])
        await seen(lambda: len(looked) > 6)
        job = await service.create("Two.")
        assert (await service.until(job["id"]))["done"] == 1


async def _gone(service, job) -> bool:
    return (await service.ask("GET", f"/v1/jobs/{job['id']}")).status == 404
