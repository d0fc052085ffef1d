"""A run: what a model answered about the samples, kept in a folder so that it can go on after a kill and be scored without a model.

The folder holds ``manifest.json`` (what was asked of whom), ``gold.jsonl`` (the very samples), and ``outputs.jsonl``, one line an answer, written
through to the disk before the next is asked for. A torn last line is cut off on the way in; of two lines about one answer the later counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final, Literal

import anyio
from pydantic import ValidationError

from extractor import disk, errors
from extractor._version import __version__
from extractor.disk import Appended
from extractor.documents import Frozen
from extractor.errors import ReaderError, RunError
from extractor.evaluation.samples import Sample, canonical, digest
from extractor.evaluation.scores import Prediction, Suite
from extractor.extraction import Extraction
from extractor.pipeline import Extractor

_MANIFEST: Final = "manifest.json"
_GOLD: Final = "gold.jsonl"
_OUTPUTS: Final = "outputs.jsonl"

Status = Literal["ok", "partial", "error"]
"""Every window answered; some refused, cut off or failed; no answer at all."""

Watch = Callable[["Output", int], None]
"""Told of each output as it is written, and how many there will be."""


class Manifest(Frozen):
    """What a run is of. Runs that differ in ``gold`` or ``suite`` are not comparable.

    Attributes:
        suite: Name of the suite.
        model: Name of the model.
        endpoint: Digest of its file, or address of its server.
        profile: Name of the extraction task.
        prompt: Reference of its prompt.
        prompt_digest: SHA-256 of the prompt file.
        gold: Digest of the samples.
        samples: How many there are.
        repeats: How often each is asked.
        limit: Most samples taken of the data set.
        seed: Seed of the draw.
        source: Name of the data set's file.
        extractor: Version of this package.
        started: Day on which it was begun.
    """

    suite: str
    model: str
    endpoint: str
    profile: str
    prompt: str
    prompt_digest: str
    gold: str
    samples: int
    repeats: int
    limit: int | None = None
    seed: int | None = None
    source: str = ""
    extractor: str
    started: date


class Output(Frozen):
    """What came of asking about one sample once.

    Attributes:
        sample: Id of the sample.
        repeat: Number of the repetition, from 0.
        status: How it went.
        error: Why there is no answer.
        extraction: The answer.
        seconds: Wall time of asking, in seconds.
        cached_seconds: Wall time of the same again from remembered answers, in seconds.
    """

    sample: str
    repeat: int
    status: Status
    error: str | None = None
    extraction: Extraction | None = None
    seconds: float
    cached_seconds: float | None = None

    @property
    def prediction(self) -> Prediction:
        """What was found; nothing where there is no answer."""
        if self.extraction is None:
            return Prediction()
        return Prediction(self.extraction.claims, self.extraction.records)


class Run:
    """A run's folder, opened for going on or for reading.

    Attributes:
        folder: Where it is.
        manifest: What it is of.
        samples: Its samples.
        outputs: Its answers so far, by sample and repetition.
    """

    def __init__(self, folder: Path, manifest: Manifest, samples: Sequence[Sample], outputs: Sequence[Output]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.samples = list(samples)
        self.outputs = {(output.sample, output.repeat): output for output in outputs}

    @property
    def wanted(self) -> list[tuple[Sample, int]]:
        """The answers it will hold, in the order they are asked for."""
        return [(sample, repeat) for repeat in range(self.manifest.repeats) for sample in self.samples]

    @property
    def missing(self) -> list[tuple[Sample, int]]:
        """Those still to be asked for: none yet, or one that a transport fault spoilt."""
        return [(sample, repeat) for sample, repeat in self.wanted if _is_open(self.outputs.get((sample.id, repeat)))]


def create(folder: Path, manifest: Manifest, samples: Sequence[Sample]) -> Run:
    """Return the run in ``folder``: the one begun there earlier if it is of the same, else a new one.

    Raises:
        RunError: The folder holds a run of something else, or a damaged one.
        StorageError: It cannot be written.
    """
    if (folder / _MANIFEST).is_file():
        run = read(folder)
        for name in ("suite", "gold", "model", "endpoint", "profile", "prompt_digest"):
            was, now = getattr(run.manifest, name), getattr(manifest, name)
            if was != now:
                what = "prompt" if name == "prompt_digest" else name
                msg = f"{folder} holds a run of another {what} ({was[:24]}, now {now[:24]}); choose another folder with --out, or remove it"
                raise RunError(msg)
        kept = run.manifest.model_copy(update={"repeats": max(manifest.repeats, run.manifest.repeats)})
        write(folder / _MANIFEST, kept.model_dump_json(indent=1) + "\n")
        return Run(folder, kept, run.samples, list(run.outputs.values()))
    write(folder / _GOLD, "".join(canonical(sample) + "\n" for sample in samples))
    write(folder / _MANIFEST, manifest.model_dump_json(indent=1) + "\n")
    return Run(folder, manifest, samples, ())


def read(folder: Path) -> Run:
    """Return the run in ``folder``.

    Raises:
        RunError: There is none, or it is damaged.
    """
    try:
        manifest = Manifest.model_validate_json((folder / _MANIFEST).read_bytes())
        samples = [Sample.model_validate_json(line) for line in _lines(folder / _GOLD)]
        outputs = [Output.model_validate_json(line) for line in _lines(folder / _OUTPUTS)] if (folder / _OUTPUTS).exists() else []
    except FileNotFoundError as error:
        msg = f"{folder} holds no run ({Path(str(error.filename)).name} is missing); make one with: extractor eval run GOLD.jsonl --out {folder}"
        raise RunError(msg) from error
    except (OSError, ValidationError) as error:
        detail = error.errors(include_url=False, include_input=False)[0]["msg"] if isinstance(error, ValidationError) else error
        msg = f"{folder} holds a damaged run ({detail}); run it again in another folder, remembered answers cost nothing"
        raise RunError(msg) from error
    if digest(samples) != manifest.gold:
        msg = f"{folder}/gold.jsonl is not the gold this run was made with (digest {digest(samples)[:12]}, not {manifest.gold[:12]})"
        raise RunError(msg)
    known = {sample.id for sample in samples}
    if stray := next((output.sample for output in outputs if output.sample not in known), None):
        msg = f"{folder}/outputs.jsonl holds an answer about '{stray}', which is not in its gold.jsonl"
        raise RunError(msg)
    return Run(folder, manifest, samples, outputs)


def describe(suite: Suite, extractor: Extractor, samples: Sequence[Sample], *, repeats: int, **drawn: object) -> Manifest:
    """Return the manifest of asking ``extractor`` about ``samples``; ``drawn`` says how they were chosen."""
    return Manifest.model_validate(
        {
            "suite": suite.name,
            "model": extractor.model.name,
            "endpoint": extractor.endpoint,
            "profile": suite.profile.name,
            "prompt": ", ".join(prompt.reference for prompt in extractor.prompts),
            "prompt_digest": " ".join(prompt.digest for prompt in extractor.prompts),
            "gold": digest(samples),
            "samples": len(samples),
            "repeats": repeats,
            "extractor": __version__,
            "started": date.today(),  # noqa: DTZ011  # the user's day, for people
            **drawn,
        }
    )


async def ask(run: Run, extractor: Extractor, *, concurrency: int = 1, watch: Watch | None = None) -> None:
    """Ask for every answer that ``run`` still lacks; each is on the disk before the next of its lane is asked for.

    Args:
        run: Where the answers go.
        extractor: Who is asked.
        concurrency: Samples in flight.
        watch: Told of each answer.

    Raises:
        StorageError: An answer cannot be written; those before it are kept, and the same run goes on from there.
        ExtractorError: Nothing can be asked at all, such as for a model that cannot be had.
    """
    missing = iter(run.missing)
    total = len(run.wanted)
    with closing(Appended(run.folder / _OUTPUTS)) as outputs:

        async def lane() -> None:
            for sample, repeat in missing:
                output = await _ask(extractor, sample, repeat)
                outputs.append([output.model_dump_json().encode() + b"\n"])
                run.outputs[sample.id, repeat] = output
                if watch is not None:
                    watch(output, total)

        try:
            async with anyio.create_task_group() as tasks:
                for _ in range(concurrency):
                    tasks.start_soon(lane)
        except ExceptionGroup as group:  # what stops every lane alike: callers catch it by its class
            raise errors.of_group(group) from None


async def _ask(extractor: Extractor, sample: Sample, repeat: int) -> Output:
    began = time.monotonic()
    try:
        extraction = await extractor.extract(sample.document, repeat=repeat)
    except ReaderError as error:
        return Output(sample=sample.id, repeat=repeat, status="error", error=str(error), seconds=time.monotonic() - began)
    seconds = time.monotonic() - began
    again = None
    if extraction.complete:
        began = time.monotonic()
        await extractor.extract(sample.document, repeat=repeat)
        again = time.monotonic() - began
    return Output(
        sample=sample.id,
        repeat=repeat,
        status="ok" if extraction.complete else "partial",
        extraction=extraction,
        seconds=seconds,
        cached_seconds=again,
    )


def _is_open(output: Output | None) -> bool:
    if output is None:
        return True
    return output.extraction is not None and any(window.outcome == "failed" for window in output.extraction.windows)


def write(path: Path, content: str) -> None:
    """Write ``content`` to a file of a run, or made of one, whole or not at all; its folder is made where there is none.

    Raises:
        StorageError: It cannot be written.
    """
    with disk.told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    disk.replace(path, content.encode())


def _lines(path: Path) -> list[bytes]:
    return [line for line in disk.whole_lines(path) if line.strip()]
