"""The path of a claim from words to values."""

import json

import pytest
from test_claims import claim
from typer.testing import CliRunner
from words import WEDNESDAY, answer, asking

from extractor import Document, ScriptedProvider
from extractor.claims import Verification
from extractor.cli.main import app
from extractor.documents import Span
from extractor.errors import ReaderError
from extractor.explaining import explain
from extractor.extraction import DocumentRecord, Extraction, Provenance
from extractor.readers import results
from extractor.requests import Usage

SENTENCE = (
    "Veloria has lost nearly 40 tanks over the past day, Ostrava's deputy minister, Hana Malir, said on Tuesday in a post to social media."
)
SLOTS = {
    "source": "Ostrava's deputy minister, Hana Malir", "subject": "Veloria", "outcome": "has lost", "quantity": "nearly 40 tanks", "time": "over the past day",
}  # fmt: skip


def results_of(one):
    return {step.slot: step.result for step in explain(one, WEDNESDAY)}


def test_each_slot_has_its_words_rule_and_result():
    found = claim(SENTENCE, **SLOTS)
    shown = results_of(found)
    assert shown["source"] == "Hana Malir (government)"
    assert shown["source.title"] == "deputy minister"
    assert shown["source.affiliation"] == "Ostrava"
    assert shown["outcome"] == "lost, affirmed"
    assert shown["quantity"] == "low open, high open, value 40, about; tanks (materiel)"
    assert shown["measure"] == "period"
    assert shown["type"] == "equipment_losses"
    assert shown["attribution.stated_on"] == "2026-03-10"
    # said on Tuesday, so the past day looks back from there
    assert shown["time"] == "2026-03-09 to 2026-03-10 (context, day)"
    assert all(step.words is None or SENTENCE[step.words.start : step.words.end] == step.words.text for step in explain(found, WEDNESDAY))


def test_overnight_is_the_night_before_it_was_said():
    found = claim("Its guns fired overnight, Ostrava said on Tuesday.", source="Ostrava", outcome="fired", time="overnight")
    assert (str(found.time.start_date), str(found.time.end_date)) == ("2026-03-09", "2026-03-10")


def test_what_is_not_known_is_said_so():
    shown = results_of(
        claim("Several houses near Halm burned for 2 kilometers after the war.", outcome="burned", quantity="Several houses")
    )
    assert shown["attribution"] == "the outlet's own voice"
    assert shown["measure"] == "unknown"
    shown = results_of(
        claim(
            "It moved 2 kilometers as Ostrava nears the one-year mark.",
            outcome="moved",
            quantity="2 kilometers",
            time="nears the one-year mark",
        )
    )
    assert shown["quantity"].endswith("; 2000 m")
    assert shown["time"] == "unresolved"


def test_a_date_in_the_text_is_the_reference_of_the_next_day():
    found = claim(
        "On Monday it rained. The bridge fell the next day.", sentence=2, outcome="fell", time="the next day", subject="The bridge"
    )
    assert (str(found.time.start_date), found.time.basis) == ("2026-03-10", "context")
    assert results_of(found)["time"] == "2026-03-10 to 2026-03-10 (context, day)"


def test_a_source_without_title_has_only_the_parts_it_has():
    shown = results_of(claim("Veloria lost 40 tanks, rescue workers said.", source="rescue workers", outcome="lost", quantity="40 tanks"))
    assert shown["source"] == "rescue workers (official)"
    assert "source.title" not in shown


def test_repetition_and_verification_are_steps():
    found = claim(SENTENCE, **SLOTS)
    again = Span(text="Again.", start=500, end=506)
    note = Verification(status="denied", evidence=Span(text="Veloria denied the claims.", start=600, end=626), by=None)
    bare = found.model_copy(update={"outcome": None})
    assert "outcome" not in results_of(bare)
    odd = note.model_copy(update={"evidence": Span(text="No.", start=600, end=603), "by": found.subject})
    shown = results_of(found.model_copy(update={"evidence": (*found.evidence, again), "verification": note}))
    assert (shown["evidence"], shown["verification"]) == ("code points 500 to 506", "denied")
    assert results_of(found.model_copy(update={"verification": odd}))["verification"] == "denied by Veloria"


