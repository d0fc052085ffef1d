"""A tree answers what hangs on what."""

import pytest

from extractor.trees import Token, Tree

TEXT = "Scouts said two old barges sank"
TREE = Tree(
    TEXT,
    tuple(
        Token(index, TEXT.index(word), TEXT.index(word) + len(word), word.lower(), "X", "XX", dep, head)
        for index, (word, head, dep) in enumerate(
            [
                ("Scouts", 1, "nsubj"),
                ("said", 1, "ROOT"),
                ("two", 4, "nummod"),
                ("old", 4, "amod"),
                ("barges", 5, "nsubj"),
                ("sank", 1, "ccomp"),
            ]
        )
    ),
)
SCOUTS, SAID, TWO, OLD, BARGES, SANK = TREE.tokens


def test_words_heads_and_children():
    assert TREE.word(BARGES) == "barges"
    assert TREE.head(BARGES) is SANK
    assert TREE.head(SAID) is SAID is TREE.root
    assert TREE.children(SAID) == (SCOUTS, SANK)
    assert TREE.children(SAID, "ccomp", "xcomp") == (SANK,)
    assert TREE.child(BARGES, "amod") is OLD
    assert TREE.child(BARGES, "det") is None


def test_what_is_below_and_above():
    assert TREE.subtree(SANK) == [TWO, OLD, BARGES, SANK]
    assert TREE.subtree(SANK, lambda token: token.dep != "amod") == [TWO, BARGES, SANK]
    assert list(TREE.ancestors(TWO)) == [BARGES, SANK, SAID]
    assert list(TREE.ancestors(SAID)) == []
    assert [TREE.under(TWO, above) for above in (TWO, SANK, SCOUTS)] == [True, True, False]


@pytest.mark.parametrize(
    ("words", "top"), [("two old barges", BARGES), ("old", OLD), ("barges sank", SANK), ("Scouts said two", SAID), ("", None)]
)
def test_the_top_of_a_span(words, top):
    start = TEXT.index(words)
    assert TREE.top(start, start + len(words)) == top
    assert [TREE.word(token) for token in TREE.at(start, start + len(words))] == words.split()
