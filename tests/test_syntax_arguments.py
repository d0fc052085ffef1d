"""Who does and suffers what: the subject of a verb, the verb of a noun."""

import pytest
from trees import drawn, read, word

from extractor.syntax.arguments import event, governor, subject
from extractor.syntax.statements import statements

GOVERNORS = """
The army lost 12 men. | men | object lost
Twelve men were lost. | men | subject lost
Twelve men and nine boats were lost. | boats | subject lost
They sent the men a boat. | men | object sent
They are men. | men | attribute are
There were men aboard. | men | subject were
They went with men. | men | oblique went
No more men | men | alone -
Sinking. | Sinking | alone Sinking
"""


@pytest.mark.parametrize("line", GOVERNORS.strip().splitlines())
def test_how_a_noun_hangs_on_its_verb(line, parser):
    sentence, noun, expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    role, verb = governor(tree, word(tree, noun))
    assert f"{role} {tree.word(verb) if verb is not None else '-'}" == expected


SUBJECTS = """
The dam broke. | broke | dam
The dam was blown up. | blown | dam
The dam that broke was old. | broke | dam
The dam, which broke, was old. | broke | dam
The dam broke and flooded the town. | flooded | dam
The dam built in May broke. | built | dam
The army tried to hold the town. | hold | army
The army forced them to leave. | leave | them
There were boats. | were | boats
They accused the army of shelling the town. | shelling | army
They shelled the town, killing two. | killing | They
To win is hard. | is | win
Run. | Run | -
"""


@pytest.mark.parametrize("line", SUBJECTS.strip().splitlines())
def test_whom_a_verb_is_said_of(line, parser):
    sentence, verb, expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    found = subject(tree, word(tree, verb))
    assert (tree.word(found) if found is not None else "-") == expected


@pytest.mark.parametrize(
    ("rows", "verb", "who"),
    [
        ("Who/PRON/WP/nsubj/1 fell/VERB/VBD/ROOT/1", "fell", "Who"),
        ("Dams/NOUN/NNS/ROOT/0 that/SCONJ/IN/nsubj/2 fell/VERB/VBD/relcl/0", "fell", "Dams"),
        ("there/PRON/EX/expl/1 fell/VERB/VBD/ROOT/1", "fell", "there"),
        # whoever is charged stands with the verb of charging, or the charge hangs on them
        ("They/PRON/PRP/nsubj/1 blame/VERB/VBP/ROOT/1 us/PRON/PRP/dobj/1 for/ADP/IN/prep/1 lying/VERB/VBG/pcomp/3", "lying", "us"),
        ("They/PRON/PRP/nsubj/1 blame/VERB/VBP/ROOT/1 us/PRON/PRP/dobj/1 for/ADP/IN/prep/2 lying/VERB/VBG/pcomp/3", "lying", "us"),
        ("They/PRON/PRP/nsubj/1 blame/VERB/VBP/ROOT/1 for/ADP/IN/prep/1 lying/VERB/VBG/pcomp/2", "lying", "They"),
        ("They/PRON/PRP/nsubj/1 left/VERB/VBD/ROOT/1 by/ADP/IN/prep/1 rowing/VERB/VBG/pcomp/2", "rowing", "They"),
        ("They/PRON/PRP/nsubj/1 saw/VERB/VBD/ROOT/1 us/PRON/PRP/nsubj/1 by/ADP/IN/prep/2 rowing/VERB/VBG/pcomp/3", "rowing", None),
        # a verb that goes along with none
        ("Rain/NOUN/NN/ROOT/0 falling/VERB/VBG/dep/0", "falling", None),
        ("try/VERB/VB/ROOT/0 leave/VERB/VB/xcomp/0", "leave", None),
    ],
)
def test_whom_a_verb_is_said_of_in_trees_seldom_drawn(rows, verb, who):
    tree = drawn(rows)
    found = subject(tree, word(tree, verb))
    assert (tree.word(found) if found is not None else None) == who


EVENTS = """
Nine deaths were reported. | deaths | deaths
The deaths of nine men were reported. | men | deaths
The boats of nine men were seen. | men | -
Nine men were killed. | men | -
He died with the army. | army | -
The Losses were great. | The | -
"""


@pytest.mark.parametrize("line", EVENTS.strip().splitlines())
def test_a_noun_of_an_outcome_is_an_event(line, parser):
    sentence, noun, expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    found = event(tree, word(tree, noun))
    assert (tree.word(found) if found is not None else "-") == expected


def test_a_noun_that_a_parser_takes_for_something_else_is_no_event():
    tree = drawn("deaths/NOUN/CD/ROOT/0")
    assert event(tree, tree.root) is None


SIDES = """
The army shelled the port, the mayor said. | The army | shelled | the port
The army wounded a nurse, the mayor said. | a nurse | wounded | -
The army lost the town, the mayor said. | The army | lost | the town
The army captured the town, the mayor said. | The army | captured | the town
The villagers fled the town, the mayor said. | The villagers | fled | the town
The bridge was destroyed, the mayor said. | The bridge | was destroyed | -
The army managed to hold the town, the mayor said. | The army | managed to hold | the town
The ferry sailed, the mayor said. | The ferry | sailed | -
The army fought against the rebels, the mayor said. | The army | fought | the rebels
The crew was wounded fighting against pirates, the mayor said. | The crew | was wounded | -
The house caught fire, the mayor said. | The house | caught fire | -
The mayor called the strike a murder. | the strike | a murder | -
The mayor blamed the army. | the army | - | -
The mayor denied talks. | - | talks | -
The mayor described the strike as cruel. | the strike | cruel | -
"""


@pytest.mark.parametrize("line", SIDES.strip().splitlines())
def test_who_does_what_to_whom(line, parser):
    sentence, *expected = line.split(" | ")
    (tree,) = parser.parse([sentence])
    (found,) = statements(tree)
    assert [read(tree, place) or "-" for place in (found.subject, found.outcome, found.target)] == expected
