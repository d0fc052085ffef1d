"""Gold files: one sample a line of JSON, read whole and checked before anything is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from extractor.errors import GoldError
from extractor.evaluation.samples import Sample, problems

Adapt = Callable[[dict[str, Any]], Sample]


def read(path: Path, adapt: Adapt = Sample.model_validate) -> list[Sample]:
    """Return the samples of a JSONL file.

    Args:
        path: The file, one record a line.
        adapt: Makes a sample of a record; by default the record is one.

    Raises:
        GoldError: The file cannot be used; the message names the first fault, where it is, and how many there are.
    """
    samples, faults = gather(path, adapt)
    if faults:
        more = f" (and {len(faults) - 1} more; see 'extractor eval check {path}')" if len(faults) > 1 else ""
        raise GoldError(faults[0] + more)
    return samples


def gather(path: Path, adapt: Adapt = Sample.model_validate) -> tuple[list[Sample], list[str]]:
    """Return the samples of a JSONL file that could be read, and one sentence for each fault of the file.

    Raises:
        GoldError: It cannot be read at all.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        msg = f"there is no file {path}; give gold as JSONL, one article with its claims a line (docs/evaluation.md shows the form)"
        raise GoldError(msg) from None
    except IsADirectoryError:
        msg = f"{path} is a folder; give the gold's JSONL file"
        raise GoldError(msg) from None
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read as UTF-8 text ({error}); give gold as JSONL"
        raise GoldError(msg) from error
    samples: list[Sample] = []
    faults: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                samples.append(adapt(json.loads(line)))
            except ValidationError as error:
                faults += [f"{path}, line {number}: {told}" for told in _told(error)]
            except json.JSONDecodeError as error:
                faults.append(f"{path}, line {number}: no JSON ({error.msg} at column {error.colno}); one object a line is expected")
            except (KeyError, TypeError, ValueError) as error:
                faults.append(f"{path}, line {number}: the record is not of the form this suite reads ({type(error).__name__}: {error})")
    faults += [f"{path}: {fault}" for fault in problems(samples)]
    if not samples and not faults:
        faults = [f"{path} is empty: it holds no article, so there is nothing to measure"]
    return samples, faults


def _told(error: ValidationError) -> Iterator[str]:
    unknown_first = sorted(error.errors(include_url=False, include_input=False), key=lambda fault: fault["type"] != "extra_forbidden")
    for fault in unknown_first:  # a field that is missing is often one that was misspelt
        where = ".".join(str(part) for part in fault["loc"])
        what = (
            "is no field of the schema; remove or rename it"
            if fault["type"] == "extra_forbidden"
            else fault["msg"].removeprefix("Value error, ")
        )
        yield f"{where} {what}" if fault["type"] == "extra_forbidden" else f"{where}: {what}"
