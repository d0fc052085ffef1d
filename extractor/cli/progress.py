"""Progress on standard error: a bar where a person looks on, plain lines where a log does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from extractor.pipeline import Part, Watch
from extractor.sinks import table

_LINES_PER_DOWNLOAD: Final = 10


class Display:
    """What a person sees while they wait; use it as a context manager.

    Args:
        console: Where it is written, usually standard error.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._windows = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("windows"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._download: Progress | None = None
        self._fetching: TaskID | None = None
        self._told = -1

    def __enter__(self) -> Self:
        """Show it."""
        self._windows.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take it away."""
        self._end_download()
        self._windows.stop()

    def say(self, message: str) -> None:
        """Write one line that stays."""
        self._windows.console.print(escape(f"extractor: {message}"), highlight=False, soft_wrap=True)

    @contextmanager
    def article(self, name: str) -> Iterator[Watch | None]:
        """Show the windows of an article as they finish, and the claims they bring; yields what to tell, if anybody looks on."""
        if not self._console.is_terminal:
            yield None
            return
        task = self._windows.add_task(escape(name), total=None)

        def watch(part: Part) -> None:
            self._windows.update(task, total=part.of, advance=1)
            for claim in part.claims:
                self._windows.console.print(f"[dim]window {part.report.index + 1}[/] {escape(table.headline(claim))}", highlight=False)

        try:
            yield watch
        finally:
            self._windows.remove_task(task)

    @contextmanager
    def answers(self, name: str, total: int, done: int) -> Iterator[Callable[[str], None]]:
        """Show how many of a run's answers there are, with the time that is left; yields what tells of one more, in words."""
        shown = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._windows.stop()  # one live display at a time
        task = shown.add_task(escape(name), total=total, completed=done)
        at = done

        def told(words: str) -> None:
            nonlocal at
            at += 1
            shown.update(task, completed=at)
            shown.console.print(escape(f"extractor: {at}/{total} {words}"), highlight=False, soft_wrap=True)

        with shown:
            yield told

    def download(self, had: int, total: int) -> None:
        """Show how far the download of a model is, in bytes."""
        if not self._console.is_terminal:
            tenth = had * _LINES_PER_DOWNLOAD // total
            if tenth > self._told:
                self._told = tenth
                self.say(f"fetching the model: {had / 1e6:,.0f} of {total / 1e6:,.0f} MB")
            return
        if self._download is None:
            self._windows.stop()
            self._download = Progress(
                TextColumn("fetching the model"),
                BarColumn(),
                DownloadColumn(),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._download.start()
            self._fetching = self._download.add_task("", total=total)
        if self._fetching is not None:
            self._download.update(self._fetching, completed=had)
        if had >= total:
            self._end_download()
            self._windows.start()

    def _end_download(self) -> None:
        if self._download is not None:
            self._download.stop()
            self._download = None
