"""Claims that a sentence's grammar makes: who says what of whom, with every word at its place, however its lines are broken."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from words import WEDNESDAY, asking

from extractor import Document, ScriptedProvider
from extractor.claims import CLAIM_TYPES, ClaimProvenance
from extractor.normalise.spacing import flat

TEXT = (
    "At least nine ships sank on Monday, the harbour master said on Tuesday in a post to social media. No village was lost, the"
    " mayor said. The mayor blamed the army. Nine carts burned on Friday. Nobody was hurt, police said."
    " Halm Radio, quoting the coast guard, said a hundred crates and two dozen barrels were destroyed over the past day."
)


def read(text, parser, **fields):
    """Return the claims that no model was asked about."""
    made = asking(ScriptedProvider([]), model="local/qwen2.5-coder-1.5b", parser=parser)
    found = made.extract_sync(Document(text=text, **{"published": WEDNESDAY, **fields}))
    for claim in found.claims:
        assert all(text[span.start : span.end] == span.text for span in claim.spans())
    return found.claims


def test_a_statement_s_words_are_the_claim_s_slots(parser):
    [ships, *_] = read(TEXT, parser)
    said = ships.attribution
    assert (ships.type, ships.subject.text, ships.outcome.kind) == ("equipment_losses", "ships", "destroyed")
    assert (ships.quantity.text, ships.quantity.value, ships.quantity.comparator) == ("At least nine ships", 9, "at_least")
    assert (ships.time.text, str(ships.time.start_date), ships.measure) == ("on Monday", "2026-03-09", "period")
    assert [(source.text, source.canonical) for source in said.sources] == [("the harbour master", "harbour master")]
    assert (said.cue.text, said.stance, said.quotation, said.voice) == ("said", "asserts", "indirect", "attributed")
    assert (said.channel.text, said.stated_on.text, str(said.stated_on.date)) == ("in a post to social media", "on Tuesday", "2026-03-10")
    assert ships.provenance == ClaimProvenance()


def test_what_nobody_suffered_is_negated_and_what_is_only_charged_has_no_outcome(parser):
    _, village, blame, _, hurt, *_ = read(TEXT, parser)
    assert (village.subject.text, village.polarity, village.outcome.kind) == ("No village", "negated", "lost")
    assert (blame.subject.text, blame.outcome, blame.polarity, blame.attribution.stance) == ("the army", None, "affirmed", "alleges")
    assert (hurt.polarity, hurt.type) == ("negated", "human_losses")


def test_a_loss_in_the_outlet_s_own_voice_is_a_claim_without_a_question(parser):
    carts = read(TEXT, parser)[3]
    assert (carts.attribution.voice, carts.attribution.sources, carts.quantity.value) == ("outlet", (), 9)


def test_a_chain_begins_with_who_said_it_first(parser):
    crates, barrels = read(TEXT, parser)[-2:]
    assert [source.text for source in crates.attribution.sources] == ["the coast guard", "Halm Radio"]
    assert (crates.quantity.value, barrels.quantity.value) == (100, 24)
    assert crates.attribution == barrels.attribution


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        ("\u201cThe dam will hold for a hundred years,\u201d the engineer said.", "direct"),
        ("The mayor said the town \u201cwill hold\u201d for long.", "mixed"),
        ("The mayor said the town will hold.", "indirect"),
    ],
)
def test_a_quotation_is_as_much_of_the_claim_as_stands_in_its_marks(text, quotation, parser):
    [claim] = read(text, parser)
    assert claim.attribution.quotation == quotation


def test_what_something_is_called_is_an_assessment(parser):
    [claim] = read("The engineer called the dam a death trap.", parser)
    assert (claim.type, claim.subject.text, claim.outcome.text) == ("assessment", "the dam", "a death trap")


def test_a_date_before_and_a_day_of_saying_are_what_days_are_reckoned_from(parser):
    rain, crews = read("Two bridges fell on Monday. The crews were saved the next day, the mayor said.", parser)
    assert (str(rain.time.start_date), str(crews.time.start_date), crews.time.basis) == ("2026-03-09", "2026-03-10", "context")
    [guns] = read("Veloria lost 40 guns over the past day, Ostrava said on Monday.", parser)
    assert (str(guns.time.end_date), guns.time.basis) == ("2026-03-09", "context")


def test_repetitions_are_one_claim_and_lines_of_a_bulletin_stand_among_them_in_order(parser):
    text = (
        "Nine ships sank, the mayor said.\n\nLosses of the enemy since May:\ntanks - 12 (+1)\nhowitzers - 40 (+2)\nships - 3 (+0)\n\n"
        "Two bridges fell, the mayor said. Nine ships sank, the mayor said."
    )
    claims = read(text, parser)
    assert [claim.quantity.text for claim in claims] == ["nine ships".capitalize(), "12", "+1", "40", "+2", "3", "+0", "Two bridges"]
    assert [len(claim.evidence) for claim in claims] == [2, 1, 1, 1, 1, 1, 1, 1]


def test_ids_are_the_same_for_the_same_text_and_different_for_different_claims(parser):
    ids = [claim.id for claim in read(TEXT, parser)]
    assert ids == [claim.id for claim in read(TEXT, parser)]
    assert len(set(ids)) == len(ids)


def _plain(claim):
    """Return a claim as it would be with spaces for line breaks."""
    return flat(claim.model_dump_json(exclude={"id"}).replace("\\n", " ").replace("\\u00a0", " ").replace("\u00a0", " "))


@given(st.integers(20, 120))
@settings(max_examples=40)
def test_lines_of_any_width_change_nothing(parser, width):
    text = textwrap.fill(TEXT, width)
    assert [_plain(claim) for claim in read(text, parser, id="x")] == [_plain(claim) for claim in read(TEXT, parser, id="x")]


@given(st.sets(st.sampled_from([at for at, character in enumerate(TEXT) if character == " "])))
@settings(max_examples=40)
def test_spaces_that_hold_words_together_change_nothing(parser, places):
    text = "".join("\u00a0" if at in places else character for at, character in enumerate(TEXT))
    assert [_plain(claim) for claim in read(text, parser, id="x")] == [_plain(claim) for claim in read(TEXT, parser, id="x")]


@given(st.lists(st.sampled_from([*TEXT.split(" "), "\n", "\n\n", "40", "million", "percent", "(", "\u201c", "\u201d", "$"]), max_size=40))
@settings(max_examples=60)
def test_any_words_are_read_and_every_word_is_at_its_place(parser, words):
    for claim in read(" ".join(["Rain", *words]), parser):
        assert claim.type in CLAIM_TYPES
