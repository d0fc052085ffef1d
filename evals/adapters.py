"""How the records of each data set become samples: one row a set. Their provenance is in evals/README.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from extractor.documents import Document
from extractor.evaluation.samples import Sample

Record = dict[str, Any]


def _sample(record: Record, *, cluster: str | None = None, **tags: str | None) -> Sample:
    known = {name: record.get(name) for name in ("id", "text", "published", "title", "publisher", "url")}
    document = Document.model_validate({**known, "language": record["lang"]})
    shown = {"publisher": record.get("publisher"), **tags}
    return Sample(document=document, gold=record["gold"], cluster=cluster, tags={name: tag for name, tag in shown.items() if tag})


def article(record: Record) -> Sample:
    """Return a record that stands for itself."""
    return _sample(record)


def release(record: Record) -> Sample:
    """Return an incident of a press release; the incidents of one release are one cluster."""
    return _sample(record, cluster=record["group"])


ADAPTERS: Final[dict[str, Callable[[Record], Sample]]] = {
    "own": Sample.model_validate,
    "isaf": release,
    "mod_bulletins": article,
    "gum_news": article,
    "muc4": article,
    "re3d": article,
    "wikinews_de": article,
}
"""What reads a record of each set."""
