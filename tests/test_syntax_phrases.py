"""Words that belong together: of a noun, of a name, of a counted noun, of a clause, of what a verb says."""

import pytest
from trees import drawn, read, word

from extractor.syntax.phrases import clause, counted_noun, name_phrase, noun_phrase
from extractor.syntax.places import covers, overlap, place_of
from extractor.syntax.predicates import predicate
from extractor.syntax.relations import behind, clause_above, commands

NOUNS = """
The bridge near Arden fell. | bridge | The bridge
The bridge of the old town fell. | bridge | The bridge of the old town
The ship, which carried wheat, sank. | ship | The ship
The ship carrying wheat sank. | ship | The ship
The ship built in Arden sank. | ship | The ship built in Arden
The red-white flag fell. | flag | The red-white flag
Odo Vane, the mayor, slept. | Vane | Odo Vane
The army's tanks burned. | army | The army
The army's tanks burned. | tanks | The army's tanks
Rain fell in the U.S. | U.S. | the U.S.
"""
NAMES = """
The mayor, Ines Paz, slept. | mayor | Ines Paz
Ines Paz, the mayor, slept. | Paz | Ines Paz
Ines Paz of the harbour union slept. | Paz | Ines Paz of the harbour union
Ines Paz in Arden slept. | Paz | Ines Paz
The head of the port slept. | head | The head of the port
Ines Paz and Odo Vane slept. | Paz | Ines Paz and Odo Vane
The ministry, which runs the port, slept. | ministry | The ministry
The Arden-Lowfield line slept. | line | The Arden-Lowfield line
"""
COUNTED = """
The 12 old steel bridges fell. | bridges | old steel bridges
The 12 half-built bridges fell. | bridges | half-built bridges
Twelve bridges fell. | bridges | bridges
"""
CLAUSES = """
The mayor, who slept, said it's late. | said | The mayor said
The dam, an old one, broke and the town was flooded. | broke | The dam broke and
It didn't hold (he feared). | hold | It didn't hold
"""


@pytest.mark.parametrize(
    ("phrase", "line"),
    [
        (phrase, line)
        for phrase, table in [(noun_phrase, NOUNS), (name_phrase, NAMES), (counted_noun, COUNTED)]
        for line in table.strip().splitlines()
    ],
)
def test_the_words_of_a_noun(phrase, line, parser):
    sentence, noun, words = line.split(" | ")
    (tree,) = parser.parse([sentence])
    assert read(tree, phrase(tree, word(tree, noun))) == words


@pytest.mark.parametrize("line", CLAUSES.strip().splitlines())
def test_the_words_of_a_clause(line, parser):
    sentence, verb, words = line.split(" | ")
    (tree,) = parser.parse([sentence])
    assert clause(tree, word(tree, verb)) == words


def test_words_are_left_out_of_a_noun_phrase_with_the_preposition_before_them():
    tree = drawn("the/DET/DT/det/1 cost/NOUN/NN/ROOT/1 of/ADP/IN/prep/1 it/PRON/PRP/pobj/2 at/ADP/IN/prep/1 40/NUM/CD/pobj/4")
    forty, it, cost = (word(tree, known) for known in ("40", "it", "cost"))
    places = [(token.start, token.end) for token in (forty, it, cost)]
    assert read(tree, noun_phrase(tree, cost)) == "the cost of it at 40"
    assert read(tree, noun_phrase(tree, cost, places[0], None)) == "the cost of it"
    assert read(tree, noun_phrase(tree, cost, places[0], places[1])) == "the cost"
    assert noun_phrase(tree, cost, places[2]) is None


def test_a_phrase_whose_noun_is_itself_a_preposition_is_that():
    tree = drawn("out/ADP/IN/prep/1 went/VERB/VBD/ROOT/1")
    assert read(tree, noun_phrase(tree, tree.tokens[0])) == "out"


