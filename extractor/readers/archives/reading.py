"""What every reader of archives needs to make entries: the rules of the user, and the file it is reading."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass, field

from extractor.errors import ReaderError
from extractor.readers.archives.compression import Opened
from extractor.readers.archives.entries import Content, Entry, Keys, place
from extractor.readers.archives.fields import Naming
from extractor.readers.archives.files import File


@dataclass(frozen=True, slots=True)
class Rules:
    """How archives are to be read.

    Attributes:
        naming: Which keys fill the fields of a document.
        published: A publication date that wins over those of the articles.
        most: Largest size of an article, in bytes.
        counts: What was passed over, by why; readers add to it.
        keys: Makes the keys of entries.
    """

    naming: Naming = field(default_factory=Naming)
    published: dt.date | None = None
    most: int = 2_000_000
    counts: Counter[str] = field(default_factory=Counter)
    keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        said = self.naming.digest + str(self.published or "").encode()
        object.__setattr__(self, "keys", Keys(hashlib.sha256(said).digest()))

    @property
    def longest(self) -> int:
        """Largest size of a line or row, in bytes: JSON may write six for a character of two, and has other fields."""
        return 4 * self.most

    def too_long(self, size: int) -> str:
        """Return what is wrong with a line or row of ``size`` bytes."""
        return f"is {size / 1e6:,.1f} MB, larger than {self.longest / 1e6:g} MB; split it, or raise EXTRACTOR_MAX_BYTES"


class Source:
    """A file whose entries are being made.

    Args:
        file: The file.
        rules: How it is read.
        packing: How it is packed, a suffix of ``compression.PACKINGS``.
        before: Bytes of the inputs before it.
    """

    def __init__(self, file: File, rules: Rules, *, packing: str = "", before: int = 0) -> None:
        self.file = file
        self.rules = rules
        self._packing = packing
        self._before = before
        self._opened: Opened | None = None

    def open(self) -> Opened:
        """Open the file, unpacked.

        Raises:
            OSError: It cannot be opened.
        """
        self._opened = Opened(self.file.path, self._packing)
        return self._opened

    def entry(self, content: Content, position: str = "", *, read: int | None = None) -> Entry:
        """Return the entry with ``content``.

        Args:
            content: What its document is made from.
            position: Where it stands.
            read: Bytes of this file read so far, where the reader knows better than the open file.
        """
        return Entry(self.file.name, position, self.rules.keys.of(content), content, None, self._read(read))

    def failed(self, why: str, position: str = "", *, known_by: str | bytes | None = None, read: int | None = None) -> Entry:
        """Return an entry that cannot be read.

        Args:
            why: What is wrong and what to do, to follow the name of the place and a colon.
            position: Where it stands.
            known_by: Its content, or the digest of it, for the key; without it, the place and the file's size are its key.
            read: Bytes of this file read so far, where the reader knows better than the open file.
        """
        known: tuple[str | bytes, ...] = (known_by,) if known_by is not None else (self.file.name, position, str(self.file.size))
        error = ReaderError(f"{place(self.file.name, position)}: {why}")
        return Entry(self.file.name, position, self.rules.keys.of_failed(why, *known), None, error, self._read(read))

    def broken(self, error: Exception, position: str = "") -> Entry:
        """Return the entry that stands for all of the file that could not be read because of ``error``."""
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return self.failed(f"cannot be read ({why.splitlines()[0][:200]}); fetch or pack the file again", position)

    def _read(self, read: int | None) -> int:
        if read is None and self._opened is not None:
            read = self._opened.tell()
        return self._before + (self.file.size if read is None else read)
