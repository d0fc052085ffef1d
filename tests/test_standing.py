import re

from hypothesis import example, given
from hypothesis import strategies as st

from extractor.normalise import standing, time_words
from extractor.normalise.late import late
from extractor.normalise.time_begins import begins

TEXTS = st.text(alphabet="aAb.-_1 \u00e4\u0130\u0131\u017f\u212a", max_size=30)
WORDS = st.text(alphabet="aAb.-_1 \u00e4", min_size=1, max_size=3)


@given(TEXTS, WORDS)
@example("a.a.a", "a.a")
@example("aba", "a")
def test_whole_words_are_those_of_the_pattern(text, words):
    pattern = re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])")
    assert list(standing.whole(text, words)) == [match.span() for match in pattern.finditer(text)]


@given(TEXTS, WORDS)
def test_places_are_all_there_are(text, words):
    assert list(standing.places(text, words)) == [match.start() for match in re.finditer(rf"(?={re.escape(words)})", text)]


@given(TEXTS)
def test_an_edge_is_a_boundary_of_words(text):
    edges = {match.start() for match in re.finditer(r"\b", text)}
    assert {at for at in range(len(text) + 1) if standing.is_edge(text, at)} == edges


@given(TEXTS, st.sampled_from(("a", "b", "i", "k", "s", "ab", "is")))
def test_what_a_pattern_finds_in_any_case_stands_in_the_caseless_text(text, word):
    assert len(standing.caseless(text)) == len(text)
    for match in re.finditer(f"(?={word})", text, re.IGNORECASE):
        assert standing.caseless(text).startswith(word, match.start())


def test_a_late_pattern_does_what_a_compiled_one_does():
    pattern = late(r"(a+)b", re.IGNORECASE)
    assert pattern.sub("x", "AAb ab") == "x x"
    assert pattern.findall("AAb ab") == ["AA", "a"]
    assert [match.span() for match in pattern.finditer("ab AAb")] == [(0, 2), (3, 6)]
    assert pattern.search("x ab", 1).span() == (2, 4)
    assert pattern.match("ab ").span() == (0, 2)
    assert pattern.fullmatch("ab ") is None
    assert pattern.split("1ab2") == ["1", "a", "2"]
    assert pattern.pattern == "(a+)b"
    assert pattern.flags & re.IGNORECASE


def by_pattern_alone(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in time_words._PHRASE.finditer(text)]


_SECONDS = (
    " the this last next past day days week month year Monday May 3 2023 24 first second quarter half of in on at early late mid-May"
    " mid Q1 fall summer morning night two a an few couple hours ago later earlier since until by from before after about o'clock noon"
    " yesterday overnight war end start same previous that following coming recent as than not no said forces \u2013 - , . and to for"
    " over during within shortly just Christmas New Year's Eve 12.04. 2023-05-01 $"
).split()


@given(st.lists(st.sampled_from(_SECONDS), max_size=9), st.sampled_from((" ", " ", "\n", "")))
def test_no_phrase_of_time_begins_where_none_can(words, between):
    text = between.join(words)
    assert list(time_words.find(text)) == by_pattern_alone(text)


def test_every_alternative_is_begun_by_a_word_that_is_known():
    phrases = (
        "from Monday to Friday", "between 3 p.m. and 5 p.m.", "May 3-5, 2023", "over the past 24 hours", "in previous two weeks",
        "the coming week", "three weeks ago", "nears the three-year mark", "shortly before dawn", "in the early hours",
        "late on Sunday", "since its start in May", "no later than Friday", "as of May 3", "prior to Monday", "throughout June",
        "on election day", "Tuesday", "next month", "late summer 2023", "Q1 2023", "for more than two weeks", "in nearly a year",
        "since the outbreak of the war", "until talks had ended.", "mid-May 2023", "midMay 2023", "this past Friday",
        "\u212aid in mid 2023", "3 \u017fept 2023", "Fr\u0131day", "that night", "not later than May 5", "a day earlier",
        "couple of days ago", "zero hours later", "Boxing Day", "new year's eve", "the day before yesterday", "over Christmas Eve",
    )  # fmt: skip
    for phrase in phrases:
        for text in (phrase, f"It was {phrase.upper()} there.", f"$5-{phrase} x-{phrase} _{phrase}"):
            assert list(time_words.find(text)) == by_pattern_alone(text)
            assert {start for start, _ in by_pattern_alone(text)} <= set(begins(text))
