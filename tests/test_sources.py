"""Sources: kinds by words, kinds and full names by what the document says of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.normalise import antecedents, descriptions, names, source_kinds, source_nouns, sources

KINDS = """
Finance Minister Ines Paz|government
the mayor of Brenn|government
the central bank|government
the Health Ministry|government
President Arno Lund|government
the junta's president|government
bank governor Ada Rook|government
the rescue coordinator|official
the landlord|organisation
a walker|witness
the city|-
Gov. Ada Rook|government
police spokesman Oscar Vidal|official
the provincial health department|official
prosecutors|official
the electoral commission|official
the Board's engineers|official
a spokeswoman for the Interior Ministry|official
customs data|official
Health officials|official
a hospital|official
the head of the health ministry|official
an army spokesman|military
a spokesman for the rebels|military
Lt. Gen. Ada Rook|military
Army Gen. Rook|military
rebel commander Sefu Odal|military
the general staff of Tavia|military
the Taliban|military
shop steward Mira Stan|organisation
Orbela plc|organisation
Brack & Sons|organisation
head of the union|organisation
company officials|organisation
the World Health Organization|organisation
the WHO|organisation
the European Medicines Agency|organisation
UN Secretary-General Luis Mora|organisation
chief scientist Ilse Dorn|organisation
Opposition leader Nadia Brut|organisation
a former prime minister who leads the mission|organisation
the Centre for Border Studies|think_tank
Professor Ada Rook|think_tank
an epidemiologist|think_tank
scientists at the institute|think_tank
the state news agency Varno|media
Radio Maru|media
the Harbor Times|media
An earlier version of this article|media
residents|witness
a student who had been asleep in the third carriage|witness
Witnesses|witness
two people familiar with the talks|anonymous
an officer who asked not to be named|anonymous
sources|anonymous
satellite images|other
an independent analyst|other
the former mayor|other
a lawyer for the families|other
who works with refugees|other
a report|other
Ada Rook|-
John Major|-
who, for all that, won|-
"""


@pytest.mark.parametrize("line", KINDS.strip().splitlines())
def test_the_head_noun_of_the_words_tells_the_kind(line):
    words, kind = line.split("|")
    assert (source_kinds.kind_of(words) or "-") == kind


def test_of_two_nouns_that_overlap_the_longer_counts():
    assert [(found.start, found.noun.kind) for found in source_nouns.find("the news agency")] == [(4, "media")]
    assert source_nouns.find("a counter-attack on the councillors")[0].start == 24


def test_who_asks_not_to_be_named_is_anonymous_there_or_in_the_next_sentence():
    text = (
        "Two doctors, who spoke on condition of anonymity, agreed. An engineer said it leaked. He asked not to be named. A guard said so."
        " Nurses said so. The doctor knew."
    )
    kinds = [
        source_kinds.kind_in_document(words, words, text) for words in ("Two doctors", "An engineer", "A guard", "The doctor", "A cook")
    ]
    assert kinds == ["anonymous", "anonymous", None, "official", "witness"]


FIRE = """A fire tore through the Halden shoe factory on Friday, killing nine, the mayor of Brenn, Otto Vale, said. Vale told \
reporters that two more were missing. Fire chief Lena Orth said the blaze began in a storeroom. She blamed a heater. Halden \
Footwear, which employs 900 people, said it would pay. The company denied that exits were locked. "They were locked, I tried \
them," said Mira Stan, a machinist who escaped through a window. The Textile Workers' Federation called for an inquiry. Its \
president, Jon Beck, said inspections had been skipped. "We warned them," he said. A spokeswoman, Eva Dorn, said that was a lie. \
"We put it out," Capt. Luis Roth told the Echo. Brenn's police opened an inquiry. They said no one was held. The police asked for \
time. "It takes a while," Lt. Ada Moor said. Idris Noor, 54, who saw the smoke, ran. Pia Holm of the traders' association put the \
loss at two million. Prof. Kai Berg, who was in town, called it a scandal. Uwe Stein, who teaches law, agreed. Rolf Dahl commands, \
and so did Rolf Dahl of the wrong hills. The insurgents' commander, a man known as Uncle Bakar, laughed."""

WAR = """KESH, Tavia — Tavia's military said on Sunday that it had shot down 14 drones. Norland's Defence Ministry said it struck \
a depot near Kesh. The ministry gave no evidence. President Arno Lund told state television that talks were off. In Kesh, residents \
reported explosions. Rebel commander Sefu Odal said his men held the bridge. Odal put his losses at six. The Centre for Border \
Studies, a research group, said neither side was advancing. Its director, Pia Holm, called the war a stalemate. That was \
contradicted by a guard at the depot, who asked not to be named. He said both were. The think tank said that was wrong. Lt. Col. \
Rafe Tonn, a spokesman for the army's southern command, said the city was calm. Norland said the claims were lies. Gov. Sera Quint \
said 300 had left Kesh. The governor said more buses were coming. "Doctors are at work," she said. One of them fell ill. The State \
Railways closed the line. The railways hoped for more. It gave no day. In a post it added nothing. The Board of Trade of Ondria \
met. The Board sat long. He rose. The immunologist smiled. The movement of the Black Reed said so. The two papers agreed."""

