import heapq
import math
import random
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.batch.pace import Pace
from extractor.errors import (
    BadRequestError,
    ConnectionFailedError,
    DeadlineError,
    ProviderError,
    RateLimitError,
    ResponseError,
    ServerError,
)
from extractor.requests import Completion, Limits, Usage

USAGE = Usage(requests=1, input_tokens=900, output_tokens=100)
OK = Completion(content="", finish_reason="stop", usage=USAGE)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(**limits: float) -> Completion:
    return OK.model_copy(update={"limits": Limits(**limits)})


def round_trip(pace: Pace, result: Completion | ProviderError | None = OK) -> None:
    """Send as many as may go, then let all come back with ``result``."""
    numbers = []
    while pace.wait() == 0:
        numbers.append(pace.begin())
    for number in numbers:
        pace.end(number, result)


def test_a_run_without_a_given_number_doubles_with_every_round_trip():
    pace, limits = Pace(64, clock=Clock()), []
    for _ in range(6):
        limits.append(pace.limit)
        round_trip(pace)
    assert limits == [4, 8, 16, 32, 64, 64]


def test_the_first_refusal_halves_the_limit_and_what_was_sent_before_it_says_no_more():
    pace = Pace(64, clock=Clock())
    for _ in range(3):
        round_trip(pace)
    assert pace.limit == 32
    numbers = [pace.begin() for _ in range(32)]
    pace.end(numbers[0], RateLimitError("slow down"))
    assert pace.limit == 16
    for number in numbers[1:]:
        pace.end(number, RateLimitError("slow down"))
    assert pace.limit == 16


def test_a_given_number_is_the_start_and_the_most_and_is_returned_to():
    clock = Clock()
    pace = Pace(32, 32, clock)
    assert pace.limit == 32
    numbers = [pace.begin() for _ in range(32)]
    for number in numbers:
        pace.end(number, OK if number % 4 else RateLimitError("slow down"))
    assert pace.limit == 24
    for _ in range(40):
        round_trip(pace)
    assert pace.limit == 32


def test_the_steady_limit_grows_by_one_with_a_round_trip():
    pace = Pace(64, 64, Clock())
    for number in [pace.begin() for _ in range(64)]:
        pace.end(number, OK if number % 2 else RateLimitError("slow down"))
    before = pace.limit
    round_trip(pace)
    round_trip(pace)
    assert before + 1 <= pace.limit <= before + 2


@pytest.mark.parametrize("error", [ServerError("x"), ConnectionFailedError("x"), DeadlineError("x")])
def test_a_round_trip_in_which_all_fail_halves_the_limit(error):
    pace = Pace(32, 32, Clock())
    round_trip(pace, error)
    assert pace.limit == 16


@pytest.mark.parametrize("result", [BadRequestError("x"), ResponseError("x"), None])
def test_what_says_nothing_of_the_load_leaves_the_limit(result):
    pace = Pace(32, 32, Clock())
    round_trip(pace, result)
    assert (pace.limit, pace.in_flight) == (32, 0)


def test_an_unused_limit_does_not_grow():
    pace = Pace(64, clock=Clock())
    for _ in range(100):
        pace.end(pace.begin(), OK)
    assert pace.limit == 4


def test_after_a_spell_without_any_answer_the_limit_doubles_up_to_where_it_began():
    clock = Clock()
    pace = Pace(64, 64, clock)
    for _ in range(8):
        round_trip(pace, ConnectionFailedError("down"))
    assert pace.limit == 1
    for _ in range(7):
        round_trip(pace)
    assert pace.limit >= 63


def test_retry_after_parks_everything_until_then():
    clock = Clock()
    pace = Pace(8, 8, clock)
    first, second = pace.begin(), pace.begin()
    pace.end(first, RateLimitError("slow down", retry_after=30))
    assert pace.wait() == 30
    pace.end(second, ServerError("down", retry_after=10))
    assert pace.wait() == 30
    clock.now += 29.5
    assert pace.wait() == 0.5
    clock.now += 0.5
    assert pace.wait() == 0


@pytest.mark.parametrize("seconds", [0.0, -5.0, math.nan, math.inf])
def test_a_retry_after_that_is_no_time_to_come_parks_nothing(seconds):
    pace = Pace(8, 8, Clock())
    pace.end(pace.begin(), RateLimitError("slow down", retry_after=seconds))
    assert pace.wait() == 0


def test_refusals_without_end_and_without_a_time_park_for_longer_and_longer_until_an_answer():
    clock = Clock()
    pace, waits = Pace(4, 4, clock), []
    for _ in range(8):
        while pace.wait() == 0:
            pace.end(pace.begin(), RateLimitError("slow down"))
        waits.append(pace.wait())
        clock.now += pace.wait()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    pace.end(pace.begin(), OK)
    while pace.wait() == 0:
        pace.end(pace.begin(), RateLimitError("slow down"))
    assert pace.wait() == 1


def test_what_is_left_is_spread_over_the_time_until_the_reset():
    clock = Clock()
    pace = Pace(1000, 1000, clock)
    pace.end(pace.begin(), told(requests_remaining=30, requests_reset=60.0))
    sent = 0
    while clock.now < 1060:
        while pace.wait() == 0:
            pace.begin()
            sent += 1
        clock.now += min(pace.wait(), 60.0)
    assert 29 <= sent <= 31


def test_tokens_that_are_left_count_as_requests_of_the_mean_size():
    pace = Pace(8, 8, Clock())
    pace.end(pace.begin(), told(requests_remaining=1_000_000, requests_reset=1.0, tokens_remaining=10_000, tokens_reset=60.0))
    pace.begin()
    assert pace.wait() == pytest.approx(6.0)


