import hashlib
import logging
import multiprocessing
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from extractor.caches.disk import DiskCache
from extractor.errors import StorageError

VALUE = b'{"content": "x"}' * 20


@pytest.fixture
def cache(tmp_path):
    found = DiskCache(tmp_path / "answers")
    yield found
    found.close()


def plant(cache: DiskCache, sql: str, *values: object) -> None:
    with sqlite3.connect(cache.folder / "cache.db") as database:
        database.execute(sql, values)
    database.close()


def test_what_is_stored_comes_back_after_closing(cache):
    cache.set("a", VALUE)
    cache.close()
    again = DiskCache(cache.folder)
    assert again.get("a") == VALUE
    assert again.get("b") is None
    again.close()


def test_only_the_owner_can_read_it(cache):
    cache.set("a", VALUE)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in cache.folder.iterdir() if file.name == "cache.db")


def test_nothing_but_text_keys_and_bytes_is_stored(cache):
    for key, value in ((1, VALUE), (b"a", VALUE), ("a", "text"), ("a", {"a": 1}), ("a", None)):
        with pytest.raises(TypeError):
            cache._cache.set(key, value)


@pytest.mark.parametrize("size", [1, 40_000, 3_000_000])
def test_large_values_stay_in_the_database(cache, size):
    cache.set("a", b"x" * size)
    assert cache.get("a") == b"x" * size
    assert not list(cache.folder.rglob("*.val"))


class Evil:
    def __reduce__(self):
        return os.mkdir, (os.environ["EVIL"],)


def test_a_planted_pickle_is_a_miss_and_never_run(cache, tmp_path, monkeypatch, caplog):
    """CVE-2025-69872: diskcache unpickles what a row says is a pickle."""
    monkeypatch.setenv("EVIL", str(tmp_path / "was-run"))
    evil = pickle.dumps(Evil())
    for mode in (2, 3, 4):
        cache.set("a", VALUE)
        plant(cache, "UPDATE Cache SET mode = ?, value = ? WHERE key = 'a'", mode, evil)
        with caplog.at_level(logging.WARNING):
            assert cache.get("a") is None
    plant(cache, "INSERT INTO Cache(key, raw, store_time, mode, value, size, access_time) VALUES (?, 0, 0, 4, ?, 0, 0)", evil, evil)
    assert list(cache.keys()) == []
    cache.verify()
    assert not (tmp_path / "was-run").exists()
    assert caplog.text.count("is damaged") == 3


def test_a_row_cannot_name_a_file(cache, tmp_path):
    (tmp_path / "secret").write_bytes(VALUE)
    cache.set("a", VALUE)
    plant(cache, "UPDATE Cache SET filename = '../secret', value = NULL WHERE key = 'a'")
    assert cache.get("a") is None


@pytest.mark.parametrize(
    "value", [b"", b"short", hashlib.sha256(b"a\0" + VALUE).digest() + VALUE[:-1], b"\0" * 400, "text", 7], ids=lambda v: repr(v)[:12]
)
def test_a_damaged_value_is_a_miss_with_one_warning(cache, value, caplog):
    cache.set("a", VALUE)
    cache.set("b", VALUE)
    plant(cache, "UPDATE Cache SET value = ? WHERE key = 'a'", value)
    with caplog.at_level(logging.WARNING):
        assert cache.get("a") is None
        assert cache.get("a") is None
    assert caplog.text.count("is damaged") == 1
    assert cache.get("b") == VALUE


def test_verify_drops_what_is_damaged(cache):
    cache.set("a", VALUE)
    cache.set("b", VALUE)
    plant(cache, "UPDATE Cache SET value = ? WHERE key = 'a'", b"junk")
    assert cache.verify() == (1, 1)
    assert cache.verify() == (1, 0)
    assert cache.stats()["entries"] == 1
    assert cache.clear() == 1


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_database_that_is_none_is_set_aside(tmp_path, content, caplog):
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "cache.db").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        cache = DiskCache(folder)
    cache.set("a", VALUE)
    assert cache.get("a") == VALUE
    cache.close()
    aside = list(tmp_path.glob("answers.damaged-*"))
    assert len(aside) == (1 if content else 0)
    assert all((found / "cache.db").read_bytes() == content for found in aside)


def test_flipped_bytes_never_give_a_wrong_answer(tmp_path):
    cache = DiskCache(tmp_path / "answers")
    values = {f"key{i}": f"value {i} ".encode() * 60 for i in range(60)}
    for key, value in values.items():
        cache.set(key, value)
    cache.close()
    file = tmp_path / "answers" / "cache.db"
    content = bytearray(file.read_bytes())
    for at in range(5000, len(content), 1777):
        content[at] ^= 0x15
    file.write_bytes(content)
    again = DiskCache(tmp_path / "answers")
    assert all(again.get(key) in (value, None) for key, value in values.items())
    again.close()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be used"):
        DiskCache(tmp_path / "file" / "answers")


def _fill(folder, name):
    cache = DiskCache(folder)
    for index in range(50):
        cache.set(f"{name}-{index}", VALUE)
    cache.close()


def test_several_processes_and_threads_write_at_once(tmp_path):
    folder = tmp_path / "answers"
    DiskCache(folder).close()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(folder, f"p{i}")) for i in range(2)]
    workers += [threading.Thread(target=_fill, args=(folder, f"t{i}")) for i in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    cache = DiskCache(folder)
    assert cache.verify() == (200, 0)
    cache.close()


KILLED = """
import sys
from pathlib import Path
from extractor.caches.disk import DiskCache
cache = DiskCache(Path(sys.argv[1]))
for index in range(100000):
    cache.set(f"key{index}", b"v" * 500)
    print(index, flush=True)
"""


def test_kill_9_loses_nothing_acknowledged(tmp_path):
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "answers")], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(40)]
            child.kill()
        last = int(lines[-1])
        cache = DiskCache(tmp_path / "answers")
        assert all(cache.get(f"key{index}") == b"v" * 500 for index in range(last + 1))
        cache.close()
