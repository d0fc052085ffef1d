"""How far two annotators agree, by the scorer that scores models: the first pass as gold, the second as the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from extractor.evaluation.claim_scorer import ClaimScorer
from extractor.evaluation.fields import FIELDS
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction, Score
from extractor.evaluation.statistics import Clusters, kappa

_CLOSED: Final = ("type", "stance", "quotation", "polarity", "measure", "verification", "source_kind")
_SCORER: Final = ClaimScorer()


def agreement(passes: Sequence[tuple[Sample, Sample]]) -> Iterator[str]:
    """Yield the lines of the table: F1 of claims, each field on the claims both have, kappa of the closed fields.

    Claims that either annotator marked as optional are left out, since the guide says that careful readers may differ on them.
    """
    scored = [(first.unit, _score(first, second)) for first, second in passes]
    clusters = Clusters([score.counts for _, score in scored], [unit for unit, _ in scored])
    metrics = {metric.name: metric for metric in _SCORER.metrics}
    first, second = (float(clusters.sums({name: 1}).sum()) for name in ("gold", "predicted"))
    yield f"{len(passes)} articles; claims of the first pass {first:.0f}, of the second {second:.0f}"
    yield f"{'':24} {'agreement':>10}  95 % interval   kappa"
    for name in ("detection_f1", "soft_f1", "strict_f1"):
        yield _line(metrics[name].label, clusters, name)
    for field in FIELDS:
        pairs = [
            (cell.gold, cell.predicted)
            for _, score in scored
            for row in score.rows
            if row.kind == "matched"
            for cell in row.cells
            if cell.field == field.name
        ]
        chance = kappa(pairs) if field.name in _CLOSED else None
        yield _line(field.label, clusters, f"{field.name}_accuracy") + (f"   {chance:.2f}" if chance is not None else "")


def _line(label: str, clusters: Clusters, name: str) -> str:
    metric = next(metric for metric in _SCORER.metrics if metric.name == name)
    found = clusters.interval(metric)
    if found.value is None or found.low is None or found.high is None:
        return f"{label:24} {'none':>10}"
    return f"{label:24} {100 * found.value:9.1f}%  [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def differences(first: Sample, second: Sample) -> Iterator[str]:
    """Yield what two annotators of one article say differently: claims that one lacks, and slots that differ, first pass before second."""
    score = _SCORER.score(first, Prediction(second.claims))
    yield f"== {first.id}: {len(first.claims)} claims in the first pass, {len(second.claims)} in the second"
    for row in score.rows:
        if row.kind == "matched":
            for cell in row.cells:
                if cell.gold != cell.predicted and not (cell.gold is None and cell.predicted is None):
                    yield f"first {row.gold} / second {row.predicted}: {cell.field}: {cell.gold} | {cell.predicted}"
        else:
            which = "first" if row.gold else "second"
            yield f"{which} only {row.gold or row.predicted}: {row.shown.get('gold') or row.shown.get('predicted')}"


def _score(first: Sample, second: Sample) -> Score:
    sure = first.model_copy(update={"claims": tuple(claim for claim in first.claims if not claim.optional)})
    return _SCORER.score(sure, Prediction(tuple(claim for claim in second.claims if not claim.optional)))
