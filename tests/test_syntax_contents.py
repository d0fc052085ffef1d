"""What a verb of saying says: each construction by the words that it hangs on."""

import pytest
from trees import drawn, word

from extractor.syntax.contents import as_saying, at_figure, called, charged, contents, coordinated

SAID = """
The ministry accused the rebels of shelling a school. | accused | shelling
The mayor blamed the army for killing twelve people. | blamed | killing
The governor accused the company. | accused | company
The army was blamed for the fire. | blamed | -
The envoy called the raid a crime. | called | raid
The minister described the strike as a war crime. | described | strike
The colonel dismissed the report as false. | dismissed | report
The general calls himself a liberator. | calls | -
The envoy called the mayor. | called | -
The police put the toll at 31. | put | toll
The crew put the boat at the pier. | put | -
The police said that two tanks had burned. | said | burned
The governor said the dam was mined and would not hold. | said | mined hold
The governor said the dam was hit but stood. | said | hit
The police would not say what the tugs were for. | say | -
The minister noted that rain had fallen. | noted | fallen
The minister thought the rain would stop. | thought | -
The minister noted: "The rain will stop." | noted | stop
The dam held, the governor said. | said | held
Dams hold, as the governor said. | said | hold
The dam held because the governor said so. | said | -
"The dam held" the governor said. | said | held
The dam held, the governor said, and the bridge was safe. | said | held was
The council promised to rebuild the harbour. | promised | rebuild
The council wanted to rebuild the harbour. | wanted | -
The governor spoke of heavy losses. | spoke | losses
The mayor complained about the noise. | complained | noise
The governor spoke for an hour. | spoke | -
Observers counted 13 wagons at the station. | counted | wagons
Observers counted the wagons. | counted | -
The army denied any losses. | denied | losses
The army denied reports that its fighters had fled. | denied | fled
The army denied it. | denied | -
The minister was quoted by the agency as saying that the bridge would reopen. | quoted | reopen
The paper cited the mayor as a critic. | cited | -
The paper reported, quoting two officials, that 12 ships had sunk. | reported | sunk
Rain fell and the mayor spoke and said nothing. | said | -
"""


@pytest.mark.parametrize("line", SAID.strip().splitlines())
def test_what_is_said_hangs_on_words(line, parser):
    sentence, verb, heads = (part.strip() for part in line.split(" | "))
    (tree,) = parser.parse([sentence])
    assert [tree.word(head) for head in contents(tree, word(tree, verb))] == [head for head in heads.split() if head != "-"]


def test_the_verb_that_quotes_is_beside_the_one_that_says(parser):
    sentences = ["The paper cited the mayor as saying so.", "The paper cited the mayor as a critic.", "The paper saw him as saying so."]
    found = [as_saying(tree, tree.root) for tree in parser.parse(sentences)]
    assert [token and token.lemma for token in found] == ["say", None, None]


@pytest.mark.parametrize(
    ("sentence", "figure"),
    [
        ("He put the toll at 31.", "at"),
        ("He put the number of dead in the port at 31.", "at"),  # whatever noun a parser hangs it on
        ("He put the price at $5.", "at"),
        ("He put the boat at the pier.", None),
        ("He put it.", None),
        ("He slept.", None),
    ],
)
def test_a_figure_stands_behind_at(sentence, figure, parser):
    (tree,) = parser.parse([sentence])
    found = at_figure(tree, tree.root)
    assert (tree.word(found) if found is not None else None) == figure


def test_a_thing_is_called_something_with_or_without_as(parser):
    sentences = ["He called it a lie.", "He described it as a lie.", "He dismissed it as false.", "He described it."]
    found = [(tree, called(tree, tree.root)) for tree in parser.parse(sentences)]
    assert [token and tree.word(token) for tree, token in found] == ["lie", "lie", "false", None]


