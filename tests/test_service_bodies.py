"""Bodies are read within bounds, and parsed or refused: never anything else, and never with anything of the input."""

from __future__ import annotations

import json
import tracemalloc

import anyio
import pytest
from asgi import PROBLEM, ask
from fastapi import FastAPI
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.requests import Request

from extractor.errors import RefusedError
from extractor.service import bodies, faults, problems, shape
from extractor.service.schemas import ArticleIn, JobIn

pytestmark = pytest.mark.anyio

MOST = 1_000
SECONDS = 5.0


class Reading:
    """An application that reads a body and answers with its length."""

    def __init__(self, *, seconds: float = SECONDS, room: int = 10_000) -> None:
        self.buffers = bodies.Buffers(room)
        self.app = FastAPI()
        problems.install(self.app)

        @self.app.post("/")
        async def read(request: Request) -> int:
            with self.buffers.hold() as share:
                body = await bodies.read(request, most=MOST, seconds=seconds, share=share)
                assert self.buffers.held >= len(body)
                return len(body)

    async def ask(self, body=None, headers=None, **more):
        answer = await ask(self.app, "POST", "/", body, headers, **more)
        assert self.buffers.held == 0
        return answer


def kind(answer) -> str:
    assert answer.headers["content-type"] == PROBLEM
    return answer.json["type"].removeprefix("/problems/")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"',
        "application/ld+json", "application/vnd.acme.v2+json ; profile=x",
    ],
)  # fmt: skip
async def test_json_is_read_by_whatever_name(media_type) -> None:
    answer = await Reading().ask(b"{}", {"content-type": media_type})
    assert (answer.status, answer.json) == (200, 2)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": ""}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/jsonp"}, {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json, text/plain"}, {"content-type": "multipart/form-data; boundary=x"},
        {"content-encoding": "gzip"}, {"content-encoding": "identity, gzip"},
    ],
)  # fmt: skip
async def test_what_is_said_to_be_something_else_is_not_taken(headers) -> None:
    answer = await Reading().ask(b"{}", headers)
    assert (answer.status, kind(answer)) == (415, "unsupported-media-type")


async def test_a_body_that_is_not_packed_may_say_so() -> None:
    assert (await Reading().ask(b"{}", {"content-encoding": "identity"})).status == 200


async def test_a_missing_body_is_malformed_whatever_it_is_said_to_be() -> None:
    for headers in ({}, {"content-type": "application/json"}, {"content-length": "0"}):
        answer = await Reading().ask(None, headers)
        assert (answer.status, kind(answer)) == (400, "malformed")


async def test_a_body_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    assert (await Reading().ask(b"x" * MOST)).json == MOST
    assert (await Reading().ask([b"x" * 500, b"x" * 500])).json == MOST
    for body in (b"x" * (MOST + 1), [b"x" * 500, b"x" * 501]):
        answer = await Reading().ask(body)
        assert (answer.status, kind(answer)) == (413, "too-large")


async def test_a_length_that_is_too_large_is_refused_before_anything_is_read() -> None:
    async def never():
        pytest.fail("the body was read")
        yield b""

    for length in ("1001", "200000000", "9" * 400):
        answer = await Reading().ask(never(), {"content-length": length, "transfer-encoding": ""})
        assert kind(answer) == "too-large"


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "+5", "٣".encode().decode("latin-1"), "1, 1"])
async def test_a_length_that_is_no_number_is_malformed(length) -> None:
    assert kind(await Reading().ask([b"{}"], {"content-length": length})) == "malformed"


async def test_a_chunked_body_is_read_no_further_than_it_may_be_large() -> None:
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 100
            yield b"x" * 100

    assert kind(await Reading().ask(endless())) == "too-large"
    assert sent <= MOST + 200


async def test_the_whole_body_has_one_deadline_however_it_drips() -> None:
    async def drip():
        while True:
            yield b"x"
            await anyio.sleep(0.01)

    answer = await Reading(seconds=0.1).ask(drip())
    assert (answer.status, kind(answer), answer.headers["connection"]) == (408, "request-timeout", "close")


async def test_a_client_that_goes_is_not_answered() -> None:
    answer = await Reading().ask([b"{"], leaves=True)
    assert (answer.status, answer.body) == (499, b"")


async def test_bodies_take_room_as_they_come_and_give_it_back() -> None:
    reading = Reading(room=900)
    slow, told = anyio.Event(), anyio.Event()
    answers = []

    async def waiting():
        yield b"x" * 500
        told.set()
        await slow.wait()

    async def first():
        answers.append(await ask(reading.app, "POST", "/", waiting()))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(first)
        await told.wait()
        refused = await ask(reading.app, "POST", "/", b"x" * 500)
        taken = await ask(reading.app, "POST", "/", b"x" * 400)
        slow.set()
    assert (refused.status, kind(refused)) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    assert (taken.status, answers[0].status, reading.buffers.held) == (200, 200, 0)


def refused(model, raw, **limits):
    with pytest.raises(RefusedError) as caught:
        bodies.parse(model, raw, depth=limits.pop("depth", 16), **limits)
    return caught.value


