"""Phrases of time in a sentence: the words they are made of, and where they stand.

The fragments of regular expressions are shared with the rules that say what the phrases mean, in ``times``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from extractor.normalise.late import late
from extractor.normalise.numerals import UNITS
from extractor.normalise.time_begins import begins

MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
SHORT_MONTHS: Final = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
MONTH: Final = rf"(?:{MONTHS}|(?:{SHORT_MONTHS})\.?)(?![a-z])"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY: Final = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
PART: Final = r"(?:morning|afternoon|evening|night)"
SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
SEASON: Final = r"(?:spring|summer|autumn|fall|winter)"
SEASON_WORD: Final = (
    r"(?:spring|summer|autumn|winter|fall(?= (?:of )?(?:19|20)\d\d)|(?:(?<=\bthe )|(?<=\bin )|(?<=\blast )|(?<=\bthis )|(?<=\bnext ))fall)"
)
"""A season; "fall" alone is something else more often."""
YEAR: Final = r"(?:19|20)\d\d"
ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
COUNT: Final = rf"(?:\d{{1,3}}|{'|'.join(UNITS)}|a|an|few|several|couple of)"
DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
HOLIDAYS: Final = {
    "christmas day": (12, 25),
    "christmas eve": (12, 24),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new year's day": (1, 1),
}
HOLIDAY: Final = r"(?:Christmas (?:Day|Eve)|Boxing Day|New Year['\u2019]s (?:Day|Eve))"
_MD: Final = rf"{MONTH} (?:the )?{DAY}(?!\d|[,.]\d\d\d(?!\d))"
_DM: Final = rf"{DAY}(?: of)? {MONTH}"
DAY_DATE: Final = (
    rf"(?:(?:{WEEKDAY},? (?:the )?)?(?:{_MD}(?:,? ?{YEAR})?|{_DM}(?:,? {YEAR}(?!\d)| \d\d(?![\d:,.%]))?)(?:\s{PART})?|{YEAR}-[01]\d-[0-3]\d"
    r"|[0-3]?\d\.[01]?\d\.(?:\d\d){1,2}(?![\d.])|[0-3]\d\.[01]\d(?![\d.%]))"
)
DATE: Final = rf"(?:{DAY_DATE}|{MONTH},? (?:of )?{YEAR})"
ONE_DAY: Final = rf"(?:{DAY_DATE}|{HOLIDAY}|the day before yesterday|(?:yesterday|today|tomorrow)(?: {PART})?|tonight|(?:last |this |next |this past |this coming )?{WEEKDAY}(?:'s)?(?: {PART})?)"
"""Words that name a day by themselves."""
UNIT: Final = r"(?:hours?|days?|nights?|weeks?|weekends?|months?|quarters?|years?|decades?)"
PAST: Final = r"(?:past|last|previous|preceding)"
NEXT: Final = r"(?:next|coming)"
CLOCK: Final = (
    r"(?:(?:(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)? ?(?:[ap]\.m\.|[ap]m\b)|(?:[01]?\d|2[0-3]):[0-5]\d(?: (?:hours|hrs))?|(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) o['\u2019]clock)"
    r"(?: (?:local time|GMT|UTC|CET|EST))?|midnight|noon|midday|dawn|daybreak|sunrise|sunset|dusk|nightfall|first light)"
)
"""An hour, or a part of the day that stands for one."""
DAY_HALF: Final = r"the (?:(?:very )?(?:early|late|small|first) )?(?:hours|morning|afternoon|evening|night)"
BOUND: Final = r"(?:until|till|by|(?:no|not) later than)"
"""Words before the last day of a stretch whose first is not told."""
OUTER: Final = r"(?: at the (?:very )?(?:earliest|latest))"
WITHIN: Final = r"(?:year|quarter|month|week)"
WHOLE: Final = rf"(?:(?:the|this|last|next) {WITHIN}|{MONTH}(?:,? (?:of )?{YEAR})?|{YEAR}(?![\d,.]\d))"
"""A unit of the calendar that has parts."""
_ORDINAL: Final = rf"(?:{'|'.join(ORDINALS)}|last|final)"
PART_OF: Final = (
    rf"(?:{_ORDINAL} (?:(?:{COUNT} )?(?:days|weeks|months|quarters)|half|quarter|month|week) of {WHOLE}|first {COUNT} months(?! of\b))"
)
EDGE_OF: Final = rf"the (?:very )?(?:start|beginning|middle|end|close) of {WHOLE}"
_RELATIVE_DAY: Final = (
    rf"the day before yesterday|(?:late |early |earlier |later )?(?:yesterday|today|tomorrow|tonight|overnight)(?: {PART})?|(?:earlier |later )?(?:last|this|the previous|that) (?:night|morning|afternoon|evening)"
    rf"|(?:late |early )?(?:last |this |next |this past |this coming )?{WEEKDAY}(?:'s)?(?: {PART})?"
)
_PERIOD: Final = (
    rf"(?:early |late |mid-?|the (?:start|beginning|end|middle) of )?(?:(?:the )?(?:first|second|third|fourth|1st|2nd|3rd|4th) (?:quarter|half)(?:(?: of)? {YEAR})?(?! of (?:the|an?|his|her|its|their)\b)|Q[1-4](?: {YEAR})?"
    rf"|(?:(?:the|last|this|next) )?{SEASON}(?: of)? {YEAR}|(?:last|this|next) {SEASON}|the (?:spring|summer|autumn|winter)|(?:this|last|next|the past|the last|the previous) (?:week|weekend|month|quarter|year)"
    rf"|the (?:week|month|year|day) (?:before|after)|the (?:same|next|following|previous) (?:day|week|month|year)|the weekend|that day|the (?:week|month|quarter|year)|{YEAR}(?![\d,.]\d)|{MONTH}(?! \d))"
)
_ANCHOR: Final = rf"(?:(?:the )?{PART_OF}|{EDGE_OF}|{DATE}|{_RELATIVE_DAY}|{HOLIDAY}|{_PERIOD})"
_LEAD: Final = r"(?:(?:over|in|during|within|for|throughout|across) )?"
_COUNTED: Final = rf"(?:(?:at least|about|almost|nearly|more than|over|around|up to) )?{COUNT} (?:more )?(?:minutes?|{UNIT})"
"""A length of time that is told."""
_EVENT: Final = r"(?:war|invasion|coup|uprising|revolution|earthquake|quake|eruption|outbreak|pandemic|fighting|conflict|offensive|siege|blockade|ceasefire|truce|election|independence|strike|crisis)"

_ALTERNATIVES: Final = (
    rf"(?:from|between) {_ANCHOR} (?:to|and|until|till|through) {_ANCHOR}",
    rf"(?:from|between) {CLOCK} (?:to|and|until|till) {CLOCK}(?:,? (?:on )?{ONE_DAY})?",
    rf"{DATE} ?[-\u2013] ?{DATE}|{MONTH} {DAY} ?[-\u2013] ?{DAY}(?:,? {YEAR})?|{DAY} ?[-\u2013] ?{DAY} {MONTH}(?: {YEAR})?|{YEAR}[-\u2013]{YEAR}",
    rf"{_LEAD}the {PAST} (?:day|24 hours) and night",
    rf"{_LEAD}the {PAST} (?:{COUNT} )?{UNIT}(?! of {WHOLE})|(?:in|over|during|for|within) {PAST} {COUNT} {UNIT}|last {COUNT} {UNIT}",
    rf"{_LEAD}the {NEXT} {COUNT} {UNIT}|{_LEAD}the coming (?:day|week|month|year)|{_LEAD}(?:the )?(?:coming|recent) (?:hours|days|weeks|months|years|decades)",
    rf"(?:{COUNT} {UNIT}|minutes|hours|days|weeks|months|years) (?:ago|earlier|later)",
    r"nears? (?:the|its) [\w-]+ (?:mark|anniversary)",
    rf"(?:(?:shortly|just|soon|right|hours|minutes) )?(?:before|after|at|around|about|by|since|until|till|from|towards?) (?:about |around )?{CLOCK}(?:,? (?:on )?{ONE_DAY})?",
    rf"(?:in|on|during) {DAY_HALF} (?:of|on) (?:the )?{ONE_DAY}|in the (?:early|small) hours|in the (?:early |late )?(?:morning|afternoon|evening)",
    rf"(?:late|early|earlier|later) on {ONE_DAY}|(?:earlier|later) (?:this|in the) (?:day|week|month|year)|(?:earlier |later )(?:that|the same) day",
    rf"since (?:the|its|his|her|their|an?) (?:[\w'\u2019-]+ ){{1,4}}?(?:in|on) (?:{DATE}|{ONE_DAY}|{MONTH}|{YEAR})",
    rf"(?:{BOUND}|as of|since|before|after|starting|from|prior to|as early as) (?:at least |later |late (?:on )?|early (?:on )?|mid-?)?(?:{_ANCHOR}|(?:spring|summer|autumn|winter)){OUTER}?",
    rf"(?:on|over|in|during|at|throughout|for) (?:late |early |mid-?)?{_ANCHOR}",
    r"on (?:election|polling|voting) day|(?:since|until|till|before|after) (?:the )?(?:election|polling|voting) day",
    rf"{DATE}|{_RELATIVE_DAY}|{HOLIDAY}",
    rf"(?:late |early |mid-?)?(?:{MONTH} (?:{YEAR})|(?:this|last|next) (?:week|weekend|month|quarter|year|{SEASON})|the (?:week|month|year|day) before|the (?:next|following|previous|same) day)",
    rf"(?:early |late )?{SEASON} (?:of )?{YEAR}|Q[1-4] {YEAR}",
    rf"(?:for|within|after) (?:{_COUNTED}|(?:(?:many|several|some) )?(?:minutes|hours|days|nights|weeks|months|years|decades))(?! of\b)|in {_COUNTED}(?! of\b)",
    rf"(?:since|until|till) (?:the )?(?:start|beginning|end|outbreak) of (?:the|its|their|his|her) (?:(?:[\w-]+ ){{0,2}}?{_EVENT}|\w+)|(?:since|until|till) (?:the|its) (?:[\w-]+ ){{0,2}}?{_EVENT}(?: (?:began|begins|started|starts|broke out|ended|ends))?",
    r"(?:until|till) (?:(?!(?:said|says|and|but|which|who)\b)[\w'\u2019-]+ ){0,6}?(?!(?:said|says)\b)[\w'\u2019-]+(?=[,.;:!?\"\u201d)](?:\s|$)|$)",
)
_PHRASE: Final = late(rf"(?<![\w$-])(?:{'|'.join(_ALTERNATIVES)})(?![\w-])", re.IGNORECASE)


@lru_cache(maxsize=512)
def find(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of the phrases of time in ``text``, in order, in code points.

    A phrase is whole: with its preposition, the hour or part of the day before a day ("late on Sunday", "by six o'clock on
    Tuesday evening"), and what bounds it ("until Wednesday at the earliest"). Lengths of time ("for weeks") and ends that
    are an event ("until an inquiry had ended") are phrases too, although their days are not known.
    """
    found: list[tuple[int, int]] = []
    for start in begins(text):
        if (not found or start >= found[-1][1]) and (match := _PHRASE.match(text, start)) is not None:
            found.append(match.span())
    return tuple(found)
