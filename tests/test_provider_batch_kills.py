"""A run is killed before and after everything it does, and goes on: nothing is created twice, asked twice, counted twice or lost."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import anyio
import openai
import pytest
from batch_api import BatchApi, Plan, answered, refused, serving

from extractor.batch.provider.endpoints import Endpoints
from extractor.batch.provider.engine import ProviderBatch
from extractor.batch.provider.options import Options
from extractor.batch.provider.register import Register
from extractor.batch.provider.request_files import RequestFiles
from extractor.caches.base import MemoryCache
from extractor.caches.disk import DiskCache
from extractor.errors import ProviderError
from extractor.exchange import Exchange
from extractor.requests import Message, Request, Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
POLICY = RetryPolicy(attempts=2, first_wait=0.0, longest_wait=0.0)
OPTIONS = Options(most_requests=2, first_poll=0.0, longest_poll=0.0, policy=POLICY)
REQUESTS = [
    Request(endpoint="openai", model="m", messages=(Message(role="user", content=f"x {number}"),), constraint={}, max_tokens=5)
    for number in range(5)
]
EXPIRED = Plan(status="expired", most=1)
STEPS = [
    *((Endpoints, name) for name in ("upload", "create", "find_file", "find_batch", "retrieve", "download")),
    *((Register, name) for name in ("intend", "move", "settle", "split")),
    *((RequestFiles, name) for name in ("finish", "remove", "split")),
    (MemoryCache, "set"),
]


class Killed(BaseException):
    """Nothing in the package catches it, and no code of the package runs after it but what closes connections."""


class Death:
    """Kills at the nth step of all that are taken, before or after it."""

    def __init__(self, step: int, *, after: bool) -> None:
        self.left, self.after = step, after

    def come(self, *, after: bool) -> None:
        if after == self.after:
            self.left -= 1
            if self.left == -1:
                raise Killed


def plant(patch: pytest.MonkeyPatch, death: Death) -> None:
    for owner, name in STEPS:
        real = getattr(owner, name)
        if name in vars(Endpoints):

            async def step(*args, real=real):
                death.come(after=False)
                result = await real(*args)
                death.come(after=True)
                return result

        else:

            def step(*args, real=real):
                death.come(after=False)
                result = real(*args)
                death.come(after=True)
                return result

        patch.setattr(owner, name, step)


async def run(url: str, cache, folder: Path) -> Usage:
    """Do one run to its end; killed, leave everything as a dead process does."""
    client = openai.AsyncOpenAI(base_url=url, api_key="k", http_client=openai.DefaultAsyncHttpxClient(verify=False))
    engine = ProviderBatch(lambda: client, cache, folder, options=OPTIONS)
    try:
        while True:
            exchange = Exchange(engine.collecting(), cache, POLICY)
            for request in REQUESTS:
                with suppress(ProviderError):
                    await exchange.complete(request)
            if not engine.deferred:
                return engine.usage
            await engine.submit_and_wait()
    finally:
        if engine._files._open is not None:
            engine._files._open._stream.close()
        engine._register._sql.close()
        engine._lock.release()
        await client.close()


PLANS = {
    "expired": (Plan(), EXPIRED, Plan()),
    "halved": (Plan(status="failed", errors=[{"code": "too_many_tasks"}]), Plan()),
}


async def killed_at_steps(folder: Path, plans: tuple[Plan, ...], *, after: bool, first: int, stride: int) -> int:
    """Kill runs at the steps first, first + stride, ...; return how many were killed, and went on."""
    killed = 0
    for step in range(first, 10_000, stride):
        with serving(BatchApi(*plans)) as api, pytest.MonkeyPatch.context() as patch:
            cache, home = MemoryCache(), folder / str(step)
            plant(patch, Death(step, after=after))
            try:
                await run(api.url, cache, home)
            except (Killed, BaseExceptionGroup):
                killed += 1
            else:
                break  # it has fewer steps than that
            usage = await run(api.url, cache, home)
            assert usage == sum([Usage(requests=1, input_tokens=11, output_tokens=7)] * 5, Usage()), step
            assert set(cache) == {request.key for request in REQUESTS}, step
            made = [(batch["metadata"]["claim_extractor_file"], batch["metadata"]["claim_extractor_try"]) for batch in api.batches.values()]
            assert len(set(made)) == len(made), step
            # of the expired batch one request was not asked, and is asked again
            assert len(api.asked()) == 5 + (EXPIRED in plans), step
            uploads = [name for name, _ in api.files.values() if name.startswith("claims-")]
            assert len(set(uploads)) == len(uploads), step
            assert {file.name for file in home.iterdir()} <= {"lock", "requests.sqlite"}, step
    return killed


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("plans", PLANS)
async def test_killed_at_any_step_a_run_goes_on_as_if_it_had_not_been(tmp_path, plans, after):
    """Every ninth step here; every one in benchmarks/faults/provider_kills.py."""
    assert await killed_at_steps(tmp_path, PLANS[plans], after=after, first=3 + 4 * after, stride=9) > 2


async def test_a_process_that_stops_while_batches_run_finds_them_hours_later(tmp_path, monkeypatch):
    cache = MemoryCache()
    with serving(BatchApi(Plan(looks=6))) as api:
        for run_number in range(3):
            monkeypatch.setattr("time.time", lambda hours=run_number: 5_000_000_000 * hours)  # no step looks at the clock on the wall
            client = openai.AsyncOpenAI(base_url=api.url, api_key="k", http_client=openai.DefaultAsyncHttpxClient(verify=False))
            async with ProviderBatch(
                lambda client=client: client, cache, tmp_path, options=Options(first_poll=0.02, longest_poll=0.02)
            ) as engine:
                exchange = Exchange(engine.collecting(), cache, POLICY)
                for request in REQUESTS:
                    with pytest.raises(ProviderError):
                        await exchange.complete(request)
                with anyio.move_on_after(0.03 if run_number < 2 else 30):
                    await engine.submit_and_wait()
        assert len(cache) == 5
        assert len(api.batches) == 1


def child(url: str, folder: str) -> None:
    async def main() -> None:
        cache = DiskCache(Path(folder) / "cache")
        usage = await run(url, cache, Path(folder) / "batches")
        print(usage.requests)

    anyio.run(main)


def kills(folder: Path, times: int) -> int:
    """Kill a process in calls chosen in turn, until it ends by itself; return how often it was killed."""
    # of every second call it is the reply that is lost, of the others the request
    api = BatchApi(Plan(reply=answered), Plan(reply=lambda row: answered(row) if row["custom_id"] > "8" else refused(row, 500)), Plan())
    killed, due = [0], threading.Event()
    process: list[subprocess.Popen[bytes]] = []

    def heard(when: str, _: str) -> None:
        if due.is_set() and when == ("before", "after")[killed[0] % 2]:
            due.clear()
            killed[0] += 1
            os.kill(process[-1].pid, signal.SIGKILL)

    api.heard = heard
    with serving(api):
        while True:
            if killed[0] < times:
                due.set()
            command = [sys.executable, __file__, api.url, str(folder)]
            process.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            output, errors = process[-1].communicate()
            if process[-1].returncode == 0:
                break
            assert process[-1].returncode == -signal.SIGKILL, errors.decode()
    tries = [(batch["input_file_id"], batch["metadata"]["claim_extractor_try"]) for batch in api.batches.values()]
    assert len(set(tries)) == len(tries)
    assert int(output) == 5
    return killed[0]


def test_kill_9_in_the_middle_of_a_call_loses_nothing(tmp_path):
    assert kills(tmp_path, 3) == 3


if __name__ == "__main__":
    child(*sys.argv[1:])
