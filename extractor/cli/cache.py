"""``extractor cache``: what is remembered on this machine: answers, trees, finished extractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from extractor.caches.disk import DiskCache

app = typer.Typer(help="Look after the remembered answers.", no_args_is_help=True)


def _open() -> DiskCache:
    from extractor.caches.disk import DiskCache
    from extractor.settings import load

    settings = load()
    if settings.cache_url is not None and "://" in settings.cache_url.get_secret_value():
        typer.echo("this is the cache on this machine; the shared one of EXTRACTOR_CACHE_URL is looked after with its own tools", err=True)
    return DiskCache(settings.cache_dir / "answers")


@app.command()
def stats() -> None:
    """Print how many answers, trees and finished extractions are remembered, and where."""
    cache = _open()
    found = cache.stats()
    typer.echo(f"{found['entries']} answers, trees and extractions, {found['bytes'] / 1e6:.1f} MB in {cache.folder}")
    cache.close()


@app.command()
def clear(yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask.")) -> None:
    """Forget every answer, tree and extraction; what is asked again must be paid again."""
    cache = _open()
    entries = cache.stats()["entries"]
    if entries and not yes:
        typer.confirm(f"Forget {entries} answers, trees and extractions?", abort=True)
    typer.echo(f"{cache.clear()} answers, trees and extractions forgotten")
    cache.close()


@app.command()
def verify() -> None:
    """Read every answer, tree and extraction; damaged ones are dropped and will be asked for, or made, again."""
    cache = _open()
    whole, damaged = cache.verify()
    typer.echo(f"{whole} answers, trees and extractions whole, {damaged} damaged and dropped")
    cache.close()
