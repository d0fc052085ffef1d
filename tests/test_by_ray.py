"""The work of a batch divided into shards, without a cluster: what Ray carries is done here one after the other."""

import json
from dataclasses import replace
from decimal import Decimal

import anyio
import pytest
from faults import Reply, error, serving

from extractor.batch import by_ray as engine
from extractor.batch import ray
from extractor.batch.by_ray import RaySession, ShardJob, by_ray, process_shard
from extractor.batch.job import BatchJob
from extractor.errors import ConfigurationError, RunError
from extractor.settings import Settings, load


@pytest.fixture
def job(tmp_path) -> BatchJob:
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps({"text": f"Officials said that {n} bridges fell."}) + "\n" for n in range(10)))
    return BatchJob(inputs=(str(path),), out=tmp_path / "out", model="m", engine="ray", shards=3, budget_tokens=10**7, concurrency=6)


def settings(url: str) -> Settings:
    return load(base_url=url, model="m", attempts=1)


def opened(job: BatchJob, found: Settings, said: list[str]) -> RaySession:
    async def enter() -> RaySession:
        async with by_ray(job, found, said.append) as session:
            await session.run()
            return session

    return anyio.run(enter)


def one_by_one(jobs, work, cluster, watch):
    for number, one in enumerate(jobs, start=1):
        watch(ray.Ended(number, work(one), None, "here", 0.1), number, len(jobs))
    return []


def test_the_shards_together_are_the_batch(job, monkeypatch):
    monkeypatch.setattr(engine.ray, "run", one_by_one)
    with serving(Reply()) as server:
        session = opened(job, settings(server.url), [])
        assert len(server.received) == 10
    assert (session.tally.inputs, session.tally.done, session.tally.pending, session.tally.share) == (10, 10, 0, 1.0)
    assert session.usage.requests == 10
    assert (session.cost, session.free, session.fault, session.state) == (None, False, None, "3 of 3 shards ended")


def test_each_shard_gets_its_share_of_what_may_be_spent_and_sent(job):
    async def enter() -> list[ShardJob]:
        async with by_ray(replace(job, budget_usd=Decimal(9)), settings("http://127.0.0.1:9/v1"), print) as session:
            return session.shards

    shards = [shard.job for shard in anyio.run(enter)]
    assert {(one.concurrency, one.budget_usd, one.budget_tokens) for one in shards} == {(2, Decimal(3), 3_333_333)}
    assert [one.shard for one in shards] == [(1, 3), (2, 3), (3, 3)]


def test_a_shard_that_stops_early_is_told_and_the_others_count(job, monkeypatch):
    monkeypatch.setattr(engine.ray, "run", one_by_one)
    said: list[str] = []
    with serving(error(401)) as server:
        session = opened(job, settings(server.url), said)
    assert isinstance(session.fault, RunError)
    assert len(said) == 3
    assert "refuses the key" in said[0]
    assert session.tally.done == 0


def test_a_shard_whose_worker_died_is_told(job, monkeypatch):
    def dying(jobs, work, cluster, watch):
        watch(ray.Ended(1, None, "its worker died 4 times", "there", 1.0), 1, 3)

    monkeypatch.setattr(engine.ray, "run", dying)
    said: list[str] = []
    session = opened(job, settings("http://127.0.0.1:9/v1"), said)
    assert said == ["shard 1 of 3 on there: its worker died 4 times"]
    assert isinstance(session.fault, RunError)


def test_a_shard_done_again_goes_on(job):
    with serving(Reply()) as server:
        shard = ShardJob(replace(job, engine="local", shard=(1, 1)), settings(server.url))
        first, second = process_shard(shard), process_shard(shard)
        assert (first.tally.fresh, second.tally.fresh, second.tally.done, second.how) == (10, 0, 10, "finished")
        assert len(server.received) == 10


def test_stopping_ends_the_clusters_work(job, monkeypatch):
    def broken(jobs, work, cluster, watch):
        msg = "the cluster broke down"
        raise RunError(msg)

    monkeypatch.setattr(engine.ray, "run", broken)
    said: list[str] = []

    async def enter() -> RaySession:
        async with by_ray(job, settings("http://127.0.0.1:9/v1"), said.append) as session:
            session.stop()
            await session.run()
            return session

    assert anyio.run(enter).fault is None


def test_what_a_cluster_does_not_do(job):
    async def enter(**changes) -> None:
        async with by_ray(replace(job, **changes), settings("http://127.0.0.1:9/v1"), print):
            pass

    with pytest.raises(ConfigurationError, match="leave --shard out"):
        anyio.run(lambda: enter(shard=(1, 2)))
