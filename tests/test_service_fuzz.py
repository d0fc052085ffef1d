"""The OpenAPI document is true: whatever is drawn from it is answered as it says, its examples are taken, its problems are problems."""

from __future__ import annotations

import json
import os
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import jsonschema
import pytest
from asgi import PROBLEM
from service import listening

from benchmarks.service.fuzz import fuzz, rows
from extractor.service.kinds import KINDS
from extractor.service.schemas import ProblemOut

_ASKING = build_opener(ProxyHandler({}))


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("EXTRACTOR_")}
    with listening(tmp_path_factory.mktemp("service"), max_jobs=100_000, webhook_secret=f"whsec_{'A' * 43}=") as url:
        yield url
    os.environ.update(kept)


def asked(url: str, method: str, body: object = None, accept: str = "*/*"):
    content = json.dumps(body).encode() if body is not None else None
    request = Request(url, content, {"content-type": "application/json", "accept": accept}, method=method)
    try:
        with _ASKING.open(request, timeout=20) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers["content-type"], error.read()


@pytest.fixture(scope="module")
def document(url):
    return json.loads(asked(f"{url}/openapi.json", "GET")[2])


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def resolved(document, node):
    if "$ref" not in node:
        return node
    found = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_whatever_is_drawn_from_the_document_is_answered_as_it_says(url, tmp_path) -> None:
    report = fuzz(url, examples=3, seed=1, folder=tmp_path)
    missed = [row for row in rows(report) if row.held is False]
    assert not missed, (tmp_path / "fuzz.log").read_text()[-10_000:]
    assert report["operations"]["total"] >= 10


def test_every_example_of_a_body_is_taken(url, document) -> None:
    taken = 0
    for path, method, operation in operations(document):
        for form, content in operation.get("requestBody", {}).get("content", {}).items():
            assert form == "application/json"
            for example in resolved(document, content["schema"])["examples"]:
                for answered, told in operation["responses"].items():
                    for accept in told.get("content", {}) if answered.startswith("2") else ():
                        status, media_type, body = asked(url + path, method, example, accept)
                        assert (str(status), media_type.partition(";")[0]) == (answered, accept)
                        if accept == "application/json":
                            schema = {**told["content"][accept]["schema"], "components": document["components"]}
                            jsonschema.validate(json.loads(body), schema, jsonschema.Draft202012Validator)
                        taken += 1
    assert taken >= 5


def test_every_problem_that_is_documented_is_one_of_the_table(document) -> None:
    documented = set()
    for _, _, operation in operations(document):
        for status, told in operation["responses"].items():
            content = told.get("content", {})
            if PROBLEM not in content:
                assert status[0] == "2" or (status == "503" and operation["operationId"] == "ready")
                continue
            assert resolved(document, content[PROBLEM]["schema"])["title"] == "ProblemOut"
            for name, example in content[PROBLEM]["examples"].items():
                problem = ProblemOut.model_validate(example["value"])
                assert (problem.status, problem.type) == (int(status), KINDS[name].type)
                documented.add(name)
    assert len(documented) > 15


def test_every_kind_of_problem_says_at_its_address_what_it_means(url) -> None:
    for name, kind in KINDS.items():
        status, media_type, body = asked(f"{url}/problems/{name}", "GET")
        assert (status, media_type.partition(";")[0]) == (200, "text/plain")
        assert kind.says in body.decode()
    assert asked(f"{url}/problems/nothing", "GET")[:2] == (404, PROBLEM)


def test_every_operation_answers_other_methods_with_those_that_it_takes(url, document) -> None:
    for path, methods in document["paths"].items():
        declared = {method.upper() for method in methods}
        for method in {"GET", "PUT", "POST", "DELETE", "PATCH"} - declared:
            request = Request(url + path.replace("{", "").replace("}", ""), method=method)
            with pytest.raises(HTTPError) as caught, _ASKING.open(request, timeout=20):
                pass
            with caught.value as error:
                assert error.code == 405
                assert set(error.headers["allow"].split(", ")) == declared
