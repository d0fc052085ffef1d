"""What is computed of a document once, and kept for as long as the document is.

A table of fixed size would forget while many articles are in work at once, and keep large ones when none is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import finalize

from extractor.documents import Document

T = TypeVar("T")


def per_document(compute: Callable[[Document], T]) -> Callable[[Document], T]:
    """Return ``compute`` made to compute once what it returns of a document."""
    known: dict[int, T] = {}  # by identity: to compare documents costs more than what some callers compute

    @wraps(compute)
    def found(document: Document) -> T:
        key = id(document)
        if key not in known:
            known[key] = compute(document)
            finalize(document, known.pop, key, None).atexit = False
        return known[key]

    return found
