"""The type of a claim by its words, and the polarity and kind of outcome that they carry."""

import pytest

from extractor.normalise import outcomes, polarity
from extractor.normalise.claim_types import claim_type


def typed(outcome, *, counted=None, subject="", target="", cue="", nominal=False, unit="", whole=""):
    kind = outcomes.kind_of(outcome) or outcomes.kind_of(whole, whole=True)
    return claim_type(
        outcome=outcome, kind=kind, counted=counted, subject=subject, target=target, cue=cue, nominal=nominal, unit=unit
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "words", "expected"),
    [
        ("were killed", {"subject": "fighters"}, "human_losses"),
        ("lost", {"counted": "people", "unit": "men"}, "human_losses"),
        ("lost", {"subject": "the rebels"}, "human_losses"),
        ("fled", {"subject": "families"}, "human_losses"),
        ("lost", {"counted": "materiel", "subject": "the rebels", "unit": "boats"}, "equipment_losses"),
        ("burned down", {"subject": "a barn"}, "equipment_losses"),
        ("lost", {"subject": "The rebels", "target": "their boats"}, "equipment_losses"),
        ("captured", {"subject": "The army", "target": "two officers"}, "human_losses"),
        ("captured", {"subject": "The army", "target": "Colonel Rook"}, "human_losses"),
        ("seized", {"subject": "officers"}, "human_losses"),
    ],
)
def test_losses_are_told_by_who_or_what_was_lost(outcome, words, expected):
    assert typed(outcome, **words) == expected


@pytest.mark.parametrize(
    ("outcome", "words", "expected"),
    [
        ("captured", {"subject": "The rebels", "target": "the village"}, "territorial_control"),
        ("lost", {"subject": "The army", "target": "the heights"}, "territorial_control"),
        ("withdrew", {"subject": "The army", "target": "the bridge"}, "territorial_control"),
        ("is in our hands", {"subject": "The station"}, "territorial_control"),
        ("took", {"subject": "The rebels", "target": "Halm"}, "territorial_control"),
        ("lost", {"counted": "percent", "subject": "Veloria", "target": "its territory"}, "territorial_control"),
        ("captured", {"subject": "soldiers", "target": "the village", "counted": "people", "unit": "soldiers"}, "human_losses"),
    ],
)
def test_ground_taken_or_lost_is_territory_and_people_taken_are_not(outcome, words, expected):
    assert typed(outcome, **words) == expected


@pytest.mark.parametrize(
    ("outcome", "words", "expected"),
    [
        ("lost", {"counted": "percent", "subject": "The shares"}, "other"),
        ("lost", {"counted": "percent", "subject": "Shares of Northmill"}, "other"),
        ("seized", {"counted": "money", "subject": "Customs"}, "other"),
        ("arrested", {"subject": "The police", "target": "two men"}, "other"),
    ],
)
def test_money_shares_and_arrests_are_no_losses(outcome, words, expected):
    assert typed(outcome, **words) == expected


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("will be killed", {"subject": "fighters"}),
        ("could attack", {"subject": "The army"}),
        ("plans to open", {}),
        ("to close", {}),
        ("rain", {"cue": "expects"}),
        ("closes", {"cue": "Pledged"}),
    ],
)
def test_what_is_to_come_is_a_forecast_even_of_losses_and_attacks(outcome, words):
    assert typed(outcome, **words) == "forecast"


@pytest.mark.parametrize(
    ("outcome", "words", "expected"),
    [
        ("attacked", {"subject": "The rebels"}, "military_action"),
        ("were intercepted", {"unit": "drones", "counted": "materiel"}, "equipment_losses"),
        ("shelled", {"target": "the convoy"}, "military_action"),
        ("reached", {"unit": "warships"}, "military_action"),
        ("recorded", {"unit": "attacks"}, "military_action"),
        ("attacked", {"subject": "The critics", "target": "the book"}, "other"),
    ],
)
def test_action_is_military_where_somebody_armed_acts_or_suffers(outcome, words, expected):
    assert typed(outcome, **words) == expected


@pytest.mark.parametrize(
    ("outcome", "words", "expected"),
    [
        ("a crime", {"cue": "called"}, "assessment"),
        ("a death trap", {"cue": "Called", "nominal": True}, "assessment"),
        ("too slow", {"nominal": True}, "assessment"),
        ("is the biggest", {"subject": "The ferry"}, "assessment"),
        ("is the biggest", {"subject": "The ferry", "counted": "people", "unit": "passengers"}, "other"),
        ("aboard", {"nominal": True, "unit": "passengers", "counted": "people"}, "other"),
        ("opened", {"subject": "The bridge"}, "other"),
        ("", {}, "other"),
    ],
)
def test_a_judgement_is_told_by_its_verb_its_form_or_its_words(outcome, words, expected):
    assert typed(outcome, **words) == expected


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("had suffered burns", "wounded"),
        ("left their homes", "displaced"),
        ("fled the city", "displaced"),
        ("shot captive soldiers", None),
        ("shot two prisoners", "killed"),
        ("left the meeting", None),
    ],
)
def test_some_outcomes_are_told_only_with_whom_they_happened_to(words, kind):
    assert outcomes.kind_of(words, whole=True) == kind


@pytest.mark.parametrize("phrase", ["nobody", "no village", "Not one fighter", "neither of them", "not a single boat", "none"])
def test_a_phrase_can_say_that_there_was_nobody(phrase):
    assert polarity.is_none(phrase)


@pytest.mark.parametrize("phrase", ["no more than 40", "no fewer than 40 men", "the notables", "another", "Norland"])
def test_a_phrase_of_few_is_not_nobody(phrase):
    assert not polarity.is_none(phrase)


@pytest.mark.parametrize(
    ("sentence", "outcome", "expected"),
    [
        ("The bridge did not fall.", "fall", "negated"),
        ("The bridge didn\u2019t fall.", "didn\u2019t fall", "negated"),
        ("The bridge never fell.", "fell", "negated"),
        ("The mayor did not sleep, but the bridge fell.", "fell", "affirmed"),
        ("No one of the many who had come in those days to the town fell.", "fell", "affirmed"),
        ("The bridge fell.", "fell", "affirmed"),
    ],
)
def test_an_outcome_is_negated_by_the_words_just_before_it_in_its_clause(sentence, outcome, expected):
    start = sentence.rindex(outcome)
    assert polarity.polarity(sentence, start, start + len(outcome)) == expected
