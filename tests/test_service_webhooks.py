"""Telling webhooks: signatures, the schedule, turns, hostile receivers, restarts."""

import base64
import datetime as dt
import itertools
import json
import logging
import ssl
import threading
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import anyio
import pytest
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSListener
from asgi import ask
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from receivers import certify
from service import open_service

from extractor.errors import ConfigurationError, StorageError
from extractor.service import signing
from extractor.service.jobs import webhooks
from extractor.service.jobs.database import Database
from extractor.service.jobs.deliveries import Deliveries, Delivery
from extractor.service.jobs.webhooks import SCHEDULE, Webhooks, chosen, judged, next_at

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOOPBACK = ("127.0.0.0/8",)
BODY = json.dumps(
    {"type": "job.done", "timestamp": "2026-03-11T10:00:00Z", "data": {"id": "job_1", "articles": 2, "done": 1, "failed": 1, "claims": 3}}
)
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
NOW = 1_773_223_200.0
PLANNED = StorageError("planned")


# The signature


def test_the_vector_of_the_specifications_own_tests():
    signature = signing.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def verified(**changes):
    message = {"identifier": "msg_1", "timestamp": "1000", "body": b"{}", "now": 1000.0, "known": [SECRET]}
    message["signatures"] = signing.sign(SECRET, "msg_1", 1000, b"{}")
    message |= changes
    return signing.verify(message.pop("known"), **message)


def test_a_signature_is_good_for_its_own_message_and_time_alone():
    assert verified()
    assert verified(now=1300.0)
    assert verified(now=700.0)
    assert not verified(now=1301.0)
    assert not verified(now=699.0)
    assert not verified(identifier="msg_2")
    assert not verified(timestamp="1001")
    assert not verified(body=b"{} ")
    assert not verified(signatures="")
    assert not verified(signatures="v1,")
    assert not verified(signatures="v1a,AAAA \ud800 v2")


def test_one_of_several_signatures_and_one_of_several_secrets_suffices():
    old, new = signing.new_secret(), signing.new_secret()
    both = " ".join(("v1a,bm90IG91cnM=", signing.sign(old, "msg_1", 1000, b"{}"), signing.sign(new, "msg_1", 1000, b"{}")))
    for known in ([old], [new], [old, new], [SECRET, new]):
        assert verified(signatures=both, known=known)
    assert not verified(signatures=both, known=[SECRET])
    assert not verified(signatures=both, known=[])


@pytest.mark.parametrize("timestamp", ["", "-5", "+1000", "1000.0", "01000", "１０００", " 1000", "9" * 5_000, "nan", "1e3"])
def test_a_time_that_is_none_is_no_fault_of_the_receivers(timestamp):
    assert not verified(timestamp=timestamp)


def test_an_id_with_a_full_stop_would_let_one_message_be_another():
    with pytest.raises(ConfigurationError):
        signing.sign(SECRET, "msg_1.1000", 7, b"{}")
    assert not verified(identifier="msg.1")
    assert not verified(identifier="")


@pytest.mark.parametrize("size", [1, 23, 65])
def test_a_secret_of_another_size_is_refused_and_not_shown(size):
    secret = signing.PREFIX + base64.b64encode(b"\1" * size).decode()
    with pytest.raises(ConfigurationError) as refused:
        signing.sign(secret, "msg_1", 1, b"")
    assert secret not in str(refused.value)


