"""Names, outcomes, measures, verification and duplicates: what words mean beside figures and dates."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.claims import OutcomeKind
from extractor.normalise import chains, measures, names, outcomes, subjects, verification

PARTS = """
Veloria's Deputy Defense Minister, Hana Malir | Hana Malir | Deputy Defense Minister | Veloria
Hana Malir, deputy defense minister of Veloria | Hana Malir | deputy defense minister | Veloria
Hana Malir, the mayor | Hana Malir | mayor | -
Col. Tarek Amin | Tarek Amin | Col. | -
its spokesman, Col. Tarek Amin | Tarek Amin | spokesman | -
Lt. Gen. Tarek Amin | Tarek Amin | Lt. Gen. | -
rebel commander Idris Noor | Idris Noor | rebel commander | -
Palace spokesman Idris Noor | Idris Noor | spokesman | Palace
the Velorian president, Idris Noor | Idris Noor | president | Velorian
President Idris Noor | Idris Noor | President | -
Idris Noor | Idris Noor | - | -
the Velorian Defense Ministry | Velorian Defense Ministry | - | -
Ostrava's military | Ostrava's military | - | Ostrava
rescue workers | rescue workers | - | -
an analyst, who asked not to be named | analyst, who asked not to be named | - | -
"""


@pytest.mark.parametrize("line", PARTS.strip().splitlines())
def test_a_source_is_taken_apart(line):
    words, *expected = (part.strip() for part in line.split("|"))
    found = names.parts(words)
    assert ["-" if place is None else words[slice(*place)] for place in (found.name, found.title, found.affiliation)] == expected


TEXT = (
    "On Monday Deputy Minister Hana Malir spoke. The Institute for the Study of Peace doubted it. The Velorian Defense Ministry"
    " agreed. IDRIS NOOR came. News from the Office for Things."
)


@pytest.mark.parametrize(
    ("words", "before", "full"),
    [
        ("Malir", [], "Hana Malir"),
        ("Kovac", [], "Kovac"),
        ("the ISP", [], "Institute for the Study of Peace"),
        ("ISX", [], "ISX"),
        ("the government department", ["Velorian Defense Ministry", "Hana Malir"], "Velorian Defense Ministry"),
        ("the ministry", ["the ministry of war", "Hana Malir"], "ministry"),
        ("the ministry", ["Hana Malir"], "ministry"),
        ("the villagers", ["Hana Malir"], "villagers"),
        ("she", ["Hana Malir", "Defense Ministry"], "Hana Malir"),
        ("he", ["Kyiv"], "he"),
        ("residents", [], "residents"),
        ("the Velorian Defense Ministry", [], "Velorian Defense Ministry"),
    ],
)
def test_later_mentions_take_the_full_name(words, before, full):
    assert names.canonical(words, before, TEXT) == full


@pytest.mark.parametrize(
    ("text", "source", "order"),
    [
        ("KCNA, quoted by Yonhap, said it fell.", "KCNA", ["KCNA", "Yonhap"]),
        ("According to Yonhap, quoting KCNA, it fell.", "Yonhap", ["KCNA", "Yonhap"]),
        ("The ministry, as cited by the Harbor Times, said so.", "The ministry", ["The ministry", "the Harbor Times"]),
        ("The ministry said so.", "The ministry", ["The ministry"]),
    ],
)
def test_a_chain_begins_with_who_said_it_first(text, source, order):
    start = text.index(source)
    assert [text[slice(*place)] for place in chains.chain(text, (start, start + len(source)))] == order


@given(st.text(max_size=60), st.text(max_size=80))
def test_any_words_are_taken(words, text):
    found = names.parts(words)
    for place in (found.name, found.title, found.affiliation):
        assert place is None or 0 <= place[0] <= place[1] <= len(words)
    names.canonical(words, [], text)
    verification.find(text)
    assert outcomes.kind_of(text) in (None, *get_args(OutcomeKind))


OUTCOMES = """
killed|killed
were killed|killed
died|killed
the death toll|killed
liquidated|killed
wounded|wounded
had been injured|wounded
captured|captured
were taken prisoner|captured
detained|captured
went missing|missing
disappeared|missing
lost|lost
had lost|lost
suffered losses|lost
were neutralized|lost
destroyed|destroyed
shot down|destroyed
sank|destroyed
intercepted|destroyed
damaged|damaged
was hit|damaged
fled|displaced
were evacuated|displaced
killed and wounded|killed
wounded and killed|wounded
had advanced|-
will hold|-
"""


@pytest.mark.parametrize("line", OUTCOMES.strip().splitlines())
def test_outcomes_are_kept_apart(line):
    words, kind = line.split("|")
    assert (outcomes.kind_of(words) or "-") == kind
    assert outcomes.kind_of(words.upper()) == outcomes.kind_of(words)


@pytest.mark.parametrize(
    ("kind", "counted", "drafted", "expected"),
    [
        ("lost", "people", "equipment_losses", "human_losses"),
        ("lost", "materiel", "human_losses", "equipment_losses"),
        ("killed", None, "equipment_losses", "human_losses"),
        ("lost", None, "equipment_losses", "equipment_losses"),
        ("killed", "people", "other", "human_losses"),
        (None, "people", "military_action", "military_action"),
        ("displaced", "people", "other", "other"),
    ],
)
def test_losses_are_typed_by_what_is_counted(kind, counted, drafted, expected):
    assert outcomes.type_of(kind, counted, drafted) == expected


MEASURES = """
They lost 40 tanks over the past day|over the past day|period
They have lost 40 tanks since February 24, 2022|since February 24, 2022|cumulative
They have lost a total of 40 tanks|-|cumulative
A total of 40 tanks burned on Monday|on Monday|period
They have lost 40 tanks so far|-|cumulative
Two more died, bringing the death toll to 40|-|cumulative
The toll has risen to 40|-|cumulative
The raid on Monday brought the number of dead to 40|on Monday|cumulative
They lose 40 tanks a day|-|period
About 40 people remain missing|-|snapshot
There are 40 tanks in the town|-|snapshot
The count currently stands at 40|-|snapshot
They lost 40 tanks|-|-
They lost 40 tanks on Monday|on Monday|period
40 died in 2022|in 2022|period
Updated figures show 40 dead|-|cumulative
"""


@pytest.mark.parametrize("line", MEASURES.strip().splitlines())
def test_words_tell_how_a_figure_measures(line):
    sentence, phrase, meaning = line.split("|")
    start = sentence.index("40")
    found = measures.measure(None if phrase == "-" else phrase, sentence, start, start + 2)
    assert (found[1] if found else "-") == meaning


VERIFICATIONS = """
It is not possible to independently verify either count.|not_verified|-
Reuters could not independently verify the figures.|not_verified|Reuters
The reports could not be independently verified.|not_verified|-
The claim has not been verified.|not_verified|-
Neither figure could be independently verified.|not_verified|-
The figures are unconfirmed.|not_verified|-
There was no independent confirmation of the toll.|not_verified|-
Harbor News was unable to confirm the report.|not_verified|Harbor News
The video was verified by two agencies.|verified|two agencies
The strike was confirmed by satellite images on Monday.|verified|satellite images
Satellite images confirmed the damage.|verified|-
Geolocated footage showed that the bridge fell.|verified|-
Ostrava denied the accusations.|denied|Ostrava
Ostrava denied it.|denied|Ostrava
Ostrava has denied targeting civilians.|-|-
It denied that vehicles were lost.|-|-
The ministry rejected the report.|denied|The ministry
Veloria disputed the count.|disputed|Veloria
The toll is disputed.|disputed|-
The army advanced.|-|-
It was denied a visa.|-|-
"""


@pytest.mark.parametrize("line", VERIFICATIONS.strip().splitlines())
def test_what_a_sentence_says_of_verification_and_by_whom(line):
    sentence, status, by = line.split("|")
    found = verification.find(sentence)
    assert (found.status if found else "-") == status
    assert (sentence[slice(*found.by)] if found and found.by else "-") == by


LOSERS = """
Velorian forces in Ostrava lost 40 tanks|lost|Velorian forces in Ostrava
The ministry said on Tuesday that Ostrava's armed forces had lost 40 men|had lost|Ostrava's armed forces
The ministry said on Tuesday that Ostrava's armed forces had lost 40 men|lost|Ostrava's armed forces
The crew also lost 40 tanks|also lost|The crew
Kyiv said, and Veloria suffers great losses|suffers|Veloria
Ostrava said 40 tanks were lost|were lost|-
Ostrava said lost|lost|-
Ostrava said that a very long row of words which the other two three four five six seven eight nine lost 40 tanks|lost|-
They killed 40 men|killed|-
lost 40 men|lost|-
"""


@pytest.mark.parametrize("line", LOSERS.strip().splitlines())
def test_who_lost_stands_before_the_verb(line):
    sentence, outcome, expected = line.split("|")
    start = sentence.index(outcome)
    place = subjects.loser(sentence, start, start + len(outcome))
    assert (sentence[slice(*place)] if place else "-") == expected
