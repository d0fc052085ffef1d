"""What goes over the wire to a hosted model, what is read of its replies, and what becomes of broken ones."""

import base64
import gzip
import json
import math
import ssl
import zlib
from contextlib import asynccontextmanager, suppress

import anyio
import pytest
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSListener
from faults import Reply, completion, error, serving
from hypothesis import given
from hypothesis import strategies as st

from extractor import errors
from extractor.providers import replies, transport
from extractor.providers.openai import OpenAIProvider
from extractor.requests import Limits, Message, Request, Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
REQUEST = Request(
    endpoint="e",
    model="m",
    messages=(Message(role="system", content="Find Œ 𝕏."), Message(role="user", content='"x"\n')),
    constraint={"response_format": {"zebra": 1, "apple": {"b": None, "a": True}}},
    max_tokens=5,
    sampling={"temperature": 0},
)


@asynccontextmanager
async def wire(*pieces: bytes, endless: bytes = b"", pause: float = 0.0, together: int = 1, tls: ssl.SSLContext | None = None):
    """A server that answers a request with ``pieces``, then with ``endless`` until the client has gone; yields address and record.

    The first requests are answered when so many as ``together`` have come.
    """
    enough = anyio.Event()
    seen = {"heads": [], "bodies": [], "sent": 0, "connections": 0, "gone": anyio.Event()}

    async def talk(stream):
        seen["connections"] += 1
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            async with stream:
                while await heard(stream, seen):
                    if len(seen["bodies"]) >= together:
                        enough.set()
                    await enough.wait()
                    for piece in pieces:
                        await sent(stream, piece)
                    while endless:
                        await anyio.sleep(pause)
                        await sent(stream, endless)
                    if pieces and b"content-length" not in pieces[0]:
                        return
        seen["gone"].set()

    async def sent(stream, piece):
        await stream.send(piece)
        seen["sent"] += len(piece)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        served = TLSListener(listener, tls, standard_compatible=False) if tls else listener
        tasks.start_soon(served.serve, talk)
        yield f"http{'s' if tls else ''}://localhost:{listener.extra(SocketAttribute.local_port)}/v1", seen
        tasks.cancel_scope.cancel()


