"""The built wheel, in an environment of its own outside the checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from conftest import ARTICLE, ROOT
from faults import Reply, completion, serving
from words import answer

_BUILT_OF = {"examples", "extractor", "prompts", "pyproject.toml", "README.md", "LICENSE"}
LOST = {"sentence": 1, "source": "Ostrava's military", "outcome": "lost", "quantity": "310 soldiers", "type": "human_losses"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    copy = tmp_path_factory.mktemp("source") / "checkout"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file() and name.partition("/")[0] in _BUILT_OF:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_package_and_its_prompts_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "extractor/py.typed",
        "extractor/prompt_files/claims/1.md",
        "extractor/prompt_files/events/1.md",
        "extractor/prompt_files/RELEASED",
        "extractor/sinks/page.html",
        "extractor/service/page/index.html",
        "extractor/example_articles/dispatch.txt",
    } <= set(names)
    assert {name.partition("/")[0] for name in names} == {"extractor", next(n for n in names if "dist-info" in n).partition("/")[0]}
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "extractor").rglob("*.py")}
    assert there == {name for name in names if name.endswith(".py")}


def test_it_works_in_an_environment_of_its_own(wheel, tmp_path):
    """The dependencies are borrowed from this environment, the package is not."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / "bin" / "python"
    [site] = (tmp_path / "env" / "lib").glob("python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "EXTRACTOR_CACHE_DIR": str(tmp_path / "cache"),
        "EXTRACTOR_MODEL": "m",
        "EXTRACTOR_PARALLEL": "1",  # replies come in the order of the windows
    }
    with serving(Reply(body=completion(answer(LOST))), Reply(body=completion())) as server:
        environment["EXTRACTOR_BASE_URL"] = server.url
        command = [python, "-m", "extractor", "extract", str(ARTICLE), "--format", "json"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["claims"][0]["quantity"]["value"] == 310
    where = subprocess.run(
        [python, "-c", "import extractor; print(extractor.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(tmp_path))
