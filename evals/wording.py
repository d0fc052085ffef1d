"""Where an annotator's words stand: in the sentences of the evidence, or where a mark behind them says.

``words @2`` is their second occurrence in those sentences, ``words @s5`` the first in sentence 5, ``words @s5.2`` the second there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from extractor.documents import Document, Mention, Sentence, Span
from extractor.errors import GoldError

_MARK: Final = re.compile(r"\s@(?:s(?P<sentence>\d+)(?:\.(?P<there>\d+))?|(?P<occurrence>\d+))$")


class Wording:
    """The words of one article by sentence number.

    Args:
        document: The article.
        split: Its sentences.
    """

    def __init__(self, document: Document, split: Sequence[Sentence]) -> None:
        self._document = document
        self._split = split

    def sentence(self, number: int) -> Span:
        """Return the sentence of a number, from 1.

        Raises:
            GoldError: There is none.
        """
        if not 1 <= number <= len(self._split):
            msg = f"there is no sentence {number}; the article has {len(self._split)}"
            raise GoldError(msg)
        found = self._split[number - 1]
        return Span(text=self._document.text[found.start : found.end], start=found.start, end=found.end)

    def mention(self, words: str, evidence: Sequence[int]) -> Mention:
        """Return the place of ``words``.

        Args:
            words: Words copied from the article, with or without a mark.
            evidence: Numbers of the sentences they are sought in.

        Raises:
            GoldError: They do not stand there, or several times and no mark says which.
        """
        mark = _MARK.search(words)
        bare = words[: mark.start()] if mark else words
        where = [int(mark["sentence"])] if mark and mark["sentence"] else list(evidence)
        wanted = int(mark["there"] or mark["occurrence"] or 1) if mark else None
        found = [place for number in where for place in self._places(bare, self.sentence(number))]
        if not found:
            msg = f"{bare!r} does not stand in sentence {', '.join(map(str, where))}; copy it exactly, or add @s and its sentence's number"
            raise GoldError(msg)
        first = [place for place in found if self.sentence(where[0]).start <= place < self.sentence(where[0]).end]
        if wanted is None and len(first) > 1:
            msg = f"{bare!r} stands {len(first)} times in sentence {where[0]}; add @1, @2 ... behind it"
            raise GoldError(msg)
        if wanted is not None and wanted > len(found):
            msg = f"{bare!r} stands only {len(found)} times in sentence {', '.join(map(str, where))}"
            raise GoldError(msg)
        start = found[(wanted or 1) - 1]
        return Mention(text=bare, start=start, end=start + len(bare))

    def _places(self, words: str, sentence: Span) -> Iterator[int]:
        """Yield where ``words`` stand in a sentence as whole words."""
        for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)" if words[-1:].isalnum() else re.escape(words), sentence.text):
            yield sentence.start + match.start()
