"""How far a batch is: the same numbers for people, logs and programs."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from extractor.cli.batch_display import Bar, JsonLines, Lines, Pace, Standing, chosen, span, words
from extractor.requests import Usage

START = Standing(share=0.0, inputs=0, done=0, fresh=0, failed=0, repeated=0, pending=0, claims=0, usage=Usage(), cost="")
LATER = Standing(
    share=0.25, inputs=140, done=120, fresh=100, failed=3, repeated=1, pending=16, claims=900,
    usage=Usage(requests=104, input_tokens=125_000, output_tokens=1_700_000), cost="$0.42", state="parked for 12 s",
)  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def console(*, terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=200)


def test_a_line_says_all_that_matters():
    assert words(LATER, 5.0, 600.0) == (
        "120 done, 3 failed, 16 in hand, 900 claims, 125.0k tokens in, 1.7M out, $0.42, 5.0 articles/s, 10 min left, parked for 12 s"
    )
    assert words(START) == "0 done, 0 in hand, 0 claims"
    assert "30.0 articles/min" in words(LATER, 0.5)


def test_the_rate_is_of_what_was_done_in_this_run_and_the_time_left_of_what_was_read():
    clock = Clock()
    pace = Pace(clock)
    assert pace.note(START) == (None, None)
    clock.now += 20
    assert pace.note(LATER) == (5.0, pytest.approx(60.0))


def test_the_rate_forgets_what_is_older_than_a_minute():
    clock = Clock()
    pace = Pace(clock)
    for second in range(200):
        clock.now = 100 + second
        fresh = 10 * min(second, 100)
        rate, _ = pace.note(Standing(**{name: getattr(START, name) for name in Standing.__slots__} | {"fresh": fresh}))
    assert rate is None


def test_nothing_is_said_of_time_left_while_nothing_is_read():
    clock = Clock()
    pace = Pace(clock)
    pace.note(START)
    clock.now += 10
    rate, left = pace.note(Standing(**{name: getattr(START, name) for name in Standing.__slots__} | {"fresh": 10}))
    assert (rate, left) == (1.0, None)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (89, "89 s"), (90, "2 min"), (3_600, "60 min"), (12_000, "3 h 20 min"), (187_200, "2 d 4 h")]
)
def test_times_are_said_as_people_say_them(seconds, said):
    assert span(seconds) == said


@given(st.floats(min_value=0, max_value=1e9))
def test_any_time_can_be_said(seconds):
    assert span(seconds)


def test_a_log_gets_lines_that_become_fewer():
    clock, out = Clock(), console()
    with Lines(out, clock) as lines:
        for _ in range(600):
            clock.now += 1
            lines.show(LATER)
        lines.say("a fault [at] x")
        lines.end({}, "the end")
    told = out.file.getvalue().splitlines()
    assert 10 < len(told) < 20
    assert told[0].startswith("extractor: 25%: 120 done")
    assert told[-2:] == ["extractor: a fault [at] x", "extractor: the end"]


def test_a_program_gets_json():
    clock, out = Clock(), console()
    with JsonLines(out, clock) as lines:
        lines.show(LATER)
        lines.show(LATER)
        lines.say("careful")
        lines.end({"done": 3}, "the end")
    told = [json.loads(line) for line in out.file.getvalue().splitlines()]
    assert [line["event"] for line in told] == ["progress", "said", "ended"]
    assert told[0]["usage"]["output_tokens"] == 1_700_000
    assert told[0]["share"] == 0.25
    assert told[2]["done"] == 3


def test_a_person_gets_a_bar():
    out = console(terminal=True)
    with Bar(out) as bar:
        bar.show(LATER)
        bar.say("careful")
        bar.end({}, "the end")
    assert "careful" in out.file.getvalue()
    assert "the end" in out.file.getvalue()


def test_the_display_fits_who_looks_on():
    assert isinstance(chosen(console(), as_json=True), JsonLines)
    assert isinstance(chosen(console(), as_json=False), Lines)
    assert isinstance(chosen(console(terminal=True), as_json=False), Bar)
