"""The figures of a sentence: what each counts, how far its words reach, and which of them nobody claims."""

import pytest
from trees import drawn, read

from extractor.syntax.background import is_background
from extractor.syntax.figures import figures
from extractor.syntax.statements import statements

COUNTED = """
Nearly 40 old barges sank. | Nearly 40 old barges | barges | barges
The army lost 41 of the 52 drones. | 41 of the 52 drones | drones | 41
The army lost a dozen of its old supply trucks. | a dozen of its old supply trucks | trucks | dozen
Nine of them fled. | Nine of them | them | Nine
Nine of Arden's boats sank. | Nine of Arden's boats | boats | Nine
Twelve people drowned. | Twelve people | people | people
It burned 12 people and fled. | 12 people | people | people
Ballots from 310 stations burned. | 310 stations | stations | Ballots
The city lost 40 percent of its trees. | 40 percent | percent | percent
Prices rose by 3.5 percent. | 3.5 percent | percent | percent
It carried 4,000 tonnes of wheat. | 4,000 tonnes | tonnes | tonnes
The work cost $5 million. | $5 million | million | million
He lost 40. | 40 | 40 | 40
The rebels handed over 40 prisoners. | 40 prisoners | prisoners | prisoners
The army took over 40 prisoners. | over 40 prisoners | prisoners | prisoners
The wall is 12 metres wide. | 12 metres | metres | wide
"""


@pytest.mark.parametrize("line", COUNTED.strip().splitlines())
def test_a_figure_its_words_and_what_it_counts(line, parser):
    sentence, *expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    found = figures(tree)[0]
    assert [read(tree, found.place), tree.word(found.noun), tree.word(found.argument)] == expected


NO_FIGURES = """
Radio Nord 24 fell silent.
Not one fighter fell.
Never a single ship, not one.
A boy of 12 fell.
People aged 12 and over fell.
People older than 65 fell.
He spent two winters there.
He was at one time the mayor.
"""


@pytest.mark.parametrize("sentence", NO_FIGURES.strip().splitlines())
def test_what_names_or_dates_is_no_figure(sentence, parser):
    assert figures(*parser.parse([sentence])) == []


FIGURES = """
The wall ran 12 kilometres (7 miles). | 12 kilometres
The boat took 40 (12 of them children). | 40; 12 of them
He fell two times. |
The bus has over 12 seats. | over 12 seats
Over 40 were killed. | Over 40
He saw people over 400 miles away. | over 400 miles
The wall ran 40 percent of them (12 percent). | 40 percent
Arden lost 24 ships. | 24 ships
"""


@pytest.mark.parametrize("line", FIGURES.strip().splitlines())
def test_figures_that_look_like_none_and_the_other_way_round(line, parser):
    sentence, _, expected = line.partition(" | ")
    (tree,) = parser.parse([sentence.removesuffix(" |")])
    assert "; ".join(read(tree, found.place) for found in figures(tree)) == expected


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("Nord/PROPN/NNP/ROOT/0 24/NUM/CD/nummod/0", True),
        ("Nord/PROPN/NNP/compound/1 24/NUM/CD/ROOT/1", True),
        ("Nord/PROPN/NNP/nsubj/2 24/NUM/CD/dobj/2 lost/VERB/VBD/ROOT/2", False),
        ("nord/PROPN/NNP/ROOT/0 24/NUM/CD/nummod/0", False),
        ("north/NOUN/NN/ROOT/0 24/NUM/CD/nummod/0", False),
        ("Nord/PROPN/NNP/ROOT/0 24/PROPN/NNP/nummod/0", False),
        ("Nord/PROPN/NNP/ROOT/0 24/NUM/CD/nummod/0 percent/NOUN/NN/dep/0", False),
        ("24/NUM/CD/ROOT/0", False),
    ],
)
def test_a_number_right_behind_a_name_is_part_of_it(rows, names):
    assert (figures(drawn(rows)) == []) is names


def test_a_number_before_the_tree_begins_is_no_figure():
    """A tree is drawn behind a dateline, whose words hang on nothing."""
    assert figures(drawn("boats/NOUN/NNS/ROOT/0", text="40 men - boats")) == []