@pytest.mark.parametrize(
    "secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", "whsec_ü", "whsec_" + "A" * 33, "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_a_secret_of_another_kind_is_refused(secret):
    with pytest.raises(ConfigurationError):
        signing.key(secret)


@given(st.binary(min_size=24, max_size=64), st.from_regex(r"msg_[a-z2-7]{26}", fullmatch=True), st.integers(0, 10**11), st.binary())
def test_what_is_signed_is_verified(key, identifier, timestamp, body):
    secret = signing.PREFIX + base64.b64encode(key).decode()
    given_ = signing.sign(secret, identifier, timestamp, body)
    assert signing.verify([secret], identifier=identifier, timestamp=str(timestamp), signatures=given_, body=body, now=timestamp)


def test_a_new_secret_is_one():
    assert len(signing.key(signing.new_secret())) == 32
    assert signing.new_secret() != signing.new_secret()


# When to try again, and whom next


def test_the_schedule_is_that_of_the_specification():
    at, times = 0.0, [0.0]
    for attempts in itertools.count(1):
        at = next_at(attempts, at)
        if at is None:
            break
        times.append(at)
    assert [str(dt.timedelta(seconds=seconds)) for seconds in times] == [
        *("0:00:00", "0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05"),
        *("1 day, 7:35:05", "2 days, 3:35:05", "3 days, 3:35:05"),
    ]


@given(st.integers(1, len(SCHEDULE)), st.floats(0, 1), st.floats(0, 86_400))
def test_a_pause_is_never_shorter_than_planned_or_asked_for_and_a_tenth_longer_at_most(attempts, chance, wait):
    pause = next_at(attempts, 0.0, wait, chance)
    assert max(SCHEDULE[attempts - 1], wait) <= pause <= max(SCHEDULE[attempts - 1] * 1.1 + 1e-9, wait)


@pytest.mark.parametrize(
    ("status", "retry_after", "error", "final", "wait"),
    [
        (200, "", None, False, 0),
        (204, "", None, False, 0),
        (299, "60", None, False, 0),
        (302, "", "status 302", False, 0),
        (404, "", "status 404", False, 0),
        (410, "", "status 410", True, 0),
        (429, "60", "status 429", False, 60),
        (503, "999999999", "status 503", False, 86_400),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", "status 503", False, 0),
        (503, "-1", "status 503", False, 0),
        (503, "9" * 5_000, "status 503", False, 0),
    ],
)
def test_what_a_status_means(status, retry_after, error, final, wait):
    outcome = judged(status, retry_after)
    assert (outcome.error, outcome.final, outcome.wait) == (error, final, wait)


def row(number, caller="ann", host="a.example", url=None):
    return Delivery(f"msg_{number}", f"job_{number}", caller, url or f"https://{host}/hook", BODY, 0, NOW)


def test_a_host_gets_one_at_a_time_and_callers_take_turns():
    due = [
        row(1),
        row(2),
        row(3, host="A.EXAMPLE"),
        row(4, host="b.example"),
        row(5, "bob", "c.example"),
        row(6, "bob", "d.example"),
        row(7, "cat", "b.example"),
    ]
    assert [delivery.id for delivery in chosen(due, [], 8)] == ["msg_1", "msg_5", "msg_7", "msg_6"]
    assert [delivery.id for delivery in chosen(due, [], 2)] == ["msg_1", "msg_5"]
    assert [delivery.id for delivery in chosen(due, [row(0, "bob", "c.example")], 3)] == ["msg_1", "msg_7"]
    assert chosen(due, due, 8) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("stuvwxyz")), max_size=30), st.integers(1, 8))
def test_nobody_who_can_be_served_is_left_out_while_there_is_a_place(pairs, most):
    due = [row(number, caller, host) for number, (caller, host) in enumerate(pairs)]
    found = chosen(due, [], most)
    hosts = [delivery.url for delivery in found]
    assert len(set(hosts)) == len(hosts) <= most
    assert len(found) == min(most, len({delivery.url for delivery in due}))


# Real receivers


@dataclass
class Receiver:
    """What a receiver was sent; ``answers`` are given in turn, the last one for ever."""

    url: str
    answers: list
    heads: list = field(default_factory=list)
    bodies: list = field(default_factory=list)
    times: list = field(default_factory=list)
    at_once: int = 0
    most: int = 0

    def header(self, name, number=-1):
        return dict(line.split(": ", 1) for line in self.heads[number].lower().split("\r\n")[1:])[name]


