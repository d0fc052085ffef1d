import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.documents import Document
from extractor.segmentation import sentences, windows


def split(text: str, **fields: object) -> list[str]:
    document = Document.model_validate({"text": text, **fields})
    return [text[s.start : s.end] for s in sentences(document)]


CASES = [
    ("He lives in the U.S. The army left.", ["He lives in the U.S.", "The army left."]),
    ("The U.S. Army left. It won.", ["The U.S. Army left.", "It won."]),
    ("Lt. Col. John Smith and Gen. Lee met. They left.", ["Lt. Col. John Smith and Gen. Lee met.", "They left."]),
    ("It began at 5 p.m. on Friday. It ended.", ["It began at 5 p.m. on Friday.", "It ended."]),
    ("They left at 5 p.m. The army stayed.", ["They left at 5 p.m.", "The army stayed."]),
    ("It weighed 3.5 tons. No. 5 was hit.", ["It weighed 3.5 tons.", "No. 5 was hit."]),
    ('"We won," he said. "It is over."', ['"We won," he said.', '"It is over."']),
    ("They waited... and left. Then it rained.", ["They waited... and left.", "Then it rained."]),
    ("The Washington D.C.-based Institute said no.", ["The Washington D.C.-based Institute said no."]),
    ("Big headline\nThe army advanced on Tuesday, officials said.", ["Big headline", "The army advanced on Tuesday, officials said."]),
    ("- one item\n- another item", ["- one item", "- another item"]),
    ("1. first\n2. second", ["1. first", "2. second"]),
    ("Caption text here. Roman Chop/Getty Images\n\nNext paragraph.", ["Caption text here.", "Roman Chop/Getty Images", "Next paragraph."]),
    (
        "This line is wrapped by hand at a width of\nforty and so is this one, which goes on to\nthe end. Short.",
        ["This line is wrapped by hand at a width of\nforty and so is this one, which goes on to\nthe end.", "Short."],
    ),
    ("\ufeffFirst. Second.", ["First.", "Second."]),
    ("J. R. Tolk wrote it. He died.", ["J. R. Tolk wrote it.", "He died."]),
    ("***\n\n!!!", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_sentences_survive_what_news_writes(text, expected):
    assert split(text) == expected


def test_a_header_is_no_sentence_but_counts_in_offsets():
    text = "date 2023-07-19 Kyiv spoke. Moscow too."
    document = Document(text=text, body_start=16)
    assert [(s.start, s.end) for s in sentences(document)] == [(16, 27), (28, 39)]


def test_paragraphs_are_numbered():
    document = Document(text="One. Two.\n\nThree.")
    assert [s.paragraph for s in sentences(document)] == [0, 0, 1]


def test_a_sentence_too_long_for_any_model_is_cut_at_a_space():
    pieces = split("word " * 1000 + "end.")
    assert all(len(piece) <= 800 for piece in pieces)
    assert " ".join(pieces).split() == ["word"] * 1000 + ["end."]


@given(st.text(alphabet=st.sampled_from("aB é.!?\"'“”\n,-5—😀\u200b\u0301"), max_size=200))
def test_sentences_are_in_order_trimmed_and_lose_no_word(text):
    document = Document(text=text or "x")
    found = sentences(document)
    at = 0
    for sentence in found:
        assert at <= sentence.start < sentence.end <= len(document.text)
        quote = document.text[sentence.start : sentence.end]
        assert quote == quote.strip()
        at = sentence.end
    kept = "".join(c for s in found for c in document.text[s.start : s.end] if c.isalnum())
    assert kept == "".join(c for c in document.text if c.isalnum())


@given(size=st.integers(1, 7), context=st.integers(0, 3), count=st.integers(0, 20))
def test_windows_cover_every_sentence_once(size, context, count):
    document = Document(text=" ".join(f"Sentence number {i} is here." for i in range(count)) or "x")
    split = sentences(document)
    found = windows(document, split, size=size, context=context)
    assert [s for w in found for s in w.sentences] == list(split)
    for window in found:
        first = window.sentences[0].index
        assert [s.index for s in window.context] == list(range(max(0, first - context), first))


def test_a_run_of_spaces_is_no_piece():
    assert split("word" + " " * 2000 + "end.") == ["word", "end."]
    assert [len(piece) for piece in split("x" * 2000)] == [800, 800, 400]


def test_a_long_quotation_is_cut_at_its_own_sentences():
    said = "We saw the tanks come over the hill in the morning. "
    pieces = split(f'"{said * 40}" he said.')
    assert all(piece.endswith(".") for piece in pieces)
    assert len(pieces) > 2


def test_a_window_is_bounded_in_characters_too():
    document = Document(text="One two. " * 3 + "X" + "x" * 50 + ". " + "Three four. " * 2)
    split = sentences(document)
    found = windows(document, split, size=4, longest=30)
    assert [s for w in found for s in w.sentences] == list(split)
    assert [len(w.sentences) for w in found] == [3, 1, 2]
    assert all(w.end - w.start <= 30 for w in found if len(w.sentences) > 1)
