"""Every error becomes a problem by RFC 9457, and says nothing that is not the client's to know."""

from __future__ import annotations

import inspect
import json
import logging
import re
from http import HTTPStatus
from pathlib import Path

import pytest
from asgi import PROBLEM, ask
from fastapi import APIRouter, FastAPI, HTTPException
from hypothesis import given
from hypothesis import strategies as st

from extractor import errors
from extractor.errors import BudgetError, ExtractorError, ReaderError, RefusedError
from extractor.service import problems
from extractor.service.kinds import BY_ERROR, KINDS
from extractor.service.schemas import ProblemOut

SECRET = "sk-abcdef0123456789 in /home/somebody/cache, of the article that begins: In the early hours"
CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, ExtractorError)]
ROOT = Path(__file__).parent.parent


def of(answer) -> ProblemOut:
    assert answer.headers["content-type"] == PROBLEM
    problem = ProblemOut.model_validate_json(answer.body, strict=True)
    assert problem.status == answer.status
    assert problem.type == f"/problems/{problem.type.rpartition('/')[2]}"
    return problem


@pytest.fixture
def app():
    """An application whose paths fail in every way; what nobody foresaw is raised once more, as starlette does."""
    app = FastAPI(redirect_slashes=False, docs_url=None, redoc_url=None)
    problems.install(app)
    router = APIRouter()
    raised: dict[str, Exception] = {}

    @router.get("/raise")
    async def fail():
        raise raised["error"]

    @router.get("/things/{thing}")
    async def get(thing: int, many: int = 3):
        return thing * many

    @router.delete("/things/{thing}")
    async def delete(thing: int):
        return thing

    app.include_router(router)
    app.raised = raised
    return app


async def failed(app, error):
    app.raised["error"] = error
    return await ask(app, "GET", "/raise")


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_of_errors_has_a_kind_of_its_own_status(cls) -> None:
    assert cls in BY_ERROR
    if cls is not RefusedError:
        assert KINDS[BY_ERROR[cls]].status == cls.http_status


def test_a_class_that_is_new_has_the_kind_of_its_base() -> None:
    class NewError(errors.DiskFullError):
        pass

    assert problems.kind_of(NewError("x")).name == "no-room"


def test_kinds_have_statuses_that_there_are_and_names_that_are_addresses() -> None:
    for name, kind in KINDS.items():
        assert HTTPStatus(kind.status) >= 400
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
        assert kind.type == f"/problems/{name}"
        assert kind.title
        assert kind.says.endswith(".")
        assert kind.retry_after is None or kind.status in {429, 503}
        assert kind.status != 503 or kind.retry_after is not None, "503 comes with Retry-After"


def test_every_kind_that_the_service_names_is_in_the_table() -> None:
    sources = [path.read_text() for path in (ROOT / "extractor" / "service").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'RefusedError\([^()]*?kind="([a-z-]+)"', source)}
    assert "too-large" in named
    assert named <= set(KINDS)


@pytest.mark.anyio
@pytest.mark.parametrize("name", sorted(KINDS))
async def test_a_refusal_is_answered_by_its_kind(app, name) -> None:
    kind = KINDS[name]
    answer = await failed(app, RefusedError("what is wrong", kind=name, faults=[("#/articles/3/published", "must be a date")]))
    problem = of(answer)
    assert (problem.type, problem.title, problem.status, problem.detail) == (kind.type, kind.title, kind.status, "what is wrong")
    assert [(fault.pointer, fault.detail) for fault in problem.errors] == [("#/articles/3/published", "must be a date")]
    assert ("connection" in answer.headers) == kind.closes
    assert ("www-authenticate" in answer.headers) == (name == "unauthorized")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "seconds", "sent"),
    [
        ("rate-limited", 0.2, "1"),
        ("rate-limited", 61.0, "61"),
        ("overloaded", None, "1"),
        ("draining", None, "5"),
        ("budget-spent", None, None),
        ("budget-spent", 3600.5, "3601"),
        ("overloaded", float("inf"), "1"),
        ("overloaded", float("nan"), "1"),
        ("overloaded", -3.0, "0"),
        ("invalid", 3.0, None),
    ],
)
async def test_retry_after_is_whole_seconds(app, name, seconds, sent) -> None:
    answer = await failed(app, RefusedError("x", kind=name, retry_after=seconds))
    assert answer.headers.get("retry-after") == sent


@pytest.mark.anyio
async def test_the_seconds_a_provider_asks_for_are_passed_on(app) -> None:
    answer = await failed(app, errors.RateLimitError(SECRET, retry_after=12.3))
    assert (answer.status, answer.headers["retry-after"]) == (503, "13")


@pytest.mark.anyio
async def test_what_is_not_the_clients_is_told_to_the_log_alone(app, caplog) -> None:
    for cls in CLASSES:
        if cls is RefusedError or issubclass(cls, (ReaderError, BudgetError)):
            continue
        caplog.clear()
        answer = await failed(app, cls(SECRET))
        problem = of(answer)
        assert problem.detail == KINDS[BY_ERROR[cls]].says
        assert "abcdef" not in str(answer)
        assert SECRET in caplog.text
        assert cls.__name__ in caplog.text


