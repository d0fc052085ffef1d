"""``extractor keys``: who may call the service."""

from __future__ import annotations

import datetime as dt
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractor.service.keys import Key, Keys

app = typer.Typer(
    help="Say who may call 'extractor serve'. Without keys it serves everybody, but listens on this machine only; from the first key on"
    " each request needs one. A running service sees a change within a second or so. Keys are kept, as digests, in"
    " EXTRACTOR_SERVICE_FOLDER.",
    no_args_is_help=True,
)


class Listing(StrEnum):
    """How keys are listed."""

    table = "table"
    json = "json"


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is, in your words.", metavar="NAME", show_default=False)],
    rate: Annotated[int | None, typer.Option(help="Requests a minute; a quarter of them may come at once.", show_default="any")] = None,
    in_flight: Annotated[int | None, typer.Option(help="Articles that are read or wait for it at once.", show_default="any")] = None,
    tokens_a_day: Annotated[
        int | None,
        typer.Option(
            help="Tokens of questions and answers that may be spent from midnight to midnight UTC. Until it is answered a question counts"
            " with the most it may cost, so 100000 is little. Remembered answers cost nothing.",
            show_default="any",
        ),
    ] = None,
) -> None:
    """Make a key and print it, and below it the secret that webhooks of its jobs are signed with.

    They are shown this once: keep them where secrets are kept. The key goes into the header 'Authorization: Bearer KEY'.

    Examples: extractor keys add "news desk" --rate 60 --in-flight 8

    KEY=$(extractor keys add archive --tokens-a-day 5000000 | head -1)
    """
    keys = _open()
    try:
        key, secret = keys.add(name, rate=rate, in_flight=in_flight, tokens_a_day=tokens_a_day)
    finally:
        keys.close()
    typer.echo(secret)
    typer.echo(key.webhook_secret)
    typer.echo(
        f"extractor: the key {key.id} and below it the secret of its webhooks, which nothing can show again; revoke it with:"
        f" extractor keys revoke {key.id}",
        err=True,
    )


@app.command("list")
def list_(
    format: Annotated[Listing, typer.Option(help="How to write the list.")] = Listing.table,
) -> None:
    """List the keys, without their secrets, and what each spent today.

    What is spent today includes the most that questions under way may cost; the day is that of UTC.

    Example: extractor keys list --format json
    """
    keys = _open()
    try:
        found = keys.list()
        spent = keys.spent(dt.datetime.now(dt.UTC).date().isoformat())
    finally:
        keys.close()
    rows = [_row(key, spent.get(key.id, 0)) for key in found]
    if format is Listing.json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif rows:
        _print(rows)
    else:
        typer.echo("extractor: there are no keys; make one with: extractor keys add NAME", err=True)


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(help="Id of the key, as 'extractor keys list' shows it.", metavar="ID", show_default=False)],
) -> None:
    """Make a key invalid, for good. Articles of its jobs that are not done by then stay undone.

    Example: extractor keys revoke 5e0c2a914d7b
    """
    keys = _open()
    try:
        key = keys.revoke(id)
    finally:
        keys.close()
    typer.echo(f"extractor: the key {key.id} ({key.name}) is not valid any more", err=True)


def _open() -> Keys:
    from extractor.service.keys import Keys
    from extractor.service.limits import load

    return Keys.open(load().folder)


def _row(key: Key, spent: int) -> dict[str, str | int | None]:
    return {
        "id": key.id,
        "name": key.name,
        "created": key.created.isoformat(timespec="seconds"),
        "revoked": key.revoked.isoformat(timespec="seconds") if key.revoked is not None else None,
        "rate": key.rate,
        "in_flight": key.in_flight,
        "tokens_a_day": key.tokens_a_day,
        "spent_today": spent,
    }


def _print(rows: Sequence[dict[str, str | int | None]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("id", no_wrap=True)  # it is copied
    table.add_column("name", overflow="fold", min_width=10)
    table.add_column("state", no_wrap=True)
    for title in ("rate", "in flight", "tokens a day", "spent today"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        numbers = (row[name] for name in ("rate", "in_flight", "tokens_a_day", "spent_today"))
        cells = (
            row["id"],
            row["name"],
            "revoked" if row["revoked"] else "valid",
            *("" if number is None else number for number in numbers),
        )
        table.add_row(*(Text(str(cell)) for cell in cells))
    Console().print(table)
