"""Whether claims about Russian losses agree with what Ukraine's General Staff published: a check on real texts that needs no gold.

The series gives each day's running totals and the day's own figures, by category. They are one party's claims, which articles report.

Which claims are comparable, asked in this order; the first "no" is counted as the reason:

- ``figure``: it has one, of a number (no vague plural), and is not negated;
- ``losses``: it tells of losses, by its outcome, its type, or because its figure stands in a line of a bulletin;
- ``russian``: they are Russia's, by the words of its subject, target or figure, or as a line of a bulletin that Kyiv publishes;
- ``source``: Kyiv says so, by the words of a source, or as the publisher where no source is named;
- ``category``: words of one are in the figure, or head its line, by the rules for bulletins (``normalise.bulletins``);
- ``day``: the series has that category for the claim's last day, or where it has none for the day of publication.

A claim *agrees* where its figure is the running total (measure ``cumulative``), the day's (``period``) or either (no measure) of that
day or of the day before, which an early article still quotes. A rounded figure ("nearly 239,500") agrees with what rounds to it at the
place of its last digit that is not 0; "more than" and the like bind on their side only. Where it is the figure of the other measure,
that is counted apart. What agrees by chance is measured with the series of 28 days before.

Usage: python -m evals.losses RUN_FOLDER --data daily.jsonl [--article FILE ...]
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import anyio

from extractor.claims import Claim, Quantity
from extractor.documents import Frozen
from extractor.evaluation import runs
from extractor.evaluation.probing import share
from extractor.extraction import Extraction
from extractor.normalise import bulletins
from extractor.pipeline import Extractor
from extractor.readers import text
from extractor.settings import load
from extractor.sinks.table import headline

Outcome = Literal["agrees", "other_measure", "disagrees"]
Series = Mapping[date, Mapping[str, Any]]

CHANCE: Final = timedelta(days=28)
"""How far back the series is taken from to see what agrees by chance."""
_RUSSIAN: Final = re.compile(
    r"\b(?:russia\w*|moscow|kremlin|enem(?:y|ies)|occup(?:iers?|ants?|ation)|invaders?|aggressors?)\b", re.IGNORECASE
)
_UKRAINIAN: Final = re.compile(r"\b(?:ukrain\w*|kyiv|kiev|general\s+staff)\b", re.IGNORECASE)
_LOST: Final = frozenset(("killed", "wounded", "captured", "lost", "destroyed", "damaged"))
_TYPES: Final = frozenset(("human_losses", "equipment_losses"))
_ARTICLES: Final = (("armoured_vehicles", r"(?:combat|fighting) vehicles?"), ("personnel", r"fighters|occupiers|invaders"))
_CATEGORIES: Final = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in (*_ARTICLES, *bulletins.CATEGORIES.items()))
"""Categories by the words of articles, then by those of bulletins; the first row that fits decides."""
_MEASURES: Final = {"cumulative": ("cumulative",), "period": ("daily",), "snapshot": ("cumulative",), None: ("cumulative", "daily")}
_EXAMPLES: Final = 12


class Compared(Frozen):
    """A claim held against the series.

    Attributes:
        document: Id of the article.
        claim: The claim in words.
        category: What was lost.
        measure: The measure it names.
        figure: The figure as written.
        day: The day it was looked up for.
        official: Figures of that day and the day before, by kind: running total and day's own.
        outcome: What came of it.
        chance: Whether it agrees with the series of ``CHANCE`` before as well.
    """

    document: str
    claim: str
    category: str
    measure: str | None
    figure: str
    day: date
    official: dict[str, tuple[int, ...]]
    outcome: Outcome
    chance: bool


class Agreement(Frozen):
    """How far claims agree with the series.

    Attributes:
        documents: Articles looked at.
        claims: Their claims.
        left_out: Claims that could not be compared, by the first reason.
        compared: The others.
        rate: Share of those that agree.
        low: Lower end of its interval of 95 %, articles being clusters.
        high: Upper end.
    """

    documents: int
    claims: int
    left_out: dict[str, int]
    compared: tuple[Compared, ...]
    rate: float | None = None
    low: float | None = None
    high: float | None = None


def agreement(extractions: Iterable[Extraction], daily_records: Iterable[Mapping[str, Any]]) -> Agreement:
    """Return how the figures of Russian losses in ``extractions`` agree with the official series; the rule is in the module's head."""
    series = {date.fromisoformat(record["date"]): record for record in daily_records}
    found = list(extractions)
    left_out: Counter[str] = Counter()
    compared: list[Compared] = []
    for extraction in found:
        for claim in extraction.claims:
            result = _compare(extraction, claim, series)
            if isinstance(result, str):
                left_out[result] += 1
            else:
                compared.append(result)
    rate = share([(result.document, result.outcome == "agrees") for result in compared])
    return Agreement(
        documents=len(found),
        claims=sum(len(extraction.claims) for extraction in found),
        left_out=dict(left_out.most_common()),
        compared=tuple(compared),
        rate=rate.value,
        low=rate.low,
        high=rate.high,
    )


