"""The shared cache, against a real server of ours."""

from __future__ import annotations

import builtins
import logging
import os
import shutil
import signal
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.caches.checksums import checked, with_checksum
from extractor.caches.table import SCHEMES, open_cache, provide
from extractor.errors import ConfigurationError, MissingExtraError, StorageError
from extractor.exchange import Exchange
from extractor.requests import Completion, Message, Request, Usage
from extractor.retries import RetryPolicy
from extractor.settings import load as load_settings

redis = pytest.importorskip("redis", reason="the extra 'redis' is not installed")

from extractor.caches.redis import RedisCache  # noqa: E402  # after the skip

SERVER = shutil.which("valkey-server") or shutil.which("redis-server")
VALUE = b'{"content": "x", "finish_reason": "stop"}' * 20
KEY = "a" * 64

needs_server = pytest.mark.skipif(
    SERVER is None, reason="neither valkey-server nor redis-server is installed (apt-get install redis-server)"
)


class Server:
    """A server that keeps nothing on disk, on a port of its own, which may be ended and started again."""

    def __init__(self, folder, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self._command = [SERVER, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        self._options = options
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self._command, *self._options], stdout=subprocess.DEVNULL)
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            threading.Event().wait(0.01)
        pytest.fail("the server did not start")

    def end(self):
        self.process.kill()
        self.process.wait()

    def raw(self):
        return redis.Redis(port=self.port)


@contextmanager
def running(folder, *options):
    server = Server(folder, *options)
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    if SERVER is None:
        pytest.skip("no server is installed")
    with running(tmp_path_factory.mktemp("shared")) as server:
        yield server


@pytest.fixture
def raw(shared):
    client = shared.raw()
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def cache(shared, raw):
    found = RedisCache(shared.url)
    yield found
    found.close()


@contextmanager
def opened(url, **options):
    cache = RedisCache(url, **options)
    try:
        yield cache
    finally:
        cache.close()


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@needs_server
def test_what_one_machine_stores_another_reads(shared, cache):
    cache.set(KEY, VALUE)
    with opened(shared.url) as other:
        assert other.get(KEY) == VALUE
        assert other.get("b" * 64) is None


@needs_server
@pytest.mark.parametrize(
    "value", [b"", b"\0\xff\n", b"x" * 3_000_000, bytes(range(256)) * 100], ids=["empty", "short", "long", "all bytes"]
)
def test_every_value_comes_back_as_it_was(cache, value):
    cache.set(KEY, value)
    assert cache.get(KEY) == value


@needs_server
def test_values_take_less_memory_than_they_have_bytes(cache, raw):
    cache.set(KEY, VALUE)
    (name,) = raw.keys()
    assert raw.strlen(name) < len(VALUE) / 4


@needs_server
def test_of_two_answers_the_first_stays(cache):
    cache.set(KEY, b"first")
    cache.set(KEY, b"second")
    assert cache.get(KEY) == b"first"


@needs_server
def test_of_many_machines_that_answer_at_once_all_read_one_answer(shared, raw):
    with ExitStack() as stack:
        caches = [stack.enter_context(opened(shared.url)) for _ in range(8)]
        ready = threading.Barrier(len(caches))

        def answer(number):
            ready.wait()
            caches[number].set(KEY, b"answer %d" % number)
            return caches[number].get(KEY)

        with ThreadPoolExecutor(len(caches)) as pool:
            assert len(set(pool.map(answer, range(len(caches))))) == 1


@needs_server
def test_one_cache_serves_many_threads(cache):
    def both(number):
        cache.set(f"{number:064d}", b"%d" % number)
        return cache.get(f"{number:064d}") == b"%d" % number

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(both, range(400)))


