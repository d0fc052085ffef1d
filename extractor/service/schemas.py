"""What goes in and comes out over HTTP, as pydantic models: the one definition that bodies, OpenAPI and examples share.

An extraction goes out exactly as the command line writes it, so its model is ``extractor.extraction.Extraction``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationError

from extractor.claims import Claim
from extractor.documents import Document, Frozen
from extractor.errors import ReaderError, RefusedError
from extractor.extraction import Extraction, Outcome
from extractor.readers import text
from extractor.requests import Usage


def _valid(value: str) -> str:
    """Return ``value`` where it is valid text; a NUL or half of a surrogate pair would break whatever stores it."""
    if "\0" in value:
        msg = f"holds a NUL character at offset {value.index(chr(0))}"
        raise ValueError(msg)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        msg = f"holds a lone surrogate at offset {error.start}, so it is no valid text"
        raise ValueError(msg) from None
    return value


def _line(value: str) -> str:
    """Return ``value`` where it is valid text of one line."""
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in value):
        msg = "holds a control character"
        raise ValueError(msg)
    return _valid(value)


def _day(value: object) -> dt.date:
    """Return the date that ``value`` is or says; pydantic by itself takes "0" for the first day of 1970."""
    if type(value) is dt.date:
        return value
    msg = "must be a date, written as YYYY-MM-DD"
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(msg)
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(msg) from None


_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _told(pattern: str) -> Any:
    """Return what says in the schema what a validator, or the reader of articles, refuses."""
    return Field(json_schema_extra={"pattern": pattern})


_Article = Annotated[str, AfterValidator(_valid), _told(r"^[^\x00]*[^\x00\ufeff \t\r\n][^\x00]*$")]
_Text = Annotated[str, AfterValidator(_valid), _told(r"^[^\x00]*$")]
_Line = Annotated[str, AfterValidator(_line), _told(r"^[^\x00-\x1f\x7f-\x9f]*$")]
_Address = Annotated[str, AfterValidator(_line), _told("^https://")]
_Day = Annotated[dt.date, BeforeValidator(_day)]

EXAMPLE: Final[dict[str, Any]] = {
    "text": "Velorian forces lost 310 soldiers over the past day, Ostrava's military said on Wednesday.\n\n"
    "It was not possible to independently verify the count.",
    "published": "2026-03-11",
    "title": "Both sides claim heavy losses on the Tarn river",
}


class DocumentIn(Frozen):
    """One article as a client sends it.

    Attributes:
        text: The article; every offset of the answer counts its Unicode code points. A header of front matter is understood.
        id: Id to give it; by default the digest of text and metadata.
        published: Publication date. Without it relative times such as "on Wednesday" stay unresolved.
        title: Headline, if known apart from the text.
        publisher: Name of the outlet.
        language: BCP 47 tag.
        url: Where the article was published; it is noted, never fetched.
    """

    text: _Article = Field(min_length=1, description="The article. Offsets in the answer count its Unicode code points.")
    id: _Line | None = Field(default=None, min_length=1, max_length=500, description="Id to give it; by default a digest.")
    published: _Day | None = Field(default=None, description="Publication date, which relative times refer to.")
    title: _Text | None = Field(default=None, max_length=10_000)
    publisher: _Line | None = Field(default=None, max_length=1_000)
    language: str | None = Field(
        default=None, max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", description="BCP 47 tag; en by default."
    )
    url: _Line | None = Field(default=None, max_length=10_000, description="Where it was published; noted, never fetched.")


class ArticleIn(DocumentIn):
    """The body of ``POST /v1/extract``: an article, and whom to ask about it.

    Attributes:
        model: Name of one of the models of ``/v1/models``; the first of them by default.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    model: _Line | None = Field(default=None, max_length=200, description="One of the models of /v1/models.")


class WebhookIn(Frozen):
    """Where to tell that a job has ended.

    Attributes:
        url: An https address; it gets a POST signed by Standard Webhooks.
    """

    url: _Address = Field(min_length=1, max_length=2_000, description="An https address with a public host.")


