"""Who says it, by which word, and who passed it on."""

import pytest
from trees import drawn, read, word

from extractor.syntax.saying import sayings
from extractor.syntax.speakers import speaker
from extractor.syntax.verbs import QUOTING, SAYING
from extractor.trees import Tree

CHAINS = """
The bridge was hit, the radio said. | the radio | said
The bridge was hit, the radio said, quoting the police. | the police > the radio | said
The bridge was hit, the radio said, quoting the police, who cited a witness. | a witness > the police > the radio | said
The fort fell, Orb wrote, citing the army, which quoted the commander, Gen. Odo Vane. | Gen. Odo Vane > the army > Orb | wrote
The fort held, the paper wrote, citing the ministry, which runs the fort. | the ministry > the paper | wrote
The fort held, the paper wrote, citing official figures. | the paper | wrote
The bridge would reopen, the mayor was quoted as saying. | the mayor | saying
The minister was quoted by the agency as saying that the bridge would reopen. | The minister > the agency | saying
The paper quoted a nurse: "The ward is full." | a nurse > The paper | quoted
The mayor added: "We need help." | The mayor | added
The guard pointed out that the gate was open. | The guard | pointed out
The ward was full, according to doctors. | doctors | according to
"""


@pytest.mark.parametrize("line", CHAINS.strip().splitlines())
def test_who_said_it_first_comes_first(line, parser):
    sentence, chain, cue = line.split(" | ")
    (tree,) = parser.parse([sentence])
    (said,) = sayings(tree)
    assert (" > ".join(tree.text[slice(*place)] for place in said.sources), read(tree, said.cue)) == (chain, cue)


NOTHING = """
The army has not said that it lost the town.
Neither side said the truce would hold.
None of them said the truce would hold.
We said the truce would hold.
Who said the truce would hold?
It is said that the truce will hold.
The mayor was told that the truce would hold.
Prosecutors are asking who reported that the truce would hold.
The United States is large.
The accused officer slept.
The reported strike was a drill.
The ship was said to be safe.
He took it according to plan.
“The police said so
"""


@pytest.mark.parametrize("sentence", NOTHING.strip().splitlines())
def test_nobody_says_anything(sentence, parser):
    (tree,) = parser.parse([sentence])
    assert sayings(tree) == []


def test_a_denial_and_a_verdict_are_said_though_they_negate(parser):
    for tree in parser.parse(["The army did not deny that it lost the town.", "The judge did not rule that it was murder."]):
        assert len(sayings(tree)) == 1


SPEAKERS = """
The mayor said the port was closed. | said | mayor
The port is closed, said the mayor. | said | mayor
The mayor spoke of fog, adding that the port was closed. | adding | mayor
The mayor left and said the port was closed. | said | mayor
The mayor, who said the port was closed, left. | said | mayor
Police were told by the mayor that the port was closed. | told | mayor
Police were told that the port was closed. | told | -
You said the port was closed. | said | -
Go and say that the port is closed. | say | -
"""


@pytest.mark.parametrize("line", SPEAKERS.strip().splitlines())
def test_who_says_it(line, parser):
    sentence, verb, who = line.split(" | ")
    (tree,) = parser.parse([sentence])
    assert name(tree, verb) == (None if who == "-" else who)


def name(tree: Tree, verb: str) -> str | None:
    found = speaker(tree, word(tree, verb))
    return tree.word(found) if found is not None else None


