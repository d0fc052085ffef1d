"""Results written earlier, read back: one JSON object, or one a line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from extractor.claims import Claim
from extractor.errors import ReaderError
from extractor.extraction import Extraction


def read(path: Path) -> list[Extraction]:
    """Return the extractions in a file that ``extractor extract`` wrote as json or jsonl.

    Raises:
        ReaderError: The file cannot be read or holds no extraction.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read ({error}); give a file written by 'extractor extract --format json'"
        raise ReaderError(msg) from error
    try:
        with suppress(ValidationError):  # more than one object
            return [Extraction.model_validate_json(text)]
        return [Extraction.model_validate_json(line) for line in text.splitlines() if line.strip()]
    except ValidationError as error:
        msg = f"{path}: holds no extraction; write one with 'extractor extract ARTICLE --format json --out {path.stem}.json'"
        raise ReaderError(msg) from error


def find(path: Path, claim: str) -> tuple[Extraction, Claim]:
    """Return the claim whose id begins with ``claim``, and its extraction.

    Raises:
        ReaderError: No claim of the file has such an id, or several have.
    """
    extractions = read(path)
    found = [(extraction, one) for extraction in extractions for one in extraction.claims if one.id.startswith(claim)]
    if len(found) != 1:
        known = ", ".join(one.id for extraction in extractions for one in extraction.claims)
        msg = f"{path}: {len(found) or 'no'} claims have an id that begins with '{claim}'; its claims are {known or 'none'}"
        raise ReaderError(msg)
    return found[0]
