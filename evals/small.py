"""The ten articles of the own gold that every change is held to: replayed from cassettes in the tests, against a committed baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SMALL: Final = (
    "company-hostile-lumen-harrow",
    "disaster-mine-tamqui",
    "health-insulin-ruling",
    "other-market-quillane",
    "other-quill-marsh-walk",
    "protest-strike-havnsund",
    "sanctions-tervania-listings",
    "war-drevna-bulletins",
    "war-hostile-vendrin",
    "war-pelusk-chain",
)
"""Many topics, two without claims, two hostile, a reporting chain; of their kind those with the fewest windows: cassettes stay small."""

BASELINE: Final = Path(__file__).parent / "baselines" / "small.json"
