"""llama.cpp's own OpenAI-compatible server, in a process of its own on a free loopback port.

In ours it would stop everything else while it loads: xllamacpp holds the interpreter's lock until the model is there, three
seconds at the least and as long as the disk takes at the most. The process ends with the one that started it, however that
ends, since it reads from a pipe that the system then closes; and what ends it alone, as want of memory may, ends nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from extractor.errors import MissingExtraError, WeightsError

_PROGRAM: Final = "extractor.providers.llama_main"


class Server:
    """A server that loads its model; it stops when it is closed or let go of.

    Args:
        file: The model's file.
        name: What the server calls it.
        parallel: Requests answered at once.
        key: Key that requests must carry.
        slots: Folder the states of slots may be saved to.

    Raises:
        MissingExtraError: xllamacpp is not installed.
        WeightsError: The system gives no process.
    """

    def __init__(self, file: Path, *, name: str, parallel: int, key: str, slots: Path | None = None) -> None:
        if find_spec("xllamacpp") is None:
            msg = "embedded models need the extra 'local': pip install 'claim-extractor[local]'"
            raise MissingExtraError(msg)
        if slots is not None:
            slots.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = file
        # It finds what we find and, by -P, nothing in the folder it is started from.
        found = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        words = [sys.executable, "-P", "-m", _PROGRAM]
        try:
            self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=found)  # noqa: S603  # our own program
        except OSError as error:
            msg = f"the process of the embedded model cannot be started ({error}); check the free memory and how many processes are allowed"
            raise WeightsError(msg) from error
        self._end = weakref.finalize(self, _end, self._process)
        # By the pipe, for other users of the machine can read the words of a command.
        given = {"file": str(file), "name": name, "parallel": parallel, "key": key, "slots": str(slots) if slots is not None else None}
        with suppress(BrokenPipeError):
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(given).encode() + b"\n")
            self._process.stdin.flush()

    @cached_property
    def listening_address(self) -> str:
        """Where it listens, without a path; waits until the model is loaded.

        Raises:
            WeightsError: The file cannot be loaded.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        said = json.loads(line) if line.endswith(b"\n") else {"error": f"its process ended with the code {self._process.wait()}"}
        if "error" not in said:
            return str(said["address"])
        msg = (
            f"the model file {self._file} cannot be loaded ({said['error']}); delete it and run 'extractor models pull',"
            " or check the free memory"
        )
        raise WeightsError(msg)

    @property
    def ended(self) -> int | None:
        """The exit code of its process, negative for the number of a signal; None while it runs."""
        return self._process.poll()

    def close(self) -> None:
        """Stop it at once, also while it loads; may be called twice."""
        self._end()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that has nothing to lose: what it is asked to save, it has saved when it answers."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # it ended before it was told what to serve
                pipe.close()
