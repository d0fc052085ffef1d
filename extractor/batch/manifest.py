"""The manifest of a batch, ``run.json``: what is asked of whom, how far it is, what it cost, and how each run of it ended."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from extractor import disk
from extractor._version import __version__
from extractor.batch.layout import Layout, shards
from extractor.documents import Frozen
from extractor.errors import RunError
from extractor.requests import Usage
from extractor.sinks.columns import SCHEMA

_SAME: Final = {
    "profile": "profile",
    "model": "model",
    "endpoint": "endpoint",
    "prompt_digest": "prompt",
    "parser": "parser",
    "schema_version": "layout",
}
"""What all runs of a folder have in common, and what a person calls it."""


class Counts(Frozen):
    """Where a batch stands; inputs = done + failed + pending + repeated.

    Attributes:
        inputs: Entries met in the last pass over the inputs.
        done: Those of them that are finished.
        failed: Those of them that were given up.
        pending: Those of them that are neither.
        repeated: Those of them whose very bytes had been met before in the pass.
    """

    inputs: int = Field(default=0, ge=0)
    done: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)
    pending: int = Field(default=0, ge=0)
    repeated: int = Field(default=0, ge=0)


class Session(Frozen):
    """One run of the command.

    Attributes:
        started: When it began.
        ended: When it ended; null while it runs, and for ever where it was killed.
        how: How it ended, in a few words.
        extractor: Version of this package.
        settings: Settings and options it ran with, without secrets.
        counts: Where the batch stood at its end.
        fresh: Articles finished by it.
        usage: What it cost, failed requests included.
        possible: What it may have cost besides: requests cut off while they may have been answered.
        cost_usd: What the usage cost, in US dollars; null where no price is known.
        lost: Articles it gave up, by class of the error.
    """

    started: dt.datetime
    ended: dt.datetime | None = None
    how: str | None = None
    extractor: str = __version__
    settings: dict[str, Any] = Field(default_factory=dict)
    counts: Counts = Counts()
    fresh: int = 0
    usage: Usage = Usage()
    possible: Usage = Usage()
    cost_usd: Decimal | None = None
    lost: dict[str, int] = Field(default_factory=dict)


class Manifest(Frozen):
    """What a batch is of, and how it goes.

    Attributes:
        schema_version: Version of the folder's layout and of its tables.
        profile: Name of the extraction task.
        prompt: References of its prompts.
        prompt_digest: SHA-256 of the prompt files.
        model: Name of the model.
        endpoint: Digest of its file, or address of its server.
        parser: Digest of the parser's data; null where the model reads alone.
        inputs: Files, folders and patterns, as the user named them.
        shard: Which of how many shards, from 1.
        started: When it was begun.
        counts: Where it stands.
        usage: What it cost, all runs together.
        possible: What it may have cost besides.
        cost_usd: What the usage cost, in US dollars; null where no price is known of any run.
        sessions: Its runs, the last one last.
    """

    schema_version: int = SCHEMA
    profile: str
    prompt: str
    prompt_digest: str
    model: str
    endpoint: str
    parser: str | None = None
    inputs: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)
    started: dt.datetime
    counts: Counts = Counts()
    usage: Usage = Usage()
    possible: Usage = Usage()
    cost_usd: Decimal | None = None
    sessions: tuple[Session, ...] = ()

    def with_session(self, session: Session) -> Manifest:
        """Return the manifest with ``session`` as its last one, in place of an earlier report of the same."""
        others = tuple(one for one in self.sessions if one.started != session.started)
        sessions = (*others, session)
        costs = [one.cost_usd for one in sessions if one.usage != Usage()]
        return self.model_copy(
            update={
                "sessions": sessions,
                "counts": session.counts,
                "usage": sum((one.usage for one in sessions), Usage()),
                "possible": sum((one.possible for one in sessions), Usage()),
                "cost_usd": None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0)),
            }
        )


def read(path: Path) -> Manifest:
    """Return the manifest at ``path``.

    Raises:
        RunError: There is none, or it is damaged.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        msg = f"{path.parent} holds no batch ({path.name} is missing); make one with: extractor batch INPUT... --out {path.parent}"
        raise RunError(msg) from error
    except (OSError, ValidationError) as error:
        detail = error.errors(include_url=False, include_input=False)[0]["msg"] if isinstance(error, ValidationError) else error
        msg = f"{path} is damaged ({detail}); restore it, or use another folder with --out: remembered answers cost nothing"
        raise RunError(msg) from error


def write(path: Path, manifest: Manifest) -> None:
    """Write ``manifest`` aside, through to the disk, then give it its name.

    Raises:
        StorageError: It cannot be written.
    """
    disk.replace(path, manifest.model_dump_json(indent=1).encode() + b"\n")


def settle(layout: Layout, manifest: Manifest) -> Manifest:
    """Return the manifest to go on with: that of the folder where it has one, else ``manifest``.

    Raises:
        RunError: The folder holds a batch of something else, one that is divided otherwise, or a damaged manifest.
    """
    for shard in shards(layout.folder):
        there = read(Layout(layout.folder, shard).manifest)
        for name, word in _SAME.items():
            was, now = str(getattr(there, name)), str(getattr(manifest, name))
            if was != now:
                what = f"{layout.folder} holds a batch of another {word} ({was[:24]}, now {now[:24]})"
                msg = f"{what}; choose another folder with --out, or remove it"
                raise RunError(msg)
        if shard[1] != layout.shard[1]:
            what = f"{layout.folder} holds a batch in {shard[1]} shards, not {layout.shard[1]}"
            msg = f"{what}; go on with --shard I/{shard[1]}, or choose another folder with --out"
            raise RunError(msg)
    if layout.manifest.exists():
        there = read(layout.manifest)
        return there.model_copy(update={"inputs": tuple(dict.fromkeys((*there.inputs, *manifest.inputs)))})
    return manifest.model_copy(update={"shard": layout.shard})
