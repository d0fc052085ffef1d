"""Probes run against a model: how many of their checks held, of how many, and which did not.

Whatever is asked goes through the cache of answers, so a run that was broken off goes on where it stopped, for the same command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from pydantic import Field, TypeAdapter
from rich import box
from rich.table import Table

from extractor.documents import Document, Frozen
from extractor.errors import ConfigurationError, ReaderError
from extractor.evaluation.probes import LAWS, PROBES, Check, Variant
from extractor.evaluation.statistics import LEVEL, Interval, clustered_error
from extractor.extraction import Extraction
from extractor.pipeline import Extractor

_Z: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)


class Violation(Frozen):
    """A check that did not hold.

    Attributes:
        document: Id of the article.
        variant: What was done to it.
        expected: What had to be, in words.
        found: What was.
    """

    document: str
    variant: str
    expected: str
    found: str


class ProbeReport(Frozen):
    """How often one law of one probe held.

    Attributes:
        probe: Name of the probe.
        law: Name of the law.
        words: What must hold, in words.
        documents: Articles that were tried.
        applicable: Those that offered the probe a target and were answered.
        failed: Those of which some window failed, so that nothing was compared.
        checks: Comparisons made.
        held: Those that held.
        left_out: Comparisons that the law cannot decide.
        rate: ``held / checks``; null without a check.
        low: Lower end of its interval of 95 %.
        high: Upper end.
        violations: The checks that did not hold.
    """

    probe: str
    law: str
    words: str
    documents: int = Field(ge=0)
    applicable: int = Field(ge=0)
    failed: int = Field(ge=0)
    checks: int = Field(ge=0)
    held: int = Field(ge=0)
    left_out: int = Field(ge=0)
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    violations: tuple[Violation, ...] = ()


REPORTS: Final = TypeAdapter(list[ProbeReport])
"""Reads and writes reports as JSON: ``REPORTS.dump_json(reports, indent=1)``, ``REPORTS.validate_json(content)``."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One changed article, compared with its original.

    Attributes:
        document: Id of the article.
        probe: Name of the probe.
        variant: What was done to the article; empty where the article offered no target.
        checks: What was compared; None where some window failed.
    """

    document: str
    probe: str
    variant: str = ""
    checks: tuple[Check, ...] | None = ()


Watch = Callable[[Trial], None]
"""Told of each trial as it is done."""


async def probe(
    extractor: Extractor,
    documents: Sequence[Document],
    probes: Iterable[str] | None = None,
    *,
    seed: int = 0,
    watch: Watch | None = None,
) -> list[ProbeReport]:
    """Return how the claims that ``extractor`` finds bear changes to ``documents``: one report for each law of each probe.

    Args:
        extractor: Who is asked; who made it closes it.
        documents: Articles; those without a sentence count as failed.
        probes: Names of ``PROBES``; by default all of them.
        seed: Decides what in each article is changed.
        watch: Told of each changed article that was compared.

    Raises:
        ConfigurationError: There is no probe of that name.
        ExtractorError: Nothing can be asked at all, such as for a model that cannot be had.
    """
    names = list(PROBES if probes is None else dict.fromkeys(probes))
    if unknown := next((name for name in names if name not in PROBES), None):
        msg = f"there is no probe '{unknown}'; known are {', '.join(PROBES)}"
        raise ConfigurationError(msg)
    trials: list[Trial] = []
    for document in documents:
        before = await _extract(extractor, document)
        for name in names:
            variants = PROBES[name].perturb(document, before, seed) if before is not None else []
            if not variants:
                trials.append(Trial(document.id, name, checks=() if before is not None else None))
            for variant in variants:
                trial = await _try(extractor, name, document, before, variant)
                trials.append(trial)
                if watch is not None:
                    watch(trial)
    return summarise(trials, names)


def summarise(trials: Sequence[Trial], names: Iterable[str]) -> list[ProbeReport]:
    """Return the reports of ``trials``, for each probe of ``names`` and each of its laws, in their order."""
    return [_report([trial for trial in trials if trial.probe == name], name, law) for name in names for law in PROBES[name].laws]


def share(outcomes: Sequence[tuple[str, bool]]) -> Interval:
    """Return the share of outcomes that are true, with Wilson's interval over their effective number.

    Checks of one article are not independent: their number is divided by how much the clusters widen the variance, to no less than the number of
    clusters, which it is where all outcomes are alike. Unlike a bootstrap this tells something where everything held. Sources: Wilson 1927; Dean and
    Pagano 2015, "Evaluating confidence interval methods for binomial proportions in clustered surveys".

    Args:
        outcomes: Cluster and outcome of each check.
    """
    if not outcomes:
        return Interval(None)
    units, values = [unit for unit, _ in outcomes], [float(held) for _, held in outcomes]
    rate = sum(values) / len(values)
    error = clustered_error(values, units)
    many = min(float(len(values)), max(float(len(set(units))), rate * (1 - rate) / error**2 if error > 0 else 0.0))
    middle, half = rate + _Z**2 / (2 * many), _Z * (rate * (1 - rate) / many + _Z**2 / (4 * many**2)) ** 0.5
    low, high = ((middle + side * half) / (1 + _Z**2 / many) for side in (-1, 1))
    return Interval(rate, min(rate, max(0.0, low)), max(rate, min(1.0, high)), error)


def table(reports: Iterable[ProbeReport]) -> Table:
    """Return the reports as a table for people."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("probe", "what must hold"):
        shown.add_column(name)
    for name in ("articles", "held", "of", "left out", "rate", "95 %"):
        shown.add_column(name, justify="right")
    last = ""
    for report in reports:
        articles = f"{report.applicable} of {report.documents}" + (f", {report.failed} failed" if report.failed else "")
        counts = (str(report.held), str(report.checks), str(report.left_out or ""))
        shown.add_row(
            report.probe if report.probe != last else "", report.words, articles if report.probe != last else "", *counts, *_rates(report)
        )
        last = report.probe
    return shown


