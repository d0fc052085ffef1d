"""The suite of the built-in schema. The project's other suites are in ``evals/``; yours can be named ``module:NAME``."""

from __future__ import annotations

from typing import Final

from extractor.evaluation.claim_scorer import ClaimScorer
from extractor.evaluation.floors import rules_alone
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Suite
from extractor.profiles.claims import CLAIMS

CLAIMS_SUITE: Final = Suite(
    name="claims",
    title="claims, all slots",
    profile=CLAIMS,
    scorer=ClaimScorer(),
    adapt=Sample.model_validate,
    floor=rules_alone,
)

SUITES: Final[dict[str, Suite]] = {CLAIMS_SUITE.name: CLAIMS_SUITE}
"""Suites by the name a run's manifest has."""