@needs_server
@pytest.mark.parametrize(
    "damage",
    [
        lambda stored: stored[:-1],
        lambda stored: b"\0" * len(stored),
        lambda stored: stored[:40] + bytes([stored[40] ^ 1]) + stored[41:],
        lambda stored: b"",
        lambda stored: b"somebody else's",
        lambda stored: with_checksum("b" * 64, VALUE),
        lambda stored: with_checksum(KEY, b"not compressed"),
    ],
    ids=["cut", "zeros", "one bit", "empty", "foreign", "another key's", "not compressed"],
)
def test_a_damaged_or_foreign_value_is_a_miss_and_makes_room(cache, raw, caplog, damage):
    cache.set(KEY, VALUE)
    (name,) = raw.keys()
    raw.set(name, damage(raw.get(name)))
    assert cache.get(KEY) is None
    assert "damaged or foreign" in caplog.text
    cache.set(KEY, b"asked again")
    assert cache.get(KEY) == b"asked again"


@needs_server
def test_a_value_of_another_type_is_a_miss_and_makes_room(cache, raw):
    cache.set(KEY, VALUE)
    (name,) = raw.keys()
    raw.delete(name)
    raw.lpush(name, "a", "b")
    assert cache.get(KEY) is None
    cache.set(KEY, VALUE)
    assert cache.get(KEY) == VALUE


@needs_server
def test_a_value_that_its_reader_cannot_use_makes_room(cache):
    cache.set(KEY, b"a form of long ago")
    cache.drop(KEY)
    cache.set(KEY, VALUE)
    assert cache.get(KEY) == VALUE


@needs_server
def test_the_rest_of_the_database_is_left_alone(cache, raw):
    raw.set(KEY, "another program's")
    cache.set(KEY, VALUE)
    assert cache.get(KEY) == VALUE
    assert raw.get(KEY) == b"another program's"


@needs_server
def test_a_server_that_goes_away_is_a_miss_with_one_warning_and_is_found_again(tmp_path, caplog):
    clock = Clock()
    with running(tmp_path) as server, opened(server.url, clock=clock) as cache:
        cache.set(KEY, VALUE)
        server.end()
        assert [cache.get(KEY) for _ in range(5)] == [None] * 5
        with pytest.raises(StorageError, match="is away"):
            cache.set(KEY, VALUE)
        clock.now += 3600
        assert cache.get(KEY) is None
        assert len(caplog.records) == 1
        assert "every question counts as new" in caplog.text
        server.start()
        assert cache.get(KEY) is None, "it is tried again only after a pause"
        clock.now += 3600
        cache.set(KEY, VALUE)
        assert cache.get(KEY) == VALUE
        assert "answers again" in caplog.records[-1].message


@needs_server
def test_a_connection_that_the_server_closed_is_made_anew_without_a_word(shared, cache, raw, caplog):
    cache.set(KEY, VALUE)
    raw.client_kill_filter(_type="normal", skipme=True)
    assert cache.get(KEY) == VALUE
    assert not caplog.records


@needs_server
def test_a_server_that_is_silent_is_not_waited_for_again_and_again(tmp_path):
    clock = Clock()
    with running(tmp_path) as server, opened(f"{server.url}?socket_timeout=0.2", clock=clock) as cache:
        cache.set(KEY, VALUE)
        os.kill(server.process.pid, signal.SIGSTOP)
        with pytest.raises(StorageError, match="Timeout"):
            cache.set(KEY, VALUE)
        assert cache.get(KEY) is None
        os.kill(server.process.pid, signal.SIGCONT)
        clock.now += 3600
        assert cache.get(KEY) == VALUE


@needs_server
def test_calls_that_wait_together_for_a_silent_server_are_one_try_and_one_warning(tmp_path, caplog):
    clock, most = Clock(), 8
    with running(tmp_path) as server, opened(f"{server.url}?socket_timeout=0.2", clock=clock) as cache:
        cache.set(KEY, VALUE)
        os.kill(server.process.pid, signal.SIGSTOP)
        with ThreadPoolExecutor(most) as pool:
            assert list(pool.map(cache.get, [KEY] * most)) == [None] * most
        assert len(caplog.records) == 1
        os.kill(server.process.pid, signal.SIGCONT)
        clock.now += 1.0
        assert cache.get(KEY) == VALUE, "the first pause is the shortest"


