"""How long the rules take for an article: everything the model is not asked for.

Usage: python benchmarks/normalise.py ARTICLE [--words 1000]

The article's sentences are repeated with other figures until there are enough words, so no cache answers.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from datetime import date
from itertools import count
from pathlib import Path

from extractor.documents import Document
from extractor.normalise import attribution, measures, outcomes, polarity, quantities, times, verification
from extractor.segmentation import sentences

DAY = date(2023, 7, 19)


def main() -> None:
    """Print the median and the worst of 30 runs, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("article", type=Path)
    parser.add_argument("--words", type=int, default=1_000)
    arguments = parser.parse_args()
    found = Document(text=arguments.article.read_text("utf-8"))
    source = [found.quote(s.start, s.end) for s in sentences(found)]
    number = count(1_000)
    normalise(source)  # units are loaded and patterns compiled once
    taken = []
    for _ in range(30):
        texts: list[str] = []
        while sum(len(text.split()) for text in texts) < arguments.words:
            texts += [re.sub(r"\b\d{2,3}\b", lambda _: str(next(number)), text) + f" ({next(number)})" for text in source]
        began = time.perf_counter()
        normalise(texts)
        taken.append((time.perf_counter() - began) * 1e3 * arguments.words / sum(len(text.split()) for text in texts))
    print(f"{arguments.words} words: {statistics.median(taken):.1f} ms, worst {max(taken):.1f} ms")


def normalise(texts: list[str]) -> None:
    """Read every figure, phrase of time, source, outcome and note of verification of ``texts``."""
    for text in texts:
        for figure in quantities.find(text):
            quantities.counted(text, figure.end)
            measures.measure(None, text, figure.start, figure.end)
        for start, end in times.find(text):
            times.resolve(text[start:end], published=DAY)
        attribution.source_candidates(text)
        verification.find(text)
        outcomes.kind_of(text[:40])  # an outcome is a few words
        polarity.polarity(text, 0, len(text))


if __name__ == "__main__":
    main()
