"""``python -m evals``: the project's own suites; the commands of ``extractor eval`` with ``run SUITE --data FILE``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from extractor.cli import evaluate, main
from extractor.cli.run import INTERRUPTED
from extractor.evaluation.scores import Suite

OWN = Path(__file__).parent / "gold" / "own.jsonl"


def _suites() -> Mapping[str, Suite]:
    from evals.suites import SUITES

    return SUITES


app = evaluate.app(_suites)


@app.command()
def run(
    suite: Annotated[str, typer.Argument(help="own, isaf, mod_bulletins, gum_news, muc4, re3d or wikinews_de.", show_default=False)],
    data: Annotated[Path | None, typer.Option(help="The data set's JSONL file; needed for all but own.", show_default=False)] = None,
    model: evaluate.Model = None,
    repeats: evaluate.Repeats = 1,
    limit: evaluate.Limit = None,
    sample: evaluate.Seed = None,
    out: evaluate.Out = None,
    concurrency: evaluate.Concurrency = 1,
) -> None:
    """Ask a model about a data set, score the answers, write the report.

    Interrupted, the same command goes on where it stopped. Remembered answers cost nothing.

    Example: python -m evals run gum_news --data gum_news/dev.jsonl
    """
    from extractor.cli.evaluation import Order, ran
    from extractor.errors import ConfigurationError
    from extractor.settings import load

    suites = _suites()
    if suite not in suites:
        msg = f"there is no suite '{suite}'; known are {', '.join(suites)}"
        raise ConfigurationError(msg)
    if data is None and suite != "own":
        msg = f"the suite '{suite}' needs --data FILE.jsonl; evals/README.md says where each data set comes from"
        raise ConfigurationError(msg)
    order = Order(suites[suite], data or OWN, repeats, limit, sample, out or Path("runs") / suite, concurrency)
    raise typer.Exit(ran(order, load(model=model)))


@app.command(name="all")
def all_(
    data: Annotated[
        Path | None, typer.Option(help="Folder with SET/dev.jsonl of each public set; without it, own alone.", show_default=False)
    ] = None,
    model: evaluate.Model = None,
    limit: evaluate.Limit = 40,
    sample: evaluate.Seed = 1,
    out: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
) -> None:
    """Run every suite, own whole and --limit articles of each public set, then print the table.

    Example: python -m evals all --data gold
    """
    from evals.table import table as rows
    from extractor.cli.evaluation import Order, ran
    from extractor.settings import load

    suites = _suites()
    chosen = [name for name in suites if name == "own" or data is not None]
    codes = []
    for name in chosen:
        found = OWN if name == "own" else Path(data or ".") / name / "dev.jsonl"
        few = None if name == "own" else limit
        codes.append(ran(Order(suites[name], found, 1, few, sample if few else None, out / name, 1), load(model=model)))
        if codes[-1] == INTERRUPTED:
            raise typer.Exit(INTERRUPTED)
    typer.echo(rows([out / name for name in chosen], suites))
    raise typer.Exit(max(codes))


@app.command()
def table(
    folders: Annotated[list[Path], typer.Argument(help="Folders of runs.", show_default=False)],
) -> None:
    """Print one table of several runs: headline with interval, floor, skill, denominators, seconds and tokens an article.

    Example: python -m evals table runs/*
    """
    from evals.table import table as rows

    typer.echo(rows(folders, _suites()))


if __name__ == "__main__":
    main.run(app)
