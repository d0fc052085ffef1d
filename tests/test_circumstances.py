"""How and when something was said, by whom it was passed on, and how the source stands to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.normalise import attribution, chains, circumstances

BESIDE = """
The minister told a news conference on Monday that talks failed.|told|a news conference|on Monday
In a letter to Lund, the union said pay was late.|said|In a letter to Lund|-
"It is over," the general wrote on X late on Sunday.|wrote|on X|late on Sunday
"It is over," the general wrote on Chirrup.|wrote|on Chirrup|-
The army said on Telegram that 12 drones fell.|said|on Telegram|-
President Lund said in a televised speech on Friday night that he would stay.|said|in a televised speech|on Friday night
Prices will rise, the bank said in its quarterly report published on Tuesday.|said|in its quarterly report|on Tuesday
Lund told the Harbor Times in an interview broadcast on Sunday that he was tired.|told|in an interview|-
The firm said it had sent a letter to the ministry.|said|-|-
The ship was shown on state television, the navy said.|said|-|-
"We won," Noor said on his Facebook page.|said|on his Facebook page|-
The envoy told the Security Council on Tuesday that aid was blocked.|told|the Security Council|on Tuesday
On Tuesday, the envoy told lawmakers that aid was blocked.|told|-|On Tuesday
The envoy said on Tuesday in Geneva that aid was blocked.|said|-|on Tuesday
The envoy said in Geneva in a statement that aid was blocked.|said|in a statement|-
Noor said during a visit to the front that he was proud.|said|-|-
He described the vote in an interview with the Harbor Times as a farce.|described|in an interview with the Harbor Times|-
Noor put the dead at 31 in a voice message sent to this station.|put|in a voice message|-
Noor put the dead at 31.|put|-|-
16:50 — In a post to social media it denied the report.|denied|In a post to social media|-
Police said Wednesday that two had died.|said|-|Wednesday
Police announced last week that two had died.|announced|-|last week
Two soldiers died on Monday, the army said.|said|-|-
It is true, he told them.|told|-|-
"No," he told.|told|-|-
It said again, also, later, earlier, separately, meanwhile, however, on Monday so.|said|-|-
""".strip().splitlines()


@pytest.mark.parametrize("line", BESIDE)
def test_the_phrases_beside_a_word_of_saying_tell_how_and_when(line):
    text, cue, how, when = line.split("|")
    start = text.index(f" {cue}") + 1
    place = (start, start + len(cue))
    found = circumstances.channel(text, place), circumstances.day(text, place)
    assert [text[slice(*one)] if one else "-" for one in found] == [how, when]


def test_they_stand_between_source_and_cue_too_and_behind_a_source_that_follows():
    text = "The ministry, in a statement on Monday, denied it."
    cue, source = (text.index("denied"), text.index(" it.")), (0, len("The ministry"))
    places = circumstances.channel(text, cue, source), circumstances.day(text, cue, source)
    assert [text[slice(*place)] for place in places if place] == ["in a statement", "on Monday"]
    text = "The union of Halm and its lawyer, Ada Rook, today announce it."
    cue, source = (text.index("announce"), text.index(" it.")), (0, len("The union of Halm"))
    place = circumstances.day(text, cue, source)
    assert place is not None
    assert text[slice(*place)] == "today"
    text = "“No,” said Ada Rook in an interview on Sunday."
    start = text.index("Ada Rook")
    cue, source = (text.index("said"), start - 1), (start, start + len("Ada Rook"))
    places = circumstances.channel(text, cue, source), circumstances.day(text, cue, source)
    assert [text[slice(*place)] for place in places if place] == ["in an interview", "on Sunday"]
    assert attribution.channel(text, attribution.Cue(*cue, None, None), source) == places[0]


@pytest.mark.parametrize(
    ("cue", "stance"),
    [
        ("rejects", "denies"),
        ("disputed", "denies"),
        ("accuses", "alleges"),
        ("acknowledges", "confirms"),
        ("stood by", "confirms"),
        ("doubted", "doubts"),
        ("cast doubt", "doubts"),
        ("According to", "asserts"),
        ("", "asserts"),
    ],
)
def test_the_word_of_saying_tells_how_the_source_stands_to_it(cue, stance):
    assert attribution.stance_of(cue) == stance


CHAINS = """
KCNA, quoted by Yonhap, said it fell.|KCNA|KCNA > Yonhap
According to Yonhap, quoting KCNA, it fell.|Yonhap|KCNA > Yonhap
Radio Maru quoted a port official as saying that the captain was drunk.|Radio Maru|a port official > Radio Maru
Radio Maru quoted a port official as saying that the captain was drunk.|a port official|a port official > Radio Maru
The newspaper Dagen, citing a leaked memo, said the plan was dropped.|The newspaper Dagen|The newspaper Dagen
Two men died, the agency reported on Monday, citing police.|the agency|police > the agency
Two men died, the agency reported on Monday, citing police.|police|police > the agency
State television said, quoting the governor, Arno Lund, that the dam held.|State television|Arno Lund > State television
State television said, quoting the governor, Arno Lund, that the dam held.|Arno Lund|Arno Lund > State television
The general was quoted as saying by the Harbor Times that it was over.|The general|The general > the Harbor Times
The general was quoted by state media as saying that it was over.|state media|The general > state media
The road was open, Varno said, again with reference to the ministry.|Varno|the ministry > Varno
It held, Varno reported, citing the ministry, which quoted the chief, Gen. Ada Rook.|Varno|Gen. Ada Rook > the ministry > Varno
It held, Varno reported, citing the ministry, which quoted the chief, Gen. Ada Rook.|Gen. Ada Rook|Gen. Ada Rook > the ministry > Varno
An earlier version, relying on figures from the health department, gave 23.|An earlier version|the health department > An earlier version
The army said on Monday that it had lost 12 tanks.|The army|The army
"It was dark," a guard told the newspaper.|a guard|a guard > the newspaper
A spokesman for the group told Reuters it was behind the attack.|A spokesman for the group|A spokesman for the group
The ministry denied the report, citing a lack of proof.|The ministry|The ministry
The company cited weak demand.|The company|The company
He said, citing.|He|He
He said, citing “all”.|He|He
The plan, quoted by Varno, failed.|Varno|Varno
As cited by Varno, it fell.|Varno|Varno
, cited by Varno, it fell.|Varno|Varno
But quoting Varno is wrong.|Varno|Varno
A, quoting B Times, quoting C Times, quoting D Times, quoting E Times, said so.|A|D Times > C Times > B Times > A
""".strip().splitlines()


@pytest.mark.parametrize("line", CHAINS)
def test_a_chain_begins_with_who_said_it_first_whichever_link_is_given(line):
    text, source, order = line.split("|")
    start = text.index(source)
    assert " > ".join(text[slice(*place)] for place in chains.chain(text, (start, start + len(source)))) == order


@given(st.text(max_size=120), st.integers(0, 120), st.integers(0, 120))
def test_any_sentence_is_taken(text, one, other):
    place = (min(one, other, len(text)), min(max(one, other), len(text)))
    for found in (circumstances.channel(text, place), circumstances.day(text, place, place), *chains.chain(text, place)):
        assert found is None or 0 <= found[0] <= found[1] <= len(text)
