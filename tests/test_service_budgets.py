"""What callers may spend a day: never more, whatever comes of their requests and whichever process sends them."""

import asyncio
import random
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.batch.budget import Budget
from extractor.caches.base import NoCache
from extractor.caches.disk import DiskCache
from extractor.errors import (
    AuthenticationError,
    BadRequestError,
    BudgetError,
    ConnectionFailedError,
    DeadlineError,
    RateLimitError,
    ResponseError,
    ServerError,
    StorageError,
)
from extractor.exchange import Exchange
from extractor.providers.scripted import ScriptedProvider
from extractor.requests import Completion, Message, Request, Usage
from extractor.retries import RetryPolicy
from extractor.service.budgets import Budgets, paying, until_midnight
from extractor.service.callers import OPEN, Caller
from extractor.service.keys import Keys
from extractor.service.spending import Hold, Spending

pytestmark = pytest.mark.anyio
NOON = 1_773_230_400.0  # 2026-03-11T12:00:00Z
TODAY, TOMORROW = "2026-03-11", "2026-03-12"
FREELY = (RateLimitError("x"), AuthenticationError("x"), BadRequestError("x"), ServerError("x"))
PERHAPS = (ConnectionFailedError("x"), DeadlineError("x"), ResponseError("x"), None)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Gate:
    """The gate behind: lets everybody in, or fails."""

    def __init__(self) -> None:
        self.entered: list[Request] = []
        self.left: list[object] = []
        self.error: BaseException | None = None

    async def enter(self, request: Request) -> None:
        await anyio.lowlevel.checkpoint()
        if self.error is not None:
            raise self.error
        self.entered.append(request)

    def leave(self, request: Request, result: object) -> None:
        self.left.append(result)


class News:
    """Waits for news alone, and counts who began to wait for some."""

    def __init__(self) -> None:
        self.waits = 0

    async def __call__(self, event: anyio.Event, seconds: float) -> None:
        self.waits += 1
        with anyio.fail_after(30):
            await event.wait()

    async def wanted(self, waits: int = 1) -> None:
        """Return when somebody has waited so often; who looks for room does so in a thread."""
        with anyio.fail_after(30):
            while self.waits < waits:  # noqa: ASYNC110  # nothing tells of it
                await anyio.sleep(0.001)


def request(number: int = 0, max_tokens: int = 100) -> Request:
    return Request(endpoint="e", model="m", messages=(Message(role="user", content=f"{number:5}"),), constraint={}, max_tokens=max_tokens)


WORST = Budget(tokens=0).bound(request()).tokens


def answered(tokens: int) -> Completion:
    return Completion(content="", finish_reason="stop", usage=Usage(requests=1, input_tokens=tokens - 3, output_tokens=3))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "service"


@pytest.fixture
def keys(folder):
    with closing(Keys.open(folder)) as opened:
        yield opened


def gated(keys: Keys, clock: Clock | None = None) -> tuple[Budgets, Gate]:
    gate = Gate()
    return Budgets(gate, keys, clock or Clock(), News()), gate


def pays(keys: Keys, cap: int) -> str:
    """Have somebody with a cap pay for what this test asks; return the id of their key."""
    key, secret = keys.add("desk", tokens_a_day=cap)
    keys._refresh()
    paying.set(keys.find(secret))
    return key.id


def spent(keys: Keys, day: str = TODAY) -> dict[str, int]:
    """Return what is spent once everything is written."""
    keys.spending._writer.submit(lambda: None).result()
    return keys.spent(day)


@pytest.mark.parametrize("caller", [None, OPEN, Caller("1", "desk", rate=1, in_flight=1)], ids=str)
async def test_who_has_no_cap_passes_and_nothing_is_written(keys, folder, caller):
    budgets, gate = gated(keys)
    paying.set(caller)
    asked = request()
    await budgets.enter(asked)
    budgets.leave(asked, answered(40))
    assert (gate.entered, gate.left) == ([asked], [answered(40)])
    assert spent(keys) == {}