def test_as_alone_is_what_a_thing_is_called_where_a_parser_finds_no_word_behind_it():
    tree = drawn("He/PRON/PRP/nsubj/1 described=describe/VERB/VBD/ROOT/1 it/PRON/PRP/dobj/1 as/ADP/IN/prep/2 so/ADV/RB/advmod/3")
    assert called(tree, tree.root) is word(tree, "as")


@pytest.mark.parametrize(
    ("behind", "act"),
    [
        ("of/ADP/IN/prep/1 lying/VERB/VBG/pcomp/3", "lying"),
        ("of/ADP/IN/prep/2 lying/VERB/VBG/pcomp/3", "lying"),
        ("of/ADP/IN/prep/1 lying/NOUN/NN/pcomp/3", None),
        ("of/ADP/IN/prep/1 fraud/NOUN/NN/pobj/3", None),
        ("without/ADP/IN/prep/1 asking/VERB/VBG/pcomp/3", None),
    ],
)
def test_an_act_that_somebody_is_charged_with_is_a_verb(behind, act):
    tree = drawn("He/PRON/PRP/nsubj/1 accused=accuse/VERB/VBD/ROOT/1 her/PRON/PRP/dobj/1 " + behind)
    found = charged(tree, tree.root)
    assert (tree.word(found) if found is not None else None) == act


def test_a_verb_of_saying_among_coordinated_clauses_is_none_of_them():
    tree = drawn(
        "It/PRON/PRP/nsubj/1 burned/VERB/VBD/ROOT/1 and/CCONJ/CC/cc/1 it/PRON/PRP/nsubj/4 sank/VERB/VBD/conj/1"
        " he/PRON/PRP/nsubj/6 feared/VERB/VBD/conj/4 she/PRON/PRP/nsubj/8 added=add/VERB/VBD/conj/4"
    )
    assert [tree.word(token) for token in coordinated(tree, tree.root, apart=word(tree, "feared"))] == ["burned", "sank"]
    assert [tree.word(token) for token in coordinated(tree, tree.root)] == ["burned", "sank", "feared"]


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        # a sentence taken for a noun with a clause below it, and one that is a noun
        ("Smoke/NOUN/NN/ROOT/0 rose/VERB/VBD/ccomp/0 ,/PUNCT/,/punct/0 he/PRON/PRP/nsubj/4 said=say/VERB/VBD/parataxis/0", ["rose"]),
        ("No/DET/DT/det/1 smoke/NOUN/NN/ROOT/1 ,/PUNCT/,/punct/1 he/PRON/PRP/nsubj/4 said=say/VERB/VBD/parataxis/1", ["smoke"]),
        ("He/PRON/PRP/nsubj/1 saw/VERB/VBD/ROOT/1 smoke/NOUN/NN/dobj/1 ,/PUNCT/,/punct/2 he/PRON/PRP/nsubj/5 said=say/VERB/VBD/acl/2",
         ["smoke"]),
        # "and" right before it makes it a deed among others
        ("It/PRON/PRP/nsubj/1 sank/VERB/VBD/ROOT/1 ,/PUNCT/,/punct/1 and/CCONJ/CC/cc/1 he/PRON/PRP/nsubj/5 said=say/VERB/VBD/conj/1", []),
        ("It/PRON/PRP/nsubj/1 sank/VERB/VBD/ROOT/1 he/PRON/PRP/nsubj/3 said=say/VERB/VBD/parataxis/1", []),
        ("It/PRON/PRP/nsubj/1 sank/VERB/VBD/ROOT/1 ,/PUNCT/,/punct/1 he/PRON/PRP/nsubj/4 said=say/VERB/VBD/conj/1", ["sank"]),
        ("He/PRON/PRP/nsubj/1 said=say/VERB/VBD/advcl/4 ,/PUNCT/,/punct/1 it/PRON/PRP/nsubj/4 sank/VERB/VBD/ROOT/4", ["sank"]),
    ],
)  # fmt: skip
def test_what_a_verb_of_saying_is_set_beside(rows, heads):
    tree = drawn(rows)
    assert [tree.word(head) for head in contents(tree, word(tree, "said"))] == heads
