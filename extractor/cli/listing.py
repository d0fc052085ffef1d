"""The table that lists models."""

from __future__ import annotations

from rich import box
from rich.table import Table

from extractor.models import DEFAULT, EMBEDDED
from extractor.parsers import data
from extractor.providers import weights
from extractor.settings import Settings


def models_table(settings: Settings) -> Table:
    """Return the table of models, with what is on this machine."""
    listed = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("model", "runs", "size", "licence", "state"):
        listed.add_column(column, overflow="fold")
    for model in EMBEDDED.values():
        if model.weights is not None:
            here = weights.path(model, settings).is_file()
            state = ("ready" if here else "fetched when first used") + (", the default" if model.name == DEFAULT else "")
            listed.add_row(model.name, "in this process", f"{model.weights.size / 1e9:.2f} GB", model.weights.licence, state)
    state = "ready" if data.ready(settings) else "fetched when first used"
    listed.add_row(data.NAME, "in this process", f"{data.SIZE / 1e9:.2f} GB", data.LICENCE, state)
    key = "OPENAI_API_KEY is set" if settings.key else "needs OPENAI_API_KEY"
    listed.add_row("openai/<name>", "at OpenAI", "", "", key)
    server = f"at {settings.base_url}" if settings.base_url else "needs EXTRACTOR_BASE_URL"
    listed.add_row("<any name>", "on an OpenAI-compatible server", "", "", server)
    return listed
