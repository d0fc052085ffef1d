"""The fields of a claim that are compared: one row each, weights and thresholds in sight.

A field that both sides leave out is rightly empty and weighs nothing. Values everybody has (an assertion, affirmed, quoted indirectly) count as left
out, so that no score is earned by defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from extractor.claims import Quantity, Statement, Time
from extractor.evaluation import similarity
from extractor.evaluation.scores import Cell, CellOutcome


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: Its name in counts and metrics.
        label: Its name in reports.
        weight: What it weighs in the score of a pair.
        value: Takes it from a claim; None where the claim leaves it out.
        similarity: How alike two values are.
        right_at: Least similarity that is right.
        required: Whether a strictly right claim needs it.
        words: The value in words.
    """

    name: str
    label: str
    weight: float
    value: Callable[[Statement], Any]
    similarity: Callable[[Any, Any], float]
    right_at: float = 1.0
    required: bool = False
    words: Callable[[Any], str] = str

    def compare(self, gold: Statement | None, predicted: Statement | None) -> Cell:
        """Return how the field of ``predicted`` compares with that of ``gold``; either claim may be missing."""
        left = self.value(gold) if gold is not None else None
        right = self.value(predicted) if predicted is not None else None
        alike = self.similarity(left, right) if left is not None and right is not None else None
        return Cell(
            field=self.name,
            outcome=self._outcome(left, right, alike),
            similarity=alike,
            gold=self.words(left) if left is not None else None,
            predicted=self.words(right) if right is not None else None,
        )

    def _outcome(self, left: object, right: object, alike: float | None) -> CellOutcome:
        if alike is not None:
            return "right" if alike >= self.right_at else "wrong"
        if left is None and right is None:
            return "empty"
        return "omitted" if right is None else "invented"


def _unless(default: str) -> Callable[[str | None], str | None]:
    return lambda value: None if value == default else value


def _first(claim: Statement) -> Any:
    return claim.attribution.sources[0] if claim.attribution.sources else None


def _quantity_words(quantity: Quantity) -> str:
    bounds = f"{quantity.low}\u2013{quantity.high}" if quantity.value is None else f"{quantity.value}"
    return f"{quantity.text} ({quantity.comparator} {bounds})"


def _time_words(time: Time) -> str:
    start, end = (str(day) if day else "open" for day in (time.start_date, time.end_date))
    return f"{time.text} ({start} to {end})"


def _text(mention: Any) -> str:
    return str(mention.text)


_asserted, _affirmed, _indirect = _unless("asserts"), _unless("affirmed"), _unless("indirect")

FIELDS: Final[tuple[Field, ...]] = (
    Field("source", "source", 2, _first, similarity.same_source, required=True, words=_text),
    Field(
        "chain",
        "reporting chain",
        0.5,
        lambda c: c.attribution.sources if len(c.attribution.sources) > 1 else None,
        similarity.same_chain,
        words=lambda chain: " > ".join(link.text for link in chain),
    ),
    Field("source_kind", "kind of source", 0.25, lambda c: getattr(_first(c), "kind", None), similarity.equal),
    Field("type", "type", 1, lambda c: c.type, similarity.equal, required=True),
    Field("subject", "subject", 1, lambda c: c.subject, similarity.same_words, right_at=0.5, required=True, words=_text),
    Field("outcome", "outcome", 1, lambda c: c.outcome, similarity.same_outcome, right_at=0.5, words=_text),
    Field("target", "target", 0.5, lambda c: c.target, similarity.same_words, right_at=0.5, words=_text),
    Field("polarity", "negation", 1, lambda c: _affirmed(c.polarity), similarity.equal, required=True),
    Field("quantity", "quantity", 3, lambda c: c.quantity, similarity.same_quantity, required=True, words=_quantity_words),
    Field("measure", "measure", 0.5, lambda c: c.measure, similarity.equal),
    Field("time", "time", 1, lambda c: c.time, similarity.same_days, required=True, words=_time_words),
    Field("place", "place", 0.5, lambda c: c.place, similarity.same_words, right_at=0.5, words=_text),
    Field("stance", "stance", 1, lambda c: _asserted(c.attribution.stance), similarity.equal),
    Field("quotation", "quotation", 0.25, lambda c: _indirect(c.attribution.quotation), similarity.equal),
    Field("cue", "cue", 0.25, lambda c: c.attribution.cue, similarity.same_words, right_at=0.5, words=_text),
    Field("channel", "channel", 0.25, lambda c: c.attribution.channel, similarity.same_words, right_at=0.5, words=_text),
    Field("stated_on", "day of saying", 0.5, lambda c: c.attribution.stated_on, similarity.same_day, words=_text),
    Field("verification", "verification", 0.5, lambda c: c.verification.status if c.verification else None, similarity.equal),
    Field(
        "evidence",
        "evidence",
        1,
        lambda c: c.evidence,
        lambda left, right: similarity.overlap([(s.start, s.end) for s in left], [(s.start, s.end) for s in right]),
        right_at=0.5,
        words=lambda spans: " / ".join(f"{span.start}:{span.end}" for span in spans),
    ),
)
"""Every compared field of a claim. A new one is a row here."""

BY_NAME: Final = {field.name: field for field in FIELDS}
