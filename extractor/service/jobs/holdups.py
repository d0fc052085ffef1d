"""What holds up the jobs of a model, in words for those whose jobs they are: never the provider's, nor this server's paths."""

from __future__ import annotations

from typing import Final

from extractor import errors
from extractor.errors import ExtractorError

UNSERVED: Final = "the model is not served here any more; it goes on when it is served again"
_WORDS: Final[dict[type[ExtractorError], str]] = {
    errors.AuthenticationError: "the model's provider refuses this server's key; it goes on when it is taken again",
    errors.QuotaError: "this server's account with the model's provider has no credit left; it goes on when there is some",
    errors.UnknownModelError: "the model's provider does not know the model; it goes on when it does",
    errors.DeadlineError: "the model's provider does not answer; it goes on when it does",
    errors.DiskFullError: "this server's disk is full; it goes on when there is room",
    errors.WeightsError: "the model's file cannot be had; it goes on when it can",
    ExtractorError: "the model cannot be asked at the moment; it goes on when it can",
}


def words(error: ExtractorError) -> str:
    """Return what a job waits for that cannot go on because of ``error``."""
    return next(_WORDS[cls] for cls in type(error).__mro__ if cls in _WORDS)
