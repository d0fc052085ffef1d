from collections.abc import Callable
from decimal import Decimal

import anyio
import anyio.lowlevel
import pytest
from faults import Reply, error, serving
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.batch.breaker import Breaker
from extractor.batch.budget import Budget
from extractor.batch.control import Control
from extractor.batch.pace import Pace
from extractor.batch.prices import Price
from extractor.caches.base import NoCache
from extractor.errors import (
    AuthenticationError,
    BudgetError,
    ConnectionFailedError,
    DeadlineError,
    ProviderError,
    QuotaError,
    RateLimitError,
    ServerError,
)
from extractor.exchange import Exchange
from extractor.providers.openai import OpenAIProvider
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Completion, Message, Request, Usage
from extractor.retries import RetryPolicy

pytestmark = pytest.mark.anyio
OK = Completion(content="", finish_reason="stop", usage=Usage(requests=1, input_tokens=20, output_tokens=5))
PRICE = Price(input=Decimal("0.15"), output=Decimal("0.60"))


def request(number: int = 0) -> Request:
    return Request(endpoint="e", model="m", messages=(Message(role="user", content=f"{number:5}"),), constraint={}, max_tokens=50)


class Time:
    """A clock that stands until it is moved, and those who wait for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0
        self._sleeping: list[tuple[float, anyio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def wait(self, event: anyio.Event, seconds: float) -> None:
        self.looks += 1
        if seconds < float("inf"):
            self._sleeping.append((self.now + seconds, event))
        await event.wait()

    async def move(self, seconds: float) -> None:
        """Let time pass, stopping wherever somebody is to be woken."""
        end = self.now + seconds
        while due := [until for until, _ in self._sleeping if until <= end]:
            self.now = max(self.now, min(due))
            for until, event in self._sleeping:
                if until <= self.now:
                    event.set()
            self._sleeping = [(until, event) for until, event in self._sleeping if until > self.now]
            await anyio.wait_all_tasks_blocked()
        self.now = end


class Crowd:
    """Requests that enter a control; they come back when they are told to."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.inside: list[int] = []
        self.entered: list[int] = []
        self.errors: dict[int, ProviderError] = {}
        self._requests: dict[int, Request] = {}

    async def come(self, number: int) -> None:
        asked = self._requests[number] = request(number)
        try:
            await self.control.enter(asked)
        except ProviderError as caught:
            self.errors[number] = caught
        else:
            self.inside.append(number)
            self.entered.append(number)

    async def go(self, number: int, result: Completion | ProviderError | None = OK) -> None:
        self.inside.remove(number)
        self.control.leave(self._requests[number], result)
        await anyio.wait_all_tasks_blocked()


def controlled(
    time: Time, most: int = 4, start: int | None = None, budget: Budget | None = None, patience: float = 600.0
) -> tuple[Control, Crowd]:
    pace = Pace(most, start or most, time)
    control = Control(pace, Breaker(time), budget or Budget(), patience=patience, clock=time, wait=time.wait)
    return control, Crowd(control)


async def running(crowd: Crowd, numbers: range, then: Callable[[], object]) -> None:
    async with anyio.create_task_group() as tasks:
        for number in numbers:
            tasks.start_soon(crowd.come, number)
            await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()
        await then()
        tasks.cancel_scope.cancel()


async def test_as_many_as_may_go_are_let_in_and_the_rest_in_the_order_they_came():
    control, crowd = controlled(Time(), most=3)

    async def then() -> None:
        assert crowd.entered == [0, 1, 2]
        assert (control.in_flight, control.limit, control.waiting) == (3, 3, 7)
        await crowd.go(1)
        assert crowd.entered == [0, 1, 2, 3]
        while crowd.inside:
            await crowd.go(crowd.inside[0])
        assert crowd.entered == list(range(10))
        assert (control.in_flight, control.waiting) == (0, 0)

    await running(crowd, range(10), then)


async def test_a_thousand_that_wait_are_woken_only_when_they_may_go():
    time = Time()
    _, crowd = controlled(time, most=8)

    async def then() -> None:
        while crowd.inside:
            await crowd.go(crowd.inside[0])
        assert crowd.entered == list(range(1000))
        assert time.looks <= 1000

    await running(crowd, range(1000), then)


