"""Numbers in running text: where they stand, what they count, how firmly they are stated.

Everything works on plain strings and returns offsets into them, in code points. A number is a value with bounds and a
comparator ("nearly 40" is 40 with ``about``); dates, clock times, ages, ordinals, fractions and designations such as
"BM-21" are no numbers here, and a conversion in parentheses is the number before it once more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from extractor.claims import Comparator
from extractor.normalise import units
from extractor.normalise.late import late
from extractor.normalise.numerals import NUMERAL, SCALES, TENS, UNITS, Number, alternatives, value_of
from extractor.normalise.standing import caseless, is_edge
from extractor.normalise.time_words import MONTHS, SHORT_MONTHS
from extractor.normalise.vagueness import NEWS, Vagueness, is_plural

HEDGES: Final[dict[str, Comparator]] = {
    "nearly": "about", "almost": "about", "about": "about", "around": "about", "approximately": "about", "approx.": "about",
    "roughly": "about", "some": "about", "an estimated": "about", "estimated at": "about", "close to": "about", "circa": "about",
    "nearing": "about", "approaching": "about", "~": "about",
    "at least": "at_least", "no fewer than": "at_least", "no less than": "at_least", "not less than": "at_least",
    "not fewer than": "at_least", "a minimum of": "at_least", "as few as": "at_least", "\u2265": "at_least",
    "up to": "at_most", "as many as": "at_most", "as much as": "at_most", "at most": "at_most", "no more than": "at_most",
    "not more than": "at_most", "a maximum of": "at_most", "\u2264": "at_most",
    "more than": "more_than", "over": "more_than", "upwards of": "more_than", "in excess of": "more_than", "just over": "more_than",
    "well over": "more_than", "exceeding": "more_than", "exceeded": "more_than", "surpassed": "more_than", "surpassing": "more_than",
    "topped": "more_than", "greater than": "more_than", ">": "more_than",
    "less than": "less_than", "fewer than": "less_than", "under": "less_than", "just under": "less_than", "below": "less_than",
    "<": "less_than",
}  # fmt: skip
"""Words before a number that change how firmly it is stated, longest match first; of several the first one counts."""

HEDGES_AFTER: Final[dict[str, Comparator]] = {
    "or more": "at_least", "or so": "about", "or fewer": "at_most", "or less": "at_most", "-odd": "about", "+": "at_least",
    "or thereabouts": "about",
}  # fmt: skip
"""Words right behind a number that do."""

_MONTHS: Final = f"{MONTHS}|{SHORT_MONTHS}"
_CURRENCY: Final = late(units.CURRENCY_BEFORE, re.IGNORECASE)
_PERIOD_WORDS: Final = (
    r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|weekends?|months?|years?|decades?|centur(?:y|ies)|a\.?m\b|p\.?m\b|o'clock)"
)
_PERIOD_BETWEEN: Final = r"(?:consecutive |straight |full |whole |further |more )?"
_ZONES: Final = r"(?:GMT|UTC|EST|EDT|CET|MSK|BST|hours local|local time)"
_DESIGNATORS: Final = (
    r"Boeing|Airbus|Leopard|Error|Code|Version|Flight|Article|Resolution|Route|Highway|Channel|Radio|Protocol|Chapter|Section|Block|Building|Room|Phase|Stage|Level"
    r"|Category|Covid|Magnitude|Abrams|Bradley|Shahed|Iskander|Kalibr|No\.|Nos\.|Number|Division|Brigade|Regiment|Unit|Zone|Pier|Gate|Psalm|Paragraph|page|age|ages|aged"
)
_NOT_BEFORE: Final = late(
    rf"(?:[^\W\d_]-|[A-Za-z]|[#:/]|\d[.,:/]|\b(?:{_MONTHS})\.?\s|\b(?:{_DESIGNATORS}|Art|No)\.?\s|\d\s?[:/]\s?)$", re.IGNORECASE
)
_NOT_AFTER: Final = late(
    rf"^(?:\s?(?:st|nd|rd|th|ths)\b|[:/]\d|\d|[A-Za-z]|\s?[,']?s\b|\s(?:of\s)?(?:{_MONTHS})\b|\s?{_PERIOD_BETWEEN}\b{_PERIOD_WORDS}|-{_PERIOD_WORDS}"
    rf"|\s{_ZONES}\b|[ -](?:thirds?|quarters?|fifths?|sixths?|tenths?|times|fold)\b|th\b)",
    re.IGNORECASE,
)
_HYPHENED: Final = late(r"[-\u2013](?!strong\b)[^\W\d_]")
_AGE_BEFORE: Final = late(r"[A-Z][\w.'\u2019-]*,\s$")
_AGE_AFTER: Final = late(r"^,\s")
_OLDEST: Final = 120
_YEAR: Final = late(r"^(?:1[5-9]|20)\d\d$")
_YEAR_BEFORE: Final = late(
    rf"(?:\b(?:in|since|of|from|until|till|by|early|late|mid|during|year|and|to|summer|spring|autumn|fall|winter)[\s-]|(?:{_MONTHS})\.?(?:\s\d\d?,?)?\s|,\s|\d\s?[-\u2013]\s?)$",
    re.IGNORECASE,
)
_LISTED_BEFORE: Final = late(
    r"[^\S\n]*(?:[-*\u2022][^\S\n]+)?(?P<noun>[^\W\d_][^\n\d:\u2012-\u2015]{0,60}?)[^\S\n]*[-:\u2010-\u2015][^\S\n]*"
)
_LISTED_AFTER: Final = late(r"[^\S\n]*(?:(?P<change>\([+\u2212-]\s?\d)|[.,;]?[^\S\n]*(?:\n|$))")
_LISTED: Final = 80
_PRONOUN_AFTER: Final = late(r"^\s*(?:of\b|another\b|side\b|day\b|who\b|that\b|which\b|thing\b|could\b|can\b|[.,;:!?]|$)")
_PRONOUN_BEFORE: Final = late(r"\b(?:no|any|every|some|each|the|this|that|another|last|which|only)\s$", re.IGNORECASE)
_SUFFIX: Final = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000, "b": 1_000_000_000, "tn": 1_000_000_000_000}
_SUFFIXED: Final = late(r"(?:bn|mn|tn|k|m|b)\b", re.IGNORECASE)
_BARE_SUFFIXED: Final = late(r"(?:bn|mn|tn)\b|[km](?=\s(?:people|euros|dollars|pounds|residents|voters|tons|tonnes|barrels)\b)")
_COUNTED: Final = late(r"\s*([^\W\d_][\w'\u2019-]*)")
_NOUN_STOPS: Final = frozenset(
    "and or but in on at of to from by near with for since during over after before as were was are is have had has been"
    " who that which when while while the a an his her its their more others than last per across"
    " killed wounded captured injured dead missing destroyed died lost reported would will could can may might must should shall"
    " do does did down up out off away ago north south east west northeast northwest southeast southwest inside outside"
    " left fled remain remained so".split()
)  # fmt: skip

_RUN: Final = late(rf"\w+|[{re.escape(''.join(sorted({word[0] for word in (*HEDGES, *units.CURRENCY_STARTS) if not word[0].isalpha()})))}]")
_PARTITIVE: Final = late(r"\s+of\s+(?:the\s+)?")
_NEAR: Final = 40
_BEFORE: Final = 20
_REACH: Final = 60
_CLAUSE_END: Final = late(r"[.;:!?)]\s|\n")
_MOST_MODIFIERS: Final = 4
_CONTAINER: Final = late(r"\b(?:units|pieces|items|sets|bodies)(?P<of> of [^\W\d_][\w-]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """One number in a text.

    Attributes:
        start: First code point of the hedge, or of the number where there is none.
        end: One past the last code point of the number, a hedge behind it included.
        number_start: First code point of the number itself, behind the hedge.
        low: Least value meant; None where there is no lower bound.
        high: Greatest value meant; None where there is no upper bound.
        value: The stated figure; None for a range or a vague plural.
        comparator: How the figure is hedged.
        unit: The unit of measure, money or percent it is given in.
    """

    start: int
    end: int
    number_start: int
    low: Number | None
    high: Number | None
    value: Number | None
    comparator: Comparator
    unit: units.Unit | None = None


def find(text: str, vagueness: Vagueness = NEWS) -> list[NumberMatch]:
    """Return the numbers of ``text`` in order; dates, periods, ordinals, designations and conversions are left out.

    Args:
        text: Any text.
        vagueness: Words that count without a number, and the least number they mean.
    """
    return list(_of_news(text)) if vagueness is NEWS else _find(text, vagueness)


@lru_cache(maxsize=512)
def _of_news(text: str) -> tuple[NumberMatch, ...]:
    """Return the numbers of a sentence of news; remembered, since every claim of the sentence asks."""
    return tuple(_find(text, NEWS))


def _find(text: str, vagueness: Vagueness) -> list[NumberMatch]:
    found: list[NumberMatch] = []
    pattern = _pattern(tuple(vagueness))
    at = 0
    for start in begins(text, vagueness):
        match = pattern.match(text, start) if start >= at else None
        if match is None:
            continue
        at = match.end()
        number = _read(text, match, vagueness)
        if number is None and match["from"] is not None and not _NOT_AFTER.match(text[at : at + _NEAR]):
            # what is no range may begin with a figure: "12 to 5"; the days of "20 to 25 May" are none
            at = match.end("from")
            number = _read(text, pattern.match(text, match.start(), at) or match, vagueness)
        if number is not None and not (found and _converts(text, found[-1], number)):
            found.append(number)
    return found


def counted(text: str, end: int, *, most: int = 4) -> int:
    """Return where the noun phrase counted by a number that ends at ``end`` ends itself; ``end`` where there is none.

    A unit of measure is the whole phrase. Any other runs to the first function word, verb form of an outcome, or
    punctuation, ``most`` words at the most.
    """
    unit = units.after(text, end)
    if unit is not None:
        return unit.end
    partitive = _PARTITIVE.match(text, end)
    at = end
    for _ in range(most):
        word = _COUNTED.match(text, partitive.end() if partitive and at == end else at)
        if word is None or word[1].lower() in _NOUN_STOPS or "\n" in word[0]:
            break
        if at > end and word[1].lower().endswith("ed") and text[at - 1] in "sS":
            break  # a participle behind a plural is the verb: "houses burned", but "armored vehicles"
        at = word.end()
    container = _CONTAINER.match(text, at - len(text[end:at].rsplit(" ", maxsplit=1)[-1]))
    return container.end() if container else at


def count_of(text: str, start: int, end: int, *, vagueness: Vagueness = NEWS) -> NumberMatch:
    """Return how many of a noun phrase there are: by the number in it or before it, else by whether it is singular or plural.

    Args:
        text: Text that holds the phrase.
        start: First code point of the noun phrase, from where its counting words are sought to the left.
        end: One past its last.
        vagueness: Words that count without a number.
    """
    left = max((found.end() for found in _CLAUSE_END.finditer(text, max(0, start - _REACH), start)), default=max(0, start - _REACH))
    for number in reversed(find(text[left:end], vagueness)):
        between = text[left + number.end : start]
        if left + number.end > start or _modify(between.lower().split()):
            return replace(number, start=number.start + left, end=number.end + left, number_start=number.number_start + left)
    if is_plural(text[start:end]):
        return NumberMatch(start, start, start, 2, None, None, "vague")
    return NumberMatch(start, start, start, 1, 1, 1, "exact")


def _modify(words: list[str]) -> bool:
    """Tell whether the words between a number and a noun belong to the noun's phrase."""
    return len(words) <= _MOST_MODIFIERS and not any(word in _NOUN_STOPS for word in words if word not in ("of", "the"))