@pytest.mark.parametrize(
    ("rows", "who"),
    [
        # a sentence taken for a noun phrase
        ("Boards/NOUN/NNS/ROOT/0 admitted=admit/VERB/VBD/acl/0", "Boards"),
        ("Boards/NOUN/NNS/ROOT/0 admitting=admit/VERB/VBG/acl/0", None),
        # the name right before the verb, behind commas and adverbs; of two the first
        ("Rain/NOUN/NN/ROOT/0 ,/PUNCT/,/punct/0 Ines/PROPN/NNP/dep/0 also/ADV/RB/advmod/4 added=add/VERB/VBD/dep/0", "Ines"),
        ("Ines/PROPN/NNP/ROOT/0 and/CCONJ/CC/cc/0 Odo/PROPN/NNP/conj/0 ,/PUNCT/,/punct/0 added=add/VERB/VBD/dep/0", "Ines"),
        ("Rain/NOUN/NN/ROOT/0 in/ADP/IN/prep/0 Arden/PROPN/NNP/pobj/1 added=add/VERB/VBD/dep/0", None),
        ("It/PRON/PRP/dep/1 added=add/VERB/VBD/ROOT/1", None),
        (",/PUNCT/,/punct/1 added=add/VERB/VBD/ROOT/1", None),
        ("Ines/PROPN/NNP/dep/1 add/VERB/VB/ROOT/1", None),
        # two verbs side by side without "and" share no subject
        ("He/PRON/PRP/nsubj/1 fell/VERB/VBD/ROOT/1 add/VERB/VB/conj/1", None),
        ("He/PRON/PRP/nsubj/1 fell/VERB/VBD/ROOT/1 and/CCONJ/CC/cc/1 add/VERB/VB/conj/1", "He"),
        # who is meant by "that" and "which"
        ("Boards/NOUN/NNS/ROOT/0 that/SCONJ/IN/nsubj/2 said=say/VERB/VBD/relcl/0", "Boards"),
        ("Boards/NOUN/NNS/ROOT/0 which/PRON/WDT/nsubj/2 said=say/VERB/VBD/relcl/0", "Boards"),
        ("what/PRON/WP/nsubj/1 said=say/VERB/VBD/ROOT/1", None),
        ("There/PRON/EX/nsubj/1 said=say/VERB/VBD/ROOT/1", None),
        (",/PUNCT/,/nsubj/1 said=say/VERB/VBD/ROOT/1", None),
        ("So/ADV/RB/advmod/2 was/AUX/VBD/auxpass/2 said=say/VERB/VBN/ROOT/2 by/ADP/IN/agent/2", None),
    ],
)
def test_who_says_it_where_a_parser_goes_astray(rows, who):
    tree = drawn(rows)
    assert name(tree, next(tree.word(token) for token in tree.tokens if token.lemma in ("say", "add", "admit"))) == who


def test_a_tree_that_shows_nobody_is_read_by_the_places_of_its_words():
    rows = (
        "Fog/NOUN/NN/nsubj/1 closed/VERB/VBD/ROOT/1 it/PRON/PRP/dobj/1 ,/PUNCT/,/punct/1 the/DET/DT/det/5 mayor/NOUN/NN/dobj/1"
        " said=say/NOUN/NN/{}/1 {}"
    )
    (found,) = sayings(tree := drawn(rows.format("dep", "quoting=quote/VERB/VBG/acl/5 pilots/NOUN/NNS/dobj/7")))
    assert [read(tree, place) for place in (*found.sources, found.cue)] == ["pilots", "the mayor", "said"]
    assert found.heads == (tree.root,)
    assert sayings(drawn(rows.format("ccomp", "./PUNCT/./punct/1"))) == []
    assert sayings(drawn(rows.format("dep", "not/PART/RB/neg/6"))) == []
    assert sayings(drawn(rows.format("dep", "was/AUX/VBD/auxpass/6"))) == []


@pytest.mark.parametrize(
    "rows",
    [
        "We/PRON/PRP/dep/1 said=say/NOUN/NN/dep/2 it/PRON/PRP/nsubj/3 fell/VERB/VBD/ROOT/3",
        "mayors/NOUN/NNS/ROOT/0 said=say/NOUN/NN/dep/0 so/ADV/RB/dep/0",
        '"/PUNCT/``/punct/3 mayors/NOUN/NNS/dep/3 said=say/NOUN/NN/dep/3 fell/VERB/VBD/ROOT/3',
        "\u201c/PUNCT/``/punct/3 mayors/NOUN/NNS/dep/3 said=say/NOUN/NN/dep/3 fell/VERB/VBD/ROOT/3",
    ],
)
def test_places_tell_nothing_of_the_reader_of_quoted_words_and_without_a_clause(rows):
    assert sayings(drawn(rows)) == []


