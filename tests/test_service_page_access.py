"""The page for everybody: axe-core's rules over all that a person meets, and the keyboard, a screen reader, zoom and forced colours."""

import itertools
import json
from importlib.resources import files

import pytest
import test_service_page as whole
from test_service_page import CONTRAST, DISPATCH, DROP, HELD, done, extract

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = """(async () => {
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
  const options = { preload: false, resultTypes: ["violations", "incomplete"], rules: { "target-size": { enabled: true } } };
  const { violations, incomplete } = await axe.run(document, options);
  const unclear = incomplete.filter(({ id }) => id !== "color-contrast");
  return [...violations, ...unclear].flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target}: ${html.slice(0, 120)}`));
})()"""
"""Finds what axe-core faults and what it leaves to people; contrast it cannot settle is measured in test_service_page.py."""
REFUSED = "---\npublished: soon\n---\nThe army lost 4 tanks."
LACKING = "The army said it lost 4 tanks.\n\nAbout 400 people were moved to the school of Refuseville.\n\n70 people were moved to Inventia."
SHORT = "\n\n".join(DISPATCH.split("\n\n")[place] for place in (0, 1, 3))
"""A part of the dispatch: three claims and a note on verification, for axe-core takes its time over each."""
NUMBERS = itertools.count(500)
"""For articles that nobody has asked about yet."""

pytestmark = whole.pytestmark
browser, newsroom, address, visit, page = whole.browser, whole.newsroom, whole.address, whole.visit, whole.page


