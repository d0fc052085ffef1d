"""The readers of archives: which files are whose, and what each is called with ``--format``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from extractor.errors import ConfigurationError
from extractor.readers.archives import csv, jsonl, parquet, warc, wholes
from extractor.readers.archives.compression import PACKINGS
from extractor.readers.archives.entries import Entry
from extractor.readers.archives.reading import Source


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one kind of file.

    Attributes:
        form: What it is called with ``--format``.
        suffixes: Of the names of its files.
        entries: Yields the entries of a file.
        packed: Whether its files may be packed, and are unpacked for it.
        holds: What its files hold.
    """

    form: str
    suffixes: tuple[str, ...]
    entries: Callable[[Source], Iterator[Entry]]
    packed: bool
    holds: str


READERS: Final = (
    Reader("text", (".txt", ".text", ".md"), wholes.text, packed=True, holds="one article as plain text, with or without front matter"),
    Reader("html", (".html", ".htm", ".xhtml"), wholes.page, packed=True, holds="one article as a page of HTML"),
    Reader("json", (".json",), wholes.object_, packed=True, holds="one article as a JSON object"),
    Reader("jsonl", (".jsonl", ".ndjson"), jsonl.read, packed=True, holds="a JSON object a line, each an article"),
    Reader("csv", (".csv", ".tsv"), csv.read, packed=True, holds="a table with a header, each row an article"),
    Reader("parquet", (".parquet",), parquet.read, packed=False, holds="a table, each row an article"),
    Reader("warc", (".warc", ".warc.gz", ".warc.zst"), warc.read, packed=False, holds="pages a crawler fetched"),
)
FORMS: Final = {reader.form: reader for reader in READERS}


def named(form: str) -> Reader:
    """Return the reader that is called ``form``.

    Raises:
        ConfigurationError: None is.
    """
    if form not in FORMS:
        msg = f"there is no format '{form}'; choose one of {', '.join(FORMS)}"
        raise ConfigurationError(msg)
    return FORMS[form]


def reader(name: str, form: str | None = None) -> tuple[Reader, str] | None:
    """Return the reader for a file of this name and how the file is packed; None if nobody reads it.

    Args:
        name: Name of the file.
        form: The reader that is asked for, whatever the name says.
    """
    low = PurePath(name).name.lower()
    packing = next((suffix for suffix in PACKINGS if low.endswith(suffix)), "")
    if form is not None:
        asked = named(form)
        return asked, packing if asked.packed else ""
    for one in READERS:
        if low.endswith(one.suffixes):
            return one, ""
        if one.packed and packing and low.removesuffix(packing).endswith(one.suffixes):
            return one, packing
    return None