def _rates(report: ProbeReport) -> Iterator[str]:
    if report.rate is None or report.low is None or report.high is None:
        yield from ("", "")
    else:
        yield from (f"{100 * report.rate:.1f} %", f"{100 * report.low:.0f} to {100 * report.high:.0f}")


async def _try(extractor: Extractor, name: str, document: Document, before: Extraction | None, variant: Variant) -> Trial:
    after = await _extract(extractor, variant.document)
    checks = tuple(PROBES[name].law(before, variant, after)) if before is not None and after is not None else None
    return Trial(document.id, name, variant.name, checks)


async def _extract(extractor: Extractor, document: Document) -> Extraction | None:
    """Return what is found, or None where a window failed: then missing claims tell of the transport and not of the model."""
    try:
        found = await extractor.extract(document)
    except ReaderError:
        return None
    return None if any(window.outcome == "failed" for window in found.windows) else found


def _report(trials: Sequence[Trial], name: str, law: str) -> ProbeReport:
    checked = [(trial, check) for trial in trials for check in trial.checks or () if check.law == law]
    decided = [(trial.document, check.outcome == "held") for trial, check in checked if check.outcome != "left_out"]
    failed = {trial.document for trial in trials if trial.checks is None}
    rate = share(decided)
    return ProbeReport(
        probe=name,
        law=law,
        words=LAWS[law],
        documents=len({trial.document for trial in trials}),
        applicable=len({trial.document for trial in trials if trial.variant and trial.checks is not None}),
        failed=len(failed),
        checks=len(decided),
        held=sum(held for _, held in decided),
        left_out=len(checked) - len(decided),
        rate=rate.value,
        low=rate.low,
        high=rate.high,
        violations=tuple(
            Violation(document=trial.document, variant=trial.variant, expected=check.expected, found=check.found)
            for trial, check in checked
            if check.outcome == "broken"
        ),
    )
