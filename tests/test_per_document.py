import gc

from extractor import Document
from extractor.per_document import per_document


def test_it_is_computed_once_a_document():
    asked = []

    @per_document
    def length(document: Document) -> int:
        """Return how long it is."""
        asked.append(document.text)
        return len(document.text)

    one, other = Document(text="Nine ships sank."), Document(text="Two sank.")
    assert [length(one), length(one), length(other), length(one)] == [16, 16, 9, 16]
    assert asked == ["Nine ships sank.", "Two sank."]
    assert length.__doc__ == "Return how long it is."


def test_it_is_forgotten_with_the_document():
    asked = []

    @per_document
    def once(document: Document) -> None:
        asked.append(document.text)

    for _ in range(3):
        once(Document(text="Nine ships sank."))
        gc.collect()
    assert len(asked) == 3
