"""Lines of an official loss bulletin: what was lost, how many in all, how many more than the day before, how firmly said.

Such a line is a heading of a category, a dash, the cumulative figure, and perhaps the day's in parentheses with its sign:
"tanks - 1691 (+4)". One table names the categories; the first row whose words the heading holds decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from extractor.claims import Comparator
from extractor.normalise import quantities

CATEGORIES: Final = {
    "personnel": r"personnel|troops|servicemen|soldiers|manpower",
    "air_defence": r"anti-?aircraft|air[- ]defen[cs]e",
    "vehicles_and_fuel_tanks": r"(?:vehicles|automotive).*fuel",
    "fuel_tank": r"fuel tank|fuel tanker",
    "tanks": r"\btanks?\b",
    "armoured_vehicles": r"\bA[PCI]?[CV]Vs?\b|\bAPVs?\b|\bAPCs?\b|armou?red|troop-carrying",
    "artillery_systems": r"artillery|howitzers?",
    "mlrs": r"\bMLRS\b|multiple[- ](?:launch )?rocket|\bMRLs?\b",
    "helicopters": r"helicopters?",
    "cruise_missiles": r"cruise missiles?",
    "uav": r"\bUAVs?\b|drones?|unmanned aerial",
    "aircraft": r"aircraft|planes?|jets?",
    "submarines": r"submarines?",
    "ships_boats": r"ships?|boats?|cutters?|vessels?",
    "special_equipment": r"special equipment",
    "mobile_srbm_system": r"\bSRBM\b",
    "military_auto": r"vehicles?|trucks?|cars?",
}  # fmt: skip
"""Categories of losses and the words of their headings; a row with more particular words stands before a general one."""

_CATEGORY: Final = {name: re.compile(words, re.IGNORECASE) for name, words in CATEGORIES.items()}
_LINE: Final = re.compile(
    r"^[^\S\n]*(?:[-*\u2022][^\S\n]+)?(?P<heading>[A-Za-z][^\n\d:\u2012\u2013\u2014+]{0,60}?)[^\S\n]*(?:[-\u2010-\u2015:][^\S\n]*)"
    r"(?P<total>[^\n\d(]{0,24}\d[\d,.\u00a0\u202f ]*)(?:\((?P<sign>[+\u2212-])\s?(?P<daily>\d[\d,.]*)\))?(?=[^\n\d]*$)",
    re.MULTILINE,
)
_PLAIN: Final = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Loss:
    """One line of a bulletin.

    Attributes:
        category: Its name in ``CATEGORIES``.
        cumulative: The figure since the beginning of the count.
        daily: How many more than the day before; None where the line does not say.
        hedge: How the cumulative figure is hedged; None where it is stated plainly.
        start: First code point of the line.
        end: One past the last code point of its figures.
    """

    category: str
    cumulative: int
    daily: int | None
    hedge: Comparator | None
    start: int
    end: int


def read(text: str) -> list[Loss]:
    """Return the losses that the lines of ``text`` state, in order; lines of no known category are left out."""
    return list(_read(text))


def _read(text: str) -> Iterator[Loss]:
    for line in _LINE.finditer(text):
        category = next((name for name, words in _CATEGORY.items() if words.search(line["heading"])), None)
        # with a noun behind it "1946" is no year; a full stop or a comma behind the figure is punctuation
        numbers = quantities.find(line["total"].rstrip(" ,.") + " units")
        if category is None or len(numbers) != 1 or not isinstance(numbers[0].value, int):
            continue
        number = numbers[0]
        hedge = None if number.comparator == "exact" else number.comparator
        daily = int(_PLAIN.sub("", line["daily"])) * (1 if line["sign"] == "+" else -1) if line["daily"] else None
        yield Loss(category, int(number.value or 0), daily, hedge, line.start(), line.end())
