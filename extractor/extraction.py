"""What comes of one article: its claims, and everything that must be known to trust them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from pydantic import Field

from extractor import errors
from extractor.claims import Claim, Verification
from extractor.documents import Document, Frozen, Span
from extractor.requests import Usage

Outcome = Literal["ok", "empty", "skipped", "refused", "truncated", "failed"]
"""``ok``: read, with drafts; ``empty``: read, without; ``skipped``: nothing in it to ask about; the others brought no whole answer."""


class DocumentRecord(Frozen):
    """What an Extraction says of its document; the text stays where it is.

    Attributes:
        id: Id of the document.
        source: Where it was read from.
        published: Publication date.
        title: Headline.
        publisher: Name of the outlet.
        language: BCP 47 tag.
        url: Where it was published.
        length: Code points of its text.
        sentences: How many sentences it has.
    """

    id: str
    source: str | None = None
    published: dt.date | None = None
    title: str | None = None
    publisher: str | None = None
    language: str = "en"
    url: str | None = None
    length: int = Field(ge=0)
    sentences: int = Field(ge=0)


class Rejection(Frozen):
    """A draft that could not be grounded or validated.

    Attributes:
        window: Number of its window, from 0.
        reason: Short name of the cause, such as ``not_in_window``.
        slot: The slot at fault, where it is one.
        message: The cause in words, as the model was told.
        draft: The draft as the model wrote it.
    """

    window: int = Field(ge=0)
    reason: str
    slot: str | None = None
    message: str
    draft: dict[str, Any] | None = None


class WindowReport(Frozen):
    """How one window went.

    Attributes:
        index: Its number within the document, from 0.
        start: Offset of its first sentence, in code points.
        end: Offset one past its last sentence.
        outcome: What came of it.
        detail: Why it was refused, cut off or failed.
        error: Class of the error by which a request about it failed; with an outcome other than ``failed``, its re-ask did.
        drafts: Drafts that were grounded.
        requests: Digests of the requests made for it, re-asks included.
        cached: Whether all of them were answered from the cache; null where none was made.
        usage: What it cost this time.
    """

    index: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    outcome: Outcome
    detail: str | None = None
    error: str | None = None
    drafts: int = 0
    requests: tuple[str, ...] = ()
    cached: bool | None = None
    usage: Usage = Usage()


class Provenance(Frozen):
    """What made an Extraction.

    Attributes:
        extractor: Version of this package.
        profile: Name of the extraction task.
        prompt: Reference of the prompt.
        prompt_digest: SHA-256 of the prompt file.
        model: Name of the model.
        endpoint: Digest of the model's file, or address of its server.
        parser: Digest of the parser's data; null where the model read alone.
    """

    extractor: str
    profile: str
    prompt: str
    prompt_digest: str
    model: str
    endpoint: str
    parser: str | None = None


class Extraction(Frozen):
    """The result for one document.

    Attributes:
        document: The document it is about.
        claims: Its claims, in the order of the text.
        verifications: What the article says about verification, with the claims it covers.
        records: Results of a profile whose schema is not that of claims, each valid for the profile's record model.
        rejections: Drafts that were thrown out, with the reason.
        planted: Sentences that speak to a machine instead of a reader; no claim is read from them.
        windows: How each window went.
        usage: What all of it cost this time; answers from the cache cost nothing.
        provenance: What made it.
    """

    document: DocumentRecord
    claims: tuple[Claim, ...]
    verifications: tuple[Verification, ...]
    records: tuple[dict[str, Any], ...] = ()
    rejections: tuple[Rejection, ...]
    planted: tuple[Span, ...] = ()
    windows: tuple[WindowReport, ...]
    usage: Usage
    provenance: Provenance

    @property
    def complete(self) -> bool:
        """Whether every window brought a whole answer."""
        return all(window.outcome in ("ok", "empty", "skipped") for window in self.windows)

    @property
    def unanswered(self) -> tuple[WindowReport, ...]:
        """Windows with a question that was not answered but may be another time, even if only as it was asked again."""
        return tuple(window for window in self.windows if window.outcome == "failed" or errors.may_pass(errors.by_name(window.error)))


Extract = Callable[[Document, str], Awaitable[Extraction]]
"""Makes the extraction of a document, which is said to be read from a place."""
