"""``extractor models``: what can be asked, and the files of what runs here."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="List models, fetch the file of an embedded one, print where it is.", no_args_is_help=True)
_Name = Annotated[
    str | None,
    typer.Argument(help="An embedded model, or the word parser; default is the model used when none is named.", show_default=False),
]


@app.command("list")
def list_() -> None:
    """List the models by the names --model takes."""
    from rich.console import Console

    from extractor.cli.listing import models_table
    from extractor.settings import load

    Console().print(models_table(load()))


@app.command()
def pull(name: _Name = None) -> None:
    """Fetch and verify the file of an embedded model, and the parser's data; goes on where an earlier try stopped."""
    from rich.console import Console

    from extractor.cli.progress import Display
    from extractor.models import resolve
    from extractor.parsers import data
    from extractor.providers import weights
    from extractor.settings import load

    settings = load(model=None if name == data.NAME else name)
    if name != data.NAME:
        model = resolve(settings)
        with Display(Console(stderr=True)) as display:
            typer.echo(weights.pull(model, settings, display.download))
    with Display(Console(stderr=True)) as display:
        typer.echo(data.pull(settings, display.download))


@app.command()
def path(name: _Name = None) -> None:
    """Print where the file of an embedded model is, or would be."""
    from extractor.models import resolve
    from extractor.parsers import data
    from extractor.providers import weights
    from extractor.settings import load

    if name == data.NAME:
        typer.echo(data.path(load()))
        return
    settings = load(model=name)
    typer.echo(weights.path(resolve(settings), settings))
