"""What a proof measured, as rows of a table, and whether its criteria were met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One figure.

    Attributes:
        what: What was measured.
        measured: The figure.
        aim: What it has to be, in words; nothing where it is told only.
        held: Whether it is; None where nothing is asked of it.
    """

    what: str
    measured: str
    aim: str = ""
    held: bool | None = None


def told(title: str, rows: Sequence[Row]) -> int:
    """Print the rows as a table and return the exit code: 1 where a criterion is missed."""
    print(f"\n{title}\n\n| what | measured | aim | |\n| --- | --- | --- | --- |")
    for row in rows:
        verdict = "" if row.held is None else "held" if row.held else "MISSED"
        print(f"| {row.what} | {row.measured} | {row.aim} | {verdict} |")
    missed = sum(row.held is False for row in rows)
    print(f"\n{missed} criteria missed" if missed else "\nall criteria held", flush=True)
    return 1 if missed else 0
