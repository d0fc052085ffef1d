"""Kill a process that does jobs again and again, while a client reads: no job is lost, and no article is told of twice.

.venv/bin/python benchmarks/service/job_kills.py --kills 200
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
cases: Any = importlib.import_module("test_service_job_kills")


def main() -> None:
    """Kill, and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="processes killed with kill -9 (default 200)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        came = cases.killed(Path(folder), arguments.kills, arguments.kills, 8)
    most = came["articles"] + came["killed"] * cases.LANES
    print(
        f"killed {came['killed']} times: {came['jobs']} jobs of {came['articles']} articles, each done once to whoever read;"
        f" asked {came['asked']} times, at most {most} may be"
    )
    if came["asked"] > most:
        sys.exit(1)


if __name__ == "__main__":
    main()
