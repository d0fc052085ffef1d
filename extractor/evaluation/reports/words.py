"""Numbers and sentences that every report shares, and the report's metrics sorted into its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extractor.evaluation.summary import FEW, Estimate, Report

NONE: Final = "\u2013"
"""What stands for a number that does not exist, such as a share of nothing."""

OUTCOMES: Final[dict[str, str]] = {
    "right": "the value of gold",
    "wrong": "another value than gold's",
    "omitted": "gold has a value, the answer none",
    "invented": "the answer has a value, gold none",
    "empty": "neither has a value",
    "missed": "a value of gold that was not found at all",
    "spurious": "a value of an answer that gold lacks altogether",
}
"""What can become of a field: five ways given a match, then two without one."""

_UNITS: Final = ("in days", "per article")
_FIELDS, _GIVEN, _ERRORS = "fields", "fields given a match", "errors"
_END_TO_END: Final = ", end to end (F1)"


@dataclass(frozen=True, slots=True)
class FieldLine:
    """The metrics of one field.

    Attributes:
        name: The field.
        label: Its name in a report.
        whole: End to end, over all results.
        given: Given a match.
    """

    name: str
    label: str
    whole: Estimate
    given: Estimate | None


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One named error.

    Attributes:
        name: Its name in rows and counts.
        label: Its name in a report.
        per: What it is counted per.
        count: How often it was seen, on average over repetitions.
        estimate: Its rate.
    """

    name: str
    label: str
    per: str
    count: float
    estimate: Estimate


def percent(value: float | None) -> str:
    """Return a share in percent with one decimal."""
    return number(None if value is None else 100 * value)


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with a fixed number of decimals; thousands apart, no negative zero."""
    return NONE if value is None else f"{round(value, digits) + 0.0:,.{digits}f}"


def count(value: float) -> str:
    """Return a count, with a decimal only where it is a mean over repetitions that has one."""
    return number(value, 0 if abs(value - round(value)) < 0.05 else 1)


def points(value: float | None) -> str:
    """Return a difference of shares in points, with its sign."""
    return NONE if value is None else f"{round(100 * value, 1) + 0.0:+.1f}"


def p_value(value: float | None) -> str:
    """Return a p-value; below a thousandth, the draws cannot tell how far."""
    return NONE if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"


def has_unit(label: str) -> bool:
    """Tell whether a metric is a number of something, which its label then names, and no share."""
    return any(unit in label for unit in _UNITS)


def interval(value: float | None, low: float | None, high: float | None, *, label: str = "") -> str:
    """Return a value with its interval: ``61.2 [55.0, 67.1]``; in percent unless ``label`` names a unit.

    An interval without width is left out: all draws agree where all counts are all or none, and that is no certainty.
    """
    show = number if has_unit(label) else percent
    return show(value) if low is None or high is None or low == high else f"{show(value)} [{show(low)}, {show(high)}]"


def estimate(found: Estimate) -> str:
    """Return an estimate with its interval."""
    return interval(found.value, found.low, found.high, label=found.label)


def detectable(found: Estimate) -> str:
    """Return the smallest difference that can be told; where draws cannot differ, none is known."""
    return percent(found.detectable or None)


def fields(report: Report) -> Iterator[FieldLine]:
    """Yield the fields that the report has metrics of."""
    given = {found.name.removesuffix("_accuracy"): found for found in report.estimates if found.group == _GIVEN}
    for found in report.estimates:
        if found.group == _FIELDS:
            name = found.name.removesuffix("_f1")
            yield FieldLine(name, found.label.removesuffix(_END_TO_END), found, given.get(name))


def errors(report: Report) -> list[ErrorLine]:
    """Return the named errors, the most frequent first."""
    lines = []
    for found in report.estimates:
        if found.group == _ERRORS:
            label, _, per = found.label.rpartition(", per ")
            seen = (found.value or 0.0) * found.below
            lines.append(ErrorLine(found.name.removeprefix("error_"), label or found.label, per, seen, found))
    return sorted(lines, key=lambda line: -line.count)


def more(report: Report) -> Mapping[str, Sequence[Estimate]]:
    """Return the metrics that no other table has, by their heading; without those that are a share of nothing."""
    by_group: dict[str, list[Estimate]] = {}
    for found in report.estimates:
        if found.group not in ("headline", _FIELDS, _GIVEN, _ERRORS) and found.value is not None:
            by_group.setdefault(found.group, []).append(found)
    return by_group


def made_by(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what the run is of: names and values."""
    made = report.manifest
    drawn = (
        f"{made.limit} drawn with seed {made.seed}"
        if made.limit and made.seed is not None
        else f"the first {made.limit}"
        if made.limit
        else ""
    )
    yield "suite", made.suite
    yield "model", made.model
    yield "endpoint", made.endpoint[:19] if made.endpoint.startswith("sha256:") else made.endpoint
    yield "profile", made.profile
    yield "prompt", f"{made.prompt} ({', '.join(digest[:12] for digest in made.prompt_digest.split())})"
    yield "gold", f"{made.source or 'unnamed'} ({made.gold[:12]})"
    if drawn:
        yield "articles", drawn
    yield "repetitions", str(made.repeats)
    yield "scorer", report.scorer[:12]
    yield "extractor", made.extractor
    yield "begun", made.started.isoformat()