def begins(text: str, vague: Iterable[str]) -> list[int]:
    """Return the offsets of ``text`` at which a number can begin, its hedge included: what begins at none of them is none.

    The pattern of numbers has some sixty alternatives, and to try all of them at every word costs more than to look words up.

    Args:
        text: Any text.
        vague: Words that count without a number.
    """
    words = _first_words(tuple(vague))
    return [run.start() for run in _RUN.finditer(caseless(text)) if run[0] in words or run[0][0].isdecimal()]


@lru_cache(maxsize=8)
def _first_words(vague: tuple[str, ...]) -> frozenset[str]:
    starts = (*HEDGES, "between", "from", *UNITS, *TENS, "a", "an", "half", *units.CURRENCY_STARTS, *vague)
    return frozenset(_RUN.findall(caseless(" ".join(start.split()[0] for start in starts))))


@lru_cache(maxsize=8)
def _pattern(vague: tuple[str, ...]) -> re.Pattern[str]:
    hedge = "|".join((rf"\b{re.escape(h)}\s+" if h[0].isalpha() else rf"{re.escape(h)}\s?") for h in sorted(HEDGES, key=len, reverse=True))
    after = "|".join((rf"\s{re.escape(h)}\b" if h[0].isalpha() else re.escape(h)) for h in HEDGES_AFTER)
    words = alternatives(dict.fromkeys(vague, 0))
    scaled = rf"(?:\s(?:of\s)?(?:{words}|{alternatives(SCALES)})\b)"
    money = units.CURRENCY_BEFORE
    return re.compile(
        rf"(?<!\w)(?P<hedge>(?:{hedge})(?:{hedge})?)?"
        rf"(?:\b(?:between|from)\s+(?P<low>(?:{money})?{NUMERAL})\s+(?:and|to)\s+(?P<high>(?:{money})?{NUMERAL})"
        rf"|(?P<from>(?:{money})?{NUMERAL})(?:\s+to\s+|\s+or\s+|(?<=\d)\s?[-\u2013\u2212]\s?(?=[\d$\u20ac\u00a3]))(?P<to>(?:{money})?{NUMERAL})"
        rf"|(?P<vague>\b(?:{words})\b{scaled}{{0,2}})"
        rf"|(?P<bare>(?:{money})?{NUMERAL}))(?P<after>{after})?",
        re.IGNORECASE,
    )


