"""The OpenAPI document: what FastAPI tells of the paths, with the bodies that handlers read themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from extractor.extraction import Extraction
from extractor.service import schemas

_TEMPLATE: Final = "#/components/schemas/{model}"
_IN: Final = (schemas.ArticleIn, schemas.JobIn)
_OUT: Final = (Extraction, schemas.ProblemOut, schemas.JobOut, schemas.ResultLine, schemas.WindowOut)
_UNUSED: Final = frozenset({"HTTPValidationError", "ValidationError"})
"""FastAPI's own form of what is wrong with a request, which is never sent."""
_KEY: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key that `extractor keys add` has shown. Where the service has no keys, none is needed.",
}


def body(model: type[BaseModel]) -> dict[str, Any]:
    """Return what a path operation says of its body, a ``model`` in JSON, which its handler reads itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference(model)}}}}


def reference(model: type[BaseModel]) -> dict[str, str]:
    """Return the reference to the schema of ``model``, which must be one of those of this module."""
    return {"$ref": _TEMPLATE.format(model=model.__name__)}


def stream(*names: str) -> dict[str, Any]:
    """Return what a path operation says of an answer that is a stream of events of these names, each with data in JSON."""
    data = {"type": "string", "contentMediaType": "application/json"}
    fields = {"event": {"type": "string", "enum": list(names)}, "data": data, "id": {"type": "string"}}
    return {"itemSchema": {"type": "object", "properties": fields, "required": ["event", "data"]}}


def describe(app: FastAPI, *, models: Sequence[str]) -> None:
    """Have ``app`` describe itself with the schemas of what goes in and out.

    Args:
        app: The application.
        models: Names of the models that are served.
    """
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            wanted = [*((model, "validation") for model in _IN), *((model, "serialization") for model in _OUT)]
            _, found = models_json_schema(wanted, ref_template=_TEMPLATE)  # type: ignore[arg-type]  # mypy sees str
            parts = document.setdefault("components", {})
            own = {name: schema for name, schema in parts.get("schemas", {}).items() if name not in _UNUSED}
            parts["schemas"] = own | found["$defs"]
            for model in _IN:
                parts["schemas"][model.__name__]["properties"]["model"]["anyOf"] = [{"enum": list(models)}, {"type": "null"}]
            parts.setdefault("securitySchemes", {})["key"] = _KEY
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                        del operation["responses"]["422"]
                if path.startswith("/v1/") or path == "/metrics":
                    for operation in operations.values():
                        operation["security"] = [{}, {"key": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it
