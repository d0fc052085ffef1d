"""Every operation of the service's OpenAPI document, called by schemathesis with all its checks.

Usage: python benchmarks/service/fuzz.py [--examples 200] [--seed 1]

The exit code is 1 if a check fails: no 5xx, no undocumented answer, no wrong request that is taken, no right one that is refused.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.mock import server as mock
from benchmarks.service.service import served
from benchmarks.service.verdict import Row, told

PHASES: Final = "examples,coverage,fuzzing,stateful"
_HOOKS: Final = str(Path(__file__).with_name("fuzz_hooks.py"))
_UNHURRIED: Final[dict[str, Any]] = {
    "EXTRACTOR_SERVICE_MAX_JOBS": 1_000_000,
    "EXTRACTOR_SERVICE_QUEUE": 1_000,
    "EXTRACTOR_SERVICE_WEBHOOK_SECRET": "whsec_" + "A" * 43 + "=",
}
"""Limits that a right request of a fuzzer must not meet, since no schema could tell it of them."""


def fuzz(url: str, *, examples: int, seed: int, folder: Path, phases: str = PHASES, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return schemathesis's report on the service at ``url``; what it prints goes to ``fuzz.log`` in ``folder``.

    Args:
        url: Address of the service, without a path.
        examples: Most requests of an operation and phase.
        seed: What they are drawn by.
        folder: Where reports go.
        phases: Its phases.
        options: Further options of its command line.
    """
    report = folder / "report.json"
    words = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", "all", "--phases", phases]
    words += ["--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--no-color", "--generation-database", "none"]
    words += ["--suppress-health-check", "all", "--request-timeout", "60", "--report", "json", "--report-json-path", str(report), *options]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | {
        "SCHEMATHESIS_HOOKS": _HOOKS
    }
    with (folder / "fuzz.log").open("wb") as log:
        code = subprocess.run(words, check=False, stdout=log, stderr=log, cwd=folder, env=environment).returncode  # noqa: S603  # our own words
    if not report.is_file():
        msg = f"schemathesis ended with {code} and no report: {(folder / 'fuzz.log').read_text(encoding='utf-8')[-2000:]}"
        raise RuntimeError(msg)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def rows(report: Mapping[str, Any]) -> list[Row]:
    """Return what a report says."""
    operations, cases = report["operations"], report["test_cases"]
    ended = report["stop_reason"]
    lines = [
        Row("operations tested", f"{operations['tested']} of {operations['total']}", "all", operations["tested"] == operations["total"]),
        Row("phases", ", ".join(f"{name} {phase['status']}" for name, phase in report["phases"].items())),
        Row("requests", str(cases["generated"])),
        Row("run", f"{ended}, {report['running_time']:.0f} s", "completed", ended == "completed"),
        Row("failures of a kind", str(cases["unique_failures"]), "0", cases["unique_failures"] == 0),
        Row("errors", str(len(report["errors"])), "0", not report["errors"]),
    ]
    failed = [(each["title"], f"{each['count']} at {', '.join(each['operations'])}") for each in report["failures"]]
    return lines + [Row(title, where, "none", held=False) for title, where in failed]


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=200, help="most requests of an operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder to keep the reports in")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch, mock.serving() as model:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with served(Path(scratch) / "service", model.url, **_UNHURRIED) as service:
            report = fuzz(service.url, examples=given.examples, seed=given.seed, folder=folder)
            alive = service.ready()
        faults = service.log.read_text(encoding="utf-8", errors="replace").count("Traceback")
        found = [*rows(report), Row("ready afterwards", "yes" if alive else "no", "yes", alive)]
        found.append(Row("tracebacks in the log", str(faults), "0", faults == 0))
        if report["failures"] or report["errors"]:
            print((folder / "fuzz.log").read_text(encoding="utf-8")[-20_000:])
        return told(f"{given.examples} examples an operation, seed {given.seed}", found)


if __name__ == "__main__":
    sys.exit(main())
