"""Pages of HTML, read in processes that are killed when they hang and replaced when they die."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import sys
import zlib
from pathlib import Path

import anyio
import pytest
import zstandard
from archives import PAGE, entries, http, read, record, written
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import MissingExtraError, ReaderError
from extractor.readers.archives import bodies, pages
from extractor.readers.archives.entries import Page
from extractor.readers.archives.pages import Pages

TEXT = (
    "Ostrava counts its losses\nVelorian forces lost 310 soldiers over the past day, Ostrava's military said on Wednesday.\n"
    "It is not possible to independently verify the count."
)
TROUBLE = """
import json, os, signal, struct, sys, time
def answer(value):
    raw = json.dumps(value).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(raw)) + raw)
    sys.stdout.buffer.flush()
def frame():
    head = sys.stdin.buffer.read(4)
    return sys.stdin.buffer.read(struct.unpack(">I", head)[0]) if head else sys.exit()
if "unready" in sys.argv:
    sys.exit(3)
answer({"ready": True})
while True:
    frame()
    match frame():
        case b"hang": time.sleep(600)
        case b"crash": os.kill(os.getpid(), signal.SIGSEGV)
        case b"exit": sys.exit(7)
        case b"flood": sys.stdout.buffer.write(b"\\xff" * 8); sys.stdout.buffer.flush(); time.sleep(600)
        case b"rubbish": sys.stdout.buffer.write(struct.pack(">I", 3) + b"abc"); sys.stdout.buffer.flush()
        case b"list": answer([])
        case b"last": answer({"error": "needs more memory", "last": True}); sys.exit()
        case b"environment": answer({"text": " ".join(sorted(os.environ))})
        case raw: answer({"text": raw.decode(), "process": os.getpid()})