def _read(text: str, found: re.Match[str], vagueness: Mapping[str, int]) -> NumberMatch | None:
    number_start = found.end("hedge") if found["hedge"] else found.start()
    if found["low"]:
        number_start = found.start("low")
    money = _is_money(found)
    scale, end = 1, found.end()
    if suffix := (_SUFFIXED if money else _BARE_SUFFIXED).match(text, end):
        scale, end = _SUFFIX[suffix[0].lower()], suffix.end()
    unit = units.Unit(end, "money") if money else units.after(text, end)
    before, lead = (text[max(0, at - _BEFORE) : at] for at in (number_start, found.start()))
    behind = text[end : end + _NEAR]
    if _NOT_BEFORE.search(lead) or (lead != before and _NOT_BEFORE.search(before)):
        return None
    if unit is None and (_NOT_AFTER.match(behind) or _HYPHENED.match(behind)):
        return None
    if found["bare"] and not money and _is_no_count(text, found, lead, behind):
        return None
    hedge = _hedge(found)
    bounds = _bounds(found, hedge, vagueness, scale)
    if bounds is None or any(isinstance(bound, float) and math.isinf(bound) for bound in bounds[:3]):
        return None
    return NumberMatch(found.start(), end, number_start, *bounds, unit)


def _is_money(found: re.Match[str]) -> bool:
    figure = found["bare"] or found["from"] or found["low"] or ""
    return _CURRENCY.match(figure) is not None