async def heard(stream, seen) -> bool:
    """Read a request and note it; tell whether it was one."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += await stream.receive()
        if received.startswith(b"\x16"):  # a handshake for one who speaks no TLS
            await stream.send(http(status=400))
            return False
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += await stream.receive()
    seen["heads"].append(head)
    seen["bodies"].append(body)
    return True


def http(body: bytes = b"", status: int = 200, **headers: object) -> bytes:
    named = {"content-length": len(body), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value is not None)
    return f"HTTP/1.1 {status} S\r\n{head}\r\n".encode() + body


@asynccontextmanager
async def provided(url: str | None, key: str | None = "k", **options):
    provider = OpenAIProvider(base_url=url, key=key, **options)
    try:
        yield provider
    finally:
        await provider.aclose()


# ---- what is sent ----


async def test_the_body_is_that_of_the_request_with_its_keys_in_order():
    async with wire(http(completion("yes"))) as (url, seen), provided(url) as provider:
        answer = await provider.complete(REQUEST)
    assert (answer.content, answer.usage, answer.limits) == ("yes", Usage(requests=1, input_tokens=11, output_tokens=7), None)
    assert json.dumps(json.loads(seen["bodies"][0])) == json.dumps(REQUEST.body())
    head = seen["heads"][0].lower()
    assert head.startswith(b"post /v1/chat/completions http/1.1\r\n")
    assert b"\r\nauthorization: bearer k" in head
    assert b"\r\ncontent-type: application/json" in head
    assert b"\r\nuser-agent: claim-extractor/" in head


async def test_a_request_goes_out_as_openais_own_sdk_would_send_it():
    import openai

    async with wire(http(completion("yes"))) as (url, seen):
        async with provided(url) as provider:
            await provider.complete(REQUEST)
        async with openai.AsyncOpenAI(base_url=url, api_key="k", max_retries=0) as client:
            await client.chat.completions.create(**REQUEST.body())
    ours, theirs = (dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:]) for head in seen["heads"])
    assert json.loads(seen["bodies"][0]) == json.loads(seen["bodies"][1])
    assert seen["heads"][0].split(b"\r\n")[0] == seen["heads"][1].split(b"\r\n")[0]
    names = (b"authorization", b"content-type", b"accept")
    assert {name: ours[name] for name in names} == {name: theirs[name] for name in names}


async def test_without_a_key_none_is_sent():
    async with wire(http(completion())) as (url, seen), provided(url, key=None) as provider:
        await provider.complete(REQUEST)
    assert b"authorization" not in seen["heads"][0].lower()


async def test_openai_itself_is_told_whose_account_it_is_and_nobody_else(monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    async with wire(http(completion())) as (url, seen):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        for address in (None, url):
            async with provided(address) as provider:
                await provider.complete(REQUEST)
    own, other = (head.lower() for head in seen["heads"])
    assert b"openai-organization: org-1" in own
    assert b"openai-project: proj-1" in own
    assert b"openai-" not in other


@pytest.mark.parametrize("key", ["k\n", "k\r\nx: y", "schlüssel", "a\x00b"])
async def test_a_key_that_cannot_be_one_is_told_before_sending(key):
    async with wire(http(completion())) as (url, seen), provided(url, key=key) as provider:
        with pytest.raises(errors.AuthenticationError, match="line break") as caught:
            await provider.complete(REQUEST)
    assert caught.value.attempts == 0
    assert key not in str(caught.value)
    assert not seen["connections"]


async def test_a_connection_is_used_again():
    async with wire(http(completion())) as (url, seen), provided(url) as provider:
        for _ in range(3):
            await provider.complete(REQUEST)
    assert (seen["connections"], len(seen["bodies"])) == (1, 3)


async def test_as_many_are_in_flight_as_are_let_in():
    async with wire(http(completion()), together=300) as (url, seen), provided(url) as provider, anyio.create_task_group() as tasks:
        for _ in range(300):
            tasks.start_soon(provider.complete, REQUEST)
    assert seen["connections"] == 300


async def test_after_closing_it_can_be_used_again():
    async with wire(http(completion())) as (url, _), provided(url) as provider:
        for _ in range(2):
            await provider.complete(REQUEST)
            await provider.aclose()
            await provider.aclose()


async def test_a_proxy_of_the_environment_is_used_and_its_account_is_in_no_message(monkeypatch):
    account = b"\r\nProxy-Authorization: Basic " + base64.b64encode(b"ann:secret")
    async with wire(http(completion("by proxy"))) as (url, seen):
        proxy = url.removesuffix("/v1").replace("http://", "http://ann:secret@")
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("https_proxy", proxy)
        monkeypatch.setenv("no_proxy", "other.invalid")
        async with provided("http://model.invalid/v1") as provider:
            assert (await provider.complete(REQUEST)).content == "by proxy"
        async with provided("http://other.invalid/v1") as provider:
            with pytest.raises(errors.ConnectionFailedError):
                await provider.complete(REQUEST)
    assert seen["heads"][0].startswith(b"POST http://model.invalid/v1/chat/completions HTTP/1.1")
    assert account in seen["heads"][0]
    async with wire(http(status=407)) as (url, seen):
        monkeypatch.setenv("https_proxy", url.removesuffix("/v1").replace("http://", "http://ann:secret@"))
        async with provided("https://model.invalid/v1") as provider:
            with pytest.raises(errors.ConnectionFailedError, match="407") as caught:
                await provider.complete(REQUEST)
    assert seen["heads"][0].startswith(b"CONNECT model.invalid:443")
    assert account in seen["heads"][0]
    assert b"Bearer" not in seen["heads"][0]
    assert "secret" not in str(caught.value)


async def test_a_redirect_to_another_server_takes_no_key_along():
    async with (
        wire(http(completion("moved"))) as (other, there),
        wire(http(status=308, location=f"{other}/chat/completions")) as (url, here),
        provided(url) as provider,
    ):
        assert (await provider.complete(REQUEST)).content == "moved"
    assert b"authorization" in here["heads"][0].lower()
    assert b"authorization" not in there["heads"][0].lower()
    assert json.loads(there["bodies"][0]) == REQUEST.body()


# ---- TLS ----

CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUKO5l+hBopGxKD3l2vumNZVPF8T4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE2MDk0OVoYDzIxMjYxMTAy
MTYwOTQ5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASm7N99aAplO+2+/rHdP9PgVPsvJ9OuZpPgcUwz//M0ideuN6qEqJvS
i6l0qbpa0TFSTqSVXf03tlIycwkW0o8Jo28wbTAdBgNVHQ4EFgQUOHYCahzzo8kc
FbW84R0WCnV5bTgwHwYDVR0jBBgwFoAUOHYCahzzo8kcFbW84R0WCnV5bTgwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgPsC1zYUmi5AfVA1cAo4G6tu/iUv3nJ16cJi6g1U5xlkCIDre
ehgoWPD9OKBPJfnqPCUmeudoYIeJnEmRhKqIWapU
-----END CERTIFICATE-----
"""
SECRET = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgM8eYoQKJH+2uAs5N
aqkpgVQajt4juDFhFjwBYzg0Xv2hRANCAASm7N99aAplO+2+/rHdP9PgVPsvJ9Ou
ZpPgcUwz//M0ideuN6qEqJvSi6l0qbpa0TFSTqSVXf03tlIycwkW0o8J
-----END PRIVATE KEY-----
"""


@pytest.fixture
def tls(tmp_path) -> ssl.SSLContext:
    (tmp_path / "own.pem").write_text(CERTIFICATE + SECRET)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "own.pem")
    return context


async def test_an_unknown_certificate_is_refused_and_one_that_the_user_trusts_is_not(tls, tmp_path, monkeypatch):
    async with wire(http(completion("safe")), tls=tls) as (url, seen):
        async with provided(url) as provider:
            with pytest.raises(errors.ConnectionFailedError, match=r"(?i)certificate"):
                await provider.complete(REQUEST)
        assert not seen["bodies"]
        (tmp_path / "trusted.pem").write_text(CERTIFICATE)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
        async with provided(url) as provider:
            assert (await provider.complete(REQUEST)).content == "safe"


async def test_a_server_that_speaks_no_tls():
    async with wire(http(completion())) as (url, _), provided(url.replace("http", "https", 1)) as provider:
        with pytest.raises(errors.ConnectionFailedError, match="cannot be reached"):
            await provider.complete(REQUEST)


# ---- replies that are broken ----


@pytest.mark.parametrize(
    "pieces",
    [
        (http(completion())[:-9],),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nshort",),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n",),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nno gzip",),
        (b"SSH-2.0-OpenSSH_9.2\r\n",),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000,),
        (b"",),
    ],
    ids=["cut", "cut chunk", "no chunk", "no gzip", "another protocol", "an endless header", "nothing"],
)
async def test_a_reply_that_is_no_http_is_a_broken_connection(pieces):
    async with wire(*pieces) as (url, _), provided(url, timeout=0.3) as provider:
        with pytest.raises(errors.ConnectionFailedError):
            await provider.complete(REQUEST)


def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * 2**20) for _ in range(64)) + packer.flush()


@pytest.mark.parametrize(
    ("pieces", "endless"),
    [
        ((b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n",), b" " * 2**16),
        ((b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",), b"10000\r\n" + b" " * 2**16 + b"\r\n"),
        ((b"HTTP/1.1 200 OK\r\n\r\n",), b" " * 2**16),
        ((b"HTTP/1.1 500 Failed\r\n\r\n",), b" " * 2**16),
        ((http(bomb(), content_encoding="gzip"),), b""),
    ],
    ids=["announced", "in chunks", "to the end of the connection", "an error", "packed"],
)
async def test_a_reply_too_large_is_left_unread(pieces, endless):
    async with wire(*pieces, endless=endless) as (url, seen), provided(url) as provider:
        with pytest.raises(errors.ResponseError, match="more than 16,000,000 bytes"):
            await provider.complete(REQUEST)
        with anyio.fail_after(10):
            await seen["gone"].wait()
    assert seen["sent"] < 3 * transport.LARGEST


async def test_a_packed_reply_is_unpacked():
    async with wire(http(gzip.compress(completion("packed")), content_encoding="gzip")) as (url, _), provided(url) as provider:
        assert (await provider.complete(REQUEST)).content == "packed"


async def test_a_dripping_server_is_left_at_the_deadline():
    async with wire(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n", endless=b" ", pause=0.02) as (url, seen), provided(url) as provider:
        policy = RetryPolicy(deadline=0.3)
        with pytest.raises(errors.DeadlineError):
            await policy.run(lambda: provider.complete(REQUEST))
        with anyio.fail_after(10):
            await seen["gone"].wait()


async def test_whoever_is_cancelled_hangs_up():
    async with wire(endless=b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.05) as (url, seen), provided(url) as provider:
        with anyio.move_on_after(0.2):
            await provider.complete(REQUEST)
        with anyio.fail_after(10):
            await seen["gone"].wait()


# ---- errors ----


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"])
@pytest.mark.parametrize("status", [400, 403, 429])
def test_no_credit_is_told_by_its_code_whatever_the_status(status, code):
    for said in ({"error": {"code": code}}, {"error": {"type": code, "code": None}}, {"code": code}):
        found = replies.failure(status, {}, json.dumps(said).encode(), name="n", model="m")
        assert type(found) is errors.QuotaError


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (402, b"", errors.QuotaError),
        (429, b"", errors.RateLimitError),
        (429, b'{"error":{"code":429}}', errors.RateLimitError),
        (400, b"[1]", errors.BadRequestError),
        (400, b'{"error":["x"]}', errors.BadRequestError),
        (418, b"\xff", errors.BadRequestError),
        (599, b"null", errors.ServerError),
    ],
)
def test_errors_by_status_whatever_the_body(status, body, kind):
    assert type(replies.failure(status, {}, body, name="n", model="m")) is kind


@pytest.mark.parametrize("body", [b'{"error":{"message":"no such field"}}', b'{"error":"no such field"}', b'{"message":"no such field"}'])
def test_the_reason_of_a_refused_request_is_told(body):
    assert str(replies.failure(400, {}, body, name="n", model="m")) == "n refused the request with status 400: no such field"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "120"}, 0.12),
        ({"retry-after-ms": "120", "retry-after": "1"}, 0.12),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_how_long_to_wait(status, headers, wait):
    assert replies.failure(status, headers, b"", name="n", model="m").retry_after == wait


# ---- limits ----


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1s", 1.0), ("6m0s", 360.0), ("120ms", 0.12), ("7.66s", 7.66), ("2m59.56s", 179.56), ("1h2m3s", 3723.0), ("1d", 86_400.0),
        ("59", 59.0), ("0", 0.0), ("879µs", 0.000879), ("15ns", 15e-9),
        ("", None), ("-1", None), ("-1s", None), ("soon", None), ("1m30", None), ("1 s", None), ("s", None), ("1e3", None),
    ],
)  # fmt: skip
def test_durations_of_resets(text, value):
    assert replies.seconds(text) == (value if value is None else pytest.approx(value))


@given(st.text(max_size=20))
def test_any_duration_is_a_finite_number_or_none(text):
    found = replies.seconds(text)
    assert found is None or 0 <= found < math.inf


async def test_limits_come_with_the_answer():
    headers = {
        "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "499", "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-limit-tokens": "30000", "x-ratelimit-remaining-tokens": "29000", "x-ratelimit-reset-tokens": "6m0s",
    }  # fmt: skip
    with serving(Reply(headers=headers)) as server:
        async with provided(server.url) as provider:
            answer = await provider.complete(REQUEST)
    assert answer.limits == Limits(
        requests_limit=500, requests_remaining=499, requests_reset=0.12, tokens_limit=30_000, tokens_remaining=29_000, tokens_reset=360.0
    )  # fmt: skip


@pytest.mark.parametrize("value", ["-1", "many", "", "1.5", "²"])
def test_a_limit_that_is_no_number_is_unknown(value):
    assert replies.read_limits({"x-ratelimit-remaining-tokens": value}) is None
    found = replies.read_limits({"x-ratelimit-remaining-tokens": value, "x-ratelimit-remaining-requests": "3"})
    assert found == Limits(requests_remaining=3)


async def test_an_error_is_no_answer_even_with_an_answers_body():
    with serving(Reply(500, completion())) as server:
        async with provided(server.url) as provider:
            with pytest.raises(errors.ServerError):
                await provider.complete(REQUEST)


async def test_waits_asked_for_in_milliseconds_are_kept():
    with serving(error(429, retry_after_ms="50")) as server:
        async with provided(server.url) as provider:
            with pytest.raises(errors.RateLimitError) as caught:
                await provider.complete(REQUEST)
    assert caught.value.retry_after == 0.05
