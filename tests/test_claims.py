"""What the built-in profile makes of grounded drafts, and the grammar it holds small models to."""

import pytest
from pydantic import ValidationError
from words import WEDNESDAY, window

from extractor.claims import Claim, ClaimProvenance, Quantity, Time
from extractor.documents import Document
from extractor.grounding import Grounded, Haystack
from extractor.profiles.base import Found
from extractor.profiles.claims import CLAIMS, ClaimDraft
from extractor.profiles.claims_grammar import facts, grammar
from extractor.segmentation import sentences


def claim(text: str, document: Document | None = None, **slots: object) -> Claim:
    found = window(text)
    draft = ClaimDraft.model_validate({"sentence": 1, "type": "other", **slots})
    grounded = draft.grounded(Haystack(found))
    assert isinstance(grounded, Grounded)
    item = Found(draft, grounded, found, ClaimProvenance(window=0, requests=("x",), cached=False))
    document = document or Document(text=text, published=WEDNESDAY)
    return CLAIMS.finish(document, sentences(document), [item]).claims[0]


@pytest.mark.parametrize(
    ("text", "outcome", "quotation"),
    [
        ("“We shall never give up this town of ours,” the mayor said.", "give up", "direct"),
        ("The mayor said the town “will hold” for long.", "will hold", "mixed"),
        ("The mayor said the town will hold.", "will hold", "indirect"),
    ],
)
def test_quotation(text, outcome, quotation):
    assert claim(text, source="the mayor" if "the mayor" in text else "The mayor", outcome=outcome).attribution.quotation == quotation


def test_without_a_source_the_outlet_speaks():
    assert claim("Fighting went on.", outcome="went on").attribution.voice == "outlet"


def test_a_source_without_a_word_of_saying():
    found = claim("Fighting went on. A statement by Kyiv.", outcome="went on", source="Kyiv").attribution
    assert (found.cue, found.stance, found.quotation, found.voice) == (None, None, None, "attributed")


def test_a_source_named_before_the_sentence():
    found = claim("It rained, Kyiv said. Fighting went on.", sentence=2, outcome="went on", source="Kyiv").attribution
    assert (found.cue.text, found.quotation) == ("said", None)


def test_a_day_of_saying_that_is_not_settled_has_no_date():
    found = claim("Fighting went on, Kyiv said on February 31.", outcome="went on", source="Kyiv").attribution
    assert (found.stated_on.text, found.stated_on.date) == ("on February 31", None)


@pytest.mark.parametrize(("kind", "day"), [("other", "2026-03-09"), ("forecast", "2026-03-16")])
def test_a_time_of_another_sentence_is_reckoned_by_the_type_of_the_claim(kind, day):
    found = claim("On Monday it rains. The bridge may fall.", sentence=2, outcome="may fall", time="On Monday", type=kind)
    assert (str(found.time.start_date), found.time.basis) == (day, "relative")


def test_the_next_day_is_that_after_the_day_named_last_whatever_period_stands_between():
    text = "On Monday it rained. It had rained for weeks and all last month. The bridge fell the next day."
    found = claim(text, sentence=3, outcome="fell", time="the next day")
    assert (str(found.time.start_date), found.time.basis) == ("2026-03-10", "context")


@pytest.mark.parametrize("published", [WEDNESDAY, None])
def test_no_day_before_leaves_the_next_day_open_and_any_other_phrase_as_it_is(published):
    text = "It had rained. The bridge fell the next day, and the road on 3 March 2026."
    document = Document(text=text, published=published)
    assert claim(text, sentence=2, outcome="fell", time="the next day", document=document).time.start_date is None
    assert str(claim(text, sentence=2, outcome="fell", time="on 3 March 2026", document=document).time.start_date) == "2026-03-03"


