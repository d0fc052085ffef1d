"""What holds for every text and for every tree: statements are found without a fault, and their words are words of the sentence."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from trees import SLOTS

from extractor.syntax.statements import statements
from extractor.trees import Token, Tree

NEWS = """
the army said denied that 40 soldiers had been killed in Arden on Monday , quoting the mayor . \u201c We lost 12 tanks \u201d according to
reports it put its dead at 31 who called raid a crime accused of shelling spoke losses counted 13 wagons not one fighter two sides ( 7
miles ) handed over wounded was were there as saying Radio 24 and but while from 's 3.5 % $5 million dozens promised expects rebuild
""".split()
MARKS = [
    "\u2014",
    "\U0001f6a2\U0001f3fd",
    "\U0001f1fa\U0001f1e6",
    unicodedata.normalize("NFD", "Łódź-né"),
    "e.g.",
    "'",
    "\u00a0",
    "\u200b",
    "12th",
]
WORDS = st.sampled_from(NEWS + MARKS)
TEXTS = st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.lists(WORDS, max_size=12).map("".join), st.text(max_size=60))


def is_lawful(tree, found):
    for stated in found:
        places = [getattr(stated, slot) for slot in SLOTS]
        if stated.said is not None:
            assert stated.said.sources
            places += [stated.said.cue, *stated.said.sources]
        for start, end in filter(None, places):
            assert 0 <= start < end <= len(tree.text)
            assert tree.text[start:end].strip()
        assert stated.clause.strip()
        assert (stated.number is None) is (stated.quantity is None)
        assert stated.said is not None or stated.quantity is not None
    return True


@given(text=TEXTS)
def test_every_text_states_words_of_its_own(parser, text):
    (tree,) = parser.parse([text])
    found = statements(tree)
    assert is_lawful(tree, found)
    assert statements(tree) == found


TAGS = """
VERB/VBD VERB/VB VERB/VBG VERB/VBN AUX/VBZ AUX/MD NOUN/NN NOUN/NNS PROPN/NNP
PRON/PRP PRON/WP ADJ/JJ ADP/IN NUM/CD DET/DT PUNCT/, CCONJ/CC X/XX
""".split()
DEPS = """
nsubj nsubjpass csubj dobj dative attr acomp oprd ccomp xcomp advcl acl relcl conj cc pobj pcomp prep agent mark expl neg aux auxpass
prt amod nummod quantmod compound poss case appos npadvmod parataxis punct det dep
""".split()
LEMMAS = {
    "said": "say",
    "denied": "deny",
    "lost": "lose",
    "was": "be",
    "were": "be",
    "accused": "accuse",
    "saying": "say",
    "quoting": "quote",
}


@st.composite
def forests(draw):
    """Return any tree at all of words that tell something to those who read it."""
    words = draw(st.lists(st.sampled_from(NEWS), min_size=1, max_size=14))
    order = draw(st.permutations(range(len(words))))
    heads = {index: draw(st.sampled_from(order[:place])) if place else index for place, index in enumerate(order)}
    tokens, at = [], 0
    for index, word in enumerate(words):
        pos, tag = draw(st.sampled_from(TAGS)).split("/")
        dep = "ROOT" if heads[index] == index else draw(st.sampled_from(DEPS))
        entity = draw(st.sampled_from(["", "GPE", "PERSON"]))
        tokens.append(Token(index, at, at + len(word), LEMMAS.get(word, word.lower()), pos, tag, dep, heads[index], entity))
        at += len(word) + 1
    return Tree(" ".join(words), tuple(tokens))


@given(tree=forests())
def test_every_tree_states_words_of_its_own(tree):
    assert is_lawful(tree, statements(tree))


def test_a_sentence_without_words_states_nothing(parser):
    assert [statements(tree) for tree in parser.parse(["", " \n", "\u2014"])] == [[], [], []]
