"""A batch's run over articles and results in memory, for tests of everything around a store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable

from extractor import models, prompts
from extractor.batch.articles import Articles
from extractor.batch.feed import Feed
from extractor.batch.results import Failed, Finished
from extractor.batch.run import Run
from extractor.batch.tally import Tally
from extractor.caches.base import MemoryCache
from extractor.documents import Document
from extractor.errors import ExtractorError, ReaderError
from extractor.exchange import Exchange
from extractor.pipeline import Extractor
from extractor.profiles import resolve
from extractor.providers.base import Provider
from extractor.readers.archives.entries import Entry, Text
from extractor.retries import RetryPolicy
from extractor.settings import load

NOTHING = json.dumps({"claims": []})
"""An answer without claims."""


class MemoryStore:
    """Keeps results for as long as it lives."""

    def __init__(self) -> None:
        self.results: dict[bytes, Finished | Failed] = {}
        self.met: set[bytes] = set()
        self.commits: list[int] = []
        self.sealed: list[int] = []

    def begin_pass(self) -> None:
        self.met.clear()

    def visit(self, keys):
        found = []
        for key in keys:
            known = self.results.get(key)
            state = "new" if known is None else "done" if isinstance(known, Finished) else "passing" if known.passing else "failed"
            found.append("repeated" if key in self.met else state)
            self.met.add(key)
        return found

    def owner(self, document):
        return next((key for key, one in self.results.items() if isinstance(one, Finished) and one.document == document), None)

    def commit(self, results) -> None:
        self.commits.append(len(results))
        self.results |= {result.key: result for result in results}

    def roll(self):
        return None

    def seal(self, part) -> None:
        self.sealed.append(part)

    @property
    def done(self) -> list[Finished]:
        return [one for one in self.results.values() if isinstance(one, Finished)]

    @property
    def failed(self) -> list[Failed]:
        return [one for one in self.results.values() if isinstance(one, Failed)]


def entry(text: str, number: int = 1, error: ReaderError | None = None) -> Entry:
    key = hashlib.sha256(text.encode()).digest()[:16]
    return Entry("archive.jsonl", f"line {number}", key, Text(text.encode()) if error is None else None, error=error, read=number)


def articles(*texts: str) -> list[Entry]:
    return [entry(text, number) for number, text in enumerate(texts, start=1)]


def extractor(provider: Provider, *, attempts: int = 1, gate=None, cache=None) -> Extractor:
    """An extractor that asks about whole articles, as it does of hosted models."""
    model = models.resolve(load(model="openai/scripted"))
    profile = resolve("claims")
    policy = RetryPolicy(attempts=attempts, first_wait=0.0, longest_wait=0.0, parked=gate is not None)
    exchange = Exchange(provider, cache if cache is not None else MemoryCache(), policy, gate)
    return Extractor(model=model, exchange=exchange, profile=profile, prompt=prompts.load(profile.prompt))


async def read(one: Entry) -> Document:
    assert isinstance(one.content, Text)
    return Document(text=one.content.raw.decode())


def a_run(
    entries: Iterable[Entry],
    provider: Provider,
    store: MemoryStore,
    *,
    lanes: int = 4,
    gate=None,
    attempts: int = 1,
    stopped: Callable[[], ExtractorError | None] = lambda: None,
    said: list[str] | None = None,
    reading=read,
    cache=None,
    drain: float = 30.0,
) -> Run:
    """A pass over ``entries``."""
    asked = extractor(provider, attempts=attempts, gate=gate, cache=cache)
    tally = Tally()
    store.begin_pass()
    return Run(
        feed=Feed(entries, store, tally),
        articles=Articles(reading, lambda document, source: asked.extract(document, source=source), store, stopped),
        store=store,
        tally=tally,
        lanes=lanes,
        stopped=stopped,
        say=(said if said is not None else []).append,
        drain=drain,
    )
