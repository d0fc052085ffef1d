import io
import re
from html.parser import HTMLParser

import pytest
from words import WEDNESDAY, answer

from extractor import Document, Extractor, MemoryCache, ScriptedProvider, settings
from extractor.sinks import html, table

HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> \u202e{{x}}${y} &amp; The army said it lost 470 troops.\n\n</article>'


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text, self.attributes, self._in = [], [], [], None

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "article":
            self._in = "article"

    def handle_endtag(self, tag):
        if tag == "article":
            self._in = None

    def handle_data(self, data):
        if self._in:
            self.text.append(data)


def page(text: str, *drafts: dict[str, object]) -> tuple[str, Document]:
    document = Document(text=text, published=WEDNESDAY)
    chosen = settings.load(model="openai/x")
    extractor = Extractor.from_settings(chosen, provider=ScriptedProvider(lambda _: answer(*drafts)), cache=MemoryCache())
    return html.page(document, extractor.extract_sync(document, source="<b>name</b>")), document


LOST = {"sentence": 1, "source": "The army", "outcome": "lost", "quantity": "470 troops", "type": "human_losses"}


def test_hostile_text_stays_text():
    found, _ = page(HOSTILE, LOST)
    reader = Reader()
    reader.feed(found)
    assert reader.tags.count("script") == 1
    assert "img" not in reader.tags
    assert "b" not in reader.tags[: reader.tags.index("article")]
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert "\u202e" not in found
    assert "U+202E" in found


def test_the_article_reads_as_it_was_and_slots_stand_at_their_characters():
    text = "The army said it lost 470 troops.\n\nNothing else happened, it said."
    found, document = page(text, LOST)
    reader = Reader()
    reader.feed(found)
    assert "".join(reader.text) == document.text
    assert re.search(r'<span class="slot many sentence" data-claims="0" title="claim 1, 470 troops">470 troops</span>', found)
    assert re.search(r'<span class="slot who sentence"[^>]*>The army</span>', found)


def test_the_page_needs_nothing_from_outside():
    found, _ = page("The army said it lost 470 troops.", LOST)
    assert not re.search(r"(?:src|href)=|url\(|@import|https?://", found)
    assert "default-src 'none'" in found


def test_no_claims_is_said():
    assert "No claims." in page("The army said nothing.")[0]


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m \x07 The army said it lost 470 troops.", "The\u202e army said it lost 470 troops."])
def test_an_article_cannot_steer_the_terminal(text):
    from rich.console import Console

    document = Document(text=text)
    provider = ScriptedProvider(lambda _: answer({**LOST, "source": None}))
    result = Extractor.from_settings(settings.load(model="openai/x"), provider=provider, cache=MemoryCache()).extract_sync(document)
    assert result.claims
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(table.render(result))
    shown = console.export_text()
    assert not any((ord(c) < 32 and c != "\n") or c == "\u202e" for c in shown)
    assert "470 troops" in table.headline(result.claims[0])
