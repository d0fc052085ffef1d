"""Providers by the name a model's entry gives: the one place where they are listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from extractor.models import Model
from extractor.providers import weights
from extractor.providers.base import Provider
from extractor.providers.embedded import EmbeddedProvider
from extractor.providers.openai import OpenAIProvider
from extractor.providers.weights import Progress
from extractor.settings import Settings


def _embedded(model: Model, settings: Settings, download: Progress | None) -> Provider:
    return EmbeddedProvider(
        model,
        sha256=weights.identity(model, settings),
        file=lambda: weights.pull(model, settings, download),
        parallel=settings.parallel or model.parallel,
        state=settings.cache_dir,
        timeout=settings.deadline,
    )


def _openai(_: Model, settings: Settings, __: Progress | None) -> Provider:
    return OpenAIProvider(base_url=settings.base_url, key=settings.key, timeout=settings.deadline)


PROVIDERS: Final[dict[str, Callable[[Model, Settings, Progress | None], Provider]]] = {"embedded": _embedded, "openai": _openai}
"""Makes the provider of a model."""


def provide(model: Model, settings: Settings, download: Progress | None = None) -> Provider:
    """Return who answers for ``model``, as the settings say; ``download`` is told while a file is fetched."""
    return PROVIDERS[model.provider](model, settings, download)