def test_a_word_of_saying_before_the_tree_begins_says_nothing():
    """A tree is drawn behind a dateline, whose words hang on nothing."""
    assert sayings(drawn("Rain/NOUN/NN/nsubj/1 fell/VERB/VBD/ROOT/1", text="Police said - Rain fell")) == []


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        ("Smoke/NOUN/NN/ROOT/0 according/VERB/VBG/prep/0 to/ADP/IN/prep/1 him/PRON/PRP/pobj/2", ["Smoke"]),
        ("according/VERB/VBG/ROOT/0 to/ADP/IN/prep/0 him/PRON/PRP/pobj/1", None),
        ("It/PRON/PRP/nsubj/1 sank/VERB/VBD/ROOT/1 according/VERB/VBG/prep/1 to/ADP/IN/prep/2", None),
        ("It/PRON/PRP/nsubj/1 sank/VERB/VBD/ROOT/1 according/VERB/VBG/prep/1 to/ADP/IN/prep/2 -/PUNCT/:/pobj/3", None),
    ],
)
def test_what_is_so_according_to_somebody(rows, heads):
    tree = drawn(rows)
    assert [[tree.word(head) for head in said.heads] for said in sayings(tree)] == ([heads] if heads else [])


def test_who_is_only_a_mark_says_nothing():
    assert sayings(drawn("-/PUNCT/:/nsubj/1 said=say/VERB/VBD/ROOT/1 it/PRON/PRP/nsubj/3 sank/VERB/VBD/ccomp/1")) == []
    rows = "-=he/PRON/PRP/nsubj/1 said=say/VERB/VBD/ROOT/1 it/PRON/PRP/nsubj/3 sank/VERB/VBD/ccomp/1"
    assert sayings(drawn(rows)) == []


def test_who_is_quoted_is_a_word():
    rows = (
        "He/PRON/PRP/nsubj/1 said=say/VERB/VBD/ROOT/1 ,/PUNCT/,/punct/1 citing=cite/VERB/VBG/advcl/1 {}"
        " it/PRON/PRP/nsubj/6 sank/VERB/VBD/ccomp/1"
    )
    (mark,) = sayings(tree := drawn(rows.format("-/PUNCT/:/dobj/3")))
    (nothing,) = sayings(drawn(rows.format("so/ADV/RB/advmod/3")))
    assert [read(tree, place) for place in mark.sources] == ["He"]
    assert len(nothing.sources) == 1


@pytest.mark.parametrize(
    ("rest", "chain"),
    [
        ("by/ADP/IN/agent/2 it/PRON/PRP/pobj/3", ["He", "it"]),
        ("by/ADP/IN/agent/2 -/PUNCT/:/pobj/3", ["He"]),
        ("by/ADP/IN/agent/2 once/ADV/RB/advmod/2", ["He"]),
        ("twice/ADV/RB/advmod/2 once/ADV/RB/advmod/2", ["He"]),
        ("-/PUNCT/:/dobj/2 once/ADV/RB/advmod/2", ["He"]),
    ],
)
def test_who_is_quoted_by_whom(rest, chain):
    rows = f"He/PRON/PRP/nsubjpass/2 was/AUX/VBD/aux/2 quoted=quote/VERB/VBN/ROOT/2 {rest} it/PRON/PRP/nsubj/6 sank/VERB/VBD/ccomp/2"
    tree = drawn(rows)
    assert [[read(tree, place) for place in said.sources] for said in sayings(tree)] == [chain]


def test_who_is_part_of_what_is_said_does_not_say_it():
    tree = drawn("Fog/NOUN/NN/ROOT/0 came/VERB/VBD/acl/0 ,/PUNCT/,/punct/1 he/PRON/PRP/nsubj/4 said=say/VERB/VBD/parataxis/1")
    assert name(tree, "said") == "he"
    assert sayings(tree) == []


def test_every_verb_that_quotes_is_a_verb_of_saying():
    assert QUOTING < SAYING


CLAIMED = "{} claims=claim/NOUN/NNS/ROOT/{} that/SCONJ/IN/mark/{} it/PRON/PRP/nsubj/{} won=win/VERB/VBD/acl/{}"


@pytest.mark.parametrize(
    ("lead", "found"),
    [("Norland/ADJ/JJ/amod/1", ["Norland"]), ("many/ADJ/JJ/amod/1", None), ("-/PUNCT/:/amod/1", None)],
)
def test_a_verb_of_saying_taken_for_a_noun_still_says(lead, found):
    tree = drawn(CLAIMED.format(lead, 1, 4, 4, 1))
    said = sayings(tree)
    assert [read(tree, place) for one in said for place in one.sources] == (found or [])
    assert [tree.word(head) for one in said for head in one.heads] == (["won"] if found else [])
