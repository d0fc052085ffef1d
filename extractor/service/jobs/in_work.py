"""Articles of jobs on their way: done at their caller's expense, stopped when their job is deleted, tried again where that may help.

An article whose questions were not answered because the provider failed is tried again after each of ``PAUSES``: three times.
Then its result is the problem. How often it was tried is known to the process alone; one that takes over begins anew. While
the provider refuses every request alike (a refused key, no credit left), nothing fails: articles go back and wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import anyio

from extractor import errors
from extractor.batch.articles import Articles
from extractor.batch.results import Failed, Finished
from extractor.documents import Document
from extractor.errors import BudgetError, ExtractorError, ReaderError, RefusedError
from extractor.extraction import Extract, Extraction
from extractor.memo import Kept
from extractor.readers.archives.entries import Entry, Fields
from extractor.requests import Usage
from extractor.service.budgets import paying
from extractor.service.callers import Caller
from extractor.service.jobs.feed import Feed
from extractor.service.schemas import DocumentIn, document

PAUSES: Final = (10.0, 60.0, 300.0)
"""Seconds before each further try of an article that the provider failed for."""
_HOLD: Final = 60.0
"""Seconds for which nothing of a job is given out whose caller cannot pay."""
_MOMENT: Final = 1.0
"""The same for one that the model could not be asked about; where nothing can be asked at all, the run ends anyway."""
SPENT: Final = "what its key may spend in a day is spent; it goes on when the next day (UTC) begins, or when the key may spend more"
REVOKED: Final = "the key it was handed over with was revoked"


class Extracting(Protocol):
    """Makes extractions, as ``extractor.pipeline.Extractor`` does."""

    async def make(self, document: Document) -> Extraction:
        """Return the extraction of ``document``, made from answers."""
        ...

    async def remembered(self, document: Document) -> Kept | None:
        """Return the finished extraction that is remembered of it, if there is one."""
        ...


@dataclass(slots=True)
class InWork:
    """Takes articles of jobs through the pipeline, for batch's ``Run``.

    Attributes:
        feed: Where they come from, and go back to.
        extractor: Makes extractions.
        callers: Returns a caller by its id; None where its key was revoked.
        stopped: Returns the error for which nothing is sent at the moment, if there is one.
        most: Largest size of a text, in bytes of UTF-8.
        pauses: Seconds before each further try.
        count: Told of what came of an article.
        traced: Has what makes an extraction recorded, where anything is.
    """

    feed: Feed
    extractor: Extracting
    callers: Callable[[str], Caller | None]
    stopped: Callable[[], ExtractorError | None]
    most: int
    pauses: tuple[float, ...] = PAUSES
    count: Callable[[Finished | Failed], None] = lambda _: None
    traced: Callable[[Extract], Extract] = lambda extract: extract
    _articles: Articles = field(init=False)
    _scopes: defaultdict[int, set[anyio.CancelScope]] = field(init=False, default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Put batch's way of an article around this extractor."""
        self._articles = Articles(
            read=self._read,
            extract=self.traced(lambda document, _: self.extractor.make(document)),  # the extraction names no file, as none was read
            stopped=self.stopped,
            remembered=lambda document, _: self.extractor.remembered(document),
            put_off=self._put_off,
        )

    async def do(self, entry: Entry) -> Finished | Failed | None:
        """Return what came of an article; None where it went back, or its job is gone.

        Raises:
            ExtractorError: No article can be done at all.
        """
        job = self.feed.job(entry.key)
        if job is None:
            return None
        caller = self.callers(job.caller)
        if caller is None:
            self.feed.give_back(entry.key, Usage(), hold=_HOLD, why=REVOKED)
            return None
        scopes = self._scopes[job.number]
        payer = paying.set(caller)
        try:
            with anyio.CancelScope() as scope:
                scopes.add(scope)
                return self._settled(entry, await self._articles.do(entry))
        finally:
            paying.reset(payer)
            scopes.discard(scope)
            if not scopes:
                self._scopes.pop(job.number, None)
        return None  # its job was deleted

    def settle(self, finished: Finished) -> None:
        """Do nothing: two jobs may hold the same article."""

    def cancel(self, open_jobs: Collection[int]) -> None:
        """Stop what is in work of jobs that are none of ``open_jobs``."""
        for number in self._scopes.keys() - set(open_jobs):
            for scope in self._scopes[number]:
                scope.cancel()

    def _settled(self, entry: Entry, result: Finished | Failed | None) -> Finished | Failed | None:
        if result is None or (isinstance(result, Failed) and result.passing and self.feed.again(entry.key, result.usage, self.pauses)):
            return None
        result = replace(result, usage=self.feed.done(entry.key) + result.usage)
        self.count(result)
        return result

    def _put_off(self, entry: Entry, extraction: Extraction) -> None:
        """Give back an article that could not be asked about."""
        if any(errors.by_name(window.error) is BudgetError for window in extraction.windows):
            self.feed.give_back(entry.key, extraction.usage, hold=_HOLD, why=SPENT)
        else:
            self.feed.give_back(entry.key, extraction.usage, hold=_MOMENT)

    async def _read(self, entry: Entry) -> Document:
        assert isinstance(entry.content, Fields)
        try:
            return document(DocumentIn.model_validate_json(entry.content.raw), most=self.most)
        except RefusedError as error:
            raise ReaderError(str(error)) from error  # here it is one article's fault, not the request's
