"""A service that loads its embedded model goes on answering: the longest time each path took, from the first answer until it is ready.

Usage: python benchmarks/service/loading.py [--model NAME]

The model's file must be there (``extractor models pull``); its prompt is read anew, since the service has a cache folder of its own.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))  # for benchmarks

from benchmarks.service.service import Service
from benchmarks.service.verdict import Row, told
from extractor import models, settings
from extractor.parsers import data
from extractor.providers import weights

LONGEST: Final = 0.5
"""Seconds that an answer may take; what watches over services usually waits one."""
PATHS: Final = ("/livez", "/readyz", "/metrics", "/")
_STEP: Final = 0.02
_PATIENCE: Final = 300.0


@dataclass(slots=True)
class Loaded:
    """How a service answered while it loaded.

    Attributes:
        longest: Seconds of the slowest answer of each path, and the second of the start at which it was asked for.
        asked: How many requests there were.
        first: Seconds from the start until the first answer.
        ready: Seconds from the start until it was ready.
    """

    longest: dict[str, tuple[float, float]] = field(default_factory=dict)
    asked: int = 0
    first: float = 0.0
    ready: float = 0.0


def measure(service: Service) -> Loaded:
    """Start the service and ask for every path in turn until it is ready, and once more.

    Raises:
        RuntimeError: It is not ready in time, or an answer fails after the first.
    """
    found = Loaded()
    began = time.monotonic()
    service.launch()
    while not found.ready:
        if time.monotonic() > began + _PATIENCE:
            msg = f"the service did not become ready in {_PATIENCE:.0f} s; see {service.log}"
            raise RuntimeError(msg)
        time.sleep(_STEP)
        for path in PATHS:
            asked = time.monotonic()
            try:
                status = _asked(service.port, path)
            except ConnectionRefusedError as error:
                if not found.asked:  # it does not listen yet
                    break
                msg = f"the service ended while it loaded: {service.log.read_text(encoding='utf-8', errors='replace')[-1500:]}"
                raise RuntimeError(msg) from error
            now = time.monotonic()
            found.longest[path] = max(found.longest.get(path, (0.0, 0.0)), (now - asked, asked - began))
            found.first = found.first or now - began
            found.asked += 1
            if path == "/readyz" and status == http.client.OK:
                found.ready = now - began
    return found


def _asked(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
        return reply.status
    finally:
        connection.close()


def rows(found: Loaded) -> Sequence[Row]:
    """Return the figures, and what is asked of them."""
    return [
        Row("seconds until the first answer, until ready", f"{found.first:.1f}, {found.ready:.1f}"),
        Row("requests until then", f"{found.asked:,}"),
        *(
            Row(f"longest time of {path}, seconds", f"{longest:.3f} at {at:.1f}", f"<= {LONGEST:g}", longest <= LONGEST)
            for path, (longest, at) in found.longest.items()
        ),
    ]


def main() -> int:
    """Load it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=models.DEFAULT, help=f"an embedded model (default {models.DEFAULT})")
    given = parser.parse_args()
    known = settings.load(model=given.model)
    files: Mapping[str, Any] = {"EXTRACTOR_GGUF": weights.path(models.resolve(known), known), "EXTRACTOR_PARSER": data.path(known)}
    with tempfile.TemporaryDirectory(prefix="loading-") as folder:
        service = Service(Path(folder), None, EXTRACTOR_MODEL=given.model, **files)
        try:
            found = measure(service)
        finally:
            service.stop()
    return told(f"answers while {given.model} is loaded", rows(found))


if __name__ == "__main__":
    sys.exit(main())