@needs_server
def test_a_full_server_is_a_storage_error_and_goes_on_answering(tmp_path):
    with running(tmp_path) as server, opened(server.url) as cache:
        cache.set(KEY, VALUE)
        with server.raw() as raw:
            raw.config_set("maxmemory", "1")
        with pytest.raises(StorageError, match="its memory is full"):
            cache.set("b" * 64, VALUE)
        assert cache.get(KEY) == VALUE


@needs_server
@pytest.mark.parametrize(
    ("policy", "memory", "warned"),
    [("allkeys-lru", "100mb", True), ("volatile-lru", "100mb", False), ("noeviction", "100mb", False), ("allkeys-lru", "0", False)],
)
def test_a_server_that_forgets_is_warned_of_once(tmp_path, caplog, policy, memory, warned):
    with running(tmp_path, "--maxmemory-policy", policy, "--maxmemory", memory) as server, opened(server.url) as cache:
        cache.set(KEY, VALUE)
        assert [record.levelno for record in caplog.records] == [logging.WARNING] * warned
        assert (policy in caplog.text) is warned


@needs_server
def test_a_user_of_few_rights_is_enough(tmp_path):
    with running(tmp_path) as server:
        with server.raw() as raw:
            raw.acl_setuser(
                "reader", enabled=True, passwords=["+p@ss/word"], keys=["claim-extractor:*"], commands=["+get", "+set", "+del", "+exists"]
            )
        address = server.url.replace("redis://", "redis://reader:p%40ss%2Fword@")
        with opened(address) as cache:
            cache.set(KEY, VALUE)
            assert cache.get(KEY) == VALUE
        with server.raw() as raw:
            raw.acl_setuser("reader", enabled=True, commands=["-set"])
        with opened(address) as cache, pytest.raises(StorageError, match="may not read and write") as told:
            cache.set(KEY, VALUE)
        assert "p@ss" not in str(told.value)


@needs_server
def test_a_wrong_password_is_told_at_the_start_without_it(tmp_path):
    with running(tmp_path, "--requirepass", "right") as server:
        for address in (server.url, server.url.replace("redis://", "redis://:wr0ng@")):
            with pytest.raises(StorageError, match=f"127.0.0.1:{server.port} cannot be used") as told:
                RedisCache(address)
            assert "wr0ng" not in str(told.value)


def test_a_server_that_is_not_there_is_told_at_the_start():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(StorageError, match=r"refused.*EXTRACTOR_CACHE_URL"):
            RedisCache(f"redis://user:s3cret@127.0.0.1:{taken.getsockname()[1]}/0")


@pytest.mark.parametrize(
    "address",
    [
        "redis://user:s3cret/word@127.0.0.1/0",
        "redis://user:s3cret#word@127.0.0.1/0",
        "redis://user:s3cret@127.0.0.1:port/0",
        "redis://user:s3cret@127.0.0.1/name",
        "redis://user:12/s3cret@127.0.0.1/0",
        "redis://[user:s3cret@127.0.0.1/0",
        "redis://:s3cret@/0",
        "redis://:s3cret@127.0.0.1/0?colour=red",
        "redis://:s3cret@127.0.0.1/0?socket_timeout=s3cret",
    ],
)
def test_an_address_that_cannot_be_understood_is_told_without_its_password(address):
    with pytest.raises(ConfigurationError, match="EXTRACTOR_CACHE_URL") as told:
        RedisCache(address)
    assert "s3cret" not in str(told.value)


@needs_server
def test_options_of_the_address_do_not_change_what_values_are(shared, raw):
    with opened(f"{shared.url}/0?decode_responses=true&protocol=3") as cache:
        cache.set(KEY, VALUE)
        assert cache.get(KEY) == VALUE


