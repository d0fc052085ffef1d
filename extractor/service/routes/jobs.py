"""``/v1/jobs``: many articles handed over at once, done in the background, read when and as far as they are done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated, Final

import anyio.to_thread
from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from extractor.errors import RefusedError
from extractor.service import addresses, bodies, problems
from extractor.service.access import Caller, caller
from extractor.service.callers import OPEN
from extractor.service.context import Context, of
from extractor.service.jobs import events, idempotency
from extractor.service.openapi import body, reference, stream
from extractor.service.schemas import JobIn, JobOut, ResultLine
from extractor.service.streams import EventStream, Write

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

Who = Annotated[Caller, Depends(caller)]

_LINES: Final = "application/x-ndjson"
_COME_AGAIN: Final = "2"
"""Seconds after which to look at a new job."""
_CHUNK: Final = 65_536
"""Bytes of results sent at once, about."""
_READ: Final = problems.documented("unauthorized", "forbidden", "not-found", "invalid", "fault")

_CREATE: Final = """Hands over many articles at once. When the answer comes, the job is on the server's disk, and no restart loses it.

* `Idempotency-Key`: a request that is sent again with the same key and body is answered with the job that the first one made, and the
  header `Idempotency-Replayed: true`. The key is remembered as long as the job.
* `webhook.url` is told when the job is done, by a signed POST (Standard Webhooks).
* An article that cannot be read, or that the model's provider keeps failing for, has a problem as its result; it is never the job's.
* A job that was done is kept for some days (7 where nothing is set), then forgotten.
"""
_RESULTS: Final = """Answers with results in the order in which they came, one JSON object a line, each with the `index` of its article.

The header `Next-Cursor` is always there: with it as `cursor` the next request goes on behind this page, also later, while the job goes
on. The header `Link` with `rel="next"` is there as long as there is more, or will be. A page may be shorter than `limit`, and empty.
"""
_EVENTS: Final = """Tells, as server-sent events, what comes of a job, until it is done or deleted.

* `progress`: the job, when it has changed, at most four times a second.
* `result`: which article came, whether it was extracted, how many claims it has; its id is the number of the result, which a client
  that lost the connection sends as `Last-Event-ID`.
* `done`: the job, at its end. Its id is `done`; asked again with that, the answer is 204.
* `deleted`: it was deleted.

