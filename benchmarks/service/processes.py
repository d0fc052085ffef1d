"""What the processes of one session use, as the kernel counts it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """What some processes use together.

    Attributes:
        processes: How many there are.
        cpu: Seconds of processor so far.
        rss: Resident bytes; pages that several share are counted in each.
        files: Open file descriptors.
        threads: Threads.
    """

    processes: int
    cpu: float
    rss: int
    files: int
    threads: int


def usage(session: int) -> Usage:
    """Return what all processes of a session use; one that ends meanwhile is left out."""
    found = [one for path in _of(session) if (one := _read(path)) is not None]
    return Usage(len(found), *(sum(column) for column in zip(*found, strict=True))) if found else Usage(0, 0.0, 0, 0, 0)


def processor(pid: int) -> float:
    """Return the seconds of processor that one process has used; 0 where there is none."""
    found = _read(Path(f"/proc/{pid}"))
    return found[0] if found is not None else 0.0


def _of(session: int) -> Iterator[Path]:
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            cells = _cells(path)
            if int(cells[3]) == session and cells[0] != "Z":
                yield path


def _cells(path: Path) -> list[str]:
    """Return the cells of a process's ``stat`` behind its name, which may hold anything: its state is the first."""
    return (path / "stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()


def _read(path: Path) -> tuple[float, int, int, int] | None:
    with suppress(OSError):
        cells = _cells(path)
        status = dict(
            line.split(":", 1) for line in (path / "status").read_text(encoding="utf-8", errors="replace").splitlines() if ":" in line
        )
        rss = int(status.get("VmRSS", "0 kB").split()[0]) * 1024
        return (int(cells[11]) + int(cells[12])) / _TICKS, rss, len(list((path / "fd").iterdir())), int(cells[17])
    return None
