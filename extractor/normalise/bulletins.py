"""Lists of an official loss bulletin: what was lost, how many in all, how many more than the day before, how firmly said, and by whom.

A line is a heading of a category, a dash, the cumulative figure, and perhaps the day's in parentheses with its sign: "tanks - 1691 (+4)";
or the figures come first: "1691 (+4) tanks". One table names the categories; the first row whose words the heading holds decides.
What introduces the lines names the losses and mostly who has them: "The total combat losses of the enemy were".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from extractor.claims import Comparator
from extractor.normalise import quantities, subjects, times
from extractor.normalise.late import late

Place = tuple[int, int]

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

_CATEGORY: Final = {name: late(words, re.IGNORECASE) for name, words in CATEGORIES.items()}
_BULLET: Final = r"^[^\S\n]*(?:[-*\u2022\u2013][^\S\n]+)?"
_HEADING: Final = r"(?P<heading>[^\W\d_][^\n\d:\u2012\u2013\u2014+]{0,60}?)"
_TOTAL: Final = r"(?P<total>[^\n\d(]{0,24}\d[\d,.\u00a0\u202f ]{0,24})"
_CHANGE: Final = r"\((?P<change>(?P<sign>[+\u2212\u2013-])[^\S\n]?(?P<daily>\d[\d,.\u00a0\u202f ]{0,24}))"
_LINES: Final = tuple(
    late(rf"{_BULLET}{words}[^\n\d]{{0,120}}$", re.MULTILINE)
    for words in (
        rf"{_HEADING}[^\S\n]*[-\u2010-\u2015:][^\S\n]*{_TOTAL}(?:{_CHANGE}[^()\n\d]{{0,40}}\))?",
        rf"{_TOTAL}{_CHANGE}[^()\n\d]{{0,40}}\)[^\S\n]+{_HEADING}(?=[^\S\n]*[.,;]?[^\S\n]*$)",
    )
)
"""A line with the heading first, and one with the figures first, which only the day's in parentheses tells from running text."""
_PLAIN: Final = late(r"\D")
_LOOSE: Final = " ,.\u00a0\u202f"

