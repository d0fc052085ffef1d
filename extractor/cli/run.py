"""Extracting several inputs one after the other, each result written as it is ready."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import anyio
from rich.console import Console

from extractor import disk
from extractor.caches.base import NoCache
from extractor.cli.progress import Display
from extractor.errors import ConfigurationError, ExtractorError, ProviderError, ReaderError, StorageError
from extractor.extraction import Extraction
from extractor.pipeline import Extractor
from extractor.readers import text
from extractor.settings import Settings
from extractor.sinks import csv, html, json, table

_PIPE_WIDTH = 140
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the command line asked for.

    Attributes:
        paths: Inputs; ``-`` is standard input.
        published: Publication date of all of them.
        profile: Name of the extraction task.
        form: ``table``, ``json``, ``jsonl``, ``csv`` or ``html``.
        out: File to write; None for standard output.
        cached: Whether answers are remembered.
    """

    paths: list[str]
    published: dt.date | None
    profile: str
    form: str
    out: Path | None
    cached: bool


def run(job: Job, settings: Settings) -> int:
    """Do the job and return the exit code: that of the first fault, or 0.

    Raises:
        ExtractorError: Nothing can be done at all, such as for an unknown model.
    """
    if job.form == "html" and (job.out is None or len(job.paths) > 1):
        msg = "--format html writes one article to one page: name one input, and a file with --out, such as --out claims.html"
        raise ConfigurationError(msg)
    with Display(Console(stderr=True)) as display:
        extractor = Extractor.from_settings(
            settings, profile=job.profile, cache=None if job.cached else NoCache(), download=display.download
        )
        try:
            with _output(job.out) as stream:
                return anyio.run(_each, extractor, settings, job, stream, display)
        except KeyboardInterrupt:
            display.say("interrupted; what was written is kept, and answers already given are remembered")
            return INTERRUPTED


async def _each(extractor: Extractor, settings: Settings, job: Job, stream: TextIO, display: Display) -> int:
    faults: list[int] = []
    done: list[Extraction] = []
    async with extractor:
        if job.form == "csv":
            _write(stream, csv.header(), end="")
        for path in job.paths:
            name = "standard input" if path == text.STDIN else path
            try:
                document = text.read(path, published=job.published, most=settings.max_bytes)
                with display.article(Path(name).name) as watch:
                    extraction = await extractor.extract(document, source=name, watch=watch)
            except ReaderError as error:
                display.say(str(error) if name in str(error) else f"{name}: {error}")
                faults.append(error.exit_code)
                continue
            except ExtractorError:
                _write_array(stream, job, done)
                raise
            if not extraction.complete:
                display.say(_lost(extraction))
                faults.append(ProviderError.exit_code)
            if job.form == "html":
                _write(stream, html.page(document, extraction))
            elif job.form == "jsonl":
                _write(stream, json.line(extraction))
            elif job.form == "csv":
                _write(stream, csv.rows(extraction), end="")
            elif job.form == "table":
                width = None if stream.isatty() else _PIPE_WIDTH
                Console(file=stream, width=width).print(table.render(extraction))
            else:
                done.append(extraction)
    _write_array(stream, job, done)
    return faults[0] if faults else 0


def _write_array(stream: TextIO, job: Job, done: list[Extraction]) -> None:
    """Write what --format json has gathered, also when the run ends early."""
    if job.form == "json" and done:
        _write(stream, json.page(done))


def _write(stream: TextIO, content: str, *, end: str = "\n") -> None:
    stream.write(content + end)
    stream.flush()


def _lost(extraction: Extraction) -> str:
    lost = [window for window in extraction.windows if window.outcome in ("refused", "truncated", "failed")]
    reasons = "; ".join(dict.fromkeys(f"{window.outcome}: {window.detail}" for window in lost))
    return f"{extraction.document.source}: {len(lost)} of {len(extraction.windows)} windows brought no whole answer ({reasons})"


@contextmanager
def _output(out: Path | None) -> Iterator[TextIO]:
    """Open the output. A file is written aside and renamed at the end; whatever was written before a fault is kept aside."""
    if out is None:
        yield sys.stdout
        return
    aside = out.with_name(out.name + disk.ASIDE)
    try:
        with aside.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        disk.through(aside)
        disk.rename(out)
    except OSError as error:
        msg = f"{out} cannot be written ({error.strerror or error}); free disk space or choose another file with --out"
        raise StorageError(msg) from error
