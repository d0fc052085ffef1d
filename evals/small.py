"""The ten articles of the own gold that every change is held to: replayed from cassettes in the tests, against a committed baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SMALL: Final = (
    "company-hostile-lumen-harrow",
    "disaster-building-lamoury",
    "health-vaccine-trial",
    "other-market-quillane",
    "other-quill-marsh-walk",
    "protest-bread-kisondo",
    "sanctions-tervania-listings",
    "war-drevna-bulletins",
    "war-hostile-vendrin",
    "war-pelusk-chain",
)
"""Many topics, two without claims, two hostile, a reporting chain; four ask the model about figures, the others about nothing."""

BASELINE: Final = Path(__file__).parent / "baselines" / "small.json"
