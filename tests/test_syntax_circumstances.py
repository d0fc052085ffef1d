"""When and where something happened, and when it was said."""

import pytest
from trees import drawn, read, word

from extractor.syntax import circumstances
from extractor.syntax.saying import Saying
from extractor.syntax.statements import statements

TIMES = """
The bridge fell on Monday, the mayor said. | on Monday | -
The bridge fell, the mayor said on Monday. | - | on Monday
On Monday, the mayor said the bridge had fallen. | - | On Monday
The mayor said on Tuesday that the bridge fell on Monday. | on Monday | on Tuesday
The mayor said on Tuesday the bridge, closed since May, fell a day earlier. | a day earlier | on Tuesday
The mayor said in May that the bridge had fallen. | - | -
The bridge, which was built in May, fell on Monday, the mayor said. | on Monday | -
The bridge, which was built in May, fell, the mayor said. | in May | -
The mayor, who took office on Monday, said the bridge fell. | - | -
The bridge that fell on Monday was old, the mayor said. | on Monday | -
The mayor said the bridge fell. | - | -
"""


@pytest.mark.parametrize("line", TIMES.strip().splitlines())
def test_when_it_happened_and_when_it_was_said(line, parser):
    sentence, time, stated_on = line.split(" | ")
    (tree,) = parser.parse([sentence])
    (found,) = statements(tree)
    assert (read(tree, found.time) or "-", read(tree, found.stated_on) or "-") == (time, stated_on)


PLACES = """
Nine boats sank off Port Arden. | Port Arden
Nine boats sank at the pier in Arden. | the pier
Nine boats sank in the harbour. | the harbour
Nine boats sank in anger. | -
Nine boats sank in May. | -
Nine boats went to the harbour and sank. | -
Nine boats went to Norway and sank. | Norway
Nine boats were burned on the pier at Arden. | the pier
A shell hit the hospital, killing nine men in Arden. | Arden
A shell fell in Arden, killing nine men. | Arden
Nine men from the port in Arden died. | Arden
The clerk in Arden slept, the mayor said. | -
The road at the pass was open, the mayor in Arden said. | -
Nine men were in hospital, the mayor said. | -
"""


@pytest.mark.parametrize("line", PLACES.strip().splitlines())
def test_where_it_happened(line, parser):
    sentence, expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    found = statements(tree)[0]
    assert (read(tree, found.where) or "-") == expected


def said(tree, verb, *heads):
    token = word(tree, verb)
    return Saying((token.start, token.end), token, ((0, 1),), tuple(word(tree, head) for head in heads))


def test_a_time_of_another_clause_counts_within_what_is_said_alone():
    tree = drawn(
        "He/PRON/PRP/nsubj/1 left/VERB/VBD/ROOT/1 there/ADV/RB/advmod/1 Monday/PROPN/NNP/npadvmod/2 and/CCONJ/CC/cc/1"
        " said=say/VERB/VBD/conj/1 it/PRON/PRP/nsubj/7 sank/VERB/VBD/ccomp/5"
    )
    sank, left = word(tree, "sank"), word(tree, "left")
    assert circumstances.when(tree, sank, said(tree, "said", "sank")) is None
    assert read(tree, circumstances.when(tree, sank, said(tree, "said", "left"))) == "Monday"
    assert read(tree, circumstances.when(tree, sank, None)) == "Monday"
    assert read(tree, circumstances.when(tree, left, None)) == "Monday"


def test_the_nearest_time_counts():
    tree = drawn(
        "Monday/PROPN/NNP/npadvmod/1 sank/VERB/VBD/ROOT/1 the/DET/DT/det/3 boat/NOUN/NN/nsubj/1 of/ADP/IN/prep/3 Tuesday/PROPN/NNP/pobj/4"
    )
    assert read(tree, circumstances.when(tree, tree.root, None)) == "Monday"


def test_a_time_that_all_else_hangs_on_or_before_the_tree_begins_is_none_of_the_verb():
    tree = drawn("Monday/PROPN/NNP/ROOT/0 sank/VERB/VBD/relcl/0")
    assert circumstances.when(tree, word(tree, "sank"), None) is None
    tree = drawn("sank/VERB/VBD/ROOT/0", text="Monday - sank")
    assert circumstances.when(tree, tree.root, None) is None
    assert circumstances.stated_on(tree, said(tree, "sank")) is None


IN = "sank/VERB/VBD/ROOT/0 {}/ADP/IN/prep/0 {}"


@pytest.mark.parametrize(
    ("prep", "noun", "place"),
    [
        ("in", "Vane/PROPN/NNP/pobj/1/PERSON", None),
        ("in", "Arden/PROPN/NNP/pobj/1", "Arden"),
        ("in", "arden/PROPN/NNP/pobj/1", None),
        ("across", "Arden/PROPN/NNP/pobj/1", None),
        ("across", "Arden/PROPN/NNP/pobj/1/GPE", "Arden"),
        ("into", "Arden/PROPN/NNP/pobj/1", None),
        ("into", "town/NOUN/NN/pobj/1", None),
        ("into", "Arden/PROPN/NNP/pobj/1/FAC", "Arden"),
        ("in", "town/NOUN/NN/pobj/1", "town"),
        ("in", "town/NOUN/NN/pcomp/1", None),
        ("with", "town/NOUN/NN/pobj/1", None),
        ("in", "Monday/PROPN/NNP/pobj/1/GPE", None),
        ("in", "-/PUNCT/:/pobj/1/GPE", None),
    ],
)
def test_what_is_a_place(prep, noun, place):
    tree = drawn(IN.format(prep, noun))
    assert read(tree, circumstances.where(tree, tree.root, None, [], hit=True)) == place
    assert circumstances.where(tree, tree.root, None, [(0, len(tree.text))], hit=True) is None


def test_a_place_within_the_subject_is_where_something_was_hit():
    tree = drawn("Men/NOUN/NNS/nsubj/3 in/ADP/IN/prep/0 Arden/PROPN/NNP/pobj/1/GPE fell/VERB/VBD/ROOT/3")
    assert read(tree, circumstances.where(tree, tree.root, None, [], hit=True)) == "Arden"
    assert circumstances.where(tree, tree.root, None, [], hit=False) is None
