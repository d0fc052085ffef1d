"""Places, the queue for them, and the rate of a caller."""

import asyncio
import random
from collections.abc import Callable

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import RefusedError
from extractor.service.admission import Admission
from extractor.service.callers import OPEN, Caller
from extractor.service.rates import Bucket


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Crowd:
    """Those who ask for places: each stays in its place until it is told to go, or is cancelled."""

    def __init__(self, admission: Admission, tasks) -> None:
        self.admission = admission
        self.tasks = tasks
        self.inside: list[int] = []
        self.entered: list[int] = []
        self.refused: dict[int, RefusedError] = {}
        self._leave: dict[int, anyio.Event] = {}
        self._scopes: dict[int, anyio.CancelScope] = {}

    async def come(self, *numbers: int, caller: Caller = OPEN) -> None:
        for number in numbers:
            self.tasks.start_soon(self._one, number, caller)
            await anyio.wait_all_tasks_blocked()

    async def go(self, *numbers: int) -> None:
        for number in numbers:
            self._leave[number].set()
        await anyio.wait_all_tasks_blocked()

    def cancel(self, *numbers: int) -> None:
        for number in numbers:
            self._scopes[number].cancel()

    async def _one(self, number: int, caller: Caller) -> None:
        self._leave[number] = anyio.Event()
        with anyio.CancelScope() as self._scopes[number]:
            try:
                async with self.admission.place(caller):
                    self.inside.append(number)
                    self.entered.append(number)
                    try:
                        await self._leave[number].wait()
                    finally:
                        self.inside.remove(number)
            except RefusedError as error:
                self.refused[number] = error


def running(admission: Admission, story: Callable[[Crowd], object]) -> None:
    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            await story(Crowd(admission, tasks))
            tasks.cancel_scope.cancel()
        assert (admission.in_flight, admission.waiting) == (0, 0), "a place was lost"

    anyio.run(run)


def test_as_many_as_there_are_places_come_in_and_the_rest_in_the_order_they_came():
    async def story(crowd):
        await crowd.come(*range(6))
        assert crowd.inside == [0, 1]
        assert (admission.in_flight, admission.waiting, admission.most) == (2, 4, 2)
        await crowd.go(1)
        await crowd.go(0)
        assert crowd.inside == [2, 3]
        await crowd.go(2, 3)
        assert crowd.entered == [0, 1, 2, 3, 4, 5]

    admission = Admission(2, 4)
    running(admission, story)


def test_nobody_overtakes_whoever_waits_not_even_in_the_moment_a_place_comes_free():
    async def story(crowd):
        await crowd.come(0, 1)
        crowd._leave[0].set()
        await crowd.come(2)  # starts before or after 0 has gone, but behind 1 in any case
        assert crowd.entered == [0, 1]
        await crowd.go(1)
        assert crowd.entered == [0, 1, 2]

    running(Admission(1, 5), story)


def test_whoever_finds_the_queue_full_is_refused_at_once():
    async def story(crowd):
        await crowd.come(*range(4))
        assert crowd.refused[3].kind == "overloaded"
        assert crowd.refused[3].retry_after >= 1
        await crowd.go(0)
        await crowd.come(4)
        assert set(crowd.refused) == {3}

    running(Admission(1, 2), story)


def test_without_a_queue_a_place_is_there_or_not():
    async def story(crowd):
        await crowd.come(0, 1)
        assert (crowd.inside, list(crowd.refused)) == ([0], [1])
        await crowd.go(0)
        await crowd.come(2)
        assert crowd.inside == [2]

    running(Admission(1, 0), story)


def test_a_waiter_whose_client_has_gone_leaves_the_queue():
    async def story(crowd):
        await crowd.come(0, 1, 2)
        crowd.cancel(1)
        await anyio.wait_all_tasks_blocked()
        assert admission.waiting == 1
        await crowd.go(0)
        assert crowd.inside == [2]

    admission = Admission(1, 2)
    running(admission, story)


