"""Web archives: what is a page, what is passed over and counted, and what damage costs."""

from __future__ import annotations

import datetime as dt
import gzip
import zlib
from collections.abc import Callable

import pytest
import zstandard
from archives import PAGE, entries, http, record, written
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.readers.archives.inputs import Inputs

INFO = record(b"software: test", kind="warcinfo")
RECORDS = [INFO, *(record(http(PAGE + b"<!-- %d -->" % number), url=f"https://ledger.example/{number}") for number in range(4))]
PACKS: dict[str, Callable[[bytes], bytes]] = {"warc": bytes, "warc.gz": gzip.compress, "warc.zst": zstandard.compress}
packed = pytest.mark.parametrize("suffix", PACKS)


def joined(suffix: str, *parts: bytes) -> bytes:
    """Return records packed one by one; what is no record stays as it is."""
    return b"".join(PACKS[suffix](part) if part.startswith(b"WARC") else part for part in parts)


def told(path, **how) -> list[str]:
    """Return the address of each page, and what is said of each failed entry."""
    return [str(entry.error).partition(": ")[2] if entry.error else entry.content.url[-1] for entry in entries(path, **how)]


@packed
def test_pages_are_found_with_address_day_and_place(tmp_path, suffix):
    first, *_, last = entries(written(tmp_path, f"a.{suffix}", joined(suffix, *RECORDS)))
    assert (first.content.url, first.content.captured, first.content.charset) == ("https://ledger.example/0", dt.date(2023, 7, 20), "utf-8")
    assert first.content.raw == PAGE + b"<!-- 0 -->"
    assert first.position == f"record 2 at byte {len(PACKS[suffix](INFO))}"
    assert last.position.startswith("record 5 at byte ")


def test_the_same_page_has_the_same_key_however_it_is_packed(tmp_path):
    keys = [[entry.key for entry in entries(written(tmp_path, f"a.{suffix}", joined(suffix, *RECORDS)))] for suffix in PACKS]
    assert keys[0] == keys[1] == keys[2]
    assert len(set(keys[0])) == 4


def test_what_is_no_page_is_passed_over_and_counted(tmp_path):
    others = [
        record(http(PAGE), kind="revisit"),
        record(http(PAGE, kind="application/pdf")),
        record(http(PAGE, status="404 Not Found")),
        record(http(PAGE, status="301 Moved")),
        record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
        record(b"fetchTimeMs: 3", kind="metadata"),
        record(b"A text.", kind="conversion"),
        record(b"no head at all"),
    ]
    inputs = Inputs([written(tmp_path, "a.warc", b"".join([*others, RECORDS[1]]))])
    assert [entry.position.partition(" at")[0] for entry in inputs] == ["record 9"]
    assert dict(inputs.counts) == {
        "revisit records, skipped": 1,
        "web records that are no successfully fetched HTML, skipped": 5,
    }


def test_a_page_kept_without_its_http_head_is_read(tmp_path):
    kept = record(PAGE, kind="resource").replace(b"application/http; msgtype=resource", b"text/html; charset=utf-8")
    (entry,) = entries(written(tmp_path, "a.warc", kept))
    assert (entry.content.raw, entry.content.url) == (PAGE, "https://ledger.example/a")


def test_a_page_that_the_crawler_cut_short_is_read_and_counted(tmp_path):
    inputs = Inputs([written(tmp_path, "a.warc", record(http(PAGE), more="WARC-Truncated: length\r\n"))])
    assert [entry.error for entry in inputs] == [None]
    assert dict(inputs.counts) == {"pages the crawler cut short, read as far as they go": 1}


def test_a_page_over_the_limit_is_one_failed_entry(tmp_path):
    path = written(tmp_path, "a.warc", record(http(b"x" * 5000)) + RECORDS[1])
    assert told(path, most=2000) == ["is 0.0 MB, larger than 0.002 MB; raise EXTRACTOR_MAX_BYTES if it is an article", "0"]


@packed
def test_garbage_between_records_costs_nothing_behind_it(tmp_path, suffix):
    path = written(tmp_path, f"a.{suffix}", joined(suffix, *RECORDS[:3], b"garbage\xff\x00" * 500, *RECORDS[3:]))
    first, second, garbage, *rest = told(path)
    assert (first, second, rest) == ("0", "1", ["2", "3"])
    assert garbage.startswith("the file is damaged in or behind the record at byte ")
    assert "; reading goes on at byte " in garbage


@packed
def test_a_file_that_is_cut_off_anywhere_in_a_record_says_so(tmp_path, suffix):
    whole = joined(suffix, *RECORDS)
    begin = len(whole) - len(PACKS[suffix](RECORDS[-1]))
    silent = []
    for cut in range(begin + 1, len(whole) - 6, 7):
        found = told(written(tmp_path, f"a.{suffix}", whole[:cut]))
        assert found[:3] == ["0", "1", "2"]
        if not found[-1].startswith(("the file is cut off in", "the file is damaged in")):
            silent.append(cut - begin)
    # Without packing, a head that ends in its length, one digit of it missing, is a record of another length.
    assert len(silent) <= (1 if suffix == "warc" else 0)


@packed
def test_a_file_that_is_cut_off_between_records_is_whole(tmp_path, suffix):
    assert told(written(tmp_path, f"a.{suffix}", joined(suffix, *RECORDS[:-1]))) == ["0", "1", "2"]


def test_an_archive_packed_in_one_piece_is_read(tmp_path):
    path = written(tmp_path, "a.warc.gz", gzip.compress(b"".join(RECORDS)))
    assert told(path) == ["0", "1", "2", "3"]
    assert len({entry.position for entry in entries(path)}) == 4


@pytest.mark.parametrize("content", [b"", b"\0" * 1000, b"<html>" * 1000, b"\x1f\x8b\x08" * 5000], ids=["empty", "zeros", "html", "marks"])
def test_what_is_no_archive_is_at_most_one_failed_entry(tmp_path, content):
    assert len(entries(written(tmp_path, "a.warc", content))) == bool(content)


def test_a_record_that_unpacks_to_gigabytes_is_passed_over_not_held(tmp_path):
    size = 300_000_000
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    head = http(b"").replace(b"Content-Length: 0", f"Content-Length: {size}".encode())
    begun = (
        record(head)
        .removesuffix(b"\r\n\r\n")
        .replace(f"Content-Length: {len(head)}\r\n".encode(), f"Content-Length: {len(head) + size}\r\n".encode())
    )
    bomb = [
        packer.compress(begun),
        *(packer.compress(bytes(10_000_000)) for _ in range(size // 10_000_000)),
        packer.compress(b"\r\n\r\n"),
        packer.flush(),
    ]
    path = written(tmp_path, "a.warc.gz", b"".join(bomb) + gzip.compress(RECORDS[1]))
    assert told(path) == ["is 300.0 MB, larger than 2 MB; raise EXTRACTOR_MAX_BYTES if it is an article", "0"]


@settings(max_examples=100)
@given(st.sampled_from(sorted(PACKS)), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=20))
def test_any_damage_is_entries_and_nothing_else(tmp_path_factory, suffix, flips):
    content = bytearray(joined(suffix, *RECORDS))
    for place, value in flips:
        content[place % len(content)] = value
    path = written(tmp_path_factory.getbasetemp(), f"damaged.{suffix}", bytes(content))
    assert all((entry.content is None) == (entry.error is not None) for entry in entries(path))
