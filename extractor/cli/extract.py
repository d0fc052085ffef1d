"""``extractor extract``: articles in, claims out."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How claims are written."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    html = "html"


def day(text: str) -> dt.date:
    """Return the date an option is given.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        msg = f"'{text}' is no date; write it as YYYY-MM-DD, for example 2023-07-19"
        raise typer.BadParameter(msg) from None


def extract(
    paths: Annotated[list[str], typer.Argument(help="Text files (UTF-8), or - for standard input.", show_default=False)],
    model: Annotated[str | None, typer.Option(help="Model to ask; see 'extractor models list'.", envvar="EXTRACTOR_MODEL")] = None,
    published: Annotated[
        dt.date | None,
        typer.Option(
            parser=day,
            metavar="YYYY-MM-DD",
            help="Publication date, which relative times refer to; wins over a date in the file.",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[str, typer.Option(help="Extraction task.")] = "claims",
    format: Annotated[Format, typer.Option(help="How to write the claims.")] = Format.table,
    out: Annotated[Path | None, typer.Option(help="File to write, instead of standard output; html always needs one.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write remembered answers.")] = False,
) -> None:
    """Extract the claims of articles.

    The publication date comes from --published, from front matter (published: 2023-07-19), or from a leading
    "date 2023-07-19". Answers are remembered: the same article costs nothing the second time.

    Examples: extractor extract article.txt --published 2023-07-19; extractor extract *.txt --format jsonl --out claims.jsonl;
    cat article.txt | extractor extract - --format json
    """
    from extractor.cli.run import Job, run
    from extractor.settings import load

    job = Job(paths, published, profile, format.value, out, cached=not no_cache)
    raise typer.Exit(run(job, load(model=model)))