@pytest.mark.parametrize("limits", [{"requests_remaining": 0, "requests_reset": 7.0}, {"tokens_remaining": 999, "tokens_reset": 7.0}])
def test_where_nothing_is_left_nothing_is_sent_until_the_reset(limits):
    clock = Clock()
    pace = Pace(8, 8, clock)
    pace.end(pace.begin(), told(**limits))
    assert pace.wait() == 7
    clock.now += 7
    assert pace.wait() == 0


def test_limits_far_away_slow_nothing_down():
    pace = Pace(64, 64, Clock())
    pace.end(pace.begin(), told(requests_remaining=9_999, requests_reset=0.006, tokens_remaining=4_999_000, tokens_reset=0.012))
    sent = 0
    while pace.wait() == 0:
        pace.begin()
        sent += 1
    assert sent == 64


RESULTS = st.one_of(
    st.just(OK),
    st.just(None),
    st.builds(RateLimitError, st.just("x"), retry_after=st.none() | st.floats(-10, 100)),
    st.builds(ServerError, st.just("x"), retry_after=st.none() | st.floats(0, 100)),
    st.just(ConnectionFailedError("x")),
    st.just(BadRequestError("x")),
    st.builds(told, requests_remaining=st.integers(0, 50), requests_reset=st.floats(0, 60)),
    st.builds(told, tokens_remaining=st.integers(0, 50_000), tokens_reset=st.floats(0, 60)),
)


@given(
    most=st.integers(1, 40),
    given_start=st.booleans(),
    steps=st.lists(st.tuples(st.integers(0, 4), RESULTS, st.floats(0, 5)), max_size=60),
)
def test_whatever_happens_the_limit_stays_between_one_and_the_most_and_no_park_is_broken(most, given_start, steps):
    clock = Clock()
    pace = Pace(most, most if given_start else None, clock)
    flying: list[int] = []
    parked = -math.inf
    for send, result, passed in steps:
        for _ in range(send):
            if pace.wait() == 0:
                assert clock.now >= parked
                flying.append(pace.begin())
        assert pace.in_flight == len(flying) <= most
        if flying:
            pace.end(flying.pop(0), result)
            after = getattr(result, "retry_after", None)
            parked = max(parked, clock.now + after) if after is not None else parked
        assert 1 <= pace.limit <= most
        clock.now += passed
    while flying:
        pace.end(flying.pop(), OK)
    clock.now += 1_000
    assert pace.wait() == 0
    for _ in range(2 * most + 40):
        if pace.limit == most:
            break
        round_trip(pace)
        clock.now += 60
    assert pace.limit == most


def simulated(capacity: int, most: int, *, fails: float = 0.0, refused: float = 0.0, seconds: float = 200.0) -> tuple[float, float]:
    """Return the mean limit and the share of refusals, of the second half of a run against a server that takes ``capacity``."""
    clock, chance, order = Clock(), random.Random(7), count()
    clock.now = 0.0
    pace = Pace(most, None, clock)
    coming: list[tuple[float, int, int, Completion | ProviderError, bool]] = []
    busy = results = refusals = 0
    area = 0.0
    while clock.now < seconds:
        while (wait := pace.wait()) == 0:
            number = pace.begin()
            if busy >= capacity or chance.random() < refused:
                heapq.heappush(coming, (clock.now + 0.01, next(order), number, RateLimitError("slow down"), False))
            else:
                busy += 1
                result = ServerError("x") if chance.random() < fails else OK
                heapq.heappush(coming, (clock.now + 0.2 * chance.uniform(0.5, 1.5), next(order), number, result, True))
        then = min(coming[0][0] if coming else math.inf, clock.now + wait)
        if clock.now > seconds / 2:
            area += (then - clock.now) * pace.limit
        clock.now = then
        while coming and coming[0][0] <= clock.now:
            _, _, number, result, served = heapq.heappop(coming)
            busy -= served
            pace.end(number, result)
            if clock.now > seconds / 2:
                results += 1
                refusals += isinstance(result, RateLimitError)
    return area / (seconds / 2), refusals / results


@pytest.mark.parametrize("capacity", [1, 3, 8, 40])
def test_against_a_steady_server_the_limit_settles_at_what_it_takes(capacity):
    limit, refusals = simulated(capacity, 128)
    assert limit == pytest.approx(capacity, rel=0.1)
    assert refusals < 0.1


def test_failures_and_refusals_that_have_nothing_to_do_with_the_load_cost_little():
    assert simulated(1_000, 64, fails=0.02)[0] > 55
    assert simulated(1_000, 64, refused=0.01)[0] > 50


def test_a_bucket_that_fills_all_the_time_is_used_at_its_rate_without_a_refusal_and_settles_half_full():
    clock, coming, levels, answers, order = Clock(), [], [], 0, count()
    clock.now, size, rate, level, seen = 0.0, 60, 1.0, 60.0, 0.0
    pace = Pace(64, None, clock)
    while clock.now < 400:
        while (wait := pace.wait()) == 0:
            number = pace.begin()
            level, seen = min(size, level + (clock.now - seen) * rate) - 1, clock.now
            assert level >= 0
            left = {"requests_remaining": int(level), "requests_reset": (size - level) / rate}
            heapq.heappush(coming, (clock.now + 2, next(order), number, told(**left)))
        clock.now = min(coming[0][0] if coming else math.inf, clock.now + wait)
        while coming and coming[0][0] <= clock.now:
            _, _, number, result = heapq.heappop(coming)
            pace.end(number, result)
            if clock.now > 200:
                answers += 1
                levels.append(level)
    assert answers / 200 == pytest.approx(rate, rel=0.05)
    assert sum(levels) / len(levels) == pytest.approx(size / 2, rel=0.1)
