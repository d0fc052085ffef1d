"""Agreement with the official series, on invented articles and an invented series."""

import json
from datetime import date, timedelta

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from words import answer

from evals import losses
from extractor import Document, Extractor, MemoryCache, ScriptedProvider
from extractor.claims import Quantity
from extractor.evaluation import runs
from extractor.evaluation.samples import Sample, digest
from extractor.settings import load

DAY = date(2024, 5, 3)
TEXT = """Russian forces lost 420 troops and 17 tanks over the past day, Kyiv's military said on Friday.

Ukraine's General Staff said Russia has lost nearly 310,500 soldiers since 24 February 2022. Moscow's troops lost nine combat
vehicles, it said.

Moscow's Defense Ministry said Ukraine's armed forces had lost 615 troops over the previous day.

Ukraine's General Staff said Russian forces lost 99 drones on Friday. It said Russian forces lost several boats. Kyiv
said 33 Russian cooks died."""
_LOSS = {"outcome": "lost", "type": "human_losses"}
DRAFTS = [
    {
        **_LOSS,
        "sentence": 1,
        "source": "Kyiv's military",
        "subject": "Russian forces",
        "quantity": "420 troops",
        "time": "over the past day",
    },
    {**_LOSS, "sentence": 1, "source": "Kyiv's military", "subject": "Russian forces", "quantity": "17 tanks", "time": "over the past day"},
    {
        **_LOSS,
        "sentence": 2,
        "source": "Ukraine's General Staff",
        "subject": "Russia",
        "quantity": "nearly 310,500 soldiers",
        "time": "since 24 February 2022",
    },
    {
        **_LOSS,
        "sentence": 3,
        "source": "Ukraine's General Staff",
        "subject": "Moscow's troops",
        "quantity": "nine combat vehicles",
    },
    {**_LOSS, "sentence": 4, "source": "Moscow's Defense Ministry", "subject": "Ukraine's armed forces", "quantity": "615 troops"},
    {
        **_LOSS,
        "sentence": 5,
        "source": "Ukraine's General Staff",
        "subject": "Russian forces",
        "quantity": "99 drones",
        "time": "on Friday",
    },
    {**_LOSS, "sentence": 6, "source": "Ukraine's General Staff", "subject": "Russian forces", "quantity": "several boats"},
    {**_LOSS, "sentence": 7, "source": "Kyiv", "subject": "Russian cooks", "outcome": "died", "quantity": "33 Russian cooks"},
]
BULLETIN = """The total combat losses of the enemy from 24.02 to 03.05 were approximately:
personnel - about 310480 (+420) persons were liquidated,
tanks - 4000 units,
helicopters - 77 (+0)."""


def record(day, *, cumulative, daily):
    return {"date": day.isoformat(), "cumulative": cumulative, "daily": daily}


SERIES = [
    record(DAY - timedelta(days=28), cumulative={"personnel": 299_000, "tanks": 3_900}, daily={"personnel": 420, "tanks": 3}),
    record(DAY - timedelta(days=1), cumulative={"personnel": 310_060, "tanks": 3_984}, daily={"personnel": 380, "tanks": 17}),
    record(
        DAY,
        cumulative={"personnel": 310_480, "tanks": 4_000, "armoured_vehicles": 8_000, "uav": 99, "ships_boats": 5},
        daily={"personnel": 420, "tanks": 16, "armoured_vehicles": 9, "uav": 12, "ships_boats": None},
    ),
]


def extract(text, *drafts, **fields):
    made = Extractor.from_settings(load(model="openai/x"), provider=ScriptedProvider([answer(*drafts)] * 2), cache=MemoryCache())
    return anyio.run(made.extract, Document(text=text, published=DAY, **fields))


def test_each_claim_is_compared_with_its_category_measure_and_day():
    found = losses.agreement([extract(TEXT, *DRAFTS)], SERIES)
    rows = {row.figure: (row.category, row.measure, row.outcome, row.chance) for row in found.compared}
    assert rows == {
        "420 troops": ("personnel", "period", "agrees", True),
        "17 tanks": ("tanks", "period", "agrees", False),  # the day before's
        "nearly 310,500 soldiers": ("personnel", "cumulative", "agrees", False),
        "nine combat vehicles": ("armoured_vehicles", None, "agrees", False),
        "99 drones": ("uav", "period", "other_measure", False),
    }
    assert found.left_out == {"russian": 1, "figure": 1, "category": 1}
    assert (found.claims, found.documents, found.rate) == (8, 1, 0.8)
    assert losses.Agreement.model_validate_json(found.model_dump_json()) == found


