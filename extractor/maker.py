"""What makes an extraction of a document, as one digest: code, libraries, model, prompts, parser, parties.

Two extractors with the same digest make the same of the same document from the same answers. Whatever may decide the result
is in it; what cannot change it (where answers are kept, how many are asked for at once, what is printed) is not.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from extractor.models import Model
from extractor.normalise.parties import Parties
from extractor.profiles import PROFILES
from extractor.profiles.base import Profile
from extractor.prompts import Prompt

_PACKAGE: Final = Path(__file__).parent
_IDLE: Final = frozenset(
    ("batch", "caches", "cli", "client", "evaluation", "example_articles", "prompt_files", "providers", "readers", "service", "sinks")
)
"""Folders of the package whose code decides nothing: they bring documents and answers, and carry results away."""
_LIBRARIES: Final = ("sentencex", "pint", "instructor")
"""Libraries that decide where sentences end, what a unit is in SI, and how a model is asked again."""
_VERSION: Final = re.compile(r"^Version: (.+)$", re.MULTILINE)


def maker(*, model: Model, endpoint: str, profile: Profile, prompts: Sequence[Prompt], parser: str | None, parties: Parties) -> str | None:
    """Return the digest of what makes extractions; None where that cannot be told.

    It cannot for a profile of the user's, whose code may depend on anything, and where the package's source is not at hand.

    Args:
        model: How the model is asked.
        endpoint: Who answers.
        profile: The extraction task.
        prompts: Every prompt that may be asked with.
        parser: Identity of the parser; None where the model reads alone.
        parties: Parties that sources are assigned to.
    """
    ours = code()
    if ours is None or PROFILES.get(profile.name) is not profile:
        return None
    known = (
        ours,
        repr(model),
        endpoint,
        profile.name,
        *(f"{prompt.reference} {prompt.digest}" for prompt in prompts),
        f"parser {parser}",
        *(f"{name} {party.model_dump_json()}" for name, party in parties.items()),
    )
    return hashlib.sha256("\x1f".join(known).encode()).hexdigest()


@lru_cache(maxsize=1)
def code() -> str | None:
    """Return the digest of the code that makes extractions, once a process: contents, since sizes and times of files lie after a copy.

    None where the package's source files are not on the disk, as in an archive.
    """
    try:
        found = hashlib.sha256("\n".join(_surroundings()).encode())
        sources = sorted(_sources(_PACKAGE))
        for path in sources:
            with path.open("rb", buffering=0) as file:
                content = file.readall()
            found.update(f"\n{path.relative_to(_PACKAGE).as_posix()} {len(content)}\n".encode() + content)
    except (OSError, PackageNotFoundError):
        return None
    return found.hexdigest() if sources else None


def _sources(package: Path) -> Iterator[Path]:
    for path in package.iterdir():
        if path.suffix == ".py":
            yield path
        elif path.is_dir() and path.name not in _IDLE:
            yield from path.rglob("*.py")


def _surroundings() -> Iterator[str]:
    """Yield what decides beside our own code."""
    yield f"python {sys.version_info.major}.{sys.version_info.minor}, unicode {unicodedata.unidata_version}"
    for name in _LIBRARIES:
        # importlib's own version() reads the whole of the metadata as e-mail, which takes longer than all our files
        stated = _VERSION.search(distribution(name).read_text("METADATA") or "")
        yield f"{name} {stated[1] if stated is not None else distribution(name).version}"
