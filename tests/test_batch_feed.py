"""What is still to be done of a batch's inputs, and the counts of what is passed over."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.batch.feed import CHUNK, Feed
from extractor.batch.tally import Tally
from extractor.readers.archives.entries import Entry, Text


class Known:
    """What a store knows, in memory."""

    def __init__(self, **states: str) -> None:
        self.states = {key(name): state for name, state in states.items()}
        self.met: set[bytes] = set()

    def visit(self, keys):
        found = []
        for one in keys:
            found.append("repeated" if one in self.met else self.states.get(one, "new"))
            self.met.add(one)
        return found


def key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:16]


def entries(names: str) -> list[Entry]:
    return [Entry("a.jsonl", f"line {n}", key(name), Text(name.encode()), read=10 * n) for n, name in enumerate(names, start=1)]


def drained(feed: Feed) -> str:
    found = []
    while (chunk := feed.chunk()) is not None:
        assert len(chunk) <= CHUNK
        found += [entry.content.raw.decode() for entry in chunk]
    return "".join(found)


def test_what_is_done_or_given_up_for_good_is_passed_over_and_counted():
    tally = Tally(size=60)
    assert drained(Feed(entries("abcdea"), Known(b="done", c="failed", d="passing"), tally)) == "ade"
    assert (tally.inputs, tally.done, tally.failed, tally.repeated, tally.pending) == (6, 1, 1, 1, 3)
    assert (tally.read, tally.ended, tally.share) == (60, True, 0.5)


def test_which_failures_are_tried_again_is_the_users_choice():
    assert drained(Feed(entries("abc"), Known(b="failed", c="passing"), Tally(), retry="all")) == "abc"
    assert drained(Feed(entries("abc"), Known(b="failed", c="passing"), Tally(), retry="none")) == "a"


def test_a_limit_counts_entries_that_are_done():
    assert drained(Feed(entries("abcd"), Known(a="done"), Tally(), limit=2)) == "b"


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=40), st.integers(1, 7))
def test_shards_share_the_entries_out(names, of):
    shares = [drained(Feed(entries(names), Known(), Tally(), shard=(number, of))) for number in range(1, of + 1)]
    assert sorted("".join(shares)) == sorted(set(names))


@given(st.text("abcdefghij", max_size=300), st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from(["done", "failed", "passing"])))
def test_the_counts_reconcile(names, states):
    tally = Tally()
    wanted = drained(Feed(entries(names), Known(**states), tally))
    assert tally.inputs == len(names) == tally.done + tally.failed + tally.repeated + len(wanted)
    assert tally.pending == len(wanted)


def test_a_share_is_of_what_was_read_and_settled():
    tally = Tally(size=200)
    feed = Feed(entries("abcdefghij"), Known(a="done", b="done"), tally)
    assert tally.share == 0
    feed.chunk()
    assert (tally.read, tally.ended, tally.share) == (100, False, pytest.approx(0.5 * 0.2))
    feed.chunk()
    tally.done += 8
    assert tally.share == 1
