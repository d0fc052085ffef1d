"""Documents and places in them. All offsets are code points of ``Document.text``, half-open."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from extractor.trees import Tree


class Frozen(BaseModel):
    """Base of the public values: immutable, closed, strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Frozen):
    """Some characters of a document: ``document.text[start:end] == text``.

    Attributes:
        text: The characters themselves.
        start: Offset of the first, in code points.
        end: Offset one past the last, in code points.
    """

    text: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int = Field(ge=1)

    @model_validator(mode="after")
    def _as_long_as_its_text(self) -> Span:
        if self.end - self.start != len(self.text):
            msg = f"a span of {self.end - self.start} code points cannot hold a text of {len(self.text)}"
            raise ValueError(msg)
        return self


class Mention(Span):
    """Words of the document that fill a slot of a claim."""


class Document(Frozen):
    """One article: its text exactly as read, and what is known about it.

    Attributes:
        text: The whole text of the source, header included; every offset counts its code points.
        id: Given, or the digest of text and metadata.
        published: Publication date; without it relative times stay unresolved.
        title: Headline, if known apart from the text.
        publisher: Name of the outlet.
        language: BCP 47 tag.
        url: Where the article was published.
        body_start: Offset at which the article proper begins, after any header the reader recognised.
    """

    text: str
    id: str = ""
    published: date | None = None
    title: str | None = None
    publisher: str | None = None
    language: str = "en"
    url: str | None = None
    body_start: int = Field(default=0, ge=0)

    @field_validator("text")
    @classmethod
    def _is_unicode(cls, text: str) -> str:
        if not text.isascii() and (lone := _SURROGATE.search(text)):
            msg = f"the text holds a lone surrogate (U+{ord(lone[0]):04X} at offset {lone.start()}), so it is no valid Unicode"
            raise ValueError(msg)
        return text

    @model_validator(mode="before")
    @classmethod
    def _identified(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("id") and isinstance(values.get("text"), str):
            known = "\x1f".join(f"{name}={values[name]}" for name in _IDENTITY if values.get(name) is not None)
            digest = hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()
            return {**values, "id": digest[:32]}
        return values

    def quote(self, start: int, end: int) -> str:
        """Return the characters from ``start`` to ``end``."""
        return self.text[start:end]


_SURROGATE = re.compile("[\ud800-\udfff]")
_IDENTITY = ("text", "published", "title", "publisher", "language", "url")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A numbered sentence of a document.

    Attributes:
        index: Number within the document, from 0.
        start: Offset of its first code point.
        end: Offset one past its last code point.
        paragraph: Number of its paragraph within the document, from 0.
        tree: Its grammar, where a parser drew it.
    """

    index: int
    start: int
    end: int
    paragraph: int
    tree: Tree | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Window:
    """A run of sentences the model is asked about, with read-only context before it.

    Attributes:
        document: Where the sentences stand.
        index: Number of the window within the document, from 0.
        sentences: The sentences asked about, in order; the model knows them by their number in here, from 1.
        context: Sentences before them, shown but not asked about.
    """

    document: Document
    index: int
    sentences: tuple[Sentence, ...]
    context: tuple[Sentence, ...] = ()

    @property
    def start(self) -> int:
        """Offset of the first sentence asked about."""
        return self.sentences[0].start

    @property
    def end(self) -> int:
        """Offset one past the last sentence asked about."""
        return self.sentences[-1].end

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The sentences asked about, exactly as they stand in the document."""
        return tuple(self.document.text[s.start : s.end] for s in self.sentences)