class JobIn(Frozen):
    """The body of ``POST /v1/jobs``.

    Attributes:
        articles: The articles, each done by itself.
        model: Name of one of the models of ``/v1/models``.
        webhook: Where to tell of the end.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"articles": [EXAMPLE]}]})

    articles: tuple[DocumentIn, ...] = Field(min_length=1, description="Each is done by itself; results say which by its index.")
    model: _Line | None = Field(default=None, max_length=200, description="One of the models of /v1/models.")
    webhook: WebhookIn | None = None


JobState = Literal["queued", "running", "done"]


class JobOut(Frozen):
    """A job.

    Attributes:
        id: Its id.
        state: Whether it has begun, and whether every article has its result.
        created: When it was handed over.
        ended: When it was done.
        model: Who is asked.
        articles: How many articles it has.
        done: How many of them are extracted.
        failed: How many could not be.
        claims: How many claims were found so far.
        usage: What it cost so far; remembered answers cost nothing.
        waits_for: What holds it up, in words; null where nothing does.
    """

    id: str
    state: JobState
    created: dt.datetime
    ended: dt.datetime | None = None
    model: str
    articles: int
    done: int = 0
    failed: int = 0
    claims: int = 0
    usage: Usage = Usage()
    waits_for: str | None = None


class ProblemOut(Frozen):
    """Why a request was not answered (RFC 9457).

    Attributes:
        type: Address, on this server, of what the kind of problem means.
        title: The kind in a few words.
        status: The HTTP status.
        detail: What is wrong with this request, and what to do.
        errors: Places of the body that are wrong.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FaultOut, ...] = ()


class FaultOut(Frozen):
    """A place of a request's body that is wrong.

    Attributes:
        pointer: JSON pointer to it, as a fragment.
        detail: What is wrong there.
    """

    pointer: str
    detail: str


class ResultLine(Frozen):
    """One line of a job's results: of one article its extraction, or why there is none.

    Attributes:
        index: Number of the article within the job, from 0.
        extraction: What was made of it.
        problem: Why nothing was.
    """

    index: int
    extraction: Extraction | None = None
    problem: ProblemOut | None = None


class WindowOut(Frozen):
    """The data of a ``window`` event: what one part of the article brought.

    Its claims are those read so far; the final ``extraction`` may join repeated ones and link verifications.

    Attributes:
        index: Number of the part, from 0.
        of: How many parts there are.
        outcome: What came of it.
        claims: Its claims.
    """

    index: int
    of: int
    outcome: Outcome
    claims: tuple[Claim, ...]


class ModelOut(Frozen):
    """A model that is served.

    Attributes:
        id: Its name, as requests give it.
        default: Whether it is asked where none is named.
        local: Whether articles stay on the server's machine.
    """

    id: str
    default: bool
    local: bool


class ModelsOut(Frozen):
    """The models that are served, the default first."""

    models: tuple[ModelOut, ...]


class HealthOut(Frozen):
    """How the service is.

    Attributes:
        status: Whether it is fit for requests.
        detail: Why not, or what it lacks.
    """

    status: Literal["ok", "unavailable"]
    detail: str | None = None


ProblemOut.model_rebuild()
ResultLine.model_rebuild()


def document(article: DocumentIn, *, most: int) -> Document:
    """Return the document that ``article`` is: its text's header is understood, and what is given beside the text wins.

    Args:
        article: What the client sent.
        most: Largest size of the text, in bytes of UTF-8.

    Raises:
        RefusedError: The text is too large.
        ReaderError: It is empty, or its header holds no usable date.
    """
    if len(article.text) * 4 > most and len(article.text.encode()) > most:
        msg = f"the text is larger than {most / 1e6:g} MB, too large for one article; split it"
        raise RefusedError(msg, kind="too-large")
    read = text.parse(article.text, name="the text", published=article.published)
    given = article.model_dump(include=set(DocumentIn.model_fields) - {"text", "published"}, exclude_none=True)
    if not given:
        return read
    known = read.model_dump(exclude={"id"}, exclude_none=True)
    try:
        return Document.model_validate({**known, **given})
    except ValidationError as error:
        msg = f"the article cannot be used: {error.errors(include_url=False, include_input=False)[0]['msg']}"
        raise ReaderError(msg) from None
