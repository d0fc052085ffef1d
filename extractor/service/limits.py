"""What the service takes and how long it waits: read once, from the environment and the caller's arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from extractor.errors import ConfigurationError
from extractor.settings import APPLICATION

_PREFIX = "EXTRACTOR_SERVICE_"


class Limits(BaseSettings):
    """Everything that can be set of the service; each field ``x`` is the variable ``EXTRACTOR_SERVICE_X``.

    Attributes:
        folder: Where jobs and keys are kept.
        max_body: Largest body of one article's request, in bytes; the article's own text is bounded by ``EXTRACTOR_MAX_BYTES``.
        max_job_body: Largest body of a job, in bytes.
        max_job_articles: Most articles of a job.
        max_jobs: Most jobs of one caller that are not done.
        max_depth: Deepest nesting of a JSON body.
        buffered: Bytes of bodies held at once, in one process.
        upload_seconds: Seconds that a client has to send its body.
        in_flight: Articles extracted at once for requests that wait, in one process; None for what suits the model.
        queue: Requests that may wait for that, in one process; None for half as many.
        job_lanes: Articles of jobs extracted at once; None for what suits the model.
        deadline: Seconds that a request may take; a client may ask for fewer.
        grace: Seconds that work in flight is given when the service is told to stop.
        keep_days: Days after which a finished job is forgotten.
        connections: Connections at once, in one process.
        webhook_networks: Networks of your own that webhooks may go to, such as ``10.1.0.0/16``; others than public addresses are refused.
        webhook_secret: Secret that webhooks are signed with where there are no keys; ``whsec_`` and base64.
        cors_origins: Origins of pages on other servers that may call; none by default.
        hosts: Names by which clients may call beside the loopback ones; any where keys are in use.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    folder: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir(APPLICATION)))
    max_body: int = Field(default=10_000_000, ge=1_000)
    max_job_body: int = Field(default=50_000_000, ge=1_000)
    max_job_articles: int = Field(default=1_000, ge=1)
    max_jobs: int = Field(default=100, ge=1)
    max_depth: int = Field(default=16, ge=4, le=100)
    buffered: int = Field(default=200_000_000, ge=1_000_000)
    upload_seconds: float = Field(default=30.0, gt=0)
    in_flight: int | None = Field(default=None, ge=1)
    queue: int | None = Field(default=None, ge=0)
    job_lanes: int | None = Field(default=None, ge=1)
    deadline: float = Field(default=300.0, gt=0)
    grace: float = Field(default=30.0, ge=0)
    keep_days: float = Field(default=7.0, gt=0)
    connections: int = Field(default=2_000, ge=1)
    webhook_networks: tuple[str, ...] = ()
    webhook_secret: str | None = Field(default=None, repr=False)
    cors_origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def load(**overrides: Any) -> Limits:
    """Return the limits of the environment, with the ``overrides`` that are not None on top.

    Raises:
        ConfigurationError: A value cannot be used; the message names its variable.
    """
    try:
        return Limits(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"][:1]).upper()
        msg = f"the setting {_PREFIX}{name} is wrong: {first['msg']}"
        raise ConfigurationError(msg) from None
