import pytest

from extractor.normalise import attribution, duplicates, polarity
from extractor.normalise.attribution import cue_of, source_candidates, stated_on

SOURCES = [
    ("They lost 470 troops over the past day, Kyiv's military said on Wednesday.", "Kyiv's military"),
    ("They lost four tanks, the General Staff of Ukraine's Armed Forces said in a post.", "the General Staff of Ukraine's Armed Forces"),
    ("Kyiv claims in updated figures that Moscow has lost soldiers.", "Kyiv"),
    ('On Tuesday, Ukraine\'s Deputy Defense Minister, Hanna Maliar, said "no".', "Ukraine's Deputy Defense Minister, Hanna Maliar"),
    ("Russian forces are ramping up, the ISW added, as it nears the mark.", "the ISW"),
    ("According to the Health Ministry, 12 people died.", "the Health Ministry"),
    ('"We won," said Colonel Idris Noor.', "Colonel Idris Noor"),
    ("The army also denied that it fled.", "The army"),
]


@pytest.mark.parametrize(("text", "source"), SOURCES)
def test_the_source_is_among_the_candidates(text, source):
    assert source in [text[slice(*span)] for span in source_candidates(text)]


@pytest.mark.parametrize("text", ["The tally of claimed casualties rose.", "A truck near Halm on May 3.", "Fighting went on."])
def test_without_a_word_of_saying_there_is_no_candidate(text):
    assert source_candidates(text) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("It fell, the army said on Wednesday as it rained.", "on Wednesday"),
        ("On Tuesday, the army said it fell.", "On Tuesday"),
        ("It fell on Tuesday, the army added.", None),
        ("It fell over the past day, the army said on Wednesday.", "on Wednesday"),
    ],
)
def test_the_day_of_saying_is_not_the_day_of_the_event(text, day):
    source = (text.index("the army"), text.index("the army") + len("the army"))
    cue = cue_of(text, source)
    assert cue is not None
    found = stated_on(text, cue, source)
    assert (text[slice(*found)] if found else None) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It denied that its vehicles were lost.", ["that its vehicles were lost."]),
        ("The bridge fell, the army said on Monday.", ["The bridge fell,", "on Monday."]),
        ("“It fell,” said Col. Noor, adding that more would.", ["“It fell,”", ", adding that more would."]),
        ("Kyiv said so.", ["Kyiv said so."]),
        ("On Tuesday, Ukraine's Deputy Defense Minister, Hanna Maliar, said the town held.", ["On Tuesday,", "the town held."]),
        ("Russian forces are ramping up, the ISW added.", ["Russian forces are ramping up,"]),
        ("12 of them said no.", ["12 of them said no."]),
        ("It rained all day.", ["It rained all day."]),
    ],
)
def test_what_is_said_leaves_out_who_says_it(text, said):
    assert [text[slice(*span)].strip() for span in attribution.content(text)] == said


def test_a_source_does_not_begin_behind_a_preposition():
    text = "The General Staff in Ostrava also claimed that it won."
    assert [text[slice(*span)] for span in source_candidates(text)] == ["The General Staff in Ostrava"]


def test_channel_kind_and_stance():
    text = "It fell, the Defense Ministry said in a post to social media."
    cue = cue_of(text, (9, 29))
    assert cue is not None
    channel = attribution.channel(text, cue)
    assert channel is not None
    assert text[slice(*channel)] == "in a post to social media"
    assert attribution.kind_of("the Defense Ministry") == "government"
    assert attribution.kind_of("Maliar") is None
    assert (attribution.stance_of("denied"), attribution.stance_of("said")) == ("denies", "asserts")


@pytest.mark.parametrize(
    ("text", "outcome", "expected"),
    [
        ("We did not give up a village", "give up", "negated"),
        ("They never advanced", "advanced", "negated"),
        ("They failed to advance", "advance", "negated"),
        ("It is not over, but they advanced", "advanced", "affirmed"),
        ("They advanced", "advanced", "affirmed"),
        ("They didn't retreat", "retreat", "negated"),
    ],
)
def test_polarity(text, outcome, expected):
    assert polarity.polarity(text, text.index(outcome), text.index(outcome) + len(outcome)) == expected


def test_merging_nothing_gives_nothing():
    assert duplicates.merge([]) == ()


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("said.", []),
        ("Said that it fell.", []),
        ('"In Halm," said', []),
        ('"In Halm," said — nobody.', []),
        ("The claimed losses rose.", []),
        ("“It fell”, Kyiv said.", ["Kyiv"]),
    ],
)
def test_a_word_of_saying_without_a_speaker_names_nobody(text, sources):
    assert [text[slice(*span)] for span in source_candidates(text)] == sources


def test_a_negation_within_the_outcome_counts():
    assert polarity.polarity("It was not possible", 3, 19) == "negated"


def test_the_work_on_a_sentence_of_cues_is_bounded():
    assert len(attribution.cues("Kyiv said " * 80)) == 8
