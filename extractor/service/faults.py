"""What is wrong with a value that a client sent, in sentences without anything of the value.

Names of unknown fields come from the client, too, so a pointer ends at the last place that the model knows, and the sentence says
which fields that place has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from extractor.errors import RefusedError

Fault = tuple[str, str]
"""A JSON pointer as a fragment, and what is wrong there."""

MOST: Final = 20
"""Faults that are listed; whoever has more begins with these."""

_DATE: Final = "must be a date, written as YYYY-MM-DD"
_SAYS: Final[dict[str, str]] = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "must have a length of at least {min_length}",
    "string_too_long": "must have a length of at most {max_length}",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number that is not so long",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
    "too_short": "must have a length of at least {min_length}",
    "too_long": "must have a length of at most {max_length}",
}
"""By the type of pydantic's error. What is put in comes from the model, never from the input."""
_OWN: Final = frozenset({"value_error", "assertion_error"})
"""Errors of our own validators, whose messages are free of the input."""


def refusal(model: type[BaseModel], error: ValidationError) -> RefusedError:
    """Return what a body that is no ``model`` is refused with: the first faults, each with its place."""
    found = error.errors(include_url=False, include_input=False)
    inner = {each["loc"][:length] for each in found for length in range(len(each["loc"]))}
    # Pydantic counts the valid items of an array only, so one with wrong items is too short besides.
    found = [each for each in found if each["type"] != "too_short" or each["loc"] not in inner]
    count = len(found)
    wrong = [_fault(model, each) for each in found[:MOST]]
    places = "one place" if count == 1 else f"{count} places"
    more = f", of which the first {MOST} are listed" if count > MOST else ""
    return RefusedError(f"the body is wrong at {places}{more}", kind="invalid", faults=wrong)


def of_parameters(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the parameters of a request, a sentence each, from what FastAPI found."""
    return [_of_parameter(each) for each in found[:MOST]]


def pointer(parts: Iterable[str | int]) -> str:
    """Return the JSON pointer to the place that ``parts`` lead to, as a fragment (RFC 6901, section 6)."""
    return "#" + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _of_parameter(error: Mapping[str, Any]) -> str:
    where, *names = error["loc"]
    if error["type"] == "extra_forbidden" or not names:
        return f"the request has a {where} parameter that is not known"
    return f"the {where} parameter {names[0]} {_says(error)}"


def _fault(model: type[BaseModel], error: Mapping[str, Any]) -> Fault:
    known, fields = _descend(_schema(model), error["loc"])
    if error["type"] == "extra_forbidden":
        return pointer(known), f"has a field that is not known; known are {', '.join(fields)}"
    return pointer(known), _says(error)


def _says(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if error["type"] in _OWN:
        return str(context.get("error", "is not valid"))
    return _SAYS.get(error["type"], "is not valid").format_map(context)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _descend(schema: Mapping[str, Any], parts: Sequence[str | int]) -> tuple[list[str | int], list[str]]:
    """Return how far ``parts`` lead within what ``schema`` knows, and the fields of the last object on the way."""
    node = _resolved(schema, schema)
    known: list[str | int] = []
    fields = list(node.get("properties", ()))
    for part in parts:
        inner = node.get("items") if isinstance(part, int) else node.get("properties", {}).get(part)
        if inner is None:
            break
        node = _resolved(inner, schema)
        known.append(part)
        fields = list(node.get("properties", fields))
    return known, fields


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what ``node`` refers to; of several forms, the one that has an inside."""
    for form in node.get("anyOf", ()):
        if "$ref" in form or "properties" in form or "items" in form:
            return _resolved(form, schema)
    if "$ref" in node:
        return _resolved(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    return node
