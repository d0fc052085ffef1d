"""The service, called from Python: the same documents in and the same extractions out as in one's own process."""

from __future__ import annotations

from extractor.client.client import Client
from extractor.service.schemas import JobOut, ModelOut, ProblemOut, ResultLine, WindowOut

__all__ = ["Client", "JobOut", "ModelOut", "ProblemOut", "ResultLine", "WindowOut"]
