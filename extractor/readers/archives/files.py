"""Which files a user means by paths: files, folders with all in them, patterns."""

from __future__ import annotations

import glob
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extractor.errors import ReaderError

UNKNOWN: Final = "files of an unknown kind, skipped"
_MAGIC: Final = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class File:
    """A file to read.

    Attributes:
        path: Where it is.
        name: The same as the user named it, in characters that every encoding has.
        size: Its bytes when it was found.
    """

    path: Path
    name: str
    size: int


class Files:
    """The files that paths mean, found anew at each pass; folders are walked in the order of their names.

    Hidden members of a folder are passed over, links to folders are not followed, and members that no reader knows are
    counted.

    Args:
        paths: Files, folders, or patterns such as ``feeds/**/*.jsonl``.
        known: Whether some reader reads a file of this name.
        without: Folders that are passed over, for example the one the results go to.

    Raises:
        ReaderError: A path does not exist, is no file or folder, is of an unknown kind, or holds nothing readable.
    """

    def __init__(self, paths: Sequence[str], known: Callable[[str], bool], *, without: Sequence[Path] = ()) -> None:
        self._known = known
        self._without = frozenset(path.resolve() for path in without)
        self._roots = [root for path in paths for root in _expanded(path)]
        for root in self._roots:
            self._check(root)

    def walk(self, counts: Counter[str]) -> Iterator[File]:
        """Yield the files.

        Args:
            counts: Where files of an unknown kind are counted.
        """
        for root in self._roots:
            if root.is_dir():
                yield from self._below(str(root), counts)
            else:
                yield _file(str(root))

    def _below(self, folder: str, counts: Counter[str]) -> Iterator[File]:
        if self._without and Path(folder).resolve() in self._without:
            return
        try:
            with os.scandir(folder) as found:
                members = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
        except OSError as error:
            msg = f"the folder {_name(folder)} cannot be read: {error.strerror}; check its permissions"
            raise ReaderError(msg) from error
        for member in members:
            if member.is_dir(follow_symlinks=False):
                yield from self._below(member.path, counts)
            elif not self._known(member.name) or not member.is_file():
                counts[UNKNOWN] += 1
            else:
                yield _file(member.path)

    def _check(self, root: Path) -> None:
        name = _name(root)
        try:
            mode = root.stat().st_mode
        except FileNotFoundError:
            msg = f"there is no file {name}"
            raise ReaderError(msg) from None
        except (OSError, ValueError) as error:
            msg = f"{name} cannot be read: {getattr(error, 'strerror', None) or error}"
            raise ReaderError(msg) from error
        if stat.S_ISDIR(mode):
            if next(self._below(str(root), Counter()), None) is None:
                msg = f"the folder {name} holds no file that can be read; see docs/archives.md for the kinds there are"
                raise ReaderError(msg)
        elif not stat.S_ISREG(mode):
            msg = f"{name} is no regular file; save what it gives in a file first"
            raise ReaderError(msg)
        elif not self._known(root.name):
            msg = f"{name} is of an unknown kind; say which by --format, or see docs/archives.md for the kinds there are"
            raise ReaderError(msg)


def _expanded(path: str) -> list[Path]:
    if not _MAGIC.intersection(path) or Path(path).exists():
        return [Path(path)]
    found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  # the pattern may be absolute, with names that Path would change
    if not found:
        msg = f"no file matches {path}"
        raise ReaderError(msg)
    files = [Path(name) for name in found if not Path(name).is_dir()]
    return files or [Path(name) for name in found]


def _file(path: str) -> File:
    try:
        size = Path(path).stat().st_size
    except OSError:  # gone since it was found: opening it will say so
        size = 0
    return File(Path(path), _name(path), size)


def _name(path: str | Path) -> str:
    """Return a path in valid Unicode; file names on Linux are bytes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
