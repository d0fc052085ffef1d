"""How a figure measures: a window of time, everything since a point, or what is so at a moment."""

import pytest

from extractor.normalise import measures

MEASURES = """
There have been 40 reports|-|cumulative
Doctors had certified 40 deaths by Monday|by Monday|cumulative
It must pay 40 crowns by Monday|by Monday|period
It must pay 40 crowns|by Monday|period
By six there were 40 patients on trolleys|By six|snapshot
By midday the share had lost 40 percent|By midday|period
Prices have risen 40 percent since May|since May|period
About 40 percent of the homes have been sold since May|since May|cumulative
Another 40 have died since Monday|since Monday|period
At least 40 more have died since Monday|since Monday|period
Some 40 more died, bringing the toll to 90|-|-
More than 40 have died since Monday|since Monday|cumulative
Three tugs and 40 boats left shortly after sunrise|shortly after sunrise|period
Nine men are dead and 40 remain trapped|-|snapshot
Some 40 bodies were found and 9 men were missing|-|-
Nine men were missing and 40 bodies were found|-|-
There are nine cars and 40 tanks|-|snapshot
Some 40 men and 9 women are missing|-|snapshot
It says in its daily briefing that 40 cranes burned|-|-
Its daily losses are 40|-|period
The hall has room for 40 people|-|snapshot
The clinic has 40 beds|-|snapshot
She counted 40 burnt-out wagons|-|snapshot
She counted 40 attacks|-|-
"""


@pytest.mark.parametrize("line", MEASURES.strip().splitlines())
def test_words_and_the_time_tell_how_a_figure_measures(line):
    sentence, phrase, meaning = line.split("|")
    start = sentence.index("40")
    end = min(len(sentence), sentence.index(" ", start + 3) if " " in sentence[start + 3 :] else len(sentence))
    found = measures.measure(None if phrase == "-" else phrase, sentence, start, end)
    assert (found[1] if found else "-") == meaning
