import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.batch.breaker import Breaker
from extractor.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    DeadlineError,
    ProviderError,
    RateLimitError,
    ResponseError,
    ServerError,
)
from extractor.requests import Completion, Usage

OK = Completion(content="", finish_reason="stop", usage=Usage(requests=1))
DOWN = ServerError("down")


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def send(breaker: Breaker, *results: Completion | ProviderError | None) -> None:
    for result in results:
        assert breaker.wait() == 0
        breaker.end(result, probe=breaker.begin())


def opened(breaker: Breaker) -> None:
    send(breaker, *[DOWN] * 10)
    assert breaker.open


def test_half_of_twenty_results_open_it(breaker):
    send(breaker, *[OK, DOWN] * 9, OK)
    assert not breaker.open
    send(breaker, DOWN)
    assert breaker.open
    assert breaker.wait() == 5


def test_fewer_than_half_leave_it_closed(breaker):
    send(breaker, *[OK, DOWN, OK] * 100)
    assert not breaker.open


def test_results_older_than_thirty_seconds_do_not_count(breaker, clock):
    send(breaker, *[OK, DOWN] * 9)
    clock.now += 31
    send(breaker, OK, DOWN, OK, DOWN)
    assert not breaker.open


def test_ten_failures_in_a_row_open_it_however_long_they_took(breaker, clock):
    for _ in range(9):
        send(breaker, DeadlineError("late"))
        clock.now += 600
    assert not breaker.open
    send(breaker, DeadlineError("late"))
    assert breaker.open


@pytest.mark.parametrize("error", [DOWN, ConnectionFailedError("x"), DeadlineError("x"), ResponseError("x")])
def test_each_failure_of_transport_counts(breaker, error):
    send(breaker, *[error] * 10)
    assert breaker.open


@pytest.mark.parametrize("result", [RateLimitError("x"), BadRequestError("x"), AuthenticationError("x"), None])
def test_a_provider_that_refuses_is_there(breaker, result):
    send(breaker, *[result] * 100)
    assert not breaker.open


def test_one_probe_goes_after_the_wait_and_an_answer_closes(breaker, clock):
    opened(breaker)
    clock.now += 5
    assert breaker.wait() == 0
    assert breaker.begin()
    assert breaker.wait() == math.inf
    breaker.end(OK, probe=True)
    assert not breaker.open
    assert breaker.wait() == 0


def test_a_probe_that_is_refused_for_the_rate_closes_too(breaker, clock):
    opened(breaker)
    clock.now += 5
    send(breaker, RateLimitError("slow down"))
    assert not breaker.open


def test_the_wait_doubles_up_to_a_minute_and_begins_anew_after_an_answer(breaker, clock):
    opened(breaker)
    waits = []
    for _ in range(6):
        waits.append(breaker.wait())
        clock.now += breaker.wait()
        send(breaker, DOWN)
    assert waits == [5, 10, 20, 40, 60, 60]
    clock.now += 60
    send(breaker, OK)
    opened(breaker)
    assert breaker.wait() == 5


def test_a_cancelled_probe_makes_room_for_another(breaker, clock):
    opened(breaker)
    clock.now += 5
    send(breaker, None)
    assert breaker.open
    assert breaker.wait() == 0
    assert breaker.begin()


def test_what_was_sent_before_it_opened_changes_nothing(breaker):
    late = [breaker.begin() for _ in range(5)]
    opened(breaker)
    for probe in late:
        breaker.end(DOWN, probe=probe)
    breaker.end(OK, probe=False)
    assert breaker.open
    assert breaker.wait() == 5


def test_it_gives_up_after_a_time_without_an_answer_only(breaker, clock):
    assert breaker.patience(600) == math.inf
    late = breaker.begin()
    opened(breaker)
    clock.now += 400
    breaker.end(OK, probe=late)
    clock.now += 599
    assert not breaker.given_up(600)
    assert breaker.patience(600) == 1
    clock.now += 1
    assert breaker.given_up(600)
    send(breaker, OK)
    assert not breaker.given_up(600)


@given(st.lists(st.tuples(st.sampled_from([OK, DOWN, RateLimitError("x"), None]), st.floats(0, 20)), max_size=200))
def test_it_always_lets_requests_through_again(steps):
    clock = Clock()
    breaker = Breaker(clock)
    for result, passed in steps:
        if breaker.wait() == 0:
            breaker.end(result, probe=breaker.begin())
        assert breaker.wait() <= 60
        clock.now += passed
    clock.now += 60
    send(breaker, OK)
    assert not breaker.open
