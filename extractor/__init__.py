"""Claims as data: who claims what in a news article, every slot at the exact characters it was read from."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from extractor._version import __version__

if TYPE_CHECKING:
    from extractor.caches.base import MemoryCache, NoCache
    from extractor.claims import Claim
    from extractor.documents import Document, Mention, Span
    from extractor.errors import ExtractorError
    from extractor.extraction import Extraction
    from extractor.pipeline import Extractor, extract
    from extractor.providers.scripted import ScriptedProvider
    from extractor.settings import Settings

__all__ = [
    "Claim",
    "Document",
    "Extraction",
    "Extractor",
    "ExtractorError",
    "MemoryCache",
    "Mention",
    "NoCache",
    "ScriptedProvider",
    "Settings",
    "Span",
    "__version__",
    "extract",
]

# Loaded when first asked for: `extractor --help` must not wait for what it does not use.
_HOMES = {
    "Claim": "claims",
    "Document": "documents",
    "Extraction": "extraction",
    "Extractor": "pipeline",
    "ExtractorError": "errors",
    "MemoryCache": "caches.base",
    "Mention": "documents",
    "NoCache": "caches.base",
    "ScriptedProvider": "providers.scripted",
    "Settings": "settings",
    "Span": "documents",
    "extract": "pipeline",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        msg = f"module 'extractor' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(f"extractor.{home}"), name)


def __dir__() -> list[str]:
    return __all__
