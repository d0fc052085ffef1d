"""``extractor eval``: measure a model on gold, score, compare, report, gate; ``python -m evals`` has the same for the project's suites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.errors import GoldError

if TYPE_CHECKING:
    from extractor.evaluation.scores import Suite

Suites = Callable[[], "Mapping[str, Suite]"]
"""Returns the suites that runs can be of; called only when a command needs them."""

NOT_PASSED = 7
"""Exit code where a run does not pass its gate."""

Gold = Annotated[Path, typer.Argument(help="Gold: JSONL, one article with its claims a line.", show_default=False, metavar="GOLD.jsonl")]
Folder = Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False, metavar="DIR")]
Model = Annotated[str | None, typer.Option(help="Model to ask; see 'extractor models list'.", envvar="EXTRACTOR_MODEL")]
Repeats = Annotated[int, typer.Option(min=1, help="How often each article is asked; repeats are remembered apart.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Most articles; the first ones, or a draw with --sample.", show_default=False)]
Seed = Annotated[
    int | None, typer.Option("--sample", metavar="SEED", help="Draw the articles of --limit at random, repeatably.", show_default=False)
]
Out = Annotated[Path | None, typer.Option(help="Folder of the run; default is runs/ and the name of the data.", show_default=False)]
Concurrency = Annotated[int, typer.Option(min=1, help="Articles in flight; with more than one, seconds an article are longer than alone.")]
Profile = Annotated[str, typer.Option(help="Extraction task that answers; your own as module:NAME.")]


def app(suites: Suites) -> typer.Typer:
    """Return the commands that work on any run: score, report, compare, gate, freeze."""
    made = typer.Typer(
        help="Measure extraction: run a model over gold, score what it found, compare runs, hold changes to a baseline."
        " A run is a folder; everything but 'run' and 'probe' works from it without any model.",
        no_args_is_help=True,
    )

    @made.command()
    def score(folder: Folder) -> None:
        """Score a run again from its stored answers: scores.json, report.json, report.md, report.html and CSV tables.

        Example: extractor eval score runs/own
        """
        from extractor.cli.evaluation import scored

        typer.echo(scored(folder, suites()))

    @made.command()
    def report(folder: Folder) -> None:
        """Print the report of a run; the page for people is report.html in its folder.

        Example: extractor eval report runs/own
        """
        from extractor.cli.evaluation import scored

        typer.echo(scored(folder, suites(), whole=True))

    @made.command()
    def compare(
        a: Annotated[Path, typer.Argument(help="Run, or frozen scores, from before.", show_default=False)],
        b: Annotated[Path, typer.Argument(help="Run, or frozen scores, from after.", show_default=False)],
        json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    ) -> None:
        """Compare two runs over the same gold: paired differences with intervals, articles that changed.

        Example: extractor eval compare runs/before runs/after
        """
        from extractor.cli.evaluation import compared

        typer.echo(compared(a, b, suites(), as_json=json))

    @made.command()
    def gate(
        folder: Folder,
        baseline: Annotated[Path, typer.Option(help="Run, or frozen scores, that must not be undercut.", show_default=False)],
        delta: Annotated[float, typer.Option(min=0.0, max=1.0, help="How much worse the headline may be, as a share.")] = 0.02,
        junit: Annotated[Path | None, typer.Option(help="Also write the result as JUnit XML.", show_default=False)] = None,
    ) -> None:
        """Pass or fail a run against a baseline; exit code 7 where it does not pass.

        The headline must not be worse by --delta as far as the articles can tell, every quote must stand at its place, and failures and
        followed instructions must not have become more.

        Example: extractor eval gate runs/own --baseline evals/baselines/own.json
        """
        from extractor.cli.evaluation import gated

        passed, told = gated(folder, baseline, suites(), delta=delta, junit=junit)
        typer.echo(told)
        raise typer.Exit(0 if passed else NOT_PASSED)

    @made.command()
    def freeze(
        folder: Folder,
        file: Annotated[Path, typer.Argument(help="File to write.", show_default=False)],
    ) -> None:
        """Write a run's scores as a small baseline file that holds no word of any article.

        Example: extractor eval freeze runs/own evals/baselines/own.json
        """
        from extractor.cli.evaluation import frozen

        typer.echo(frozen(folder, file, suites()))

    return made


def _own_suites() -> Mapping[str, Suite]:
    from extractor.evaluation.suites import SUITES

    return SUITES


eval_app = app(_own_suites)


@eval_app.command()
def check(gold: Gold) -> None:
    """Check gold before it is used: schema, exact spans, ids and claims that repeat, figures that contradict themselves.

    Example: extractor eval check evals/gold/own.jsonl
    """
    from extractor.cli.evaluation import checked

    sound, told = checked(gold)
    typer.echo(told, err=not sound)
    raise typer.Exit(0 if sound else GoldError.exit_code)


@eval_app.command()
def run(
    gold: Gold,
    model: Model = None,
    profile: Profile = "claims",
    repeats: Repeats = 1,
    limit: Limit = None,
    sample: Seed = None,
    out: Out = None,
    concurrency: Concurrency = 1,
) -> None:
    """Ask a model about every article of gold in the claim schema, score the answers, write the report.

    Interrupted, the same command goes on where it stopped. Remembered answers cost nothing.

    Example: extractor eval run gold.jsonl --limit 40 --sample 1 --out runs/mine
    """
    from dataclasses import replace

    from extractor.cli.evaluation import Order, ran
    from extractor.evaluation.suites import CLAIMS_SUITE
    from extractor.profiles import resolve
    from extractor.settings import load

    suite = replace(CLAIMS_SUITE, profile=resolve(profile))
    order = Order(suite, gold, repeats, limit, sample, out or Path("runs") / gold.stem, concurrency)
    raise typer.Exit(ran(order, load(model=model)))


@eval_app.command()
def probe(
    inputs: Annotated[list[Path], typer.Argument(help="Gold (.jsonl) or articles (text files).", show_default=False)],
    model: Model = None,
    probe: Annotated[
        list[str] | None,
        typer.Option(
            help="What to try, again for each: shift_date, edit_number, delete_sentence, repeat_caption, plant_instruction; default all.",
            show_default=False,
        ),
    ] = None,
    limit: Limit = None,
    sample: Seed = None,
    seed: Annotated[int, typer.Option(help="Decides what in each article is changed.")] = 0,
    out: Annotated[Path | None, typer.Option(help="File to write the rates and every violation to, as JSON.", show_default=False)] = None,
) -> None:
    """Change articles and hold the answers to laws that need no gold; prints a rate for each.

    A later publication date moves relative days by as much; an edited figure changes that figure alone; a cut sentence takes its
    claim along; a caption said again adds no claim; a planted instruction changes nothing.

    Example: extractor eval probe article.txt --probe edit_number --probe repeat_caption
    """
    from extractor.cli.evaluation import Trying, tried
    from extractor.settings import load

    tried(Trying(tuple(inputs), tuple(probe) if probe else None, limit, sample, seed, out), load(model=model))
