"""Figures of the outlet's own that only a model can judge: which are asked about, how, and what comes of the answers."""

import json
import re

import pytest
from words import WEDNESDAY, answer, asking

from extractor import Document, MemoryCache, ScriptedProvider, prompts
from extractor.errors import ServerError
from extractor.grounding import Fault, Grounded, Haystack
from extractor.parsers.reading import with_trees
from extractor.profiles import claims_events, claims_syntax
from extractor.profiles.base import HAYSTACK
from extractor.profiles.claims_events import EventDraft
from extractor.segmentation import sentences, windows

pytestmark = pytest.mark.anyio

LOCAL = "local/qwen2.5-coder-1.5b"
TEXT = """The harbour master said nine ships sank on Monday.

About 400 people spent the night in the school. Two bridges fell.

The rain went on. The old mill was sold for 90,000 crowns on Friday."""
_SCHOOL = "About 400 people spent the night in the school"
_MILL = "The old mill was sold for 90,000 crowns on Friday"


def window(text, parser):
    document = Document(text=text, published=WEDNESDAY)
    return windows(document, with_trees(document, sentences(document), parser), size=1, context=0)[0]


def saying(verdicts):
    """Answer each figure that is asked about by the first of ``verdicts`` whose words it holds."""

    def reply(request):
        clauses = re.findall(r"^\[(\d+)\] (.*)$", request.messages[-1].content, re.MULTILINE)
        figures = re.findall(r'\\"quantity\\":\\"(.+?)\\",', request.constraint["grammar"])
        found = []
        for figure in figures:
            number = next(int(number) for number, clause in clauses if figure in clause)
            found.append(
                {"sentence": number, "quantity": figure, "says": next(says for words, says in verdicts.items() if words in figure)}
            )
        return json.dumps({"figures": found})

    return reply


async def read(parser, reply, text=TEXT, *, cache=None, **fields):
    provider = ScriptedProvider(reply)
    document = Document(text=text, published=WEDNESDAY, **fields)
    return await asking(provider, model=LOCAL, parser=parser, cache=cache).extract(document), provider


def figures(found):
    return [claim.quantity.text for claim in found.claims if claim.quantity]


# --- Which figures are asked about


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("About 400 people spent the night in the school.", [(1, "About 400 people")]),
        ("Twelve trams left the depot while 30 drivers waited outside.", [(1, "Twelve trams"), (2, "30 drivers")]),
        ("Rescuers carried 14 sheep and 3 goats across the river on Monday.", [(1, "14 sheep"), (1, "3 goats")]),
        ("The council bought 12 boats in May and 12 boats in June.", [(1, "12 boats")]),
        ("About 400 people spent the night there, the mayor said.", []),
        ("Two bridges fell on Monday.", []),
        ("Forty sailors were killed on Monday.", []),
        ("The rain went on.", []),
    ],
)
def test_doubtful_is_a_figure_of_the_outlets_own_that_is_no_loss_and_no_rise_or_fall(text, asked, parser):
    found = window(text, parser)
    assert list(claims_events.questions(found)) == asked
    assert claims_events.asks(found) is bool(asked)


def test_a_clause_of_two_figures_is_shown_once(parser):
    found = window("Rescuers carried 14 sheep and 3 goats across the river on Monday.", parser)
    assert claims_events.shown(found) == ("Rescuers carried 14 sheep and 3 goats across the river on Monday",)
    held = claims_events.grammar(found)
    assert held.count('("event" | "description")') == 2
    assert held.startswith("%llguidance {}\nstart:")


def test_no_more_than_eight_figures_of_a_sentence_are_asked_about(parser):
    text = "In May " + ", ".join(f"{number} trams left depot {letter}" for number, letter in zip(range(21, 31), "ABCDEFGHIJ", strict=True))
    assert len(claims_events.questions(window(f"{text} and the crews sang.", parser))) == 8


def test_a_sentence_without_a_tree_asks_nothing():
    found = window(TEXT.split("\n\n")[1], None)
    assert not claims_events.asks(found)
    assert claims_syntax.doubtful(found.sentences[0]) == []


def test_a_figure_is_shown_and_answered_as_a_model_reads_it(parser):
    found = window('Some 40 "sea\u200b dogs" crossed the bay.', parser)
    [(_, figure)] = claims_events.questions(found)
    assert "\u200b" not in figure
    draft = EventDraft(sentence=1, quantity=figure, says="event")
    assert isinstance(draft.grounded(Haystack(found)), Grounded)


def test_a_verdict_on_a_figure_that_the_sentence_does_not_hold_is_a_fault(parser):
    draft = EventDraft(sentence=2, quantity="41 people", says="event")
    [fault] = draft.grounded(Haystack(window(_SCHOOL + ".", parser)))
    assert isinstance(fault, Fault)
    assert fault.slot == "quantity"


def test_worked_examples_are_verdicts_on_figures_of_their_clauses(parser):
    examples = prompts.load("events@1").examples
    assert {json.loads(line)["says"] for example in examples for line in example.answer} == {"event", "description"}
    for example in examples:
        found = window(" ".join(example.sentences), parser)
        for line in example.answer:
            draft = EventDraft.model_validate_json(line, context={HAYSTACK: Haystack(found)})
            assert list(json.loads(line)) == list(EventDraft.model_fields)
            assert isinstance(draft.grounded(Haystack(found)), Grounded)