def test_only_what_stands_together_with_the_noun_is_its_phrase():
    tree = drawn("old/ADJ/JJ/amod/2 ,/PUNCT/,/punct/2 boats/NOUN/NNS/ROOT/2 new/ADJ/JJ/amod/2 ,/PUNCT/,/punct/2 too/ADV/RB/amod/2")
    assert read(tree, noun_phrase(tree, word(tree, "boats"))) == "boats new"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("old/ADJ/JJ/amod/3 of/ADP/IN/dep/3 12/NUM/CD/nmod/3 boats/NOUN/NNS/ROOT/3 red/ADJ/JJ/amod/3", "boats"),
        ("old/ADJ/JJ/amod/2 ,/PUNCT/,/punct/2 boats/NOUN/NNS/ROOT/2", "boats"),
        ("very/ADV/RB/advmod/1 old/ADJ/JJ/amod/2 boats/NOUN/NNS/ROOT/2", "very old boats"),
        ("only/ADV/RB/advmod/2 old/ADJ/JJ/amod/2 boats/NOUN/NNS/ROOT/2", "old boats"),
        ("burnt/ADJ/JJ/amod/3 -/PUNCT/HYPH/punct/2 out/ADP/RP/amod/3 boats/NOUN/NNS/ROOT/3", "burnt - out boats"),
    ],
)
def test_a_counted_noun_keeps_the_adjectives_that_touch_it(rows, words):
    tree = drawn(rows)
    assert read(tree, counted_noun(tree, word(tree, "boats"))) == words


def test_places_end_with_words():
    tree = drawn(
        "\u201c/PUNCT/``/punct/1 sank/VERB/VBD/ROOT/1 ,/PUNCT/,/punct/1 'twas/VERB/VBD/dep/1 ./PUNCT/./punct/1 U.S./PROPN/NNP/dep/1"
    )
    assert read(tree, place_of(tree, tree.tokens[:5])) == "sank , 'twas"
    assert read(tree, place_of(tree, tree.tokens)) == "sank , 'twas . U.S."
    assert place_of(tree, []) is None
    assert place_of(tree, [tree.tokens[0], tree.tokens[4]]) is None


def test_places_that_share_a_code_point_overlap():
    assert overlap((0, 3), (2, 5))
    assert not overlap((0, 3), (3, 5))
    tree = drawn("He/PRON/PRP/nsubj/1 slept/VERB/VBD/ROOT/1")
    assert covers((0, 1), tree.tokens[0])
    assert not covers((2, 3), tree.tokens[0])
    assert not covers(None, tree.tokens[0])


SAYS = """
The bridge has not been seen. | seen | has not been seen
The crew was killed or wounded. | killed | was killed or wounded
The crew was killed and the ship sank. | killed | was killed
The army beat off six attacks. | beat | beat off
The house caught fire. | caught | caught fire
The house caught a fire. | caught | caught
The men were taken to hospital. | taken | were taken to hospital
The men were taken to the hospital. | taken | were taken
The men were taken by bus. | taken | were taken
The men were taken to Arden. | taken | were taken
The army continued to shell the town. | continued | continued to shell
The army continued the attack. | continued | continued
The dam remained intact. | remained | remained intact
The dam is safe. | is | safe
The dam was a complete waste of money. | was | a complete waste
The town was under fire. | was | under fire
The town was on the other bank of the river. | was | was
The dam is below it. | is | is
There was a storm. | was | was
On Monday the dam was gone. | was | gone
"""


@pytest.mark.parametrize("line", SAYS.strip().splitlines())
def test_the_words_of_a_predicate(line, parser):
    sentence, verb, words = line.split(" | ")
    (tree,) = parser.parse([sentence])
    assert read(tree, predicate(tree, word(tree, verb))) == words


