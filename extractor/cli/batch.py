"""``extractor batch``: a whole archive, to the end, whatever fails."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.extract import day


class Engine(StrEnum):
    """Who does the work."""

    local = "local"
    provider = "provider"
    ray = "ray"


class Again(StrEnum):
    """Which articles that failed earlier are tried again."""

    passing = "passing"
    all = "all"
    none = "none"


def _in_flight(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isdecimal() and 1 <= int(text) <= 4096:
        return int(text)
    msg = f"'{text}' is neither 'auto' nor a number from 1 to 4096"
    raise typer.BadParameter(msg, param_hint="--concurrency")


def _money(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if value.is_finite() and value > 0:
        return value
    msg = f"'{text}' is no sum of US dollars; write it as a number above 0, for example 12.50"
    raise typer.BadParameter(msg)


def _shard(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return int(number), int(of)
    msg = f"'{text}' is no shard; write 2/8 for the second of eight"
    raise typer.BadParameter(msg, param_hint="--shard")


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders or quoted patterns: text, HTML, JSONL, CSV (also .gz, .zst), Parquet, WARC.",
            show_default=False,
            metavar="INPUT...",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the results; the same command again goes on where it stopped.", show_default=False)],
    model: Annotated[str | None, typer.Option(help="Model to ask; see 'extractor models list'.", envvar="EXTRACTOR_MODEL")] = None,
    profile: Annotated[str, typer.Option(help="Extraction task.")] = "claims",
    form: Annotated[
        str | None, typer.Option("--format", help="Reader for all inputs, instead of one by each file's suffix.", show_default=False)
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="Column or key that holds text, id, published, ...; repeatable.", show_default=False),
    ] = None,
    published: Annotated[
        dt.date | None,
        typer.Option(parser=day, metavar="YYYY-MM-DD", help="Publication date; wins over those of the articles.", show_default=False),
    ] = None,
    concurrency: Annotated[
        str, typer.Option(metavar="auto|N", help="Requests in flight; auto finds out what the provider takes.")
    ] = "auto",
    budget_usd: Annotated[
        Decimal | None,
        typer.Option(parser=_money, metavar="USD", help="Most the batch may cost in all; held before sending.", show_default=False),
    ] = None,
    budget_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens it may cost in all.", show_default=False)] = None,
    prices: Annotated[
        Path | None, typer.Option(help="YAML file of prices, instead of the package's own dated table.", show_default=False)
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first articles of the inputs.", show_default=False)] = None,
    shard: Annotated[str, typer.Option(metavar="I/N", help="Only this share of the articles, for several processes or machines.")] = "1/1",
    engine: Annotated[
        Engine,
        typer.Option(help="local: ask online; provider: OpenAI's Batch API, half price; ray: shards on a Ray cluster."),
    ] = Engine.local,
    shards: Annotated[int | None, typer.Option(min=1, help="With --engine ray: shares of the work.", show_default=False)] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="With --engine ray: the cluster; default is this machine.", show_default=False)
    ] = None,
    retry: Annotated[
        Again,
        typer.Option(help="Which articles that failed earlier are tried again: those whose fault may have passed, all, none."),
    ] = Again.passing,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write remembered answers.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Tell progress as lines of JSON on standard error.")] = False,
    trace: Annotated[
        str | None,
        typer.Option(metavar="otlp|console|FILE", help="Record OpenTelemetry spans and metrics, without any text.", show_default=False),
    ] = None,
) -> None:
    """Extract a whole archive: streamed, resumable, within a budget; every article ends as a result or as a line of failures.jsonl.

    DIR gets claims-*.parquet, articles-*.parquet, extractions-*.jsonl.zst, failures.jsonl and run.json. The same command again
    continues: what is finished is passed over, what was answered is not paid for twice. Ctrl-C finishes what is in flight;
    a second Ctrl-C ends at once and loses nothing either.

    Examples: extractor batch articles/ --out results; extractor batch news.jsonl.gz --field text=body --field published=date
    --out results --model openai/gpt-5-mini --budget-usd 20; extractor query results "select type, count(*) from claims group by 1"
    """
    from extractor.batch.job import BatchJob
    from extractor.cli.batch_run import run
    from extractor.readers.archives.fields import Naming
    from extractor.settings import load

    job = BatchJob(
        inputs=tuple(inputs),
        out=out,
        form=form,
        fields=Naming.of(field or []).named,
        published=published,
        model=model,
        profile=profile,
        concurrency=_in_flight(concurrency),
        budget_usd=budget_usd,
        budget_tokens=budget_tokens,
        prices=prices,
        limit=limit,
        shard=_shard(shard),
        retry=retry.value,
        engine=engine.value,
        shards=shards,
        cluster=cluster,
        cached=not no_cache,
    )
    raise typer.Exit(run(job, load(model=model), log_json=log_json, trace=trace))
