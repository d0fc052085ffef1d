"""Numbers in running text: where they stand, what they count, how firmly they are stated.

Everything works on plain strings and returns offsets into them, in code points. A number is a value with bounds and a
comparator ("nearly 40" is 40 with ``about``); dates, clock times and designations such as "BM-21" are no numbers here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from extractor.claims import Comparator

Number = int | float

_UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = {
    "dozen": 12, "score": 20, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
}  # fmt: skip

VAGUE: Final = {
    "several": 3, "dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2_000, "millions": 2_000_000,
}  # fmt: skip
"""Least number meant by a vague plural; the upper bound stays open."""

HEDGES: Final[dict[str, Comparator]] = {
    "nearly": "about", "almost": "about", "about": "about", "around": "about", "approximately": "about",
    "roughly": "about", "some": "about", "an estimated": "about", "close to": "about", "circa": "about",
    "at least": "at_least", "no fewer than": "at_least", "no less than": "at_least", "a minimum of": "at_least",
    "up to": "at_most", "as many as": "at_most", "at most": "at_most", "no more than": "at_most",
    "a maximum of": "at_most",
    "more than": "more_than", "over": "more_than", "upwards of": "more_than", "in excess of": "more_than",
    "less than": "less_than", "fewer than": "less_than", "under": "less_than",
}  # fmt: skip
"""Words before a number that change how firmly it is stated, longest match first."""

_MONTHS: Final = (
    "January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
)
_PERIOD_WORDS: Final = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|a\.?m\b|p\.?m\b|o'clock)"


def _words(table: dict[str, int]) -> str:
    return "|".join(sorted(table, key=len, reverse=True))


_DIGITS: Final = r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_SPELLED: Final = (
    rf"(?:{_words(_TENS)})(?:[- ](?:{_words({k: v for k, v in _UNITS.items() if 0 < v < 10})}))?"
    rf"|{_words(_UNITS)}|half an?(?= (?:dozen|hundred|thousand|million|billion))|an?(?= (?:{_words(_SCALES)})\b)"
)
_VALUE: Final = rf"(?:{_DIGITS}|\b(?:{_SPELLED})\b)(?:[ -](?:{_words(_SCALES)})\b)*"
_BARE: Final = rf"{_VALUE}|\b(?:{_words(VAGUE)})\b(?: of (?:{_words(VAGUE)})\b)*"
_HEDGE: Final = "|".join(re.escape(h) for h in sorted(HEDGES, key=len, reverse=True))
_NUMBER: Final = re.compile(
    rf"(?P<hedge>\b(?:{_HEDGE})\s+)?"
    rf"(?:(?P<between>\bbetween\s+)(?P<low>{_VALUE})\s+and\s+(?P<high>{_VALUE})"
    rf"|(?P<from>{_VALUE})\s+to\s+(?P<to>{_VALUE})"
    rf"|(?P<least>{_DIGITS})\s?[-\u2013]\s?(?P<most>{_DIGITS})"
    rf"|(?P<bare>{_BARE}))",
    re.IGNORECASE,
)
_NOT_BEFORE: Final = re.compile(rf"(?:[A-Za-z]-|[A-Z]|[#$\u20ac\u00a3:/]|\d[.,:/]|\b(?:{_MONTHS})\.?\s|\b(?:No|Art|Section|Chapter)\.\s)$")
_NOT_AFTER: Final = re.compile(
    rf"^(?:\s?(?:st|nd|rd|th)\b|[-\u2013][A-Za-z]|[:/]\d|\d|[A-Za-z]|\s(?:of\s)?(?:{_MONTHS})\b|\s{_PERIOD_WORDS}|-{_PERIOD_WORDS})"
)
_YEAR: Final = re.compile(r"^(?:1[5-9]|20)\d\d$")
_YEAR_BEFORE: Final = re.compile(
    rf"(?:\b(?:in|since|of|from|until|by|early|late|mid|during|year)[\s-]|(?:{_MONTHS})\.?(?:\s\d\d?,?)?\s|,\s)$", re.IGNORECASE
)
_PRONOUN_AFTER: Final = re.compile(r"^\s*(?:of\b|another\b|side\b|day\b|[.,;:!?]|$)")
_COUNTED: Final = re.compile(r"\s*([^\W\d_][\w'\u2019-]*)")
_NOUN_STOPS: Final = frozenset(
    "and or but in on at of to from by near with for since during over after before as were was are is have had has been"
    " who that which when while while the a an his her its their more others than last per across"
    " killed wounded captured injured dead missing destroyed died lost reported would will could can may might must should shall"
    " do does did down up out off away ago north south east west northeast northwest southeast southwest inside outside"
    " left fled remain remained so".split()
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """One number in a text.

    Attributes:
        start: First code point of the hedge, or of the number where there is none.
        end: One past the last code point of the number.
        number_start: First code point of the number itself, behind the hedge.
        low: Least value meant; None where there is no lower bound.
        high: Greatest value meant; None where there is no upper bound.
        value: The stated figure; None for a range or a vague plural.
        comparator: How the figure is hedged.
    """

    start: int
    end: int
    number_start: int
    low: Number | None
    high: Number | None
    value: Number | None
    comparator: Comparator


def find(text: str) -> list[NumberMatch]:
    """Return the numbers of ``text`` in order; dates, periods, ordinals and designations are left out."""
    return [match for found in _NUMBER.finditer(text) if (match := _read(text, found)) is not None]


def counted(text: str, end: int, *, most: int = 4) -> int:
    """Return where the noun phrase counted by a number that ends at ``end`` ends itself; ``end`` where there is none.

    The phrase runs to the first function word, verb form of an outcome, or punctuation, ``most`` words at the most.
    """
    at = end
    for _ in range(most):
        word = _COUNTED.match(text, at)
        if word is None or word[1].lower() in _NOUN_STOPS or "\n" in word[0]:
            break
        if at > end and word[1].endswith("ed") and text[at - 1] == "s":
            break  # a participle behind a plural is the verb: "houses burned", but "armored vehicles"
        at = word.end()
    return at


def _read(text: str, found: re.Match[str]) -> NumberMatch | None:
    number_start = found.end("hedge") if found["hedge"] else found.start()
    if found["between"]:
        number_start = found.start("low")
    before, after = text[: found.end("hedge") if found["hedge"] else found.start()], text[found.end() :]
    if _NOT_BEFORE.search(before[-14:]) or _NOT_AFTER.match(after):
        return None
    if found["bare"]:
        if _YEAR.match(found["bare"]) and (_YEAR_BEFORE.search(before[-24:]) or not _COUNTED.match(after)):
            return None
        if found["bare"].lower() == "one" and (not found["hedge"]) and _PRONOUN_AFTER.match(after):
            return None
    hedge = HEDGES[" ".join(found["hedge"].lower().split())] if found["hedge"] else "exact"
    bounds = _bounds(found, hedge)
    if bounds is None or any(isinstance(bound, float) and math.isinf(bound) for bound in bounds[:3]):
        return None
    return NumberMatch(found.start(), found.end(), number_start, *bounds)


def _bounds(found: re.Match[str], hedge: Comparator) -> tuple[Number | None, Number | None, Number | None, Comparator] | None:
    if found["bare"] is None:
        low, high = value_of(found["low"] or found["from"] or found["least"]), value_of(found["high"] or found["to"] or found["most"])
        return (low, high, None, "range") if low < high else None
    word = found["bare"].lower().split()[0]
    if word in VAGUE:
        return VAGUE[word], None, None, "vague"
    value = value_of(found["bare"])
    match hedge:
        case "at_least" | "more_than":
            return value, None, value, hedge
        case "at_most" | "less_than":
            return None, value, value, hedge
        case "about":
            return None, None, value, hedge
        case _:
            return value, value, value, hedge


def value_of(words: str) -> Number:
    """Return the value of one number written in digits or English words, without hedge: "two dozen" is 24."""
    total: Number = 0
    current: Number = 0
    for word in re.findall(rf"{_DIGITS}|[a-z]+", words.lower()):
        if word[0].isdigit():
            digits = re.sub(r"[,\s\u00a0\u202f]", "", word)
            current += float(digits) if "." in digits else int(digits)
        elif word == "half":
            current += 0.5
        elif word in ("a", "an"):
            current = current or 1
        elif word in _SCALES:
            current = (current or 1) * _SCALES[word]
            if _SCALES[word] >= 1_000:
                total, current = total + current, 0
        else:
            current += _UNITS.get(word, 0) or _TENS.get(word, 0)
    result = total + current
    return int(result) if isinstance(result, float) and result.is_integer() else result