def _is_no_count(text: str, found: re.Match[str], before: str, behind: str) -> bool:
    """Tell whether a bare number is a year, an age behind a name, or the pronoun "one"."""
    bare = found["bare"]
    if _YEAR.match(bare) and not found["hedge"] and (_YEAR_BEFORE.search(before) or not _COUNTED.match(behind)):
        return not _is_listed(text, found.start(), behind)
    if bare.lower() == "one" and not found["hedge"]:
        return bool(_PRONOUN_AFTER.match(behind) or _PRONOUN_BEFORE.search(before))
    aged = bare.isdecimal() and len(bare) < 4 and int(bare) <= _OLDEST  # digits of an age
    return bool(aged and _AGE_AFTER.match(behind) and _AGE_BEFORE.search(before))


def _is_listed(text: str, start: int, behind: str) -> bool:
    """Tell whether a number is the count of a line in a list: "APV - 1946", "sorties - 1552 (+20)", but not "Independence - 1991"."""
    line = text[text.rfind("\n", max(0, start - _LISTED), start) + 1 or max(0, start - _LISTED) : start]
    before, after = _LISTED_BEFORE.fullmatch(line), _LISTED_AFTER.match(behind)
    if before is None or after is None:
        return False
    return after["change"] is not None or units.kind_of(before["noun"]) is not None


