"""A batch ends, whatever its articles, its provider and its disk do; and its numbers reconcile."""

import json
from dataclasses import replace

import anyio
import pytest
from batches import NOTHING, MemoryStore, a_run, articles, entry
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.batch import run as running
from extractor.documents import Document
from extractor.errors import (
    AuthenticationError,
    BadRequestError,
    DeferredError,
    DiskFullError,
    ProviderError,
    ReaderError,
    ServerError,
    StorageError,
    WeightsError,
)
from extractor.providers.scripted import ScriptedProvider

pytestmark = pytest.mark.anyio


def answering(request):
    """Answer by what the article says it wants."""
    asked = request.messages[-1].content
    for word, error in FAULTS.items():
        if word in asked:
            return error
    return NOTHING


FAULTS = {"unlucky": ServerError("down"), "malformed": BadRequestError("no"), "later": DeferredError("with a batch")}


def reconciled(tally) -> bool:
    return tally.inputs == tally.done + tally.failed + tally.pending + tally.repeated


async def test_every_article_ends_as_a_result_or_a_dead_letter():
    store = MemoryStore()
    entries = [*articles("One.", "An unlucky one.", "A malformed one.", "Two.", " "), entry("torn", 6, ReaderError("the line is torn"))]
    run = a_run(entries, ScriptedProvider(answering), store)
    await run.run()
    assert [one.document for one in store.done] == [Document(text="One.").id, Document(text="Two.").id]
    letters = {letter.position: (letter.error, letter.passing, letter.attempts) for letter in store.failed}
    assert letters == {
        "line 2": ("ServerError", True, 1),
        "line 3": ("BadRequestError", False, 1),
        "line 5": ("ReaderError", False, 0),
        "line 6": ("ReaderError", False, 0),
    }
    assert all("archive.jsonl" in letter.message for letter in store.failed)
    assert (run.tally.inputs, run.tally.done, run.tally.failed, run.tally.pending, run.fault) == (6, 2, 4, 0, None)
    assert run.tally.lost == {"ServerError": 1, "BadRequestError": 1, "ReaderError": 2}


async def test_a_result_is_the_extraction_that_one_article_alone_would_give():
    store = MemoryStore()
    await a_run(articles("One."), ScriptedProvider(answering), store).run()
    [one] = store.done
    value = json.loads(one.extraction)
    assert (value["document"]["source"], value["document"]["id"], one.text, one.outcome) == (
        "archive.jsonl, line 1",
        one.document,
        None,
        "ok",
    )
    assert b"\n" not in one.extraction


async def test_a_second_pass_asks_nothing_and_tries_what_may_have_passed():
    store = MemoryStore()
    entries = articles("One.", "An unlucky one.", "A malformed one.")
    await a_run(entries, ScriptedProvider(answering), store).run()
    provider = ScriptedProvider([NOTHING])
    run = a_run(entries, provider, store)
    await run.run()
    assert len(provider.sent) == 1
    assert (run.tally.done, run.tally.fresh, run.tally.failed) == (2, 1, 1)


async def test_the_same_bytes_twice_are_one_article():
    store = MemoryStore()
    run = a_run(articles("One.", "One.", "Two."), ScriptedProvider(answering), store)
    await run.run()
    assert (run.tally.inputs, run.tally.done, run.tally.repeated) == (3, 2, 1)


async def test_two_articles_with_one_id_are_not_both_kept():
    async def read(one):
        return Document(text=one.content.raw.decode(), id="same")

    store = MemoryStore()
    run = a_run(articles("One.", "Two."), ScriptedProvider(answering, delay=0.01), store, reading=read)
    await run.run()
    assert (len(store.done), [letter.error for letter in store.failed]) == (1, ["RepeatedIdError"])
    again = a_run(articles("Three."), ScriptedProvider(answering), store, reading=read)
    await again.run()
    assert again.tally.lost == {"RepeatedIdError": 1}


async def test_what_a_provider_defers_is_pending():
    store = MemoryStore()
    run = a_run(articles("One.", "One for later."), ScriptedProvider(answering), store)
    await run.run()
    assert (run.tally.done, run.tally.failed, run.tally.pending) == (1, 0, 1)


