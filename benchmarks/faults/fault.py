"""A fault: what is done to a batch, and what must be seen from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workshop import Workshop


class SkippedError(Exception):
    """The fault cannot be made on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table.

    Attributes:
        name: What it is called on the command line.
        number: Its number in the list of faults that the project was planned with; others have none.
        made: How it is made.
        expected: What must be seen.
        check: Makes it and looks; raises UnexpectedError where something else is seen. Returns figures worth telling.
    """

    name: str
    number: str
    made: str
    expected: str
    check: Callable[[Workshop], str]
