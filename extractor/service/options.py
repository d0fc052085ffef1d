"""What a process of the service is started with: one value, which goes to every worker as it is."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.service.limits import Limits
from extractor.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """What one process of the service needs to know; it can be pickled, since workers are fresh processes.

    Attributes:
        settings: Whom to ask, and where answers are remembered.
        limits: What the service takes.
        models: Names of the models that are served, the default first; empty for the one of the settings.
        host: Address that is listened on, as it was given.
        workers: How many processes share the port; each of them gets its share of what the machine bears.
        log_json: Whether the log is lines of JSON.
        trace: Where records of articles and calls go: ``otlp``, ``console`` or a file; None for nowhere.
    """

    settings: Settings
    limits: Limits
    models: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    workers: int = 1
    log_json: bool = False
    trace: str | None = None
