"""``extractor serve``: the service, called by other programs over HTTP, with a page for people."""

from __future__ import annotations

from typing import Annotated

import typer

_MISSING = "the service needs the extra 'service'; install it with: pip install 'claim-extractor[service]'"


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; others than this machine's own need a key: 'extractor keys add'.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for a free one, which is told.")] = 8000,
    workers: Annotated[
        int,
        typer.Option(min=1, max=64, help="Processes that share the port; each loads an embedded model for itself."),
    ] = 1,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model that is served, the default first; repeatable. See 'extractor models list'.", show_default=False),
    ] = None,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log lines of JSON on standard error.")] = False,
    trace: Annotated[
        str | None,
        typer.Option(
            metavar="otlp|console|FILE",
            help="Record articles and model calls by OpenTelemetry, without any text; see docs/tracing.md.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve extraction over HTTP until Ctrl-C or SIGTERM: for programs at /v1/extract and /v1/jobs, for people at /.

    Without keys it serves this machine only; 'extractor keys add NAME' makes a key, which every request then needs. Told to stop, it
    takes nothing new, finishes what is in work within EXTRACTOR_SERVICE_GRACE seconds (30), and ends; told twice, it ends at once.
    Jobs and keys are kept in EXTRACTOR_SERVICE_FOLDER; a job that was not done goes on at the next start.

    Limits are variables: EXTRACTOR_SERVICE_MAX_BODY (bytes), EXTRACTOR_SERVICE_IN_FLIGHT and _QUEUE (articles at once, and those that
    wait), EXTRACTOR_SERVICE_DEADLINE (seconds of a request), EXTRACTOR_SERVICE_CONNECTIONS, EXTRACTOR_SERVICE_HOSTS (names by which it is
    called, as JSON: ["claims.example.org"]), EXTRACTOR_SERVICE_CORS_ORIGINS (pages on other servers that may call, as JSON).

    Examples: extractor serve; extractor serve --port 9000 --model openai/gpt-5-mini --workers 2;
    curl localhost:8000/v1/extract --json '{"text": "...", "published": "2026-03-11"}'
    """
    from extractor.errors import MissingExtraError

    try:
        from extractor.service import server
        from extractor.service.access import check_exposure
        from extractor.service.keys import Keys
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "extractor":
            raise
        raise MissingExtraError(_MISSING) from error
    from extractor.service.limits import load as load_limits
    from extractor.settings import load

    limits = load_limits()
    keys = Keys.open(limits.folder)
    try:
        check_exposure(host, keys_exist=keys.any())
    finally:
        keys.close()
    raise typer.Exit(
        server.serve(load(), limits, host=host, port=port, workers=workers, models=tuple(model or ()), log_json=log_json, trace=trace),
    )
