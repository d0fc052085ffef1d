"""Verification: which sentences say something of it, which claims they speak of, and figures that answer each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.claims import Attribution, Outcome, Quantity, Source, Statement
from extractor.documents import Document, Mention, Span
from extractor.normalise import checking, coverage, verification
from extractor.segmentation import sentences

SAYS = """
The claim could not be independently verified.|not_verified|-
The Herald has not been able to check either version.|not_verified|The Herald
It was not possible for the Herald to establish independently how many fled.|not_verified|-
Neither the lists nor the owner could be checked.|not_verified|-
There was no independent confirmation.|not_verified|-
The group offered no proof.|not_verified|The group
Ostrava denied that ships were lost.|denied|Ostrava
Ostrava denies any part in it.|denied|Ostrava
The ministry rejected this.|denied|The ministry
The ministry called the figure pure invention.|denied|The ministry
Ostrava neither confirmed nor denied that it struck.|-|-
They were denied the right to vote.|-|-
It was contradicted by a guard.|disputed|-
The ministry questioned whether that was so.|disputed|The ministry
The police questioned two men.|-|-
The ministry's count leaves out the old.|disputed|-
The toll is exaggerated.|disputed|-
Images from space confirm the claim.|verified|-
But The Beacon has verified a video of it.|verified|The Beacon
One man was confirmed to be a cook.|-|-
It rained.|-|-
"""


@pytest.mark.parametrize("line", SAYS.strip().splitlines())
def test_what_a_sentence_says_of_verification(line):
    sentence, status, by = line.split("|")
    found = verification.findings(sentence)
    assert (found[0].status if found else "-") == status
    assert (sentence[slice(*found[0].by)] if found and found[0].by else "-") == by


def test_each_clause_says_its_own():
    found = verification.findings("The ministry rejected that claim, but The Beacon has verified a video of it.")
    assert [finding.status for finding in found] == ["denied", "verified"]
    found = verification.findings("The firm denied that a list exists and called the union's figure pure invention.")
    assert [finding.rule for finding in found] == ["called untrue", "denied in its own words"]
    found = verification.findings("We have only been able to confirm damage to two cranes.")
    assert [finding.status for finding in found] == ["not_verified", "verified"]


def test_a_denial_in_its_own_words_is_no_word_on_claims_named_as_such():
    assert verification.find("It denied that ships were lost.") is None


class Article:
    """An article under construction: text, and the claims its sentences make."""

    def __init__(self, text):
        self.document = Document(text=text)
        self.claims = []

    def at(self, words, kind=Mention, **known):
        start = self.document.text.index(words)
        return kind(text=words, start=start, end=start + len(words), **known)

    def claim(self, sentence, source=None, canonical=None, *, quantity=None, value=None, outcome=None, became=None, **known):
        evidence = self.at(sentence, Span)
        stance, polarity = known.pop("stance", "asserts"), known.pop("polarity", "affirmed")
        bounds = {"value": value, "low": value, "high": value} if value is not None else known.pop("bounds", {})
        unit = {name: known.pop(name) for name in ("unit", "kind", "comparator") if name in known}

        def inside(words, shape=Mention, **more):
            start = self.document.text.index(words, evidence.start)
            return shape(text=words, start=start, end=start + len(words), **more)

        said = Attribution(
            sources=(inside(source, Source, canonical=canonical or source),) if source else (),
            stance=stance if source else None,
            voice="attributed" if source else "outlet",
        )
        slots = {slot: inside(words) for slot, words in known.items()}
        if quantity:
            slots["quantity"] = inside(quantity, Quantity, **bounds, **unit)
        if outcome:
            slots["outcome"] = inside(outcome, Outcome, kind=became)
        name = "abcdefghij"[len(self.claims)]
        self.claims.append(Statement(id=name, type="other", attribution=said, polarity=polarity, evidence=(evidence,), **slots))
        return self

    def found(self):
        """Return status and claims of each verification, in the order of the text."""
        split = list(sentences(self.document))
        return [(one.status, "".join(one.claims)) for one in checking.verifications(self.document, split, self.claims)]


LOST, SUNK = "The navy of Tavia said a ship was struck.", "Norland's admiralty denied that any ship had been hit."


def fleet(ending):
    text = f"{LOST}\n\nThe vessel burned, Capt. Ada Rook said.\n\n{SUNK}\n\nThe ship was in port, it said.\n\n{ending}"
    article = Article(text).claim(LOST, "The navy of Tavia", subject="a ship", outcome="was struck", became="damaged")
    article.claim(
        "The vessel burned, Capt. Ada Rook said.", "Capt. Ada Rook", "Ada Rook", subject="The vessel", outcome="burned", became="destroyed"
    )
    article.claim(SUNK, "Norland's admiralty", stance="denies", subject="any ship", outcome="had been hit", became="damaged")
    return article.claim("The ship was in port, it said.", "it", "Norland's admiralty", subject="The ship", outcome="in port")


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("Neither version could be verified.", ("not_verified", "abcd")),
        ("None of these claims could be verified.", ("not_verified", "abcd")),
        ("The Herald could not verify the navy's account.", ("not_verified", "a")),
        ("The Herald could not verify its account.", ("not_verified", "d")),
        ("The Herald could not verify that.", ("not_verified", "d")),
        ("The Herald could not verify the claim by Rook.", ("not_verified", "b")),
        ("The Herald could not verify the claims.", ("not_verified", "d")),
        ("The Herald could not check whether a vessel burned.", ("not_verified", "b")),
        ("There was no official confirmation.", ("not_verified", "d")),
        ("The Herald has verified a video of a burned vessel.", ("verified", "b")),
        ("The Herald has verified a video of a street.", ("verified", "d")),
        ("Satellite images confirm the first part of the claim.", ("verified", "d")),
        ("Tavia's embassy rejected this.", ("denied", "d")),
        ("Tavia's embassy denied that a vessel burned.", ("denied", "b")),
        ("Tavia's embassy denied that it had rained.", None),
        ("Tavia's embassy denied all of that.", ("denied", "d")),
        ("Tavia's embassy denied any part in it.", ("denied", "d")),
        ("The accusation was false.", ("denied", "d")),
    ],
)
def test_a_sentence_speaks_of_the_claims_it_means(ending, said):
    assert fleet(ending).found() == [("denied", "ab"), *([said] if said else [])]


def test_nobody_denies_what_they_say_themselves():
    article = Article("Norland said it won. Norland denied the claim.").claim("Norland said it won.", "Norland")
    assert article.found() == [("denied", "")]
    article = Article("Norland said it won. It denied the claim.").claim("Norland said it won.", "Norland")
    assert article.claim("It denied the claim.", "It", "Norland", stance="denies").found() == [("denied", "")]


def test_an_allegation_is_met_by_its_denial_even_in_one_sentence():
    text = "Ada Rook accused the firm of theft. The talks go on, she said. The firm rejected the allegation."
    article = (
        Article(text)
        .claim("Ada Rook accused the firm of theft.", "Ada Rook", stance="alleges")
        .claim("The talks go on, she said.", "she", "Ada Rook")
    )
    assert article.found() == [("denied", "a")]
    text = "She denied that it had sold the drug, as the ministry alleges."
    article = Article(text).claim(text, "She", stance="denies", subject="it", outcome="had sold", target="the drug")
    assert article.claim(text, "the ministry", stance="alleges", subject="it", outcome="had sold", target="the drug").found() == [
        ("denied", "b")
    ]
    text = "Rook accused the group of it. He was sad, he said. The group denied any part in the attack."
    article = Article(text).claim("Rook accused the group of it.", "Rook", stance="alleges").claim("He was sad, he said.", "he", "Rook")
    assert article.found() == [("denied", "a")]


def figures(ending):
    first, second = "The army said 41 of the 52 drones fell.", "Orbela said 300 homes were dark."
    article = Article(f"{first} {second} Rain fell for 12 hours.\n\n{ending}")
    article.claim(first, "The army", quantity="41 of the 52 drones", value=41, unit="drones").claim(
        first, "The army", quantity="52 drones", value=52
    )
    article.claim(second, "Orbela", quantity="300 homes", value=300, unit="homes")
    return article.claim("Rain fell for 12 hours.", quantity="12 hours", value=12)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("Norland disputed the army's figure.", ("disputed", "a")),
        ("Norland disputed the figures.", ("disputed", "abc")),
        ("Norland disputed the number.", ("disputed", "c")),
        ("Orbela has not commented, and the Herald could not verify the figure.", ("not_verified", "c")),
        ("The army did not comment, and nobody could verify the figures.", ("not_verified", "ab")),
        ("Neither count could be verified.", ("not_verified", "abc")),
        ("Neither toll could be verified.", ("not_verified", "abc")),
        ("Norland disputed their figures.", ("disputed", "c")),
        ("Norland disputed nobody's figures.", ("disputed", "c")),
    ],
)
def test_a_figure_is_that_of_whom_it_is_said_to_be(ending, said):
    assert figures(ending).found()[-1:] == [said]


def test_a_figure_may_be_disputed_in_its_own_sentence():
    text = "Some 900 died, the agency said, a number the ministry disputed."
    article = Article(text).claim(text, "the agency", quantity="900", value=900).claim(text, "the agency", outcome="said")
    assert article.found() == [("disputed", "a")]


def test_where_only_some_could_be_checked_the_rest_is_not():
    text = "Two cranes fell, Ada Rook said. Norland said it hit eleven cranes. We have only been able to confirm damage to two cranes."
    article = Article(text).claim("Two cranes fell, Ada Rook said.", "Ada Rook", quantity="Two cranes", value=2)
    article.claim("Norland said it hit eleven cranes.", "Norland", quantity="eleven cranes", value=11)
    assert article.found() == [("not_verified", "b"), ("verified", "a")]


def test_a_second_clause_speaks_of_the_claim_of_the_first():
    text = (
        "She said police had fired. He said it rained.\n\nThe ministry rejected her claim, but The Beacon has verified a video of officers."
    )
    article = Article(text).claim("She said police had fired.", "She", "Mira Stan").claim("He said it rained.", "He", "Per Aas")
    assert article.found() == [("denied", "b"), ("verified", "b")]


FIRST = "The union said seven men died."


def rivals(second, first=FIRST, **later):
    """Return what is found of a toll by the union and what ``second`` says behind it."""
    article = Article(f"{first} {second}")
    article.claim(first, "The union", quantity="seven men", value=7, unit="men", outcome="died", became="killed")
    return article.claim(second, **{"source": "The firm", "outcome": "died", "became": "killed"} | later).found()


def test_figures_of_one_thing_from_two_sources_answer_each_other():
    assert rivals("The firm said five men died.", quantity="five men", value=5, unit="men") == [("disputed", "a")]
    assert rivals("The firm said five died.", quantity="five", value=5) == [("disputed", "a")]
    assert rivals("The firm said four or five died.", quantity="four or five", bounds={"low": 4, "high": 5}, comparator="range") == [
        ("disputed", "a")
    ]
    assert rivals("The firm said nobody died.", polarity="negated") == [("denied", "a")]
    assert rivals("The firm said all were safe.", outcome="safe", became=None) == [("denied", "a")]


@pytest.mark.parametrize(
    ("second", "later"),
    [
        ("The firm said another five died.", {"quantity": "five", "value": 5}),
        ("The firm said five bodies died.", {"quantity": "five bodies", "value": 5, "unit": "bodies"}),
        ("The firm said five cows died.", {"quantity": "five cows", "value": 5, "unit": "cows"}),
        ("The firm said seven died.", {"quantity": "seven", "value": 7}),
        ("The firm said six to nine died.", {"quantity": "six to nine", "bounds": {"low": 6, "high": 9}, "comparator": "range"}),
        ("The firm said some died.", {"quantity": "some", "comparator": "vague"}),
        ("The firm said five died.", {"quantity": "five", "value": 5, "became": "wounded"}),
        ("The firm said men died.", {}),
        ("The firm said not five died.", {"quantity": "five", "value": 5, "polarity": "negated"}),
        ("The firm said some were safe.", {"outcome": "safe", "became": None}),
        ("The firm said it rained.", {"outcome": None}),
        ("Only five died.", {"source": None, "quantity": "five", "value": 5}),
        ("The union said five died.", {"source": "The union", "quantity": "five", "value": 5}),
        ("The union now says seven died.", {"source": "The union", "quantity": "seven", "value": 7}),
    ],
)
def test_other_figures_do_not(second, later):
    assert rivals(second, **later) == []


def test_hedges_leave_room_and_far_figures_are_of_other_things():
    about = {"quantity": "about eight", "value": 8, "comparator": "about"}
    article = Article("The union said about seven died. The firm said about eight died.")
    article.claim(
        "The union said about seven died.",
        "The union",
        quantity="about seven",
        value=7,
        comparator="about",
        outcome="died",
        became="killed",
    )
    assert article.claim("The firm said about eight died.", "The firm", outcome="died", became="killed", **about).found() == []
    gap = "\n\nRain fell." * 9
    article = Article(f"{FIRST}{gap}\n\nThe firm said five died.")
    article.claim(FIRST, "The union", quantity="seven men", value=7, outcome="died", became="killed")
    assert article.claim("The firm said five died.", "The firm", quantity="five", value=5, outcome="died", became="killed").found() == []


@pytest.mark.parametrize(("kind", "found"), [("people", [("disputed", "a")]), ("materiel", [])])
def test_figures_of_two_kinds_count_different_things(kind, found):
    article = Article("The union said seven fell. The firm said five fell.")
    article.claim("The union said seven fell.", "The union", quantity="seven", value=7, kind="people", outcome="fell", became="lost")
    assert (
        article.claim("The firm said five fell.", "The firm", quantity="five", value=5, kind=kind, outcome="fell", became="lost").found()
        == found
    )


@pytest.mark.parametrize(
    ("second", "polarity", "found"),
    [
        ("Police put the crowd at 30,000 people.", "affirmed", [("disputed", "a")]),
        ("Police counted 30,000 people.", "affirmed", []),
        ("But police saw no people.", "negated", []),
    ],
)
def test_counts_without_an_outcome_are_rivals_where_a_word_sets_them_against_each_other(second, polarity, found):
    first = "The union said 90,000 people marched."
    article = Article(f"{first} {second}").claim(
        first, "The union", quantity="90,000 people", value=90000, unit="people", outcome="marched"
    )
    source = next(words for words in ("Police", "police") if words in second)
    figure = {"quantity": "30,000 people", "value": 30000, "unit": "people"} if "30" in second else {}
    assert article.claim(second, source, outcome="people", polarity=polarity, **figure).found() == found
    far = Article(f"{first}\n\nRain fell.\n\nPolice put the crowd at 30,000 people.")
    far.claim(first, "The union", quantity="90,000 people", value=90000, outcome="marched")
    last = "Police put the crowd at 30,000 people."
    assert far.claim(last, "Police", outcome="crowd", quantity="30,000 people", value=30000).found() == []


def test_a_denial_is_read_however_it_is_worded():
    for words in (
        "It was just nonsense.",
        "That is not true.",
        "There is no truth in it.",
        "She called it a lie.",
        "The report was propaganda.",
    ):
        assert [finding.status for finding in verification.findings(words)] == ["denied"]
    assert verification.findings("The study has not been peer-reviewed.")[0].status == "not_verified"
    assert verification.findings("Ada Rook confirmed their account.")[0].status == "verified"


@pytest.mark.parametrize("slot", ["subject", "place"])
def test_the_losses_of_two_sides_or_places_are_no_rivals(slot):
    first, second = "Norland said Tavia lost nine.", "Tavia said Norland lost seven."
    article = Article(f"{first} {second}").claim(
        first, "Norland", quantity="nine", value=9, outcome="lost", became="lost", **{slot: "Tavia"}
    )
    article.claim(second, "Tavia", quantity="seven", value=7, outcome="lost", became="lost", **{slot: "Norland"})
    assert article.found() == []


def test_a_source_disputes_the_figure_it_corrects():
    again = {"source": "The union", "quantity": "five men", "value": 5, "unit": "men"}
    assert rivals("The union now says five men died.", **again) == [("disputed", "a")]
    assert rivals("An earlier version, quoting The union, said five men died.", **again) == [("disputed", "b")]


def test_a_denial_is_no_figure():
    assert rivals("The firm denied that seven died.", quantity="seven", value=7, stance="denies") == [("denied", "a")]


@given(st.text(max_size=100), st.integers(0, 3))
def test_any_sentence_is_taken(text, number):
    claim = coverage.Spoken("a", 0, 0, ("ada rook",), "nine men", "men", "died", "Nine men died, Ada Rook said.")
    for finding in verification.findings(f"{text} denied it, but no claim was verified"):
        assert set(coverage.covers(text, finding, number, number, [claim])) <= {"a"}


def test_either_count_is_every_figure_of_both_sides_though_one_was_denied():
    lost = "Tavian forces lost 30 soldiers and 4 lorries, Norland's army said."
    shot = "Tavia's ministry said it shot down 9 drones."
    denied = "It denied that any of its lorries were lost."
    article = Article(f"{lost} {shot} {denied}\n\nNeither count could be verified.")
    article.claim(lost, "Norland's army", subject="Tavian forces", outcome="lost", became="lost", quantity="30 soldiers", value=30)
    article.claim(lost, "Norland's army", subject="Tavian forces", outcome="lost", became="lost", quantity="4 lorries", value=4)
    article.claim(shot, "Tavia's ministry", subject="drones", outcome="shot down", became="destroyed", quantity="9 drones", value=9)
    article.claim(denied, "It", "Tavia's ministry", stance="denies", subject="any of its lorries", outcome="were lost", became="lost")
    assert article.found() == [("denied", "b"), ("not_verified", "abc")]


def test_either_version_is_what_was_said_near_where_nobody_answered():
    article = Article("Norland said a dam burst.\n\nTavia said a bridge fell.\n\nNeither version could be verified.")
    article.claim("Norland said a dam burst.", "Norland", subject="a dam").claim("Tavia said a bridge fell.", "Tavia", subject="a bridge")
    assert article.found() == [("not_verified", "b")]