def _hedge(found: re.Match[str]) -> Comparator:
    if found["after"]:
        return HEDGES_AFTER[found["after"].strip().lower()]
    if not found["hedge"]:
        return "exact"
    return _hedged(" ".join(found["hedge"].lower().split()))


@lru_cache(maxsize=256)
def _hedged(words: str) -> Comparator:
    return HEDGES[max((h for h in HEDGES if words.startswith(h)), key=len)]


def _bounds(
    found: re.Match[str], hedge: Comparator, vagueness: Mapping[str, int], scale: int
) -> tuple[Number | None, Number | None, Number | None, Comparator] | None:
    if found["vague"]:
        return _vague_low(found["vague"], vagueness), None, None, "vague"
    if found["bare"] is None:
        if not found["hedge"] and _YEAR.match(found["low"] or found["from"]) and _YEAR.match(found["high"] or found["to"]):
            return None
        low, high = value_of(found["low"] or found["from"]), value_of(found["high"] or found["to"]) * scale
        shared = scale * _shared_scale(found["low"] or found["from"], found["high"] or found["to"])
        low = low * shared if low * shared < high else low
        return (low, high, None, "range") if low < high else None
    value = value_of(found["bare"]) * scale
    match hedge:
        case "at_least" | "more_than":
            return value, None, value, hedge
        case "at_most" | "less_than":
            return None, value, value, hedge
        case "about":
            return None, None, value, hedge
        case _:
            return value, value, value, hedge


def _vague_low(phrase: str, vagueness: Mapping[str, int]) -> int:
    """Return the least number meant: "tens of thousands" is 20 times 1,000, "several hundred" 3 times 100."""
    words = " ".join(phrase.lower().split())
    first = max((known for known in vagueness if words.startswith(known) and is_edge(words, len(known))), key=len)
    low = vagueness[first]
    for word in re.findall(r"[a-z]+", words[len(first) :]):
        low *= SCALES.get(word) or SCALES.get(word.removesuffix("s")) or 1
    return low


def _shared_scale(low: str, high: str) -> int:
    """Return the scale that a range names once: "two to three million" begins at two million."""
    named = [SCALES[word] for word in re.findall(r"[a-z]+", high.lower()) if word in SCALES]
    own = any(word in SCALES for word in re.findall(r"[a-z]+", low.lower()))
    return math.prod(named) if named and not own else 1


def _converts(text: str, first: NumberMatch, second: NumberMatch) -> bool:
    """Tell whether ``second`` is a conversion of ``first`` in parentheses: "2 kilometers (1.2 miles)"."""
    unit = first.unit
    between = text[first.end if unit is None else unit.end : second.start]
    if not re.fullmatch(r"[^().;\n]{0,24}\(\s*", between):
        return False
    if unit is None or second.unit is None or unit.kind != second.unit.kind:
        return False
    return not unit.name or units.same_dimension(unit.name, second.unit.name)
