"""Jobs as a service does them, in process: the routes, the store and the runner, with a model whose answers a test writes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from inspect import isawaitable
from pathlib import Path
from typing import Any

import anyio
from asgi import Answer, ask
from batches import NOTHING, extractor
from fastapi import FastAPI

from extractor import settings
from extractor.caches.base import MemoryCache
from extractor.errors import ProviderError, RefusedError
from extractor.pipeline import Extractor
from extractor.providers.base import Provider
from extractor.providers.scripted import ScriptedProvider
from extractor.service import limits, problems
from extractor.service.admission import Admission
from extractor.service.attending import Attending
from extractor.service.bodies import Buffers
from extractor.service.callers import Caller
from extractor.service.context import Context
from extractor.service.jobs.runner import Runner
from extractor.service.jobs.store import Jobs
from extractor.service.keys import Keys
from extractor.service.limits import Limits
from extractor.service.meters import Meters
from extractor.service.routes import jobs as routes
from extractor.service.schemas import JobIn

MODEL = "openai/scripted"
TEXT = "Russian forces lost 470 troops over the past day, Kyiv's military said on Wednesday."
CLAIM = json.dumps(
    {
        "claims": [
            {
                "sentence": 1,
                "source": "Kyiv's military",
                "subject": "Russian forces",
                "outcome": "lost",
                "quantity": "470 troops",
                "time": "over the past day",
                "type": "human_losses",
            }
        ]
    }
)


@dataclass
class Gate:
    """Lets everything through, or says why not."""

    stopped: ProviderError | None = None


@dataclass
class Desk:
    extractor: Extractor
    gate: Gate = field(default_factory=Gate)
    name: str = MODEL

    @staticmethod
    def traced(extract):
        return extract


class Desks:
    def __init__(self, *desks: Desk) -> None:
        self.desks = {desk.name: desk for desk in desks}

    def get(self, name: str | None) -> Desk:
        if name is not None and name not in self.desks:
            msg = "the model is not served here"
            raise RefusedError(msg, kind="invalid")
        return self.desks[name] if name is not None else next(iter(self.desks.values()))


@dataclass
class Service:
    """A service that runs.

    Attributes:
        app: Its application.
        context: What its routes work with.
        runner: Who does its jobs.
        desk: Who is asked.
    """

    app: FastAPI
    context: Context
    runner: Runner
    desk: Desk

    @property
    def jobs(self) -> Jobs:
        return self.context.jobs

    async def ask(self, method: str, target: str, body: Any = None, secret: str | None = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if secret is not None:
            sent["authorization"] = f"Bearer {secret}"
        return await ask(self.app, method, target, json.dumps(body).encode() if body is not None else None, sent)

    async def create(self, *texts: str, **more: Any) -> dict[str, Any]:
        """Hand over a job, and return it."""
        answer = await self.ask("POST", "/v1/jobs", body(*texts), **more)
        assert answer.status == 202, answer.body
        return answer.json

    async def get(self, job: str, **more: Any) -> dict[str, Any]:
        answer = await self.ask("GET", f"/v1/jobs/{job}", **more)
        assert answer.status == 200, answer.body
        return answer.json

    async def until(self, job: str, wanted: Callable[[dict[str, Any]], object] = lambda job: job["state"] == "done") -> dict[str, Any]:
        """Return a job as soon as it is as ``wanted``."""
        found: list[dict[str, Any]] = []

        async def there() -> object:
            found.append(await self.get(job))
            return wanted(found[-1])

        await seen(there)
        return found[-1]

    async def results(self, job: str) -> list[dict[str, Any]]:
        """Return all results of a job."""
        answer = await self.ask("GET", f"/v1/jobs/{job}/results?limit=1000")
        assert answer.status == 200, answer.body
        return [json.loads(line) for line in answer.body.splitlines()]


async def seen(there: Callable[[], object]) -> None:
    """Wait until ``there`` returns, or is awaited as, something true."""
    with anyio.fail_after(20):
        while True:
            found = there()
            if await found if isawaitable(found) else found:
                return
            await anyio.sleep(0.01)


def body(*texts: str, **more: Any) -> dict[str, Any]:
    """Return the body that hands over articles with these texts."""
    return {"articles": [{"text": text} for text in texts], **more}


def asked(*texts: str, **more: Any) -> JobIn:
    """Return that body as the service understands it."""
    return JobIn.model_validate(body(*texts, **more))


def a_desk(provider: Provider, cache: Any = None) -> Desk:
    return Desk(extractor(provider, cache=cache if cache is not None else MemoryCache()))


def a_runner(jobs: Jobs, desks: Desks, own: Limits, **more: Any) -> Runner:
    defaults = {"lanes": 4, "callers": lambda name: Caller(name, name), "most": 1_000_000, "pauses": ()}
    return Runner(jobs, desks, own, **(defaults | more))


@asynccontextmanager
async def serving(
    folder: Path, provider: Provider | None = None, *, desk: Desk | None = None, runner=None, **given
) -> AsyncIterator[Service]:
    """Yield a service over ``folder`` whose runner runs.

    Args:
        folder: Where jobs and keys are.
        provider: Who answers.
        desk: Who is asked, instead of one made of the provider.
        runner: Arguments of the runner; None for none to run.
        given: Limits.
    """
    own = limits.load(folder=folder, **{"grace": 5.0, **given})
    desk = desk or a_desk(provider or ScriptedProvider(lambda _: NOTHING))
    desks = Desks(desk)
    jobs, keys = Jobs.open(folder), Keys.open(folder)
    app = FastAPI()
    problems.install(app)
    app.include_router(routes.router)
    does = a_runner(jobs, desks, own, **(runner or {}))
    try:
        async with anyio.create_task_group() as tasks:
            app.state.context = context = Context(
                settings=settings.load(), limits=own, keys=keys, desks=desks, admission=Admission(10, 10), buffers=Buffers(own.buffered),
                attending=Attending(tasks), jobs=jobs, meters=Meters(),
            )  # fmt: skip
            if runner is not None:
                tasks.start_soon(does.run)
            try:
                yield Service(app, context, does, desk)
            finally:
                context.draining.set()
                with anyio.CancelScope(shield=True):
                    await does.aclose()
    finally:
        jobs.close()
        with suppress(Exception):
            keys.close()
