"""The process that reads pages: HTML in, the text of the article and what the page says about it out.

It is run as ``python -m extractor.readers.archives.page_worker MEMORY MOST``. On its pipes go frames: four bytes of length, most
significant first, then as many bytes. A question is two frames, a JSON object about the page and its bytes; an answer is
one, a JSON object with the fields of a document or an ``error``. The first answer says that it is ready. It holds no keys,
writes no files, and is killed when it takes too long: parsers of HTML hang and crash on pages made to do that.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import struct
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, Final

from extractor.readers.archives import bodies

_LENGTH: Final = struct.Struct(">I")
_MOST_SECONDS: Final = 60
_LOWER: Final = "translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz')"
_STYLES: Final = ("display:none", "visibility:hidden", "font-size:0;", "font-size:0px", "opacity:0;")
HIDDEN: Final = [
    "//body//*[@hidden]",
    "//template",
    "//body//*[@style][" + " or ".join(f"contains(concat({_LOWER}, ';'), '{style}')" for style in _STYLES) + "]",
]
"""What no reader of the page sees; it is removed, because instructions for models hide there."""


def main() -> None:
    """Answer questions until there are no more."""
    memory, most = int(sys.argv[1]), int(sys.argv[2])
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _limit(memory)
    logging.disable()
    try:
        extract = _trafilatura()
    except ImportError as error:
        _write(answers, {"error": f"{error.name} is missing"})
        return
    _write(answers, {"ready": True})
    while (about := _read(questions)) is not None and (raw := _read(questions)) is not None:
        _limit_time()
        try:
            answer = extract(raw, json.loads(about), most)
        except MemoryError:
            _write(answers, {"error": f"needs more than {memory / 2**20:.0f} MB of memory to be read", "last": True})
            return  # what is left of the heap is not to be trusted
        except Exception as error:  # noqa: BLE001  # whatever a parser raises, it is this page that cannot be read
            answer = {"error": f"cannot be parsed ({type(error).__name__})"}
        _write(answers, answer)


def _trafilatura() -> Callable[[bytes, dict[str, Any], int], dict[str, Any]]:
    from trafilatura import bare_extraction
    from trafilatura.utils import load_html

    def extract(raw: bytes, about: dict[str, Any], most: int) -> dict[str, Any]:
        try:
            raw = bodies.unpacked(raw, about["encodings"], most)
        except (ValueError, OSError, EOFError, zlib.error) as error:
            return {"error": f"cannot be unpacked ({error})"}
        if len(raw) > most:
            return {
                "error": f"is larger than {most / 1e6:g} MB when unpacked, too large for an article; split it, or raise EXTRACTOR_MAX_BYTES"
            }
        tree = load_html(bodies.decoded(raw, about["charset"]))
        if tree is None:
            return {"error": "is no HTML that its parser takes"}
        dates = {"original_date": True, "extensive_search": False} | ({"max_date": about["latest"]} if about["latest"] else {})
        found: Any = bare_extraction(
            tree, url=about["url"], with_metadata=True, include_comments=False, date_extraction_params=dates, prune_xpath=HIDDEN,
        )  # fmt: skip
        if found is None or not (found.text or "").strip():
            return {"error": "holds no text of an article"}
        return {
            "text": found.text.strip(), "title": found.title, "published": found.date, "publisher": found.sitename,
            "language": tree.get("lang") or tree.get("xml:lang"), "url": about["url"] or found.url,
        }  # fmt: skip

    return extract


def _limit(memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    """Let the kernel end this process on a page that hangs, should nobody be left to do it."""
    with suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + _MOST_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _read(stream: BinaryIO) -> bytes | None:
    head = stream.read(_LENGTH.size)
    return stream.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else None


def _write(stream: BinaryIO, answer: dict[str, Any]) -> None:
    raw = json.dumps(answer).encode()
    stream.write(_LENGTH.pack(len(raw)) + raw)
    stream.flush()


if __name__ == "__main__":
    main()
