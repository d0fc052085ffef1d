"""Finished extractions remembered: what a run from remembered answers would return, without reading the article again.

Answers are what cost money, and the cache keeps them; all else is computed from them on every run, which takes tens of
milliseconds an article. Here the outcome is kept beside them, under a digest of everything that decides it, so that a
changed line of code, prompt or table of parties is a miss. Nothing else knows of these entries: to delete them loses time only.

Refused and cut-off windows are answers that the cache keeps too, so they are remembered with the rest. An article for which any
request failed is not: asked again it may come out otherwise.
"""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from extractor.caches.base import Cache
from extractor.claims import Claim
from extractor.documents import Document
from extractor.errors import StorageError
from extractor.extraction import Extraction
from extractor.requests import Usage

_log = logging.getLogger(__name__)
_FORM: Final = 1
"""Goes up when what is kept of an extraction changes."""
_LEVEL: Final = 1
"""Of compression: a sixth of the size in a fifth of a millisecond; higher levels take thrice as long for a tenth less."""
_NO_SOURCE: Final = b'"source":null'
"""Stands in a document's record behind its id; inside a JSON text its quotes would be escaped, so the first one is that."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A remembered extraction, not parsed.

    Attributes:
        line: The extraction as one line of JSON, without line end.
        claims: How many claims it has.
        complete: Whether every window brought a whole answer.
    """

    line: bytes
    claims: int
    complete: bool


class Memo:
    """Remembers finished extractions of one maker.

    Args:
        cache: Where they are kept; a damaged entry is a miss.
        maker: Digest of what makes them, as ``extractor.maker.maker`` returns it.

    Attributes:
        cache: The same.
    """

    def __init__(self, cache: Cache, maker: str) -> None:
        self.cache = cache
        self._maker = maker

    def line(self, document: Document, *, source: str | None = None, repeat: int = 0) -> Kept | None:
        """Return what is remembered of ``document`` as bytes, or None.

        Args:
            document: The article.
            source: Where it was read from this time, for the record.
            repeat: Number of the repetition.
        """
        key = self._key(document, repeat)
        value = self.cache.get(key)
        if value is None:
            return None
        try:
            head, line = zlib.decompress(value).split(b"\n", maxsplit=1)
            claims, complete = map(int, head.split())
        except (ValueError, zlib.error):
            self._drop(key)
            return None
        if source is not None:
            line = line.replace(_NO_SOURCE, b'"source":' + json.dumps(source, ensure_ascii=False).encode("utf-8", "replace"), 1)
        return Kept(line, claims, bool(complete))

    def extraction(self, document: Document, *, source: str | None = None, repeat: int = 0) -> Extraction | None:
        """Return what is remembered of ``document``, or None; arguments as for ``line``."""
        kept = self.line(document, source=source, repeat=repeat)
        if kept is None:
            return None
        try:
            return Extraction.model_validate_json(kept.line)
        except ValidationError:
            self._drop(self._key(document, repeat))
            return None

    def keep(self, document: Document, extraction: Extraction, *, repeat: int = 0) -> None:
        """Remember ``extraction`` as a run from remembered answers would return it, where it is one that such a run would return.

        Args:
            document: The article.
            extraction: What was made of it. One with a failed request is not kept, nor one with records, in which a user's profile may
                have written what a run from remembered answers would not.
            repeat: Number of the repetition.
        """
        if any(window.error is not None for window in extraction.windows) or extraction.records:
            return
        line = free(extraction).model_dump_json().encode()
        head = f"{len(extraction.claims)} {int(extraction.complete)}\n".encode()
        try:
            self.cache.set(self._key(document, repeat), zlib.compress(head + line, _LEVEL))
        except StorageError as error:  # of answers that cannot be stored the exchange tells
            _log.debug("%s; a finished extraction is not remembered", error)

    def _drop(self, key: str) -> None:
        _log.debug("the remembered extraction %s is damaged: it is dropped and made anew", key[:12])
        self.cache.drop(key)

    def _key(self, document: Document, repeat: int) -> str:
        known = hashlib.sha256(f"extraction {_FORM} {self._maker} {repeat}\n".encode())
        known.update(document.model_dump_json().encode())
        return known.hexdigest()


def free(extraction: Extraction) -> Extraction:
    """Return ``extraction`` as it would be had every answer been remembered, and without the place it was read from."""
    return extraction.model_copy(
        update={
            "document": extraction.document.model_copy(update={"source": None}),
            "claims": tuple(_free(claim) for claim in extraction.claims),
            "windows": tuple(
                window.model_copy(update={"cached": True if window.requests else None, "usage": Usage()}) for window in extraction.windows
            ),
            "usage": Usage(),
        }
    )


def _free(claim: Claim) -> Claim:
    """Return a claim with its answers remembered; one that no model was asked about stays as it is."""
    if claim.provenance.cached or not claim.provenance.requests:
        return claim
    return claim.model_copy(update={"provenance": claim.provenance.model_copy(update={"cached": True})})
