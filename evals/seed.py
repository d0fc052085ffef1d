"""Measure the article the project started from: its six figures of losses, their sources, grounding, seconds and tokens.

Nothing is remembered between runs but the model's file and its read prompt, unless --cached is given. Usage:
python -m evals.seed --data ARTICLE [--cached]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from typing import Final

import anyio

from extractor.caches.base import NoCache
from extractor.claims import Claim
from extractor.pipeline import Extractor
from extractor.readers import text
from extractor.settings import load
from extractor.sinks.table import headline


@dataclass(frozen=True, slots=True)
class Expected:
    """One figure of losses and what the article says of it."""

    value: int
    source: str
    subject: str
    comparator: str
    measure: str
    window: tuple[str, str]


_DAY: Final = ("2023-07-18", "2023-07-19")
FIGURES: Final = (
    Expected(470, "Kyiv's military", "Russian forces", "exact", "period", _DAY),
    Expected(31, "Kyiv's military", "Russian forces", "exact", "period", _DAY),
    Expected(8, "General Staff", "Moscow's troops", "exact", "period", _DAY),
    Expected(4, "General Staff", "Moscow's troops", "exact", "period", _DAY),
    Expected(239_500, "Kyiv", "Moscow", "about", "cumulative", ("2022-02-24", "2023-07-19")),
    Expected(815, "Moscow's Defense Ministry", "Ukraine's armed forces", "exact", "period", ("2023-07-17", "2023-07-18")),
)
"""Each figure; source and subject are words that the slot must hold. The last was said on Tuesday of the day before."""


def main() -> None:
    """Print every claim, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="the article's file")
    parser.add_argument("--cached", action="store_true", help="use the remembered answers")
    anyio.run(_measure, parser.parse_args())


async def _measure(arguments: argparse.Namespace) -> None:
    document = text.read(arguments.data)
    began = time.monotonic()
    async with Extractor.from_settings(load(), cache=None if arguments.cached else NoCache(), memo=False) as extractor:
        extraction = await extractor.extract(document)
    seconds = time.monotonic() - began
    for claim in extraction.claims:
        print(f"{claim.type:20} {headline(claim)}")
    spans = [span for claim in extraction.claims for span in claim.spans()]
    exact = sum(document.quote(span.start, span.end) == span.text for span in spans)
    usage = extraction.usage
    print(f"{len(extraction.claims)} claims, {len(extraction.rejections)} rejections, windows {[w.outcome for w in extraction.windows]}")
    for expected in FIGURES:
        found = next((claim for claim in extraction.claims if claim.quantity and claim.quantity.value == expected.value), None)
        print(f"{expected.value:>7}: {'not there' if found is None else _faults(found, expected) or 'all right'}")
    print(f"spans exact {exact} of {len(spans)}")
    print(f"{seconds:.1f} s, {usage.input_tokens} tokens in ({usage.cached_input_tokens} kept), {usage.output_tokens} out")


def _faults(claim: Claim, expected: Expected) -> str:
    """Return the slots that are not as expected, with what they hold."""
    days = (str(claim.time.start_date), str(claim.time.end_date)) if claim.time else None
    checks = {
        "source": (
            any(expected.source in source.text for source in claim.attribution.sources),
            [s.text for s in claim.attribution.sources],
        ),
        "subject": (claim.subject is not None and expected.subject in claim.subject.text, claim.subject and claim.subject.text),
        "hedge": (
            claim.quantity is not None and claim.quantity.comparator == expected.comparator,
            claim.quantity and claim.quantity.comparator,
        ),
        "measure": (claim.measure == expected.measure, claim.measure),
        "window": (days == expected.window, days),
        "verification": (claim.verification is not None and claim.verification.status == "not_verified", claim.verification),
    }
    return "; ".join(f"{name} is {held}" for name, (right, held) in checks.items() if not right)


if __name__ == "__main__":
    main()
