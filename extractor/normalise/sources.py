"""The sources of a document: for each mention the full name and the kind, by all that the document says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.claims import SourceKind
from extractor.normalise import antecedents, names, source_kinds
from extractor.normalise.antecedents import Known


@dataclass(frozen=True, slots=True)
class Named:
    """What a mention of a source stands for.

    Attributes:
        canonical: The full name that the document uses for it; its own words where there is none.
        kind: What sort of source it is; None where the document does not tell.
    """

    canonical: str
    kind: SourceKind | None


def resolve(mentions: Sequence[tuple[int, str]], text: str) -> list[Named]:
    """Return what each mention of a source stands for.

    Args:
        mentions: Offset in code points and words of each, in the order of the text.
        text: The document.
    """
    known: list[Known] = []
    kinds: dict[str, SourceKind] = {}
    read: dict[tuple[str, str], tuple[SourceKind | None, antecedents.Sort]] = {}
    for start, words in mentions:
        name = _full(words, known, text, start)
        if (words, name) not in read:
            read[words, name] = source_kinds.kind_in_document(words, name, text), antecedents.sort_of(words, name, text)
        own, sort = read[words, name]
        kind = own or kinds.get(name)
        if kind is not None:
            kinds.setdefault(name, kind)
        known.append(Known(start, name, sort, kind))
    return [Named(one.name, one.kind or kinds.get(one.name)) for one in known]


def _full(words: str, known: Sequence[Known], text: str, at: int) -> str:
    if antecedents.is_pronoun(words):
        return antecedents.of_pronoun(words, known, text, at) or words
    return antecedents.of_description(words, known, text, at) or names.canonical(words, [one.name for one in known], text)
