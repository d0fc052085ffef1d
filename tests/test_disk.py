"""Files that survive a kill, a full disk and a loss of power: appended to, or replaced whole."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import disk
from extractor.disk import ASIDE, Appended
from extractor.errors import DiskFullError, StorageError

LINES = st.lists(st.binary(max_size=20).map(lambda content: content.replace(b"\n", b"") + b"\n"), max_size=6)


def fails(number: int):
    """Return what stands for a call of the system that fails with ``number``."""

    def call(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return call


@pytest.fixture
def synced(monkeypatch):
    """The inodes that were waited for, in order."""
    found = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: found.append(os.fstat(descriptor).st_ino))
    return found


@given(before=LINES, torn=st.binary(max_size=20).map(lambda content: content.replace(b"\n", b"")), after=LINES)
def test_whatever_stands_behind_the_last_line_end_is_no_line_and_is_cut_off(tmp_path_factory, before, torn, after):
    path = tmp_path_factory.mktemp("appended") / "lines"
    path.write_bytes(b"".join(before) + torn)
    assert [line + b"\n" for line in disk.whole_lines(path)] == before
    with pytest.MonkeyPatch.context() as patch, closing(Appended(path)) as file:
        patch.setattr(os, "fsync", lambda _: None)
        assert (file.size, file.lines) == (sum(map(len, before)), len(before))
        file.append(after)
        assert (file.size, file.lines) == (sum(map(len, before + after)), len(before + after))
    assert path.read_bytes() == b"".join(before + after)


def test_a_torn_line_is_cut_off_even_if_nothing_is_appended(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntw")
    Appended(path).close()
    assert path.read_bytes() == b"one\n"


def test_a_file_that_ends_in_a_line_end_is_never_cut_so_that_another_writers_lines_stay(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"before\n")
    with closing(Appended(path)) as first, closing(Appended(path)) as second:
        first.append([b"first\n"])
        second.append([b"second\n"])
    assert path.read_bytes() == b"before\nfirst\nsecond\n"


def test_a_new_file_has_its_name_on_the_disk_before_its_first_line_counts(tmp_path, synced):
    path = tmp_path / "lines"
    with closing(Appended(path)) as file:
        file.append([b"one\n"])
        file_and_folder = [path.stat().st_ino, tmp_path.stat().st_ino]
        assert synced == file_and_folder
        file.append([b"two\n"])
    with closing(Appended(path)) as file:
        file.append([b"three\n"])
    assert synced == [*file_and_folder, file_and_folder[0], file_and_folder[0]]


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_after_a_full_disk_no_half_line_is_left_and_the_same_append_succeeds(tmp_path, monkeypatch, call):
    path = tmp_path / "lines"
    with closing(Appended(path)) as file:
        file.append([b"one\n"])
        with monkeypatch.context() as patch:
            write, full = os.write, fails(errno.ENOSPC)
            patch.setattr(os, call, full if call == "fsync" else lambda descriptor, content: write(descriptor, content[:2]) and full())
            with pytest.raises(DiskFullError, match=r"there is no room to write .*lines; free disk space"):
                file.append([b"two\n", b"three\n"])
        assert path.read_bytes() == b"one\n"
        file.append([b"two\n", b"three\n"])
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_a_file_whose_torn_line_cannot_be_cut_off_is_let_go_all_the_same(tmp_path, monkeypatch):
    path = tmp_path / "lines"
    path.write_bytes(b"torn")
    file = Appended(path)
    monkeypatch.setattr(os, "ftruncate", fails(errno.EIO))
    with pytest.raises(StorageError, match="check the disk and its permissions"):
        file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file._descriptor)


def test_a_replaced_file_is_on_the_disk_before_it_has_its_name_and_its_name_afterwards(tmp_path, synced):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    disk.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert synced == [path.stat().st_ino, tmp_path.stat().st_ino]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("owner", "call"), [(os, "fsync"), (Path, "replace"), (Path, "open")])
def test_a_file_that_cannot_be_replaced_is_left_as_it_was(tmp_path, monkeypatch, owner, call):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, fails(errno.ENOSPC))
        with pytest.raises(DiskFullError):
            disk.replace(path, b"new")
    assert path.read_bytes() == b"old"


def test_what_was_written_aside_before_a_fault_takes_no_room(tmp_path):
    path = tmp_path / "file"

    def interrupted() -> None:
        with disk.aside(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_files_get_their_names_in_the_order_in_which_they_are_given(tmp_path, monkeypatch):
    paths = [tmp_path / name for name in ("one", "two", "three")]
    for path in paths:
        with disk.aside(path) as stream:
            stream.write(path.name.encode())
    replace, left = Path.replace, [2]

    def dies(path: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        disk.rename(*paths)
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two", f"three{ASIDE}"}


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EBADF, errno.EACCES])
def test_a_file_system_that_cannot_wait_for_names_is_taken_as_it_is(tmp_path, monkeypatch, number):
    monkeypatch.setattr(os, "open" if number == errno.EACCES else "fsync", fails(number))
    disk.sync_folder(tmp_path)


def test_a_name_that_does_not_reach_the_disk_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", fails(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        disk.sync_folder(tmp_path)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFullError),
        (OSError(errno.EIO, "Input/output error"), StorageError),
        (sqlite3.OperationalError("unable to open database file"), StorageError),
    ],
)
def test_a_full_disk_is_told_apart_from_a_broken_one(error, kind):
    with pytest.raises(StorageError) as told, disk.told(Path("folder/file")):
        raise error
    assert type(told.value) is kind
    assert "folder/file" in str(told.value)
