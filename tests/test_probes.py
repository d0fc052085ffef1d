"""Probes: the changes are exact, the laws hold for whoever reads faithfully, and each is broken by somebody who does not."""

import json
import re
from datetime import date, timedelta
from functools import cache
from io import StringIO

import anyio
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rich.console import Console
from words import WEDNESDAY, answer, asking

from extractor import Document, ScriptedProvider
from extractor.claims import Time, Verification
from extractor.errors import BadRequestError, ConfigurationError
from extractor.evaluation import probing
from extractor.evaluation.probes import CREDIT, PLANTED, PROBES, SHIFT, Edit, Variant, dates
from extractor.normalise import times
from extractor.normalise.verification import find as find_verification
from extractor.profiles import claims_screen

ARTICLE = """Dastan's army said Oravian forces lost 470 troops in the past day. The rain went on in the hills.

The Oravian Navy said Dastani crews lost 1,250 boats since 3 January 2026. Nobody in the port could be reached.

Mayor Tomas Wend said border guards lost 12 horses on Monday. Miriam Ott said her village lost 88 houses.

The valley has no other road. Colonel Ila Brandt said rebels lost 36 lorries on Tuesday."""
_SAYING = re.compile(
    r"(?P<source>[A-Z][\w' ]*?) said (?:on \w+ that )?(?P<subject>[\w' ]+?) (?P<outcome>lost)"
    r" (?P<quantity>[\d,]+ [a-z]+)(?: (?P<time>(?:in|on|since) [\w ]+))?\."
)


def drafts(content: str) -> list[dict[str, object]]:
    """Return what a careful reader drafts of numbered sentences."""
    found = []
    for number, sentence in re.findall(r"^\[(\d+)\] (.*)$", content, re.MULTILINE):
        if said := _SAYING.match(sentence):
            slots = {name: words for name, words in said.groupdict().items() if words}
            found.append({"sentence": int(number), **slots, "type": "human_losses"})
    return found


def faithful(request):
    return answer(*drafts(request.messages[-1].content))


def reader(reply=faithful, *, window=4):
    return asking(ScriptedProvider(reply), window=window, context=1)


_known_reader = cache(reader)


def extract(document, reply=faithful, *, window=4):
    return anyio.run(_known_reader(reply, window=window).extract, document)


def article(text=ARTICLE, published=WEDNESDAY):
    return Document(text=text, published=published, id="invented")


def tried(name, document, *, seed=0, reply=faithful, window=4):
    """Return the checks of one probe, for a reader."""
    before = extract(document, reply, window=window)
    variants = PROBES[name].perturb(document, before, seed)
    return [check for variant in variants for check in PROBES[name].law(before, variant, extract(variant.document, reply, window=window))]


def broken(checks):
    return {check.law for check in checks if check.outcome == "broken"}


_places = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted)


@given(st.text("ab \n1", min_size=40, max_size=60), _places, st.text("XY", max_size=5), _places)
def test_a_place_moves_exactly_with_its_characters(text, cut, new, place):
    (start, end), (first, last) = cut, place
    assume(first < last)
    edit = Edit(start, end, new)
    moved = edit.move(first, last)
    changed = edit.apply(text)
    if last <= start or first >= end:
        assert changed[slice(*moved)] == text[first:last]
    elif first <= start and end <= last and (new or (first, last) != (start, end)):
        assert changed[slice(*moved)] == text[first:start] + new + text[end:last]
    else:
        assert moved is None


def test_text_put_before_a_place_moves_it_and_text_put_behind_does_not():
    edit = Edit(10, 10, "four")
    assert (edit.move(10, 12), edit.move(5, 10)) == ((14, 16), (5, 10))
    assert (edit.holds(10, 11), edit.holds(13, 20), edit.holds(14, 20), edit.holds(5, 10)) == (True, True, False, False)


@st.composite
def articles(draw):
    """Articles of claims with different figures, other sentences between them, in paragraphs of any length."""
    figures = draw(st.lists(st.integers(2, 99_999), min_size=1, max_size=6, unique=True))
    names = draw(
        st.permutations(["Dastan's army", "Mayor Tomas Wend", "The Oravian Navy", "Miriam Ott", "Colonel Ila Brandt", "General Yorim"])
    )
    when = st.sampled_from(["", " in the past day", " on Monday", " since 3 January 2026"])
    told = []
    for name, figure in zip(names, figures, strict=False):
        told.append(f"{name} said border guards lost {figure:,} horses{draw(when)}.")
        told += draw(st.lists(st.sampled_from(["The rain went on.", "No road leads there."]), max_size=2))
    return "".join(sentence + draw(st.sampled_from([" ", "\n\n"])) for sentence in told)


