"""Sentences get their trees: what stands before them is cut off, who draws trees, and that they are drawn once."""

import json

import pytest
from conftest import PARSER
from hypothesis import given
from hypothesis import strategies as st

from extractor import Document, Extractor, MemoryCache, ScriptedProvider, models, settings
from extractor.errors import WeightsError
from extractor.normalise.spacing import flat
from extractor.parsers import data
from extractor.parsers import table as parsers
from extractor.parsers.reading import lead, with_trees
from extractor.parsers.remembered import Remembered
from extractor.segmentation import sentences
from extractor.trees import Token, Tree

LOCAL = models.EMBEDDED[models.DEFAULT]


class Rows:
    """A parser that hangs every word on the first, and remembers what it was given."""

    identity = "rows"

    def __init__(self):
        self.given = []

    def parse(self, texts):
        self.given += texts
        return [self._tree(text) for text in texts]

    def _tree(self, text):
        at, found = 0, []
        for index, word in enumerate(text.split(" ")):
            found.append(Token(index, at, at + len(word), word.lower(), "X", "XX", "dep" if index else "ROOT", 0))
            at += len(word) + 1
        return Tree(text, tuple(found))


def read(text, language="en", parser=None):
    document = Document(text=text, language=language)
    return with_trees(document, sentences(document), parser)


# --- What stands before a sentence proper


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("PORT ARDEN (Example) \u2014 Nine ships sank.", "PORT ARDEN (Example) \u2014 "),
        ("PORT ARDEN, Veloria \u2013 Nine ships sank.", "PORT ARDEN, Veloria \u2013 "),
        ("PORT ARDEN, March 3 (Example) - Nine ships sank.", "PORT ARDEN, March 3 (Example) - "),
        ("ST. ODILE'S, 3 March -- Nine ships sank.", "ST. ODILE'S, 3 March -- "),
        ("10:40 GMT \u2013 Nine ships sank.", "10:40 GMT \u2013 "),
        ("9.15 p.m. - HALM \u2014 Nine ships sank.", "9.15 p.m. - HALM \u2014 "),
        ("Correction: Nine ships sank.", "Correction: "),
        ("HALM \u2014 Update: Nine ships sank.", "HALM \u2014 Update: "),
        ("Nine ships sank at 10:40.", ""),
        ("Halm \u2014 a town \u2014 fell.", ""),
        ("NATO said nine ships sank.", ""),
        ("The mayor: nine ships sank.", ""),
        ("", ""),
    ],
)
def test_a_dateline_a_clock_time_or_a_label_is_no_part_of_the_sentence(text, cut):
    assert text[: lead(text)] == cut


@pytest.mark.parametrize("text", ["HALM \u2014 !", "10:40 \u2013 \u2026", "Update: "])
def test_where_nothing_would_be_left_nothing_is_cut(text):
    assert lead(text) == 0


def test_a_parser_is_given_the_sentence_and_the_tree_is_of_the_whole():
    parser = Rows()
    [first, second] = read("HALM \u2014 Nine ships\nsank.\n\nThe rain\u00a0went on.", parser=parser)
    assert parser.given == ["Nine ships sank.", "The rain went on."]
    assert first.tree.text == "HALM \u2014 Nine ships sank."
    assert [first.tree.word(token) for token in first.tree.tokens] == ["Nine", "ships", "sank."]
    assert second.tree.tokens[0].start == 0


@given(st.text("ab \n\t\u00a0\u2028\u3000A\u2014:1", max_size=60))
def test_places_in_a_tree_are_places_in_the_sentence(text):
    document = Document(text=text)
    for sentence in with_trees(document, sentences(document), Rows()):
        known = document.text[sentence.start : sentence.end]
        assert sentence.tree.text == flat(known)
        assert all(sentence.tree.word(token) == flat(known[token.start : token.end]) for token in sentence.tree.tokens)


@pytest.mark.parametrize(("language", "drawn"), [("en", True), ("EN-gb", True), ("de", False), ("eng", False)])
def test_trees_are_drawn_of_english_alone(language, drawn):
    assert [sentence.tree is not None for sentence in read("Rain fell. Snow fell.", language, Rows())] == [drawn, drawn]


