"""Running a batch: what is shown meanwhile, what signals do, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import anyio
from rich.console import Console

from extractor import errors
from extractor.batch.engines import ENGINES
from extractor.batch.job import BatchJob
from extractor.batch.local import ended
from extractor.batch.session import Running
from extractor.cli import batch_display
from extractor.cli.batch_display import Display, Standing
from extractor.errors import ProviderError, ReaderError
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.telemetry import Tracing

_LOOK: Final = 0.5
"""Seconds between two looks at where it stands."""


def run(job: BatchJob, settings: Settings, *, log_json: bool, trace: str | None) -> int:
    """Do the batch and return the exit code: 0 where every article is done, else what the gravest kind of fault asks for.

    Raises:
        ExtractorError: Nothing can be done at all, such as for an unknown model.
    """
    with batch_display.chosen(Console(stderr=True), as_json=log_json) as display, _tracing(trace) as tracing:
        try:
            return anyio.run(_run, job, settings, display, tracing, backend_options={"use_uvloop": _has_uvloop()})
        except ExceptionGroup as group:
            raise errors.of_group(group) from None


async def _run(job: BatchJob, settings: Settings, display: Display, tracing: Tracing | None) -> int:
    began = time.monotonic()
    async with ENGINES[job.engine](job, settings, display.say, tracing) as session:
        got = await _watched(session, display)
    display.end(_numbers(session), _last_words(session, time.monotonic() - began))
    if got is not None:
        return 128 + got
    if session.fault is not None:
        raise session.fault
    return _code(session)


async def _watched(session: Running, display: Display) -> int | None:
    """Run the session; return the signal that stopped it, if one did."""
    got: int | None = None

    async def listen() -> None:
        nonlocal got
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for number in signals:
                if got is not None:
                    # Whatever was acknowledged is on the disk; nothing else is worth waiting for.
                    display.say("ended at once; the same command again goes on from here")
                    sys.stderr.flush()
                    os._exit(128 + number)
                got = int(number)
                display.say("stopping when what is in flight has come back; once more to end at once")
                session.stop()

    async def look() -> None:
        while True:
            display.show(_standing(session))
            await anyio.sleep(_LOOK)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        tasks.start_soon(look)
        await session.run()
        tasks.cancel_scope.cancel()
    display.show(_standing(session))
    return got


def _standing(session: Running) -> Standing:
    tally = session.tally
    return Standing(
        share=tally.share,
        inputs=tally.inputs,
        done=tally.done,
        fresh=tally.fresh,
        failed=tally.failed,
        repeated=tally.repeated,
        pending=tally.pending,
        claims=tally.claims,
        usage=session.usage,
        cost=_money(session),
        state=session.state,
    )


def _money(session: Running) -> str:
    """Return what the run cost in words; nothing is said of a model on this machine."""
    if session.free:
        return ""
    return "cost unknown" if session.cost is None else f"${session.cost:.2f}"


def _numbers(session: Running) -> dict[str, Any]:
    tally = session.tally
    counts = {name: getattr(tally, name) for name in ("inputs", "done", "failed", "pending", "repeated", "fresh", "claims", "lost")}
    return {**counts, "usage": session.usage.model_dump(), "cost_usd": session.cost, "how": ended(session)}


def _last_words(session: Running, seconds: float) -> str:
    tally, job = session.tally, session.job
    met = f"{tally.inputs:,} {'article' if tally.inputs == 1 else 'articles'} met"
    parts = [f"{met}: {tally.done:,} done ({tally.fresh:,} now), {tally.failed:,} failed, {tally.pending:,} pending"]
    if tally.repeated:
        parts[0] += f", {tally.repeated:,} repeated"
    parts.append(f"{tally.claims:,} new claims")
    usage = session.usage
    spent = [
        f"{usage.input_tokens:,} tokens read and {usage.output_tokens:,} written" if usage.requests else "no model call",
        _money(session),
    ]
    parts += [", ".join(word for word in spent if word), f"{batch_display.span(seconds)}; results in {job.out}"]
    if tally.lost:
        parts.append("failures by kind: " + ", ".join(f"{number:,} {name}" for name, number in sorted(tally.lost.items())))
    if passed := session.passed:
        parts.append("passed over: " + ", ".join(f"{number:,} {why}" for why, number in sorted(passed.items())))
    return "; ".join(parts)


def _code(session: Running) -> int:
    """Return the exit code of a batch that came to its end."""
    kinds = [errors.by_name(name) for name in session.tally.lost]
    if any(issubclass(kind, ProviderError) for kind in kinds):
        return ProviderError.exit_code
    return ReaderError.exit_code if session.tally.failed else 0


@contextmanager
def _tracing(trace: str | None) -> Iterator[Tracing | None]:
    if trace is None:
        yield None
        return
    from extractor.telemetry import tracing

    with tracing(trace) as made:
        yield made


def _has_uvloop() -> bool:
    from importlib.util import find_spec

    return find_spec("uvloop") is not None