@pytest.mark.anyio
async def test_an_article_that_cannot_be_read_is_told_why(app, caplog) -> None:
    problem = of(await failed(app, ReaderError("the text is empty")))
    assert (problem.status, problem.detail) == (422, "the text is empty")
    assert not caplog.records, "the client's mistakes are no trouble of the service"


@pytest.mark.anyio
async def test_what_nobody_foresaw_keeps_its_message_to_itself(app, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    answers = []
    error = ValueError(SECRET)
    with pytest.raises(KeyError) as cause:
        {}[SECRET]
    error.__cause__ = cause.value
    for _ in range(2):
        answer = problems.unforeseen(error)
        answers.append(json.loads(answer.body))
    assert answers[0] == answers[1], "the same fault has the same number"
    digest = re.search(r"[0-9a-f]{12}", answers[0]["detail"])
    warned, debugged = caplog.records[:2]
    assert (warned.levelname, debugged.levelname) == ("WARNING", "DEBUG")
    assert digest[0] in warned.getMessage()
    assert digest[0] in debugged.getMessage()
    assert "ValueError" in warned.getMessage()
    assert "builtins.KeyError" in debugged.getMessage()
    assert "test_service_problems.py" in debugged.getMessage()
    assert "abcdef" not in caplog.text + json.dumps(answers)


@pytest.mark.anyio
async def test_a_fault_is_answered_before_it_is_raised_to_the_server(app, caplog) -> None:
    error = TypeError(SECRET)
    app.raised["error"] = error
    answers = []

    async def outermost(scope, receive, send):
        try:
            await app(scope, receive, send)
        except TypeError as raised:
            answers.append(raised)

    answer = await ask(outermost, "GET", "/raise")
    assert of(answer).type == "/problems/fault"
    assert answers == [error], "whatever is around the application must catch this"
    assert "abcdef" not in caplog.text


@pytest.mark.anyio
async def test_of_several_errors_at_once_the_first_is_answered(app) -> None:
    inner = ExceptionGroup("two", [ExceptionGroup("one", [RefusedError("full", kind="overloaded")]), ValueError(SECRET)])
    assert of(await failed(app, inner)).type == "/problems/overloaded"
    strange = await failed(app, ExceptionGroup("x", [ValueError(SECRET)]))
    assert of(strange).type == "/problems/fault"
    assert "abcdef" not in str(strange)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "malformed"), (401, "unauthorized"), (404, "not-found"), (413, "too-large"), (418, "malformed"), (500, "fault"), (501, "fault")],
)
async def test_errors_of_the_framework_are_problems_too(app, status, kind) -> None:
    answer = await failed(app, HTTPException(status, detail=SECRET, headers={"X-Told": "1"}))
    assert of(answer).type == f"/problems/{kind}"
    assert answer.headers["x-told"] == "1"
    assert "abcdef" not in str(answer)


@pytest.mark.anyio
async def test_a_method_that_is_not_taken_is_told_all_that_are(app) -> None:
    for method in ("POST", "PUT", "OPTIONS", "TRACE", "QUERY"):
        answer = await ask(app, method, "/things/1")
        assert of(answer).type == "/problems/method-not-allowed"
        assert answer.headers["allow"] == "DELETE, GET"


@pytest.mark.anyio
async def test_a_path_that_is_none_is_not_echoed(app) -> None:
    answer = await ask(app, "GET", "/abcdefghijklmnopqrstuvwxyz")
    assert of(answer).type == "/problems/not-found"
    assert b"abcdefgh" not in answer.body


@pytest.mark.anyio
async def test_wrong_parameters_are_named_without_their_values(app) -> None:
    answer = await ask(app, "GET", "/things/abcdefghijkl?many=mnopqrst")
    problem = of(answer)
    assert (problem.type, problem.detail) == (
        "/problems/invalid",
        "the path parameter thing must be a whole number; the query parameter many must be a whole number",
    )


@given(st.text() | st.text(alphabet=st.characters(categories=["Cs", "Cc"])), st.sampled_from(sorted(KINDS)))
def test_a_problem_can_be_encoded_whatever_it_says(text, name) -> None:
    answer = problems.response(RefusedError(text, kind=name, faults=[(text, text)]))
    problem = ProblemOut.model_validate_json(answer.body, strict=True)
    assert problem.status == answer.status_code
    assert len(problem.detail) <= 1_000


def test_documented_problems_stand_by_status_with_an_example_of_each_kind() -> None:
    told = problems.documented("invalid", "unreadable-article", "overloaded", "unauthorized")
    assert set(told) == {422, 503, 401}
    examples = told[422]["content"][PROBLEM]["examples"]
    assert set(examples) == {"invalid", "unreadable-article"}
    for example in examples.values():
        assert ProblemOut.model_validate(example["value"]).status == 422
    assert "Retry-After" in told[503]["headers"]
    assert "headers" not in told[422]
    with pytest.raises(KeyError):
        problems.documented("no-such-kind")
