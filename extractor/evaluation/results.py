"""Scores of a whole run, as a value that can be kept, compared and made into a report without the model or the articles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from extractor.documents import Frozen
from extractor.errors import RunError
from extractor.evaluation import claim_scorer, faults, fields, matching, runs, scores, similarity
from extractor.evaluation.runs import Manifest, Output, Run, Status
from extractor.evaluation.scores import Score, Suite
from extractor.evaluation.statistics import Clusters
from extractor.requests import Usage

_SOURCES: Final = tuple(Path(str(module.__file__)) for module in (claim_scorer, faults, fields, matching, scores, similarity))


class Answered(Frozen):
    """One answer, scored.

    Attributes:
        score: How it compares with gold.
        status: How asking went.
        windows: How many windows came out how.
        rejections: Drafts thrown out.
        seconds: Wall time of asking.
        cached_seconds: Wall time from remembered answers.
        cold: Whether every request was sent, none remembered.
        usage: What it cost.
        error: Why there is no answer.
    """

    score: Score
    status: Status
    windows: dict[str, int] = Field(default_factory=dict)
    rejections: int = 0
    seconds: float
    cached_seconds: float | None = None
    cold: bool
    usage: Usage = Usage()
    error: str | None = None


class SampleScores(Frozen):
    """A sample's answers, scored.

    Attributes:
        sample: Its id.
        unit: What it is resampled with.
        tags: What slices are made of.
        answers: One for each repetition.
        floor: Counts of the rule without a model.
    """

    sample: str
    unit: str
    tags: dict[str, str] = Field(default_factory=dict)
    answers: tuple[Answered, ...]
    floor: dict[str, float] | None = None

    def counts(self, *, repeat: int | None = None) -> dict[str, float]:
        """Return the counts of one repetition, or their mean over all of them."""
        chosen = self.answers if repeat is None else self.answers[repeat : repeat + 1]
        names = sorted({name for answer in chosen for name in answer.score.counts})
        return {name: sum(answer.score.counts.get(name, 0.0) for answer in chosen) / len(chosen) for name in names}

    @property
    def complete(self) -> bool:
        """Whether every repetition was answered whole."""
        return all(answer.status == "ok" for answer in self.answers)


class Scores(Frozen):
    """A run's scores.

    Attributes:
        manifest: What the run is of.
        scorer: Digest of what decides the scores.
        samples: The samples, by id.
    """

    manifest: Manifest
    scorer: str
    samples: tuple[SampleScores, ...]

    def clusters(self, samples: Sequence[SampleScores] | None = None, *, repeat: int | None = None) -> Clusters:
        """Return the counts of ``samples``, or of all, by cluster."""
        chosen = self.samples if samples is None else samples
        return Clusters([sample.counts(repeat=repeat) for sample in chosen], [sample.unit for sample in chosen])

    def bare(self) -> Scores:
        """Return the scores without a word of any article: what a baseline keeps."""

        def strip(answer: Answered) -> Answered:
            rows = tuple(
                scores.Row(kind=row.kind, gold=row.gold, strict=row.strict, tags=row.tags)
                for row in answer.score.rows
                if row.gold is not None
            )
            return answer.model_copy(update={"score": Score(counts=answer.score.counts, rows=rows)})

        kept = tuple(sample.model_copy(update={"answers": tuple(strip(answer) for answer in sample.answers)}) for sample in self.samples)
        return self.model_copy(update={"samples": kept})


def scorer_digest(suite: Suite) -> str:
    """Return the digest of the sources that decide the suite's scores."""
    known = hashlib.sha256()
    for path in (*_SOURCES, *suite.sources):
        known.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return known.hexdigest()


def score(run: Run, suite: Suite) -> Scores:
    """Return the scores of all answers of ``run``; no model is asked.

    Raises:
        RunError: It is of another suite, or not finished.
    """
    if run.manifest.suite != suite.name:
        msg = f"{run.folder} is a run of the suite '{run.manifest.suite}', not of '{suite.name}'; score it with: python -m evals score {run.folder}"
        raise RunError(msg)
    lacking = [pair for pair in run.wanted if (pair[0].id, pair[1]) not in run.outputs]
    if lacking:
        msg = f"{run.folder} lacks {len(lacking)} of {len(run.wanted)} answers; run the same 'eval run' again: it goes on where it stopped"
        raise RunError(msg)
    scored = []
    for sample in sorted(run.samples, key=lambda sample: sample.id):
        outputs = [run.outputs[sample.id, repeat] for repeat in range(run.manifest.repeats)]
        floor = suite.scorer.score(sample, suite.floor(sample)).counts if suite.floor is not None else None
        answers = tuple(_answered(output, suite.scorer.score(sample, output.prediction)) for output in outputs)
        tags = {"language": sample.document.language, **sample.tags}
        scored.append(SampleScores(sample=sample.id, unit=sample.unit, tags=tags, answers=answers, floor=floor))
    return Scores(manifest=run.manifest, scorer=scorer_digest(suite), samples=tuple(scored))


def keep(scored: Scores, path: Path) -> None:
    """Write scores to a file, whole or not at all."""
    runs.write(path, scored.model_dump_json(exclude_defaults=True, indent=1) + "\n")


def load(path: Path) -> Scores:
    """Return the scores in a file, or in a run's folder.

    Raises:
        RunError: There are none, or they are damaged.
    """
    found = path / "scores.json" if path.is_dir() else path
    try:
        return Scores.model_validate_json(found.read_bytes())
    except FileNotFoundError as error:
        hint = f"make them with: extractor eval score {path}" if path.is_dir() else "give a run's folder or a file of 'eval freeze'"
        msg = f"there are no scores in {path}; {hint}"
        raise RunError(msg) from error
    except (OSError, ValidationError) as error:
        msg = f"{found} holds no scores that can be read; score the run again with: extractor eval score FOLDER"
        raise RunError(msg) from error


def _answered(output: Output, scored: Score) -> Answered:
    extraction = output.extraction
    windows: dict[str, int] = {}
    for window in extraction.windows if extraction is not None else ():
        windows[window.outcome] = windows.get(window.outcome, 0) + 1
    asked = [window for window in extraction.windows if window.cached is not None] if extraction is not None else []
    return Answered(
        score=scored,
        status=output.status,
        windows=dict(sorted(windows.items())),
        rejections=len(extraction.rejections) if extraction is not None else 0,
        seconds=output.seconds,
        cached_seconds=output.cached_seconds,
        cold=bool(asked) and not any(window.cached for window in asked),
        usage=extraction.usage if extraction is not None else Usage(),
        error=output.error,
    )
