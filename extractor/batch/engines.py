"""Who does a batch: the one place where engines are listed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from extractor.batch.by_provider import by_provider
from extractor.batch.by_ray import by_ray
from extractor.batch.job import BatchJob
from extractor.batch.local import local
from extractor.batch.session import Running
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.telemetry import Tracing

Opened = Callable[[BatchJob, Settings, Callable[[str], None], "Tracing | None"], AbstractAsyncContextManager[Running]]
"""Opens the run of a job."""

ENGINES: Final[dict[str, Opened]] = {"local": local, "provider": by_provider, "ray": by_ray}
"""Opens the run of a job, by the engine's name."""
