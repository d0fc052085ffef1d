"""What comes of an entry: a result, or a dead letter that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extractor.requests import Usage

Visit = Literal["new", "done", "failed", "passing", "repeated"]
"""What is known of an entry: nothing; finished; given up for good; given up for what may have passed; met before in this pass."""


@dataclass(frozen=True, slots=True)
class Finished:
    """An article that was extracted.

    Attributes:
        key: The entry's key, 16 bytes.
        source: File it stands in, as the user named it.
        position: Where in the file; empty for a file that is one article.
        document: Id of its document.
        text: Its text, where that is not the input's own characters, as of a page of HTML.
        extraction: Its Extraction as one line of JSON.
        usage: What it cost this time.
        claims: How many claims it has.
        outcome: ``ok``, or ``partial`` where a window was refused or cut off.
    """

    key: bytes
    source: str
    position: str
    document: str
    text: str | None
    extraction: bytes
    usage: Usage
    claims: int
    outcome: Literal["ok", "partial"]


@dataclass(frozen=True, slots=True)
class Failed:
    """An article that was given up: a dead letter.

    Attributes:
        key: The entry's key, 16 bytes.
        source: File it stands in, as the user named it.
        position: Where in the file; empty for a file that is one article.
        document: Id of its document, where it could be read.
        error: Class of the error.
        message: What is wrong, where, and what to do.
        attempts: Requests sent in vain.
        passing: Whether trying again may help.
        at: When, as an ISO 8601 time in UTC.
        usage: What it cost: requests that failed, and answers to its other windows, which are remembered.
    """

    key: bytes
    source: str
    position: str
    document: str | None
    error: str
    message: str
    attempts: int
    passing: bool
    at: str
    usage: Usage
