"""What a batch is asked to do, as a value that can go to another process or machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from extractor.batch.feed import Retry

Engine = Literal["local", "provider", "ray"]


@dataclass(frozen=True, slots=True)
class BatchJob:
    """A batch, or one shard of it.

    Attributes:
        inputs: Files, folders and patterns, as the user named them.
        out: Folder of the results.
        form: Reader of all inputs, instead of one by each file's suffix.
        fields: Which column or key holds which field of a document.
        published: Publication date; wins over those of the articles.
        model: Name of the model; None for the settings' own.
        profile: Extraction task.
        concurrency: Requests in flight; None to find out how many the provider takes.
        budget_usd: Most money that the batch may cost in all, in US dollars.
        budget_tokens: Most tokens that it may cost in all.
        prices: File of prices instead of the package's own.
        limit: Most entries of the inputs.
        shard: Which of how many shares of the entries, from 1.
        retry: Which of the articles given up earlier are tried again.
        engine: Who does it.
        shards: Shares that a cluster divides it into; None for as many as it has processors.
        cluster: Address of the cluster; None for one on this machine alone.
        cached: Whether answers are remembered.
    """

    inputs: tuple[str, ...]
    out: Path
    form: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    published: dt.date | None = None
    model: str | None = None
    profile: str = "claims"
    concurrency: int | None = None
    budget_usd: Decimal | None = None
    budget_tokens: int | None = None
    prices: Path | None = None
    limit: int | None = None
    shard: tuple[int, int] = (1, 1)
    retry: Retry = "passing"
    engine: Engine = "local"
    shards: int | None = None
    cluster: str | None = None
    cached: bool = True