def rules_of(one, *, parsed):
    return {step.slot: step.rule for step in explain(one, WEDNESDAY, parsed=parsed)}


def read(text, reply, **more):
    return asking(ScriptedProvider(reply), **more).extract_sync(Document(text=text, published=WEDNESDAY))


def test_a_draft_is_the_model_s():
    shown = rules_of(claim(SENTENCE, **SLOTS), parsed=False)
    assert shown["subject"] == "copied by the model, found in the text"
    assert shown["type"] == "outcome and what is counted, else as the model says"
    assert shown["source"] == "phrase beside a word of saying"
    assert shown["attribution.quotation"] == "how many of its words stand in quotation marks"


def test_what_the_grammar_read_is_the_grammar_s(parser):
    [one] = read("Veloria lost 40 tanks near Halm, Ostrava’s army said.", [], model="local/qwen2.5-coder-1.5b", parser=parser).claims
    shown = rules_of(one, parsed=True)
    assert shown["subject"] == shown["place"] == "read by the sentence's grammar"
    assert shown["outcome"].startswith("read by the sentence's grammar; ")
    assert "grammar" in shown["source"]
    assert "model" not in " ".join(shown.values())


def test_a_figure_that_the_model_calls_an_event_says_so(parser):
    reply = json.dumps({"figures": [{"sentence": 1, "quantity": "About 400 people", "says": "event"}]})
    [one] = read("About 400 people slept in the school.", [reply], model="local/qwen2.5-coder-1.5b", parser=parser).claims
    shown = rules_of(one, parsed=True)
    assert shown["attribution"] == "nobody is named who says it, and the model calls the figure an event"
    assert shown["subject"] == "read by the sentence's grammar"
    assert rules_of(claim("Fighting went on.", outcome="went on"), parsed=False)["attribution"] == "nobody is named who says it"


@pytest.mark.parametrize("hosted", [True, False])
def test_lines_of_a_bulletin_are_read_by_their_own_rules_whoever_reads_the_rest(hosted, parser):
    text = "Combat losses of the enemy since May:\ntanks - 12 (+1)\nhowitzers - about 40 (+2)\nships - 3 (+0)"
    more = {} if hosted else {"model": "local/qwen2.5-coder-1.5b", "parser": parser}
    found = read(text, [answer()], **more)
    assert len(found.claims) == 6
    for one in found.claims:
        shown = rules_of(one, parsed=found.provenance.parser is not None)
        assert shown["subject"] == "read from the list and what introduces it"
        assert shown["type"] == "people or things, by what the line counts"


def extraction(*claims):
    record = DocumentRecord(id="x", published=WEDNESDAY, length=200, sentences=1)
    made = Provenance(extractor="0", profile="claims", prompt="claims@1", prompt_digest="0", model="m", endpoint="e")
    return Extraction(document=record, claims=claims, verifications=(), rejections=(), windows=(), usage=Usage(), provenance=made)


def test_the_command_shows_the_path(tmp_path):
    one = claim(SENTENCE, **SLOTS)
    file = tmp_path / "claims.json"
    file.write_text(extraction(one).model_dump_json(indent=1), "utf-8")
    done = CliRunner().invoke(app, ["explain", one.id[:6], str(file)], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert "window that ends when it is said" in done.stdout
    lines = tmp_path / "claims.jsonl"
    lines.write_text("\n".join(extraction(*found).model_dump_json() for found in ([one], [])) + "\n", "utf-8")
    assert results.find(lines, one.id)[1] == one


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read"), ("{}", "holds no extraction"), ("", "no claims"), (json.dumps([1]), "holds no extraction")],
)
def test_a_file_without_the_claim_is_an_error_that_helps(tmp_path, content, words):
    file = tmp_path / "claims.json"
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(ReaderError, match=words):
        results.find(file, "abc")
