"""What the evaluation commands do: ask, score, write, and say it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
from rich.console import Console

from extractor.cli.progress import Display
from extractor.cli.run import INTERRUPTED
from extractor.documents import Document
from extractor.errors import ConfigurationError, ProviderError
from extractor.evaluation import comparing, datasets, probing, results, runs, samples
from extractor.evaluation.probes import PROBES
from extractor.evaluation.probing import ProbeReport, Trial
from extractor.evaluation.reports import junit as junit_report
from extractor.evaluation.reports import markdown, page, tables
from extractor.evaluation.results import Scores
from extractor.evaluation.runs import Output, Run
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Suite
from extractor.evaluation.summary import Report, summarise
from extractor.pipeline import Extractor
from extractor.readers import text
from extractor.settings import Settings

Suites = Mapping[str, Suite]


@dataclass(frozen=True, slots=True)
class Order:
    """A run that the command line asked for.

    Attributes:
        suite: What is measured.
        data: The data set's file.
        repeats: How often each sample is asked.
        limit: Most samples.
        seed: Seed of the draw.
        out: The run's folder.
        concurrency: Samples in flight.
    """

    suite: Suite
    data: Path
    repeats: int
    limit: int | None
    seed: int | None
    out: Path
    concurrency: int


def ran(order: Order, settings: Settings) -> int:
    """Do the run, write and print its report, and return the exit code: that of failures where there are some."""
    chosen = samples.select(datasets.read(order.data, order.suite.adapt), limit=order.limit, seed=order.seed)
    with Display(Console(stderr=True)) as display:
        extractor = Extractor.from_settings(settings, profile=order.suite.profile, download=display.download, memo=False)
        drawn = {"limit": order.limit, "seed": order.seed, "source": order.data.name}
        try:
            manifest = runs.describe(order.suite, extractor, chosen, repeats=order.repeats, **drawn)
            run = runs.create(order.out, manifest, chosen)
            anyio.run(_ask, run, extractor, order.concurrency, display)
        except KeyboardInterrupt:
            display.say(f"interrupted; {len(run.outputs)} answers are kept, and the same command goes on from there")
            return INTERRUPTED
    report = _written(run, order.suite)
    Console().print(markdown.report(report, short=True), markup=False, highlight=False, soft_wrap=True)
    Console().print(f"report: {order.out / 'report.html'}", markup=False, highlight=False, soft_wrap=True)
    return 0 if report.denominators.ok == report.denominators.asked else ProviderError.exit_code


def scored(folder: Path, suites: Suites, *, whole: bool = False) -> str:
    """Score a run's stored answers, write its files, and return the report in words."""
    run = runs.read(folder)
    return markdown.report(_written(run, _suite(run, suites)), short=not whole)


def compared(before: Path, after: Path, suites: Suites, *, as_json: bool) -> str:
    """Return how two runs differ, in words or as JSON."""
    first, second = _scores(before, suites), _scores(after, suites)
    suite = _named(second.manifest.suite, suites)
    comparison = comparing.compare(first, second, suite.scorer.metrics, names=(before.stem, after.stem))
    return comparison.model_dump_json(indent=1) if as_json else markdown.comparison(comparison)


def gated(folder: Path, baseline: Path, suites: Suites, *, delta: float, junit: Path | None) -> tuple[bool, str]:
    """Return whether a run passes the gate, and the conditions in words."""
    first, second = _scores(baseline, suites), _scores(folder, suites)
    checks = comparing.gate(first, second, _named(second.manifest.suite, suites).scorer.metrics, delta=delta)
    if junit is not None:
        runs.write(junit, junit_report.junit(checks))
    return all(check.passed for check in checks), markdown.checks(checks)


def frozen(folder: Path, file: Path, suites: Suites) -> str:
    """Write a run's scores without a word of any article, and say so."""
    bare = _scores(folder, suites).bare()
    results.keep(bare, file)
    return f"{file}: scores of {len(bare.samples)} articles, {file.stat().st_size / 1000:.0f} kB"


