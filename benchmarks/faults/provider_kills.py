"""Kill a provider batch at every step, and a process in the middle of many calls: nothing is created, asked or counted twice, or lost.

.venv/bin/python benchmarks/faults/provider_kills.py --kills 50
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import anyio

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
cases: Any = importlib.import_module("test_provider_batch_kills")


async def every_step() -> None:
    """Kill a run before and after each of its steps."""
    for name, plans in cases.PLANS.items():
        for after in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                killed = await cases.killed_at_steps(Path(folder), plans, after=after, first=0, stride=1)
            print(f"{name}: killed {'after' if after else 'before'} each of {killed} steps, and each run went on")


def main() -> None:
    """Run both, and print what was survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="processes killed with kill -9 (default 50)")
    arguments = parser.parse_args()
    anyio.run(every_step)
    killed = 0
    while killed < arguments.kills:
        with tempfile.TemporaryDirectory() as folder:
            killed += cases.kills(Path(folder), min(6, arguments.kills - killed))
    print(f"kill -9 in the middle of a call: {killed} times, and each run went on")


if __name__ == "__main__":
    main()