@asynccontextmanager
async def receiving(*answers, tls=None, name="127.0.0.1"):
    """A receiver on loopback. An answer is bytes, or a function that does something with the stream."""
    receiver = Receiver("", list(answers))

    async def serve(stream):
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            async with stream:
                raw = b""
                while b"\r\n\r\n" not in raw:
                    raw += await stream.receive()
                head, _, body = raw.partition(b"\r\n\r\n")
                size = next((int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")), 0)
                while len(body) < size:
                    body += await stream.receive()
                receiver.heads.append(head.decode())
                receiver.bodies.append(body)
                receiver.at_once += 1
                receiver.most = max(receiver.most, receiver.at_once)
                answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                try:
                    await (stream.send(answer) if isinstance(answer, bytes) else answer(stream))
                finally:
                    receiver.at_once -= 1

    async def quiet(stream):
        with suppress(anyio.BrokenResourceError, ssl.SSLError):
            await serve(stream)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)
    receiver.url = f"{'https' if tls else 'http'}://{name}:{port}/hook?a=b"
    wrapped = TLSListener(listener, tls, standard_compatible=False) if tls else listener
    async with wrapped, anyio.create_task_group() as group:
        group.start_soon(wrapped.serve, quiet)
        yield receiver
        group.cancel_scope.cancel()


@dataclass
class Clock:
    now: float = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def database(tmp_path):
    with closing(Database(tmp_path / "jobs.sqlite")) as opened:
        yield opened


def add(database, url, *, job="job_1", caller="ann"):
    with database.changing() as sql:
        sql.execute("INSERT INTO jobs (id, caller, model, created, articles) VALUES (?, ?, 'm', ?, 1)", (job, caller, NOW))
        Deliveries.add(sql, job=job, caller=caller, url=url, body=BODY, now=NOW)


def rows(database):
    with database.reading() as sql:
        return sql.execute("SELECT state, attempts, next_at, error FROM deliveries ORDER BY job").fetchall()


def sender(database, clock=None, **options):
    options = {"networks": LOOPBACK, "secret_of": lambda _caller: SECRET, "chance": lambda: 0.0, "pause": 0.01} | options
    options.setdefault("trust", ssl.create_default_context())
    return Webhooks(
        options.pop("deliveries", None) or Deliveries(database),
        options.pop("secret_of"),
        options.pop("networks"),
        clock=clock or Clock(),
        **options,
    )


@asynccontextmanager
async def sending(webhooks_):
    async with anyio.create_task_group() as group:
        group.start_soon(webhooks_.run)
        yield
        group.cancel_scope.cancel()


async def until(true):
    with anyio.fail_after(30):
        while not true():  # noqa: ASYNC110  # what is waited for is in a database
            await anyio.sleep(0.005)


@pytest.mark.anyio
async def test_a_message_is_signed_sent_as_it_stands_and_noted_as_taken(database):
    async with receiving(OK) as receiver, sending(sender(database)):
        add(database, receiver.url)
        await until(lambda: rows(database)[0][0] == "delivered")
    assert rows(database) == [("delivered", 1, None, None)]
    assert receiver.bodies == [BODY.encode()]
    assert receiver.heads[0].startswith("POST /hook?a=b HTTP/1.1\r\n")
    assert receiver.header("content-type") == "application/json"
    with database.reading() as sql:
        assert [(receiver.header("webhook-id"),)] == sql.execute("SELECT id FROM deliveries").fetchall()
    original = dict(line.split(": ", 1) for line in receiver.heads[0].split("\r\n")[1:])
    assert signing.verify(
        [SECRET],
        identifier=original["webhook-id"],
        timestamp=original["webhook-timestamp"],
        signatures=original["webhook-signature"],
        body=receiver.bodies[0],
        now=NOW,
    )


@pytest.mark.anyio
async def test_a_failing_receiver_is_asked_by_the_schedule_under_one_id_and_given_up_in_the_end(database, caplog):
    clock = Clock()
    caplog.set_level(logging.INFO, webhooks.__name__)
    async with receiving(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n") as receiver:
        add(database, receiver.url)
        async with sending(sender(database, clock)):
            for attempt, pause in enumerate((*SCHEDULE, None), 1):
                await until(lambda attempt=attempt: rows(database)[0][1] == attempt)
                assert rows(database) == [("pending" if pause else "dead", attempt, clock.now + pause if pause else None, "status 500")]
                clock.now += pause or 0.0
    assert len({receiver.header("webhook-id", number) for number in range(10)}) == 1
    assert [int(receiver.header("webhook-timestamp", number)) - int(NOW) for number in range(10)] == [
        0,
        *itertools.accumulate(map(int, SCHEDULE)),
    ]
    assert len(receiver.bodies) == 10
    assert [record.levelname for record in caplog.records] == ["INFO"] * 9 + ["WARNING"]
    assert "127.0.0.1" not in caplog.text
    assert "hook" not in caplog.text.replace("webhook", "")


@pytest.mark.anyio
async def test_a_receiver_that_recovers_gets_it_and_410_ends_it(database):
    clock, counted = Clock(), []
    gone = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"
    later = b"HTTP/1.1 503 Later\r\ncontent-length: 0\r\nretry-after: 60\r\n\r\n"
    async with receiving(later, OK) as mended, receiving(gone) as closed, sending(sender(database, clock, count=counted.append)):
        add(database, mended.url, job="job_1")
        add(database, closed.url, job="job_2")
        await until(lambda: [found[1] for found in rows(database)] == [1, 1])
        assert rows(database) == [("pending", 1, NOW + 60, "status 503"), ("dead", 1, None, "status 410")]
        clock.now += 60
        await until(lambda: rows(database)[0] == ("delivered", 2, None, None))
        await until(lambda: sorted(counted) == ["dead", "delivered", "failed"])


async def drips(stream):
    await stream.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        await stream.send(b"x")
        await anyio.sleep(0.01)


async def floods(stream):
    await stream.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        await stream.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


async def floods_headers(stream):
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"x: " + b"y" * 1_000 + b"\r\n")


async def is_silent(stream):
    await anyio.sleep_forever()


async def hangs_up(stream):
    await stream.aclose()


@pytest.mark.anyio
@pytest.mark.parametrize("answer", [drips, floods, b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nxyz"])
async def test_the_body_of_an_answer_is_not_read(database, answer):
    async with receiving(answer) as receiver, sending(sender(database)):
        add(database, receiver.url)
        await until(lambda: rows(database)[0][0] == "delivered")


@pytest.mark.anyio
@pytest.mark.parametrize("answer", [floods_headers, hangs_up, b"", b"\x15\x03\x01\0\2\2", b"HTTP/1.1 OK\r\n\r\n", b"SSH-2.0-x\r\n\r\n"])
async def test_an_answer_that_is_none_is_a_failure_and_others_are_told(database, answer):
    async with receiving(answer) as broken, receiving(OK) as good, sending(sender(database)):
        add(database, broken.url, job="job_1")
        add(database, good.url, job="job_2", caller="bob")
        await until(lambda: [found[1] for found in rows(database)] == [1, 1])
    assert [found[0] for found in rows(database)] == ["pending", "delivered"]
    assert rows(database)[0][3].startswith("not reached (")


@pytest.mark.anyio
async def test_a_receiver_that_does_not_answer_is_left_in_time(database, monkeypatch):
    monkeypatch.setattr(webhooks, "SECONDS", 0.05)
    async with receiving(is_silent) as receiver, sending(sender(database)):
        add(database, receiver.url)
        await until(lambda: rows(database)[0][1] == 1)
    assert rows(database) == [("pending", 1, NOW + 5, "no answer within 0.05 s")]


@pytest.mark.anyio
async def test_a_redirect_is_not_followed(database):
    async with receiving(OK) as secret_place:
        redirect = f"HTTP/1.1 307 There\r\nlocation: {secret_place.url}\r\ncontent-length: 0\r\n\r\n".encode()
        async with receiving(redirect) as receiver, sending(sender(database)):
            add(database, receiver.url)
            await until(lambda: rows(database)[0][1] == 1)
        assert rows(database) == [("pending", 1, NOW + 5, "status 307")]
        assert not secret_place.heads


@pytest.mark.anyio
async def test_a_name_that_turns_to_loopback_is_not_called_and_a_proxy_is_not_asked(database, monkeypatch):
    found = [["127.0.0.1"]]

    async def look_up(host, port):
        await anyio.lowlevel.checkpoint()
        return found[-1]

    async with receiving(OK) as receiver:
        monkeypatch.setenv("http_proxy", receiver.url)
        monkeypatch.setenv("https_proxy", receiver.url)
        port = receiver.url.rsplit(":", 1)[1].split("/")[0]
        add(database, f"https://hook.example:{port}/")
        async with sending(sender(database, networks=(), look_up=look_up)):
            await until(lambda: rows(database)[0][1] == 1)
        assert rows(database) == [("pending", 1, NOW + 5, "its address may not be called")]
        assert not receiver.heads


@pytest.mark.anyio
async def test_one_host_gets_one_message_at_a_time_and_does_not_hold_up_another(database):
    release = anyio.Event()

    async def waits(stream):
        await release.wait()
        await stream.send(OK)

    async with receiving(waits) as slow, receiving(OK) as quick, sending(sender(database)):
        for number in range(5):
            add(database, slow.url, job=f"job_{number}")
        add(database, quick.url, job="job_9", caller="bob")
        await until(lambda: rows(database)[5][0] == "delivered" and slow.at_once == 1)
        release.set()
        await until(lambda: all(found[0] == "delivered" for found in rows(database)))
    assert (slow.most, len(slow.bodies)) == (1, 5)


@pytest.mark.anyio
async def test_a_caller_without_a_secret_is_told_nothing(database):
    async with receiving(OK) as receiver, sending(sender(database, secret_of={"bob": SECRET}.get)):
        add(database, receiver.url, job="job_1")
        add(database, receiver.url, job="job_2", caller="bob")
        await until(lambda: [found[1] for found in rows(database)] == [1, 1])
    assert rows(database) == [("dead", 1, None, "there is no secret to sign it with"), ("delivered", 1, None, None)]
    assert len(receiver.bodies) == 1


@pytest.mark.anyio
async def test_a_secret_that_cannot_be_had_or_used_now_is_tried_again_later(database):
    def secret_of(caller):
        if caller == "bob":
            raise PLANNED
        return "whsec_short"

    async with receiving(OK) as receiver, sending(sender(database, secret_of=secret_of)):
        add(database, receiver.url, job="job_1")
        add(database, receiver.url, job="job_2", caller="bob")
        await until(lambda: [found[1] for found in rows(database)] == [1, 1])
    assert [found[0] for found in rows(database)] == ["pending", "pending"]
    assert "whsec_short" not in rows(database)[0][3]
    assert not receiver.bodies


@pytest.mark.anyio
async def test_what_was_under_way_when_it_ended_is_sent_again_under_the_same_id(database):
    async with receiving(is_silent, OK) as receiver:
        add(database, receiver.url)
        async with sending(sender(database)):
            await until(lambda: receiver.at_once == 1)
        assert rows(database) == [("pending", 0, NOW, None)]
        async with sending(sender(database)):
            await until(lambda: rows(database)[0][0] == "delivered")
    assert receiver.header("webhook-id", 0) == receiver.header("webhook-id", 1)


@pytest.mark.anyio
async def test_to_stop_begins_nothing_new_and_lets_the_current_one_end(database):
    release = anyio.Event()

    async def waits(stream):
        await release.wait()
        await stream.send(OK)

    async with receiving(waits) as receiver:
        add(database, receiver.url, job="job_1")
        add(database, receiver.url, job="job_2")
        sends = sender(database, pause=60.0)
        async with anyio.create_task_group() as group:
            group.start_soon(sends.run)
            await until(lambda: receiver.at_once == 1)
            sends.stop()
            release.set()
        assert sorted(found[0] for found in rows(database)) == ["delivered", "pending"]


class Failing(Deliveries):
    """Deliveries on a disk that fails some times."""

    def __init__(self, database, *, reads=0, writes=0):
        super().__init__(database)
        self.reads, self.writes = reads, writes

    def due(self, now, most):
        self.reads -= 1
        if self.reads >= 0:
            raise PLANNED
        return super().due(now, most)

    def settle(self, id, **noted):  # noqa: A002  # the signature of what it stands for
        self.writes -= 1
        if self.writes >= 0:
            raise PLANNED
        super().settle(id, **noted)


@pytest.mark.anyio
async def test_a_disk_that_fails_for_a_while_makes_nothing_be_sent_twice(database):
    async with receiving(OK) as receiver, sending(sender(database, deliveries=Failing(database, reads=3, writes=3))):
        add(database, receiver.url)
        await until(lambda: rows(database)[0][0] == "delivered")
    assert len(receiver.bodies) == 1


class Slow(Deliveries):
    """Deliveries of which the second look has an answer that is out of date when it comes: its row was settled meanwhile."""

    def __init__(self, database):
        super().__init__(database)
        self.looks, self.looked, self.settled = 0, anyio.Event(), threading.Event()

    def due(self, now, most):
        found = super().due(now, most)
        self.looks += 1
        if self.looks == 2:
            anyio.from_thread.run_sync(self.looked.set)
            assert self.settled.wait(10)
            anyio.from_thread.run(anyio.sleep, 0.05)  # whoever settled it learns of that
        return found

    def settle(self, id, **noted):  # noqa: A002  # the signature of what it stands for
        super().settle(id, **noted)
        self.settled.set()


@pytest.mark.anyio
async def test_what_ends_during_a_look_at_what_is_due_is_not_sent_again(database):
    slow = Slow(database)

    async def waits(stream):
        await slow.looked.wait()
        await stream.send(OK)

    async with receiving(waits) as receiver, sending(sender(database, deliveries=slow)):
        add(database, receiver.url)
        await until(lambda: slow.looks > 3)
    assert len(receiver.bodies) == 1


# Certificates


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Who is trusted, and a context of a server that is ``hook.example``."""
    both = certify(tmp_path_factory.mktemp("tls"), x509.DNSName("hook.example"))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(both)
    return ssl.create_default_context(cafile=both), server


@pytest.mark.anyio
async def test_the_certificate_is_that_of_the_name_though_the_connection_goes_to_an_address(database, authority):
    trusted, server = authority
    asked = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)

    async def look_up(host, port):
        await anyio.lowlevel.checkpoint()
        return ["127.0.0.1"]

    async with receiving(OK, tls=server, name="hook.example") as receiver:
        add(database, receiver.url, job="job_1")
        async with sending(sender(database, look_up=look_up, trust=trusted)):
            await until(lambda: rows(database)[0][0] == "delivered")
        assert receiver.header("host") == receiver.url.split("/")[2]
        add(database, receiver.url.replace("hook.example", "other.example"), job="job_2")
        add(database, receiver.url.replace("hook.example", "127.0.0.1"), job="job_3")
        async with sending(sender(database, look_up=look_up, trust=trusted)):
            await until(lambda: [found[1] for found in rows(database)[1:]] == [1, 1])
        assert [found[3] for found in rows(database)[1:]] == ["not reached (ClientConnectorCertificateError)"] * 2
        add(database, receiver.url, job="job_4")
        async with sending(sender(database, look_up=look_up)):
            await until(lambda: rows(database)[3][1] == 1)
        assert rows(database)[3][3] == "not reached (ClientConnectorCertificateError)"
    assert len(receiver.bodies) == 1
    assert asked[0] == asked[-1] == "hook.example"
    assert sorted(map(str, asked[1:-1])) == ["None", "other.example"]


# The whole service


@pytest.mark.anyio
async def test_the_service_tells_the_end_of_a_job_and_goes_on_to_do_so_after_a_restart(tmp_path, monkeypatch):
    monkeypatch.setattr(webhooks, "SCHEDULE", (0.01, 0.01))
    given = {"webhook_networks": LOOPBACK, "webhook_secret": SECRET}
    failed = b"HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n"
    async with receiving(failed, OK) as receiver:
        asked = json.dumps({"articles": [{"text": "The mayor said 4 men left."}], "webhook": {"url": receiver.url}}).encode()
        async with open_service(tmp_path, **given) as (app, context):
            job = (await ask(app, "POST", "/v1/jobs", asked)).json
            await until(lambda: receiver.bodies)
            context.drain()
        told = len(receiver.bodies)
        async with open_service(tmp_path, **given) as (app, context):
            await until(lambda: rows(context.jobs.database)[0][0] == "delivered")
            done = (await ask(app, "GET", f"/v1/jobs/{job['id']}")).json
    assert 1 <= told <= len(receiver.bodies) == 2
    assert receiver.bodies[0] == receiver.bodies[1]
    assert (done["state"], json.loads(receiver.bodies[1])["data"]) == ("done", done)
    for number, body in enumerate(receiver.bodies):
        names = ("webhook-id", "webhook-timestamp")
        message, at = (receiver.header(name, number) for name in names)
        sent = dict(line.split(": ", 1) for line in receiver.heads[number].split("\r\n")[1:])
        signature = next(value for name, value in sent.items() if name.lower() == "webhook-signature")
        assert signature == signing.sign(SECRET, message, int(at), body)
    assert receiver.header("webhook-id", 0) == receiver.header("webhook-id", 1)


@pytest.mark.anyio
async def test_the_service_does_not_call_its_own_network_unless_its_operator_says_so(tmp_path):
    async with receiving(OK) as receiver, open_service(tmp_path, webhook_secret=SECRET) as (app, context):
        asked = json.dumps({"articles": [{"text": "The mayor said 4 men left."}], "webhook": {"url": receiver.url}}).encode()
        answer = await ask(app, "POST", "/v1/jobs", asked)
        assert (answer.status, answer.json["type"]) == (422, "/problems/invalid")
        assert rows(context.jobs.database) == []
    assert receiver.bodies == []