The stream also ends when the server stops; ask again.
"""


@router.post(
    "",
    operation_id="create_job",
    summary="Hand over many articles",
    description=_CREATE,
    status_code=202,
    response_model=JobOut,
    openapi_extra=body(JobIn),
    responses={
        202: {
            "description": "The job was taken.",
            "headers": {
                "Location": {"description": "Address of the job.", "schema": {"type": "string"}},
                "Retry-After": {"description": "Seconds after which to look at it.", "schema": {"type": "integer"}},
                "Idempotency-Replayed": {"description": "Whether an earlier request had made it.", "schema": {"type": "string"}},
            },
        },
        **problems.documented(
            "malformed", "unauthorized", "forbidden", "request-timeout", "too-large", "unsupported-media-type", "invalid",
            "idempotency-mismatch", "rate-limited", "fault", "overloaded", "draining", "no-room",
        ),
    },
)  # fmt: skip
async def create(
    request: Request,
    who: Who,
    _: Annotated[
        str,
        Header(alias="Idempotency-Key", pattern=r"^[!-~]{1,255}$", description="Up to 255 printable ASCII characters, as a UUID."),
    ] = "",
) -> Response:
    """Keep a job, and answer with it."""
    context = of(request)
    context.admission.rate(who)
    key = idempotency.key_of(request.headers.getlist("idempotency-key"))
    limits = context.limits
    with context.buffers.hold() as share:
        raw = await bodies.read(request, most=limits.max_job_body, seconds=limits.upload_seconds, share=share)
        asked = await anyio.to_thread.run_sync(
            partial(bodies.parse, JobIn, raw, depth=limits.max_depth, values=10 * limits.max_job_articles + 100)
        )
        if len(asked.articles) > limits.max_job_articles:
            says = f"holds {len(asked.articles)} articles, and a job takes {limits.max_job_articles} at the most"
            msg = f"the job {says}; make several"
            raise RefusedError(msg, kind="invalid", faults=[("#/articles", says)])
        await _check_webhook(context, who, asked)
        make = partial(
            context.jobs.create, asked, caller=who.id, model=context.desks.get(asked.model).name, most=limits.max_jobs, key=key
        )  # fmt: skip
        job, replayed = await anyio.to_thread.run_sync(make)
    headers = {"Location": f"/v1/jobs/{job.id}", "Retry-After": _COME_AGAIN}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(job.model_dump(mode="json"), 202, headers)


@router.get("/{job}", operation_id="get_job", summary="How a job is", response_model=JobOut, responses=_READ)
async def get(request: Request, who: Who, job: str) -> Response:
    """Answer with a job."""
    found: JobOut = await anyio.to_thread.run_sync(of(request).jobs.get, job, who.id)
    return JSONResponse(found.model_dump(mode="json"))


@router.get(
    "/{job}/results",
    operation_id="job_results",
    summary="A job's results so far",
    description=_RESULTS,
    response_class=Response,
    responses={
        200: {
            "description": "Results, one a line.",
            "content": {_LINES: {"schema": {"type": "string"}, "itemSchema": reference(ResultLine)}},
            "headers": {
                "Next-Cursor": {"description": "Where the next page begins.", "schema": {"type": "string"}},
                "Link": {"description": "Address of the next page, if there is or will be one.", "schema": {"type": "string"}},
            },
        },
        **_READ,
    },
)
async def results(
    request: Request,
    who: Who,
    job: str,
    cursor: Annotated[
        str, Query(pattern=r"^[A-Za-z0-9_-]{20}$", description="`Next-Cursor` of an earlier page; the first page by default.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1_000, description="Most results of the page.")] = 100,
) -> Response:
    """Answer with a page of results."""
    page = await anyio.to_thread.run_sync(partial(of(request).jobs.page, job, who.id, cursor=cursor, limit=limit))
    headers = {"Next-Cursor": page.cursor}
    if page.more:
        headers["Link"] = f'</v1/jobs/{job}/results?cursor={page.cursor}&limit={limit}>; rel="next"'
    return StreamingResponse(_joined(page.lines()), headers=headers, media_type=_LINES)


@router.get(
    "/{job}/events",
    operation_id="job_events",
    summary="What comes of a job, as it comes",
    description=_EVENTS,
    response_class=Response,
    responses={
        200: {"description": "Events.", "content": {"text/event-stream": stream("progress", "result", "done", "deleted")}},
        204: {"description": "The end was told already."},
        **_READ,
    },
)
async def tell(
    request: Request,
    who: Who,
    job: str,
    last_event_id: Annotated[str, Header(pattern=r"^([0-9]{1,18}|done)?$", description="Id of the event that was seen last.")] = "",
) -> Response:
    """Answer with events."""
    context = of(request)
    await anyio.to_thread.run_sync(context.jobs.get, job, who.id)
    after = events.position(last_event_id)
    if after is None:
        return Response(status_code=204)
    return EventStream(partial(_tell, context, job, who.id, after), during=context.meters.event_stream())


@router.delete(
    "/{job}",
    operation_id="delete_job",
    summary="Stop a job and forget its texts and results",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It is forgotten."}, **_READ, **problems.documented("no-room")},
)
async def delete(request: Request, who: Who, job: str) -> Response:
    """Forget a job."""
    await anyio.to_thread.run_sync(of(request).jobs.delete, job, who.id)
    return Response(status_code=204)


async def _tell(context: Context, job: str, caller: str, after: int, write: Write) -> None:
    await events.tell(context.jobs, job, caller, after=after, draining=context.draining, write=write)


async def _joined(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield lines together, so that small ones do not cost a write each."""
    some = bytearray()
    for line in lines:
        some += line
        if len(some) >= _CHUNK:
            yield bytes(some)
            some.clear()
    if some:
        yield bytes(some)


async def _check_webhook(context: Context, who: Caller, asked: JobIn) -> None:
    """Refuse a webhook that would not be told.

    Raises:
        RefusedError: Its address may not be called, or there is nothing to sign with.
    """
    if asked.webhook is None:
        return
    await addresses.check(asked.webhook.url, context.limits.webhook_networks)
    secret = context.limits.webhook_secret if who.id == OPEN.id else context.keys.webhook_secret(who.id)
    if secret is None:
        msg = "webhooks are signed, and this service has no secret to sign with; its operator sets one, or adds keys"
        raise RefusedError(msg, kind="invalid", faults=[("#/webhook", "cannot be signed")])