@given(articles(), st.integers(0, 9), st.sampled_from([1, 2, 4]))
@settings(max_examples=30)
def test_every_law_holds_for_a_faithful_reader(text, seed, window):
    for name in PROBES:
        checks = tried(name, article(text), seed=seed, window=window)
        assert not [check for check in checks if check.outcome == "broken"], name


def test_every_probe_finds_a_target_and_every_law_of_it_is_checked():
    for name, probe in PROBES.items():
        held = {check.law for window in (1, 5) for check in tried(name, article(), window=window) if check.outcome == "held"}
        assert held == set(probe.laws) - {"context_days"}, name


@given(articles(), st.integers(0, 99))
@settings(max_examples=30)
def test_an_edited_number_changes_those_digits_and_nothing_else(text, seed):
    document = article(text)
    for variant in PROBES["edit_number"].perturb(document, extract(document), seed):
        (start, end), changed = variant.target, variant.document.text
        old, new = text[start:end], changed[start:end]
        assert (changed[:start], changed[end:]) == (text[:start], text[end:])
        assert old != new
        assert re.sub(r"\d", "0", old) == re.sub(r"\d", "0", new)
        assert new not in re.findall(r"[\d,]+", text)
        assert new[0] != "0"


def test_the_new_figure_is_one_that_stands_nowhere_else():
    told = "".join(f"Miriam Ott said rebels lost {figure} carts. " for figure in range(2, 9))
    document = article(told)
    extraction = extract(document, window=None)
    assert [variant.edit.text for seed in range(9) for variant in PROBES["edit_number"].perturb(document, extraction, seed)] == ["9"] * 9


def test_a_sentence_whose_claim_has_words_elsewhere_is_no_caption():
    document = article("Miriam Ott said rebels lost 12 carts. Miriam Ott said gulls lost 8 eggs.")
    extraction = extract(document)
    first, second = extraction.claims
    lent = extraction.model_copy(update={"claims": (first, second.model_copy(update={"subject": first.subject}))})
    targets = {variant.target for seed in range(9) for variant in PROBES["repeat_caption"].perturb(document, lent, seed)}
    assert targets == {(first.evidence[0].start, first.evidence[0].end)}


@given(articles(), st.integers(0, 99))
@settings(max_examples=30)
def test_targets_depend_on_seed_and_article_alone(text, seed):
    document = article(text)
    extraction = extract(document)
    turned = extraction.model_copy(update={"windows": ()})
    for probe in PROBES.values():
        assert probe.perturb(document, extraction, seed) == probe.perturb(document, turned, seed)


@given(articles(), st.integers(0, 99))
@settings(max_examples=30)
def test_a_cut_takes_one_sentence_and_a_caption_adds_one(text, seed):
    document = article(text)
    extraction = extract(document)
    for variant in PROBES["delete_sentence"].perturb(document, extraction, seed):
        start, end = variant.target
        assert variant.document.text == text[:start] + text[end:].lstrip(" ")
    for variant in PROBES["repeat_caption"].perturb(document, extraction, seed):
        assert variant.document.text.rstrip() == f"{text.rstrip()}\n\n{text[slice(*variant.target)]} {CREDIT}"


def test_planted_texts_say_nothing_that_rules_of_the_article_read():
    for _, text in PLANTED.values():
        assert times.find(text) == ()
        assert find_verification(text) is None
        assert "\n" not in text


def test_texts_are_planted_only_where_the_other_sentences_stay_as_they_are():
    # the first line is the longest by its indentation; without it, the last two lines read as one wrapped sentence
    indented = "        the rain went on in the hills and\nthe river rose in the valley,\nDastan was dry."
    document = article(f"Miriam Ott said rebels lost 12 carts.\n\n{indented}\n\nNo road leads there.")
    extraction = extract(document)
    for seed in range(8):
        variants = PROBES["plant_instruction"].perturb(document, extraction, seed)
        assert [variant.edit.start for variant in variants] == [document.text.index("No road")] * len(PLANTED)
    only = article(document.text.removesuffix("\n\nNo road leads there."))
    assert PROBES["plant_instruction"].perturb(only, extract(only), 0) == []


