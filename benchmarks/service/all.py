"""All proofs of the service, one after another: as they are told, or short with ``--quick``.

Usage: python benchmarks/service/all.py [--quick] [--model]

The embedded model is loaded and asked only with ``--model``. The exit code is 1 if a criterion is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

_HERE: Final = Path(__file__).parent


class Proof(NamedTuple):
    """One script, as it is run in full and in short."""

    script: str
    full: tuple[str, ...]
    quick: tuple[str, ...]


PROOFS: Final = (
    Proof("load.py", ("--workers", "2"), ("--seconds", "10", "--clients", "20")),
    Proof("overload.py", (), ("--seconds", "5", "--places", "8")),
    Proof("identical.py", (), ("--clients", "100", "--workers", "1")),
    Proof("disconnects.py", (), ("--clients", "100")),
    Proof("kills.py", (), ("--kills", "4", "--jobs", "3", "--articles", "10")),
)
WITH_MODEL: Final = (Proof("loading.py", (), ()), Proof("planted.py", (), ("--cases", "3")))


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="with fewer clients and kills, in two minutes")
    parser.add_argument("--model", action="store_true", help="also those that load the embedded model")
    given = parser.parse_args()
    outcomes = []
    for proof in (*PROOFS, *WITH_MODEL) if given.model else PROOFS:
        began = time.monotonic()
        words = [sys.executable, str(_HERE / proof.script), *(proof.quick if given.quick else proof.full)]
        code = subprocess.run(words, check=False).returncode  # noqa: S603  # our own scripts
        outcomes.append((proof.script, code, time.monotonic() - began))
    print("\n| proof | exit code | seconds |\n| --- | --- | --- |")
    for script, code, seconds in outcomes:
        print(f"| {script} | {code} | {seconds:.0f} |")
    return 1 if any(code for _, code, _ in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
