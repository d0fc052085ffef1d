"""Whether the time of a statement has been or is to come."""

import pytest

from extractor.normalise import times

LINES = """
The court will rule [by Friday]. | ahead
The line will stay closed [until Wednesday]. | ahead
The rally will be held [on Saturday]. | ahead
The kettles are expected to be sent [before Friday]. | ahead
It must be paid [by Friday], he said. | ahead
They were told by the mayor to leave [by Friday]. | ahead
[By Friday], the panel said, all votes will be counted. | ahead
He'll go [on Friday]. | ahead
Doctors had certified 40 deaths [by Monday]. | been
[By midday] the share had lost 11 percent. | been
The line was closed [until Monday]. | been
It would have closed [by Monday]. | been
Losses were higher than expected [by Monday]. | been
The road was blocked due to snow [by Monday]. | been
The talks will begin soon, he said [on Monday]. | been
[On Monday] the minister said the talks would begin. | been
It withdrew licences [this year], he said, and a review will end in May. | been
The envoy will come and the army shelled them [on Monday]. | been
Troops in besieged Karsk will be relieved of the armed men [by Monday]. | ahead
Losses [this year]. | -
"""


@pytest.mark.parametrize("line", LINES.strip().splitlines())
def test_the_verb_nearest_to_a_time_tells(line):
    marked, told = (part.strip() for part in line.split("|"))
    start, end = marked.index("["), marked.index("]") - 1
    sentence = marked.replace("[", "").replace("]", "")
    assert times.lies_ahead(sentence, start, end) is {"ahead": True, "been": False, "-": None}[told]


def test_a_sentence_looks_ahead_by_words_of_what_is_to_come():
    assert times.looks_ahead("It must also pay 40 crowns")
    assert not times.looks_ahead("It would have paid 40 crowns")