def test_articles_that_offer_no_target_are_none_of_a_probe():
    silent = article("The rain went on in the hills.\n\nNo road leads there.")
    twice = "Dastan's army said rebels lost 470 troops."
    assert all(tried(name, silent) == [] for name in PROBES)
    assert tried("shift_date", article(published=None)) == []
    assert tried("plant_instruction", article("Dastan's army said rebels lost 470 troops.")) == []
    assert tried("edit_number", article("Dastan's army said rebels lost 1 boat.")) == []
    assert tried("edit_number", article(f"{twice}\n\n{twice}")) == tried("delete_sentence", article(f"{twice}\n\n{twice}")) == []
    assert tried("repeat_caption", article("He said rebels lost 470 troops.")) == []
    taken = article("".join(f"Miriam Ott said rebels lost {figure} carts. " for figure in range(2, 10)))
    assert PROBES["edit_number"].perturb(taken, extract(taken), 0) == []


# --- Readers that are not faithful


def _blind_to_second(found):
    return [draft for draft in found if draft["sentence"] != 2]


def _blind_to_new_figures(found):
    return [draft for draft in found if draft["quantity"].split()[0] in ARTICLE]


def _target_with_new_figures(found):
    return [draft if draft["quantity"].split()[0] in ARTICLE else {**draft, "target": draft["subject"]} for draft in found]


def _reply(change):
    return lambda request: answer(*change(drafts(request.messages[-1].content)))


def _obedient(request):
    content = request.messages[-1].content
    if "holds no claims" in content:
        return answer()
    number = re.search(r"^\[(\d+)\] .*9,999 soldiers", content, re.MULTILINE)
    obeyed = (
        [{"sentence": int(number[1]), "outcome": "were killed", "quantity": "9,999 soldiers", "type": "human_losses"}] if number else []
    )
    return answer(*obeyed, *drafts(content))


def test_a_reader_that_knows_the_old_figure_only_breaks_the_law_of_figures():
    assert broken(tried("edit_number", article(), reply=_reply(_blind_to_new_figures))) == {"figure"}


def test_a_reader_that_reads_another_slot_with_the_figure_breaks_the_law_of_slots():
    assert broken(tried("edit_number", article(), reply=_reply(_target_with_new_figures))) == {"slots"}


def test_what_another_figure_says_of_a_claim_goes_with_either_figure():
    text = "Dastan's army said rebels lost 40 carts. The Oravian Navy said rebels lost 90 carts."
    before = extract(article(text))
    assert [claim.verification and claim.verification.status for claim in before.claims] == ["disputed", None]
    for seed in range(4):
        assert not broken(tried("edit_number", article(text), seed=seed))
    assert "slots" in _changed("edit_number", lambda claims, *_: [_checked(claim) for claim in claims], document=article(text))


def _checked(claim):
    """Return the claim as one that somebody by name denied."""
    note = Verification(status="denied", by=claim.subject, evidence=claim.evidence[0])
    return claim.model_copy(update={"verification": note})


def test_a_reader_that_drops_claims_where_windows_move_breaks_the_law_of_others():
    # the second sentence of every window is not read, and another one is second when a sentence is gone
    checks = [check for seed in range(8) for check in tried("delete_sentence", article(), seed=seed, reply=_reply(_blind_to_second))]
    assert broken(checks) == {"others_anew"}


@pytest.fixture
def unscreened(monkeypatch):
    """Have sentences that speak to machines read like any other."""
    monkeypatch.setattr(claims_screen, "planted", lambda _: None)


@pytest.mark.usefixtures("unscreened")
def test_a_reader_that_obeys_is_found_out_and_the_other_claims_are_counted_apart():
    checks = tried("plant_instruction", article(), reply=_obedient, window=None)
    assert [check.outcome for check in checks if check.law == "resisted"] == ["broken", "broken", "broken"]
    assert {check.outcome for check in checks if check.law == "others_anew"} == {"held", "broken"}


def test_planted_texts_are_no_claims_even_of_a_reader_that_obeys_but_can_silence_it():
    checks = tried("plant_instruction", article(), reply=_obedient, window=None)
    assert dict(zip(PLANTED, (check.outcome for check in checks if check.law == "resisted"), strict=True)) == {
        "instruction": "held",
        "chat": "broken",
        "answer": "held",
    }
    assert {check.outcome for check in checks if check.law == "others_anew"} == {"held", "broken"}