class Axe:
    """axe-core in a world of its own: it sees the page's document, while the page's policy does not bind it and their names never meet."""

    def __init__(self, page):
        self._session = page.context.new_cdp_session(page)
        frame = self._session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._world = self._session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
        self._evaluate(f"{AXE};null")

    def faults(self):
        return self._evaluate(RUN)

    def _evaluate(self, expression):
        asked = {"expression": expression, "contextId": self._world, "awaitPromise": True, "returnByValue": True}
        answer = self._session.send("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer
        return answer["result"]["value"]


def states(page, newsroom):
    """Lead the page through what a person meets, and yield the name of each state while it lasts."""
    page.wait_for_selector("#examples button")
    yield "empty"
    page.get_by_role("button", name="Extract claims").click()
    yield "asked for nothing"
    newsroom.let.clear()
    page.get_by_role("textbox", name="Article").fill(HELD.replace("400", str(next(NUMBERS))))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#cards > li >> nth=1")
    yield "claims arrive"
    newsroom.let.set()
    done(page)
    page.get_by_role("button", name="New article").click()
    extract(page, SHORT)
    yield "cards"
    page.get_by_text("nearly 48,200 ", exact=True).hover()
    yield "a slot under the pointer"
    page.locator("#article").focus()
    page.keyboard.press("ArrowRight")
    yield "a slot with the focus"
    if (toggle := page.locator("#filter-toggle")).is_visible():
        toggle.click()
    page.get_by_label("Contains").fill("vehicles")
    yield "filters in use"
    page.get_by_role("button", name="Table").click()
    yield "table"
    page.get_by_role("button", name="Edit the article").click()
    extract(page, REFUSED)
    yield "an article refused"
    page.get_by_role("button", name="Edit the article").click()
    extract(page, LACKING)
    page.get_by_role("button", name="Cards").click()
    page.locator("#notes summary").click()
    yield "a part refused, a draft thrown out"
    page.route("**/v1/extract", lambda route: route.fulfill(status=401, content_type="application/problem+json", body=json.dumps({})))
    page.get_by_role("button", name="CSV").click()
    page.get_by_role("dialog").wait_for()
    yield "a key asked for"
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Edit the article").click()
    page.evaluate(DROP.replace(', "drop"', ""), {"bytes": [65], "name": "a.txt"})
    yield "a file held over the page"


@pytest.mark.parametrize(("width", "calm"), [(1280, "light"), (375, "dark")])
def test_axe_finds_nothing(visit, address, newsroom, width, calm):
    page = visit(address, viewport={"width": width, "height": 800}, reduced_motion="no-preference")
    axe = Axe(page)
    found = {}
    for state in states(page, newsroom):
        for scheme, motion in (("light", "no-preference"), ("dark", "no-preference"), (calm, "reduce")):
            page.emulate_media(color_scheme=scheme, reduced_motion=motion)
            found[state, scheme, motion] = axe.faults()
        page.emulate_media(reduced_motion="no-preference")
    assert {where: faults for where, faults in found.items() if faults} == {}
    assert len(found) == 12 * 3


def test_axe_would_find_something(page):
    axe = Axe(page)
    page.evaluate("document.querySelector('label[for=published]').remove()")
    page.locator("#text-hint").evaluate("(hint) => hint.style.setProperty('color', '#bbb')")
    faults = " ".join(axe.faults())
    assert "label: #published" in faults
    assert "color-contrast: #text-hint" in faults
    assert page.evaluate("'axe' in window") is False


FOCUS = """() => {
  const e = document.activeElement;
  const shown = e.matches("input[type=file]") ? e.parentElement : e;
  const box = shown.getClientRects()[0];
  const [x, y] = [box.left + box.width / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
  const inSight = shown.contains(document.elementFromPoint(x, y));
  return { name: e.id || e.dataset.claim || e.textContent, ringed: getComputedStyle(shown).outlineStyle !== "none", inSight };
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1100, 500), (320, 225)])
def test_whatever_has_the_focus_is_ringed_and_in_sight(visit, address, width, height):
    page = visit(address, viewport={"width": width, "height": height})
    extract(page, DISPATCH)
    reached = set()
    for key in itertools.chain(itertools.repeat("Tab", 28), ["Escape"], itertools.repeat("Shift+Tab", 14)):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            continue
        found = page.evaluate(FOCUS)
        assert found["ringed"], found
        assert found["inSight"], found
        reached.add(found["name"])
    assert {"theme", "edit", "as-table", "article", "note A"} <= reached


def test_a_highlight_with_the_focus_is_not_under_its_hint(visit, address):
    page = visit(address, viewport={"width": 320, "height": 256})
    extract(page, DISPATCH)
    page.locator("#article").focus()
    covered = """() => {
      const [words, hint] = [document.activeElement.getClientRects()[0], document.getElementById("tip").getBoundingClientRect()];
      return words.bottom > hint.top && words.top < hint.bottom;
    }"""
    for _ in range(page.locator("#article mark").count()):
        page.keyboard.press("ArrowRight")
        page.get_by_role("tooltip").wait_for()
        assert page.evaluate(covered) is False, page.evaluate("document.activeElement.textContent")


def test_arrows_stop_at_words_alone(page):
    extract(page, DISPATCH)
    marks = page.locator("#article mark[data-kind]").all_text_contents()
    words = [each for each in marks if any(map(str.isalnum, each))]
    assert len(words) < len(marks)
    page.locator("#article").focus()
    stops = []
    for _ in words:
        page.keyboard.press("ArrowRight")
        stops.append(page.evaluate("document.activeElement.textContent"))
    assert stops == words


def test_the_focus_outlives_what_had_it(visit, address):
    page = visit(address, viewport={"width": 375, "height": 800})
    focus = "document.activeElement.id"
    page.get_by_role("button", name="Extract claims").click()
    page.get_by_role("button", name="Dismiss").click()
    assert page.evaluate(focus) == "text"
    extract(page, REFUSED)
    assert page.evaluate(focus) == "reading-title"
    page.get_by_role("button", name="Dismiss").click()
    assert page.evaluate(focus) == "reading-title"
    page.get_by_role("button", name="Edit the article").click()
    page.get_by_role("button", name="Back to the claims").click()
    assert page.evaluate(focus) == "reading-title"
    page.get_by_role("button", name="Edit the article").click()
    extract(page, DISPATCH)
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Contains").fill("halm")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Show all").click()
    assert page.evaluate(focus) == "filter-toggle"


def test_a_screen_reader_hears_who_says_what(page):
    extract(page, DISPATCH)
    claims = page.get_by_role("list", name="Claims")
    said = "1 Ostrava's military military said on Wednesday (2026-03-11) human losses Velorian forces lost 310 soldiers"
    first = claims.get_by_role("listitem", name=said)
    assert first.count() == 1
    assert claims.get_by_role("heading", name="We did not give up a single village negated").count() == 1
    assert "definition: 310 soldiers counted over a period" in first.aria_snapshot().replace("  ", " ")
    note = page.get_by_role("region", name="Verification notes").get_by_role("listitem", name="A denied")
    assert note.get_by_role("button", name="claim 2").count() == 1
    page.get_by_role("button", name="Table").click()
    assert page.get_by_role("columnheader", name="No.", exact=True).get_attribute("aria-sort") == "ascending"


def test_what_changes_is_told_and_what_was_told_does_not_stay(page):
    told = whole.sync_api.expect(page.locator("#live"))
    extract(page, DISPATCH)
    told.to_have_text("Done: 11 claims found.")
    assert page.title() == "11 claims found \u00b7 Both sides claim heavy losses on the Tarn river"
    page.get_by_label("Type").select_option("forecast")
    told.to_have_text("2 of 11 claims")
    page.get_by_role("button", name="Show all").click()
    told.to_have_text("11 claims")
    page.get_by_role("button", name="Table").click()
    page.get_by_role("button", name="No.").click()
    told.to_have_text("Claims sorted by number, descending")
    page.get_by_role("button", name="Edit the article").click()
    told.to_have_text("")
    assert page.title() == "Claims"
    page.get_by_role("button", name="Back to the claims").click()
    assert page.title().startswith("11 claims found")
    page.get_by_role("button", name="Edit the article").click()
    extract(page, REFUSED)
    told.to_have_text("")
    assert page.title().startswith("Not finished")


def test_a_refused_article_is_edited_not_tried_again(page):
    extract(page, DISPATCH)
    page.get_by_role("button", name="Table").click()
    page.get_by_role("button", name="Edit the article").click()
    extract(page, REFUSED)
    alert = page.get_by_role("alert")
    assert alert.get_by_role("paragraph").text_content() == "The publication date of the text is 'soon'; write it as YYYY-MM-DD."
    assert alert.get_by_role("button").all_text_contents() == ["Dismiss"]
    assert page.get_by_role("table").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_everything_readable(visit, address, scheme):
    page = visit(address, forced_colors="active", color_scheme=scheme)
    extract(page, DISPATCH)
    assert page.evaluate(CONTRAST) == []
    page.locator("#article").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(CONTRAST) == []
    style = "(e) => getComputedStyle(e).backgroundColor"
    assert page.locator("#as-cards").evaluate(style) != page.locator("#as-table").evaluate(style)
    lit, plain = page.locator("#article mark.on").last, page.locator("#article mark:not(.on)").first
    assert lit.evaluate(style) != plain.evaluate(style)
