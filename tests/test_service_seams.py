"""Small parts of the service by themselves: forms a client wants, the gate that lives on, attending, events."""

from contextlib import asynccontextmanager, closing

import anyio
import hypothesis
import hypothesis.strategies as st
import pytest
from starlette.requests import ClientDisconnect, Request

from extractor import errors
from extractor.batch.breaker import Breaker
from extractor.batch.budget import Budget
from extractor.batch.control import Control
from extractor.batch.pace import Pace
from extractor.requests import Completion, Message, Usage
from extractor.requests import Request as Question
from extractor.service import sse
from extractor.service.attending import Attending
from extractor.service.gates import Lasting, hurried
from extractor.service.negotiation import chosen
from extractor.service.streams import EventStream

OFFERED = ("application/json", "text/event-stream", "text/html", "text/csv")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/event-stream", "text/event-stream"),
        ("text/*", "text/event-stream"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("*/*, application/json;q=0", "text/event-stream"),
        ("TEXT/CSV ; Q=1.000", "text/csv"),
        ("text/csv;header=present", "text/csv"),
    ],
)
def test_the_form_that_is_wanted_most_is_chosen(accept, form):
    assert chosen(accept, OFFERED) == form


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0", "text/csv;q=2", ";", "text/csv;q=0.0000"])
def test_a_client_that_wants_none_of_the_forms_is_told_which_there_are(accept):
    with pytest.raises(errors.RefusedError, match="text/event-stream") as caught:
        chosen(accept, OFFERED)
    assert caught.value.kind == "not-acceptable"


@hypothesis.given(st.text(max_size=200))
def test_any_header_is_answered(accept):
    try:
        form = chosen(accept, OFFERED)
    except errors.RefusedError as error:
        assert error.kind == "not-acceptable"  # noqa: PT017  # either outcome is right
    else:
        assert form in OFFERED


def question(number: int) -> Question:
    return Question(endpoint="e", model="m", messages=(Message(role="user", content=str(number)),), constraint={}, max_tokens=5)


ANSWER = Completion(content="{}", finish_reason="stop", usage=Usage(requests=1))


def gate(clock) -> Lasting:
    return Lasting(lambda: Control(Pace(2, 2, clock), Breaker(clock), Budget(), clock=clock), clock=clock)


@pytest.mark.anyio
async def test_a_stopped_gate_is_made_anew_after_a_while():
    now = [0.0]
    made = gate(lambda: now[0])
    first = question(1)
    await made.enter(first)
    made.leave(first, errors.AuthenticationError("the key is refused"))
    assert isinstance(made.stopped, errors.AuthenticationError)
    now[0] = 29.0
    with pytest.raises(errors.AuthenticationError):
        await made.enter(question(2))
    now[0] = 31.0
    second = question(3)
    await made.enter(second)
    made.leave(second, ANSWER)
    assert made.stopped is None


@pytest.mark.anyio
async def test_what_was_let_in_before_a_stop_leaves_by_the_gate_it_came_through():
    now = [0.0]
    made = gate(lambda: now[0])
    early, refused = question(1), question(2)
    await made.enter(early)
    await made.enter(refused)
    made.leave(refused, errors.QuotaError("no credit"))
    assert made.stopped is not None
    now[0] = 31.0
    late = question(3)
    await made.enter(late)
    made.leave(early, errors.QuotaError("no credit"))
    assert made.stopped is None
    made.leave(late, ANSWER)


@pytest.mark.anyio
async def test_somebody_who_waits_is_told_that_the_provider_rests_and_a_job_waits_for_it():
    now = [0.0]
    made = gate(lambda: now[0])
    first = question(1)
    await made.enter(first)
    made.leave(first, errors.RateLimitError("too many", retry_after=60))
    assert made.rest == 60
    token = hurried.set(True)
    with pytest.raises(errors.RestingError) as caught:
        await made.enter(question(2))
    assert caught.value.retry_after == 60
    assert not caught.value.retryable
    hurried.reset(token)
    patient = question(3)
    with anyio.move_on_after(0.05) as waited:
        await made.enter(patient)
    assert waited.cancelled_caught