async def test_an_answer_counts_with_its_tokens_and_until_then_with_the_most_it_may_have(keys):
    budgets, gate = gated(keys)
    key = pays(keys, 10 * WORST)
    asked = request()
    await budgets.enter(asked)
    assert spent(keys) == {key: WORST}
    budgets.leave(asked, answered(40))
    assert spent(keys) == {key: 40}
    assert gate.left == [answered(40)]


@pytest.mark.parametrize("result", [*FREELY, *PERHAPS], ids=lambda result: type(result).__name__)
async def test_a_send_that_fails_is_free_unless_it_may_have_been_answered(keys, result):
    budgets, _ = gated(keys)
    key = pays(keys, 10 * WORST)
    asked = request()
    await budgets.enter(asked)
    budgets.leave(asked, result)
    assert spent(keys) == {key: WORST if result in PERHAPS else 0}


async def test_what_can_never_fit_today_is_refused_and_not_sent(keys):
    budgets, gate = gated(keys)
    pays(keys, 2 * WORST)
    asked = request()
    await budgets.enter(asked)
    budgets.leave(asked, answered(WORST + 1))
    with pytest.raises(BudgetError) as caught:
        await budgets.enter(request(1))
    assert len(gate.entered) == 1
    told = str(caught.value)
    for part in (str(2 * WORST), str(WORST + 1), "midnight UTC"):
        assert part in told
    assert "--" not in told


async def test_what_is_larger_than_a_days_cap_is_told_so(keys):
    budgets, gate = gated(keys)
    pays(keys, WORST - 1)
    with pytest.raises(BudgetError, match="more than the") as caught:
        await budgets.enter(request())
    assert "midnight" not in str(caught.value)
    assert gate.entered == []


async def test_what_may_fit_later_waits_for_what_is_under_way_in_the_order_it_came(keys):
    budgets, gate = gated(keys)
    pays(keys, 3 * WORST)
    first, large, small = request(0), request(1, max_tokens=100 + 2 * WORST), request(2)
    await budgets.enter(first)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(budgets.enter, large)
        await budgets._wait.wanted()
        tasks.start_soon(budgets.enter, small)  # would fit already
        await anyio.sleep(0.02)
        assert gate.entered == [first]
        budgets.leave(first, RateLimitError("x"))
        await budgets._wait.wanted(2)
        assert gate.entered == [first, large]
        budgets.leave(large, answered(10))
    assert gate.entered == [first, large, small]


async def test_whoever_waits_is_refused_when_what_was_under_way_cost_too_much(keys):
    budgets, gate = gated(keys)
    pays(keys, 2 * WORST - 1)
    first = request()
    told = []

    async def second() -> None:
        with pytest.raises(BudgetError) as caught:
            await budgets.enter(request(1))
        told.append(caught.value)

    await budgets.enter(first)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(second)
        await budgets._wait.wanted()
        budgets.leave(first, answered(WORST))
    assert len(told) == 1
    assert gate.entered == [first]


async def test_callers_do_not_wait_for_each_other(keys):
    budgets, gate = gated(keys)
    pays(keys, WORST)
    await budgets.enter(request(0))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(budgets.enter, request(1))
        await budgets._wait.wanted()
        pays(keys, WORST)
        await budgets.enter(request(2))
        assert [asked.messages[0].content.strip() for asked in gate.entered] == ["0", "2"]
        tasks.cancel_scope.cancel()


async def test_a_new_day_begins_at_midnight_utc_and_an_answer_counts_on_the_day_it_was_asked_for(keys):
    clock = Clock()
    budgets, _ = gated(keys, clock)
    key = pays(keys, WORST)
    late = request()
    await budgets.enter(late)
    clock.now += until_midnight(clock.now)
    early = request(1)
    await budgets.enter(early)
    budgets.leave(late, answered(30))
    budgets.leave(early, answered(20))
    assert (spent(keys, TODAY), spent(keys, TOMORROW)) == ({key: 30}, {key: 20})


async def test_whoever_waits_over_midnight_gets_room_of_the_new_day(keys):
    clock = Clock()
    gate = Gate()

    async def midnight(event: anyio.Event, seconds: float) -> None:
        clock.now += until_midnight(clock.now)

    budgets = Budgets(gate, keys, clock, midnight)
    pays(keys, WORST)
    await budgets.enter(request(0))
    await budgets.enter(request(1))
    assert len(gate.entered) == 2