_AUXILIARIES: Final = r"(?:\b(?:has|have|had|was|were|been|being|is|are)\s+){0,3}"
_OF_LOSS: Final = tuple(
    late(rf"{_AUXILIARIES}\b(?:{words})\b", re.IGNORECASE)
    for words in (
        r"losses|lost|casualties",
        r"destroyed|killed|wounded|captured|damaged|liquidated|eliminated|neutrali[sz]ed|shot\s+down",
    )
)
"""Words of loss; those that tell whose it is come first."""
_WORD: Final = r"[^\W\d_][\w\u2019'-]*"
_MODIFIERS: Final = (
    r"(?:(?:total|overall|combat|battlefield|military|general|daily|estimated|approximate|cumulative|latest|reported|confirmed|heavy|own|troop"
    r"|personnel|manpower|equipment)\s+){0,4}"
)
_FORCES: Final = r"(?:forces|troops|army|military)"
_ENDS: Final = (
    r"(?=\s+(?:from|since|between|as|in|on|at|over|during|for|to|by|were|was|are|is|have|has|had|amount\w*|made|reached|includ\w+|that|which)\b"
    r"|\s*(?:[^\w\s\u2019']|$))"
)
_LOSERS: Final = tuple(
    late(words)
    for words in (
        rf"\b(?:[Ll]osses|[Cc]asualties)\s+(?:of|among|(?:suffered|sustained)\s+by|inflicted\s+(?:up)?on)\s+(?P<who>(?:{_WORD}\s+){{0,7}}?{_WORD}){_ENDS}",
        rf"(?P<who>(?:\b[Tt]he\s+)?(?:\b[A-Z][\w-]*\s+){{0,3}}\b[\w-]+)(?:['\u2019]s|(?<=s)['\u2019])\s+{_MODIFIERS}(?:losses|casualties)\b",
        rf"\b(?!Human\b|Civilian\b)(?P<who>(?:[Ee]nemy|[A-Z]\w*(?:an|ese|ish|ch|i))(?:\s+{_FORCES})?)\s+{_MODIFIERS}(?:losses|casualties)\b",
    )
)
"""Who has the losses: "losses of the enemy", "Veloria's combat losses", "Enemy losses"."""
_THINGS: Final = late(r"\b(?:personnel|manpower|equipment|materiel|weapon\w*|hardware|vehicles|tanks|life|lives)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Loss:
    """One line of a bulletin; places are in the text it was read from, in code points.

    Attributes:
        category: Its name in ``CATEGORIES``; None where the heading has no words of any.
        cumulative: The figure since the beginning of the count.
        daily: How many more than the day before; None where the line does not say.
        hedge: How the cumulative figure is hedged; None where it is stated plainly.
        start: First code point of the line.
        end: One past the last code point of its figures.
        low: Least value the cumulative figure means; None where open.
        high: Greatest value it means; None where open.
        heading: Where the words stand that say what was lost.
        figure: Where the cumulative figure stands, its hedge included.
        change: Where the day's stands, its sign included.
        rest: What stands behind the figures, to the end of the line.
    """

    category: str | None
    cumulative: int
    daily: int | None
    hedge: Comparator | None
    start: int
    end: int
    low: int | None
    high: int | None
    heading: Place
    figure: Place
    change: Place | None
    rest: Place


def read(text: str) -> list[Loss]:
    """Return the losses that the lines of ``text`` state, in order; lines of no known category are left out."""
    return [line for line in lines(text) if line.category is not None]


def lines(text: str) -> list[Loss]:
    """Return all lines of ``text`` in the form of a bulletin's, in order, whatever their heading names."""
    found: dict[int, Loss] = {}
    for form in _LINES:
        for match in form.finditer(text):
            loss = _loss(text, match)
            if loss is not None:
                found.setdefault(loss.start, loss)
    return [found[start] for start in sorted(found)]


def word_of_loss(text: str) -> Place | None:
    """Return where ``text`` names a loss ("losses", "were destroyed"), the verb with its auxiliaries; None where it does not."""
    return next((found.span() for words in _OF_LOSS for found in words.finditer(text)), None)


def loser(text: str) -> Place | None:
    """Return where ``text``, which introduces a bulletin, names who has the losses; None where it does not."""
    return next(_losers(text), None)


def _losers(text: str) -> Iterator[Place]:
    for words in _LOSERS:
        named = words.search(text)
        if named is not None and not _THINGS.search(named["who"]):
            yield named.span("who")
    verb = word_of_loss(text)
    if verb is not None:
        begins = max((end for _, end in times.find(text) if end <= verb[0]), default=0)  # "As of Tuesday the enemy has lost"
        begins += len(text[begins:]) - len(text[begins:].lstrip(" ,\n"))
        subject = subjects.loser(text[begins:], verb[0] - begins, verb[1] - begins)
        if subject is not None:
            yield begins + subject[0], begins + subject[1]


def _loss(text: str, line: re.Match[str]) -> Loss | None:
    # with a noun behind it "1946" is no year; a full stop or a comma behind the figure is punctuation
    stated = line["total"].rstrip(_LOOSE)
    numbers = quantities.find(stated + " units")
    number = numbers[0] if len(numbers) == 1 else None
    at, change, end = line.start("total"), None, line.end("total")
    if number is None or not isinstance(number.value, int) or (number.start and at < line.start("heading")):
        return None  # words that stand before a figure that comes first are its hedge and nothing else
    low, high = (bound if bound is None else int(bound) for bound in (number.low, number.high))
    if line["change"] is not None:
        change = (line.start("change"), line.start("change") + len(line["change"].rstrip(_LOOSE)))
        end = text.index(")", change[1]) + 1
    return Loss(
        category=next((name for name, words in _CATEGORY.items() if words.search(line["heading"])), None),
        cumulative=number.value,
        daily=int(_PLAIN.sub("", line["daily"])) * (1 if line["sign"] == "+" else -1) if change is not None else None,
        hedge=None if number.comparator == "exact" else number.comparator,
        start=line.start(),
        end=end,
        low=low,
        high=high,
        heading=line.span("heading"),
        figure=(at + number.start, at + number.end),
        change=change,
        rest=(change[1] if change is not None else end, line.end()),
    )