async def test_a_fault_of_ours_is_one_articles_and_never_the_batchs():
    async def read(one):
        if b"bad" in one.content.raw:
            raise ZeroDivisionError
        return Document(text=one.content.raw.decode())

    store = MemoryStore()
    run = a_run(articles("A bad one.", "One."), ScriptedProvider(answering), store, reading=read)
    await run.run()
    assert (len(store.done), store.failed[0].error) == (1, "ZeroDivisionError")


@pytest.mark.parametrize("error", [AuthenticationError("no key"), WeightsError("no model")])
async def test_what_every_article_would_meet_stops_the_run_and_leaves_the_rest_pending(error):
    stopped: list[ProviderError] = []

    async def read(one):
        if isinstance(error, WeightsError):
            raise error
        return Document(text=one.content.raw.decode())

    def refusing(_):
        stopped.append(error)
        return error

    store, provider = MemoryStore(), ScriptedProvider(refusing)
    run = a_run(
        articles(*(f"Number {n}." for n in range(500))),
        provider,
        store,
        lanes=4,
        reading=read,
        stopped=lambda: stopped[0] if stopped else None,
    )
    await run.run()
    assert run.fault is error
    assert len(provider.sent) <= 4
    assert (store.results, run.tally.done, run.tally.failed) == ({}, 0, 0)
    assert reconciled(run.tally)


async def test_stopping_finishes_what_is_in_flight():
    store = MemoryStore()
    run = a_run(articles(*(f"Number {n}." for n in range(300))), ScriptedProvider(answering, delay=0.05), store, lanes=8)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.run)
        await anyio.sleep(0.12)
        run.stop()
    assert 8 <= len(store.done) <= 40
    assert run.tally.done == len(store.done)
    assert reconciled(run.tally)


async def test_what_does_not_finish_in_time_stays_pending():
    store, said = MemoryStore(), []
    run = a_run(articles("One.", "Two."), ScriptedProvider(answering, delay=30), store, said=said, drain=0.05)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.run)
        await anyio.sleep(0.05)
        run.stop()
    assert (store.results, run.tally.pending) == ({}, 2)
    assert "stays pending" in said[0]


async def test_a_full_disk_is_waited_for(monkeypatch):
    monkeypatch.setattr(running, "_DISK_PAUSE", 0.01)

    class Full(MemoryStore):
        left = 3

        def commit(self, results) -> None:
            if self.left:
                self.left -= 1
                msg = "the disk is full"
                raise DiskFullError(msg)
            super().commit(results)

    store, said = Full(), []
    await a_run(articles("One.", "Two."), ScriptedProvider(answering), store, said=said).run()
    assert len(store.done) == 2
    assert len(said) == 1


async def test_a_folder_that_cannot_be_written_ends_the_run():
    class Broken(MemoryStore):
        def commit(self, results) -> None:
            msg = "read-only"
            raise StorageError(msg)

    with pytest.RaisesGroup(StorageError, flatten_subgroups=True):
        await a_run(articles(*(f"Number {n}." for n in range(100))), ScriptedProvider(answering), Broken()).run()


async def test_an_input_that_breaks_off_ends_the_run_with_what_there_is():
    def entries():
        yield from articles("One.", "Two.")
        msg = "the folder has gone"
        raise ReaderError(msg)

    store = MemoryStore()
    run = a_run(entries(), ScriptedProvider(answering), store)
    await run.run()
    assert str(run.fault) == "the folder has gone"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["plain", "unlucky", "malformed", "later", "plain again", ""]), max_size=40), st.integers(1, 9))
def test_the_numbers_reconcile_whatever_comes(words, lanes):
    entries = articles(*(f"{word} {number % 7}" if word else "" for number, word in enumerate(words)))

    async def twice() -> None:
        store = MemoryStore()
        for _ in range(2):
            run = a_run([replace(one) for one in entries], ScriptedProvider(answering), store, lanes=lanes)
            await run.run()
            assert reconciled(run.tally)
            assert run.tally.inputs == len(words)
            assert run.tally.done == len(store.done)
            assert run.tally.failed == len(store.failed)
            assert {one.document for one in store.done}.__len__() == len(store.done)

    anyio.run(twice)
