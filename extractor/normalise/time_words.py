"""Phrases of time in a sentence: the words they are made of, and where they stand.

The fragments of regular expressions are shared with the rules that say what the phrases mean, in ``times``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from extractor.normalise.numerals import UNITS

MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
SHORT_MONTHS: Final = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
MONTH: Final = rf"(?:{MONTHS}|(?:{SHORT_MONTHS})\.?)(?![a-z])"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY: Final = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
PART: Final = r"(?:morning|afternoon|evening|night)"
SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
SEASON: Final = r"(?:spring|summer|autumn|fall|winter)"
YEAR: Final = r"(?:19|20)\d\d"
ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
COUNT: Final = rf"(?:\d{{1,3}}|{'|'.join(UNITS)}|a|an|few|several|couple of)"
DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_MD: Final = rf"{MONTH} (?:the )?{DAY}(?!\d|[,.]\d\d\d(?!\d))"
_DM: Final = rf"{DAY}(?: of)? {MONTH}"
DATE: Final = (
    rf"(?:(?:{WEEKDAY},? (?:the )?)?(?:{_MD}(?:,? ?{YEAR})?|{_DM}(?:,? {YEAR}(?!\d)| \d\d(?![\d:,.%]))?)(?:\s{PART})?|{YEAR}-[01]\d-[0-3]\d|{MONTH},? (?:of )?{YEAR}"
    r"|[0-3]?\d\.[01]?\d\.(?:\d\d){1,2}(?![\d.])|[0-3]\d\.[01]\d(?![\d.%]))"
)
UNIT: Final = r"(?:hours?|days?|nights?|weeks?|weekends?|months?|quarters?|years?|decades?)"
PAST: Final = r"(?:past|last|previous|preceding)"
_RELATIVE_DAY: Final = (
    rf"the day before yesterday|(?:late |early |earlier )?(?:yesterday|today|tomorrow|tonight|overnight)(?: {PART})?|(?:last|this|the previous|that) (?:night|morning|afternoon|evening)"
    rf"|(?:last |this |next |this past |this coming )?{WEEKDAY}(?:'s)?(?: {PART})?"
)
_PERIOD: Final = (
    rf"(?:early |late |mid-?|the (?:start|beginning|end|middle) of )?(?:(?:the )?(?:first|second|third|fourth|1st|2nd|3rd|4th) (?:quarter|half)(?: of)?(?: {YEAR})?|Q[1-4](?: {YEAR})?"
    rf"|(?:(?:the|last|this|next) )?{SEASON}(?: of)? {YEAR}|(?:last|this|next) {SEASON}|(?:this|last|next|the past|the last|the previous) (?:week|weekend|month|quarter|year)"
    rf"|the (?:week|month|year|day) (?:before|after)|the (?:same|next|following|previous) (?:day|week|month|year)|the weekend|that day|the (?:month|year)|{YEAR}(?![\d,.]\d)|{MONTH}(?! \d))"
)
_ANCHOR: Final = rf"(?:{DATE}|{_RELATIVE_DAY}|{_PERIOD})"
_LEAD: Final = r"(?:(?:over|in|during|within|for|throughout|across) )?"

_PHRASE: Final = re.compile(
    r"(?<![\w$-])(?:"
    rf"(?:from|between) {_ANCHOR} (?:to|and|until|till|through) {_ANCHOR}"
    rf"|{DATE} ?[-\u2013] ?{DATE}|{MONTH} {DAY} ?[-\u2013] ?{DAY}(?:,? {YEAR})?|{DAY} ?[-\u2013] ?{DAY} {MONTH}(?: {YEAR})?|{YEAR}[-\u2013]{YEAR}"
    rf"|{_LEAD}the {PAST} (?:day|24 hours) and night"
    rf"|{_LEAD}the {PAST} (?:{COUNT} )?{UNIT}|(?:in|over|during|for|within) {PAST} {COUNT} {UNIT}|last {COUNT} {UNIT}"
    rf"|{COUNT} {UNIT} (?:ago|earlier|later)"
    rf"|nears? (?:the|its) [\w-]+ (?:mark|anniversary)"
    rf"|(?:since|until|till|by|before|after|as of|starting|from|prior to) (?:late (?:on )?|early (?:on )?|mid-?)?{_ANCHOR}"
    rf"|(?:on|over|in|during|at|throughout|for) (?:late |early |mid-?)?{_ANCHOR}"
    rf"|{DATE}|{_RELATIVE_DAY}|(?:late |early |mid-?)?(?:{MONTH} (?:{YEAR})|(?:this|last|next) (?:week|weekend|month|quarter|year|{SEASON})|the (?:week|month|year|day) before|the (?:next|following|previous|same) day)"
    rf"|(?:early |late )?{SEASON} (?:of )?{YEAR}|Q[1-4] {YEAR}"
    r")(?![\w-])",
    re.IGNORECASE,
)
_AHEAD: Final = re.compile(
    r"\b(?:will|shall|to be (?:held|signed|completed|launched)|is to|are to|scheduled|planned|plans? to|due|expected to|set to|would|going to|launches|starts|begins)\b|'ll\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def find(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of the phrases of time in ``text``, in order, in code points."""
    return tuple(match.span() for match in _PHRASE.finditer(text))


def looks_ahead(sentence: str) -> bool:
    """Return whether ``sentence`` speaks of what is to come."""
    return _AHEAD.search(sentence) is not None
