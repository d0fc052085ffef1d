"""Whatever the lines of a batch's files are, each request is accounted for once."""

import io
import json

import pytest
from batch_api import answered, refused, unasked
from hypothesis import given
from hypothesis import strategies as st

from extractor.batch.provider import lines
from extractor.batch.provider.reconciling import Counts, Reconciliation
from extractor.caches.base import MemoryCache
from extractor.requests import Completion

KEYS = [f"{number:064x}" for number in range(6)]
SAYINGS = {
    "answer": answered,
    "400": lambda row: refused(row, 400),
    "500": lambda row: refused(row, 500),
    "quota": lambda row: refused(row, 429, "insufficient_quota"),
    "expired": unasked,
    "odd": lambda row: {**row, "response": [], "error": 7},
}
said = st.tuples(st.sampled_from([*KEYS[:5], "f" * 64, "no key"]), st.sampled_from(sorted(SAYINGS)))
junk = st.binary(max_size=30).map(lambda text: text.replace(b"\n", b" "))


@given(st.lists(st.one_of(said, junk), max_size=20), st.integers(1, 3), st.booleans())
def test_every_request_stands_somewhere_and_every_answer_counts_once(spoken, tries, cancelled):
    file = io.BytesIO(
        b"".join(
            (item if isinstance(item, bytes) else json.dumps(SAYINGS[item[1]]({"custom_id": item[0]})).encode()) + b"\n" for item in spoken
        )
    )
    cache, counts = MemoryCache(), Counts()
    found = Reconciliation(dict.fromkeys(KEYS, tries), cache, attempts=3, counts=counts)
    found.take(lines.read(file, "OpenAI", "a batch"))
    standings = dict(found.standings(cancelled=cancelled))
    answers = {item[0] for item in spoken if not isinstance(item, bytes) and item[1] == "answer"} & set(KEYS)
    assert set(standings) == set(KEYS)
    assert counts.answered + counts.again + counts.failed == len(KEYS)
    assert set(cache) == answers == {key for key, known in standings.items() if known.standing == "answered"}
    assert found.usage.requests == len(answers)
    assert sum(counts.lost.values()) == counts.failed
    assert all(known.tries in (tries, tries - 1) for known in standings.values())
    if tries == 3 and not cancelled:
        assert "open" not in {standings[key].standing for key in KEYS if key not in answers and not _is_of_the_account(key, spoken)}


def _is_of_the_account(key, spoken) -> bool:
    return (key, "quota") in spoken


UNREADABLE = [
    b"",
    b"[" * 100_000,
    b"null",
    b"7",
    b'{"custom_id": 7}',
    b'{"custom_id": NaN}',
    b"\xff",
    b'{"a": 1}',
    b'{"custom_id": "torn',
]


@pytest.mark.parametrize("line", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_is_no_line(line):
    assert [one for one in lines.read(io.BytesIO(line), "OpenAI", "a batch") if one is not None] == []


def test_a_last_line_without_an_end_is_read():
    (one,) = lines.read(io.BytesIO(json.dumps(answered({"custom_id": "k"})).encode()), "OpenAI", "a batch")
    assert one is not None
    assert isinstance(one.result, Completion)
