"""Gold for tests, written as an annotator writes it."""

from __future__ import annotations

from words import WEDNESDAY

from evals import annotate
from extractor.documents import Document
from extractor.evaluation.samples import Sample

ARTICLE = (
    "Velorian forces lost 310 soldiers and at least 14 guns over the past day, Ostrava's military said on Wednesday.\n\n"
    "Veloria denied that any guns were lost near Halm.\n\n"
    "Between 20 and 30 houses burned down, residents said, according to Radio Tarn.\n"
)
SHEET = """
- evidence: [1]
  type: human_losses
  source: [{text: Ostrava's military, kind: military, canonical: Ostrava's military}]
  cue: said
  stated_on: {text: on Wednesday, date: 2026-03-11}
  subject: Velorian forces
  outcome: {text: lost, kind: lost}
  quantity: {text: 310 soldiers, value: 310, comparator: exact, unit: soldiers, kind: people}
  measure: period
  time: {text: over the past day, start: 2026-03-10, end: 2026-03-11, basis: relative, granularity: range}
- evidence: [1]
  type: equipment_losses
  source: [{text: Ostrava's military, kind: military, canonical: Ostrava's military}]
  cue: said
  stated_on: {text: on Wednesday, date: 2026-03-11}
  subject: Velorian forces
  outcome: {text: lost, kind: lost}
  quantity: {text: at least 14 guns, value: 14, comparator: at_least, unit: guns, kind: materiel}
  measure: period
  time: {text: over the past day, start: 2026-03-10, end: 2026-03-11, basis: relative, granularity: range}
- evidence: [2]
  type: equipment_losses
  source: [{text: Veloria, kind: government}]
  cue: denied
  stance: denies
  subject: guns
  outcome: {text: were lost, kind: lost}
  place: Halm
- evidence: [3]
  type: equipment_losses
  source: [{text: residents, kind: witness}, {text: Radio Tarn, kind: media}]
  cue: said
  subject: houses
  outcome: {text: burned down, kind: destroyed}
  quantity: {text: Between 20 and 30 houses, low: 20, high: 30, comparator: range, unit: houses}
"""


def sample(text: str = ARTICLE, sheet: str = SHEET, name: str = "dispatch") -> Sample:
    """Return the gold that ``sheet`` is of ``text``, published on a Wednesday."""
    return annotate.placed(Document(text=text, id=name, published=WEDNESDAY), annotate.parse(sheet))