def test_what_is_something_else_is_no_predicate_behind_be(parser):
    (tree,) = parser.parse(["The toll was 40."])
    forty = word(tree, "40")
    assert read(tree, predicate(tree, tree.root)) == "40"
    assert read(tree, predicate(tree, tree.root, without=(forty.start, forty.end))) == "was"
    assert read(tree, predicate(tree, tree.root, without=(0, 8))) == "40"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        # auxiliaries too far before the verb, and those behind it
        ("had/AUX/VBD/aux/4 on/ADP/IN/dep/4 that/DET/DT/dep/4 day/NOUN/NN/dep/4 sunk/VERB/VBN/ROOT/4", "sunk"),
        ("has/AUX/VBD/aux/3 very/ADV/RB/dep/3 often/ADV/RB/dep/3 sunk/VERB/VBN/ROOT/3 had/AUX/VBD/aux/3", "has very often sunk"),
        # a second verb of its own is none of the predicate's, nor one far away
        ("sank/VERB/VBD/ROOT/0 or/CCONJ/CC/cc/0 burned/VERB/VBD/conj/0 it/PRON/PRP/nsubj/2", "sank"),
        ("sank/VERB/VBD/ROOT/0 there/ADV/RB/dep/0 and/CCONJ/CC/cc/0 burned/VERB/VBD/conj/0", "sank"),
        ("sank/VERB/VBD/ROOT/0 burned/VERB/VBD/conj/0 and/CCONJ/CC/cc/0", "sank burned"),
        # bare nouns that hang elsewhere or have words of their own
        ("caught/VERB/VBD/ROOT/0 fire/NOUN/NN/dobj/2 ,/PUNCT/,/punct/0", "caught"),
        ("caught/VERB/VBD/ROOT/0 fires/NOUN/NNS/dobj/0", "caught"),
        ("went/VERB/VBD/ROOT/0 to/ADP/IN/prep/0 war/NOUN/NN/pobj/1 again/ADV/RB/advmod/2", "went"),
        ("went/VERB/VBD/ROOT/0 to/ADP/IN/prep/0 war/NOUN/NN/pobj/1", "went to war"),
        ("went/VERB/VBD/ROOT/0 to/ADP/IN/prep/0 war/NOUN/NN/dobj/0", "went"),
        ("was=be/AUX/VBD/ROOT/0 on/ADP/IN/prep/0 fire/NOUN/NN/pobj/1", "on fire"),
        ("was=be/AUX/VBD/ROOT/0 on/ADP/IN/prep/0 time/ADV/RB/advmod/1", "was"),
        ("On/ADP/IN/prep/2 fire/NOUN/NN/pobj/0 was=be/AUX/VBD/ROOT/2", "was"),
        ("Missing/ADJ/JJ/acomp/1 are=be/AUX/VBP/ROOT/1", "are"),
        (
            "was=be/AUX/VBD/ROOT/0 a/DET/DT/det/5 very/ADV/RB/advmod/3 big/ADJ/JJ/amod/5 old/ADJ/JJ/amod/5 boat/NOUN/NN/attr/0",
            "very big old boat",
        ),
    ],
)
def test_predicates_of_trees_seldom_drawn(rows, words):
    tree = drawn(rows)
    verb = next(token for token in tree.tokens if token.dep == "ROOT")
    assert read(tree, predicate(tree, verb)) == words


def test_what_hangs_behind_a_preposition():
    tree = drawn("spoke/VERB/VBD/ROOT/0 of/ADP/IN/prep/0 about/ADP/IN/prep/0 rain/NOUN/NN/pobj/2 in/ADP/IN/prep/3 May/PROPN/NNP/pobj/4")
    assert behind(tree, tree.root, "of", "about") is word(tree, "rain")
    assert behind(tree, tree.root, "of") is None
    assert clause_above(tree, word(tree, "May")) is tree.root
    assert clause_above(tree, tree.root) is None


def test_an_imperative_has_no_subject_and_no_auxiliary(parser):
    said = ["Leave at once.", "You leave at once.", "They must leave at once.", "They left at once."]
    assert [commands(tree, tree.root) for tree in parser.parse(said)] == [True, False, False, False]
    tree = drawn("want/VERB/VBP/ROOT/0 leave/VERB/VB/xcomp/0")
    assert not commands(tree, tree.tokens[1])
