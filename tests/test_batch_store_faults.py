"""Every way in which a store can be interrupted: at each call that changes the disk, by a kill or by a full disk."""

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from extracted import failed, finished, key
from test_batch_store import assert_files, assert_holds, opened

from extractor.batch.index import Index
from extractor.batch.layout import Layout
from extractor.errors import DiskFullError, RunError, StorageError


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


class Killed(BaseException):
    """The process is gone."""


class Faults:
    """Counts the calls that change the disk, and lets one of them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.at = -1
        self.fault: BaseException = Killed()
        self.dead = False
        for owner, name in ((os, "write"), (os, "fsync"), (os, "ftruncate"), (Path, "replace"), (Path, "unlink")):
            monkeypatch.setattr(owner, name, self._wrapped(getattr(owner, name), name))
        transaction = Index._transaction

        @contextmanager
        def wrapped(index):
            self.meet("BEGIN")
            with transaction(index):
                yield
                self.meet("before COMMIT")
            self.meet("COMMIT", after=True)

        monkeypatch.setattr(Index, "_transaction", wrapped)

    def meet(self, name: str, *, after: bool = False) -> None:
        if self.dead:
            raise Killed
        self.calls += 1
        if self.calls == self.at and not (after and isinstance(self.fault, OSError)):
            self.dead = isinstance(self.fault, Killed)
            if name == "BEGIN" and isinstance(self.fault, OSError):
                msg = "there is no room to write the index"
                raise DiskFullError(msg)
            if name == "before COMMIT" and isinstance(self.fault, OSError):
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            raise self.fault

    def _wrapped(self, call: Callable, name: str) -> Callable:
        def wrapped(*arguments, **options):
            if name == "write" and self.calls + 1 == self.at:
                call(arguments[0], arguments[1][: len(arguments[1]) // 2])
            if name in ("ftruncate", "unlink") and isinstance(self.fault, OSError):
                return call(*arguments, **options)
            self.meet(name)
            return call(*arguments, **options) if name != "fsync" else None

        return wrapped


def work(folder: Path, done: list[int], *, retry: bool = False) -> None:
    """Commit articles and dead letters in two parts, and note what was acknowledged; with ``retry`` what meets a full disk is repeated."""

    def again(call: Callable) -> None:
        try:
            call()
        except DiskFullError:
            if not retry:
                raise
            call()

    store = opened(folder, articles=5)
    try:
        for number in range(1, 12, 3):
            again(lambda number=number: store.commit([finished(number), finished(number + 1), failed(number + 2)]))
            done += [number, number + 1]
            if (part := store.roll()) is not None:
                again(lambda part=part: store.seal(part))
        again(lambda: store.commit([finished(3), failed(6)]))
        done.append(3)
        again(store.close)
    except BaseException:
        # What a process loses when it dies: nothing of it is written any more.
        store._index._close()
        store._file_lock.release()
        raise


LETTERS = (6, 9, 12)


def go_on(folder: Path, done: list[int]) -> None:
    """Open the folder after a kill, assert that what was acknowledged is there, commit everything again, and look at the files."""
    store = opened(folder)
    assert set(store.states([key(number) for number in done])) <= {"done"}
    store.commit([*(finished(number) for number in (1, 2, 3, 4, 5, 7, 8, 10, 11)), *(failed(number) for number in LETTERS)])
    store.close()
    assert_files(folder, [1, 2, 3, 4, 5, 7, 8, 10, 11], LETTERS)


def test_a_kill_at_any_call_loses_nothing_and_repeats_nothing(tmp_path):
    at, ended = 0, False
    while not ended:
        at += 1
        folder, done = tmp_path / str(at), []
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch)
            faults.at = at
            try:
                work(folder, done)
                ended = faults.calls < at
            except Killed:
                pass
        go_on(folder, done)
    assert at > 60


def test_two_kills_one_in_the_repair_of_the_other_lose_nothing(tmp_path):
    for at in range(20, 65, 9):
        for second in (2, 5, 9):
            folder, done = tmp_path / f"{at}-{second}", []
            for stop in (at, second):
                with pytest.MonkeyPatch.context() as patch:
                    faults = Faults(patch)
                    faults.at = stop
                    with pytest.raises(Killed):
                        work(folder, done)
            go_on(folder, done)


def test_a_full_disk_at_any_call_is_waited_for_and_the_same_call_succeeds(tmp_path):
    met = 0
    for at in range(1, 120, 2):
        folder, done = tmp_path / str(at), []
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch)
            faults.at, faults.fault = at, OSError(errno.ENOSPC, "No space left on device")
            try:
                work(folder, done, retry=True)
            except DiskFullError as error:
                assert "there is no room to write" in str(error)  # noqa: PT017  # of opening; nothing was acknowledged yet
                assert done == []
                work(folder, done)
            if faults.calls < at:
                break
            met += 1
        assert_files(folder, [1, 2, 3, 4, 5, 7, 8, 10, 11], LETTERS)
    assert met > 25


def filled(folder: Path) -> None:
    store = opened(folder, articles=4)
    store.commit([finished(number) for number in range(1, 6)] + [failed(9)])
    store.seal(store.roll())
    store.commit([finished(number) for number in range(6, 9)])
    store.abandon()


def test_a_torn_tail_is_cut_off_at_every_length(tmp_path):
    filled(tmp_path / "whole")
    part = Layout(tmp_path / "whole").part(1).read_bytes()
    letters = Layout(tmp_path / "whole").failures.read_bytes()
    ends = [place + 1 for place in range(len(part)) if part[place : place + 1] == b"\n"]
    for length in [*range(0, len(part), 613), *ends, ends[0] - 1, ends[-1] - 1]:
        folder = tmp_path / f"part-{length}"
        filled(folder)
        Layout(folder).part(1).write_bytes(part[:length])
        Layout(folder).failures.write_bytes(letters + letters[: length % len(letters)])
        store = opened(folder)
        assert store.counts.done == 5 + part[:length].count(b"\n")
        store.commit([finished(number) for number in range(6, 9)])
        store.close()
        assert_files(folder, range(1, 9), [9])


def test_flipped_bits_of_an_open_part_cost_the_articles_they_are_in(tmp_path, caplog):
    filled(tmp_path / "whole")
    part = Layout(tmp_path / "whole").part(1).read_bytes()
    for place in range(3, len(part), 499):
        folder = tmp_path / str(place)
        filled(folder)
        damaged = bytearray(part)
        damaged[place] ^= 1 << place % 8
        Layout(folder).part(1).write_bytes(damaged)
        store = opened(folder)
        assert 5 + 1 <= store.counts.done <= 5 + 2
        store.commit([finished(number) for number in range(6, 9)])
        store.close()
        assert_files(folder, range(1, 9), [9])
    assert "damaged lines are passed over" in caplog.text


def test_a_line_damaged_after_it_was_committed_is_no_longer_done_once_its_part_is_sealed(tmp_path):
    store = opened(tmp_path, articles=4)
    store.commit([finished(number) for number in range(1, 5)])
    part = Layout(tmp_path).part(0)
    content = bytearray(part.read_bytes())
    content[200] ^= 4
    part.write_bytes(content)
    store.seal(store.roll())
    assert store.states([key(1), key(2)]) == [None, "done"]
    assert store.counts.done == 3
    store.commit([finished(1)])
    store.close()
    assert_holds(tmp_path, range(1, 5))


def test_a_lost_or_damaged_index_is_made_anew(tmp_path):
    filled(tmp_path / "whole")
    store = opened(tmp_path / "whole")
    usage = store.usage
    store.abandon()
    whole = (tmp_path / "whole" / "index.sqlite").read_bytes()
    damages: dict[str, bytes | None] = {
        "gone": None,
        "empty": b"",
        "no database": b"not a database" * 500,
        "half": whole[: len(whole) // 2],
    }
    damages |= {f"bit {place}": _flipped(whole, place) for place in range(0, len(whole), 2999)}
    damages |= {f"zeros {place}": whole[:place] + bytes(1024) + whole[place + 1024 :] for place in range(0, len(whole), 5120)}
    for name, content in damages.items():
        folder = tmp_path / name
        filled(folder)
        for path in folder.glob("index.sqlite*"):
            path.unlink()
        if content is not None:
            (folder / "index.sqlite").write_bytes(content)
        store = opened(folder)
        assert store.counts.done == 8, name
        assert store.usage == usage, name
        assert store.owner("document-2") == key(2), name
        store.close()
        assert_files(folder, range(1, 9), [9])


def test_a_flipped_bit_of_a_row_is_noticed(tmp_path):
    filled(tmp_path)
    path = tmp_path / "index.sqlite"
    for number in range(1, 9):
        content = path.read_bytes()
        assert key(number) in content
        path.write_bytes(content.replace(key(number), key(number)[:-1] + bytes([key(number)[-1] ^ 1])))
        store = opened(tmp_path)
        assert store.states([key(number)]) == ["done"]
        store.abandon()
    assert_holds(tmp_path, range(1, 9), [9])


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :]


@pytest.mark.parametrize("word", ["claims", "articles", "extractions"])
def test_a_sealed_part_with_a_file_missing_is_an_error_that_says_what_to_do(tmp_path, word):
    filled(tmp_path)
    path = next(tmp_path.glob(f"{word}-00000*"))
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(RunError, match=r"has a part that is not whole: .*; restore it, or delete claims-00000.parquet, articles-00000"):
        opened(tmp_path)
    path.write_bytes(content)
    assert_holds(tmp_path, range(1, 9), [9])


def test_a_sealed_part_that_is_deleted_is_done_again(tmp_path):
    filled(tmp_path)
    for path in Layout(tmp_path).sealed(0):
        path.unlink()
    store = opened(tmp_path)
    assert store.states([key(1), key(6)]) == [None, "done"]
    assert store.owner("document-1") is None
    store.commit([finished(number) for number in range(1, 6)])
    store.close()
    assert_holds(tmp_path, range(1, 9), [9])


def test_after_a_commit_that_failed_and_could_not_be_undone_the_next_one_is_whole(tmp_path, monkeypatch):
    store = opened(tmp_path)
    store.commit([finished(1)])
    with monkeypatch.context() as patch:
        write = os.write
        patch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:50]) and _fail())
        patch.setattr(os, "ftruncate", lambda *_: _fail())
        with pytest.raises(StorageError):
            store.commit([finished(2)])
    store.commit([finished(3)])
    store.close()
    assert_holds(tmp_path, [1, 3])


def _fail() -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_a_folder_that_is_read_only_is_an_error_in_a_sentence(tmp_path, monkeypatch):
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(StorageError, match="cannot be read or written"):
        opened(tmp_path / "out")
