"""The schema sent to OpenAI, held to the subset its guide to structured outputs publishes."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from extractor.profiles import PROFILES
from extractor.schemas import response_format, strict
from extractor.sinks.json import schema

SUPPORTED = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "pattern", "format",
}  # fmt: skip


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            for child in value.values() if key in ("properties", "$defs") else [value]:
                yield from nodes(child)
    elif isinstance(node, list):
        for item in node:
            yield from nodes(item)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_the_schema_obeys_the_strict_subset(profile):
    found = strict(profile.answer)
    assert found["type"] == "object"
    assert "anyOf" not in found
    properties = 0
    for node in nodes(found):
        assert set(node) <= SUPPORTED, set(node) - SUPPORTED
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
            properties += len(node["properties"])
        if node.get("type") == "array":
            assert "maxItems" in node
    assert properties <= 5000
    assert len(json.dumps(found)) < 120_000


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_strict_mode_is_asked_for(profile):
    asked = response_format(profile.answer, name=profile.name)["response_format"]
    assert asked["type"] == "json_schema"
    assert asked["json_schema"]["strict"] is True
    assert asked["json_schema"]["name"] == profile.name


def test_an_absent_slot_may_be_null_under_the_strict_schema():
    profile = PROFILES["claims"]
    draft = dict.fromkeys(profile.draft.model_fields) | {"sentence": 1, "outcome": "lost", "type": "other"}
    jsonschema.validate({"claims": [draft]}, strict(profile.answer))
    assert profile.answer.model_validate({"claims": [draft]})


def test_the_published_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())
