"""The inputs of a batch: everything that paths mean, as one stream of entries, and documents of them on request."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from extractor.documents import Document
from extractor.errors import ReaderError
from extractor.readers import text
from extractor.readers.archives import objects, table
from extractor.readers.archives.entries import Entry, Fields, Page, Text
from extractor.readers.archives.fields import Naming
from extractor.readers.archives.files import Files
from extractor.readers.archives.pages import Pages
from extractor.readers.archives.reading import Rules, Source


class Inputs:
    """Articles wherever they stand: in folders, in files, in archives.

    Iterating blocks on files, holds no file and no list of them, and may be done again. Whatever is wrong inside a file is
    an entry with an error; only what is wrong with the paths themselves is raised.

    Args:
        paths: Files, folders and patterns.
        form: The format of all files, whatever their names say; a key of ``table.FORMS``.
        fields: Key of each field of a document that the user named: ``{"text": "body"}``.
        published: A publication date that wins over those of the articles.
        most: Largest size of an article, in bytes.
        without: Folders that are passed over, for example the one the results go to.
        pages: What reads HTML; ended with this object.

    Attributes:
        counts: What was passed over in the current pass, by why.

    Raises:
        ReaderError: A path does not exist, is of an unknown kind, or holds nothing readable.
        ConfigurationError: The format or a field is unknown.
    """

    def __init__(
        self, paths: Sequence[str | Path], *, form: str | None = None, fields: Mapping[str, str] | None = None,
        published: dt.date | None = None, most: int = 2_000_000, without: Sequence[Path] = (), pages: Pages | None = None,
    ) -> None:  # fmt: skip
        if form is not None:
            table.named(form)
        self.counts: Counter[str] = Counter()
        self._form = form
        self._rules = Rules(Naming(fields), published, most, self.counts)
        self._pages = pages or Pages(most=most)
        self._files = Files([str(path) for path in paths], lambda name: table.reader(name, form) is not None, without=without)

    @property
    def size(self) -> int:
        """Bytes of all files now; folders are walked for it."""
        return sum(file.size for file in self._files.walk(Counter()))

    def __iter__(self) -> Iterator[Entry]:
        """Yield every entry, file after file; ``counts`` begins anew."""
        self.counts.clear()
        before = 0
        for file in self._files.walk(self.counts):
            found = table.reader(file.path.name, self._form)
            assert found is not None
            reader, packing = found
            yield from reader.entries(Source(file, self._rules, packing=packing, before=before))
            before += file.size

    async def document(self, entry: Entry) -> Document:
        """Return the document that ``entry`` is.

        Raises:
            ReaderError: It is none; the message says where it stands, what is wrong and what to do.
        """
        name, rules = entry.where, self._rules
        match entry.content:
            case Text(raw):
                return text.parse(text.decode(raw, name), name=name, published=rules.published)
            case Fields(raw):
                try:
                    values = objects.parse(raw)
                except ValueError as error:
                    msg = f"{name} {error}; correct it or leave it out"
                    raise ReaderError(msg) from None
                return rules.naming.document(values, name=name, published=rules.published, most=rules.most)
            case Page() as page:
                found = await self._pages.read(page, name)
                captured = page.captured.isoformat() if page.captured else None
                values = {**found, "published": found.get("published") or captured}
                return _PAGE.document(values, name=name, published=rules.published, most=4 * rules.most)
            case None:
                raise entry.error or ReaderError(f"{name} cannot be read")

    async def aclose(self) -> None:
        """End what reads pages."""
        await self._pages.aclose()


_PAGE = Naming()
"""A page's fields are called as the document's are; what it says of itself may be left out."""