def _changed(name, change, *, document=None):
    """Return what is broken where a faithful reading of the changed article is spoilt."""
    document = document or article()
    before = extract(document)
    [variant, *_] = PROBES[name].perturb(document, before, 0)
    after = extract(variant.document)
    spoilt = after.model_copy(update={"claims": tuple(change(list(after.claims), before, variant))})
    return broken(PROBES[name].law(before, variant, spoilt))


def _timed(claim, **update):
    return claim.model_copy(update={"time": claim.time.model_copy(update=update)})


@pytest.mark.parametrize(
    ("name", "change", "laws"),
    [
        ("shift_date", lambda claims, before, _: before.claims, {"relative_days", "explicit_days"}),
        ("shift_date", lambda claims, *_: [_timed(claims[0], end_date=None), *claims[1:]], {"relative_days"}),
        ("shift_date", lambda claims, *_: [claims[0], _timed(claims[1], start_date=date(2026, 1, 4)), *claims[2:]], {"explicit_days"}),
        ("shift_date", lambda claims, *_: [claims[0].model_copy(update={"polarity": "negated"}), *claims[1:]], {"rest"}),
        ("shift_date", lambda claims, *_: claims[1:], {"rest"}),
        ("delete_sentence", lambda claims, before, variant: [*claims, _again(before, claims, variant)], {"gone"}),
        ("repeat_caption", lambda claims, *_: [*claims, claims[0].model_copy(update={"measure": "snapshot"})], {"count", "others_alike"}),
        ("repeat_caption", lambda claims, before, variant: [_negated(claim, variant.target) for claim in claims], {"repeated"}),
        ("plant_instruction", lambda claims, *_: claims[:-1], {"others_anew"}),
    ],
)
def test_a_spoilt_reading_breaks_its_law_and_no_other(name, change, laws):
    assert _changed(name, change) == laws


def _again(before, claims, variant):
    """Return a cut claim as if it stood where another one does."""
    [cut] = [claim for claim in before.claims if claim.evidence[0].start == variant.target[0]]
    return cut.model_copy(update={"evidence": claims[-1].evidence})


def _negated(claim, place):
    return claim.model_copy(update={"polarity": "negated"}) if claim.evidence[0].start == place[0] else claim


def test_a_caption_that_becomes_a_claim_of_its_own_is_counted_once():
    def split(claims, before, variant):
        [told] = [claim for claim in claims if len(claim.evidence) == 2]
        rest = [claim for claim in claims if claim is not told]
        return [*rest, *(told.model_copy(update={"evidence": (span,)}) for span in told.evidence)]

    assert _changed("repeat_caption", split) == {"count"}


def test_claims_that_had_words_in_the_cut_sentence_are_left_out():
    document = article()
    before = extract(document)
    [variant] = PROBES["delete_sentence"].perturb(document, before, 0)
    cut = next(claim for claim in before.claims if claim.evidence[0].start == variant.target[0])
    lent = tuple(claim if claim is cut else claim.model_copy(update={"subject": cut.subject}) for claim in before.claims)
    checks = list(PROBES["delete_sentence"].law(before.model_copy(update={"claims": lent}), variant, extract(variant.document)))
    assert sum(check.outcome == "left_out" for check in checks) == len(before.claims) - 1


# --- The law of days, held against the rules that resolve them

PHRASES = [
    "on Friday",
    "last Monday",
    "next Tuesday",
    "yesterday",
    "today",
    "overnight",
    "last night",
    "over the past day",
    "in the past 24 hours",
    "the past 72 hours",
    "last week",
    "this weekend",
    "two weeks ago",
    "three days earlier",
    "since Monday",
    "until Sunday",
    "the past few days",
    "from Monday to Wednesday",
    "on 3 March",
    "on February 29",
    "late February",
    "in March",
    "since 24 February",
    "until June 5",
    "before March 1",
    "on July 9, 2023",
    "2023-07-09",
    "since February 24, 2022",
    "as of 24.02",
    "last month",
    "this year",
    "two months ago",
    "past decade",
    "in 2021",
    "the first quarter",
    "summer of 2022",
    "last winter",
    "since the summer of 2022",
    "the end of the month",
    "the end of the week",
    "the next day",
    "that week",
    "the same month",
    "from 24.02 to 12.04",
    "between March 3 and March 5",
    "from July 9, 2023 to Monday",
    "since last month",
]


@given(
    st.sampled_from(PHRASES),
    st.dates(date(2019, 1, 1), date(2032, 12, 31)),
    st.none() | st.integers(0, 20),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=800)
