"""``extractor cache``: the answers remembered on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from extractor.caches.disk import DiskCache

app = typer.Typer(help="Look after the remembered answers.", no_args_is_help=True)


def _open() -> DiskCache:
    from extractor.caches.disk import DiskCache
    from extractor.settings import load

    return DiskCache(load().cache_dir / "answers")


@app.command()
def stats() -> None:
    """Print how many answers and trees are remembered, and where."""
    cache = _open()
    found = cache.stats()
    typer.echo(f"{found['entries']} answers and trees, {found['bytes'] / 1e6:.1f} MB in {cache.folder}")
    cache.close()


@app.command()
def clear(yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask.")) -> None:
    """Forget every answer and tree; what is asked again must be paid again."""
    cache = _open()
    entries = cache.stats()["entries"]
    if entries and not yes:
        typer.confirm(f"Forget {entries} answers and trees?", abort=True)
    typer.echo(f"{cache.clear()} answers and trees forgotten")
    cache.close()


@app.command()
def verify() -> None:
    """Read every answer and tree; damaged ones are dropped and will be asked for, or drawn, again."""
    cache = _open()
    whole, damaged = cache.verify()
    typer.echo(f"{whole} answers and trees whole, {damaged} damaged and dropped")
    cache.close()
