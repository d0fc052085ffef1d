"""The page's list of articles, and what they can be looked up by: kinds of results, named errors, fields, failures, slices.

Everything to look up by has a number, and a line of the list has the numbers of what is true of it, so no stranger's word is part of a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from extractor.evaluation.reports import words
from extractor.evaluation.reports.viewer import Line, Trait
from extractor.sinks.escaping import shown

_GROUPS: Final = {
    "result": "has a result that is",
    "error": "has the error",
    "field": "a field is not right",
    "answer": "answer",
    "slice": "slice",
}
_NOTHING: Final = "\u00b7"
"""What stands for a count of nothing in tables of many counts, so that the others stand out."""


class Lookup:
    """What the articles of a list can be looked up by.

    Args:
        lines: The list.
        names: What traits are called where their own words do not do.
    """

    def __init__(self, lines: Sequence[Line], names: Mapping[Trait, str]) -> None:
        self._lines = lines
        self._names = names
        self._numbers = {trait: number for number, trait in enumerate(sorted({trait for line in lines for trait in line.traits}))}

    def link(self, trait: Trait, text: str) -> str:
        """Return ``text`` as a link that lists the articles with a trait; plain where none has it."""
        number = self._numbers.get(trait)
        return shown(text) if number is None else f'<a href="#articles" data-find="{number}" title="list these articles">{shown(text)}</a>'

    def options(self) -> str:
        """Return the choices of the list, each with how many articles it leaves."""
        return "".join(self._options(group, title) for group, title in _GROUPS.items())

    def _options(self, group: str, title: str) -> str:
        options = "".join(
            f'<option value="{number}">{shown(self._names.get(trait, trait[1]), markup=False)} ({self._many(trait)})</option>'
            for trait, number in self._numbers.items()
            if trait[0] == group
        )
        return f'<optgroup label="{title}">{options}</optgroup>' if options else ""

    def _many(self, trait: Trait) -> int:
        return sum(trait in line.traits for line in self._lines)

    def rows(self) -> Iterator[str]:
        """Yield the lines of the list as rows of a table; ``data-by`` is what a column is sorted by."""
        for number, line in enumerate(self._lines):
            has = " ".join(str(found) for found in sorted(self._numbers[trait] for trait in line.traits))
            yield f'<tr data-article="{number}" data-has="{has}">{_cells(line)}</tr>'


def _cells(line: Line) -> str:
    status = f' <span class="status">{line.status}</span>' if line.status != "ok" else ""
    name = f'<a href="{escape(line.link)}">{shown(line.name)}</a>{status}'
    counts = (line.counts["matched"], line.strict, line.counts["missed"], line.counts["invented"], line.counts["duplicate"])
    return "".join(
        (
            f'<th scope="row" class="w" data-by="{shown(line.name, markup=False)}">{name}</th>',
            f'<td data-by="{-1 if line.score is None else line.score:.6f}">{words.percent(line.score)}</td>',
            *(f'<td data-by="{value:g}">{many(value)}</td>' for value in counts),
            f'<td data-by="{line.seconds:.3f}">{words.number(line.seconds)}</td>',
        )
    )


def many(value: float) -> str:
    """Return a count of a table of many counts."""
    return words.count(value) if value else _NOTHING