def test_without_a_parser_sentences_stay_as_they_are():
    document = Document(text="Rain fell. Snow fell.")
    assert with_trees(document, sentences(document), None) == sentences(document)
    assert read("Rain fell.")[0].tree is None


# --- Who draws them


def test_models_that_run_here_have_a_parser_and_others_read_themselves():
    chosen = settings.load()
    assert all(parsers.provide(model, chosen, MemoryCache()) is not None for model in models.EMBEDDED.values())
    for name in ("openai/x", "anything"):
        model = models.resolve(settings.load(model=name, base_url="http://127.0.0.1:9/v1" if name == "anything" else None))
        assert parsers.provide(model, chosen, MemoryCache()) is None


def test_the_official_parser_is_known_before_it_is_there(monkeypatch):
    monkeypatch.delenv("EXTRACTOR_PARSER")
    assert parsers.provide(LOCAL, settings.load(), MemoryCache()).identity == data.IDENTITY


def test_a_users_own_is_known_by_its_data(tmp_path):
    (tmp_path / "config.cfg").write_text("[nlp]\n")
    chosen = settings.load(parser=tmp_path)
    assert parsers.provide(LOCAL, chosen, MemoryCache()).identity == data.identity(tmp_path) != data.IDENTITY


def test_it_is_loaded_when_the_first_sentence_comes(parser):
    assert PARSER.is_dir()
    [tree] = parsers.provide(LOCAL, settings.load(), MemoryCache()).parse(["Rain fell."])
    assert tree == parser.parse(["Rain fell."])[0]


def test_data_that_cannot_be_had_is_told_when_a_sentence_comes(tmp_path):
    provided = parsers.provide(LOCAL, settings.load(parser=tmp_path / "none"), MemoryCache())
    with pytest.raises(WeightsError):
        provided.parse(["Rain fell."])


# --- Drawn once


def test_a_sentence_that_is_remembered_is_not_drawn_again():
    cache, first, second = MemoryCache(), Rows(), Rows()
    drawn = Remembered(first, cache).parse(["Rain fell.", "Snow fell.", "Rain fell."])
    assert first.given == ["Rain fell.", "Snow fell."]
    assert Remembered(second, cache).parse(["Snow fell.", "Ice melted.", "Rain fell."]) == [drawn[1], second._tree("Ice melted."), drawn[0]]
    assert second.given == ["Ice melted."]
    assert Remembered(second, cache).parse([]) == []


@pytest.mark.parametrize("junk", [b"", b"junk", b"x\x9c\x03\x00\x00\x00\x00\x01", json.dumps([[1, 2]]).encode()])
def test_a_damaged_tree_is_drawn_again(junk):
    class Damaged(MemoryCache):
        def get(self, key):
            return junk if super().get(key) is not None else None

    cache, parser = Damaged(), Rows()
    Remembered(parser, cache).parse(["Rain fell."])
    assert Remembered(parser, cache).parse(["Rain fell."]) == [parser._tree("Rain fell.")]
    assert parser.given == ["Rain fell."] * 2


def test_another_parser_has_other_trees():
    cache, one, other = MemoryCache(), Rows(), Rows()
    other.identity = "columns"
    Remembered(one, cache).parse(["Rain fell."])
    Remembered(other, cache).parse(["Rain fell."])
    assert other.given == ["Rain fell."]


def test_an_extractor_of_a_model_that_runs_here_reads_with_the_parser(parser):
    cache = MemoryCache()
    chosen = settings.load(model=models.DEFAULT)
    for given_settings in (chosen, settings.load(model=models.DEFAULT, parallel=2)):
        made = Extractor.from_settings(given_settings, provider=ScriptedProvider([]), cache=cache)
        found = made.extract_sync(Document(text="The harbour master said nine ships sank."))
        assert [claim.quantity.text for claim in found.claims] == ["nine ships"]
        assert found.provenance.parser == parser.identity
    assert [prompt.reference for prompt in made.prompts] == ["events@1", "claims@1"]
    hosted = Extractor.from_settings(settings.load(model="openai/x"), provider=ScriptedProvider([]), cache=cache)
    assert [prompt.reference for prompt in hosted.prompts] == ["claims@1"]