async def test_retry_after_parks_all_that_come_later():
    time = Time()
    control, crowd = controlled(time)

    async def then() -> None:
        await crowd.go(0, RateLimitError("slow down", retry_after=2))
        await crowd.go(1)
        assert control.parked == 2
        await time.move(1.9)
        assert crowd.entered == [0, 1, 2, 3]
        await time.move(0.2)
        assert crowd.entered == [0, 1, 2, 3, 4]
        assert control.parked == 0

    await running(crowd, range(8), then)


async def test_a_park_that_grows_while_somebody_waits_for_it_is_kept():
    time = Time()
    _, crowd = controlled(time)

    async def then() -> None:
        await crowd.go(0, RateLimitError("slow down", retry_after=2))
        await time.move(1)
        await crowd.go(1, RateLimitError("slow down", retry_after=30))
        await crowd.go(2)
        await crowd.go(3)
        await time.move(29)
        assert len(crowd.entered) == 4
        await time.move(1)
        assert len(crowd.entered) > 4

    await running(crowd, range(8), then)


async def test_an_open_breaker_lets_one_probe_through_and_then_everybody():
    time = Time()
    control, crowd = controlled(time, most=12)

    async def then() -> None:
        for number in range(10):
            await crowd.go(number, ServerError("down"))
        held = len(crowd.entered)
        assert control.open
        for number in list(crowd.inside):
            await crowd.go(number)
        assert len(crowd.entered) == held
        await time.move(5)
        assert len(crowd.entered) == held + 1
        await time.move(100)
        assert len(crowd.entered) == held + 1
        await crowd.go(crowd.inside[0])
        assert not control.open
        assert len(crowd.inside) == control.limit

    await running(crowd, range(60), then)


@pytest.mark.parametrize("probing", [True, False])
async def test_a_provider_that_is_silent_for_too_long_is_given_up(probing):
    time = Time()
    control, crowd = controlled(time, most=1, patience=600)

    async def then() -> None:
        for number in range(10):
            await crowd.go(number, ConnectionFailedError("no route"))
        if probing:
            await time.move(598)
        else:
            for _ in range(8):
                await time.move(60)
                await crowd.go(crowd.inside[0], ConnectionFailedError("no route"))
            await time.move(118)
        assert control.stopped is None
        await time.move(3)
        assert isinstance(control.stopped, DeadlineError)
        assert "has not answered for 600 s" in str(control.stopped)
        assert len(crowd.errors) + len(crowd.entered) == 40
        assert control.waiting == 0

    await running(crowd, range(40), then)


@pytest.mark.parametrize("fatal", [AuthenticationError("refused"), QuotaError("no credit")])
async def test_after_a_refused_key_or_no_credit_nothing_more_is_sent(fatal):
    control, crowd = controlled(Time(), most=4)

    async def then() -> None:
        await crowd.go(2, fatal)
        assert crowd.entered == [0, 1, 2, 3]
        assert sorted(crowd.errors) == list(range(4, 20))
        assert {(type(caught), str(caught), caught.attempts) for caught in crowd.errors.values()} == {(type(fatal), str(fatal), 0)}
        assert control.stopped is fatal
        await crowd.come(99)
        assert 99 in crowd.errors
        await crowd.go(0)
        assert control.in_flight == 2

    await running(crowd, range(20), then)


async def test_a_reservation_waits_for_what_is_in_flight_and_the_batch_stops_where_it_can_never_be_made():
    budget = Budget(tokens=230, price=PRICE)
    assert budget.bound(request()).tokens == 89
    control, crowd = controlled(Time(), budget=budget)

    async def then() -> None:
        assert crowd.entered == [0, 1]
        assert (control.reserved_usd, control.spent_usd) == (2 * budget.bound(request()).usd, 0)
        await crowd.go(0)
        assert crowd.entered == [0, 1, 2]
        assert control.stopped is None
        await crowd.go(1, ServerError("down"))
        assert crowd.entered == [0, 1, 2, 3]
        while crowd.inside:
            await crowd.go(crowd.inside[0])
        assert crowd.entered == list(range(7))
        assert budget.spent.input_tokens + budget.spent.output_tokens == 150
        assert isinstance(control.stopped, BudgetError)
        assert all(isinstance(caught, BudgetError) for caught in crowd.errors.values())
        assert len(crowd.errors) + len(crowd.entered) == 30

    await running(crowd, range(30), then)