@given(st.floats(0, 4e9))
def test_midnight_is_never_now_and_never_more_than_a_day_away(now):
    assert 0 < until_midnight(now) <= 86_400
    assert (now + until_midnight(now)) % 86_400 == pytest.approx(0, abs=1e-3) or (now + until_midnight(now)) % 86_400 > 86_399.999


@pytest.mark.parametrize("error", [ServerError("x"), BudgetError("x"), RuntimeError("x")], ids=lambda error: type(error).__name__)
async def test_what_the_gate_behind_does_not_let_in_gives_back_what_was_held(keys, error):
    budgets, gate = gated(keys)
    key = pays(keys, WORST)
    gate.error = error
    with pytest.raises(type(error)):
        await budgets.enter(request())
    gate.error = None
    await budgets.enter(request(1))
    assert spent(keys) == {key: WORST}


async def test_whoever_is_cancelled_while_waiting_holds_nothing_and_nobody_up(keys):
    budgets, gate = gated(keys)
    key = pays(keys, WORST)
    first, gone, last = request(0), request(1), request(2)
    await budgets.enter(first)
    scope = anyio.CancelScope()

    async def going() -> None:
        with scope:
            await budgets.enter(gone)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(going)
        await budgets._wait.wanted()
        tasks.start_soon(budgets.enter, last)
        scope.cancel()
        await budgets._wait.wanted(2)
        budgets.leave(first, ServerError("x"))
    assert gate.entered == [first, last]
    assert spent(keys) == {key: WORST}


async def test_a_task_that_asyncio_cancels_at_any_moment_leaves_nothing_held(keys):
    budgets, _ = gated(keys)
    key = pays(keys, 3 * WORST)
    for pause in (0.0, 0.0002, 0.0005, 0.001, 0.002):
        for _ in range(8):
            asked = request()
            task = asyncio.create_task(budgets.enter(asked))
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                budgets.leave(asked, ServerError("x"))
    with anyio.fail_after(30):
        while keys.spent(TODAY).get(key):  # noqa: ASYNC110  # the thread of the last may still be at it
            await anyio.sleep(0.01)
    for number in range(3):
        await budgets.enter(request(number))
    assert spent(keys) == {key: 3 * WORST}


async def test_two_desks_of_a_process_share_what_a_caller_may_spend(keys):
    one, _ = gated(keys)
    other, _ = gated(keys)
    pays(keys, WORST)
    asked = request()
    await one.enter(asked)
    one.leave(asked, answered(WORST))
    with pytest.raises(BudgetError):
        await other.enter(request(1))


async def test_a_remembered_answer_costs_nothing_and_a_retry_is_held_to_the_cap_again(keys, tmp_path):
    gate = Gate()
    provider = ScriptedProvider([ServerError("x"), answered(40)])
    exchange = Exchange(provider, DiskCache(tmp_path / "answers"), RetryPolicy(first_wait=0.001), Budgets(gate, keys, Clock(), News()))
    key = pays(keys, WORST)
    for _ in range(3):
        await exchange.complete(request())
    assert (len(gate.entered), spent(keys)) == (2, {key: 40})
    await exchange.aclose()


async def test_an_exchange_tells_of_a_spent_budget_without_sending(keys):
    provider = ScriptedProvider([answered(WORST)])
    exchange = Exchange(provider, NoCache(), RetryPolicy(), Budgets(Gate(), keys, Clock(), News()))
    pays(keys, WORST)
    await exchange.complete(request())
    with pytest.raises(BudgetError):
        await exchange.complete(request(1))
    await exchange.aclose()


async def test_what_is_spent_survives_a_restart_and_what_was_not_settled_counts_in_full(keys, folder):
    budgets, _ = gated(keys)
    key = pays(keys, 10 * WORST)
    done, open_ = request(0), request(1)
    await budgets.enter(done)
    await budgets.enter(open_)
    budgets.leave(done, answered(40))
    keys.close()
    keys.close()
    assert [file.name for file in folder.iterdir()] == ["keys.sqlite"]
    with closing(Keys.open(folder)) as again:
        assert again.spent(TODAY) == {key: 40 + WORST}
        budgets.leave(open_, answered(40))  # of the process that is about to end, too late
        assert again.spent(TODAY) == {key: 40 + WORST}


