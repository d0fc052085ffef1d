"""``extractor schema``: the published form of the results."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON Schema of an extraction, as --format json and jsonl write it."""
    from extractor.sinks.json import schema as published

    typer.echo(json.dumps(published(), indent=2))
