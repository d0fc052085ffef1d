"""Trees: the conversion on tokens made by hand, and the real parser on sentences of our own."""

import sys
import threading
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import MissingExtraError, WeightsError
from extractor.parsers import spacy as parsers
from extractor.parsers.spacy import SpacyParser, tree
from extractor.trees import Token, Tree

SENTENCES = [
    "The harbour master said on Tuesday that nearly 40 barges had been sunk off Port Arden since May.",
    "\u201cWe lost two bridges\u201d, Colonel Ada Brandt told reporters in Lowfield.",
    "It was not possible to verify either count.",
    "Rain fell.",
]


def tokens_of(text, *rows):
    """Return tokens of ``text`` from (word, head, dep), found from left to right."""
    found, at = [], 0
    for index, (word, head, dep) in enumerate(rows):
        at = text.index(word, at)
        found.append(Token(index, at, at + len(word), word.lower(), "X", "XX", dep, head))
        at += len(word)
    return found


def shape(found: Tree):
    return [(found.word(token), token.head, token.dep) for token in found.tokens]


def lawful(text: str, found: Tree) -> None:
    """Hold a tree to what is promised of every tree."""
    assert found.text == text
    assert [token.index for token in found.tokens] == list(range(len(found.tokens)))
    assert all(0 <= token.start < token.end <= len(text) for token in found.tokens)
    assert all(before.end <= after.start for before, after in zip(found.tokens, found.tokens[1:], strict=False))
    assert not any(found.word(token).isspace() for token in found.tokens)
    assert [token.dep for token in found.tokens if token.head == token.index] == ["ROOT"] * bool(found.tokens)
    for token in found.tokens:
        climbed = token
        for _ in found.tokens:
            climbed = found.head(climbed)
        assert climbed.head == climbed.index


def test_white_space_is_left_out_and_what_hangs_on_it_hangs_on_its_head():
    text = "ships  sank \n fast"
    rows = tokens_of(text, ("ships", 3, "nsubj"), ("  ", 0, "dep"), ("sank", 3, "dep"), ("\n", 4, "dep"), ("fast", 4, "ROOT"))
    assert shape(tree(text, rows)) == [("ships", 2, "nsubj"), ("sank", 2, "dep"), ("fast", 2, "ROOT")]


def test_what_hangs_on_a_root_of_white_space_becomes_a_root():
    text = " ships sank"
    rows = tokens_of(text, (" ", 0, "ROOT"), ("ships", 0, "nsubj"), ("sank", 0, "dep"))
    assert shape(tree(text, rows)) == [("ships", 0, "ROOT"), ("sank", 0, "parataxis")]


def test_later_roots_hang_on_the_first_side_by_side():
    text = "they sank we swam"
    rows = tokens_of(text, ("they", 1, "nsubj"), ("sank", 1, "ROOT"), ("we", 3, "nsubj"), ("swam", 3, "ROOT"))
    assert shape(tree(text, rows)) == [("they", 1, "nsubj"), ("sank", 1, "ROOT"), ("we", 3, "nsubj"), ("swam", 1, "parataxis")]


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_a_text_without_words_has_no_tokens(text, parser):
    rows = tokens_of(text, (text, 0, "ROOT")) if text else []
    assert tree(text, rows) == Tree(text, ())
    assert parser.parse([text]) == [Tree(text, ())]


@st.composite
def forests(draw):
    """Return a text and tokens of it whose heads lead to any number of roots, across white space or not."""
    words = draw(st.lists(st.sampled_from(["a", "b\u0301", "\U0001f6a2", " ", "\n\n", ","]), max_size=12))
    order = draw(st.permutations(range(len(words))))
    heads = {}
    for place, index in enumerate(order):
        heads[index] = draw(st.sampled_from([index, *order[:place]]))
    found, at = [], 0
    for index, word in enumerate(words):
        found.append(Token(index, at, at + len(word), word, "X", "XX", "dep", heads[index]))
        at += len(word)
    return "".join(words), found


@given(forests())
def test_every_forest_becomes_one_tree_of_its_words(drawn):
    text, tokens = drawn
    found = tree(text, tokens)
    lawful(text, found)
    words = [token for token in tokens if not text[token.start : token.end].isspace()]
    assert [(token.start, token.end) for token in found.tokens] == [(token.start, token.end) for token in words]


