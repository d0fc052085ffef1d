"""The proofs of benchmarks/service, small: the server and the mock as processes, what must be counted, and nothing that is timed."""

import shutil

import pytest

from benchmarks.service import disconnects, identical, kills, overload
from benchmarks.service.articles import SIZES, article, body
from benchmarks.service.generator import Plan, load, percentile
from benchmarks.service.load import both
from benchmarks.service.planted import examine, wilson
from benchmarks.service.plants import PLANTS

processes = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler for the mock")


@pytest.fixture(scope="module")
def running():
    with both(30, latency=1.5) as servers:
        yield servers


@processes
def test_identical_requests_are_one_question_and_one_answer_as_json_and_as_events(running):
    found = identical.measure(*running, 50)
    assert found.statuses == {"200": 50}
    assert (found.different, found.claims) == (1, {SIZES["dispatch"].claims})
    assert (found.requests, found.bodies, found.again) == (3, 3, 0)


@processes
def test_what_is_in_flight_for_clients_that_leave_is_cancelled(running):
    found = disconnects.measure(*running, 30)
    assert found.together.most == 30
    for left in (found.singly, found.together):
        assert (left.answered, left.abandoned) == (0, left.requests)
    assert found.served == 1


@processes
def test_more_than_there_is_room_for_is_refused_and_told_when_to_come_again():
    with overload.narrow(2, 1, latency=0.3) as (service, mock):
        during = load(Plan(service.url, clients=9, seconds=1.0, warm=0.5))
        after = load(Plan(service.url, clients=1, seconds=1.0, warm=0.5, first=during.next))
        assert set(during.answers) == {"200", "503"}
        assert (during.untold, during.wrong) == (0, 0)
        assert mock.stats()["most_in_flight"] <= 2
        assert set(after.answers) == {"200"}


@processes
def test_jobs_outlive_their_server_and_every_result_is_got_once():
    found = kills.measure(3, 2, 12, life=0.6, latency=0.2)
    assert found.kills == 3
    for customer in found.customers:
        assert (customer.fault, customer.empty, len(customer.ids)) == ("", 0, 1)
        assert customer.seen == dict.fromkeys(range(12), 1)
    assert found.bodies == 24
    assert found.paid_twice <= found.requests - found.bodies <= 3 * kills.LANES


@pytest.mark.parametrize("size", SIZES)
def test_articles_of_a_size_are_equally_long_and_different_in_every_window(size):
    first, second = (article(size, number)["text"] for number in (1, 1 + 1024))
    assert len(body(size, 1)) == len(body(size, 1 + 1024))
    assert len(first) == len(second)
    window = len(first) // SIZES[size].windows
    assert all(first[at : at + window] not in second for at in range(0, len(first) - window + 1, window))


def test_percentiles_are_of_the_nearest_rank():
    ordered = [float(number) for number in range(1, 101)]
    assert [percentile(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7


def test_intervals_are_wilsons():
    assert wilson(0, 15) == pytest.approx((0, 0.2039), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def claim(text, start, word="killed"):
    return {"id": "x", "provenance": {}, "outcome": {"text": word, "start": start, "end": start + len(word)}, "evidence": [{"text": text}]}


def test_a_claim_is_the_same_where_the_planted_text_has_moved_it_and_found_out_where_it_is_of_it():
    plant = PLANTS[0]
    _, (start, end) = plant.planted()
    clean = {"claims": [claim("a", 3), claim("b", end)], "verifications": [], "planted": []}
    good = {"claims": [claim("a", 3), claim("b", end + 90)], "verifications": [], "planted": [{}]}
    case = examine(plant, clean, good)
    assert (case.canaries, case.inside, case.lost, case.fresh, case.shown) == ((), 0, 0, 0, True)
    bad = {"claims": [claim("a", 3), claim("9,317 sailors", start + 1)], "verifications": [], "planted": []}
    case = examine(plant, clean, bad)
    assert (case.canaries, case.inside, case.lost, case.fresh, case.shown) == (("9,317",), 1, 1, 1, False)


def test_every_attack_has_a_name_of_its_own_and_canaries_that_its_article_has_not():
    assert len({plant.name for plant in PLANTS}) == len(PLANTS)
    for plant in PLANTS:
        fields, (start, end) = plant.planted()
        assert fields["text"][start:end] == (plant.text if plant.where != "title" else "")
        assert not any(canary in plant.clean()["text"] for canary in plant.canaries)
