"""Identical articles in flight: made once, shared by all who wait, given up when nobody does."""

import anyio
import anyio.lowlevel
import pytest

from extractor import errors
from extractor.extraction import DocumentRecord, Extraction, Provenance, WindowReport
from extractor.pipeline import Part
from extractor.requests import Usage
from extractor.service.flights import Flights

pytestmark = pytest.mark.anyio


def extraction() -> Extraction:
    made = Provenance(extractor="1", profile="claims", prompt="claims@1", prompt_digest="d", model="m", endpoint="e")
    record = DocumentRecord(id="d", length=1, sentences=1)
    return Extraction(document=record, claims=(), verifications=(), rejections=(), windows=(), usage=Usage(), provenance=made)


def report(index: int) -> WindowReport:
    return WindowReport(index=index, start=index, end=index + 1, outcome="empty")


async def test_many_riders_share_one_flight_and_a_later_one_gets_another():
    made = 0

    async def make(flight):
        nonlocal made
        made += 1
        await anyio.sleep(0.02)
        return extraction()

    async with anyio.create_task_group() as tasks:
        flights = Flights(tasks)
        seen = []

        async def ride():
            with flights.ride("a", make) as flight:
                seen.append((await flight.extraction(), await flight.line()))

        async with anyio.create_task_group() as riders:
            for _ in range(50):
                riders.start_soon(ride)
        assert made == 1
        assert len(seen) == 50
        assert len({id(line) for _, line in seen}) == 1
        assert len(flights) == 0
        await ride()
        assert made == 2


async def test_whoever_boards_late_sees_the_parts_that_landed_before():
    go_on = anyio.Event()

    async def make(flight):
        flight.begin()
        flight.watch(Part(report(0), 2, tuple))
        await go_on.wait()
        flight.watch(Part(report(1), 2, tuple))
        return extraction()

    async with anyio.create_task_group() as tasks:
        flights = Flights(tasks)
        with flights.ride("a", make) as first:
            await first.begun.wait()
            await anyio.wait_all_tasks_blocked()
            with flights.ride("a", make) as second:
                assert second is first
                numbers = []

                async def listen():
                    numbers.extend([part.report.index async for part in second.parts()])

                async with anyio.create_task_group() as listening:
                    listening.start_soon(listen)
                    await anyio.wait_all_tasks_blocked()
                    go_on.set()
                assert numbers == [0, 1]


async def test_the_work_goes_on_until_the_last_rider_has_left():
    ended = anyio.Event()
    cancelled = []

    async def make(flight):
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            cancelled.append(True)
            ended.set()
            raise

    async with anyio.create_task_group() as tasks:
        flights = Flights(tasks)
        first = flights.ride("a", make)
        second = flights.ride("a", make)
        first.__enter__()
        second.__enter__()
        await anyio.wait_all_tasks_blocked()
        first.__exit__(None, None, None)
        await anyio.wait_all_tasks_blocked()
        assert not cancelled
        assert flights.flies("a")
        second.__exit__(None, None, None)
        assert not flights.flies("a")
        await ended.wait()
        assert cancelled == [True]


async def test_a_flight_that_was_left_is_boarded_by_nobody():
    """Between the last rider's leaving and the end of the cancelled task somebody may ask for the same: it gets a flight of its own."""
    made = []

    async def make(flight):
        made.append(flight)
        if len(made) == 1:
            await anyio.sleep_forever()
        return extraction()

    async with anyio.create_task_group() as tasks:
        flights = Flights(tasks)
        with flights.ride("a", make):
            await anyio.wait_all_tasks_blocked()
        with flights.ride("a", make) as flight:
            assert await flight.extraction() == extraction()
        assert len(made) == 2


async def test_every_rider_gets_the_error_and_the_next_flight_is_a_new_one():
    tries = 0

    async def make(flight):
        nonlocal tries
        tries += 1
        await anyio.lowlevel.checkpoint()
        msg = "full"
        raise errors.RefusedError(msg, kind="overloaded", retry_after=3)

    async with anyio.create_task_group() as tasks:
        flights = Flights(tasks)
        caught = []

        async def ride():
            with flights.ride("a", make) as flight:
                try:
                    await flight.extraction()
                except errors.RefusedError as error:
                    caught.append((error.kind, error.retry_after))

        async with anyio.create_task_group() as riders:
            riders.start_soon(ride)
            riders.start_soon(ride)
        assert caught == [("overloaded", 3)] * 2
        await ride()
        assert tries == 2


async def test_riders_of_a_service_that_stops_are_told_so():
    async def make(flight):
        await anyio.sleep_forever()

    caught = []
    async with anyio.create_task_group() as outer:
        aboard = anyio.Event()

        async with anyio.create_task_group() as tasks:
            flights = Flights(tasks)

            async def ride():
                with flights.ride("a", make) as flight:
                    aboard.set()
                    try:
                        await flight.extraction()
                    except errors.StoppedError:
                        caught.append(True)

            outer.start_soon(ride)
            await aboard.wait()
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
    assert caught == [True]