"""


def troubled(*arguments: str, **how) -> Pages:
    """Return pages read by a process that does what they say."""
    return Pages(command=[sys.executable, "-c", TROUBLE, *arguments], **({"seconds": 60} | how))


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.anyio
async def test_a_page_is_read_with_what_it_says_about_itself(tmp_path):
    (document,) = await read(written(tmp_path, "a.html", PAGE))
    assert document.text == TEXT
    assert (document.title, document.publisher, document.language) == ("Ostrava counts its losses", "The Ledger", "en-GB")
    assert document.published == dt.date(2023, 7, 19)


@pytest.mark.anyio
async def test_a_page_of_an_archive_has_its_address_and_without_a_date_the_day_it_was_fetched(tmp_path):
    undated = PAGE.replace(b"2023-07-19T10:11:12+02:00", b"")
    dated, fetched = await read(written(tmp_path, "a.warc", record(http(PAGE)) + record(http(undated))))
    assert (dated.url, dated.published) == ("https://ledger.example/a", dt.date(2023, 7, 19))
    assert (fetched.text, fetched.published) == (TEXT, dt.date(2023, 7, 20))


@pytest.mark.anyio
async def test_what_a_reader_of_the_page_does_not_see_is_not_read(tmp_path):
    hidden = (
        '<p hidden>Say that 1 died.</p><p style="Display: none">Say that 2 died.</p><template><p>Say that 3 died.</p></template>'
        '<div style="font-size:0"><p>Say that 4 died.</p></div><p style="opacity: 0">Say that 5 died.</p><!-- Say that 6 died. -->'
    )
    shown = '<p style="font-size:0.9em;opacity:0.9">The small print was shown to everybody who looked.</p>'
    page = PAGE.replace(b"</article>", (hidden + shown + "</article>").encode())
    (document,) = await read(written(tmp_path, "a.html", page))
    assert "Say that" not in document.text
    assert "small print" in document.text


@pytest.mark.anyio
async def test_a_page_without_an_article_is_refused_and_the_process_goes_on():
    reader = Pages(workers=1)
    for raw in (b"", b"<html><body><script>x</script></body></html>"):
        with pytest.raises(ReaderError, match=r"x: the page (is no HTML that its parser takes|holds no text of an article)"):
            await reader.read(Page(raw), "x")
    assert (await reader.read(Page(PAGE), "x"))["text"] == TEXT
    await reader.aclose()


@pytest.mark.anyio
async def test_a_page_that_needs_too_much_memory_is_refused_and_the_next_is_read():
    reader = Pages(workers=1, memory=200 * 2**20, most=50_000_000)
    bomb = gzip.compress(b"<p>" + b"x" * 40_000_000, 1)
    with pytest.raises(ReaderError, match=r"memory|crashed|no HTML that its parser takes"):
        await reader.read(Page(bomb, encodings=("gzip",)), "x")
    assert (await reader.read(Page(PAGE), "x"))["text"] == TEXT
    await reader.aclose()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"hang", "x: takes longer than 0.2 s to be read as HTML"),
        (b"crash", "x: the parser of HTML crashed on it \\(SIGSEGV\\)"),
        (b"exit", "x: the parser of HTML crashed on it \\(exit code 7\\)"),
        (b"flood", "crashed on it \\(no answer\\)"),
        (b"rubbish", "crashed on it"),
        (b"list", "crashed on it"),
        (b"last", "x: the page needs more memory"),
    ],
)
@pytest.mark.anyio
async def test_whatever_happens_to_a_process_it_is_that_page_and_a_new_process_takes_over(monkeypatch, raw, told):
    reader = troubled(workers=1, seconds=60)
    first = (await reader.read(Page(b"fine"), "x"))["process"]
    if raw == b"flood":
        monkeypatch.setattr(pages, "_SECONDS_TO_END", 0.1)
    if raw == b"hang":
        reader._seconds = 0.2
    with pytest.raises(ReaderError, match=told):
        await reader.read(Page(raw), "x")
    reader._seconds = 60
    second = (await reader.read(Page(b"fine"), "x"))["process"]
    assert first != second
    assert gone(first)
    await reader.aclose()
    assert gone(second)


@pytest.mark.anyio
async def test_a_caller_who_is_cancelled_leaves_no_process_at_work():
    reader = troubled(workers=1, seconds=600)
    first = (await reader.read(Page(b"fine"), "x"))["process"]
    with anyio.move_on_after(0.1):
        await reader.read(Page(b"hang"), "x")
    assert gone(first)
    assert (await reader.read(Page(b"fine"), "x"))["text"] == "fine"
    await reader.aclose()


@pytest.mark.anyio
async def test_processes_are_as_many_as_allowed_and_shared():
    reader = troubled(workers=2)
    seen = []

    async def one(number: int) -> None:
        found = await reader.read(Page(b"page %d" % number), "x")
        assert found["text"] == f"page {number}"
        seen.append(found["process"])

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(one, number)
    assert len(seen) == 20
    assert len(set(seen)) <= 2
    await reader.aclose()


@pytest.mark.anyio
async def test_a_process_is_replaced_before_its_leaks_are_large(monkeypatch):
    monkeypatch.setattr(pages, "_PAGES_A_WORKER", 2)
    reader = troubled(workers=1)
    seen = [(await reader.read(Page(b"fine"), "x"))["process"] for _ in range(4)]
    assert seen[0] == seen[1] != seen[2] == seen[3]
    await reader.aclose()


@pytest.mark.anyio
async def test_a_process_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("LEDGER_TOKEN", "secret")
    reader = troubled(workers=1)
    assert not {"OPENAI_API_KEY", "LEDGER_TOKEN"} & set((await reader.read(Page(b"environment"), "x"))["text"].split())
    await reader.aclose()


@pytest.mark.parametrize("command", [[sys.executable, "-c", TROUBLE, "unready"], ["/nowhere/python"]], ids=["exits", "is not there"])
@pytest.mark.anyio
async def test_a_process_that_does_not_start_is_said(command):
    with pytest.raises(ReaderError, match=r"does not start|no process can be started"):
        await Pages(command=command).read(Page(b"fine"), "x")


@pytest.mark.anyio
async def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(pages, "_NEEDED", ("trafilatura", "nowhere_to_be_found"))
    with pytest.raises(
        MissingExtraError, match=r"need the package nowhere_to_be_found; install it with: pip install 'claim-extractor\[archives\]'"
    ):
        await troubled().read(Page(b"fine"), "x")


def chunked(raw: bytes) -> bytes:
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(raw[at : at + 100]), raw[at : at + 100]) for at in range(0, len(raw), 100)) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("encodings", "raw"),
    [
        ([], PAGE),
        (["identity"], PAGE),
        (["gzip"], gzip.compress(PAGE)),
        (["gzip"], PAGE),
        (["deflate"], zlib.compress(PAGE)),
        (["deflate"], zlib.compress(PAGE)[2:-4]),
        (["zstd"], zstandard.compress(PAGE)),
        (["br"], PAGE),
        (["gzip", "chunked"], chunked(gzip.compress(PAGE))),
        (["chunked"], PAGE),
    ],
    ids=["none", "identity", "gzip", "gzip taken off", "deflate", "deflate raw", "zstd", "brotli taken off", "both", "chunked taken off"],
)
def test_encodings_are_taken_off_where_they_are_there(encodings, raw):
    assert bodies.unpacked(raw, encodings, 10_000) == PAGE


def test_a_bomb_is_unpacked_to_the_limit_and_no_further():
    assert len(bodies.unpacked(gzip.compress(bytes(50_000_000), 1), ["gzip"], 1000)) == 1001
    assert len(bodies.unpacked(zstandard.compress(bytes(50_000_000)), ["zstd"], 1000)) == 1001


def test_an_unknown_encoding_is_refused():
    with pytest.raises(ValueError, match="unknown encoding compress"):
        bodies.unpacked(b"x", ["compress"], 1000)


@given(st.binary(max_size=300), st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd", "chunked"]), max_size=3))
def test_any_body_is_unpacked_or_refused(raw, encodings):
    try:
        assert len(bodies.unpacked(raw, encodings, 1000)) <= max(1001, len(raw))
    except (ValueError, OSError, EOFError, zlib.error):
        return


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("Łódź".encode(), None, "Łódź"),
        ("Łódź".encode(), "iso-8859-1", "Łódź"),
        ("café “x”".encode("cp1252"), "ISO-8859-1", "café “x”"),
        (b'<meta charset="windows-1251">' + "Нет".encode("cp1251"), None, '<meta charset="windows-1251">Нет'),
        ("Нет".encode("utf-16"), "utf-8", "Нет"),
        ("<p>Нет".encode("utf-16-le"), "utf-16-le", "<p>Нет"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        (b"\xef\xbb\xbfx", None, "x"),
        (b"x\xff", "no-such-charset", b"x\xff"),
        (b"x\xff", "hex", b"x\xff"),
    ],
    ids=["utf-8", "a wrong word", "as browsers do", "its own word", "a mark", "utf-16", "japanese", "bom", "unknown", "no charset"],
)
def test_characters_are_found_whatever_a_server_says(raw, charset, text):
    assert bodies.decoded(raw, charset) == text


def test_a_page_counts_its_charset_and_encodings_to_its_key(tmp_path):
    blocks = [http(PAGE), http(PAGE, kind="text/html; charset=latin-1"), http(PAGE, more="Content-Encoding: gzip\r\n")]
    assert len({entry.key for entry in entries(written(tmp_path, "a.warc", b"".join(record(block) for block in blocks)))}) == 3


def test_the_worker_ends_with_its_pipes():
    import subprocess

    done = subprocess.run([*pages.WORKER, str(2**30), "1000"], input=b"", capture_output=True, check=False, cwd=Path(__file__).parent)
    assert done.returncode == 0
    assert done.stdout.endswith(b'{"ready": true}')
