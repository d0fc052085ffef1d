"""``POST /v1/extract``: one article, answered when it is done, or part by part as events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Final

import anyio
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from extractor.documents import Document
from extractor.errors import ExtractorError
from extractor.extraction import Extraction
from extractor.pipeline import Part, parts
from extractor.service import bodies, problems, schemas, sse
from extractor.service.access import Caller, caller
from extractor.service.attending import Attending, late
from extractor.service.context import Context, of
from extractor.service.desks import Desk
from extractor.service.flights import Flight
from extractor.service.negotiation import chosen
from extractor.service.openapi import body, reference, stream
from extractor.service.schemas import ArticleIn, WindowOut
from extractor.service.streams import EventStream, Write
from extractor.sinks import csv, html

router = APIRouter(tags=["extraction"])

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
_WRITTEN: Final[dict[str, Callable[[Document, Extraction], str]]] = {
    "text/html": html.page,
    "text/csv": lambda _, extraction: csv.page([extraction]),
}
"""Writes an extraction in the forms that are made of the whole of it."""
_FORMS: Final = (JSON, EVENTS, *_WRITTEN)
_MOST_SECONDS: Final = 3600.0
_LAST_WORDS: Final = 5.0
"""Seconds a client is given to take the event that says what went wrong."""

_DESCRIPTION: Final = """Answers with the claims of one article, when all of it is done.

* 200 means that every question about the article was answered. A part that the model refused or was cut off at is an outcome
  of the result (`windows`). Where a question was not answered, the request fails with 502, 503 or 504; what was answered is
  remembered, so that the same request again costs only the rest.
* The same article again is free and at once; the same article at the same time is extracted once.
* Closing the connection ends the work, unless others wait for the same article.
* `Accept: text/event-stream` brings `window` events as parts are done, then `extraction` with the whole, or `problem`.
  The claims of a `window` are provisional: the whole joins repeated ones and links what is said about verification.
* `Accept: text/html` brings a page with every slot highlighted, `text/csv` one row a claim.
"""


@router.post(
    "/v1/extract",
    operation_id="extract",
    summary="Extract the claims of one article",
    description=_DESCRIPTION,
    response_class=Response,
    openapi_extra=body(ArticleIn),
    responses={
        200: {
            "description": "The claims, and everything that must be known to trust them.",
            "content": {
                JSON: {"schema": reference(Extraction)},
                EVENTS: stream("window", "extraction", "problem"),
                **{form: {"schema": {"type": "string"}} for form in _WRITTEN},
            },
        },
        **problems.documented(
            "malformed", "unauthorized", "forbidden", "not-acceptable", "request-timeout", "too-large", "unsupported-media-type",
            "invalid", "unreadable-article", "rate-limited", "budget-spent", "unaffordable", "fault", "model-failed", "overloaded",
            "draining", "model-unavailable", "no-room", "model-late", "deadline",
        ),
    },
)  # fmt: skip
async def extract(
    request: Request,
    who: Annotated[Caller, Depends(caller)],
    deadline: Annotated[
        float | None,
        Query(ge=1, le=_MOST_SECONDS, allow_inf_nan=False, description="Seconds this request may take; not more than the service allows."),
    ] = None,
) -> Response:
    """Read one article and answer with its claims."""
    context = of(request)
    form = chosen(request.headers.get("accept"), _FORMS)
    seconds = min(deadline or context.limits.deadline, context.limits.deadline)
    context.admission.rate(who)
    with context.buffers.hold() as share:
        raw = await bodies.read(request, most=context.limits.max_body, seconds=context.limits.upload_seconds, share=share)
        article = bodies.parse(ArticleIn, raw, depth=context.limits.max_depth)
    document = schemas.document(article, most=context.settings.max_bytes)
    desk = context.desks.get(article.model)
    if form == EVENTS:
        return await _events(request, seconds, context, desk, document, who)
    line = await _line(request, seconds, context.attending, desk, document, who)
    if form == JSON:
        return Response(line, media_type=JSON)
    write = _WRITTEN[form]
    return Response(write(document, Extraction.model_validate_json(line)), media_type=f"{form}; charset=utf-8")


async def _line(request: Request, seconds: float, attending: Attending, desk: Desk, document: Document, who: Caller) -> bytes:
    """Return the extraction as JSON."""
    kept = await desk.remembered(document)
    if kept is not None:
        return kept.line
    with desk.extracting(document, who) as flight:
        return await attending.attended(request, seconds, flight.line)


async def _events(request: Request, seconds: float, context: Context, desk: Desk, document: Document, who: Caller) -> Response:
    kept = await desk.remembered(document)
    if kept is not None:
        return EventStream(partial(_retold, kept.line), during=context.meters.event_stream())
    with ExitStack() as ride:
        flight = ride.enter_context(desk.extracting(document, who))
        # What is refused before it begins is answered by its status.
        await context.attending.attended(request, seconds, flight.begun.wait)
        if flight.error is not None:
            raise flight.error
        ride.enter_context(context.meters.event_stream())
        return EventStream(partial(_told, flight, seconds), during=ride.pop_all())


async def _told(flight: Flight, seconds: float, write: Write) -> None:
    """Write the parts as they land, then the whole; the answer has begun, so a fault ends it as an event."""
    try:
        with anyio.fail_after(seconds):
            async for part in flight.parts():
                await write(_window(part))
            await write(sse.event("extraction", await flight.line()))
            return
    except TimeoutError:
        problem = problems.response(late(seconds))
    except ExtractorError as error:
        problem = problems.response(error)
    except Exception as error:  # noqa: BLE001  # the last catch of the edge comes too late
        problem = problems.unforeseen(error)
    with anyio.move_on_after(_LAST_WORDS):  # somebody who does not read must not hold it up
        await write(sse.event("problem", bytes(problem.body)))


async def _retold(line: bytes, write: Write) -> None:
    """Write what is remembered as if it were read now."""
    for part in parts(Extraction.model_validate_json(line)):
        await write(_window(part))
    await write(sse.event("extraction", line))


def _window(part: Part) -> bytes:
    out = WindowOut(index=part.report.index, of=part.of, outcome=part.report.outcome, claims=part.claims)
    return sse.event("window", out.model_dump_json())
