"""The application: paths, what surrounds them, and what is open while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from extractor import models
from extractor._version import __version__
from extractor.providers.base import Provider
from extractor.service import openapi, problems
from extractor.service.context import open_context
from extractor.service.options import Options
from extractor.service.routes import about, extract, jobs, page

_DESCRIPTION: Final = """News articles in, claims as data out: who claims what, about whom, how many, when, where, verified or not.
Every slot points at the exact characters it was read from; offsets are Unicode code points."""


def create(options: Options, *, provider: Provider | None = None) -> FastAPI:
    """Return the application of one process.

    Args:
        options: What it is started with.
        provider: Who answers for every model, instead of each one's own.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_context(options, provider=provider) as context:
            app.state.context = context
            yield

    app = FastAPI(
        title="Claim extractor",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    problems.install(app)
    for router in (extract.router, jobs.router, about.router, page.router):
        app.include_router(router)
    openapi.describe(app, models=options.models or [models.resolve(options.settings).name])
    return app
