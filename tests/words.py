"""Small builders the tests share."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from extractor import Extractor, MemoryCache, ScriptedProvider, models, prompts, settings
from extractor.caches.base import Cache
from extractor.documents import Document, Window
from extractor.exchange import Exchange
from extractor.grounding import Haystack
from extractor.parsers.base import Parser
from extractor.profiles import PROFILES
from extractor.retries import RetryPolicy
from extractor.segmentation import sentences, windows

WEDNESDAY = date(2026, 3, 11)


def window(text: str, *, published: date | None = WEDNESDAY) -> Window:
    """Return the one window that all sentences of ``text`` make."""
    document = Document(text=text, published=published)
    return windows(document, sentences(document), size=None)[0]


def haystack(text: str) -> Haystack:
    """Return that window made ready."""
    return Haystack(window(text))


def asking(
    provider: ScriptedProvider,
    *,
    model: str = "openai/x",
    parser: Parser | None = None,
    cache: Cache | None = None,
    attempts: int = 1,
    **changes: object,
) -> Extractor:
    """Return an extractor of claims that asks ``provider``, as the table of models says of ``model`` but for ``changes``."""
    profile = PROFILES["claims"]
    chosen = replace(models.resolve(settings.load(model=model)), **changes)
    exchange = Exchange(provider, cache if cache is not None else MemoryCache(), RetryPolicy(attempts=attempts))
    parsed = prompts.load(profile.parsed.prompt) if parser is not None else None
    return Extractor(model=chosen, exchange=exchange, profile=profile, prompt=prompts.load(profile.prompt), parser=parser, parsed=parsed)


def answer(*drafts: dict[str, object]) -> str:
    """Return a model's answer of ``drafts``."""
    return json.dumps({"claims": list(drafts)})
