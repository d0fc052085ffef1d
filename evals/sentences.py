"""Measure the sentence splitter on gum_news: annotated sources, cues and dates that a boundary cuts are certain errors.

Usage: python -m evals.sentences --data gum_news/dev.jsonl
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from extractor.documents import Document
from extractor.segmentation import sentences


def main() -> None:
    """Print how many annotated spans are cut, and every boundary that looks doubtful."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the JSONL file of the set")
    records = [json.loads(line) for line in parser.parse_args().data.read_text("utf-8").splitlines()]
    found = spans = cut = 0
    doubtful: list[str] = []
    for record in records:
        document = Document(text=record["text"])
        split = sentences(document)
        found += len(split)
        ends = [sentence.end for sentence in split]
        for start, end in _annotated(record["gold"]):
            spans += 1
            cut += any(start < boundary < end for boundary in ends)
        for one, other in pairwise(split):
            before, after = document.quote(one.start, one.end), document.quote(other.start, other.end)
            if one.paragraph == other.paragraph and not before.rstrip("\"'\u201d\u2019)").endswith((".", "!", "?")):
                doubtful.append(f"{before[-40:]!r} | {after[:40]!r}")
    print(f"{len(records)} texts, {found} sentences; {cut} of {spans} annotated spans cut; {len(doubtful)} doubtful boundaries")
    print("\n".join(doubtful))


def _annotated(gold: dict[str, Any]) -> Iterator[tuple[int, int]]:
    for attribution in gold["attributions"]:
        yield from ((span["start"], span["end"]) for slot in ("source", "cue") for span in attribution[slot])
    yield from ((span["start"], span["end"]) for span in gold["dates"])


if __name__ == "__main__":
    main()
