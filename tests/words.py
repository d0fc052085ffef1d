"""Small builders the tests share."""

from __future__ import annotations

import json
from datetime import date

from extractor.documents import Document, Window
from extractor.grounding import Haystack
from extractor.segmentation import sentences, windows

WEDNESDAY = date(2026, 3, 11)


def window(text: str, *, published: date | None = WEDNESDAY) -> Window:
    """Return the one window that all sentences of ``text`` make."""
    document = Document(text=text, published=published)
    return windows(document, sentences(document), size=None)[0]


def haystack(text: str) -> Haystack:
    """Return that window made ready."""
    return Haystack(window(text))


def answer(*drafts: dict[str, object]) -> str:
    """Return a model's answer of ``drafts``."""
    return json.dumps({"claims": list(drafts)})
