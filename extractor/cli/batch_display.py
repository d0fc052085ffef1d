"""How far a batch is, for people, for logs and for programs: a bar, plain lines, or lines of JSON on standard error."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from extractor.requests import Usage

_WINDOW: Final = 60.0
"""Seconds over which a rate is measured."""
_EVERY: Final = (5.0, 60.0)
"""Seconds between the first plain lines, and between later ones: each wait is half longer than the one before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a batch stands at one moment.

    Attributes:
        share: How much is done, between 0 and 1.
        inputs: Entries met.
        done: Articles finished.
        fresh: Those finished in this run.
        failed: Articles given up.
        repeated: Entries met before.
        pending: Entries met that are still to be done.
        claims: Claims found in this run.
        usage: What this run cost.
        cost: The same in US dollars, in words.
        state: What holds requests back, in words; empty where nothing does.
    """

    share: float
    inputs: int
    done: int
    fresh: int
    failed: int
    repeated: int
    pending: int
    claims: int
    usage: Usage
    cost: str
    state: str = ""


class Pace:
    """The rate of the last minute, and the time left by it.

    Args:
        clock: Returns seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int, float]] = deque()

    def note(self, standing: Standing) -> tuple[float | None, float | None]:
        """Return articles a second, and seconds left; None where that cannot be told yet."""
        now = self._clock()
        self._seen.append((now, standing.fresh, standing.share))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        began, fresh, share = self._seen[0]
        if now - began < 1 or standing.fresh == fresh:
            return None, None
        gained = standing.share - share
        left = (1 - standing.share) * (now - began) / gained if gained > 0 else None
        return (standing.fresh - fresh) / (now - began), left


class Display(Protocol):
    """Shows where a batch stands; use it as a context manager."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, *_: object) -> None:
        """End."""
        ...

    def show(self, standing: Standing) -> None:
        """Show where it stands; called twice a second."""
        ...

    def say(self, message: str) -> None:
        """Tell something that stays."""
        ...

    def end(self, summary: Mapping[str, Any], message: str) -> None:
        """Tell how it ended."""
        ...


class Bar:
    """A bar where a person looks on."""

    def __init__(self, console: Console) -> None:
        self._pace = Pace()
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[words]}"),
            console=console, transient=True,
        )  # fmt: skip
        self._task: TaskID = self._progress.add_task("articles", total=1.0, words="")

    def __enter__(self) -> Self:
        """Show it."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self._progress.stop()

    def show(self, standing: Standing) -> None:
        """Move it."""
        self._progress.update(self._task, completed=standing.share, words=escape(words(standing, *self._pace.note(standing))))

    def say(self, message: str) -> None:
        """Write one line above it."""
        self._progress.console.print(escape(f"extractor: {message}"), highlight=False, soft_wrap=True)

    def end(self, summary: Mapping[str, Any], message: str) -> None:  # noqa: ARG002  # a person reads the message
        """Write the last line."""
        self.say(message)


class Lines:
    """Plain lines where a log looks on, fewer as time goes on."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._pace = Pace(clock)
        self._wait, self._next = _EVERY[0], clock() + _EVERY[0]

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def show(self, standing: Standing) -> None:
        """Write a line if it is time for one."""
        pace = self._pace.note(standing)
        if self._clock() >= self._next:
            self._wait = min(self._wait * 1.5, _EVERY[1])
            self._next = self._clock() + self._wait
            self.say(f"{standing.share:.0%}: {words(standing, *pace)}")

    def say(self, message: str) -> None:
        """Write one line."""
        self._console.print(escape(f"extractor: {message}"), highlight=False, soft_wrap=True)

    def end(self, summary: Mapping[str, Any], message: str) -> None:  # noqa: ARG002  # a person reads the message
        """Write the last line."""
        self.say(message)


class JsonLines:
    """Lines of JSON for programs: ``at``, ``event`` (progress, said, ended) and what belongs to it."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._next = clock()

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def show(self, standing: Standing) -> None:
        """Write a line every five seconds."""
        if self._clock() >= self._next:
            self._next = self._clock() + _EVERY[0]
            counts = {name: getattr(standing, name) for name in Standing.__slots__ if name != "usage"}
            self._write("progress", **counts, usage=standing.usage.model_dump())

    def say(self, message: str) -> None:
        """Write one line."""
        self._write("said", message=message)

    def end(self, summary: Mapping[str, Any], message: str) -> None:
        """Write the last line."""
        self._write("ended", message=message, **summary)

    def _write(self, event: str, **values: object) -> None:
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **values}
        self._console.file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._console.file.flush()


def chosen(console: Console, *, as_json: bool) -> Display:
    """Return the display that fits who looks on."""
    if as_json:
        return JsonLines(console)
    return Bar(console) if console.is_terminal else Lines(console)


def words(standing: Standing, rate: float | None = None, left: float | None = None) -> str:
    """Return where a batch stands in one line."""
    usage = standing.usage
    parts = [f"{standing.done:,} done"]
    if standing.failed:
        parts.append(f"{standing.failed:,} failed")
    parts += [f"{standing.pending:,} in hand", f"{standing.claims:,} claims"]
    if usage.requests:
        parts.append(f"{_short(usage.input_tokens)} tokens in, {_short(usage.output_tokens)} out")
    if standing.cost:
        parts.append(standing.cost)
    if rate is not None:
        parts.append(f"{rate:.1f} articles/s" if rate >= 1 else f"{rate * 60:.1f} articles/min")
    if left is not None:
        parts.append(f"{span(left)} left")
    if standing.state:
        parts.append(standing.state)
    return ", ".join(parts)


def span(seconds: float) -> str:
    """Return a time as people say it: "40 s", "12 min", "3 h 20 min", "2 d 4 h"."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def _short(number: int) -> str:
    for unit, size in (("M", 1_000_000), ("k", 10_000)):
        if number >= size:
            return f"{number / (size if unit == 'M' else 1_000):.1f}{unit}"
    return f"{number:,}"