# --- What comes of the answers


async def test_an_event_is_a_claim_that_names_its_request_and_a_description_is_none(parser):
    found, provider = await read(parser, saying({"people": "event", "crowns": "description"}))
    assert figures(found) == ["nine ships", "About 400 people", "Two bridges"]
    said, judged, plain = found.claims
    assert (judged.attribution.voice, judged.type) == ("outlet", "other")
    [school, mill] = provider.sent
    assert judged.provenance.requests == (school.key,)
    assert (judged.provenance.window, judged.provenance.cached) == (1, False)
    assert (said.provenance.window, said.provenance.requests, plain.provenance.window) == (None, (), None)
    assert [report.outcome for report in found.windows] == ["skipped", "ok", "skipped", "skipped", "ok"]
    assert (found.provenance.prompt, found.provenance.parser) == ("events@1", parser.identity)
    assert f"[1] {_SCHOOL}\n" in school.messages[-1].content
    assert f"[1] {_MILL}\n" in mill.messages[-1].content
    assert "sank" not in mill.messages[-1].content


async def test_the_other_way_round(parser):
    found, _ = await read(parser, saying({"people": "description", "crowns": "event"}))
    assert figures(found) == ["nine ships", "Two bridges", "90,000 crowns"]
    assert (str(found.claims[-1].time.start_date), found.claims[-1].subject.text) == ("2026-03-06", "The old mill")


async def test_each_clause_is_judged_by_itself_also_where_figures_read_alike(parser):
    text = "At dawn 40 carts left the depot while 40 carts waited outside."
    for verdicts, outcome in ((["event", "description"], "left"), (["description", "event"], "waited")):
        reply = json.dumps({"figures": [_verdict(number, "40 carts", says) for number, says in enumerate(verdicts, 1)]})
        found, _ = await read(parser, [reply], text)
        assert [claim.outcome.text for claim in found.claims] == [outcome]


def _verdict(clause, figure, says):
    return {"sentence": clause, "quantity": figure, "says": says}


async def test_a_failed_question_costs_its_own_figure_alone(parser):
    judge = saying({"people": "event", "crowns": "event"})

    def reply(request):
        return ServerError("down") if _SCHOOL in request.messages[-1].content else judge(request)

    found, _ = await read(parser, reply)
    assert figures(found) == ["nine ships", "Two bridges", "90,000 crowns"]
    assert [report.outcome for report in found.windows] == ["skipped", "failed", "skipped", "skipped", "ok"]
    assert not found.complete


async def test_a_verdict_that_is_none_is_asked_for_again_and_then_rejected(parser):
    wrong = json.dumps({"figures": [_verdict(1, "400 cows", "event")]})
    found, provider = await read(parser, [wrong, wrong], _SCHOOL + ".")
    assert (found.claims, len(provider.sent)) == ((), 2)
    assert [rejection.slot for rejection in found.rejections] == ["quantity"]


async def test_what_is_remembered_is_not_asked_again_and_says_so(parser):
    cache = MemoryCache()
    verdicts = saying({"people": "event", "crowns": "description"})
    first, _ = await read(parser, verdicts, cache=cache)
    again, provider = await read(parser, [], cache=cache)
    assert provider.sent == []
    assert [claim.id for claim in again.claims] == [claim.id for claim in first.claims]
    assert [claim.provenance.cached for claim in again.claims] == [False, True, False]  # the others were never asked for


async def test_watchers_are_told_of_each_sentence_and_its_claims(parser):
    told = []
    document = Document(text=TEXT, published=WEDNESDAY)
    asked = asking(ScriptedProvider(saying({"people": "event", "crowns": "description"})), model=LOCAL, parser=parser)
    await asked.extract(
        document, watch=lambda part: told.append((part.report.index, part.of, [claim.quantity.text for claim in part.claims]))
    )
    assert sorted(told) == [(0, 5, ["nine ships"]), (1, 5, ["About 400 people"]), (2, 5, ["Two bridges"]), (3, 5, []), (4, 5, [])]


async def test_a_document_in_another_language_is_read_by_drafts(parser):
    text = "Der Hafenmeister sagte, neun Schiffe seien am Montag gesunken. Etwa 400 Menschen schliefen in der Schule."
    draft = {"sentence": 2, "outcome": "schliefen", "quantity": "400 Menschen", "type": "other"}
    found, provider = await read(parser, [answer(draft)], text, language="de-AT")
    assert figures(found) == ["400 Menschen"]
    assert [report.outcome for report in found.windows] == ["ok"]
    assert "[2] Etwa 400 Menschen schliefen in der Schule." in provider.sent[0].messages[-1].content
    assert (found.provenance.prompt, found.provenance.parser) == ("claims@1", None)
    assert found.claims[0].provenance.requests == (provider.sent[0].key,)


async def test_a_model_that_reads_whole_articles_itself_is_asked_for_drafts():
    provider = ScriptedProvider([answer()])
    found = await asking(provider).extract(Document(text=TEXT))
    assert [sent.messages[-1].content.count("[") for sent in provider.sent] == [5]
    assert (found.provenance.prompt, found.provenance.parser) == ("claims@1", None)