WORDS = "The two ships were sunk , police said . 40 % of them in Arden ; \u201c no \u201d \u2014 he 's don't e.g. U.S.".split()
PARTS = st.sampled_from(
    [
        *WORDS,
        "\U0001f6a2\U0001f3fd",
        "\U0001f1fa\U0001f1e6",
        unicodedata.normalize("NFD", "Łódź-né"),
        " ",
        "\u00a0\u2009",
        "\n\n\t",
        "\u200b",
        "\ud800",
        "\0",
    ]
)
TEXTS = st.one_of(st.lists(PARTS, max_size=25).map(" ".join), st.lists(PARTS, max_size=15).map("".join), st.text(max_size=40))


@given(text=TEXTS)
@settings(max_examples=60)
def test_every_text_gets_a_lawful_tree(parser, text):
    (found,) = parser.parse([text])
    lawful(text, found)
    covered = {at for token in found.tokens for at in range(token.start, token.end)}
    assert all(text[at].isspace() for at in range(len(text)) if at not in covered)


def test_a_sentence_is_read_as_it_should_be(parser):
    (found,) = parser.parse(SENTENCES[:1])
    said = next(token for token in found.tokens if found.word(token) == "said")
    subject = found.child(said, "nsubj")
    assert (said.lemma, said.pos, said.tag, said.dep) == ("say", "VERB", "VBD", "ROOT")
    assert subject is not None
    assert found.word(subject) == "master"
    figure = next(token for token in found.tokens if found.word(token) == "40")
    assert (found.word(found.head(figure)), figure.entity) == ("barges", "CARDINAL")


def test_several_sentences_in_a_text_are_one_tree(parser):
    (found,) = parser.parse(["The fort fell.  The crew fled. Nobody was hurt."])
    assert [token.dep for token in found.tokens if found.word(token) in ("fell", "fled", "hurt")] == ["ROOT", "parataxis", "parataxis"]


def test_a_sentence_is_read_the_same_in_any_company(parser, article):
    sentences = [*SENTENCES, *article.text.splitlines()]
    together = SpacyParser(parser._folder).parse(sentences)
    alone = SpacyParser(parser._folder)
    assert [alone.parse([text])[0] for text in reversed(sentences)] == together[::-1]


@pytest.mark.parametrize("count", [999, 1_000, 1_001, 2_500])
def test_a_text_of_more_tokens_than_a_sentence_has_is_read_in_pieces(parser, count):
    text = " ".join(["ship"] * count)
    (found,) = parser.parse([text])
    assert len(found.tokens) == count
    lawful(text, found)


def test_what_was_asked_for_last_is_remembered(parser, monkeypatch):
    monkeypatch.setattr(parsers, "_REMEMBERED", 2)
    own = SpacyParser(parser._folder)
    read, reads = own._read, []
    monkeypatch.setattr(own, "_read", lambda texts: (reads.extend(texts), read(texts))[1])
    first, second, third = SENTENCES[:3]
    assert own.parse([first, second, first])[0] is own.parse([first])[0]
    own.parse([third])
    own.parse([first])
    assert reads == [first, second, third]
    own.parse([second])
    assert reads == [first, second, third, second]
    assert [found.text for found in own.parse(SENTENCES)] == SENTENCES
    assert own.parse([]) == []


def test_many_threads_may_parse(parser):
    own = SpacyParser(parser._folder)
    found = []
    threads = [threading.Thread(target=lambda: found.append(own.parse(SENTENCES))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [parser.parse(SENTENCES)] * 4


def test_the_vocabulary_does_not_grow_with_what_is_read(parser):
    parser.parse(["A ship named Zyrqua sank."])
    known = len(parser._pipeline.vocab.strings)
    parser.parse([f"A ship named Zyrqua{number} sank off Quorvale{number}." for number in range(20)])
    assert len(parser._pipeline.vocab.strings) == known


def test_without_spacy_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "spacy.util", None)
    with pytest.raises(MissingExtraError, match=r"claim-extractor\[local\]"):
        SpacyParser(tmp_path).parse(["Rain fell."])


def test_data_that_cannot_be_loaded_is_told(tmp_path):
    (tmp_path / "config.cfg").write_text("[nlp]\nlang = ")
    with pytest.raises(WeightsError, match="extractor models pull parser"):
        SpacyParser(tmp_path).parse(["Rain fell."])
