"""How the cost of grounding grows with the window: seconds for one quote of 120 words, found and not found.

Usage: python benchmarks/grounding.py
"""

from __future__ import annotations

import random
import time

from extractor.documents import Document
from extractor.grounding import Haystack, ground
from extractor.segmentation import sentences, windows


def main() -> None:
    """Print seconds by window length, in words; linear growth is the aim."""
    words = random.Random(1).choices([f"word{i}" for i in range(500)], k=24_000)
    for size in (1_500, 3_000, 6_000, 12_000, 24_000):
        text = " ".join(words[:size])
        document = Document(text=text)
        quote = " ".join(words[size - 130 : size - 10])
        began = time.perf_counter()
        haystack = Haystack(windows(document, sentences(document), size=None)[0])
        ground(haystack, 1, {"subject": quote}, local=frozenset())
        first = time.perf_counter() - began
        began = time.perf_counter()
        ground(haystack, 1, {"subject": quote.replace("word1", "word2", 1)}, local=frozenset())
        further = time.perf_counter() - began
        print(f"{size:6} words: {first * 1000:7.1f} ms with the window's preparation, {further * 1000:6.2f} ms for a further quote")


if __name__ == "__main__":
    main()
