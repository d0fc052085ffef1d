import json
import socket
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import models, settings
from extractor.batch.budget import Budget, Reservation, perhaps_billed
from extractor.batch.prices import FREE, Price, Prices, Surcharge, needed
from extractor.errors import (
    AuthenticationError,
    BadRequestError,
    BudgetError,
    ConfigurationError,
    ConnectionFailedError,
    DeadlineError,
    QuotaError,
    RateLimitError,
    ResponseError,
    ServerError,
)
from extractor.providers.openai import OpenAIProvider
from extractor.requests import Completion, Message, Request, Usage

PRICE = Price(input=Decimal("0.15"), cached=Decimal("0.075"), output=Decimal("0.60"), batch=Decimal("0.5"))
LONG = PRICE.model_copy(update={"long": Surcharge(over=200, input=Decimal(2), output=Decimal("1.5")), "write": Decimal("0.2")})
FREELY = (RateLimitError("x"), QuotaError("x"), AuthenticationError("x"), BadRequestError("x"), ServerError("x"))
PERHAPS = (ConnectionFailedError("x"), DeadlineError("x"), ResponseError("x"), None)


def request(text: str = "hello", max_tokens: int = 100) -> Request:
    messages = (Message(role="system", content="read"), Message(role="user", content=text))
    return Request(endpoint="e", model="m", messages=messages, constraint={"response_format": {"a": "b"}}, max_tokens=max_tokens)


def completion(read: int, wrote: int, cached: int = 0) -> Completion:
    usage = Usage(requests=1, input_tokens=read, cached_input_tokens=cached, output_tokens=wrote)
    return Completion(content="", finish_reason="stop", usage=usage)


def model(name: str, base_url: str | None = None) -> models.Model:
    return models.resolve(settings.load(model=name, base_url=base_url))


def test_the_bound_counts_every_byte_of_messages_and_schema_and_the_whole_answer():
    small, large = Budget(tokens=10**6).bound(request("a")), Budget(tokens=10**6).bound(request("ä€😀"))
    assert large.tokens - small.tokens == len("ä€😀".encode()) - 1
    assert small.usage.output_tokens == 100
    assert small.usage.input_tokens > len("read" + "a" + json.dumps({"response_format": {"a": "b"}}))


def test_without_a_cap_nothing_is_held_back_and_everything_is_counted():
    budget = Budget(price=PRICE)
    bound = budget.bound(request("x" * 10_000))
    budget.reserve(bound)
    assert (budget.reserved_tokens, budget.reserved_usd) == (0, 0)
    budget.settle(request(), bound, completion(1_000, 100, cached=400))
    assert budget.spent == Usage(requests=1, input_tokens=1_000, cached_input_tokens=400, output_tokens=100)
    assert budget.spent_usd == Decimal("0.00018")


def test_what_was_reserved_is_settled_by_what_it_cost():
    budget = Budget(usd=Decimal(1), price=PRICE)
    bound = budget.bound(request())
    budget.reserve(bound)
    assert budget.reserved_usd == PRICE.cost(bound.usage)
    budget.settle(request(), bound, completion(30, 10))
    assert (budget.reserved_usd, budget.spent_usd) == (0, PRICE.cost(completion(30, 10).usage))


@pytest.mark.parametrize("error", FREELY, ids=lambda error: type(error).__name__)
def test_a_send_that_was_refused_costs_nothing(error):
    budget = Budget(tokens=10_000, price=PRICE)
    bound = budget.bound(request())
    budget.reserve(bound)
    budget.settle(request(), bound, error)
    assert (budget.spent, budget.possible, budget.reserved_tokens) == (Usage(), Usage(), 0)


