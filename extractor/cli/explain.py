"""``extractor explain``: how one claim came from its words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def explain(
    claim: Annotated[str, typer.Argument(help="The claim's id, or its first characters.", metavar="CLAIM-ID", show_default=False)],
    file: Annotated[Path, typer.Argument(help="Result of 'extractor extract --format json' or jsonl.", show_default=False)],
) -> None:
    """Show for one claim the path from words to value: what was read where, by which rule, with what result.

    Example: extractor extract article.txt --format json --out claims.json; extractor explain 3f2a claims.json
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from extractor.explaining import explain as steps
    from extractor.readers.results import find

    extraction, found = find(file, claim)
    table = Table(
        "slot", "words", "at", "rule", "result", title=f"claim {found.id} of {extraction.document.source or extraction.document.id}"
    )
    for step in steps(found, extraction.document.published, parsed=extraction.provenance.parser is not None):
        words, at = (step.words.text, f"{step.words.start}\u2013{step.words.end}") if step.words else ("", "")
        table.add_row(*(Text(cell) for cell in (step.slot, words, at, step.rule, step.result)))
    Console().print(table)
