"""The least number meant by words that count without a number: a table per reading, which a profile can replace.

The upper bound stays open. ``NEWS`` is the cautious reading of general news. ``ISAF`` follows the counting rules that the
labeller of the ISAF press releases states (doi 10.57967/hf/1956): a bare plural and "a couple" are 2, "several", "a few",
"some", "multiple" and groups 3, "numerous" and "a handful" 4, "a large number" 5, "dozens" 24.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from extractor.normalise.late import late

Vagueness = Mapping[str, int]

NEWS: Final[Vagueness] = MappingProxyType({
    "a couple of": 2, "a couple": 2, "a few": 3, "several": 3, "a handful of": 3, "a handful": 3, "tens": 20, "dozens": 24,
    "scores": 40, "hundreds": 200, "thousands": 2_000, "millions": 2_000_000, "billions": 2_000_000_000,
})  # fmt: skip
"""Plurals of numbers mean two of them at the least; "tens of thousands" is 20,000, "several hundred" is 300."""

ISAF: Final[Vagueness] = MappingProxyType({
    **NEWS, "couple of": 2, "couple": 2, "few": 3, "some": 3, "multiple": 3, "a group of": 3, "a small group of": 3, "a group": 3, "a small group": 3,
    "various": 3, "numerous": 4, "a handful of": 4, "a handful": 4, "handful of": 4, "a large number of": 5, "a large number": 5,
    "large numbers of": 5, "a large group of": 5,
})  # fmt: skip

_IRREGULAR: Final = frozenset(
    "people men women children police personnel cattle clergy militia clergymen gunmen policemen servicemen troops dead wounded injured missing crew".split()
)
_SINGULAR_S: Final = late(r"(?:ss|us|is|news|[^aeiou]ics|headquarters|barracks)$")
_BRACKETED: Final = late(r"\[[^\]]*\]|\([^)]*\)")
_MODIFIED: Final = late(
    r"\s(?:of|in|on|at|from|for|with|who|which|that|near|by|to|and|belonging|traveling|travelling)\b|[,;:(\"]", re.IGNORECASE
)
_POSSESSIVE: Final = late(r"['\u2019]s?$")


def is_plural(phrase: str) -> bool:
    """Return whether the head of a noun phrase is in the plural by its form: "bodies of the victims" is, "a bus" is not."""
    head = _MODIFIED.split(_BRACKETED.sub("", phrase).strip().lower(), maxsplit=1)[0].split()
    if not head:
        return False
    word = _POSSESSIVE.sub("", head[-1])
    if word in _IRREGULAR or word.endswith("men"):
        return True
    return word.endswith("s") and not _SINGULAR_S.search(word)
