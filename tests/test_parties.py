"""Parties and sides of sources, by the table of aliases."""

import pytest
from test_claims import claim

from extractor.errors import ConfigurationError
from extractor.normalise.parties import assign
from extractor.readers import aliases

SAID = "Veloria lost 40 men, {} said."


@pytest.mark.parametrize(
    ("source", "party", "side"),
    [
        ("Kyiv's military", "Ukraine", "Ukraine"),
        ("Moscow's Defense Ministry", "Russia", "Russia"),
        ("the British Defense Ministry", "United Kingdom", None),
        ("KYIV'S MILITARY", "Ukraine", "Ukraine"),
        ("the Institute for Border Studies", None, None),
    ],
)
def test_sources_speak_for_parties(source, party, side):
    [found] = assign([claim(SAID.format(source), source=source, outcome="lost", quantity="40 men")], aliases.load())
    [said] = found.attribution.sources
    assert (said.party, said.side) == (party, side)


def test_a_user_brings_their_own_table(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("Ostrava: {side: east, names: [Ostravan, Ostrava]}", "utf-8")
    [found] = assign([claim(SAID.format("Ostrava's army"), source="Ostrava's army", outcome="lost")], aliases.load(file))
    assert found.attribution.sources[0].side == "east"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read"), ("a: [", "cannot be read"), ("!!python/object/apply:os.system ['true']", "cannot be read"), ("[1]", "the whole file"), ("A: {names: []}", "A.names")],
)  # fmt: skip
def test_a_wrong_table_is_an_error_that_helps(tmp_path, content, words):
    file = tmp_path / "mine.yaml"
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=words):
        aliases.load(file)
