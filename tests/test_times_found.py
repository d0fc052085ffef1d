"""Phrases of time found whole in a sentence, and what they mean there, seen from Wednesday, 2023-07-19."""

from datetime import date

import pytest

from extractor.normalise import times

PUBLISHED, CONTEXT = date(2023, 7, 19), date(2023, 7, 10)


def _edge(day):
    return "-" if day is None else str(day)


FOUND = """
It was shelled late on Sunday and early on Monday. | late on Sunday; early on Monday
By six o'clock on Tuesday evening they had left. | By six o'clock on Tuesday evening
It was hit shortly after sunrise, and again at 3:40 a.m. on Friday. | shortly after sunrise; at 3:40 a.m. on Friday
It will stay shut until Wednesday at the earliest. | until Wednesday at the earliest
It is put off until at least Monday, he said. | until at least Monday
He pays no later than Friday. | no later than Friday
He knew of it for weeks, and it failed after an hour. | for weeks; after an hour
They met for three days of talks and in two hours of prayer. |
It stays suspended until an inquiry has ended. | until an inquiry has ended
No trains run until further notice. | until further notice
They waited until he said so and it was over. |
They waited until 3.5 percent were left. |
It has frozen 40 accounts since the first round in 2021. | since the first round in 2021
It has killed 40 since the war began, and 9 since the start of the siege. | since the war began; since the start of the siege
Rain fell in the first half of August. | in the first half of August
He scored in the first half of the match. |
They died in the last week of June. | in the last week of June
It fell in the third quarter of 2022. | in the third quarter of 2022
They left within days, in the early hours of Friday. | within days; in the early hours of Friday
It came in days of rain. |
He votes on election day. | on election day
It grows in the coming weeks and over the next six months. | in the coming weeks; over the next six months
It shuts before the end of March. | before the end of March
They stood there from dawn to dusk. | from dawn to dusk
"""


@pytest.mark.parametrize("line", FOUND.strip().splitlines())
def test_phrases_are_found_whole(line):
    text, phrases = (part.strip() for part in line.split("|"))
    assert "; ".join(text[slice(*place)] for place in times.find(text)) == phrases


CLAIMED = """
They sold 40 this year. | this year | 2023-01-01 | 2023-07-19
They will sell 40 this year. | this year | 2023-07-19 | 2023-12-31
It was the driest place this summer. | this summer | 2023-06-01 | 2023-07-19
It must pay by Friday. | by Friday | - | 2023-07-21
Doctors had counted 40 by Friday. | by Friday | - | 2023-07-14
It had closed before the end of August. | before the end of August | - | 2022-08-31
By midday the share had lost 11 percent. | By midday | - | 2023-07-19
Within two days they had left. | Within two days | - | -
It was shut from Monday. | from Monday | 2023-07-17 | 2023-07-19
The offer ran from the spring. | from the spring | 2023-03-01 | 2023-07-19
"""


@pytest.mark.parametrize("line", CLAIMED.strip().splitlines())
def test_the_verb_beside_a_phrase_tells_which_way_it_looks(line):
    sentence, phrase, start, end = (part.strip() for part in line.split("|"))
    at = sentence.index(phrase)
    found = times.claimed(sentence, at, at + len(phrase), published=PUBLISHED)
    assert (("-", "-") if found is None else (_edge(found[1].start), _edge(found[1].end))) == (start, end)


def test_a_forecast_looks_ahead_whatever_its_verb():
    found = times.claimed("It was said of Friday.", 15, 21, published=PUBLISHED, forecast=True)
    assert found is not None
    assert str(found[1].start) == "2023-07-21"


def test_this_season_is_the_nearest_and_the_one_spoken_of_not_before_publication():
    for phrase, published, start in (("this winter", "2023-04-02", "2022-12-01"), ("this winter", "2023-10-02", "2023-12-01")):
        days = times.resolve(phrase, published=date.fromisoformat(published))
        assert days is not None
        assert str(days.start) == start
    late = times.resolve("at dawn", published=date(2023, 7, 1), context=CONTEXT)
    assert late is not None
    assert str(late.start) == "2023-07-01"
    assert times.resolve("at dawn", published=None, context=CONTEXT) == times.resolve("at dawn", published=PUBLISHED, context=CONTEXT)
