"""Loss bulletins become claims by rules: what is read, what is left to the model, whose losses they are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from words import WEDNESDAY

from extractor.claims import ClaimProvenance
from extractor.documents import Document, Sentence
from extractor.normalise import bulletins
from extractor.profiles.claims_bulletins import Losses, losses
from extractor.segmentation import sentences

HEADING = "The General Staff of Veloria reports the total combat losses of the Ostravan troops from 24.02 to 11.03:"
LINES = """tanks - 1552 (+20),
APV \u2013 1946 (+7 over the past day),
personnel \u2012 about 26400 (+250) persons were liquidated,
radio stations - 5 (-1)"""
BULLETIN = f"Fighting went on in the hills.\n\n{HEADING}\n\n{LINES}\n\nNobody could check the figures."
PLAIN = "tanks: 31\nhowitzers: 18\nships: 7"


def read(text, *, published=WEDNESDAY, title=None):
    document = Document(text=text, published=published, title=title)
    split = sentences(document)
    found = losses(document, split)
    for claim in found.claims:
        assert all(text[span.start : span.end] == span.text for span in claim.spans())
    return found, [text[s.start : s.end] for s in split if s.index not in found.taken]


def figures(found):
    return [(claim.quantity.text, claim.quantity.value, claim.measure) for claim in found.claims]


def test_each_line_makes_a_claim_of_its_total_and_one_of_its_change():
    found, _ = read(BULLETIN)
    assert figures(found) == [
        ("1552", 1552, "cumulative"),
        ("+20", 20, "period"),
        ("1946", 1946, "cumulative"),
        ("+7", 7, "period"),
        ("about 26400", 26400, "cumulative"),
        ("+250", 250, "period"),
        ("5", 5, "cumulative"),
        ("-1", -1, "period"),
    ]
    assert len({claim.id for claim in found.claims}) == len(found.claims)
    assert {claim.provenance for claim in found.claims} == {ClaimProvenance()}  # nobody was asked: no window, no request


def test_what_a_line_says_of_itself():
    tanks, _, _, daily, people, _, radios, _ = read(BULLETIN)[0].claims
    assert (tanks.type, tanks.quantity.unit, tanks.quantity.kind, tanks.quantity.low, tanks.quantity.high) == (
        "equipment_losses", "tanks", "materiel", 1552, 1552,
    )  # fmt: skip
    assert (people.type, people.quantity.unit, people.quantity.kind, people.quantity.comparator) == (
        "human_losses", "personnel", "people", "about",
    )  # fmt: skip
    assert (people.quantity.low, people.quantity.high) == (None, None)
    assert (people.outcome.text, people.outcome.kind) == ("were liquidated", "killed")
    assert (radios.quantity.unit, radios.quantity.kind, radios.type) == ("radio stations", "materiel", "equipment_losses")
    assert (daily.time.text, daily.time.start_date, daily.time.end_date) == ("over the past day", date(2026, 3, 10), WEDNESDAY)
    assert [span.text for span in tanks.evidence] == ["tanks - 1552 (+20),"]


def test_what_the_heading_says_holds_for_every_line():
    tanks, change, *_ = read(BULLETIN)[0].claims
    assert tanks.subject.text == "the Ostravan troops"
    assert (tanks.outcome.text, tanks.outcome.kind) == ("losses", "lost")
    assert (tanks.time.text, tanks.time.start_date, tanks.time.end_date) == ("from 24.02 to 11.03", date(2026, 2, 24), WEDNESDAY)
    assert change.time is None
    [source] = tanks.attribution.sources
    assert (source.text, source.kind, source.canonical) == ("The General Staff of Veloria", "military", "General Staff of Veloria")
    assert (tanks.attribution.cue.text, tanks.attribution.stance, tanks.attribution.voice) == ("reports", "asserts", "attributed")


def test_lines_and_the_heading_that_only_introduces_them_need_no_model():
    _, left = read(BULLETIN)
    assert left == ["Fighting went on in the hills.", "Nobody could check the figures."]


def test_a_heading_with_a_figure_of_its_own_is_left_to_the_model():
    heading = "Enemy losses on the day that 12 villages fell:"
    found, left = read(f"{heading}\n\n{PLAIN}")
    assert left == [heading]
    assert len(found.claims) == 3


def test_a_heading_without_a_colon_is_left_to_the_model():
    assert read(f"Enemy losses grew again this week.\n\n{PLAIN}")[1] == ["Enemy losses grew again this week."]


def spans(text, *pieces):
    """Return the pieces of a text as its sentences."""
    return [Sentence(i, text.index(piece), text.index(piece) + len(piece), i) for i, piece in enumerate(pieces)]


@pytest.mark.parametrize("more", ["", "\nand no more", "\n\n"])
def test_a_sentence_that_says_more_than_a_line_is_left_to_the_model(more):
    text = f"Enemy losses so far:\ntanks: 31\nhowitzers: 18\nships: 7{more}"
    found = losses(Document(text=text), spans(text, "Enemy losses so far:", "tanks: 31", "howitzers: 18", f"ships: 7{more}"))
    assert len(found.claims) == 3
    assert (3 in found.taken) == (not more.strip())


def test_prose_before_a_line_in_its_sentence_is_left_to_the_model():
    text = f"Enemy losses grew again this week\n{PLAIN}"
    found = losses(Document(text=text), spans(text, "Enemy losses grew again this week\ntanks: 31", "howitzers: 18", "ships: 7"))
    assert len(found.claims) == 3
    assert found.taken == {1, 2}


def test_a_heading_that_shares_a_sentence_with_a_line_is_taken_with_it():
    text = f"Enemy losses so far:\n{PLAIN}"
    found = losses(Document(text=text), [Sentence(0, 0, len(text), 0)])
    assert len(found.claims) == 3
    assert found.taken == {0}
    assert {claim.evidence[0].text for claim in found.claims} == {text}


@pytest.mark.parametrize(
    "text",
    [
        "Enemy losses so far:\ntanks - 31\nhowitzers - 18",  # two lines
        "Enemy losses so far:\ntanks - 31\nhowitzers - 18\nThat was all.\nships - 3",
        "Enemy losses so far:\ntanks - 31\nteapots - 12\nhowitzers - 18\nships - 3",  # an unknown category between
        "Enemy losses so far:\nteapots - 31\ncups - 18\nspoons - 3",
        f"The brigade consists of:\n{PLAIN}",
        f"Tarsk said it would send what was lost:\n{PLAIN}",
        f"Many tanks were destroyed. The museum in the old town holds these:\n{PLAIN}",
        f"There is a list.\n{PLAIN}",
        PLAIN,
        "The tanks - 1946 of them were lost - came back.",
        "",
    ],
)
def test_other_lists_and_running_text_are_no_bulletin(text):
    assert read(text)[0] == Losses()


@pytest.mark.parametrize("title", ["Enemy losses this week", None])
def test_the_title_can_say_that_a_list_is_one_of_losses(title):
    found, left = read(f"Here is the list.\n\n{PLAIN}", title=title)
    assert len(found.claims) == (3 if title else 0)
    for claim in found.claims:
        assert (claim.subject, claim.outcome, claim.measure, claim.time, claim.attribution.voice) == (None, None, None, None, "outlet")
    assert left[0] == "Here is the list." or not title


def test_the_lines_themselves_can_say_so():
    found, _ = read("tanks - 31 were destroyed\nhowitzers - 18\nships - 3")
    assert [claim.outcome.text if claim.outcome else None for claim in found.claims] == ["were destroyed", None, None]


def test_lines_before_the_article_proper_are_not_read():
    header = f"Enemy losses so far:\n{PLAIN}\n\n"
    document = Document(text=header + "The army fought on.", body_start=len(header))
    assert losses(document, sentences(document)) == Losses()


def test_figures_may_stand_first():
    text = "Enemy losses as of 11 March:\nabout 48,600 (+1,400) military personnel;\n7,500 (+11) tanks;\n13 (\u22122) ships / boats."
    found, left = read(text)
    assert figures(found) == [
        ("about 48,600", 48_600, "cumulative"),
        ("+1,400", 1_400, "period"),
        ("7,500", 7_500, "cumulative"),
        ("+11", 11, "period"),
        ("13", 13, "cumulative"),
        ("\u22122", -2, "period"),
    ]
    assert [claim.quantity.unit for claim in found.claims[::2]] == ["military personnel", "tanks", "ships / boats"]
    assert found.claims[0].time.end_date == WEDNESDAY
    assert left == []


def test_a_figure_that_other_words_than_a_hedge_go_before_does_not_stand_first():
    assert bulletins.lines("They counted 12 (+3) tanks") == []


def test_a_list_goes_on_under_a_subheading():
    found, _ = read(f"Enemy losses since 24 February:\n{PLAIN}\nAt sea:\nships - 4\nboats - 5\nsubmarines - 1")
    assert [claim.quantity.value for claim in found.claims] == [31, 18, 7, 4, 5, 1]
    assert {claim.subject.text for claim in found.claims} == {"Enemy"}


def test_two_lists_are_those_of_their_own_headings():
    text = f"Losses of the Velorian army:\n\n{PLAIN}\n\nLosses of the Ostravan army, the ministry said:\n\n{PLAIN}"
    found, _ = read(text)
    assert [claim.subject.text for claim in found.claims] == ["the Velorian army"] * 3 + ["the Ostravan army"] * 3
    assert [claim.attribution.voice for claim in found.claims] == ["outlet"] * 3 + ["attributed"] * 3


def test_the_source_may_stand_between_heading_and_list():
    found, _ = read(f"Enemy losses grew again.\n\nAccording to the General Staff:\n\n{PLAIN}")
    assert [source.text for source in found.claims[0].attribution.sources] == ["the General Staff"]


@pytest.mark.parametrize(
    ("heading", "measure", "when"),
    [
        ("Enemy losses over the past day:", "period", "over the past day"),
        ("Total enemy losses:", "cumulative", None),
        ("Enemy losses between 1 March and 10 March:", "cumulative", "between 1 March and 10 March"),
        ("Enemy losses:", None, None),
    ],
)
def test_what_a_figure_without_a_change_measures(heading, measure, when):
    claim = read(f"{heading}\n\n{PLAIN}")[0].claims[0]
    assert (claim.measure, claim.time.text if claim.time else None) == (measure, when)


def test_the_day_of_the_statement_is_no_time_of_the_losses():
    heading = "Veloria's Defense Minister Ada Rook said on Monday that Ostravan forces had lost over the past day:"
    claim = read(f"{heading}\n\n{PLAIN}")[0].claims[0]
    assert (claim.attribution.stated_on.text, claim.attribution.stated_on.date) == ("on Monday", date(2026, 3, 9))
    assert (claim.time.text, claim.time.start_date, claim.time.end_date) == ("over the past day", date(2026, 3, 8), date(2026, 3, 9))
    [source] = claim.attribution.sources
    assert (source.name.text, source.title.text) == ("Ada Rook", "Defense Minister")


def test_without_a_date_of_publication_days_stay_words():
    claim = read(f"Ostrava said on Monday the enemy had lost over the past day:\n\n{PLAIN}", published=None)[0].claims[0]
    assert (claim.time.text, claim.time.start_date, claim.attribution.stated_on.date) == ("over the past day", None, None)


@pytest.mark.parametrize(
    ("heading", "who"),
    [
        ("The total combat losses of the enemy from 24.02 to 15.03 were:", "the enemy"),
        ("Losses of the Armed Forces of the Ostravan Federation, as reported:", "the Armed Forces of the Ostravan Federation"),
        ("Losses suffered by Ostravan troops in March:", "Ostravan troops"),
        ("The staff updates Ostrava's combat losses:", "Ostrava"),
        ("Ostravan forces\u2019 total losses:", "Ostravan forces"),
        ("Enemy losses:", "Enemy"),
        ("Total Ostravan combat losses:", "Ostravan"),
        ("As of Tuesday morning the enemy has lost:", "the enemy"),
        ("Since 24 February, Ostravan forces have lost:", "Ostravan forces"),
        ("Losses of personnel and equipment:", None),
        ("Human losses:", None),
        ("Losses:", None),
        ("Lost:", None),
        ("The following were destroyed:", None),
        ("No word of it:", None),
    ],
)
def test_who_lost_stands_in_the_heading(heading, who):
    place = bulletins.loser(heading)
    assert (heading[slice(*place)] if place else None) == who


@pytest.mark.parametrize(
    ("text", "words"),
    [("What was destroyed and lost", "lost"), ("had been shot down", "had been shot down"), ("were held", None), ("at a loss", None)],
)
def test_words_of_loss(text, words):
    place = bulletins.word_of_loss(text)
    assert (text[slice(*place)] if place else None) == words


DASHES = st.sampled_from(["-", "\u2010", "\u2012", "\u2013", "\u2014", ":"])


@given(st.lists(st.tuples(st.integers(0, 10**7), st.none() | st.integers(-999, 9999), DASHES), min_size=3, max_size=8))
def test_every_figure_reads_back_whatever_its_value(rows):
    lines = [f"tanks {dash} {total:,}" + (f" ({change:+,})" if change is not None else "") for total, change, dash in rows]
    found, _ = read("Losses of the enemy so far:\n\n" + "\n\n".join(lines))
    stated = [value for total, change, _ in rows for value in (total, change) if value is not None]
    assert [claim.quantity.value for claim in found.claims] == stated


@given(st.text(alphabet=st.sampled_from("tanks lo1920+-(),:\n\u2013"), max_size=120))
def test_lines_lie_in_the_text_in_order(text):
    at = 0
    for line in bulletins.lines(text):
        assert at <= line.start < line.end <= line.rest[1] <= len(text)
        assert "\n" not in text[line.start : line.rest[1]].strip()
        at = line.rest[1]
