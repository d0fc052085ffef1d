"""JSON Schemas: the strict form models are held to, and the published form of the results."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

_DROPPED = ("title", "default", "minLength", "maxLength", "pattern", "description")


def strict(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of ``model`` within the subset that OpenAI's strict mode accepts.

    Every object is closed and requires all its properties, absence is null, references stay, and the keywords the
    subset lacks are left to pydantic. Source: OpenAI's guide to structured outputs, section "Supported schemas".
    """
    schema = _strict(model.model_json_schema(mode="validation"))
    assert isinstance(schema, dict)
    return schema


def response_format(model: type[BaseModel], *, name: str) -> dict[str, Any]:
    """Return the body field that holds an answer to ``model`` under strict decoding."""
    return {"response_format": {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": strict(model)}}}


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _strict(value) for key, value in node.items() if key not in _DROPPED or isinstance(value, dict)}
    if "properties" in result:
        result["properties"] = {name: _strict(value) for name, value in node["properties"].items()}
        result["required"] = list(result["properties"])
        result["additionalProperties"] = False
    return result