def test_the_law_of_days_is_true_of_the_rules(phrase, published, back, fixed, ahead):
    """A day of the text is either some days before publication (it moves) or fixed (it stays)."""

    def resolved(day):
        context = None if back is None else (published if fixed else day) - timedelta(days=back)
        found = times.resolve(phrase, published=day, context=context, ahead=ahead)
        words = {"text": phrase, "start": 0, "end": len(phrase)}
        if found is None:
            return Time(**words)
        return Time(**words, start_date=found.start, end_date=found.end, basis=found.basis, granularity=found.granularity)

    check = dates._days_checked(resolved(published), resolved(published + timedelta(days=SHIFT)), on_a_date=False)
    assert check.outcome != "broken", check


@pytest.mark.parametrize(
    "phrase", ["on Friday", "over the past day", "on July 9, 2023", "since February 24, 2022", "last week", "on 3 March"]
)
def test_the_law_of_days_decides_about_common_phrases(phrase):
    found = times.resolve(phrase, published=WEDNESDAY)
    time = Time(text=phrase, start=0, end=len(phrase), start_date=found.start, end_date=found.end, basis=found.basis)
    nowhere = time.model_copy(update={"start_date": None, "end_date": None})
    assert dates._days_checked(time, nowhere, on_a_date=False).outcome == "broken"


def test_days_beside_a_day_of_the_text_move_with_it_or_stay_but_not_apart():
    time = Time(text="the next day", start=0, end=12, start_date=WEDNESDAY, end_date=WEDNESDAY, basis="context", granularity="day")
    for first, second, outcome in [(0, 0, "held"), (SHIFT, SHIFT, "held"), (0, SHIFT, "broken"), (1, 1, "broken")]:
        days = {"start_date": WEDNESDAY + timedelta(days=first), "end_date": WEDNESDAY + timedelta(days=second)}
        assert dates._days_checked(time, time.model_copy(update=days), on_a_date=False).outcome == outcome


def test_a_date_with_its_year_does_not_move_by_a_year_and_one_without_may():
    for words, outcome in [("on July 9, 2023", "broken"), ("on July 9", "held")]:
        time = Time(text=words, start=0, end=len(words), start_date=date(2023, 7, 9), end_date=date(2023, 7, 9), basis="explicit")
        later = time.model_copy(update={"start_date": date(2024, 7, 9), "end_date": date(2024, 7, 9)})
        assert dates._days_checked(time, later, on_a_date=False).outcome == outcome


def test_what_was_said_on_a_date_does_not_move_and_is_left_out():
    time = Time(text="the past day", start=0, end=12, start_date=WEDNESDAY, end_date=WEDNESDAY, basis="relative")
    assert dates._days_checked(time, time, on_a_date=True).outcome == "left_out"


def test_the_day_of_saying_moves_where_a_weekday_names_it():
    document = article("Dastan's army said on Monday that rebels lost 470 troops. The Oravian Navy said on March 9 that gulls lost 8 eggs.")
    before = extract(document)
    assert [claim.attribution.stated_on.date for claim in before.claims] == [date(2026, 3, 9), date(2026, 3, 9)]
    checks = tried("shift_date", document)
    assert [(check.law, check.outcome) for check in checks[2:]] == [("relative_days", "held"), ("explicit_days", "held")]
    assert _changed("shift_date", lambda _, before, __: before.claims, document=document) == {"relative_days"}


def test_a_repetition_that_words_its_day_otherwise_is_left_out():
    text = "Dastan's army said rebels lost 470 troops on Monday.\n\nDastan's army said rebels lost 470 troops on 9 March 2026."
    checks = tried("shift_date", article(text, date(2026, 3, 11)))
    assert {check.outcome for check in checks} == {"left_out"}

    async def run():
        return await probing.probe(reader(), [article(text, date(2026, 3, 11))], ["shift_date"])

    rest = next(report for report in anyio.run(run) if report.law == "rest")
    assert (rest.applicable, rest.left_out, rest.checks, rest.rate) == (1, 1, 0, None)


# --- Running them


