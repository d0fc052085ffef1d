"""What became of one article as a line of a job's results: a ``ResultLine`` in JSON, put together of bytes and never parsed."""

from __future__ import annotations

import json

from extractor import errors
from extractor.batch.results import Failed, Finished
from extractor.errors import ExtractorError, ProviderError, RefusedError
from extractor.service import problems


def line(place: int, result: Finished | Failed) -> bytes:
    """Return the line of the article at ``place``, without line end.

    A problem is told as the same article alone would be answered.
    """
    extraction = result.extraction if isinstance(result, Finished) else b"null"
    problem = json.dumps(problems.member(_error(result))).encode() if isinstance(result, Failed) else b"null"
    return b'{"index":%d,"extraction":%b,"problem":%b}' % (place, extraction, problem)


def _error(failed: Failed) -> ExtractorError:
    found = errors.by_name(failed.error)
    if issubclass(found, RefusedError):
        return found(failed.message, kind="invalid")
    if issubclass(found, ProviderError):
        return found(failed.message, attempts=failed.attempts)
    return found(failed.message)