async def test_whoever_goes_away_while_waiting_holds_nobody_up_and_costs_nothing():
    budget = Budget(tokens=10_000)
    control, crowd = controlled(Time(), most=1, budget=budget)

    async def then() -> None:
        async with anyio.create_task_group() as tasks:
            for number in (50, 51):
                tasks.start_soon(crowd.come, number)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        assert control.waiting == 1
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(crowd.come, 60)
            await anyio.wait_all_tasks_blocked()
            await crowd.go(0)
            await crowd.go(1)
            assert crowd.entered == [0, 1, 60]
        assert budget.reserved_tokens == budget.bound(request()).tokens

    await running(crowd, range(2), then)


async def test_whoever_is_cancelled_just_as_it_is_let_in_gives_its_place_back():
    async def slow_to_wake(event: anyio.Event, _: float) -> None:
        await event.wait()
        await anyio.lowlevel.checkpoint()

    budget = Budget(tokens=10_000)
    control = Control(Pace(1, 1), Breaker(), budget, wait=slow_to_wake)
    crowd = Crowd(control)

    async def then() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(crowd.come, 1)
            await anyio.wait_all_tasks_blocked()
            control.leave(crowd._requests[0], OK)
            tasks.cancel_scope.cancel()
        assert (control.in_flight, control.waiting, budget.reserved_tokens) == (0, 0, 0)
        assert budget.possible == Usage()
        await crowd.come(2)
        assert crowd.entered == [0, 2]

    await running(crowd, range(1), then)


async def test_a_cancelled_send_may_have_been_billed():
    budget = Budget(tokens=10_000)
    _, crowd = controlled(Time(), budget=budget)

    async def then() -> None:
        await crowd.go(0, None)
        assert budget.possible == budget.bound(request()).usage

    await running(crowd, range(1), then)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["ok", "429", "parked", "500", "cancelled", "time"]), st.integers(0, 50)), max_size=40))
def test_in_any_order_of_events_everybody_is_let_in_or_told_why_not(steps):
    async def run() -> None:
        time = Time()
        control, crowd = controlled(time, most=5, start=5, budget=Budget(tokens=2_000), patience=1e9)
        results = {"ok": OK, "429": RateLimitError("x"), "parked": RateLimitError("x", retry_after=3), "500": ServerError("x")}

        async def then() -> None:
            for what, amount in steps:
                if what == "time":
                    await time.move(amount)
                elif crowd.inside:
                    await crowd.go(crowd.inside[amount % len(crowd.inside)], results.get(what))
                assert control.in_flight == len(crowd.inside) <= 5
            for _ in range(400):
                if not control.waiting:
                    break
                await time.move(60)
                while crowd.inside:
                    await crowd.go(crowd.inside[0])
            assert control.waiting == 0
            assert crowd.entered == sorted(crowd.entered)
            assert len(crowd.entered) + len(crowd.errors) == 60
            assert bool(crowd.errors) == isinstance(control.stopped, BudgetError)

        await running(crowd, range(60), then)

    anyio.run(run)


async def test_in_real_time_a_parked_batch_goes_on_by_itself():
    replies = [error(429, retry_after="0.3"), Reply()]
    with serving(*replies) as server:
        control = Control(Pace(8, 8), Breaker(), Budget(tokens=100_000))
        policy = RetryPolicy(attempts=4, deadline=60, first_wait=0.01, longest_wait=0.05, parked=True)
        exchange = Exchange(OpenAIProvider(base_url=server.url, key="k"), NoCache(), policy, control)
        await exchange.complete(request(1))
        async with anyio.create_task_group() as tasks:
            for number in range(2, 12):
                tasks.start_soon(exchange.complete, request(number))
        await exchange.aclose()
    assert len(server.received) == 12
    assert control.budget.spent.requests == 11
    assert (control.in_flight, control.waiting, control.stopped) == (0, 0, None)


async def test_with_a_wrong_key_each_worker_sends_once_at_the_most():
    provider = ScriptedProvider(lambda _: AuthenticationError("the key is refused"), delay=0.01)
    control = Control(Pace(64), Breaker(), Budget())
    exchange = Exchange(provider, NoCache(), RetryPolicy(), control)
    failures = []

    async def ask(number: int) -> None:
        with pytest.raises(AuthenticationError) as caught:
            await exchange.complete(request(number))
        failures.append(caught.value.attempts)

    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(ask, number)
    assert len(provider.sent) == 4
    assert sorted(failures) == [0] * 96 + [1] * 4