FIRM = """Revenue at Orbela rose 8 percent, the maker of lifts said on Thursday. Tam Aldrin and Lia Moss, a couple, left. Orbela \
plc said it would hire. It gave no figure. The firm named no place. On Friday the charity Open Hand, based in Torun, said so. \
The charity was pleased. They had waited. Energy company Fjordkraft laughed. Economist Lars Nemeth of the University of Torun said \
rates would stay. He expected a cut. Ada Rook, an engineer, said no. I said yes. The company said maybe. In Ruzhmir, it rained, and \
Ruzhmir was glad."""

NAMED = [
    (
        FIRE,
        """
the mayor of Brenn, Otto Vale|Otto Vale|government
Vale|Otto Vale|government
Fire chief Lena Orth|Lena Orth|official
She|Lena Orth|official
Halden Footwear|Halden Footwear|organisation
The company|Halden Footwear|organisation
Mira Stan|Mira Stan|witness
The Textile Workers' Federation|Textile Workers' Federation|organisation
Jon Beck|Jon Beck|organisation
he|Jon Beck|organisation
Eva Dorn|Eva Dorn|organisation
Capt. Luis Roth|Luis Roth|military
Brenn's police|Brenn's police|official
They|Brenn's police|official
Lt. Ada Moor|Ada Moor|official
Idris Noor|Idris Noor|witness
Pia Holm of the traders' association|Pia Holm|organisation
Prof. Kai Berg|Kai Berg|think_tank
Uwe Stein|Uwe Stein|think_tank
Rolf Dahl|Rolf Dahl|-
Uncle Bakar|Uncle Bakar|military
""",
    ),
    (
        WAR,
        """
Tavia's military|Tavia's military|military
Norland's Defence Ministry|Norland's Defence Ministry|government
The ministry|Norland's Defence Ministry|government
President Arno Lund|Arno Lund|government
residents|residents|witness
Rebel commander Sefu Odal|Sefu Odal|military
Odal|Sefu Odal|military
The Centre for Border Studies|Centre for Border Studies|think_tank
Pia Holm|Pia Holm|think_tank
He|guard at the depot|anonymous
The think tank|Centre for Border Studies|think_tank
Rafe Tonn|Rafe Tonn|military
Norland|Norland|government
Gov. Sera Quint|Sera Quint|government
The governor|Sera Quint|government
she|Sera Quint|government
One of them|residents|witness
The State Railways|State Railways|organisation
The railways|State Railways|organisation
It|State Railways|organisation
it|State Railways|organisation
The Board of Trade of Ondria|Board of Trade of Ondria|official
The Board|Board of Trade of Ondria|official
The immunologist|Pia Holm|think_tank
The movement of the Black Reed|movement of the Black Reed|organisation
The two papers|two papers|media
""",
    ),
    (
        FIRM,
        """
the maker of lifts|Orbela|organisation
Orbela plc|Orbela plc|organisation
It|Orbela plc|organisation
The firm|Orbela plc|organisation
the charity Open Hand|Open Hand|organisation
The charity|Open Hand|organisation
They|Open Hand|organisation
Energy company Fjordkraft|Fjordkraft|organisation
Economist Lars Nemeth of the University of Torun|Lars Nemeth|think_tank
He|Lars Nemeth|think_tank
Ada Rook, an engineer|Ada Rook|other
I|I|-
Ruzhmir|Ruzhmir|government
""",
    ),
]


