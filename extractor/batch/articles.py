"""One entry's way through the pipeline: it ends finished, or given up with a reason, or still pending where the run must stop."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from extractor import errors
from extractor.batch.results import Failed, Finished
from extractor.documents import Document
from extractor.errors import DeferredError, ExtractorError, RepeatedIdError
from extractor.extraction import Extract, Extraction, WindowReport
from extractor.memo import Kept
from extractor.readers.archives.entries import Entry, Page
from extractor.requests import Usage

_log = logging.getLogger(__name__)
_STOPPING: Final = (errors.ConfigurationError, errors.WeightsError, errors.StorageError)
"""Errors that every further article would meet too."""
_LATER: Final = frozenset(
    (DeferredError, errors.AuthenticationError, errors.BudgetError, errors.QuotaError, errors.StoppedError, errors.UnknownModelError)
)
"""Errors that say nothing of the article: it stays pending. Those derived of one may: that the article costs too much, for one."""


class Owners(Protocol):
    """Knows which entry of the batch has a document's id."""

    def owner(self, document: str) -> bytes | None:
        """Return the key of the finished entry whose document has this id, if there is one."""
        ...


async def _nothing(document: Document, source: str) -> None:
    """Remember nothing."""
    del document, source


@dataclass(slots=True)
class Articles:
    """Takes entries through the pipeline.

    Attributes:
        read: Makes an entry's document.
        extract: Makes a document's extraction, said to be read from a place.
        owners: Knows the ids that are taken; None where several articles may have one id.
        stopped: Returns the error for which no further request may be sent, if there is one.
        remembered: Returns a document's finished extraction, said to be read from a place, if it is remembered.
        put_off: Told of an entry that is still to be done, with what was made of its document meanwhile.
    """

    read: Callable[[Entry], Awaitable[Document]]
    extract: Extract
    owners: Owners | None = None
    stopped: Callable[[], ExtractorError | None] = lambda: None
    remembered: Callable[[Document, str], Awaitable[Kept | None]] = _nothing
    put_off: Callable[[Entry, Extraction], None] = lambda _, __: None
    _taken: dict[str, bytes] = field(default_factory=dict)

    async def do(self, entry: Entry) -> Finished | Failed | None:
        """Return what came of ``entry``; None where it is still to be done, since the run must stop.

        Raises:
            ExtractorError: No article can be done at all, such as for a model that cannot be had.
        """
        try:
            return await self._through(entry)
        except _STOPPING:
            raise
        except ExtractorError as error:
            return _failed(entry, type(error).__name__, _told(entry, str(error)), passing=error.retryable)
        except Exception as error:  # noqa: BLE001  # one article's fault, foreseen or not, is never the batch's
            _log.debug("a fault at %s", entry.where, exc_info=True)
            message = f"{entry.where}: a fault of this program ({type(error).__name__}); run it alone with EXTRACTOR_DEBUG=1 and report it"
            return _failed(entry, type(error).__name__, message)

    async def _through(self, entry: Entry) -> Finished | Failed | None:
        if entry.error is not None:
            raise entry.error
        document = await self.read(entry)
        self._claim(document.id, entry)
        result: Finished | Failed | None = None
        try:
            kept = await self.remembered(document, entry.where)
            if kept is not None:
                result = _finished(entry, document, kept.line, claims=kept.claims, complete=kept.complete)
            else:
                result = self._judged(entry, document, await self.extract(document, entry.where))
        finally:
            if not isinstance(result, Finished):
                self._let_go(document.id)
        return result

    def _judged(self, entry: Entry, document: Document, extraction: Extraction) -> Finished | Failed | None:
        failed = extraction.unanswered
        if failed:
            if self.stopped() is not None or any(errors.by_name(window.error) in _LATER for window in failed):
                self.put_off(entry, extraction)
                return None
            return _given_up(entry, document, extraction.usage, failed)
        line = extraction.model_dump_json().encode()
        return _finished(entry, document, line, claims=len(extraction.claims), complete=extraction.complete, usage=extraction.usage)

    def settle(self, finished: Finished) -> None:
        """Give back the id of an article that the owners know by now."""
        self._let_go(finished.document)

    def _let_go(self, document: str) -> None:
        if self.owners is not None:
            del self._taken[document]

    def _claim(self, document: str, entry: Entry) -> None:
        """Hold a document's id while it is worked on; of two articles with one id, the second is a fault of the archive."""
        if self.owners is None:
            return
        owner = self._taken.get(document) or self.owners.owner(document)
        if owner is not None and owner != entry.key:
            msg = (
                f"{entry.where} has the id '{document[:80]}' of another article of this batch; give each its own, or name no field for ids"
            )
            raise RepeatedIdError(msg)
        self._taken[document] = entry.key


def _finished(entry: Entry, document: Document, line: bytes, *, claims: int, complete: bool, usage: Usage | None = None) -> Finished:
    return Finished(
        key=entry.key,
        source=entry.source,
        position=entry.position,
        document=document.id,
        text=document.text if isinstance(entry.content, Page) else None,
        extraction=line,
        usage=usage or Usage(),
        claims=claims,
        outcome="ok" if complete else "partial",
    )


def _given_up(entry: Entry, document: Document, usage: Usage, windows: Sequence[WindowReport]) -> Failed:
    first = windows[0]
    kind = errors.by_name(first.error)
    message = f"{entry.where}: {first.detail or 'an answer had to be asked for again, and that failed'}"
    return _failed(
        entry,
        kind.__name__,
        message,
        passing=errors.may_pass(kind),
        attempts=sum(window.usage.requests for window in windows),
        document=document.id,
        usage=usage,
    )


def _failed(
    entry: Entry,
    error: str,
    message: str,
    *,
    passing: bool = False,
    attempts: int = 0,
    document: str | None = None,
    usage: Usage | None = None,
) -> Failed:
    return Failed(
        key=entry.key,
        source=entry.source,
        position=entry.position,
        document=document,
        error=error,
        message=message,
        attempts=attempts,
        passing=passing,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        usage=usage or Usage(),
    )


def _told(entry: Entry, message: str) -> str:
    return message if entry.source in message else f"{entry.where}: {message}"