def test_an_article_is_parsed() -> None:
    raw = '{"text": "Grüße 🎈 \\ud83c\\udf88", "published": "2026-03-11", "title": null}'.encode()
    article = bodies.parse(ArticleIn, raw, depth=16)
    assert (article.text, str(article.published), article.title) == ("Grüße 🎈 🎈", "2026-03-11", None)


MALFORMED = {
    "nothing": b"",
    "a space": b" ",
    "no JSON": b"hello",
    "torn": b'{"text": "a',
    "trailing": b'{"text": "a"} x',
    "two": b'{"text": "a"}{"text": "b"}',
    "single quotes": b"{'text': 'a'}",
    "trailing comma": b'{"text": "a",}',
    "comment": b'{"text": "a" /* b */}',
    "control character": b'{"text": "a\x01"}',
    "NUL byte": b'{"text": "a\x00"}',
    "byte order mark": b'\xef\xbb\xbf{"text": "a"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "latin-1": '{"text": "é"}'.encode("latin-1"),
    "encoded surrogate": b'{"text": "\xed\xa0\x80"}',
    "overlong": b'{"text": "\xc0\xaf"}',
    "high surrogate": b'{"text": "\\ud800"}',
    "low surrogate": b'{"text": "a\\udc00b"}',
    "surrogate in a key": b'{"text": "a", "\\ud800": 1}',
    "NaN": b'{"text": NaN}',
    "Infinity": b'{"text": -Infinity}',
    "long number": b'{"text": ' + b"9" * 100_000 + b"}",
    "escape": b'{"text": "\\x41"}',
    "deep arrays": b"[" * 100 + b"]" * 100,
    "deep objects": b'{"text":' * 100 + b"1" + b"}" * 100,
    "deep and torn": b"[" * 100,
    "deep beside shallow": b'{"text": [' + b"[]," * 9 + b"[" * 16 + b"]" * 16 + b"]}",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_json_is_malformed(raw) -> None:
    error = refused(ArticleIn, raw)
    assert (error.kind, error.faults) == ("malformed", ())


ARTICLE_FAULTS = {
    "array": (b"[]", "#", "must be an object"),
    "null": (b"null", "#", "must be an object"),
    "string": (b'"text"', "#", "must be an object"),
    "empty": (b"{}", "#/text", "is missing"),
    "number": (b'{"text": 1}', "#/text", "must be text"),
    "huge": (b'{"text": 1e999}', "#/text", "must be text"),
    "true": (b'{"text": true}', "#/text", "must be text"),
    "list": (b'{"text": ["a"]}', "#/text", "must be text"),
    "no text": (b'{"text": ""}', "#/text", "must have a length of at least 1"),
    "NUL": (b'{"text": "ab\\u0000"}', "#/text", "holds a NUL character at offset 2"),
    "unknown": (b'{"text": "a", "secret name": 1}', "#", "has a field that is not known; known are text, id, published, title, "),
    "day": (b'{"text": "a", "published": "2026-02-30"}', "#/published", "must be a date, written as YYYY-MM-DD"),
    "moment": (b'{"text": "a", "published": "2026-02-03T10:00:00Z"}', "#/published", "must be a date, written as YYYY-MM-DD"),
    "seconds": (b'{"text": "a", "published": 0}', "#/published", "must be a date, written as YYYY-MM-DD"),
    "seconds as text": (b'{"text": "a", "published": "0"}', "#/published", "must be a date, written as YYYY-MM-DD"),
    "language": (b'{"text": "a", "language": "English!"}', "#/language", "must match ^[A-Za-z]"),
    "long id": (json.dumps({"text": "a", "id": "x" * 10_000}).encode(), "#/id", "must have a length of at most 500"),
    "control in id": (b'{"text": "a", "id": "a\\u001b[31m"}', "#/id", "holds a control character"),
}


@pytest.mark.parametrize(("raw", "pointer", "says"), ARTICLE_FAULTS.values(), ids=ARTICLE_FAULTS)
def test_what_is_no_article_is_invalid_at_its_place(raw, pointer, says) -> None:
    error = refused(ArticleIn, raw)
    assert error.kind == "invalid"
    ((found, told),) = error.faults
    assert found == pointer
    assert told.startswith(says)


def test_every_wrong_place_of_a_job_is_told() -> None:
    raw = b'{"articles": [{"text": "a"}, {"text": "a", "zz": 1}, 1, {"text": 7}], "webhook": {"url": 1, "q": 2}}'
    assert [pointer for pointer, _ in refused(JobIn, raw).faults] == [
        "#/articles/1", "#/articles/2", "#/articles/3/text", "#/webhook/url", "#/webhook",
    ]  # fmt: skip
    assert refused(JobIn, b'{"articles": []}').faults == (("#/articles", "must have a length of at least 1"),)


def test_of_many_wrong_places_the_first_are_told() -> None:
    error = refused(JobIn, b'{"articles": [' + b"1," * 5_000 + b"1]}")
    assert len(error.faults) == faults.MOST
    assert "5001 places" in str(error)


@pytest.mark.parametrize(
    "raw",
    [b'{"text": "a", "text": "b"}', b'{"text": "a", "\\u0074ext": "b"}', b'{"text": "a", "x": {"y": 1, "y": 1}}'],
)
def test_a_field_that_is_given_twice_leaves_the_article_in_doubt(raw) -> None:
    assert refused(ArticleIn, raw).kind == "invalid"


def test_nesting_is_counted_outside_of_strings() -> None:
    tricky = '[[[{"\\"' * 40 + "\\"
    for text in (tricky, '"', "\\", '\\"', '"' * 30, "\\" * 31, "[" * 100 + '"' + "{" * 100):
        raw = json.dumps({"text": text}).encode()
        assert bodies.parse(ArticleIn, raw, depth=1).text == text


def test_a_job_needs_three_levels() -> None:
    raw = b'{"articles": [{"text": "a"}]}'
    assert bodies.parse(JobIn, raw, depth=3).articles[0].text == "a"
    assert refused(JobIn, raw, depth=2).kind == "malformed"


def test_values_are_counted_before_they_are_built() -> None:
    raw = b'{"articles": [' + b'{"text": "a"},' * 9 + b'{"text": "a"}]}'
    assert len(bodies.parse(JobIn, raw, depth=3, values=22).articles) == 10
    assert refused(JobIn, raw, depth=3, values=21).kind == "too-large"
    for small in (b"[],", b"{},", b"1,", b'"",', b'"":', b'""'):
        assert refused(ArticleIn, b'{"text": [' + small * 100_000 + b"1]}").kind == "too-large"


def nesting(value) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(nesting, inner), default=0)