async def test_without_its_file_nothing_is_sent(keys, folder):
    budgets, gate = gated(keys)
    key = pays(keys, 10 * WORST)
    asked = request()
    await budgets.enter(asked)
    (folder / "keys.sqlite").rename(folder / "aside")
    with pytest.raises(StorageError, match="is gone"):
        await budgets.enter(request(1))
    budgets.leave(asked, answered(40))
    assert len(gate.entered) == 1
    keys.spending._writer.submit(lambda: None).result()
    (folder / "aside").rename(folder / "keys.sqlite")
    await budgets.enter(request(2))
    assert spent(keys) == {key: 40 + WORST}, "what could not be written was forgotten"


async def test_a_full_disk_lets_nothing_through_uncounted(keys, folder, monkeypatch, caplog):
    budgets, gate = gated(keys)
    key = pays(keys, 10 * WORST)
    asked = request()
    await budgets.enter(asked)
    keys.spending._file._sql.execute("PRAGMA query_only = 1")
    budgets.leave(asked, answered(40))
    with pytest.raises(StorageError):
        await budgets.enter(request(1))
    assert spent(keys) == {key: WORST}, "less than what may be spent was counted"
    assert "until then all they might cost counts" in caplog.text
    keys.spending._file._sql.execute("PRAGMA query_only = 0")
    await budgets.enter(request(2))
    assert spent(keys) == {key: 40 + WORST}
    assert len(gate.entered) == 2


async def test_what_is_spent_goes_on_in_a_file_that_takes_the_place_of_another(keys, folder, tmp_path):
    budgets, _ = gated(keys)
    key = pays(keys, 10 * WORST)
    before, after = request(0), request(1)
    await budgets.enter(before)
    Keys.open(tmp_path / "other").close()
    for log in ("keys.sqlite-wal", "keys.sqlite-shm"):
        (folder / log).unlink()
    (tmp_path / "other" / "keys.sqlite").replace(folder / "keys.sqlite")
    budgets.leave(before, answered(40))
    await budgets.enter(after)
    keys._refresh()
    assert spent(keys) == {key: 40 + WORST}


async def test_a_disk_that_is_full_at_the_end_counts_too_much_rather_than_too_little(keys, folder, caplog):
    budgets, _ = gated(keys)
    key = pays(keys, 10 * WORST)
    asked = request()
    await budgets.enter(asked)
    keys.spending._file._sql.execute("PRAGMA query_only = 1")
    budgets.leave(asked, answered(40))
    keys.close()
    assert "what was held for requests of today counts as spent" in caplog.text
    with closing(Keys.open(folder)) as again:
        assert again.spent(TODAY) == {key: WORST}


@settings(max_examples=15, deadline=None)
@given(
    cap=st.integers(0, 400),
    plans=st.lists(st.tuples(st.integers(0, 90), st.sampled_from("aafpcx")), min_size=1, max_size=12),
    seed=st.integers(0, 2**32),
)
def test_whatever_comes_of_requests_no_more_is_spent_and_held_than_the_cap(cap, plans, seed, tmp_path_factory):
    """Each request asks for some tokens, and is answered, fails freely, fails perhaps billed, or is cancelled inside or at any time."""
    chance = random.Random(seed)
    cap += WORST
    answers = {"a": None, "f": ServerError("x"), "p": DeadlineError("x"), "c": None, "x": None}
    counted = []

    async def one(keys: Keys, key: str, budgets: Budgets, number: int, size: int, plan: str) -> None:
        asked = request(number, max_tokens=size + 1)
        worst = Budget(tokens=0).bound(asked).tokens
        with anyio.CancelScope() as scope:
            if plan == "x":
                scope.cancel()
            try:
                await budgets.enter(asked)
            except BudgetError:
                return
            assert keys.spent(TODAY)[key] <= cap
            for _ in range(chance.randrange(4)):
                await anyio.lowlevel.cancel_shielded_checkpoint()
            cost = chance.randrange(3, worst + 1)
            result = answered(cost) if plan == "a" else answers[plan]
            counted.append({"a": cost, "f": 0}.get(plan, worst))
            budgets.leave(asked, result)

    async def run() -> None:
        with closing(Keys.open(tmp_path_factory.mktemp("budgets") / "service")) as keys:
            key = pays(keys, cap)
            budgets, _ = gated(keys)
            async with anyio.create_task_group() as tasks:
                for number, (size, plan) in enumerate(plans):
                    tasks.start_soon(one, keys, key, budgets, number, size, plan)
            assert spent(keys).get(key, 0) == sum(counted) <= cap

    anyio.run(run)


