"""A job as the file keeps it, and as its owner is told of it."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from typing import Final

from extractor.requests import Usage
from extractor.service.schemas import JobOut

COLUMNS: Final = (
    "id, model, created, begun, ended, articles, done, failed, claims, requests, input_tokens, cached_input_tokens, output_tokens, waits"
)
"""What ``told`` needs of a job's row, in this order."""


def told(row: sqlite3.Row | tuple[object, ...]) -> JobOut:
    """Return a job's row, as ``COLUMNS`` lists it, as its owner is told of it."""
    id, model, created, begun, ended, articles, done, failed, claims, requests, read, cached, written, waits = row  # noqa: A001  # its name
    return JobOut.model_validate(
        {
            "id": id,
            "state": "done" if ended is not None else "running" if begun is not None else "queued",
            "created": _time(created),
            "ended": _time(ended),
            "model": model,
            "articles": articles,
            "done": done,
            "failed": failed,
            "claims": claims,
            "usage": Usage.model_validate(
                {"requests": requests, "input_tokens": read, "cached_input_tokens": cached, "output_tokens": written}
            ),
            "waits_for": waits,
        }
    )


def webhook_body(job: JobOut) -> str:
    """Return what a webhook is told of a job that has ended, as Standard Webhooks lays it out."""
    return json.dumps({"type": "job.done", "timestamp": job.model_dump(mode="json")["ended"], "data": job.model_dump(mode="json")})


def _time(seconds: object) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if isinstance(seconds, (int, float)) else None
