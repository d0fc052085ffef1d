import pytest
from pydantic import ValidationError

from extractor.documents import Document, Span


def test_same_text_and_metadata_make_the_same_id():
    assert Document(text="a", title="t").id == Document(text="a", title="t").id
    assert Document(text="a", title="t").id != Document(text="a", title="u").id
    assert Document(text="a", id="mine").id == "mine"


def test_an_id_survives_the_json_round_trip():
    document = Document(text="Kyiv said no.", published="2023-07-19")
    assert Document.model_validate_json(document.model_dump_json()) == document


def test_a_lone_surrogate_is_refused_with_its_place():
    with pytest.raises(ValidationError, match=r"U\+D800 at offset 3"):
        Document(text="abc\ud800")


def test_a_span_must_be_as_long_as_its_text():
    assert Span(text="😀", start=4, end=5).end == 5
    with pytest.raises(ValidationError, match="cannot hold"):
        Span(text="ab", start=0, end=3)


def test_a_quote_is_the_characters_between():
    assert Document(text="a😀b").quote(1, 3) == "😀b"
