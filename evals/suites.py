"""The project's suites: what answers, what compares, what the floor is. One row each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from evals import floors
from evals.adapters import ADAPTERS
from evals.profiles.isaf import ISAF
from evals.profiles.muc4 import MUC4
from evals.scorers import attributions, bulletins, entities, entities_muc, incidents, templates
from extractor.evaluation.scores import Scorer, Suite
from extractor.evaluation.suites import CLAIMS_SUITE
from extractor.profiles.base import Profile
from extractor.profiles.claims import CLAIMS

_FLOORS: Final = {**floors.FLOORS, "isaf": incidents.floor, "muc4": templates.floor}


def _suite(name: str, title: str, scorer: Scorer, *modules: object, profile: Profile = CLAIMS) -> Suite:
    sources = tuple(Path(str(getattr(module, "__file__", ""))) for module in modules)
    return Suite(name, title, profile, scorer, ADAPTERS[name], _FLOORS[name], sources)


SUITES: Final[dict[str, Suite]] = {
    suite.name: suite
    for suite in (
        replace(CLAIMS_SUITE, name="own", title="own gold: claims, all slots"),
        _suite("isaf", "ISAF press releases: one incident a release", incidents.IncidentScorer(), incidents, profile=ISAF),
        _suite("mod_bulletins", "loss bulletins: every value", bulletins.BulletinScorer(), bulletins),
        _suite("gum_news", "news in English: who said what", attributions.AttributionScorer(), attributions),
        _suite("muc4", "MUC-4: event templates", templates.TemplateScorer(), templates, entities_muc, profile=MUC4),
        _suite("re3d", "conflict texts: entities in slots", entities.EntityScorer(), entities),
        _suite("wikinews_de", "news in German: who said what", attributions.AttributionScorer(), attributions),
    )
}
"""Suites by name, in the order of the table."""
