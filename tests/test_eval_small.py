"""The small eval: ten articles of the own gold, the embedded model's recorded answers, the committed baseline.

``make record`` records the answers anew, ``make baseline`` the scores.
"""

from __future__ import annotations

import pytest

from evals.__main__ import OWN
from evals.small import BASELINE, SMALL
from extractor import Extractor, MemoryCache, models, prompts
from extractor.evaluation import comparing, datasets, results, runs
from extractor.evaluation.runs import Run
from extractor.evaluation.suites import CLAIMS_SUITE
from extractor.exchange import Exchange
from extractor.providers.openai import OpenAIProvider
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
SUITE = CLAIMS_SUITE


@pytest.fixture
async def small(embedded, parser, tmp_path) -> Run:
    """The run over the ten articles, one window after the other, so that no answer depends on its neighbours."""
    url, key = embedded
    samples = [sample for sample in datasets.read(OWN) if sample.id in SMALL]
    assert len(samples) == len(SMALL) == 10
    exchange = Exchange(OpenAIProvider(base_url=url, key=key), MemoryCache(), RetryPolicy())
    profile, model = SUITE.profile, models.EMBEDDED[models.DEFAULT]
    asked = {"prompt": prompts.load(profile.prompt), "parsed": prompts.load(profile.parsed.prompt)}
    async with Extractor(model=model, exchange=exchange, profile=profile, parallel=1, parser=parser, **asked) as extractor:
        run = runs.create(tmp_path / "small", runs.describe(SUITE, extractor, samples, repeats=1), samples)
        await runs.ask(run, extractor)
    return run


@pytest.mark.vcr
@pytest.mark.usefixtures("all_played")
async def test_the_small_eval_is_no_worse_than_its_baseline(small, request):
    scored = results.score(small, SUITE)
    if request.config.getoption("--freeze"):
        results.keep(scored.bare(), BASELINE)
    baseline = results.load(BASELINE)
    metrics = SUITE.scorer.metrics
    failed = [check for check in comparing.gate(baseline, scored, metrics, delta=0.0001) if not check.passed]
    assert not failed, "if this is meant and better on the whole set, run: make baseline"
    assert _worse(small, baseline), "a run that lost claims must not pass"


def _worse(run: Run, baseline: results.Scores) -> bool:
    """Whether the gate stops the same run with every second claim lost."""

    def halved(output):
        kept = output.extraction.claims[::2]
        return output.model_copy(update={"extraction": output.extraction.model_copy(update={"claims": kept})})

    lossy = Run(run.folder, run.manifest, run.samples, [halved(output) for output in run.outputs.values()])
    checks = comparing.gate(baseline, results.score(lossy, SUITE), SUITE.scorer.metrics, delta=0.03)
    return not all(check.passed for check in checks)