@pytest.mark.parametrize(
    ("rows", "text", "place", "noun"),
    [
        # a unit is not counted by what stands behind it
        ("40/NUM/CD/nummod/1 percent/NOUN/NN/nmod/3 more/ADJ/JJR/amod/3 boats/NOUN/NNS/ROOT/3", None, "40 percent", "percent"),
        ("$/SYM/$/nmod/2 5/NUM/CD/nummod/0 boats/NOUN/NNS/ROOT/2", "$5 boats", "$5 boats", "boats"),
        # the noun is beyond a comma or far away
        ("40/NUM/CD/nummod/2 ,/PUNCT/,/punct/2 boats/NOUN/NNS/ROOT/2", None, "40", "boats"),
        ("40/NUM/CD/nummod/2 and/CCONJ/CC/dep/2 boats/NOUN/NNS/ROOT/2", None, "40 and boats", "boats"),
        ("40/NUM/CD/nummod/2 and/CCONJ/CC/dep/2 boats/NOUN/NNS/ROOT/2", "40 and " + "so " * 20 + "boats", "40", "boats"),
        # the noun stands before the number, or is none
        ("boats/NOUN/NNS/ROOT/0 40/NUM/CD/nummod/0", None, "40", "40"),
        ("40/NUM/CD/nummod/1 sank/VERB/VBD/ROOT/1", None, "40", "40"),
        # an age would count nothing
        ("those/PRON/DT/dep/3 under/ADP/IN/dep/3 12/NUM/CD/nummod/3 boats/NOUN/NNS/ROOT/3", None, "under 12 boats", "boats"),
        # of the whole nothing is in the tree, or nothing that can be counted
        ("40/NUM/CD/ROOT/0 of/ADP/IN/prep/0", "40 of the boats", "40 of the boats", "40"),
        ("40/NUM/CD/ROOT/0 of/ADP/IN/prep/0 so/ADV/RB/pcomp/1", None, "40", "40"),
        ("40/NUM/CD/ROOT/0 of/ADP/IN/prep/0 old/ADJ/JJ/amod/3 boats/NOUN/NNS/pobj/1", None, "40 of old boats", "boats"),
    ],
)  # fmt: skip
def test_figures_of_trees_seldom_drawn(rows, text, place, noun):
    tree = drawn(rows, text)
    (found,) = figures(tree)
    assert (read(tree, found.place), tree.word(found.noun)) == (place, noun)


def test_a_figure_belongs_to_the_noun_of_the_phrase():
    rows = "fall/NOUN/NN/ROOT/0 of/ADP/IN/prep/0 40/NUM/CD/nummod/3 percent/NOUN/NN/pobj/1"
    assert tree_argument(rows) == "fall"
    assert tree_argument("wall/NOUN/NN/ROOT/0 40/NUM/CD/nummod/2 feet/NOUN/NNS/npadvmod/3 high/ADJ/JJ/amod/0") == "wall"
    assert tree_argument("went/VERB/VBD/ROOT/0 by/ADP/IN/prep/0 40/NUM/CD/nummod/3 boats/NOUN/NNS/pobj/1") == "boats"
    assert tree_argument("went/VERB/VBD/ROOT/0 40/NUM/CD/npadvmod/0") == "40"


def tree_argument(rows: str) -> str:
    tree = drawn(rows)
    (found,) = figures(tree)
    return tree.word(found.argument)


BACKGROUND = """
The two bridges fell. | both
Both 12 bridges fell. | both
The nearly 40 bridges fell. | -
The 40 percent fell. | -
It rained in two towns. | outlet
It killed 12 men in two towns. | two:both 12:-
Rescuers in two towns slept. | outlet
The school and two clinics fell. | both
The 12 schools and two clinics fell. | 12:both two:-
The school and two clinics were hit. | -
The wall ran for 12 kilometres. | outlet
They had run 12 kilometres of line. | outlet
Leave 20 litres of water. | outlet
The mine employs 900 men. | outlet
The mine has employed 900 men. | -
The 900 men sleep. | both
Nine men are missing. | -
Nine men are tall. | outlet
A blast that killed 12 men woke us. | outlet
Nine dead after fire. | -
Nine boats for sale. | outlet
"""


@pytest.mark.parametrize("line", BACKGROUND.strip().splitlines())
def test_a_figure_only_describes(line, parser):
    """Told of figures that somebody says and of the outlet's own alike (both), of the outlet's own alone, or of none (-)."""
    sentence, expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    found = figures(tree)
    assert found
    told = dict(part.split(":") for part in expected.split()) if ":" in expected else dict.fromkeys(range(len(found)), expected)
    for place, figure in enumerate(found):
        meant = told.get(read(tree, figure.place).split(" ")[0], told.get(place))
        assert [is_background(tree, figure, found, said=said) for said in (True, False)] == {
            "both": [True, True], "outlet": [False, True], "-": [False, False],
        }[meant]  # fmt: skip


COUNTS = """
Seven men are dead and 23 remain trapped. | men: dead; men: remain trapped
Twelve died. | -: died
One death was reported. | -: death
The deaths of 12 people shocked all. | people: deaths
The blast killed 12 men. | men: killed
The army lost 12 men. | The army: lost
Nine men lost their boats. | men: lost
The fire, with flames of 40 metres, killed him. | -
The boat sank with 40 men aboard. | The boat: sank
The boat brought home 40 men. | The boat: brought
Bonds for $5 million were sold. | Bonds: were sold
Some 31 percent of the trees have burned. | the trees: have burned
Some 31 percent have burned. | -: have burned
More than 40 tonnes of grain were lost. | grain: were lost
"""


@pytest.mark.parametrize("line", COUNTS.strip().splitlines())
def test_who_is_counted_and_what_became_of_them(line, parser):
    sentence, expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    found = [f"{read(tree, stated.subject) or '-'}: {read(tree, stated.outcome) or '-'}" for stated in statements(tree)]
    assert "; ".join(found) == expected.removesuffix("-" * (expected == "-"))
