"""The value of one number written in digits or English words, and the regular expressions that find such numbers.

Digits may be grouped by commas, points, apostrophes or (narrow, no-break) spaces; words go from "zero" to "two and a
half million". The alternatives never nest a repetition in a repetition, so matching stays linear.
"""

from __future__ import annotations

import re
from typing import Final

from extractor.normalise.late import late

Number = int | float

UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES: Final = {
    "dozen": 12, "score": 20, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}  # fmt: skip
_LEAST_SEPARATE: Final = 1_000

_SPACE: Final = "\u00a0\u202f\u2009 "


def alternatives(words: dict[str, int]) -> str:
    """Return the keys of ``words`` as one alternation, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


DIGITS: Final = rf"\d{{1,3}}(?:[,{_SPACE}'\u2019]\d{{3}})+(?:\.\d+)?(?!\d)|\d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\d)|\d{{1,2}}(?:,\d\d)+,\d{{3}}(?!\d)|\d+(?:\.\d+)?"
_ONES: Final = alternatives({word: value for word, value in UNITS.items() if 0 < value < 10})  # the ones
_SIMPLE: Final = rf"(?:{alternatives(TENS)})(?:[- ](?:{_ONES})\b)?|{alternatives(UNITS)}"
_SCALE: Final = alternatives(SCALES)
SPELLED: Final = rf"{_SIMPLE}|(?:half an?|an? half|an?)(?= (?:{_SCALE})\b)"
NUMERAL: Final = (
    rf"(?:{DIGITS}|\b(?:{SPELLED})\b)(?: and a half(?= (?:{_SCALE})\b))?(?:[ -](?:{_SCALE})\b){{0,3}}"
    rf"(?:(?<=hundred)(?: and)? (?:{_SIMPLE})\b(?: (?:thousand|million)\b)?|(?<=thousand)(?: and)? (?:{_SIMPLE})\b(?: hundred\b)?(?: and (?:{_SIMPLE})\b)?)?"
)
"""One number, digits or words, with its scales."""

_SEPARATOR: Final = late(rf"[,'\u2019{_SPACE}]")
_TOKEN: Final = late(rf"{DIGITS}|[a-z]+")


def value_of(words: str) -> Number:
    """Return the value of one number written in digits or English words, without hedge: "two dozen" is 24."""
    total: Number = 0
    current: Number = 0
    tokens: list[str] = _TOKEN.findall(words.lower())
    for word in tokens:
        if word[0].isdigit():
            current += _digits(word)
        elif word == "half":
            current += 0.5
        elif word in ("a", "an"):
            current = current if "half" in tokens else current or 1
        elif word in SCALES:
            current = (current or 1) * SCALES[word]
            if SCALES[word] >= _LEAST_SEPARATE:
                total, current = total + current, 0
        else:
            current += UNITS.get(word, 0) or TENS.get(word, 0)
    result = total + current
    return int(result) if isinstance(result, float) and result.is_integer() else result


def _digits(word: str) -> Number:
    bare = _SEPARATOR.sub("", word)
    if bare.count(".") > 1:
        bare = bare.replace(".", "")
    return float(bare) if "." in bare else int(bare)
