"""Which models have a parser beside them: the one place where that is decided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from extractor.caches.base import Cache
from extractor.fetching import Progress
from extractor.models import Model
from extractor.parsers import data
from extractor.parsers.base import Parser
from extractor.parsers.remembered import Remembered
from extractor.settings import Settings
from extractor.trees import Tree


class Fetched:
    """The official parser, fetched and loaded when the first sentence comes.

    Args:
        settings: Where its data is, or goes.
        download: Told of bytes had and bytes in all while it is fetched.
    """

    def __init__(self, settings: Settings, download: Progress | None = None) -> None:
        self._settings = settings
        self._download = download

    @cached_property
    def identity(self) -> str:
        """SHA-256 of the data, in hexadecimal."""
        return data.IDENTITY if self._settings.parser is None else self._parser.identity

    def parse(self, texts: Sequence[str]) -> list[Tree]:
        """Return the tree of each of ``texts``, in order.

        Raises:
            MissingExtraError: spaCy is not installed.
            WeightsError: The data cannot be had or loaded.
        """
        return self._parser.parse(texts)

    @cached_property
    def _parser(self) -> Parser:
        from extractor.parsers.spacy import SpacyParser

        return SpacyParser(data.pull(self._settings, self._download))


def provide(model: Model, settings: Settings, cache: Cache, download: Progress | None = None) -> Parser | None:
    """Return the parser that reads sentences before ``model`` is asked; None for a model that reads whole articles itself.

    Args:
        model: The model.
        settings: Where the parser's data is, or goes.
        cache: Where trees are remembered.
        download: Told of bytes had and bytes in all while the data is fetched.
    """
    return Remembered(Fetched(settings, download), cache) if model.parsed else None