def placed(text, rows):
    """Return the mentions in their order, each with what it stands for."""
    at, mentions = 0, []
    for row in rows.strip().splitlines():
        words, canonical, kind = row.split("|")
        at = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)").search(text, at).start()
        mentions.append((at, words, canonical, kind))
        at += 1
    return mentions


@pytest.mark.parametrize(("text", "rows"), NAMED, ids=["fire", "war", "firm"])
def test_a_mention_takes_name_and_kind_from_all_that_the_document_says(text, rows):
    mentions = placed(text, rows)
    found = sources.resolve([(at, words) for at, words, _, _ in mentions], text)
    assert [(words, one.canonical, one.kind or "-") for (_, words, _, _), one in zip(mentions, found, strict=True)] == [
        (words, canonical, kind) for _, words, canonical, kind in mentions
    ]


def resolved(text, *words):
    """Return full name and kind of each mention, the last occurrences in the text."""
    mentions = sorted((text.rindex(one), one) for one in words)
    return [(one.canonical, one.kind) for one in sources.resolve(mentions, text)]


def test_a_pronoun_without_anybody_before_it_stands_for_itself():
    assert resolved("He said so. The sun rose.", "He") == [("He", None)]
    assert resolved("The mayor left. The mayor, Ada Rook, who stayed, said she was glad. He left.", "Ada Rook", "He")[1] == (
        "Ada Rook",
        "government",
    )
    assert resolved("The sun rose. A long day began. The rain fell, she said.", "she") == [("she", None)]


def test_a_firm_is_the_bare_name_nearest_before_it_and_no_place_day_or_sentence_opening():
    text = "In Kesh, Orbela met Tavia's army. Tavia's army left Tavia. Yesterday was wet on Monday near Halm. The firm said so."
    assert resolved(text, "The firm") == [("Orbela", "organisation")]
    assert resolved("The company said so.", "The company") == [("company", "organisation")]
    assert resolved("Rain fell. The company said so.", "The company") == [("company", "organisation")]
    assert resolved("The union met Orbela. The union said so.", "The union") == [("union", "organisation")]


def test_a_name_tells_by_its_form_or_as_a_place():
    assert resolved("Orbela SA said so.", "Orbela SA") == [("Orbela SA", "organisation")]
    assert resolved("Trouble in Tavia on Monday, the city and Tavia said.", "the city", "Tavia") == [
        ("city", "government"),
        ("Tavia", "government"),
    ]


def test_who_speaks_for_a_name_is_of_its_kind():
    text = "The rights group Lantern Watch met. Lantern Watch's director, Ada Rook, left. Idris Noor, head of Lantern Watch, stayed."
    assert resolved(text, "Lantern Watch's director", "Ada Rook", "Idris Noor") == [
        ("Lantern Watch's director", "organisation"),
        ("Ada Rook", "organisation"),
        ("Idris Noor", "organisation"),
    ]


def test_what_describes_itself_in_a_circle_ends():
    text = "Aster Moon, head of Birch Lake, met Birch Lake, head of Cedar Hill, and Cedar Hill, head of Aster Moon."
    assert resolved(text, "Aster Moon") == [("Aster Moon", "organisation")]


def test_its_spokesman_looks_past_sentences_about_nobody():
    text = "The Foreign Ministry met. It left. There was rain. “The Army said no,” its spokesman, Radim Velk, said."
    assert resolved(text, "Radim Velk") == [("Radim Velk", "official")]
    assert resolved("The rescue charity met. Its spokesman, Radim Velk, said no.", "Radim Velk") == [("Radim Velk", "organisation")]
    assert resolved("The police union met. Its spokesman, Radim Velk, said no.", "Radim Velk") == [("Radim Velk", "organisation")]
    assert resolved("Rain fell. Its spokesman, Radim Velk, said no.", "Radim Velk") == [("Radim Velk", "official")]
    assert resolved("Its spokesman, Radim Velk, said no.", "Radim Velk") == [("Radim Velk", "official")]