CHILD = """
import sys, time
from pathlib import Path
from extractor.service.spending import Hold, Spending
folder, do, count, worst, cost, cap = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
spending = Spending(folder)
rooms = []
for _ in range(count):
    hold = Hold("key", "2026-03-11", worst)
    rooms.append(spending.reserve(hold, cap))
    if do == "settle":
        spending.settle(hold, cost)
print(rooms.count("held"), flush=True)
if do == "hang":
    time.sleep(60)
spending.close()
"""


def child(folder: Path, do: str, count: int, worst: int, cost: int, cap: int) -> subprocess.Popen[str]:
    arguments = [str(folder), do, *map(str, (count, worst, cost, cap))]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, text=True)


def test_processes_that_spend_at_the_same_time_count_every_token(folder):
    with closing(Keys.open(folder)) as keys:
        with child(folder, "settle", 40, 7, 3, 10**6) as one, child(folder, "settle", 40, 7, 3, 10**6) as other:
            assert (one.stdout.read(), other.stdout.read()) == ("40\n", "40\n")
        assert keys.spent(TODAY) == {"key": 2 * 40 * 3}


def test_processes_that_hold_at_the_same_time_never_pass_the_cap_together(folder):
    with closing(Keys.open(folder)) as keys:
        with child(folder, "hold", 40, 7, 0, 300) as one, child(folder, "hold", 40, 7, 0, 300) as other:
            held = int(one.stdout.read()) + int(other.stdout.read())
        assert held == 300 // 7
        assert keys.spent(TODAY) == {"key": held * 7}


def test_what_a_killed_process_held_counts_as_spent_so_that_nobody_waits_for_it(folder):
    Keys.open(folder).close()
    with child(folder, "hang", 2, 300, 0, 1000) as other, closing(Spending(folder)) as spending:
        try:
            assert other.stdout.readline() == "2\n"
            assert spending.reserve(Hold("key", TODAY, 500), 1000) == "later"
            other.send_signal(signal.SIGKILL)
            other.wait()
            assert spending.reserve(Hold("key", TODAY, 500), 1000) == "never"
            assert spending.reserve(Hold("key", TODAY, 400), 1000) == "held"
            assert spending.reserve(Hold("key", TOMORROW, 1000), 1000) == "held"
        finally:
            other.kill()
    with closing(Keys.open(folder)) as keys:
        assert keys.spent(TODAY) == {"key": 1000}
    assert [file.name for file in folder.iterdir()] == ["keys.sqlite"]


def test_what_a_killed_process_left_behind_is_cleared_away_by_the_next(folder):
    Keys.open(folder).close()
    with child(folder, "hang", 1, 300, 0, 1000) as other:
        other.stdout.readline()
        other.kill()
        other.wait()
    assert any(".lock" in file.name for file in folder.iterdir())
    with closing(Spending(folder)) as spending:
        assert spending.reserve(Hold("key", TODAY, 700), 1000) == "held"
    assert [file.name for file in folder.iterdir()] == ["keys.sqlite"]


def test_a_hold_that_is_settled_before_it_is_held_holds_nothing(folder):
    with closing(Keys.open(folder)) as keys:
        hold = Hold("key", TODAY, 100)
        keys.spending.settle(hold, 0)
        assert keys.spending.reserve(hold, 100) == "held"
        assert spent(keys) == {"key": 0}
