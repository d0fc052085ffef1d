"""Callers: who asks the service for something, and what of it they may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and how much they may have.

    Attributes:
        id: Id of their key; ``open`` where there are no keys.
        name: What the key is called.
        rate: Requests a minute; None for any number.
        in_flight: Extractions under way at once, those that wait for a place included; None for any number.
        tokens_a_day: Tokens, of input and output together, that may be spent in a day of UTC; None for any number.
    """

    id: str
    name: str
    rate: int | None = None
    in_flight: int | None = None
    tokens_a_day: int | None = None


OPEN: Final = Caller(id="open", name="anyone")
"""Whoever calls a service without keys."""