def test_a_rank_in_a_text_about_police_is_no_soldier():
    text = "The coast guard said it was over. “Nobody is left,” Cmdr. Aurel Strand said. The army watched. “True,” Capt. Ola Lind said."
    assert resolved(text, "Aurel Strand", "Ola Lind") == [("Aurel Strand", "official"), ("Ola Lind", "military")]


def test_only_the_first_occurrences_of_a_name_are_looked_at():
    assert len(list(descriptions.phrases("Mayor Ada Rook left. " * 20, "Ada Rook"))) == 12
    assert [phrase.words for phrase in descriptions.phrases("Gov. Ada Rook (a poet) sat.", "Ada Rook")] == ["a poet", "Gov."]


def test_pronouns_stand_for_the_last_one_of_their_sort():
    known = [
        antecedents.Known(0, "Ada Rook", "person"),
        antecedents.Known(1, "residents", "people"),
        antecedents.Known(2, "Open Hand", "body"),
    ]
    text = " " * 40
    assert [antecedents.of_pronoun(words, known, text, 40) for words in ("she", "They", "it")] == ["Ada Rook", "residents", "Open Hand"]
    assert antecedents.of_pronoun("they", known[:1], text, 40) == "Ada Rook"
    assert antecedents.is_pronoun("One of them")
    assert not antecedents.is_pronoun("the firm")


@pytest.mark.parametrize(
    ("words", "full"),
    [
        ("the rights group Lantern Watch", "Lantern Watch"),
        ("team member Ada Rook", "Ada Rook"),
        ("Local guide Per Aas", "Per Aas"),
        ("Ada Rook of the Textile Union", "Ada Rook"),
        ("the Bank of Ondria", "Bank of Ondria"),
        ("people of Ondria", "people of Ondria"),
        ("I", "I"),
        ("Watch", "Watch"),
        ("Rook", "Ada Rook"),
        ("police officers", "police officers"),
    ],
)
def test_a_full_name_is_bare_of_what_bears_it(words, full):
    assert names.canonical(words, [], "The Watch met. On Monday Rook sat. Dr. Ada Rook stood.") == full


def test_the_days_and_months_are_no_names():
    assert [names.is_calendar(words) for words in ("Monday", "Sept.", "Mona")] == [True, True, False]


@given(st.text(max_size=30), st.text(max_size=80), st.integers(0, 80))
def test_any_text_is_taken(words, text, at):
    kinds = {None, "government", "military", "official", "organisation", "think_tank", "media", "witness", "anonymous", "other"}
    mentions = [(min(at, len(text)), words), (len(text), "they"), (len(text), "the company"), (len(text), "the governor")]
    assert {one.kind for one in sources.resolve(mentions, text)} <= kinds


def test_a_pronoun_stands_for_whom_the_sentences_before_are_about():
    text = (
        "Mira Stan, a nurse, left, a guard said. Interior Minister Pavle Grun has been in Kesh. Rain fell, he said."
        " The coast guard rejects it. Nine came, it said."
    )
    mentions = [(text.index(words), words) for words in ("a guard", "he said", "it said")]
    mentions = [(at, words.removesuffix(" said")) for at, words in mentions]
    found = sources.resolve([*mentions, mentions[-1]], text)
    assert [(one.canonical, one.kind) for one in found[1:]] == [("Pavle Grun", "government"), *[("coast guard", "official")] * 2]


def test_names_in_a_list_share_its_noun_and_speakers_need_no_claim():
    text = "The newspapers Dagen and Il Ponente agreed. “No,” said Noor Vander, an independent analyst. Rain fell, she said. He left."
    assert resolved(text, "Il Ponente", "she", "He") == [("Il Ponente", "media"), ("Noor Vander", "other"), ("Noor Vander", "other")]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("The ferry Amalia had left Port Elmin, a pilot said.\n\nThe operator denied it.", "operator"),
        ("# Output\n\nThe operator denied it.", "operator"),
        ("The airline Norvia cut 300 jobs.\n\nThe company denied it.", "Norvia"),
    ],
)
def test_a_firm_is_not_called_by_the_name_of_a_ship_or_a_heading(text, canonical):
    at = text.rindex("The ")
    [named] = sources.resolve([(at, text[at:].removesuffix(" denied it."))], text)
    assert named.canonical == canonical