def test_a_place_handed_to_somebody_who_goes_in_that_moment_is_the_next_ones():
    async def story(crowd):
        async with admission.place(OPEN):
            await crowd.come(1, 2)
        crowd.cancel(1)  # its place is handed over, but it has not woken yet
        await anyio.wait_all_tasks_blocked()
        assert crowd.inside == [2]

    admission = Admission(1, 2)
    running(admission, story)


def test_a_place_handed_to_a_task_that_asyncio_cancels_in_that_moment_is_the_next_ones():
    entered = []

    async def one(number: int) -> None:
        async with admission.place(OPEN):
            entered.append(number)

    async def run() -> None:
        async with admission.place(OPEN):
            first, second = (asyncio.create_task(one(number)) for number in (1, 2))
            await anyio.wait_all_tasks_blocked()
        first.cancel()
        await asyncio.wait([first, second])
        assert first.cancelled()
        assert entered == [2]
        assert (admission.in_flight, admission.waiting) == (0, 0)

    admission = Admission(1, 2)
    anyio.run(run)


def test_an_extraction_that_fails_gives_its_place_back():
    admission = Admission(1, 0)

    async def story(crowd):
        with pytest.raises(ZeroDivisionError):
            async with admission.place(OPEN):
                raise ZeroDivisionError
        await crowd.come(0)
        assert crowd.inside == [0]

    running(admission, story)


def test_retry_after_is_the_time_the_queue_would_take():
    clock = Clock()
    admission = Admission(2, 6, clock=clock)

    async def story(crowd):
        await crowd.come(0)
        clock.now += 10.0
        await crowd.go(0)
        await crowd.come(*range(1, 10))
        assert crowd.refused[9].retry_after == pytest.approx(10.0 * 7 / 2)
        clock.now += 20.0
        await crowd.go(1)
        assert admission.estimate == pytest.approx((10.0 + 0.1 * 10.0) * 6 / 2)

    running(admission, story)


def test_retry_after_is_a_second_at_least():
    admission = Admission(100, 0, clock=Clock())
    assert admission.estimate == 1.0


def test_a_caller_has_as_many_extractions_as_they_may_waiting_ones_included():
    one, other = Caller("1", "one", in_flight=2), Caller("2", "other", in_flight=2)

    async def story(crowd):
        await crowd.come(0, 1, 2, caller=one)
        assert crowd.inside == [0]
        assert crowd.refused[2].kind == "rate-limited"
        assert crowd.refused[2].retry_after >= 1
        await crowd.come(3, caller=other)
        assert 3 not in crowd.refused
        crowd.cancel(1)
        await anyio.wait_all_tasks_blocked()
        await crowd.come(4, caller=one)
        assert 4 not in crowd.refused

    running(Admission(1, 9), story)


def test_a_refused_request_does_not_count_as_an_extraction():
    one = Caller("1", "one", in_flight=1)

    async def story(crowd):
        await crowd.come(0)
        await crowd.come(1, caller=one)
        assert crowd.refused[1].kind == "overloaded"
        await crowd.go(0)
        await crowd.come(2, caller=one)
        assert crowd.inside == [2]

    running(Admission(1, 0), story)


def test_several_processes_share_what_a_caller_may_have_rounded_up():
    caller = Caller("1", "one", rate=10, in_flight=3)
    clock = Clock()
    admission = Admission(9, 9, share=2, clock=clock)

    async def story(crowd):
        await crowd.come(0, 1, 2, caller=caller)
        assert (crowd.inside, list(crowd.refused)) == ([0, 1], [2])

    running(admission, story)
    admission.rate(caller)  # 5 a minute, so 1 at once
    with pytest.raises(RefusedError) as caught:
        admission.rate(caller)
    assert caught.value.retry_after == pytest.approx(12 - 0.25 * 12)


