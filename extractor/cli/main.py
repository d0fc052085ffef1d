"""The command ``extractor``: parse, call, print. Decisions live below."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

import typer

from extractor.cli import batch, cache, evaluate, explain, extract, keys, mcp, models, query, schema, serve
from extractor.errors import ExtractorError

_EPILOG = (
    "Exit codes: 0 done; 1 a fault of this program; 2 wrong use or settings; 3 an input could not be read; 4 the model could"
    " not be asked, or a window was refused, cut off or failed; 5 a model file could not be had; 6 cache or output could not"
    " be used; 7 a run did not pass its gate; 130 interrupted. With several inputs the others are still done, and the"
    " first fault decides the code."
)

app = typer.Typer(
    name="extractor",
    help="Turn news articles into claims as data: who claims what, about whom, how many, when, where, verified or not,"
    " every slot at the exact characters it was read from. Works offline on an embedded model; no key is needed.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("extract")(extract.extract)
app.command("batch")(batch.batch)
app.command("query")(query.query)
app.command("explain")(explain.explain)
app.command("serve")(serve.serve)
app.add_typer(keys.app, name="keys")
app.command("mcp")(mcp.mcp)
app.add_typer(models.app, name="models")
app.add_typer(cache.app, name="cache")
app.add_typer(evaluate.eval_app, name="eval")
app.command("schema")(schema.schema)


@app.callback(invoke_without_command=True)
def options(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """Options before the command."""
    if version:
        from extractor import __version__

        typer.echo(__version__)
        raise typer.Exit


def main() -> NoReturn:
    """Run the command line."""
    run(app)


def run(commands: typer.Typer) -> NoReturn:
    """Run ``commands``; every error ends as one sentence on standard error and an exit code."""
    logging.basicConfig(level=logging.WARNING, format="extractor: %(message)s", stream=sys.stderr)
    try:
        commands()
    except ExtractorError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end("interrupted", 130)
    except BrokenPipeError:
        # The reader of a pipe has left; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # the last line of defence: a fault of ours is still one sentence, with the way to the traceback
        if os.environ.get("EXTRACTOR_DEBUG"):
            raise
        _end(f"a fault of this program ({type(error).__name__}: {str(error)[:200]}); run again with EXTRACTOR_DEBUG=1 and report it", 1)
    sys.exit(0)


def _end(message: str, code: int) -> NoReturn:
    sys.stdout.flush()
    print(f"extractor: {message}", file=sys.stderr)
    sys.exit(code)
