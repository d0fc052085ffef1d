"""Figures and what they mean: one line per phrase, as low | high | value | comparator | kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.normalise import bulletins, quantities, units, vagueness

TABLE = """
470 troops | 470 | 470 | 470 | exact | people
31 artillery systems | 31 | 31 | 31 | exact | materiel
eight combat vehicles | 8 | 8 | 8 | exact | materiel
nearly 239,500 soldiers | - | - | 239500 | about | people
two dozen tanks | 24 | 24 | 24 | exact | materiel
a dozen men | 12 | 12 | 12 | exact | people
half a dozen trucks | 6 | 6 | 6 | exact | materiel
half a million people | 500000 | 500000 | 500000 | exact | people
a million people | 1000000 | 1000000 | 1000000 | exact | people
two and a half million people | 2500000 | 2500000 | 2500000 | exact | people
a half million refugees | 500000 | 500000 | 500000 | exact | people
one hundred and five tanks | 105 | 105 | 105 | exact | materiel
three hundred soldiers | 300 | 300 | 300 | exact | people
two thousand five hundred men | 2500 | 2500 | 2500 | exact | people
two hundred thousand people | 200000 | 200000 | 200000 | exact | people
twenty-three soldiers | 23 | 23 | 23 | exact | people
forty two drones | 42 | 42 | 42 | exact | materiel
1,234,567 residents | 1234567 | 1234567 | 1234567 | exact | people
1 234 567 residents | 1234567 | 1234567 | 1234567 | exact | people
1.234.567 residents | 1234567 | 1234567 | 1234567 | exact | people
1'234'567 residents | 1234567 | 1234567 | 1234567 | exact | people
12,34,567 residents | 1234567 | 1234567 | 1234567 | exact | people
1.5 million people | 1500000 | 1500000 | 1500000 | exact | people
more than 4.5m people | 4500000 | - | 4500000 | more_than | people
between 30 and 40 people | 30 | 40 | - | range | people
from 30 to 40 people | 30 | 40 | - | range | people
12 to 15 tanks | 12 | 15 | - | range | materiel
12-15 tanks | 12 | 15 | - | range | materiel
two or three men | 2 | 3 | - | range | people
two to three million people | 2000000 | 3000000 | - | range | people
300 to 400 thousand people | 300000 | 400000 | - | range | people
up to 40 fighters | - | 40 | 40 | at_most | people
as many as 40 fighters | - | 40 | 40 | at_most | people
no more than 40 fighters | - | 40 | 40 | at_most | people
at least 12 people | 12 | - | 12 | at_least | people
no fewer than 12 people | 12 | - | 12 | at_least | people
a minimum of 12 people | 12 | - | 12 | at_least | people
more than 50 houses | 50 | - | 50 | more_than | -
over 50 houses | 50 | - | 50 | more_than | -
just over 50 houses | 50 | - | 50 | more_than | -
well over 50 houses | 50 | - | 50 | more_than | -
less than 50 houses | - | 50 | 50 | less_than | -
fewer than 50 people | - | 50 | 50 | less_than | people
just under 50 people | - | 50 | 50 | less_than | people
some 100 people | - | - | 100 | about | people
about 100 people | - | - | 100 | about | people
around 100 people | - | - | 100 | about | people
roughly 100 people | - | - | 100 | about | people
almost 100 people | - | - | 100 | about | people
approximately 100 people | - | - | 100 | about | people
an estimated 100 people | - | - | 100 | about | people
close to 100 people | - | - | 100 | about | people
~100 people | - | - | 100 | about | people
>100 people | 100 | - | 100 | more_than | people
at least some 40 people | 40 | - | 40 | at_least | people
40 or more people | 40 | - | 40 | at_least | people
40 or so people | - | - | 40 | about | people
40-odd people | - | - | 40 | about | people
40+ people | 40 | - | 40 | at_least | people
40 or fewer people | - | 40 | 40 | at_most | people
several houses | 3 | - | - | vague | -
a few soldiers | 3 | - | - | vague | people
a couple of soldiers | 2 | - | - | vague | people
a handful of soldiers | 3 | - | - | vague | people
dozens of fighters | 24 | - | - | vague | people
scores of civilians | 40 | - | - | vague | people
hundreds of houses | 200 | - | - | vague | -
thousands of people | 2000 | - | - | vague | people
tens of thousands of people | 20000 | - | - | vague | people
hundreds of thousands of people | 200000 | - | - | vague | people
millions of people | 2000000 | - | - | vague | people
several hundred troops | 300 | - | - | vague | people
several dozen troops | 36 | - | - | vague | people
a few thousand troops | 3000 | - | - | vague | people
12.5 percent | 12.5 | 12.5 | 12.5 | exact | percent
about 40 per cent | - | - | 40 | about | percent
5% | 5 | 5 | 5 | exact | percent
from 5 to 10 percent | 5 | 10 | - | range | percent
$1.5 billion | 1500000000 | 1500000000 | 1500000000 | exact | money
$2bn | 2000000000 | 2000000000 | 2000000000 | exact | money
US$30 million | 30000000 | 30000000 | 30000000 | exact | money
€5m | 5000000 | 5000000 | 5000000 | exact | money
$2-3 million | 2000000 | 3000000 | - | range | money
5 million euros | 5000000 | 5000000 | 5000000 | exact | money
2 kilometers | 2 | 2 | 2 | exact | measure
up to 2 km | - | 2 | 2 | at_most | measure
40 square kilometers | 40 | 40 | 40 | exact | measure
30 hectares | 30 | 30 | 30 | exact | measure
500 tons of wheat | 500 | 500 | 500 | exact | measure
100 km/h | 100 | 100 | 100 | exact | measure
20 degrees Celsius | 20 | 20 | 20 | exact | measure
500,000 barrels | 500000 | 500000 | 500000 | exact | measure
200 Russian soldiers | 200 | 200 | 200 | exact | people
14 armored vehicles | 14 | 14 | 14 | exact | materiel
three tank crew members | 3 | 3 | 3 | exact | people
26 bodies of soldiers | 26 | 26 | 26 | exact | people
11 units of equipment | 11 | 11 | 11 | exact | materiel
five villages | 5 | 5 | 5 | exact | -
zero casualties | 0 | 0 | 0 | exact | people
"""
CASES = [tuple(part.strip() for part in line.split("|")) for line in TABLE.strip().splitlines()]


def _shown(value):
    return "-" if value is None else str(value).removesuffix(".0")


@pytest.mark.parametrize(("phrase", "low", "high", "value", "comparator", "kind"), CASES)
@pytest.mark.parametrize("before", ["", "Officials in the town reported "])
def test_phrases_mean_figures(phrase, low, high, value, comparator, kind, before):
    text = before + phrase
    [found] = quantities.find(text)
    assert found.start == len(before)
    assert (_shown(found.low), _shown(found.high), _shown(found.value), found.comparator) == (low, high, value, comparator)
    end = quantities.counted(text, found.end)
    assert _shown(found.unit.kind if found.unit else units.kind_of(text[found.end : end])) == kind


@pytest.mark.parametrize("phrase", [case[0] for case in CASES if "€" not in case[0] and "m " not in case[0]])
def test_upper_and_title_case_change_nothing(phrase):
    def meant(text):
        return [(n.low, n.high, n.value, n.comparator, n.unit.kind if n.unit else None) for n in quantities.find(text)]

    assert meant(phrase.upper()) == meant(phrase)
    assert meant(phrase.title()) == meant(phrase)


NONE = """
a BM-21 Grad|a T-72|the F16 jets|Feb. 24|on July 9, 2023|9 March|the 9th brigade|the 1st corps|in 2022|since 2014|the summer of 2022|2014-2015
in 2004 and 2009|10:30|1430 GMT|at 5 p.m.|12 hours|two weeks ago|for 12 consecutive days|a five-day truce|a 17-year-old|aged 17|Ali Hassan, 34, said
Boeing 737|Flight 370|Article 5|Resolution 2118|two-thirds of them|two thirds|three times|the 1980s|one of them|no one|every one|that one|the two-month mark
No. 5 was hit|an eight-man crew|a 3/4 majority|24/7|Leopard 2 tanks|20 to 25 May|3-5 March|12 to 15 hours
"""


@pytest.mark.parametrize("text", [text for line in NONE.strip().splitlines() for text in line.split("|")])
def test_dates_periods_ordinals_ages_and_designations_are_no_figures(text):
    assert quantities.find(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("up to 2 kilometers (1.2 miles) near", [2]),
        ('advanced up to 2 kilometers" (1.2 miles) along', [2]),
        ("a 2-kilometer (1.2-mile) zone", [2]),
        ("40 square kilometers (15 square miles)", [40]),
        ("5 million euros ($5.4 million)", [5_000_000]),
        ("2 kilometers (30 houses)", [2, 30]),
        ("2 kilometers (30 tons)", [2, 30]),
        ("12 tanks (5 of them new)", [12, 5]),
        ("12 to 5 tanks", [12, 5]),
        ("20 to 10 May", []),
    ],
)  # fmt: skip
def test_a_conversion_in_parentheses_is_the_same_quantity(text, values):
    assert [number.value for number in quantities.find(text)] == values


@pytest.mark.parametrize(
    ("value", "unit", "si"),
    [
        (2, "kilometer", (2000, "m")), (1, "mile ** 2", (2589988.11, "m^2")), (20, "degC", (293.15, "K")), (1, "hectare", (10_000, "m^2")),
        (500, "metric_ton", (500_000, "kg")), (36, "kilometer / hour", (10, "m/s")), (2, "megawatt", (2_000_000, "W")), (3, "kiloton_TNT", (1.2552e13, "J")), (1, "year", None),
    ],
)  # fmt: skip
def test_units_have_an_si_value(value, unit, si):
    found = units.to_si(value, unit)
    assert (found is None) == (si is None)
    if found is not None and si is not None:
        assert found[0] == pytest.approx(si[0])
        assert found[1] == si[1]


def test_a_unit_ends_with_its_line():
    assert units.after("40\n% of all", 2) is None


@pytest.mark.parametrize(
    ("text", "noun", "low", "comparator"),
    [
        ("KILLING AT LEAST 23 PEOPLE", "PEOPLE", 23, "at_least"),
        ("nine young peasants fled", "peasants", 9, "exact"),
        ("Two died. The soldiers left", "soldiers", 2, "vague"),
        ("a bus burned", "bus", 1, "exact"),
        ("of 12 student leaders", "student leaders", 12, "exact"),
        ("12 died when soldiers came", "soldiers", 2, "vague"),
        ("the nine priests", "nine priests", 9, "exact"),
    ],
)
def test_a_noun_phrase_has_a_count(text, noun, low, comparator):
    start = text.index(noun)
    found = quantities.count_of(text, start, start + len(noun))
    assert (found.low, found.comparator) == (low, comparator)


@pytest.mark.parametrize(
    ("phrase", "plural"),
    [
        ("buses", True), ("bus", False), ("people", True), ("policemen", True), ("headquarters", False), ("bodies of the victim", True), ("a bus with doors", False),
        ("the mayor's office", False), ("priests'", True), ("", False), ("of", False), ("[note] offices", True), ("crew", True),
    ],
)  # fmt: skip
def test_plurals_are_known_by_their_form(phrase, plural):
    assert vagueness.is_plural(phrase) is plural


def test_a_profile_can_bring_its_own_vague_numbers():
    [found] = quantities.find("numerous insurgents", vagueness.ISAF)
    assert (found.low, found.comparator) == (4, "vague")
    assert quantities.find("numerous insurgents") == []


BULLETIN = """The losses of the enemy from 24.02 to 19.07 were:
personnel \u2012 about 38550 (+100) persons were liquidated,
tanks \u2012 1691 (+4),
APV \u2013 1946,
vehicles and fuel tanks - 2,767 (-14),
ideas - 12,
artillery systems - none of 2 or 3 (+2)
tanks: many
boats / cutters - 1.5
"""


def test_a_bulletin_is_read_line_by_line():
    read = [(loss.category, loss.cumulative, loss.daily, loss.hedge) for loss in bulletins.read(BULLETIN)]
    assert read == [
        ("personnel", 38550, 100, "about"),
        ("tanks", 1691, 4, None),
        ("armoured_vehicles", 1946, None, None),
        ("vehicles_and_fuel_tanks", 2767, -14, None),
    ]
    assert all(BULLETIN[loss.start : loss.end].strip() for loss in bulletins.read(BULLETIN))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tanks - 1552 (+20)", [1552, 20]), ("APV \u2013 1946", [1946]), ("APV \u2012 1946,\nMLRS \u2012 111", [1946, 111]),
        ("- special equipment: 2025.", [2025]), ("sorties - 1552 (\u22123)", [1552, 3]), ("Losses:\nboats / cutters \u2012 1999 ", [1999]),
        ("Independence - 1991", []), ("Born - 1946.", []), ("tanks - 1946, the year of the parade", []), ("1946", []),
        ("tanks of the brigade that held the road to the town and the bridge over the river behind it - 1946", []),
        (f"{'word ' * 20}tanks - 1946", []), ("tanks 1946", []),
    ],
)  # fmt: skip
def test_in_the_line_of_a_list_a_number_like_a_year_is_a_count(text, values):
    assert [number.value for number in quantities.find(text)] == values


@given(st.integers(1, 10**12), st.sampled_from(["{:d}", "{:,}", "{:_}"]))
def test_a_number_written_out_reads_back(number, form):
    text = form.format(number).replace("_", "\u202f") + " people"
    assert [n.value for n in quantities.find(text)] == [number]


_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def _spelled(number):
    if number < 20:
        return _ONES[number - 1]
    if number < 100:
        return _TENS[number // 10 - 2] + (f"-{_ONES[number % 10 - 1]}" if number % 10 else "")
    if number < 1000:
        return f"{_ONES[number // 100 - 1]} hundred" + (f" and {_spelled(number % 100)}" if number % 100 else "")
    return f"{_spelled(number // 1000)} thousand"


@given(st.integers(1, 999) | st.integers(1, 999).map(lambda n: n * 1000))
def test_a_number_in_words_reads_back(number):
    assert [n.value for n in quantities.find(f"{_spelled(number)} people")] == [number]


@given(
    st.lists(st.sampled_from([*(case[0] for case in CASES), "from", "to", "$", "(", ")", "-", "May", "9", "and"]), max_size=6).map(" ".join)
    | st.text(max_size=80)
)
def test_any_text_is_taken_and_places_are_exact(text):
    at = 0
    for number in quantities.find(text):
        assert at <= number.start <= number.number_start < number.end <= len(text)
        assert text[number.number_start : number.end].strip()
        assert number.low is None or number.high is None or number.low <= number.high
        quantities.counted(text, number.end)
        at = number.start
