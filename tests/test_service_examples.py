"""The examples of calling the service, run as a reader would run them, against the real service on loopback."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from service import listening
from words import answer

from extractor import ScriptedProvider
from extractor.extraction import Extraction

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "service"
ARTICLE = ROOT / "examples" / "dispatch.txt"
SOLDIERS = {
    "sentence": 1, "source": "Ostrava's military", "subject": "Velorian forces", "outcome": "lost", "quantity": "310 soldiers",
    "time": "over the past day", "type": "human_losses",
}  # fmt: skip
TOLD = """\
[113:284] Ostrava's military: Velorian forces lost 310 soldiers over the past day
part 1 of 2, ok; claims: 1
part 2 of 2, empty; claims: 0
the whole; claims: 1
article 0; claims: 1
article 1; Unreadable article
"""
TYPES_STRIPPED = (22, 18)
"""The first version of Node that runs TypeScript without being asked to."""


@pytest.fixture
def service(tmp_path):
    def ask(request):
        return answer(SOLDIERS) if "310 soldiers" in request.messages[-1].content else answer()

    with listening(tmp_path, ScriptedProvider(ask)) as url:
        yield url


def run(*command: str, **env: str) -> str:
    """Return what a command prints, run in the checkout."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT, env={"PATH": "/usr/bin:/bin", **env})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def node() -> str:
    """Return a Node that runs TypeScript: Playwright's own, or the machine's."""
    found = find_spec("playwright")
    bundled = Path(found.origin).parent / "driver" / "node" if found is not None and found.origin else None
    for candidate in (bundled, shutil.which("node")):
        if candidate is None or not Path(candidate).is_file():
            continue
        version = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=True).stdout
        if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= TYPES_STRIPPED:
            return str(candidate)
    pytest.skip("there is no Node of 22.18 or newer, neither Playwright's nor on the path")


def in_order(printed: str) -> str:
    """Results of a job come as they are done: sort the lines of its articles."""
    lines = printed.splitlines(keepends=True)
    return "".join(sorted(lines, key=lambda line: line if line.startswith("article") else ""))


def test_python(service):
    assert in_order(run(sys.executable, str(EXAMPLES / "client.py"), service, str(ARTICLE), PYTHONPATH=str(ROOT))) == TOLD


def test_typescript_tells_the_same(service):
    assert in_order(run(node(), str(EXAMPLES / "client.ts"), service, str(ARTICLE))) == TOLD


def test_curl(service):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    printed = run("sh", str(EXAMPLES / "curl.sh"), service, str(ARTICLE))
    _, whole, rows, events, job, results = re.split(r"^# .*\n", printed, flags=re.MULTILINE)
    assert [claim.quantity.value for claim in Extraction.model_validate_json(whole).claims] == [310]
    [row] = csv.DictReader(io.StringIO(rows))
    assert (row["quantity_value"], row["source"], row["published"]) == ("310", "Ostrava's military", "2026-03-11")
    assert re.findall(r"^event: (.*)$", events, re.MULTILINE) == ["window", "window", "extraction"]
    assert json.loads(job)["articles"] == 2
    assert sorted(line[:10] for line in results.splitlines()) == ['{"index":0', '{"index":1']


def test_a_refusal_ends_an_example_in_words(service):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    done = subprocess.run(["sh", str(EXAMPLES / "curl.sh"), service, "/dev/null"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "/problems/" in done.stdout