def test_a_service_that_stops_lets_nothing_more_in_but_whoever_waits():
    admission = Admission(1, 5)

    async def story(crowd):
        await crowd.come(0, 1)
        admission.close()
        await crowd.come(2)
        assert crowd.refused[2].kind == "draining"
        await crowd.go(0)
        assert crowd.inside == [1]

    running(admission, story)
    with pytest.raises(RefusedError) as caught:
        admission.rate(OPEN)
    assert caught.value.kind == "draining"


def test_a_rate_lets_a_quarter_minute_through_at_once_and_then_says_when_the_next_may_come():
    clock = Clock()
    admission = Admission(1, 0, clock=clock)
    caller = Caller("1", "one", rate=60)
    for _ in range(15):
        admission.rate(caller)
    with pytest.raises(RefusedError, match="60 requests a minute") as caught:
        admission.rate(caller)
    assert caught.value.kind == "rate-limited"
    assert caught.value.retry_after == pytest.approx(1.0)
    admission.rate(Caller("2", "other", rate=60))
    admission.rate(OPEN)
    clock.now += caught.value.retry_after
    admission.rate(caller)
    with pytest.raises(RefusedError):
        admission.rate(caller)


def test_whoever_waits_as_long_as_told_is_let_through():
    clock = Clock()
    bucket = Bucket(7, clock)
    for _ in range(1000):
        clock.now += bucket.take()
        if bucket.take() > 0:
            clock.now += bucket.take()
            assert bucket.take() == 0


@given(st.integers(1, 10_000), st.lists(st.floats(0, 100), max_size=300), st.integers(0, 10**9))
def test_a_bucket_never_lets_more_through_than_burst_and_rate_allow(rate, pauses, start):
    clock = Clock()
    clock.now = float(start)
    bucket = Bucket(rate, clock)
    through = [clock.now for pause in pauses if not _advance(clock, pause) and bucket.take() == 0]
    for first, since in enumerate(through):
        for last in range(first, len(through)):
            count = last - first + 1
            assert count <= bucket.burst + rate / 60 * (through[last] - since) + 1e-3


@given(st.integers(1, 600), st.integers(1, 50))
def test_a_full_bucket_lets_its_burst_through_and_no_more(rate, minutes):
    clock = Clock()
    bucket = Bucket(rate, clock)
    for _ in range(2):
        assert sum(bucket.take() == 0 for _ in range(int(bucket.burst) + 5)) == int(bucket.burst)
        clock.now += 60 * minutes


def _advance(clock: Clock, seconds: float) -> None:
    clock.now += seconds


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(0, 6), st.lists(st.sampled_from("ccccggxk"), max_size=60), st.integers(0, 2**32))
def test_however_requests_come_go_and_are_cancelled_no_place_is_lost_and_no_bound_passed(most, queue, steps, seed):
    chance = random.Random(seed)
    admission = Admission(most, queue)

    async def story(crowd):
        number = 0
        gone: set[int] = set()
        for step in steps:
            there = [one for one in range(number) if one not in crowd.refused and one not in gone]
            if step == "c":
                crowd.tasks.start_soon(crowd._one, number, OPEN)
                await anyio.lowlevel.checkpoint()
                number += 1
            elif step == "g" and crowd.inside:
                crowd._leave[chance.choice(crowd.inside)].set()
            elif step == "x" and there:
                chosen = chance.choice(there)
                if chosen in crowd._scopes:
                    gone.add(chosen)
                    crowd.cancel(chosen)
            else:
                await anyio.wait_all_tasks_blocked()
            assert len(crowd.inside) <= admission.in_flight <= most
            assert admission.waiting <= queue
        await anyio.wait_all_tasks_blocked()
        assert len(crowd.inside) == admission.in_flight
        assert admission.waiting == 0 or admission.in_flight == most
        assert crowd.entered == sorted(crowd.entered), "somebody was overtaken"
        while crowd.inside:
            await crowd.go(*crowd.inside)
        assert (admission.in_flight, admission.waiting) == (0, 0)
        assert set(range(number)) == set(crowd.entered) | set(crowd.refused) | gone

    running(admission, story)
