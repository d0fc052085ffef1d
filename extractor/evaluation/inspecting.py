"""The same gold and scorers as a task of inspect-ai, for people who live in that tool and its viewer.

``inspect eval extractor/claims -T gold=$PWD/gold.jsonl --model none`` asks this package's own model (``-T model=NAME`` for another) and scores with
this package's scorer; inspect-ai gives epochs (our repeats), logs and the viewer. Its own models are not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from extractor.errors import MissingExtraError
from extractor.evaluation import datasets
from extractor.evaluation.samples import Sample, select
from extractor.evaluation.scores import Metric, Prediction, Suite
from extractor.evaluation.statistics import Clusters
from extractor.evaluation.suites import CLAIMS_SUITE
from extractor.extraction import Extraction
from extractor.pipeline import Extractor
from extractor.settings import load

try:
    import inspect_ai
    from inspect_ai import Task, dataset, scorer, solver
    from inspect_ai.scorer import SampleScore, Score, Target  # its registry evaluates the annotations of functions
    from inspect_ai.solver import Generate, TaskState
except ImportError as error:
    _MISSING = "this needs inspect-ai, which is not installed; run: pip install 'claim-extractor[eval,inspect]'"
    raise MissingExtraError(_MISSING) from error


@inspect_ai.task
def claims(gold: str, model: str | None = None, limit: int | None = None, seed: int | None = None) -> Task:
    """Return the task of finding the claims of gold in the claim schema.

    Args:
        gold: Path of the JSONL file.
        model: Name of the model, as ``--model`` of this package's commands takes it.
        limit: Most articles.
        seed: Seed of the draw where there is a limit.
    """
    return suite_task(CLAIMS_SUITE, Path(gold), model=model, limit=limit, seed=seed)


def suite_task(suite: Suite, data: Path, *, model: str | None = None, limit: int | None = None, seed: int | None = None) -> Task:
    """Return the task of a suite over the records of ``data``.

    Raises:
        GoldError: The data cannot be used.
    """
    samples = select(datasets.read(data, suite.adapt), limit=limit, seed=seed)
    return inspect_ai.Task(
        name=suite.name,
        dataset=dataset.MemoryDataset([_sample(sample) for sample in samples], name=data.stem),
        solver=extract(suite, model),
        scorer=compare(suite),
        metadata={"profile": suite.profile.name, "prompt": suite.profile.prompt, "model": model or "the default"},
    )


def _sample(sample: Sample) -> dataset.Sample:
    return dataset.Sample(
        id=sample.id,
        input=sample.document.text,
        target=[f"{claim.id}: {claim.evidence[0].text}" for claim in sample.claims] or [""],
        metadata={"sample": sample.model_dump(mode="json", exclude_none=True), **sample.tags},
    )


@solver.solver
def extract(suite: Suite, model: str | None) -> solver.Solver:
    """Return what answers: one extractor for the whole run, started with the first article."""
    opened = AsyncExitStack()
    extractor: list[Extractor] = []

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate  # inspect's own model is not asked
        if not extractor:
            extractor.append(
                await opened.enter_async_context(Extractor.from_settings(load(model=model), profile=suite.profile, memo=False))
            )
        sample = Sample.model_validate(state.metadata["sample"])
        extraction = await extractor[0].extract(sample.document, repeat=state.epoch - 1)
        state.output.completion = extraction.model_dump_json(indent=1)
        return state

    return solve


@scorer.metric
def ratios(metrics: tuple[Metric, ...] = CLAIMS_SUITE.scorer.metrics) -> scorer.Metric:
    """Return the metric that makes ratios of summed counts, with the ends of their intervals."""

    def ratio(scores: list[SampleScore]) -> dict[str, float]:
        counts = [(score.score.metadata or {})["counts"] for score in scores]
        units = [(score.score.metadata or {})["unit"] for score in scores]
        clusters = Clusters(counts, units)
        found: dict[str, float] = {}
        for metric in metrics:
            interval = clusters.interval(metric)
            ends = {metric.name: interval.value, f"{metric.name}_low": interval.low, f"{metric.name}_high": interval.high}
            wanted = ends if metric.group == "headline" else {metric.name: interval.value}
            found |= {name: value for name, value in wanted.items() if value is not None}
        return found

    return ratio


def compare(suite: Suite) -> scorer.Scorer:
    """Return the suite's scorer as inspect-ai's; an answer's own value is its headline metric."""
    headline = suite.scorer.metrics[0]

    @scorer.scorer(metrics=[ratios(suite.scorer.metrics)], name=f"{suite.name}_scorer")
    def made() -> scorer.Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            del target  # the gold itself is in the metadata
            sample = Sample.model_validate(state.metadata["sample"])
            extraction = Extraction.model_validate_json(state.output.completion)
            scored = suite.scorer.score(sample, Prediction(extraction.claims, extraction.records))
            value = Clusters([scored.counts], [sample.unit]).value(headline)
            return scorer.Score(
                value=value if value is not None else 1.0,  # nothing to find, nothing found; inspect leaves out what is no number
                answer="\n".join(row.shown["predicted"] for row in scored.rows if "predicted" in row.shown),
                explanation="\n".join(_told(row.model_dump()) for row in scored.rows),
                metadata={"counts": scored.counts, "unit": sample.unit},
            )

        return score

    return made()


def _told(row: Mapping[str, Any]) -> str:
    shown = " | ".join(row["shown"].get(side, "\u2014") for side in ("gold", "predicted"))
    return f"{row['kind']}: {shown}" + (f" ({', '.join(row['errors'])})" if row["errors"] else "")
