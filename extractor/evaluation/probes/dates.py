"""The publication date moved: days reckoned from it move along, the others stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from extractor.claims import Claim, Time
from extractor.documents import Document
from extractor.evaluation.probes.changes import LAWS, SHIFT, Check, Variant, compare, outcome, stay, undated, without
from extractor.extraction import Extraction
from extractor.normalise.time_words import MONTH, SEASON, WEEKDAY
from extractor.sinks.table import days

_CALENDAR: Final = re.compile(rf"\b(?:months?|quarters?|years?|decades?|half|{SEASON}|q[1-4])\b", re.IGNORECASE)
_DATED: Final = re.compile(rf"\b{MONTH}|\d\.\d|\d{{4}}", re.IGNORECASE)
_YEARED: Final = re.compile(r"\b(?:19|20)\d\d\b")
_OPENED: Final = re.compile(r"^\s*(?:since|starting|from)\b(?!.*\s(?:to|and|until|till|through)\s)", re.IGNORECASE | re.DOTALL)
_FROM_DAY: Final = re.compile(rf"^\s*(?:from|between)\b.*\b(?:{WEEKDAY}|today|yesterday|tomorrow|overnight)", re.IGNORECASE | re.DOTALL)
_BY_BASIS: Final = {"relative": "relative_days", "context": "context_days"}
_WITH_CONTEXT: Final = ({0}, {SHIFT}, {365}, {366})
"""What days beside a day of the text may move by: nothing, as far as publication, or a year where that day has no year."""
_NEXT: Final = 31
"""How far behind publication, in days, a day without a year can lie."""


def shift_date(document: Document, extraction: Extraction, _: int) -> list[Variant]:
    """Return the article published ``SHIFT`` days later, where it has claims with a time."""
    published = document.published
    timed = any(claim.time is not None or claim.attribution.stated_on is not None for claim in extraction.claims)
    if published is None or not timed or published > date.max - timedelta(days=2 * SHIFT):
        return []
    return [Variant(f"{SHIFT} days later", document.model_copy(update={"published": published + timedelta(days=SHIFT)}))]


def shifted(before: Extraction, variant: Variant, after: Extraction) -> Iterator[Check]:
    """Compare days claim by claim; a repetition that names its time in other words may part from its claim, so it is left out."""
    loose = [claim for claim in before.claims if claim.time and any(claim.time.text not in span.text for span in claim.evidence[1:])]
    parted = {span.start for claim in loose for span in claim.evidence}
    compared = compare(without(before.claims, loose), after.claims, variant, undated)
    compared = replace(compared, cut=loose, fresh=[claim for claim in compared.fresh if claim.evidence[0].start not in parted])
    yield from stay(compared, lambda _: "rest")
    for claim, found in compared.same:
        said_on = _stated(claim)
        on_a_date = said_on is not None and said_on.basis == "explicit"
        for old, new in ((claim.time, found.time), (said_on, _stated(found))):
            if old is not None and new is not None:
                yield _days_checked(old, new, on_a_date=on_a_date)


def _days_checked(old: Time, new: Time, *, on_a_date: bool) -> Check:
    law = _BY_BASIS.get(old.basis or "", "explicit_days")
    ends = [pair for pair in ((old.start_date, new.start_date), (old.end_date, new.end_date)) if pair != (None, None)]
    moves = [(after - before).days if before and after else None for before, after in ends]
    if not _decided(old, law, on_a_date=on_a_date):
        held = None
    elif law == "relative_days":
        held = all(move == SHIFT for move in moves)
    elif law == "context_days":
        held = set(moves) in _WITH_CONTEXT
    else:
        open_end = moves.pop() if _OPENED.match(old.text) and moves else SHIFT
        same = all(before and after and (before.month, before.day) == (after.month, after.day) for before, after in ends[: len(moves)])
        held = same and open_end == SHIFT and (not _YEARED.search(old.text) or not any(moves))
    return Check(law=law, outcome=outcome(held), expected=f"{days(old)}: {LAWS[law]}", found=days(new))


def _decided(time: Time, law: str, *, on_a_date: bool) -> bool:
    """Tell whether the words settle how the days must move: calendar units have no fixed length, and mixed words no one anchor."""
    ends = [end for end in (time.start_date, time.end_date) if end is not None]
    dated, yeared = _DATED.search(time.text), _YEARED.search(time.text)
    if law == "relative_days":
        return not (_CALENDAR.search(time.text) or dated or on_a_date)
    if law == "context_days":
        return not (_CALENDAR.search(time.text) or _OPENED.match(time.text) or time.text.lower().startswith(("from ", "between ")))
    if not ends or _FROM_DAY.match(time.text):
        return not ends and not _OPENED.match(time.text) and bool(yeared or not dated)
    return yeared is not None or not (any(end.month == 2 and end.day >= 28 for end in ends) or _comes_round(time))


def _comes_round(time: Time) -> bool:
    """Tell whether the first day of "since 24 February" comes round about the later publication, which can then mean the year to come."""
    if not _OPENED.match(time.text) or time.start_date is None or time.end_date is None:
        return False
    return 0 < (time.start_date.replace(year=time.start_date.year + 1) - time.end_date).days - SHIFT <= _NEXT


def _stated(claim: Claim) -> Time | None:
    """Return the day of saying as a time."""
    said = claim.attribution.stated_on
    if said is None:
        return None
    basis = "explicit" if _DATED.search(said.text) or said.date is None else "relative"
    return Time.model_validate({**said.model_dump(exclude={"date"}), "start_date": said.date, "end_date": said.date, "basis": basis})
