"""A task: windows of its own size or the model's, and the request about each."""

import json
from dataclasses import replace

import pytest
from words import WEDNESDAY

from extractor import models, prompts, settings
from extractor.documents import Document
from extractor.parsers.reading import with_trees
from extractor.profiles import PROFILES
from extractor.segmentation import sentences
from extractor.tasks import Task

CLAIMS = PROFILES["claims"]
TEXT = "The mayor said two bridges fell. The rain went on. Twelve trams left the depot. No road leads there. The army said no."


def task(profile=CLAIMS, *, model="local/qwen2.5-coder-1.5b", **changes):
    return Task(profile, prompts.load(profile.prompt), replace(models.resolve(settings.load(model=model)), **changes))


def windows(chosen, text=TEXT, *, parser=None):
    document = Document(text=text, published=WEDNESDAY)
    return chosen.windows(document, with_trees(document, sentences(document), parser))


def shape(found):
    return [([s.index for s in window.context], [s.index for s in window.sentences]) for window in found]


def test_windows_are_as_long_as_the_model_wants_them():
    assert shape(windows(task(window=2, context=1))) == [([], [0, 1]), ([1], [2, 3]), ([3], [4])]
    assert shape(windows(task(window=None))) == [([], [0, 1, 2, 3, 4])]


def test_a_task_of_single_sentences_shows_nothing_before_them():
    assert shape(windows(task(CLAIMS.parsed, window=2, context=1))) == [([], [number]) for number in range(5)]


def test_a_request_is_the_task_s_prompt_the_window_and_the_model_s_limits():
    chosen = task(window=2, context=1)
    sent = chosen.request(windows(chosen)[1], endpoint="here", repeat=3)
    assert (sent.endpoint, sent.model, sent.repeat) == ("here", "qwen2.5-coder-1.5b-instruct-q4_k_m", 3)
    assert (sent.max_tokens, sent.max_tokens_field, sent.sampling) == (700, "max_tokens", {"temperature": 0, "seed": 1})
    assert sent.messages[0].content == chosen.prompt.system
    asked = sent.messages[-1].content
    assert asked.partition("\n")[0].endswith("The rain went on.")
    assert "[1] Twelve trams left the depot.\n[2] No road leads there.\n" in asked
    assert "mayor" not in asked


@pytest.mark.parametrize("profile", [CLAIMS, CLAIMS.parsed], ids=lambda profile: profile.prompt)
def test_examples_stand_before_as_answers_of_the_form_that_is_asked_for(profile, parser):
    chosen = task(profile)
    sent = chosen.request(windows(chosen, parser=parser)[0], endpoint="here")
    assert [message.role for message in sent.messages] == ["system", *["user", "assistant"] * len(chosen.prompt.examples), "user"]
    for message in sent.messages[2::2]:
        assert profile.answer.model_validate_json(message.content)
        assert list(json.loads(message.content)) == [profile.field]
    assert all("trams" not in message.content for message in sent.messages[:-1])


def test_the_answer_is_held_to_a_grammar_or_a_schema_as_the_model_can():
    chosen = task()
    [whole] = windows(task(window=None))
    assert chosen.request(whole, endpoint="here").constraint == {"grammar": CLAIMS.grammar(whole)}
    chosen = task(model="openai/x")
    held = chosen.request(whole, endpoint="here").constraint
    assert held["response_format"]["json_schema"]["strict"] is True
    assert held == chosen.request(whole, endpoint="here").constraint


def test_a_model_is_shown_the_clauses_of_a_parsed_task_instead_of_the_sentence(parser):
    chosen = task(CLAIMS.parsed)
    found = windows(chosen, "Twelve trams, which the mayor had bought, left the depot while 30 drivers waited outside.", parser=parser)
    asked = chosen.request(found[0], endpoint="here").messages[-1].content
    assert "[1] Twelve trams left the depot\n[2] while 30 drivers waited outside\n" in asked
    assert "mayor" not in asked