def test_a_line_break_within_a_figure_is_a_space():
    found = claim("The ministry said on Monday that a\nhundred men fled from the town.", outcome="fled", quantity="a hundred men")
    assert (found.quantity.text, found.quantity.value, found.quantity.unit) == ("a\nhundred men", 100, "men")


def test_an_outcome_without_a_word_is_no_draft():
    with pytest.raises(ValidationError):
        ClaimDraft(sentence=1, outcome="...", type="other")


def test_claims_that_differ_only_in_slots_are_two_claims():
    one = claim("Kyiv said the town fell and burned.", source="Kyiv", subject="the town", outcome="fell")
    two = claim("Kyiv said the town fell and burned.", source="Kyiv", subject="the town", outcome="burned")
    assert one.id != two.id


def test_bounds_are_in_order():
    with pytest.raises(ValidationError, match="above"):
        Quantity(text="a", start=0, end=1, low=2, high=1)
    with pytest.raises(ValidationError, match="after"):
        Time(text="a", start=0, end=1, start_date="2026-01-02", end_date="2026-01-01")


def test_facts_of_a_sentence():
    found = facts("Russia's Defense Ministry said on Monday its forces had advanced “up to 2 kilometers” (1.2 miles) overnight.")
    assert (found.figures, found.sources, found.times) == (("up to 2 kilometers",), ("Russia's Defense Ministry",), ("overnight",))
    assert found.asks
    assert not found.losses
    assert not facts("The weather was fine.").asks


def test_the_grammar_offers_the_windows_own_words_in_order():
    text = 'The army said it lost 12 drones and two boats, adding "all is well". The day was calm. Kyiv said 3 men died.'
    found = grammar(window(text))
    for figure in ("12 drones", "two boats", "3 men"):
        assert f'"\\"{figure}\\""' in found
    assert "first_0: figure_1_0 next_1\n" in found
    assert "first_0: figure_1_0 next_1 | first_1\n" in grammar(window("The army said it saw 12 drones."))
    assert "free_1" in found
    assert "free_2" not in found
    assert "figure_3_0" in found
    assert "human_losses" in found
    assert "human_losses" not in grammar(window("The army said it left."))


LOSS = "Veloria keeps no count of Ostravan losses, but its ministry said that Ostrava's forces had lost 40 men."


@pytest.mark.parametrize(
    ("drafted", "subject"),
    [(None, "Ostrava's forces"), ("Ostravan", "Ostrava's forces"), ("Ostrava's forces", "Ostrava's forces"), ("forces", "forces")],
)
def test_who_lost_is_never_swapped(drafted, subject):
    assert claim(LOSS, source="its ministry", subject=drafted, outcome="had lost", quantity="40 men").subject.text == subject


def test_a_caption_that_repeats_the_lead_is_further_evidence():
    text = "Veloria lost 470 troops, Ostrava said. Photo of a gun. Veloria lost 470 fighters, Ostrava said."
    found = window(text)
    items = []
    for number, unit in ((1, "troops"), (3, "fighters")):
        draft = ClaimDraft.model_validate(
            {
                "sentence": number,
                "type": "human_losses",
                "source": "Ostrava",
                "subject": "Veloria",
                "outcome": "lost",
                "quantity": f"470 {unit}",
            }
        )
        items.append(Found(draft, draft.grounded(Haystack(found)), found, ClaimProvenance(window=0, requests=("x",), cached=False)))
    document = Document(text=text, published=WEDNESDAY)
    [merged] = CLAIMS.finish(document, sentences(document), items).claims
    assert [span.text for span in merged.evidence] == ["Veloria lost 470 troops, Ostrava said.", "Veloria lost 470 fighters, Ostrava said."]


def test_a_denial_weighs_more_than_that_nobody_could_check():
    text = "Veloria lost 40 men, Ostrava said. Veloria denied the claim. Neither figure could be verified by Harbor News."
    found = claim(text, source="Ostrava", outcome="lost", quantity="40 men").verification
    assert (found.status, found.by.text) == ("denied", "Veloria")
