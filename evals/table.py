"""One table of several runs, one row a suite, as the README quotes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from extractor.evaluation import results, runs
from extractor.evaluation.scores import Suite
from extractor.evaluation.summary import Estimate, Report, summarise

_HEAD = (
    "suite",
    "measure",
    "score [95 %]",
    "floor",
    "skill",
    "detectable",
    "articles (clusters), whole answers",
    "of",
    "seconds, cold / cached",
    "tokens in (kept) / out",
)


def table(folders: Sequence[Path], suites: Mapping[str, Suite]) -> str:
    """Return a Markdown table of the runs in ``folders``, scored anew.

    Raises:
        RunError: A folder holds no whole run.
    """
    rows = []
    for folder in folders:
        run = runs.read(folder)
        suite = suites[run.manifest.suite]
        report = summarise(results.score(run, suite), suite.scorer.metrics, suite.title)
        rows += [_row(report, estimate, first=index == 0) for index, estimate in enumerate(report.headline)]
    return "\n".join(["| " + " | ".join(_HEAD) + " |", "|" + " --- |" * len(_HEAD), *("| " + " | ".join(row) + " |" for row in rows)])


def _row(report: Report, estimate: Estimate, *, first: bool) -> Sequence[str]:
    known, cost = report.denominators, report.cost
    interval = f" [{_percent(estimate.low)}, {_percent(estimate.high)}]" if estimate.low is not None else ""
    shared = (
        f"{known.samples} ({known.clusters}), {known.ok} of {known.asked}",
        f"{_plain(cost.seconds)} / {_plain(cost.cached_seconds, 3)}",
        f"{_plain(cost.input_tokens, 0)} ({_plain(cost.cached_input_tokens, 0)}) / {_plain(cost.output_tokens, 0)}",
    )
    articles, seconds, tokens = shared if first else ("", "", "")
    return (
        report.manifest.suite if first else "",
        estimate.label,
        f"{_percent(estimate.value)}{interval}",
        _percent(estimate.floor),
        _percent(estimate.skill),
        _percent(estimate.detectable),
        articles,
        f"{estimate.below:.0f}",
        seconds,
        tokens,
    )


def _percent(value: float | None) -> str:
    return "\u2013" if value is None else f"{100 * value:.1f}"


def _plain(value: float | None, digits: int = 1) -> str:
    return "\u2013" if value is None else f"{value:.{digits}f}"
