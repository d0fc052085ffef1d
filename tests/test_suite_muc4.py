"""Event templates: the scorer by hand and by law, the rules, the grammar, and what becomes of drafts.

The scorer was held against the published ones, retyped outside of this repository, on 498 training articles (the floor's templates) and
40 of dev (a model's). CEAF-REE (xinyadu/grit_doc_event_entity, eval.py), given our joining of entities, agrees exactly. Of the scorer
of GTT (xinyadu/gtt, eval.py) the numbers found and annotated agree exactly; the numbers right differ in 16 and 2 articles, nearly
always where one filler is the same as two of the key or two as one: F1 37.9 and 36.8, 39.2 and 38.1 (theirs first). ``PUBLISHED`` holds
cases by hand that were run on GRIT's. Both read keys without "optional", so that was cleared for the comparison; with it those 40
articles are 46.8.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.profiles import muc4_grammar, muc4_phrases
from evals.profiles.muc4 import MUC4, IncidentDraft
from evals.profiles.muc4_templates import Template
from evals.scorers import entities_muc
from evals.scorers.entities_muc import SLOTS, Fill
from evals.scorers.templates import TemplateScorer, floor, gold
from extractor import segmentation
from extractor.claims import ClaimProvenance
from extractor.documents import Document
from extractor.evaluation.samples import Sample
from extractor.evaluation.scores import Prediction
from extractor.grounding import Grounded, Haystack
from extractor.profiles.base import Found

SCORER = TemplateScorer()
TEXT = (
    "PORT ADRA, 3 MAY 90 (RADIO DELTA) -- [TEXT] FIVE HOODED GUNMEN OF THE RED DAWN FRONT [RDF] THIS MORNING SHOT AND KILLED SENATOR TOMAS"
    " IRIGOYEN AND HIS DRIVER.  A POWERFUL CAR BOMB DAMAGED OFFICES OF THE FARMERS' BANK.\n\nTHE RDF CLAIMED RESPONSIBILITY."
    "  WE HAVE SEEN MANY PEOPLE KILLED IN THESE YEARS, MINISTER ADELA QUINT SAID."
)


def fill(*wordings, of=None, optional=False):
    """Return a filler of an answer key."""
    record = {"any_of": [{"value": wording} for wording in wordings]}
    return {**record, **({"of": of} if of else {}), **({"optional": True} if optional else {})}


def key(type_, *, optional=False, **slots):
    """Return a template of an answer key."""
    return {"optional": optional, "type": [fill(type_)], **{slot: list(fills) for slot, fills in slots.items()}}


def answer(type_, **slots):
    """Return a template as the profile states it."""
    fillers = {slot: [{"text": words, "start": 0, "end": len(words)} for words in told] for slot, told in slots.items()}
    return {"type": type_, **fillers}


def sample(*templates):
    return Sample(document=Document(text=TEXT), gold={"templates": list(templates)})


def score(keys, answers):
    return SCORER.score(sample(*keys), Prediction(records=answers))


def ratio(name, scored):
    metric = next(metric for metric in SCORER.metrics if metric.name == name)
    above, below = (
        sum(weight * scored.counts.get(key, 0) for key, weight in side.items()) for side in (metric.numerator, metric.denominator)
    )
    return above / below


MURDER = key("ATTACK", perp_individual=[fill("HOODED GUNMEN", "FIVE HOODED GUNMEN")], victim_name=[fill("TOMAS IRIGOYEN")], victim_description=[
    fill("SENATOR", of=["TOMAS IRIGOYEN"]), fill("DRIVER"),
])  # fmt: skip
BANK = key("BOMBING", phys_target=[fill("FARMERS' BANK", "OFFICES OF THE FARMERS' BANK")], instrument_id=[fill("CAR BOMB")])


def test_a_description_is_the_filler_of_the_name_it_refers_to():
    (template,) = gold(sample(MURDER))
    assert [one.wordings for one in template.slots[list(SLOTS).index("victim")]] == [("driver",), ("senator", "tomas irigoyen")]


@pytest.mark.parametrize(
    ("words", "same"),
    [("the SENATOR", True), ('"TOMAS  IRIGOYEN,"', True), ("tomas irigoyen", True), ("SENATOR TOMAS IRIGOYEN", False), ("IRIGOYEN", False)],
)
def test_wordings_are_compared_without_case_articles_marks_and_white_space(words, same):
    scored = score([MURDER], [answer("attack", victim=[words])])
    assert scored.counts["victim.right"] == same
    assert scored.counts["alike"] == 2, "type and victim: the words of one are a run of the other's"


def test_four_of_five_right_and_one_missed():
    # gold: type, men, senator, driver; found: type, men, senator, a wrong weapon
    scored = score([MURDER], [answer("attack", perp_individual=["HOODED GUNMEN"], victim=["TOMAS IRIGOYEN"], weapon=["RIFLES"])])
    assert (scored.counts["right"], scored.counts["gold"], scored.counts["predicted"]) == (3, 4, 4)
    assert ratio("slot_micro_f1", scored) == 2 * 3 / 8
    assert (ratio("slot_precision", scored), ratio("slot_recall", scored)) == (3 / 4, 3 / 4)
    assert (ratio("type_f1", scored), ratio("victim_f1", scored), ratio("weapon_f1", scored)) == (1, 2 / 3, 0)
    assert ratio("ceaf_ree_f1", scored) == 2 * 2 / 6


def test_templates_of_another_type_are_no_pair():
    scored = score([BANK], [answer("arson", phys_target=["FARMERS' BANK"], weapon=["CAR BOMB"])])
    assert (scored.counts["right"], scored.counts["gold"], scored.counts["predicted"]) == (0, 3, 3)
    assert ratio("ceaf_ree_f1", scored) == 1, "entities of an article know no type"
    assert (ratio("error_wrong_type", scored), [row.kind for row in scored.rows]) == (1, ["invented", "missed"])


def test_the_alignment_with_the_most_right_fillers_is_taken_whatever_comes_first():
    keys = [key("ATTACK", victim_name=[fill("ANA"), fill("BEN")]), key("ATTACK", victim_name=[fill("BEN"), fill("CARA")])]
    answers = [answer("attack", victim=["BEN"]), answer("attack", victim=["ANA", "BEN"])]
    # BEN alone is right in either; ANA and BEN go to the first, so that BEN goes to the second: 2 types and 3 victims of 6 and 5
    scored = score(keys, answers)
    assert (scored.counts["right"], scored.counts["gold"], scored.counts["predicted"]) == (5, 6, 5)


def test_one_filler_answers_one():
    scored = score([key("ATTACK", victim_description=[fill("POLICEMEN"), fill("POLICEMEN")])], [answer("attack", victim=["POLICEMEN"])])
    assert (scored.counts["victim.right"], scored.counts["victim.gold"]) == (1, 2)


def test_optional_gold_leaves_the_denominator_unless_it_is_found():
    maybe = key("ATTACK", optional=True, victim_description=[fill("PEASANTS")], phys_target=[fill("FARM", optional=True)])
    unfound = score([BANK, maybe], [answer("bombing", phys_target=["FARMERS' BANK"], weapon=["CAR BOMB"])])
    assert ratio("slot_micro_f1", unfound) == ratio("ceaf_ree_f1", unfound) == 1
    assert sorted(row.kind for row in unfound.rows) == ["matched", "optional"]
    found = score([maybe], [answer("attack", phys_target=["FARM"])])
    assert (found.counts["right"], found.counts["gold"], found.counts["predicted"]) == (2, 3, 2), "a template that is found has to be whole"
    without = score([maybe], [answer("attack", victim=["PEASANTS"])])
    assert ratio("slot_micro_f1", without) == 1


def test_without_an_answer_everything_is_missed():
    scored = score([MURDER, BANK], [])
    assert (scored.counts["gold"], scored.counts["predicted"], scored.counts["right"]) == (7, 0, 0)
    assert (ratio("slot_micro_f1", scored), {row.kind for row in scored.rows}) == (0, {"missed"})


def test_an_incident_in_a_quiet_article_is_a_false_alarm():
    assert ratio("alarms", score([], [answer("attack"), answer("arson")])) == 2
    assert ratio("alarms", score([], [])) == 0
    assert "alarms" in {metric.name for metric in SCORER.metrics if not metric.higher}


def test_rows_tell_what_became_of_whole_incidents():
    scored = score(
        [MURDER, BANK],
        [answer("attack", victim=["DRIVER", "TOMAS IRIGOYEN"]), answer("attack", victim=["SENATOR"], phys_target=["FARMERS' BANK"])],
    )
    assert [(row.kind, row.errors) for row in scored.rows] == [("duplicate", ("split",)), ("matched", ()), ("missed", ())]
    (matched,) = (row for row in scored.rows if row.kind == "matched")
    outcomes = {cell.field: cell.outcome for cell in matched.cells}
    assert {field for field, outcome in outcomes.items() if outcome == "right"} == {"type", "victim"}
    assert {field for field, outcome in outcomes.items() if outcome == "omitted"} == {"perp_individual"}
    assert (matched.score, matched.strict) == (2 * 3 / 7, False)
    merged = score([MURDER, BANK], [answer("attack", victim=["DRIVER"], phys_target=["FARMERS' BANK"])])
    assert [row.errors for row in merged.rows if row.kind == "missed"] == [("merged",)]


PUBLISHED = {
    "GRIT, case 1": (
        [[["company building", "telephone offices"], ["pipes"], ["booth"]]],
        [["pipes"], ["company building"], ["booth"], ["telephone offices"]],
        (3, 3, 4),
    ),
    "GRIT, case 3": ([[["company building", "telephone offices"], ["pipes"], ["booth"]]], [["company building"], ["booth"]], (2, 3, 2)),
    "GRIT, case 4": ([[["m1", "m2", "m3"], ["m4"], ["m5"], ["m6"]]], [["m4"], ["m1"], ["m5"], ["m6"], ["m3"]], (4, 4, 5)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_ceaf_ree_agrees_with_the_published_scorer(name):
    templates, found, expected = PUBLISHED[name]
    key = [Fill(tuple(sorted(wordings))) for template in templates for wordings in template]
    assert entities_muc.ceaf(key, [Fill(tuple(wordings)) for wordings in found]) == expected


def test_an_entity_whose_wordings_are_all_anothers_is_that_one():
    key = [Fill(("m1", "m2")), Fill(("m1",)), Fill(("m4",))]
    assert entities_muc.ceaf(key, [Fill(("m1",)), Fill(("m5",))]) == (1, 2, 2)


WORDS = st.sampled_from(("ANA", "BEN", "ANA BEN", "THE FARM", "FARM", "BOMB"))
FILLS = st.lists(
    st.builds(lambda words, optional: fill(*words, optional=optional), st.lists(WORDS, min_size=1, max_size=2), st.booleans()), max_size=3
)
TYPES = st.sampled_from(("ATTACK", "BOMBING"))
KEYS = st.lists(
    st.builds(
        lambda kind, optional, names, things: key(kind, optional=optional, victim_name=names, phys_target=things),
        TYPES,
        st.booleans(),
        FILLS,
        FILLS,
    ),
    max_size=3,
)
ANSWERS = st.lists(
    st.builds(
        lambda kind, names, things: answer(kind, victim=names, phys_target=things),
        TYPES,
        st.lists(WORDS, max_size=3),
        st.lists(WORDS, max_size=3),
    ),
    max_size=3,
)


@given(keys=KEYS, answers=ANSWERS, data=st.data())
def test_scores_depend_on_no_order(keys, answers, data):
    def shuffled(items):
        return data.draw(st.permutations(items))

    mixed_keys = [
        {
            name: [{**one, "any_of": shuffled(one["any_of"])} for one in shuffled(value)] if isinstance(value, list) else value
            for name, value in one.items()
        }
        for one in shuffled(keys)
    ]
    mixed = [{name: shuffled(value) if isinstance(value, list) else value for name, value in one.items()} for one in shuffled(answers)]
    assert score(mixed_keys, mixed).counts == score(keys, answers).counts


@given(keys=KEYS, answers=ANSWERS)
def test_right_is_within_alike_within_found(keys, answers):
    counts = score(keys, answers).counts
    assert counts.get("right", 0) <= min(counts.get("gold", 0), counts.get("predicted", 0))
    assert counts.get("right", 0) <= counts.get("alike", 0) <= counts.get("predicted", 0)
    assert all(counts.get(f"{slot}.right", 0) <= min(counts.get(f"{slot}.gold", 0), counts.get(f"{slot}.predicted", 0)) for slot in SLOTS)


@given(keys=KEYS)
def test_the_key_itself_is_all_right(keys):
    def first(fills):
        return [one["any_of"][0]["value"] for one in fills]

    answers = [
        answer(one["type"][0]["any_of"][0]["value"], victim=first(one["victim_name"]), phys_target=first(one["phys_target"]))
        for one in keys
    ]
    counts = score(keys, answers).counts
    assert counts.get("right", 0) == counts.get("predicted", 0) == counts.get("gold", 0)


def named(sentence, places):
    return [sentence[slice(*place)] for place in places]


def test_rules_find_who_and_what_may_have_a_part():
    sentence = (
        "FIVE HOODED MEN SHOT AND KILLED SENATOR TOMAS IRIGOYEN, A DRIVER AND ANA SOLANO WITH A MACHINE-GUN NEAR THE OFFICES OF THE SUN."
    )
    found = muc4_phrases.parts(sentence)
    assert found.types == ("attack",)
    assert named(sentence, found.by) == ["HOODED MEN"]
    assert named(sentence, found.victim) == ["TOMAS IRIGOYEN", "DRIVER"]
    assert named(sentence, found.target) == ["OFFICES OF THE SUN"]
    assert named(sentence, found.weapon) == ["MACHINE-GUN"]
    assert named(sentence, sorted(found.told)) == ["TOMAS IRIGOYEN"]
    assert named(sentence, found.listed(found.told)) == ["TOMAS IRIGOYEN", "DRIVER", "ANA SOLANO"]


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The murder of Judge Solano was condemned.", ["Solano"]),
        ("JUDGE SOLANO WAS MURDERED AT DAWN.", ["SOLANO"]),
        ("A BOMB EXPLODED IN FRONT OF THE GRAIN EXCHANGE.", ["GRAIN EXCHANGE"]),
        ("THE TOWN HALL BUILDING WAS DESTROYED.", ["TOWN HALL BUILDING"]),
        ("A PEASANT WAS SEEN BEFORE THE ATTACK.", []),
        ("WE SAW A PEASANT KILLED.", []),
        ("THE PRICE OF BREAD ROSE.", []),
    ],
)
def test_what_stands_beside_a_word_of_harm_is_told(sentence, told):
    assert named(sentence, sorted(muc4_phrases.parts(sentence).told)) == told


@pytest.mark.parametrize(
    ("sentence", "types"),
    [
        ("THREE MEN KIDNAPPED AND KILLED A JUDGE.", ("kidnapping", "attack")),
        ("A BOMB KILLED A MAN.", ("bombing", "attack")),
        ("THEY SET THE BUSES ON FIRE.", ("arson",)),
        ("A BANK WAS ROBBED.", ("robbery",)),
        ("Nothing happened.", ()),
    ],
)
def test_words_tell_the_type(sentence, types):
    assert muc4_phrases.parts(sentence).types == types


@pytest.mark.parametrize(
    ("passage", "names"),
    [
        ("THE LEFTIST RED DAWN FRONT AND THE ARMY", ["RED DAWN FRONT"]),
        ("GREEN HILL MOVEMENT [MDM] MEMBERS; THE MDM SAID", ["GREEN HILL MOVEMENT", "MDM", "MDM"]),
        ("AN ARMY OF NATIONAL LIBERATION COLUMN", ["ARMY OF NATIONAL LIBERATION"]),
        ("ON ALL FRONTS, IN FRONT OF THE HOUSE", []),
    ],
)
def test_armed_groups_are_known_by_their_nouns_and_acronyms(passage, names):
    assert named(passage, muc4_phrases.groups(passage)) == names


def test_the_floor_makes_templates_of_what_is_told():
    record = {
        name: [one["text"] for one in value] if isinstance(value, list) else value for name, value in floor(sample()).records[0].items()
    }
    assert record == {
        "type": "attack",
        "perp_individual": ["HOODED GUNMEN"],
        "perp_organization": ["RDF"],
        "phys_target": [],
        "victim": ["TOMAS IRIGOYEN", "DRIVER"],
        "weapon": [],
    }
    assert [one["type"] for one in floor(sample()).records] == ["attack", "bombing"]


def windows(text=TEXT):
    document = Document(text=text)
    split = segmentation.sentences(document)
    return document, split, segmentation.windows(document, split, size=4)


def test_the_grammar_offers_phrases_of_the_asked_sentences_only():
    _, _, (window, *_) = windows()
    assert MUC4.asks(window)
    grammar = muc4_grammar.grammar(window)
    assert 'start: "{\\"incidents\\":[" incident_1 "," incident_2 "]}"' in grammar
    assert r'"\"TOMAS IRIGOYEN\"" | "\"DRIVER\""' in grammar
    assert "RESPONSIBILITY" not in grammar
    assert not MUC4.asks(windows("THE PRICE OF BREAD ROSE.")[2][0])


def records(text, *drafts):
    document, split, (window, *_) = windows(text)
    found = []
    for draft in drafts:
        grounded = draft.grounded(Haystack(window))
        assert isinstance(grounded, Grounded)
        found.append(Found(draft, grounded, window, ClaimProvenance(window=0, requests=(), cached=True)))
    return document, MUC4.finish(document, split, found).records


def test_drafts_become_templates_at_exact_places():
    attack = IncidentDraft(sentence=1, kind="incident", by="HOODED GUNMEN", victim="TOMAS IRIGOYEN")
    bombing = IncidentDraft(sentence=2, kind="incident", target="OFFICES OF THE FARMERS' BANK")
    document, made = records(TEXT, bombing, attack)
    assert [template.type for template in made] == ["attack", "bombing"]
    assert all(isinstance(template, Template) for template in made)
    spans = [span for template in made for _, value in template if isinstance(value, tuple) for span in value]
    assert all(document.text[span.start : span.end] == span.text for span in spans)
    assert [span.text for span in made[0].victim] == ["TOMAS IRIGOYEN", "DRIVER"]
    assert [span.text for span in made[1].weapon] == ["POWERFUL CAR BOMB"]
    assert {span.text for template in made for span in template.perp_organization} == {"RDF"}


PARADE = "A MAN DIED IN THE BOMB BLAST AT NOON.  THE MAYOR SAW THE EXPLOSION FROM THE TOWN HALL STATION."


def test_a_draft_adds_to_what_rules_find_and_takes_nothing_away():
    rules = floor(Sample(document=Document(text=PARADE))).records
    assert [[span["text"] for span in template["phys_target"]] for template in rules] == [[]]
    _, made = records(PARADE, IncidentDraft(sentence=2, kind="incident", target="TOWN HALL STATION"))
    assert [[span.text for span in template.phys_target] for template in made] == [["TOWN HALL STATION"]]
    for draft in (IncidentDraft(sentence=2, kind="talk", target="TOWN HALL STATION"), IncidentDraft(sentence=1, kind="talk")):
        _, made = records(PARADE, draft)
        assert [template.model_dump(mode="json") for template in made] == list(rules)


def test_sentences_of_one_type_are_one_incident_where_they_follow_or_name_the_same():
    text = "A MAN KILLED A JUDGE.  HE SHOT A GUARD.  THE SUN SHONE.  IT WAS WARM.  ANOTHER MAN KILLED A NUN.  THE JUDGE WAS KILLED AT HOME."
    told = floor(Sample(document=Document(text=text))).records
    assert [[span["text"] for span in template["victim"]] for template in told] == [["JUDGE", "GUARD"], ["NUN"]]
