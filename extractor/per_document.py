"""What is computed of a document once, and kept for as long as the document is.

A table of fixed size would forget while many articles are in work at once, and keep large ones when none is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from extractor.documents import Document

T = TypeVar("T")


def per_document(compute: Callable[[Document], T]) -> Callable[[Document], T]:
    """Return ``compute`` made to compute once what it returns of a document, or of one that is equal to it."""
    known: WeakKeyDictionary[Document, T] = WeakKeyDictionary()

    @wraps(compute)
    def found(document: Document) -> T:
        if document in known:
            return known[document]
        result = known[document] = compute(document)
        return result

    return found
