"""What the slots of claims hold against marked things, by hand and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import floors
from evals.scorers.entities import KINDS, EntityScorer, found, gold
from extractor.claims import Attribution, Quantity, Source, StatedOn, Statement, Time
from extractor.documents import Document, Mention, Span
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction

TEXT = (
    "Rebels lost more than 34 tanks near Halvane on Friday, Commander Idris Noor said on Sunday."
    " Two drones were over Port Adra and at Lake Orrin in May, and rescue workers counted 7 boats."
)
SCORER = EntityScorer()
BY_NAME = {kind.name: kind for kind in KINDS}


def at(words, kind=Mention, **known):
    start = TEXT.index(words)
    return kind(text=words, start=start, end=start + len(words), **known)


def claim(name="c", **slots):
    said = slots.pop("said", Attribution(voice="outlet"))
    return Statement(id=name, type="other", attribution=said, evidence=(at(TEXT, Span),), **slots)


def marked(kind, words, confidence=1.0):
    return {"type": kind, "confidence": confidence, **at(words, Span).model_dump()}


def sample(*entities):
    return Sample(document=Document(text=TEXT), gold={"entities": list(entities)})


def ratio(name, score):
    metric = next(metric for metric in SCORER.metrics if metric.name == name)
    above, below = (
        sum(weight * score.counts.get(key, 0) for key, weight in side.items()) for side in (metric.numerator, metric.denominator)
    )
    return above / below


NOOR = Source(**at("Commander Idris Noor").model_dump(), name=at("Idris Noor", Span))
SAID = Attribution(sources=(NOOR,), cue=at("said"), stated_on=at("on Sunday", StatedOn), voice="attributed")
TANKS = at("more than 34 tanks", Quantity, value=34, comparator="more_than", unit="tanks")
LOST = claim(subject=at("Rebels"), quantity=TANKS, place=at("near Halvane"), time=at("on Friday", Time), said=SAID)
MARKED = (
    marked("Organisation", "Rebels"),
    marked("Quantity", "34"),
    marked("MilitaryPlatform", "tanks"),
    marked("Location", "Halvane"),
    marked("Temporal", "Friday"),
    marked("Person", "Idris Noor"),
    marked("Temporal", "Sunday"),
    marked("Location", "Port Adra"),
    marked("Temporal", "May"),
    marked("Organisation", "rescue workers"),
)


def test_every_slot_of_one_claim_by_hand():
    score = SCORER.score(sample(*MARKED), Prediction([LOST]))
    matched = {row.shown["gold"]: row.shown["predicted"] for row in score.rows if row.kind == "matched" and row.tags["kind"] != "party"}
    assert matched == {
        "34": "more than 34 tanks",
        "tanks": "tanks",
        "Halvane": "near Halvane",
        "Friday": "on Friday",
        "Sunday": "on Sunday",
        "Idris Noor": "Commander Idris Noor",
    }
    # 5 slots, all right; marked are 2 places, 3 times, 1 figure, 3 organisations and persons
    assert (ratio("slot_precision", score), ratio("slot_recall", score), ratio("slot_f1", score)) == (5 / 5, 5 / 9, 10 / 14)
    assert (ratio("place_f1", score), ratio("time_recall", score), ratio("source_recall", score)) == (2 / 3, 2 / 3, 1 / 3)
    # the subject is an organisation; "Rebels" and "tanks" are the things that could be arms
    assert (ratio("party_recall", score), ratio("thing_precision", score)) == (1 / 3, 1 / 2)


def test_a_slot_of_the_wrong_kind_is_wrong():
    score = SCORER.score(sample(marked("Person", "Halvane")), Prediction([claim(place=at("Halvane"))]))
    assert (ratio("slot_precision", score), ratio("slot_recall", score)) == (0, 0)
    assert sorted((row.kind, row.tags["kind"]) for row in score.rows) == [("invented", "place"), ("missed", "party"), ("missed", "source")]


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("near Halvane", True),
        ("near Halvane on Friday", False),
        ("tanks near Halvane", True),
        ("34 tanks near Halvane", True),
        ("Friday", False),
    ],
)
def test_half_of_the_characters_in_common_are_enough(words, same):
    # "Halvane" is 7 of 12 (14/19), of 22 (14/29), of 18 (14/25), of 21 characters (14/28)
    score = SCORER.score(sample(MARKED[3]), Prediction([claim(place=at(words))]))
    assert score.counts["place.matched"] == same


@pytest.mark.parametrize("words", ["34", "more than 34", "more than 34 tanks", "34 tanks"])
def test_a_figure_may_be_marked_with_or_without_its_hedge_and_what_it_counts(words):
    score = SCORER.score(sample(marked("Quantity", words)), Prediction([LOST]))
    assert (score.counts["quantity.matched"], score.counts["quantity.predicted"]) == (1, 1)


def test_a_person_may_be_marked_without_title():
    # "Noor" is 4 of the 20 characters of the source, and of the 10 of its name
    score = SCORER.score(sample(marked("Person", "Noor")), Prediction([LOST]))
    assert score.counts["source.matched"] == 1


def test_what_several_claims_say_of_one_place_is_one_thing():
    claims = [claim(name, place=at("Halvane"), time=at("in May", Time)) for name in "abc"]
    assert (len(found(claims, BY_NAME["place"])), len(found(claims, BY_NAME["time"]))) == (1, 1)
    claims = [LOST, claim(said=Attribution(sources=(at("Rebels", Source), at("Commander Idris Noor", Source)), voice="attributed"))]
    assert found(claims, BY_NAME["source"]) == found(claims[::-1], BY_NAME["source"])


def test_doubtful_things_are_no_gold():
    places = sample(marked("Location", "Halvane", 0.5), marked("Location", "Port Adra", 0.49))
    assert [TEXT[slice(*run)] for run in gold(places, BY_NAME["place"])] == ["Halvane"]


def test_pairs_are_the_best_sum_rather_than_the_best_first():
    # the best pair alone is the first mark with the first claim, 32/37; it would leave the others, 26/34 and 22/27, without each other
    marks = (marked("Location", "Port Adra and at Lake"), marked("Location", "and at Lake"))
    claims = [claim("a", place=at("Adra and at Lake")), claim("b", place=at("Port Adra and"))]
    assert SCORER.score(sample(*marks), Prediction(claims)).counts["place.matched"] == 2


def test_without_an_answer_everything_is_missed():
    score = SCORER.score(sample(*MARKED), Prediction())
    assert {row.kind for row in score.rows} == {"missed"}
    assert ratio("slot_f1", score) == ratio("slot_recall", score) == 0


WORDS = ("Halvane", "near Halvane", "Port Adra", "Adra and at", "Friday", "on Friday, Commander", "Rebels", "34 tanks", "7 boats")
POOL = [
    one
    for index, words in enumerate(WORDS)
    for one in (
        claim(f"p{index}", place=at(words)),
        claim(f"t{index}", time=at(words, Time), subject=at(words)),
        claim(f"s{index}", said=Attribution(sources=(at(words, Source),), voice="attributed")),
    )
] + [LOST]
THINGS = [marked(kind, words) for kind in ("Location", "Temporal", "Person", "Quantity", "Weapon") for words in WORDS]


@given(st.data())
def test_the_order_of_claims_and_gold_decides_nothing(data):
    claims = data.draw(st.lists(st.sampled_from(POOL), unique_by=lambda one: one.id, max_size=8))
    things = data.draw(st.lists(st.sampled_from(THINGS), max_size=8))
    score = SCORER.score(sample(*things), Prediction(claims))
    again = SCORER.score(sample(*data.draw(st.permutations(things))), Prediction(data.draw(st.permutations(claims))))
    assert again == score
    for metric in SCORER.metrics:
        below = sum(weight * score.counts.get(key, 0) for key, weight in metric.denominator.items())
        assert below == 0 or 0 <= ratio(metric.name, score) <= 1


def test_rules_alone_find_figures_times_places_and_sources():
    score = SCORER.score(sample(*MARKED), floors.entities(sample(*MARKED)))
    shown = {
        kind: [row.shown["predicted"] for row in score.rows if row.tags["kind"] == kind and "predicted" in row.shown] for kind in BY_NAME
    }
    assert shown["quantity"] == ["more than 34 tanks", "Two drones", "7 boats"]
    assert shown["time"] == ["on Friday", "on Sunday", "in May"]
    assert shown["place"] == ["Halvane", "Lake Orrin"]
    assert shown["source"] == ["Commander Idris Noor"]