@needs_server
@pytest.mark.parametrize("scheme", ["redis", "valkey"])
def test_an_address_names_its_cache(shared, raw, scheme):
    cache = open_cache(f"{scheme}://127.0.0.1:{shared.port}/3?client_name=extractor")
    assert isinstance(cache, RedisCache)
    assert cache.where == f"{scheme}://127.0.0.1:{shared.port}/3"
    cache.close()


def test_an_address_without_a_scheme_is_a_folder(tmp_path):
    cache = open_cache(str(tmp_path / "answers"))
    cache.set(KEY, VALUE)
    assert cache.get(KEY) == VALUE
    cache.close()
    assert (tmp_path / "answers" / "cache.db").is_file()


@needs_server
def test_the_settings_name_the_cache(shared, raw, known_settings, monkeypatch):
    here = provide(known_settings)
    assert here.folder == known_settings.cache_dir / "answers"
    here.close()
    monkeypatch.setenv("EXTRACTOR_CACHE_URL", shared.url)
    there = provide(load_settings())
    assert isinstance(there, RedisCache)
    there.close()


def test_a_password_in_the_settings_is_not_shown(monkeypatch):
    monkeypatch.setenv("EXTRACTOR_CACHE_URL", "redis://user:s3cret@127.0.0.1/0")
    assert "s3cret" not in repr(load_settings())


def test_an_unknown_scheme_names_those_there_are():
    with pytest.raises(ConfigurationError) as told:
        open_cache("memcached://user:s3cret@host")
    assert all(f"{name}://" in str(told.value) for name in SCHEMES if name)
    assert "s3cret" not in str(told.value)


def test_without_the_client_the_command_that_installs_it_is_told(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **named):
        if name.split(".")[0] == "redis":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'claim-extractor\[redis\]'"):
        RedisCache("redis://127.0.0.1")


class Counting:
    endpoint = "here"
    sent = 0

    async def prepare(self, request):
        """Nothing."""

    async def complete(self, request):
        self.sent += 1
        return Completion(content="{}", finish_reason="stop", usage=Usage(requests=1))

    async def aclose(self):
        """Nothing."""


def question(number: int) -> Request:
    return Request(endpoint="here", model="m", messages=(Message(role="user", content=f"{number}"),), constraint={}, max_tokens=1)


@needs_server
@pytest.mark.anyio
async def test_answers_are_used_though_the_server_goes_away_in_the_middle(tmp_path, caplog):
    with running(tmp_path) as server:
        provider, clock = Counting(), Clock()
        exchange = Exchange(provider, RedisCache(server.url, clock=clock), RetryPolicy())
        first = await exchange.complete(question(0))
        assert (await exchange.complete(question(0))).cached
        server.end()
        answers = [await exchange.complete(question(number)) for number in range(5)]
        assert [answer.content for answer in answers] == [first.content] * 5
        assert provider.sent == 6
        assert len(caplog.records) == 2, "one for what is not read, one for what is not kept"
        server.start()
        clock.now += 3600
        await exchange.complete(question(0))
        assert (await exchange.complete(question(0))).cached
        await exchange.aclose()


@given(st.text(alphabet="0123456789abcdef", min_size=1), st.binary())
def test_a_checksum_holds_a_value_to_its_key(key, value):
    stored = with_checksum(key, value)
    assert checked(key, stored) == value
    assert checked(key + "0", stored) is None


@given(st.binary(), st.data())
def test_no_changed_byte_and_no_cut_passes_a_checksum(value, data):
    stored = with_checksum(KEY, value)
    place = data.draw(st.integers(0, len(stored) - 1))
    changed = bytearray(stored)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert checked(KEY, bytes(changed)) is None
    assert checked(KEY, stored[:place]) is None


def test_checksums_are_those_that_caches_on_disk_already_hold():
    assert with_checksum("k", b"v").hex() == "4351aecae812848617671538a170ab45db25d7c825c59aa75f7c10f6b5bb10c1" + b"v".hex()