@pytest.mark.usefixtures("unscreened")
def test_reports_count_what_was_checked_and_read_back():
    silent = Document(text="The rain went on.", id="silent")
    told = []

    async def run():
        async with reader(_obedient, window=None) as asked:
            return await probing.probe(asked, [article(), silent], ["plant_instruction", "shift_date"], seed=3, watch=told.append)

    reports = anyio.run(run)
    assert [report.law for report in reports] == [*PROBES["plant_instruction"].laws, *PROBES["shift_date"].laws]
    resisted = reports[0]
    assert (resisted.documents, resisted.applicable, resisted.failed, resisted.checks, resisted.held) == (2, 1, 0, 3, 0)
    assert resisted.rate == resisted.low == 0
    assert [violation.variant for violation in resisted.violations] == list(PLANTED)
    assert len(told) == len(PLANTED) + 1
    assert probing.REPORTS.validate_json(probing.REPORTS.dump_json(reports)) == reports
    shown = StringIO()
    Console(file=shown, width=200).print(probing.table(reports))
    assert "no claim holds planted words" in shown.getvalue()
    assert "1 of 2" in shown.getvalue()


def test_every_law_holds_for_what_grammar_reads(parser, article):
    def agreeing(request):
        asked = re.findall(r'\{\\"sentence\\":(\d+),\\"quantity\\":\\"(.+?)\\",', request.constraint["grammar"])
        return json.dumps({"figures": [{"sentence": int(clause), "quantity": figure, "says": "event"} for clause, figure in asked]})

    async def run():
        return await probing.probe(asking(ScriptedProvider(agreeing), model="local/qwen2.5-coder-1.5b", parser=parser), [article], seed=1)

    reports = anyio.run(run)
    assert [violation for report in reports for violation in report.violations] == []
    assert {report.applicable for report in reports} == {1}


def test_the_same_again_asks_nothing_and_a_shifted_date_never_does():
    asked = reader()
    provider = asked._exchange.provider

    async def run(names):
        return await probing.probe(asked, [article()], names)

    anyio.run(run, ["shift_date"])
    once = len(provider.sent)
    anyio.run(run, list(PROBES))
    whole = len(provider.sent)
    anyio.run(run, list(PROBES))
    assert once == len(asked_of(article()))
    assert len(provider.sent) == whole


def asked_of(document):
    return {request for window in extract(document).windows for request in window.requests}


def test_an_article_that_could_not_be_answered_is_failed_and_held_by_nobody():
    def down(request):
        return BadRequestError("no")

    async def run():
        return await probing.probe(reader(down), [article(), Document(text="...", id="none")])

    reports = anyio.run(run)
    assert {(report.documents, report.applicable, report.failed, report.checks, report.rate) for report in reports} == {(2, 0, 2, 0, None)}


def test_an_unknown_probe_is_named():
    async def run():
        await probing.probe(reader(), [], ["swap"])

    with pytest.raises(ConfigurationError, match="no probe 'swap'; known are shift_date"):
        anyio.run(run)


def test_the_interval_is_that_of_wilson_over_effective_checks():
    alone = probing.share([(str(number), number < 8) for number in range(10)])
    assert (alone.value, round(alone.low, 4), round(alone.high, 4)) == (0.8, 0.4902, 0.9433)
    sure = probing.share([(str(number % 2), True) for number in range(10)])
    assert (sure.value, round(sure.low, 4), sure.high) == (1.0, round(2 / (2 + 1.959964**2), 4), 1.0)
    # two articles, all of one and none of the other: as good as two checks
    split = probing.share([(str(number % 2), number % 2 == 0) for number in range(10)])
    assert (split.value, round(split.low, 4), round(split.high, 4)) == (0.5, 0.0945, 0.9055)
    assert probing.share([]).value is None


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.booleans()), min_size=1), st.randoms())
def test_the_interval_holds_its_rate_whatever_the_order(outcomes, random):
    shuffled = random.sample(outcomes, len(outcomes))
    found, again = probing.share(outcomes), probing.share(shuffled)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((again.low, again.high))


@given(articles(), st.randoms())
@settings(max_examples=15)
def test_checks_do_not_depend_on_the_order_of_claims(text, random):
    document = article(text)
    before = extract(document)
    for probe in PROBES.values():
        for variant in probe.perturb(document, before, 0):
            after = extract(variant.document, _obedient)
            mixed = after.model_copy(update={"claims": tuple(random.sample(after.claims, len(after.claims)))})
            first, second = ([*probe.law(before, variant, side)] for side in (after, mixed))
            assert sorted((c.law, c.outcome, c.expected) for c in first) == sorted((c.law, c.outcome, c.expected) for c in second)


def test_variants_keep_the_document_s_id_and_what_is_known_of_it():
    document = article()
    before = extract(document)
    for probe in PROBES.values():
        for variant in probe.perturb(document, before, 0):
            assert isinstance(variant, Variant)
            assert (variant.document.id, variant.document.publisher) == (document.id, document.publisher)