def amount(value) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(amount, inner))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.text('\\"[]{},:u', max_size=12)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=20
)
FIELDS = st.sampled_from([*ArticleIn.model_fields, *JobIn.model_fields, "url", "x"])
BODIES = st.dictionaries(FIELDS, VALUES | st.dictionaries(FIELDS, VALUES, max_size=4), max_size=6)


@given(VALUES, st.booleans())
def test_depth_and_values_are_what_a_parser_finds(value, ascii_only) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    depth, values = nesting(value), amount(value)
    shape.check(raw, depth=max(1, depth), values=max(values + 1, 50))
    if depth > 1:
        with pytest.raises(RefusedError, match="nested"):
            shape.check(raw, depth=depth - 1, values=1_000)


@given(BODIES | VALUES, st.sampled_from([ArticleIn, JobIn]), st.booleans())
def test_any_json_is_a_model_or_a_refusal_that_holds_nothing_of_it(value, model, ascii_only) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    harmless(model, raw, json.dumps(value, ensure_ascii=False))


@given(st.binary(max_size=200) | st.text('\\"[]{},:ue09 \x00\ud800', max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_model_or_a_refusal(raw) -> None:
    harmless(ArticleIn, raw, raw.decode("latin-1"))


@given(st.text("abcdefghijkl ", min_size=20, max_size=60), st.sampled_from(["key", "value", "list", "text"]), FIELDS)
def test_no_answer_repeats_twenty_characters_of_a_body(secret, place, field) -> None:
    value = {"key": {secret: 1}, "value": {field: {"x": secret}}, "list": {"articles": [secret]}, "text": {"text": secret, field: secret}}
    for model in (ArticleIn, JobIn):
        harmless(model, json.dumps(value[place]).encode(), secret)
        harmless(model, json.dumps({"articles": [value[place]]}).encode(), secret)
        harmless(model, json.dumps(value[place]).encode()[:-1], secret)


def harmless(model, raw: bytes, told: str) -> None:
    try:
        assert isinstance(bodies.parse(model, raw, depth=16), model)
    except RefusedError as error:
        answer = problems.response(error)
        assert 400 <= answer.status_code < 500
        said = json.dumps(json.loads(answer.body), ensure_ascii=False)
        own = "".join(faults._SAYS.values()) + ", ".join([*ArticleIn.model_fields, *JobIn.model_fields])
        assert not [told[i : i + 20] for i in range(len(told) - 19) if told[i : i + 20] in said and told[i : i + 20] not in own]


@given(st.lists(st.text(max_size=5) | st.integers(0, 9)))
def test_a_pointer_leads_to_its_place(parts) -> None:
    assume(all(isinstance(part, int) or not part.isdigit() for part in parts))
    pointer = faults.pointer(parts)
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("#").split("/")[1:]]
    assert steps == [str(part) for part in parts]


@pytest.mark.parametrize("filler", ["[", '"', "\\", '\\"', '"[', "[],", ",", '"a",', "\\u0041", 'a\\"'])
def test_a_large_body_is_refused_without_a_large_parse(filler) -> None:
    """Nothing but searches over bytes sees such a body, so neither time nor memory grows beyond that of the body itself."""
    raw = (filler * (10_000_000 // len(filler))).encode()
    tracemalloc.start()
    error = refused(ArticleIn, raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.kind in {"malformed", "too-large"}
    assert peak < 4 * len(raw)