def _compare(extraction: Extraction, claim: Claim, series: Series) -> Compared | str:
    """Return the claim held against the series, or the first reason why it cannot be."""
    if reason := next((name for name, holds in _CONDITIONS.items() if not holds(extraction, claim)), None):
        return reason
    category, day = _category(claim), _day(extraction, claim)
    assert claim.quantity is not None
    assert category is not None
    official = _official(series, category, day) if day is not None else {}
    if day is None or not official.get("cumulative"):
        return "day"
    figure, kinds = claim.quantity, _MEASURES[claim.measure]
    return Compared(
        document=extraction.document.id,
        claim=headline(claim),
        category=category,
        measure=claim.measure,
        figure=" ".join(figure.text.split()),
        day=day,
        official=official,
        outcome=_outcome(figure, official, kinds),
        chance=_outcome(figure, _official(series, category, day - CHANCE), kinds) == "agrees",
    )


def _outcome(figure: Quantity, official: Mapping[str, Sequence[int]], kinds: Sequence[str]) -> Outcome:
    fits = [kind for kind, values in official.items() if any(matches(figure, value) for value in values)]
    return "agrees" if any(kind in kinds for kind in fits) else "other_measure" if fits else "disagrees"


def matches(figure: Quantity, official: int) -> bool:
    """Tell whether ``official`` is what ``figure`` states, as exactly as it states it."""
    if figure.comparator == "range":
        return figure.low is not None and figure.high is not None and figure.low <= official <= figure.high
    if figure.value is None:
        return False
    step = 10 ** (len(str(int(figure.value))) - len(str(int(figure.value)).rstrip("0"))) if figure.value else 1
    more = official - figure.value
    match figure.comparator:
        case "about":
            return abs(more) <= step / 2
        case "at_least" | "more_than":
            return 0 <= more < step
        case "at_most" | "less_than":
            return -step < more <= 0
        case _:
            return more == 0


def _official(series: Series, category: str, day: date) -> dict[str, tuple[int, ...]]:
    """Return the running totals and the day's figures of ``day`` and the day before, where the series has them."""
    known = [series[at] for at in (day, day - timedelta(days=1)) if at in series]
    return {kind: tuple(row[kind][category] for row in known if row[kind].get(category) is not None) for kind in ("cumulative", "daily")}


def _day(extraction: Extraction, claim: Claim) -> date | None:
    return (claim.time.end_date if claim.time is not None else None) or extraction.document.published


def _category(claim: Claim) -> str | None:
    line = _line(claim)
    if line is not None:
        return line.category
    words = " ".join(claim.quantity.text.split()) if claim.quantity is not None else ""
    return next((name for name, pattern in _CATEGORIES if pattern.search(words)), None)