def checked(gold: Path) -> tuple[bool, str]:
    """Return whether gold has no fault, and what it holds or what is wrong."""
    found, faults = datasets.gather(gold)
    if faults:
        return False, "\n".join([*faults, f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}"])
    claims = [claim for sample in found for claim in sample.claims]
    spans = sum(len(claim.spans()) for claim in claims)
    optional = sum(claim.optional for claim in claims)
    return True, f"{gold}: {len(found)} articles, {len(claims)} claims ({optional} optional), {spans} spans, all in place"


@dataclass(frozen=True, slots=True)
class Trying:
    """Probes that the command line asked for.

    Attributes:
        inputs: Gold or articles.
        names: Which probes; None for all.
        limit: Most articles.
        drawn: Seed of the draw of articles.
        seed: Seed of what is changed.
        out: File for the reports.
    """

    inputs: tuple[Path, ...]
    names: tuple[str, ...] | None
    limit: int | None
    drawn: int | None
    seed: int
    out: Path | None


def tried(order: Trying, settings: Settings) -> None:
    """Try the probes and print their rates.

    Raises:
        ReaderError: An input cannot be used.
    """
    documents = [document for path in order.inputs for document in _documents(path, settings)]
    chosen = samples.select([Sample(document=document) for document in documents], limit=order.limit, seed=order.drawn)
    with Display(Console(stderr=True)) as display:
        extractor = Extractor.from_settings(settings, download=display.download, memo=False)
        reports = anyio.run(_probe, extractor, [sample.document for sample in chosen], order, display)
    if order.out is not None:
        runs.write(order.out, probing.REPORTS.dump_json(reports, indent=1).decode() + "\n")
    Console().print(probing.table(reports))


async def _probe(extractor: Extractor, documents: list[Document], order: Trying, display: Display) -> list[ProbeReport]:
    async with extractor:
        with display.answers("probes", len(documents) * len(order.names or PROBES), 0) as told:

            def watch(trial: Trial) -> None:
                held = [check.outcome == "held" for check in trial.checks or ()]
                kept = "nothing to compare" if trial.checks is None else f"{sum(held)} of {len(held)} held"
                told(f"{trial.document}: {trial.variant or trial.probe}: {kept}")

            return await probing.probe(extractor, documents, order.names, seed=order.seed, watch=watch)


def _documents(path: Path, settings: Settings) -> list[Document]:
    if path.suffix == ".jsonl":
        return [sample.document for sample in datasets.read(path)]
    return [text.read(str(path), most=settings.max_bytes)]


async def _ask(run: Run, extractor: Extractor, concurrency: int, display: Display) -> None:
    async with extractor:
        with display.answers(run.folder.name, len(run.wanted), len(run.wanted) - len(run.missing)) as told:

            def watch(output: Output, _: int) -> None:
                found = output.extraction
                many = f"{len(found.claims) or len(found.records)} found" if found is not None else output.error or "no answer"
                told(f"{output.sample}: {many}, {output.seconds:.1f} s" + ("" if output.status == "ok" else f", {output.status}"))

            await runs.ask(run, extractor, concurrency=concurrency, watch=watch)


def _written(run: Run, suite: Suite) -> Report:
    """Write everything that a run's scores come to into its folder, and return the report."""
    scored = results.score(run, suite)
    report = summarise(scored, suite.scorer.metrics, suite.title)
    results.keep(scored, run.folder / "scores.json")
    files = {
        "report.json": report.model_dump_json(indent=1) + "\n",
        "report.md": markdown.report(report),
        "metrics.csv": tables.estimates(report),
        "articles.csv": tables.articles(scored, suite.scorer.metrics),
        "results.csv": tables.results(scored),
        "report.html": page.render(run, scored, report, suite.scorer.metrics),
    }
    for name, content in files.items():
        runs.write(run.folder / name, content)
    return report


def _scores(path: Path, suites: Suites) -> Scores:
    """Return the scores of a run's folder, made anew, or those of a file."""
    if not path.is_dir():
        return results.load(path)
    run = runs.read(path)
    return results.score(run, _suite(run, suites))


def _suite(run: Run, suites: Suites) -> Suite:
    return _named(run.manifest.suite, suites)


def _named(name: str, suites: Suites) -> Suite:
    if name not in suites:
        msg = f"the run is of the suite '{name}', not known here (known: {', '.join(suites)}); for the project's own: python -m evals"
        raise ConfigurationError(msg)
    return suites[name]
