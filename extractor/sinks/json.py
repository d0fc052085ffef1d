"""Extractions as JSON: the fields of ``extractor.extraction`` by their names, as ``extractor schema`` publishes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor.extraction import Extraction


def line(extraction: Extraction) -> str:
    """Return one extraction as one line of JSON, for a JSONL file."""
    return extraction.model_dump_json()


def page(extractions: Sequence[Extraction]) -> str:
    """Return a readable JSON object, or an array of them where there are several."""
    if len(extractions) == 1:
        return extractions[0].model_dump_json(indent=2)
    return "[\n" + ",\n".join(extraction.model_dump_json(indent=2) for extraction in extractions) + "\n]"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of one extraction, as it is written."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Extraction.model_json_schema(mode="serialization")}
