"""Inject faults into ``extractor batch`` and look at what comes of it, from outside: exit codes, files, requests at the server.

Usage: python benchmarks/faults/run.py [NAME...] [--list] [--but NAME...]
KILLS and ARTICLES in the environment make ``kill`` and ``mixed`` smaller. Prints a table; the exit code is 1 if a fault had
another effect than it must have. Faults 21 and 23 of the list concern an HTTP service, 24 the provider's batches
(tests/test_provider_batch*.py); kills of the store alone are in store_kill.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks.mock

import mixed_faults
import provider_faults
import reading_faults
import stopping_faults
import storage_faults
from fault import Fault, SkippedError
from workshop import UnexpectedError, Workshop

FAULTS = (*provider_faults.FAULTS, *stopping_faults.FAULTS, *storage_faults.FAULTS, *reading_faults.FAULTS, *mixed_faults.FAULTS)


def _tried(fault: Fault) -> tuple[str, str]:
    """Return ``pass``, ``skip`` or ``FAIL``, and figures or the reason."""
    with tempfile.TemporaryDirectory(prefix=f"fault-{fault.name}-") as folder:
        try:
            return "pass", fault.check(Workshop(Path(folder)))
        except SkippedError as reason:
            return "skip", str(reason)
        except UnexpectedError as seen:
            return "FAIL", " ".join(str(seen).split())
        except Exception:  # noqa: BLE001  # whatever a check stumbles over is a failure, and the others still run
            return "FAIL", " ".join(traceback.format_exc(limit=-2).split())


def main() -> int:
    """Run the faults that are named, or all."""
    parser = argparse.ArgumentParser(description="Inject faults into 'extractor batch'.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults to inject; all by default")
    parser.add_argument("--but", nargs="*", default=[], metavar="NAME", help="faults to leave out")
    parser.add_argument("--list", action="store_true", help="print what there is")
    options = parser.parse_args()
    known = {fault.name: fault for fault in FAULTS}
    unknown = [name for name in (*options.names, *options.but) if name not in known]
    if unknown:
        parser.error(f"there is no fault {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [known[name] for name in options.names or known if name not in options.but]
    if options.list:
        for fault in chosen:
            print(f"{fault.name:16} {fault.number:>3}  {fault.made} -> {fault.expected}")
        return 0
    failed = 0
    print(f"| fault | no. | made | expected | | seen |\n|{' --- |' * 6}", flush=True)
    for fault in chosen:
        began = time.monotonic()
        verdict, seen = _tried(fault)
        failed += verdict == "FAIL"
        took = time.monotonic() - began
        print(f"| {fault.name} | {fault.number} | {fault.made} | {fault.expected} | {verdict} ({took:.0f} s) | {seen} |", flush=True)
    print(f"\n{len(chosen)} faults, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
