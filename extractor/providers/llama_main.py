"""What the process of llama.cpp's server runs: a line of what to serve comes in, a line of where goes out, and it ends with its input."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any, Final

_CONTEXT_TOKENS: Final = 4096
"""Tokens of one slot: instructions and examples about 850, a window of four sentences 100 to 400, the answer 700, a re-ask."""


def main() -> None:
    """Serve until the input ends, which it does with the process that has its other end."""
    # Ctrl-C and the end of a service are told to all its processes; what is in work is still to be answered, so ours tells us.
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints goes to the log
    given = json.loads(sys.stdin.buffer.readline())
    try:
        server = started(**given)
    except RuntimeError as error:
        said = {"error": str(error)}
    else:
        said = {"address": str(server.listening_address)}
    with suppress(BrokenPipeError):
        out.write(json.dumps(said) + "\n")
        out.flush()
    sys.stdin.buffer.read()
    # Its destructor would first end the step it is at, of an answer that nobody waits for.
    os._exit(0)


def started(*, file: str, name: str, parallel: int, key: str, slots: str | None) -> Any:
    """Return xllamacpp's server with the model loaded; see ``extractor.providers.llama.Server``.

    Raises:
        RuntimeError: The file cannot be loaded.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.n_parallel = parallel
    params.n_ctx = _CONTEXT_TOKENS * parallel
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _cores()
    params.warmup = False
    # What our prompts share stays in the slots; a further cache of whole prompts would only take memory, 8 GiB by default.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.verbosity = 0
    if slots is not None:
        params.slot_save_path = f"{slots}{os.sep}"
    return xllamacpp.Server(params)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