def request_of(messages) -> Request:
    async def receive():
        return await messages.receive()

    return Request({"type": "http", "headers": [], "method": "GET", "path": "/"}, receive)


@asynccontextmanager
async def attending():
    async with anyio.create_task_group() as tasks:
        yield Attending(tasks).attended
        tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_work_is_done_while_its_client_waits():
    send, receive = anyio.create_memory_object_stream(1)
    async with attending() as attended:
        with send, receive:
            assert await attended(request_of(receive), 5, lambda: _value(7)) == 7
            with pytest.raises(errors.ReaderError, match="no text"):
                await attended(request_of(receive), 5, _fails)


async def _value(value):
    return value


async def _fails():
    msg = "no text"
    raise errors.ReaderError(msg)


@pytest.mark.anyio
async def test_work_ends_with_its_time_and_with_its_client():
    send, receive = anyio.create_memory_object_stream(1)
    async with attending() as attended:
        with send, receive, pytest.raises(errors.RefusedError) as caught:
            await attended(request_of(receive), 0.01, anyio.sleep_forever)
        assert caught.value.kind == "deadline"
        send, receive = anyio.create_memory_object_stream(1)
        with send, receive:
            await send.send({"type": "http.disconnect"})
            with pytest.raises(ClientDisconnect):
                await attended(request_of(receive), 5, anyio.sleep_forever)


@pytest.mark.anyio
async def test_a_client_that_cannot_be_heard_is_gone_and_ends_no_other_request():
    send, receive = anyio.create_memory_object_stream(1)
    broken = Request({"type": "http", "headers": [], "method": "GET", "path": "/"}, _breaks)
    async with attending() as attended:
        with send, receive:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_leaves, attended, broken)
                assert await attended(request_of(receive), 5, _later) == 8


async def _breaks():
    msg = "the connection is broken"
    raise OSError(msg)


async def _leaves(attended, request) -> None:
    with pytest.raises(ClientDisconnect):
        await attended(request, 5, anyio.sleep_forever)


async def _later():
    await anyio.sleep(0.05)
    return 8


def test_an_event_is_written_as_the_standard_has_it():
    assert sse.event("window", '{"a": 1}', id="7") == b'id: 7\nevent: window\ndata: {"a": 1}\n\n'
    assert sse.event("note", "two\nlines") == b"event: note\ndata: two\ndata: lines\n\n"
    assert sse.event("end", b"") == b"event: end\ndata: \n\n"


@pytest.mark.anyio
async def test_a_stream_beats_while_it_waits_and_ends_with_its_client():
    send_in, receive_in = anyio.create_memory_object_stream(1)
    sent, ended = [], []

    class Ended:
        def close(self):
            ended.append(True)

    async def produce(write):
        await write(b"first")
        await anyio.sleep_forever()

    async def send(message):
        sent.append(message)
        if message.get("body") == sse.COMMENT:
            send_in.send_nowait({"type": "http.disconnect"})

    stream = EventStream(produce, heartbeat=0.01, during=closing(Ended()))
    with send_in, receive_in:
        await stream({"type": "http"}, receive_in.receive, send)
    assert [message.get("body") for message in sent[:3]] == [None, b"first", sse.COMMENT]
    assert sent[0]["status"] == 200
    assert (b"content-type", b"text/event-stream; charset=utf-8") in sent[0]["headers"]
    assert ended == [True]
    assert all(message.get("more_body", True) for message in sent)


@pytest.mark.anyio
async def test_a_stream_that_is_over_says_so():
    sent = []

    async def produce(write):
        await write(b"all")

    async def send(message):
        sent.append(message)

    await EventStream(produce)({"type": "http"}, anyio.sleep_forever, send)
    assert sent[-1] == {"type": "http.response.body", "body": b""}
