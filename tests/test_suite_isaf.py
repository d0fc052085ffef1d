"""Incidents of press releases: counting, words, the profile from end to end, the scorer by hand and by law; and the printed tutorial."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.profiles import isaf_grammar, isaf_words
from evals.profiles.isaf import ISAF, TollDraft
from evals.profiles.isaf_counts import Toll, toll
from evals.scorers.incidents import FIELDS, IncidentScorer, floor
from extractor import Document, Extractor, MemoryCache, ScriptedProvider, prompts, settings
from extractor.claims import ClaimProvenance
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction
from extractor.grounding import Grounded, mention
from extractor.profiles.base import Found
from extractor.segmentation import sentences, windows

PAGE = Path(__file__).parent.parent / "docs" / "profiles.md"
RELEASE = (
    "2013-05-S-090\nFor Immediate Release\n\nKABUL, Afghanistan (May 14, 2013)\n"
    "An Afghan and coalition security force captured a Taliban leader and several insurgents during a search for him in Sena Gar district,"
    " Paktiya province, yesterday. The leader planned an attack that killed four soldiers. One armed insurgent was killed."
)
GOLD = {
    "start_date": "2013-05-13", "event_type": ["captureandkill"], "province": ["paktya"], "target_group": ["taliban"], "min_killed": 1,
    "min_captured": 4, "killq": True, "captureq": True, "killcaptureraid": True, "airstrike": False, "noshotsfired": False,
    "min_leaders_killed": 0, "min_leaders_captured": 1,
}  # fmt: skip
ANSWER = {
    "tolls": [
        {"sentence": 1, "captured": "a Taliban leader and several insurgents"},
        {"sentence": 2},
        {"sentence": 3, "killed": "One armed insurgent"},
    ]
}
SCORER = IncidentScorer()


@pytest.mark.parametrize(
    ("phrases", "people", "leaders"),
    [
        (["suspected insurgents"], 2, 0),
        (["one suspected insurgent"], 1, 0),
        (["several insurgents"], 3, 0),
        (["numerous others"], 4, 0),
        (["more than 10 insurgents"], 11, 0),
        (["between three and six insurgents"], 3, 0),
        (["dozens of militants"], 24, 0),
        (["a Taliban leader"], 1, 1),
        (["a Taliban facilitator"], 1, 0),
        (["a leader and facilitator"], 1, 1),
        (["the senior leader along with three of his associates"], 4, 1),
        (["two leaders and several suspected insurgents"], 5, 2),
        (["a financier and numerous insurgents"], 5, 0),
        (["several insurgents, including a commander"], 3, 1),
        (["Mullah Sten, a Taliban sub-commander, and two others"], 3, 1),
        (["a facilitator, Umar Sten"], 1, 0),
        (["several insurgents", "three insurgents", "the suspected insurgents"], 3, 0),
        (["a leader", "two suspected insurgents"], 3, 1),
        (["two men", "three men"], 3, 0),
        (["a Taliban leader", "him"], 1, 1),
        ([], 0, 0),
    ],
)
def test_phrases_are_counted_by_the_labellers_rules(phrases, people, leaders):
    assert toll(phrases) == Toll(people, leaders) == toll(reversed(phrases))


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("They met in Khowst.", ("khost",)),
        ("In Kabul and Paktia province.", ("paktya",)),
        ("In Helmand, Zabul and Logar provinces.", ("helmand",)),
        ("In the south.", ()),
    ],
)
def test_provinces_have_the_spelling_of_the_data_set(sentence, names):
    assert isaf_words.province([sentence]) == names


def test_the_groups_are_those_of_the_first_sentence_that_names_any():
    assert isaf_words.groups(["Nobody.", "IMU and al-Qa'ida leaders.", "The Taliban."]) == ("aq", "imu")
    assert isaf_words.groups(["Hezb-e Islami"]) == ("hig",)


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("They were caught yesterday.", date(2013, 5, 13)),
        ("They were caught last night.", date(2013, 5, 13)),
        ("They were caught.", date(2013, 5, 14)),
        ("The force confirmed today the arrest of a leader on Sunday.", date(2013, 5, 12)),
        ("They sought the man behind the May 2 attack in a night operation yesterday.", date(2013, 5, 13)),
    ],
)
def test_the_day_is_that_of_the_words_nearest_to_the_event(sentence, day):
    assert isaf_words.day([sentence], date(2013, 5, 14)) == day


def test_without_a_publication_date_only_a_whole_date_is_a_day():
    assert isaf_words.day(["They were caught yesterday."], None) is None
    assert isaf_words.day(["They were caught on May 2, 2012."], None) == date(2012, 5, 2)


def test_the_grammar_asks_only_for_what_a_sentence_has_a_word_for():
    document = Document(text="Two men were killed. The search went on. A man was arrested as another died.")
    [window] = windows(document, sentences(document), size=4)
    found = isaf_grammar.grammar(window)
    assert 'start: "{\\"tolls\\":[" toll_1 "," toll_3 "]}"' in found
    assert "toll_2" not in found
    assert isaf_grammar.events(window.texts[0]) == ("killed",)
    assert isaf_grammar.events(window.texts[2]) == ("killed", "captured")
    assert "A man was arrested as another died." in found


def test_the_examples_of_the_prompt_copy_their_own_sentences():
    prompt = prompts.load(ISAF.prompt, folders=[ISAF.prompts])
    for example in prompt.examples:
        asked = [number for number, text in enumerate(example.sentences, 1) if isaf_grammar.events(text)]
        drafts = [TollDraft.model_validate_json(line) for line in example.answer]
        assert [draft.sentence for draft in drafts] == asked
        assert all(words in example.sentences[draft.sentence - 1] for draft in drafts for words in draft.words().values() if words)


def test_a_release_becomes_one_record_from_all_its_windows():
    open_settings = settings.load(model="any", base_url="http://127.0.0.1:1/v1")
    made = Extractor.from_settings(open_settings, profile=ISAF, provider=ScriptedProvider(_answer), cache=MemoryCache())
    extraction = made.extract_sync(Document(text=RELEASE, published=date(2013, 5, 14)))
    [record] = extraction.records
    assert (extraction.complete, extraction.rejections, record) == (True, (), GOLD)
    assert extraction.provenance.prompt == "isaf@1"


def _answer(request):
    """Answer as a model that reads well: the numbers of the sentences depend on the window."""
    shown = dict(re.findall(r"^\[(\d+)\] .*?(captured a|planned|One armed)", request.messages[-1].content, re.MULTILINE))
    by_words = dict(zip(("captured a", "planned", "One armed"), ANSWER["tolls"], strict=True))
    return json.dumps({"tolls": [{**by_words[words], "sentence": int(number)} for number, words in shown.items()]})


@pytest.mark.parametrize(
    ("text", "slots", "expected"),
    [
        ("The leader planned an attack that killed three soldiers.", ["three soldiers"], (0, 0)),
        ("Three insurgents who attacked police were killed.", ["Three insurgents who attacked police"], (3, 0)),
        ("No other civilians were killed.", ["civilians"], (0, 0)),
        ("Umar Sten was killed. He was with the Taliban leader Umar Sten.", ["Umar Sten"], (1, 1)),
        ("Umar Sten, a smuggler, was killed.", ["Umar Sten"], (1, 0)),
        ("Umar Sten, the local commander, was killed. Two insurgents were killed.", ["Umar Sten", "Two insurgents"], (3, 1)),
        ("During operations dozens of men were killed. One man was killed.", ["dozens of men", "One man"], (1, 0)),
        ("Dozens of men were killed during operations.", ["Dozens of men"], (24, 0)),
        ("They killed numerous armed insurgents.", ["insurgents"], (4, 0)),
        ("They killed a leader, and killed one insurgent.", ["a leader, and killed one insurgent"], (2, 1)),
        ("They killed a leader and detained six men.", ["a leader and detained six men"], (1, 1)),
        ("They killed two men and seized six rifles.", ["two men and seized six rifles"], (2, 0)),
        ("They killed several insurgents on Sunday, including a rebel commander.", ["several insurgents"], (3, 1)),
        ("They came to kill a senior Taliban leader.", ["leader"], (0, 0)),
        ("They killed several men. The leader Sten was one of those killed.", ["several men", "The leader Sten"], (3, 1)),
        ("They killed three insurgents. One of those killed is a local commander.", ["three insurgents", "a local commander"], (3, 1)),
    ],
)
def test_who_was_killed_is_put_together_by_rules(text, slots, expected):
    document = Document(text=text)
    split = sentences(document)
    [window] = windows(document, split, size=9)
    places = [(words, text.index(words)) for words in slots]
    found = [
        Found(
            TollDraft(sentence=1, killed=words),
            Grounded(next(s for s in split if s.start <= at < s.end), {"killed": mention(window, at, at + len(words))}),
            window,
            ClaimProvenance(window=0, requests=(), cached=False),
        )
        for words, at in places
    ]
    [record] = ISAF.finish(document, split, found).records
    assert (record.min_killed, record.min_leaders_killed) == expected
    assert record.killq == (record.min_killed > 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A precision airstrike hit the camp.", (["airstrike"], True, False)),
        ("An air weapons team engaged them.", (["detention"], False, False)),
        ("The force did not fire their weapons while searching for a leader.", (["detention"], False, True)),
        ("No shots were fired.", (["detention"], False, True)),
        ("They used the weapons without thought.", (["detention"], False, False)),
    ],
)
def test_strikes_and_silent_raids_are_words(text, expected):
    document = Document(text=text)
    [record] = ISAF.finish(document, sentences(document), ()).records
    assert (list(record.event_type), record.airstrike, record.noshotsfired) == expected


def test_a_record_with_two_of_thirteen_fields_wrong():
    score = SCORER.score(_sample(), Prediction(records=[{**GOLD, "min_captured": 3, "province": []}]))
    [row] = score.rows
    assert (ratio("mean_accuracy", score), ratio("all_right", score), row.strict) == (11 / 13, 0, False)
    assert (ratio("min_captured_accuracy", score), ratio("killq_accuracy", score)) == (0, 1)
    assert {cell.field: cell.outcome for cell in row.cells if cell.outcome != "right"} == {"min_captured": "wrong", "province": "omitted"}
    assert row.errors == ("province omitted", "min_captured wrong")


def test_lists_are_sets_and_joined_names_are_several():
    gold = {**GOLD, "event_type": ["airstrike;detention"], "target_group": []}
    found = {**GOLD, "event_type": ["detention", "airstrike"], "target_group": []}
    score = SCORER.score(_sample(gold), Prediction(records=[found]))
    assert (ratio("mean_accuracy", score), ratio("all_right", score)) == (1, 1)
    assert {cell.field: cell.outcome for cell in score.rows[0].cells}["target_group"] == "empty"


def test_no_answer_is_thirteen_fields_wrong():
    score = SCORER.score(_sample({**GOLD, "target_group": []}), Prediction())
    assert (ratio("mean_accuracy", score), score.counts["fields"], score.rows[0].kind) == (0, 13, "missed")
    assert len(score.rows[0].cells) == 13


def test_a_null_day_is_wrong_but_counts_apart_without_a_publication_date():
    found = Prediction(records=[{**GOLD, "start_date": None}])
    known, unknown = SCORER.score(_sample(), found), SCORER.score(_sample(published=None), found)
    assert ratio("start_date_accuracy", known) == ratio("start_date_accuracy", unknown) == ratio("date_published", known) == 0
    assert unknown.counts["dated"] == 0


def test_false_is_not_zero_and_zero_is_no_absence():
    assert ratio("mean_accuracy", SCORER.score(_sample(), Prediction(records=[{**GOLD, "min_killed": True}]))) < 1
    cells = {cell.field: cell.outcome for cell in SCORER.score(_sample(), Prediction(records=[{**GOLD, "min_killed": None}])).rows[0].cells}
    assert (cells["min_killed"], cells["min_leaders_killed"]) == ("omitted", "right")


VALUES = st.fixed_dictionaries({}, optional={name: st.sampled_from([GOLD[name], None, 0, ["x", "y;z"], "2013-05-13"]) for name in FIELDS})


@given(records=st.lists(VALUES, max_size=4), order=st.randoms())
def test_the_order_of_answers_and_of_names_decides_nothing(records, order):
    shuffled = [{name: _shuffled(record[name], order) for name in _shuffled(list(record), order)} for record in _shuffled(records, order)]
    gold = {name: _shuffled(GOLD[name], order) for name in _shuffled(list(GOLD), order)}
    one, other = SCORER.score(_sample(), Prediction(records=records)), SCORER.score(_sample(gold), Prediction(records=shuffled))
    assert one.counts == other.counts
    assert [row.cells for row in one.rows] == [row.cells for row in other.rows]
    assert 0 <= ratio("mean_accuracy", one) <= 1


def _shuffled(values, order):
    return order.sample(values, len(values)) if isinstance(values, list) else values


def test_the_floor_is_the_usual_record_with_a_province_and_a_day():
    [record] = floor(_sample()).records
    assert (record["start_date"], record["province"], record["event_type"], record["min_captured"]) == (
        "2013-05-13",
        ["paktiya"],
        ["detention"],
        3,
    )
    assert set(record) == set(FIELDS)
    [bare] = floor(Sample(document=Document(text="Nothing."), gold=GOLD)).records
    assert (bare["province"], bare.get("start_date")) == (["kandahar"], None)


def _sample(gold=None, published=date(2013, 5, 14)):
    return Sample(document=Document(text=RELEASE, published=published), gold=gold or GOLD)


def ratio(name, score):
    metric = next(metric for metric in SCORER.metrics if metric.name == name)
    above, below = (
        sum(weight * score.counts.get(key, 0) for key, weight in side.items()) for side in (metric.numerator, metric.denominator)
    )
    return above / below


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files of the page, written as it says."""
    for name, content in re.findall(r"`([\w./]+)`:\n```\w+\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("tolls", "measure"):
        sys.modules.pop(name, None)


def test_the_tutorial_runs_as_it_is_printed(tutorial, monkeypatch):
    from extractor.cli.evaluation import Order, ran

    assert len(PAGE.read_text("utf-8").splitlines()) < 150
    measure = import_module("measure")
    said = {"tolls": [{"sentence": 1, "captured": "three men"}, {"sentence": 2, "killed": "Two rebels"}]}
    open_settings = settings.load(model="any", base_url="http://127.0.0.1:1/v1")
    made = Extractor.from_settings(
        open_settings, profile=measure.PROFILE, provider=ScriptedProvider([json.dumps(said)]), cache=MemoryCache()
    )
    monkeypatch.setattr(Extractor, "from_settings", lambda *_, **__: made)
    order = Order(measure.SUITE, Path("gold.jsonl"), repeats=1, limit=None, seed=None, out=Path("runs/tolls"), concurrency=1)
    assert ran(order, open_settings) == 0
    report = json.loads((tutorial / "runs/tolls/report.json").read_text("utf-8"))
    assert report["denominators"]["ok"] == 1
    assert json.loads((tutorial / "runs/tolls/scores.json").read_text("utf-8"))["samples"][0]["answers"][0]["score"]["counts"] == {
        "fields": 2,
        "right": 2,
    }


def test_the_tutorials_grammar_is_built_like_that_of_the_suite(tutorial):
    tolls = import_module("tolls")
    document = Document(text="The patrol arrested three men. It rained. Two rebels were killed.")
    [window] = windows(document, sentences(document), size=4)
    found = tolls.grammar(window)
    assert 'start: "{\\"tolls\\":[" toll_1 "," toll_3 "]}"' in found
    assert r'toll_3: "{\"sentence\":3" (",\"killed\":\"" WORDS_3 "\"")? "}"' in found
    assert tolls.asks(window)
