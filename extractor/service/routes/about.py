"""What the service says of itself: its models, the form of its answers, how it is, what its problems mean."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from extractor.errors import RefusedError
from extractor.service import problems
from extractor.service.access import Caller, caller
from extractor.service.context import of
from extractor.service.schemas import HealthOut, ModelOut, ModelsOut
from extractor.sinks import json

router = APIRouter()

_KEYED: Final = problems.documented("unauthorized", "forbidden", "rate-limited", "fault")
_OPEN: Final = problems.documented("forbidden", "fault")
_METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/v1/models", operation_id="models", summary="The models that are served", tags=["about"], responses=_KEYED)
async def models(request: Request, _: Annotated[Caller, Depends(caller)]) -> ModelsOut:
    """Answer with the models, the default first."""
    desks = list(of(request).desks)
    return ModelsOut(models=tuple(ModelOut(id=desk.name, default=desk is desks[0], local=desk.local) for desk in desks))


@router.get(
    "/v1/schema",
    operation_id="schema",
    summary="JSON Schema of an extraction",
    tags=["about"],
    responses={200: {"content": {"application/schema+json": {"schema": {"type": "object"}}}}, **_KEYED},
    response_class=Response,
)
async def schema(_: Annotated[Caller, Depends(caller)]) -> Response:
    """Answer with the schema that ``extractor schema`` prints."""
    return _Schema(json.schema())


class _Schema(JSONResponse):
    media_type = "application/schema+json"

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)


@router.get("/livez", operation_id="live", summary="Whether the process runs", tags=["health"], responses=_OPEN)
async def live() -> HealthOut:
    """Answer; that it does is the answer."""
    return HealthOut(status="ok")


@router.get(
    "/readyz",
    operation_id="ready",
    summary="Whether requests should be sent here",
    tags=["health"],
    responses={503: {"model": HealthOut, "description": "Not now."}, **_OPEN},
)
async def ready(request: Request, response: Response) -> HealthOut:
    """Answer whether a model is loaded and the service is not about to stop."""
    lacking = of(request).lacks()
    if lacking is None:
        return HealthOut(status="ok")
    response.status_code = 503
    return HealthOut(status="unavailable", detail=lacking)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    tags=["health"],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **_KEYED},
)
async def metrics(request: Request, _: Annotated[Caller, Depends(caller)]) -> Response:
    """Answer with the figures."""
    return Response(of(request).meters.text(), media_type=_METRICS)


@router.get(
    "/problems/{name}",
    operation_id="problem",
    summary="What a kind of problem means",
    tags=["about"],
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems.documented("forbidden", "not-found", "fault")},
)
async def problem(name: Annotated[str, Path(json_schema_extra={"enum": list(problems.KINDS)})]) -> PlainTextResponse:
    """Answer with what the kind means and what to do."""
    kind = problems.KINDS.get(name)
    if kind is None:
        msg = "there is no such kind of problem"
        raise RefusedError(msg, kind="not-found")
    return PlainTextResponse(f"{kind.title} ({kind.status})\n\n{kind.says}\n")
