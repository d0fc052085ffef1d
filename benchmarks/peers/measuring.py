"""What every client of the comparison shares: its work from standard input, its clock, and one line of JSON at the end.

The first line is the job: ``url``, ``in_flight``, ``system``, the ``turns`` before the article, and ``schema``; then an article a line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

CLAIMS: Final = 12
"""Claims of each article; an answer with fewer was not read well."""


@dataclass
class Work:
    """What is to be done, and what was.

    Attributes:
        job: Where and how to ask.
        articles: The articles, as lines of JSON.
        claims: Claims found so far.
    """

    job: dict[str, Any]
    articles: list[bytes]
    claims: int = 0
    clock: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Count what happens inside: seconds, and the process's own processor time in them."""
        began, used = time.perf_counter(), time.process_time()
        yield
        self.clock = {"cpu": time.process_time() - used, "seconds": time.perf_counter() - began}

    async def by_workers(self, send: Callable[[bytes], Awaitable[int]], *, gather: Callable[..., Awaitable[Any]]) -> None:
        """Have every article answered by as many workers as may be in flight, after one that opens the way."""
        await send(self.articles[0])
        rest = iter(self.articles[1:])

        async def worker() -> None:
            for line in rest:
                found = await send(line)
                self.claims += found

        with self.measured():
            await gather(*[worker() for _ in range(self.job["in_flight"])])

    def tell(self) -> None:
        """Print the figures."""
        print(json.dumps({"articles": len(self.articles) - 1, "claims": self.claims, **self.clock}))


def read() -> Work:
    """Return the work on standard input."""
    first, *articles = sys.stdin.buffer.read().splitlines()
    return Work(json.loads(first), articles)


def shown(text: str) -> str:
    """Return the sentences of one of the benchmark's articles, numbered; all of them end where a capital follows."""
    flat = text.replace("\n\n", " ").split(". ")
    return "\n".join(f"[{number}] {sentence.removesuffix('.')}." for number, sentence in enumerate(flat, 1))