def test_a_line_of_a_bulletin_is_the_enemy_s_where_kyiv_publishes_it():
    """Rules read the lines, each with its total and its day's figure; no draft is needed."""
    nobodys = BULLETIN.replace(" of the enemy", "")
    for text in (BULLETIN, nobodys):
        found = losses.agreement([extract(text, publisher="Ministry of Defence of Ukraine")], SERIES)
        assert [(row.category, row.measure, row.outcome) for row in found.compared] == [
            ("personnel", "cumulative", "agrees"),
            ("personnel", "period", "agrees"),
            ("tanks", "cumulative", "agrees"),
        ]
        assert found.left_out == {"day": 2}
    assert losses.agreement([extract(BULLETIN, publisher="Dale Gazette")], SERIES).left_out == {"source": 5}
    assert losses.agreement([extract(nobodys, publisher="Dale Gazette")], SERIES).left_out == {"russian": 5}


def test_what_the_series_does_not_say_agrees_with_nothing_and_its_example_is_shown():
    wrong = extract(TEXT.replace("420 troops", "421 troops"), {**DRAFTS[0], "quantity": "421 troops"})
    found = losses.agreement([wrong], SERIES)
    assert [row.outcome for row in found.compared] == ["disagrees"]
    told = losses.report(found)
    assert "agree with the series: 0 of 1, 0.0 %" in told
    assert "Kyiv's military: Russian forces lost 421 troops over the past day [period]; personnel in the series:" in told


def test_what_is_denied_is_no_figure_to_compare():
    text = "Ukraine's General Staff said Russian forces have not lost 17 tanks."
    draft = {"sentence": 1, "source": "Ukraine's General Staff", "subject": "Russian forces", "outcome": "lost", "type": "equipment_losses"}
    assert losses.agreement([extract(text, {**draft, "quantity": "17 tanks"})], SERIES).left_out == {"figure": 1}


def test_what_somebody_else_says_is_not_the_general_staff_s():
    draft = {"sentence": 1, "source": "The Dale Gazette", "subject": "the enemy", "quantity": "17 tanks", **_LOSS}
    told = extract("The Dale Gazette said the enemy lost 17 tanks.", draft, publisher="Ministry of Defence of Ukraine")
    assert losses.agreement([told], SERIES).left_out == {"source": 1}


def test_nothing_to_compare_is_no_rate():
    found = losses.agreement([], SERIES)
    assert (found.rate, found.compared) == (None, ())
    assert losses.report(found) == "0 of 0 claims in 0 articles can be compared"


def figure(value, comparator, low=None, high=None):
    return Quantity(text="x", start=0, end=1, value=value, comparator=comparator, low=low, high=high)


@pytest.mark.parametrize(
    ("stated", "official", "same"),
    [
        (figure(470, "exact"), 470, True),
        (figure(470, "exact"), 471, False),
        (figure(239_500, "about"), 239_480, True),
        (figure(239_500, "about"), 239_440, False),
        (figure(239_481, "about"), 239_480, False),
        (figure(239_000, "more_than"), 239_480, True),
        (figure(239_000, "more_than"), 240_480, False),
        (figure(239_500, "more_than"), 239_480, False),
        (figure(240_000, "at_most"), 239_480, True),
        (figure(239_000, "at_most"), 239_480, False),
        (figure(239_000, "at_most"), 137_480, False),
        (figure(None, "range", 200, 300), 250, True),
        (figure(None, "range", 200, 300), 301, False),
        (figure(None, "vague", 2), 2, False),
        (figure(0, "exact"), 0, True),
        (figure(0, "about"), 1, False),
    ],
)
def test_a_figure_agrees_as_exactly_as_it_is_stated(stated, official, same):
    assert losses.matches(stated, official) is same


@given(st.integers(0, 10**7), st.sampled_from(["exact", "about", "at_least", "at_most", "more_than", "less_than"]))
def test_every_figure_agrees_with_itself(value, comparator):
    assert losses.matches(figure(value, comparator), value)


def test_the_command_reads_a_run_that_is_not_finished(tmp_path, monkeypatch, capsys):
    samples = [Sample(document=Document(text=TEXT, published=DAY, id=name)) for name in ("a", "b")]
    manifest = runs.Manifest(
        suite="own", model="m", endpoint="e", profile="claims", prompt="claims@1", prompt_digest="0", gold=digest(samples),
        samples=2, repeats=1, extractor="0", started=DAY,
    )  # fmt: skip
    run = runs.create(tmp_path / "run", manifest, samples)
    output = runs.Output(sample="a", repeat=0, status="ok", extraction=extract(TEXT, *DRAFTS), seconds=1.0)
    (run.folder / "outputs.jsonl").write_text(output.model_dump_json() + "\n" + '{"torn', encoding="utf-8")
    data = tmp_path / "daily.jsonl"
    data.write_text("".join(json.dumps(record) + "\n" for record in SERIES), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["losses", str(run.folder), "--data", str(data)])
    losses.main()
    told = capsys.readouterr().out
    assert "5 of 8 claims in 1 articles can be compared; the others fail on: " in told
    assert "are the figure of the other measure: 1; are no figure of that day: 0" in told
    assert "measure period: 2 of 3 agree" in told
    monkeypatch.setattr("sys.argv", ["losses", str(run.folder), "--data", str(data), "--json"])
    losses.main()
    assert losses.Agreement.model_validate_json(capsys.readouterr().out).claims == 8