def lead(report: Report) -> Iterator[str]:
    """Yield the sentences that say what the numbers come to and how far to trust them."""
    if not report.estimates:
        return
    first, known = report.estimates[0], report.denominators
    value, _, ends = estimate(first).partition(" ")
    yield f"{capital(first.label)} is {value}{' %' * (not has_unit(first.label))} {ends or '(no interval)'} over {_many(known.samples, 'article')}{_against(first)}."
    if first.detectable:
        yield f"Two runs must differ by {percent(first.detectable)} points to be told apart unpaired; 'eval compare' pairs them by article and tells smaller differences apart."
    if known.ok == known.asked:
        yield f"All {known.asked} answers are whole." if known.asked > 1 else "The answer is whole."
    else:
        bare = (
            f", which would make it {percent(first.without_failures)} over the articles answered whole"
            if first.without_failures is not None
            else ""
        )
        yield f"{known.ok} of {known.asked} answers are whole, {known.partial} partial, {known.error} lacking; what they lack counts as missed{bare}."
    if 1 < known.clusters < FEW:
        yield f"These are {known.clusters} clusters only: resampling so few makes intervals narrower than they should be."


def _against(first: Estimate) -> str:
    if first.floor is None:
        return ""
    if first.skill is None:
        return f"; rules without a model reach {percent(first.floor)}"
    if first.skill <= 0:
        return f", no better than the {percent(first.floor)} of rules without a model"
    return f"; rules without a model reach {percent(first.floor)}, and of what they leave open {percent(first.skill)} % is won"


def capital(text: str) -> str:
    """Return a label as the beginning of a sentence or as a heading."""
    return text[:1].upper() + text[1:]


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def cost_lines(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield what an article costs: name, cold, from remembered answers."""
    cost = report.cost
    yield "seconds, mean", number(cost.seconds), number(cost.cached_seconds, 3)
    yield "seconds, median", number(cost.seconds_p50), NONE
    yield "seconds, 95th percentile", number(cost.seconds_p95), number(cost.cached_p95, 3)
    yield "requests, re-asks included", number(cost.requests), "0" if cost.cached_seconds is not None else NONE
    yield "tokens read", number(cost.input_tokens, 0), NONE
    yield "of those kept by the server", number(cost.cached_input_tokens, 0), NONE
    yield "tokens written", number(cost.output_tokens, 0), NONE


def stability_lines(report: Report) -> Iterator[tuple[str, str]]:
    """Yield how much repetitions differ: name and number; nothing for a single one."""
    found = report.stability
    if found is not None:
        yield f"gold found in all {found.repeats} repetitions", f"{percent(found.always)} %"
        yield "gold found in some and not in others", f"{percent(found.flipped)} %"
        yield "spread of the headline between articles (standard deviation)", percent(_root(found.between))
        yield "spread within an article, over its repetitions", percent(_root(found.within))


def _root(variance: float | None) -> float | None:
    return None if variance is None else variance**0.5


def answer_lines(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what the numbers are of: name and number."""
    known = report.denominators
    yield "articles", number(known.samples, 0)
    yield "clusters, resampled as one", number(known.clusters, 0)
    yield "answers asked for", number(known.asked, 0)
    yield "whole", number(known.ok, 0)
    yield "partial, a window failed", number(known.partial, 0)
    yield "no answer", number(known.error, 0)
    for outcome, many in known.windows.items():
        yield f"windows {outcome.replace('_', ' ')}", number(many, 0)
    yield "drafts thrown out", number(known.rejections, 0)