def _line(claim: Claim) -> bulletins.Loss | None:
    """Return the line of a bulletin that the figure begins in; its unit may stand behind the line's own end."""
    figure = claim.quantity
    if figure is None:
        return None
    lines = ((span.start, line) for span in claim.evidence for line in bulletins.read(span.text))
    return next((line for base, line in lines if base + line.start <= figure.start < base + line.end), None)


def _is_russian(extraction: Extraction, claim: Claim) -> bool:
    slots = (claim.subject, claim.target, claim.quantity)
    named = any(slot is not None and _RUSSIAN.search(slot.text) for slot in slots)
    return named or (_line(claim) is not None and _from_kyiv(extraction))


def _from_kyiv(extraction: Extraction) -> bool:
    return _UKRAINIAN.search(extraction.document.publisher or "") is not None


def _said_in_kyiv(extraction: Extraction, claim: Claim) -> bool:
    names = (name for source in claim.attribution.sources for name in (source.text, source.canonical or ""))
    return any(_UKRAINIAN.search(name) for name in names) or (_from_kyiv(extraction) and not claim.attribution.sources)


_CONDITIONS: Final[dict[str, Callable[[Extraction, Claim], bool]]] = {
    "figure": lambda _, claim: claim.quantity is not None and claim.quantity.comparator != "vague" and claim.polarity == "affirmed",
    "losses": lambda _, claim: (
        (claim.outcome is not None and claim.outcome.kind in _LOST) or claim.type in _TYPES or _line(claim) is not None
    ),
    "russian": _is_russian,
    "source": _said_in_kyiv,
    "category": lambda _, claim: _category(claim) is not None,
}
"""What a claim must meet, in order, with the name of what it lacks."""


def main() -> None:
    """Print how many claims were comparable, how many of them agree, and which do not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path, help="folder of a run, finished or not")
    parser.add_argument("--data", type=Path, required=True, help="the official series, daily.jsonl")
    parser.add_argument("--article", action="append", default=[], help="a further article, which is extracted now; may be repeated")
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    arguments = parser.parse_args()
    outputs = runs.read(arguments.run).outputs.values()
    extractions = [output.extraction for output in outputs if output.extraction is not None]
    if arguments.article:
        extractions += anyio.run(_extract, arguments.article)
    records = [json.loads(line) for line in arguments.data.read_text("utf-8").splitlines() if line.strip()]
    found = agreement(extractions, records)
    print(found.model_dump_json(indent=1) if arguments.json else report(found))


async def _extract(paths: Sequence[str]) -> list[Extraction]:
    async with Extractor.from_settings(load(), memo=False) as extractor:
        return [await extractor.extract(text.read(path), source=path) for path in paths]


def report(found: Agreement) -> str:
    """Return the agreement in words."""
    reasons = ", ".join(f"{count} {name}" for name, count in found.left_out.items())
    lines = [
        f"{len(found.compared)} of {found.claims} claims in {found.documents} articles can be compared"
        + (f"; the others fail on: {reasons}" if reasons else ""),
    ]
    if found.rate is None or found.low is None or found.high is None:
        return lines[0]
    many, outcomes = len(found.compared), Counter(result.outcome for result in found.compared)
    interval = f"{100 * found.rate:.1f} % [{100 * found.low:.1f}, {100 * found.high:.1f}]"
    lines += [
        f"agree with the series: {outcomes['agrees']} of {many}, {interval}; by chance: {sum(result.chance for result in found.compared)}",
        f"are the figure of the other measure: {outcomes['other_measure']}; are no figure of that day: {outcomes['disagrees']}",
    ]
    measures = Counter((result.measure or "none", result.outcome == "agrees") for result in found.compared)
    for name in sorted({name for name, _ in measures}):
        lines.append(f"  measure {name}: {measures[name, True]} of {measures[name, True] + measures[name, False]} agree")
    for result in [result for result in found.compared if result.outcome != "agrees"][:_EXAMPLES]:
        named, known = result.measure or "no measure", "; ".join(f"{kind} {values}" for kind, values in result.official.items())
        lines.append(f"{result.document}, {result.day}: {result.claim} [{named}]; {result.category} in the series: {known}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
