"""The process of llama.cpp's server, with a stand-in for the library: how it starts, what it is told, and every way it ends."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from extractor import models
from extractor.errors import ProviderError, WeightsError
from extractor.providers.embedded import EmbeddedProvider
from extractor.providers.llama import Server
from extractor.requests import Message, Request

XLLAMACPP = """
import os, sys, time
from pathlib import Path
from types import SimpleNamespace


class CommonParams(SimpleNamespace):
    def __init__(self):
        super().__init__(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())


class Server:
    def __init__(self, params):
        print("a library that prints")
        way = Path(params.model.path).stem
        if way == "refused":
            raise RuntimeError("no tensors")
        if way == "fatal":
            os._exit(3)
        with Path(params.model.path).with_suffix(".started").open("a") as started:
            print(os.getpid(), file=started)
        if way == "endless":
            time.sleep(600)
        [key] = params.api_keys
        shown = key in " ".join(sys.orig_argv)
        self.listening_address = f"http://127.0.0.1:1/{params.n_parallel}/{key}/{shown}"
"""
PARENT = """
import os, sys
from pathlib import Path
from extractor.providers.llama import Server
server = Server(Path(sys.argv[1]), name="x", parallel=1, key="secret")
print(server.listening_address, flush=True)
{end}
"""
REQUEST = Request(endpoint="e", model="m", messages=(Message(role="user", content="x"),), constraint={}, max_tokens=5)


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    """A folder with a stand-in for xllamacpp, which processes of ours find; models of any name may lie in it."""
    (tmp_path / "xllamacpp.py").write_text(XLLAMACPP)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.fixture
def provider(library):
    def make(name: str) -> EmbeddedProvider:
        return EmbeddedProvider(
            models.EMBEDDED[models.DEFAULT], sha256="abc", file=lambda: library / name, parallel=1, state=None, timeout=5
        )  # fmt: skip

    return make


def started(library: Path) -> list[int]:
    """Return the numbers of the processes that were started."""
    return [int(line) for file in library.glob("*.started") for line in file.read_text().splitlines()]


def test_it_serves_until_it_is_closed_and_its_key_is_not_among_the_words_of_its_command(library):
    server = Server(library / "good", name="x", parallel=3, key="secret")
    assert server.listening_address == "http://127.0.0.1:1/3/secret/False"
    assert server.ended is None
    server.close()
    server.close()
    assert server.ended is not None


def test_it_ends_when_it_is_let_go_of(library):
    server = Server(library / "good", name="x", parallel=1, key="k")
    process = server._process
    assert server.listening_address
    del server
    assert process.returncode is not None


def test_a_system_that_gives_no_process_is_told_as_a_model_that_cannot_be_loaded(library, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(library / "missing"))
    with pytest.raises(WeightsError, match="cannot be started"):
        Server(library / "good", name="x", parallel=1, key="k")


@pytest.mark.skipif(shutil.which("false") is None, reason="a program of Unix")
def test_one_that_ends_before_it_is_told_what_to_serve_is_told_with_its_code(library, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    server = Server(library / "good", name="x", parallel=1, key="k" * 1_000_000)  # more than a pipe holds
    with pytest.raises(WeightsError, match="ended with the code 1"):
        _ = server.listening_address
    server.close()


@pytest.mark.parametrize(("way", "told"), [("refused", "no tensors"), ("fatal", "code 3")])
def test_a_model_that_cannot_be_loaded_is_told_with_what_the_library_says(library, way, told):
    server = Server(library / way, name="x", parallel=1, key="k")
    with pytest.raises(WeightsError, match=rf"cannot be loaded \(.*{told}\); delete it"):
        _ = server.listening_address
    server.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)", "os._exit(0)", "sys.exit()", ""])
def test_it_ends_with_the_process_that_started_it_however_that_ends(library, end):
    command = [sys.executable, "-c", PARENT.format(end=end), str(library / "good")]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join((str(library), *sys.path))}
    with subprocess.Popen(command, env=found, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
        # The server has the other end of standard error too, so reading it to its end takes as long as the server runs.
        out, error = parent.communicate(timeout=60)
    assert out == "http://127.0.0.1:1/1/secret/False\n"
    assert "Traceback" not in error


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_signals_that_reach_all_processes_of_a_service_leave_it_to_finish_what_is_in_work(library):
    command = [sys.executable, "-P", "-m", "extractor.providers.llama_main"]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join((str(library), *sys.path))}
    given = f'{{"file": "{library / "good"}", "name": "x", "parallel": 1, "key": "k", "slots": null}}\n'
    with subprocess.Popen(command, env=found, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdin.write(given)
        process.stdin.flush()
        assert "address" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 0
    assert error == "a library that prints\n"


@pytest.mark.anyio
async def test_one_that_ended_by_itself_is_started_again(library, provider, caplog):
    chosen = provider("good")
    await chosen.prepare(REQUEST)
    await chosen.prepare(REQUEST)
    [first] = started(library)
    os.kill(first, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    with anyio.fail_after(60):
        while chosen.running:  # noqa: ASYNC110  # nothing tells of it
            await anyio.sleep(0.01)
    with pytest.raises(ProviderError):  # the stand-in answers nothing
        await chosen.complete(REQUEST)
    assert len(started(library)) == 2
    assert "it is started again" in caplog.text
    await chosen.aclose()
    assert not chosen.running


@pytest.mark.anyio
async def test_others_go_on_while_a_model_is_loaded_and_whoever_stops_does_not_wait_for_it(library, provider):
    chosen = provider("endless")
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(chosen.prepare, REQUEST)
            while not started(library):  # noqa: ASYNC110  # what is waited for is in a file
                await anyio.sleep(0.01)
            assert chosen.running
            tasks.cancel_scope.cancel()
    assert not chosen.running


@pytest.mark.anyio
async def test_a_model_that_cannot_be_loaded_can_be_tried_again(library, provider):
    chosen = provider("refused")
    for _ in range(2):
        with pytest.raises(WeightsError, match="no tensors"):
            await chosen.prepare(REQUEST)
        assert not chosen.running
