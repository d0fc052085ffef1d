"""Who calls: keys over real HTTP requests to an application, and where a service may be reached without any."""

from contextlib import closing
from types import SimpleNamespace
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from extractor.errors import ConfigurationError
from extractor.service import limits, problems
from extractor.service.access import Caller, caller, check_exposure, host_name, known_hosts
from extractor.service.keys import Keys


@pytest.fixture
def keys(tmp_path):
    with closing(Keys.open(tmp_path / "service")) as opened:
        yield opened


@pytest.fixture
def client(keys):
    app = FastAPI()
    app.state.context = SimpleNamespace(keys=keys)
    problems.install(app)

    @app.get("/who")
    async def who(found: Annotated[Caller, Depends(caller)]) -> str:
        return found.id

    with TestClient(app) as opened:
        yield opened


def refused(answer) -> None:
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/unauthorized"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer whatever"}, {"authorization": "Basic eDp5"}])
def test_without_keys_everybody_is_the_same_caller(client, headers):
    assert client.get("/who", headers=headers).json() == "open"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_with_keys_the_caller_is_whose_key_is_sent(client, keys, scheme):
    key, secret = keys.add("desk")
    assert client.get("/who", headers={"authorization": f"{scheme} {secret}"}).json() == key.id


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "{}", "Token {}", "Bearer{}"])
def test_what_carries_no_key_is_told_how_to_send_one(client, keys, header):
    _, secret = keys.add("desk")
    headers = {} if header is None else {"authorization": header.format(secret)}
    answer = client.get("/who", headers=headers)
    refused(answer)
    assert "Authorization: Bearer KEY" in answer.json()["detail"]


@pytest.mark.parametrize("header", ["Bearer x", "Bearer {}x", "Bearer {} {}", "Bearer ck_000000000000_" + "a" * 43, "Bearer \xe4"])
def test_a_key_that_is_not_valid_is_refused_and_not_repeated(client, keys, header):
    _, secret = keys.add("desk")
    given = header.format(secret, secret)
    answer = client.get("/who", headers={"authorization": given.encode("latin-1")})
    refused(answer)
    assert secret not in answer.text
    assert "ck_" not in answer.text


def test_a_revoked_key_is_refused_even_where_it_was_the_only_one(client, keys):
    key, secret = keys.add("desk")
    keys.revoke(key.id)
    refused(client.get("/who", headers={"authorization": f"Bearer {secret}"}))
    refused(client.get("/who"))


def test_two_keys_in_one_request_are_none(client, keys):
    _, secret = keys.add("desk")
    refused(client.get("/who", headers=[("authorization", f"Bearer {secret}"), ("authorization", f"Bearer {secret}")]))


def test_keys_that_cannot_be_read_let_nobody_in_and_tell_nothing_of_the_machine(client, keys):
    keys.add("desk")
    (keys.folder / "keys.sqlite").unlink()
    keys._looked -= 10
    answer = client.get("/who")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/fault")
    assert str(keys.folder) not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST", "localhost."])
def test_without_keys_a_loopback_address_may_be_listened_on(host):
    check_exposure(host, keys_exist=False)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.168.1.5", "10.0.0.1", "8.8.8.8", "fe80::1", "::ffff:10.0.0.1", "example.org", "localhost.evil.org"]
)
def test_beyond_it_a_key_is_needed_and_the_error_says_how_to_make_one(host):
    check_exposure(host, keys_exist=True)
    with pytest.raises(ConfigurationError, match="extractor keys add NAME") as caught:
        check_exposure(host, keys_exist=False)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8000", "localhost"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("claims.example.org.", "claims.example.org"),
        (" claims.example.org ", "claims.example.org"),
        ("", ""),
    ],
)
def test_a_host_header_names_a_host(header, name):
    assert host_name(header) == name


@given(st.text(max_size=30))
def test_no_host_header_is_too_strange_to_be_compared(header):
    assert host_name(header) == host_name(header).lower()


@pytest.mark.parametrize("header", ["evil.example", "127.0.0.1.evil.example:8000", "localhost@evil.example", "localhost:80:80", "[::1", ""])
def test_without_keys_a_page_cannot_call_under_a_name_of_its_own(header):
    names = known_hosts(limits.load(), "127.0.0.1", keys_exist=False)
    assert names is not None
    assert (host_name(header) in names) == (header == "[::1")  # which is the address itself, only torn


@pytest.mark.parametrize("header", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "127.8.9.1:8000"])
def test_without_keys_the_machines_own_names_are_known(header):
    names = known_hosts(limits.load(), "127.8.9.1", keys_exist=False)
    assert names is not None
    assert host_name(header) in names


def test_with_keys_any_name_will_do_unless_names_are_set(monkeypatch):
    assert known_hosts(limits.load(), "0.0.0.0", keys_exist=True) is None
    monkeypatch.setenv("EXTRACTOR_SERVICE_HOSTS", '["Claims.Example.org"]')
    for keys_exist in (True, False):
        names = known_hosts(limits.load(), "127.0.0.1", keys_exist=keys_exist)
        assert names is not None
        assert {"claims.example.org", "localhost"} <= names
        assert "evil.example" not in names
