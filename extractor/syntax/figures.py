"""The figures of a sentence in its tree: what each counts, and how far its words reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from extractor.normalise import quantities
from extractor.normalise.quantities import NumberMatch
from extractor.syntax.places import Place
from extractor.syntax.relations import NOMINAL
from extractor.trees import Token, Tree

_OF_ITS_NOUN: Final = frozenset(("nummod", "quantmod", "amod", "det", "nmod", "compound", "advmod", "npadvmod"))
"""Relations of a figure to the noun it counts."""
_COUNTED: Final = NOMINAL | {"NUM", "ADJ", "SYM"}
"""Parts of speech of what a figure can hang on."""
_OF_THE_WHOLE: Final = frozenset(("compound", "amod", "nmod", "poss", "case"))
_WHOLE: Final = NOMINAL | {"PRON", "ADJ"}
_PART_OF: Final = re.compile(
    r"[\"\u201d\u201c]?\s+of\s+(?:(?:the|its|his|her|their|our|these|those|all)\s+)?"
    r"(?:(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten)\s+)?(?P<noun>[^\W\d_][\w'\u2019-]*)"
)
"""The whole of a partitive: "41 of the 52 drones"."""
_FARTHEST: Final = 60
"""How far, in code points, a counted noun reaches behind its number."""
_BELONGING: Final = frozenset(("npadvmod", "nummod", "amod", "nmod", "poss", "acomp", "appos"))
_YOUNGER_THAN: Final = 115
_AGED: Final = re.compile(
    r"\b(?:(?:older|younger) than|aged?|ages"
    r"|(?:people|persons|residents|citizens|children|boys|girls|(?:wo)?men|those|anyone|everyone|everybody) (?:over|under|above|below)"
    r"|(?:boy|girl|child|(?:wo)?man|son|daughter) of) $",
    re.IGNORECASE,
)
"""Words right before an age."""
_NOT: Final = re.compile(r"\b(?:not|not a|never)\s$", re.IGNORECASE)
_OPENED: Final = re.compile(r"\d[^()]{0,30}\($")
_CLOSED: Final = re.compile(r"(?!\s+of\b)[^()]{0,20}\)")
_SEASON: Final = re.compile(r"\s+(?:(?:summer|winter|spring|autumn)s?|time)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        number: The number.
        place: Place of its words: hedge, number and what is counted.
        noun: The counted noun, or the number's own word where it stands alone.
        argument: The noun of the phrase that the figure belongs to: "ballots" of "ballots from 310 stations".
    """

    number: NumberMatch
    place: Place
    noun: Token
    argument: Token


def figures(tree: Tree) -> list[Figure]:
    """Return the figures of the sentence in order, without those that name, date or describe something."""
    found = (_figure(tree, number) for number in quantities.find(tree.text))
    return [figure for figure in found if figure is not None]


def _figure(tree: Tree, number: NumberMatch) -> Figure | None:
    top = tree.top(number.number_start, number.end)
    if top is None or any(is_so(tree, number, top) for is_so in _NO_FIGURES):
        return None
    noun, end = _counted(tree, number, top)
    hedged = tree.top(number.start, number.number_start)
    start = number.number_start if hedged is not None and hedged.dep == "prt" else number.start  # "handed over 40 prisoners"
    return Figure(number, (start, end), noun, _argument(tree, noun))


def _names(tree: Tree, number: NumberMatch, top: Token) -> bool:
    """Tell whether a number is part of a name: "Radio Nord 24"."""
    if top.index == 0 or top.pos != "NUM" or number.unit is not None:
        return False
    before = tree.tokens[top.index - 1]
    return before.pos == "PROPN" and tree.word(before)[:1].isupper() and (before.head == top.index or top.head == before.index)


def _is_none(tree: Tree, number: NumberMatch, _top: Token) -> bool:
    """Tell whether a one is none: "not one fighter"."""
    return number.value == 1 and _NOT.search(tree.text[: number.start]) is not None


def _is_conversion(tree: Tree, number: NumberMatch, _top: Token) -> bool:
    """Tell whether a figure in parentheses says what the one before says: "40 yards (37 metres)", not "40 people (12 of them women)"."""
    return _OPENED.search(tree.text[: number.start]) is not None and _CLOSED.match(tree.text, number.end) is not None


def _is_age(tree: Tree, number: NumberMatch, top: Token) -> bool:
    """Tell whether a number says how old somebody is: "aged 12 and over"; not "aged 12 ships"."""
    if number.unit is not None or not isinstance(number.value, int) or number.value >= _YOUNGER_THAN:
        return False
    counts = top.dep == "nummod" and tree.head(top).index > top.index
    return not counts and _AGED.search(tree.text[: number.number_start]) is not None


def _is_season(tree: Tree, number: NumberMatch, _top: Token) -> bool:
    """Tell whether a number counts seasons, or stands for once: "two summers ago", "at one time"."""
    return _SEASON.match(tree.text, number.end) is not None


_NO_FIGURES: Final = (_names, _is_none, _is_conversion, _is_age, _is_season)
"""What makes a number no figure."""


def _counted(tree: Tree, number: NumberMatch, top: Token) -> tuple[Token, int]:
    """Return what a number counts, and where its words end."""
    end = _before_verb(tree, number.end, quantities.counted(tree.text, number.end))
    if number.unit is None and (whole := _whole(tree, number)) is not None:
        return whole, whole.end
    token = top
    while token.dep in _OF_ITS_NOUN and tree.head(token).index > token.index and tree.head(token).pos in _COUNTED:
        if number.unit is not None and tree.head(token).start > max(end, number.end + 1):
            break
        token = tree.head(token)
    between = tree.text[number.end : token.end]
    if token.pos in NOMINAL and number.unit is None and len(between) < _FARTHEST and "," not in between:
        end = max(end, token.end)
    return token, end


def _before_verb(tree: Tree, start: int, end: int) -> int:
    """Return where the words from ``start`` to ``end`` end before a verb in the past: "12 people drowned"."""
    for token in tree.at(start, end):
        if token.tag == "VBD":
            return start
        start = token.end
    return end


def _whole(tree: Tree, number: NumberMatch) -> Token | None:
    """Return the noun behind "of" in "41 of the 52 drones"."""
    part = _PART_OF.match(tree.text, number.end)
    whole = tree.top(*part.span("noun")) if part is not None else None
    if whole is None:
        return None
    while whole.dep in _OF_THE_WHOLE and tree.head(whole).index > whole.index:
        whole = tree.head(whole)
    return whole if whole.pos in _WHOLE else None


def _argument(tree: Tree, noun: Token) -> Token:
    """Return the noun that a counted noun belongs to, up to the verb's own argument."""
    token = noun
    while token.head != token.index:
        head = tree.head(token)
        if token.dep in ("pobj", "pcomp") and head.dep == "prep" and tree.head(head).pos in _COUNTED:
            token = tree.head(head)
        elif token.dep in _BELONGING and head.pos in NOMINAL | {"ADJ"}:
            token = head
        else:
            break
    return token