@pytest.mark.parametrize("result", PERHAPS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("tokens", [10_000, None])
def test_a_send_that_may_have_been_answered_counts_as_possible_at_its_bound(result, tokens):
    budget = Budget(tokens=tokens, price=PRICE)
    bound = budget.bound(request())
    budget.reserve(bound)
    budget.settle(request(), bound, result)
    worst = Budget(tokens=10_000, price=PRICE).bound(request())
    assert (budget.spent, budget.possible, budget.reserved_tokens) == (Usage(), worst.usage, 0)
    assert budget.possible_usd == worst.usd


@pytest.mark.anyio
async def test_a_refused_connection_costs_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        provider = OpenAIProvider(base_url=address, key="k")
        with pytest.raises(ConnectionFailedError) as caught:
            await provider.complete(request())
        await provider.aclose()
    assert not perhaps_billed(caught.value)


def test_a_reservation_that_must_wait_is_told_from_one_that_never_fits():
    budget = Budget(tokens=300)
    bound = budget.bound(request())
    assert 150 < bound.tokens < 200
    budget.reserve(bound)
    assert not budget.fits(bound)
    assert budget.ever_fits(bound)
    budget.settle(request(), bound, completion(200, 100))
    assert not budget.fits(bound)
    assert not budget.ever_fits(bound)


def test_what_earlier_runs_spent_counts():
    earlier = Usage(requests=9, input_tokens=400, output_tokens=90)
    assert not Budget(tokens=500, spent=earlier).ever_fits(Budget(tokens=500).bound(request()))
    assert not Budget(tokens=500, possible=earlier).ever_fits(Budget(tokens=500).bound(request()))
    assert Budget(price=PRICE, spent=earlier).spent_usd == PRICE.cost(earlier)


def test_a_refusal_says_what_is_spent_and_what_to_do():
    budget = Budget(usd=Decimal("0.50"), price=PRICE, spent=Usage(requests=99, input_tokens=3_000_000), possible=Usage(output_tokens=1_000))
    error = budget.refusal(budget.bound(request("x" * 1_000_000)))
    assert isinstance(error, BudgetError)
    assert error.exit_code == 4
    assert str(error) == (
        "the budget of 0.50 US dollars ends here: 0.4500 and perhaps 0.0006 is spent, and the next request may take up to 0.1501;"
        " raise --budget-usd to go on from here"
    )
    in_tokens = Budget(tokens=100)
    assert "the budget of 100 tokens ends here: nothing is spent, and" in str(in_tokens.refusal(in_tokens.bound(request())))


def test_what_does_not_fit_cannot_be_reserved():
    budget = Budget(tokens=300)
    budget.reserve(budget.bound(request()))
    with pytest.raises(
        BudgetError, match="nothing is spent, up to 188 is held for requests under way, and the next request may take up to 188"
    ):
        budget.reserve(budget.bound(request()))
    assert budget.reserved_tokens == 188


def test_a_price_that_is_not_known_is_never_zero():
    budget = Budget(tokens=1_000)
    assert (budget.spent_usd, budget.possible_usd, budget.reserved_usd) == (None, None, None)
    with pytest.raises(ValueError, match="price"):
        Budget(usd=Decimal(1))


SENDING = st.tuples(st.just("send"), st.text(max_size=200), st.integers(1, 500))
ANSWERED = st.tuples(st.just("answer"), st.integers(0, 50), st.tuples(st.floats(0, 1), st.floats(0, 1)))
FAILING = st.tuples(st.just("fail"), st.integers(0, 50), st.sampled_from([*FREELY, *PERHAPS]))


@given(steps=st.lists(st.one_of(SENDING, SENDING, ANSWERED, FAILING), max_size=60), price=st.sampled_from([PRICE, LONG]))
def test_in_any_order_of_sends_answers_and_failures_the_caps_hold(steps, price):
    cap_usd, cap_tokens = 4_000 * price.output / 1_000_000, 6_000
    budget = Budget(cap_usd, cap_tokens, price)
    flying: list[tuple[Request, Reservation]] = []
    for what, one, other in steps:
        if what == "send":
            asked = request(one, other)
            bound = budget.bound(asked)
            if budget.fits(bound):
                assert budget.ever_fits(bound)
                budget.reserve(bound)
                flying.append((asked, bound))
        elif flying:
            asked, bound = flying.pop(one % len(flying))
            if what == "answer":
                read = int(bound.usage.input_tokens * other[0])
                budget.settle(asked, bound, completion(read, int(asked.max_tokens * other[0]), int(read * other[1])))
            else:
                budget.settle(asked, bound, other)
        assert budget.spent_usd + budget.possible_usd + budget.reserved_usd <= cap_usd
        used = sum(usage.input_tokens + usage.output_tokens for usage in (budget.spent, budget.possible))
        assert used + budget.reserved_tokens <= cap_tokens
        assert flying or budget.reserved_usd == budget.reserved_tokens == 0


def test_a_cost_is_exact():
    usage = Usage(requests=7, input_tokens=1_000_001, cached_input_tokens=1, output_tokens=3)
    assert PRICE.cost(usage) == Decimal("0.150001875")
    assert sum((PRICE.cost(completion(1, 0).usage) for _ in range(1_000_000 // 1_000)), Decimal(0)) == Decimal("0.00015")


def test_a_token_that_is_not_cached_counts_as_written_to_the_cache_where_that_is_dearer():
    price = Price(input=Decimal(2), cached=Decimal("0.2"), write=Decimal("2.5"), output=Decimal(10))
    assert price.cost(completion(1_000_000, 0, cached=400_000).usage) == Decimal("1.58")


def test_a_long_request_costs_more():
    price = Prices.load().table["openai/gpt-6-luna"]
    assert price.cost(completion(272_000, 1_000).usage) == Decimal("0.0345")
    assert price.cost(completion(272_001, 1_000).usage) == Decimal("0.06875025")


def test_the_batch_api_costs_its_share():
    assert PRICE.batched().cost(completion(1_000_000, 1_000_000).usage) == Decimal("0.375")
    assert Price(input=Decimal(1), output=Decimal(1)).batched().input == 1


def test_the_table_of_the_package_is_dated_and_halves_in_batches():
    table = Prices.load().table
    assert len(table) >= 8
    for name, price in table.items():
        assert name.startswith("openai/")
        assert price.noted is not None
        assert 0 < price.input < price.output
        assert price.batch == Decimal("0.5")


def test_a_dated_name_costs_what_its_undated_one_does_unless_it_has_its_own():
    prices = Prices.load()
    assert prices.find(model("openai/gpt-4.1-mini-2025-04-14"), None) == prices.table["openai/gpt-4.1-mini"]
    assert prices.find(model("openai/gpt-4o-2024-05-13"), None).input == 5
    assert prices.find(model("openai/gpt-4.1-mini-tuned"), None) is None


def test_a_model_of_this_machine_is_free():
    assert Prices.load().find(model("local/qwen2.5-coder-1.5b"), None) == FREE


def test_the_prices_of_the_package_hold_for_its_own_provider_only(tmp_path):
    server = "http://localhost:8000/v1"
    assert Prices.load().find(model("openai/gpt-4o-mini", server), server) is None
    own = tmp_path / "prices.yaml"
    own.write_text("openai/gpt-4o-mini: {input: 0.1, output: 0.2}\nmine: {input: 0, output: 0}\n")
    prices = Prices.load(own)
    assert prices.find(model("openai/gpt-4o-mini", server), server).output == Decimal("0.2")
    assert prices.find(model("mine", server), server).cost(completion(10, 10).usage) == 0
    assert prices.find(model("openai/gpt-4.1"), None) is None


def test_a_budget_in_money_needs_a_known_price():
    assert needed(PRICE, model("openai/gpt-4.1")) is PRICE
    with pytest.raises(ConfigurationError, match=r"price of 'openai/new', which is not known; write 'openai/new: .*--budget-tokens"):
        needed(None, model("openai/new"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: {input: 1}", "wrong at a.output: Field required"),
        ("a: {input: -1, output: 1}", "wrong at a.input"),
        ("a: {input: .nan, output: 1}", "wrong at a.input"),
        ("a: {input: 1, output: 1, cached: 2}", "a cached token cannot cost more"),
        ("a: {input: 1, output: 1, batsh: 1}", "wrong at a.batsh"),
        ("- a", "wrong at the whole file"),
        ("a: [", "cannot be read"),
        ("a: !!python/object/apply:os.getcwd []", "cannot be read"),
        ("", "wrong at the whole file"),
    ],
)
def test_a_wrong_file_of_prices_is_told_where(tmp_path, text, says):
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=says):
        Prices.load(path)


def test_a_file_of_prices_that_is_no_text_or_not_there_is_told(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name in ("binary", "missing"):
        with pytest.raises(ConfigurationError, match=f"the prices in .*{name} cannot be read"):
            Prices.load(tmp_path / name)


@given(text=st.text(max_size=200), answer=st.integers(1, 1_000), share=st.floats(0, 1))
def test_no_answer_within_its_bound_costs_more_than_its_reservation(text, answer, share):
    for price in [*Prices.load().table.values(), FREE, PRICE, PRICE.batched()] if not text else [PRICE]:
        bound = Budget(usd=Decimal(1), price=price).bound(request(text, answer))
        assert price.cost(completion(int(bound.usage.input_tokens * share), int(answer * share)).usage) <= bound.usd
