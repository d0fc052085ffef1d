"""Measure the article the project started from: its six figures of losses, their sources, grounding, seconds and tokens.

Nothing is remembered between runs but the model's file and its read prompt, unless --cached is given. Usage:
python -m evals.seed --data ARTICLE [--cached]
"""

from __future__ import annotations

import argparse
import time
from typing import Final

import anyio

from extractor.caches.base import NoCache
from extractor.claims import Claim
from extractor.pipeline import Extractor
from extractor.readers import text
from extractor.settings import load
from extractor.sinks.table import headline

FIGURES: Final = (
    (470, "Kyiv's military"),
    (31, "Kyiv's military"),
    (8, "General Staff"),
    (4, "General Staff"),
    (239_500, "Kyiv"),
    (815, "Moscow's Defense Ministry"),
)
"""Each figure and words that its source must hold."""


def main() -> None:
    """Print every claim, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="the article's file")
    parser.add_argument("--cached", action="store_true", help="use the remembered answers")
    anyio.run(_measure, parser.parse_args())


async def _measure(arguments: argparse.Namespace) -> None:
    document = text.read(arguments.data)
    began = time.monotonic()
    async with Extractor.from_settings(load(), cache=None if arguments.cached else NoCache()) as extractor:
        extraction = await extractor.extract(document)
    seconds = time.monotonic() - began
    for claim in extraction.claims:
        print(f"{claim.type:20} {headline(claim)}")
    spans = [span for claim in extraction.claims for span in claim.spans()]
    exact = sum(document.quote(span.start, span.end) == span.text for span in spans)
    there = [value for value, _ in FIGURES if any(_value(claim) == value for claim in extraction.claims)]
    right = [value for value, words in FIGURES if any(_value(claim) == value and _said_by(claim, words) for claim in extraction.claims)]
    usage = extraction.usage
    print(f"{len(extraction.claims)} claims, {len(extraction.rejections)} rejections, windows {[w.outcome for w in extraction.windows]}")
    print(f"figures of losses there {len(there)} of {len(FIGURES)}, with the right source {len(right)} of {len(FIGURES)}")
    print(f"spans exact {exact} of {len(spans)}")
    print(f"{seconds:.1f} s, {usage.input_tokens} tokens in ({usage.cached_input_tokens} kept), {usage.output_tokens} out")


def _value(claim: Claim) -> float | None:
    return claim.quantity.value if claim.quantity is not None else None


def _said_by(claim: Claim, words: str) -> bool:
    return any(words in source.text for source in claim.attribution.sources)


if __name__ == "__main__":
    main()
