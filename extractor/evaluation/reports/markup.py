"""Pieces of the page: tables, sections, figures. What goes in is HTML already, but for names of columns and titles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extractor.evaluation.reports.words import NONE
from extractor.sinks.escaping import shown


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Its head.
        words: Whether it holds words, which stand to the left, and no numbers.
        mark: Class of the coloured mark before its name; empty where it has none.
        meaning: What its name means, where that needs telling.
    """

    name: str
    words: bool = False
    mark: str = ""
    meaning: str = ""

    def head(self) -> str:
        """Return its head."""
        mark = f'<i class="{self.mark}"></i>' if self.mark else ""
        meaning = f' title="{shown(self.meaning, markup=False)}"' if self.meaning else ""
        return f'<th scope="col"{self.side()}{meaning}>{mark}{shown(self.name)}</th>'

    def side(self) -> str:
        """Return the attribute that puts its cells to the left."""
        return ' class="w"' if self.words else ""


def columns(*names: str, left: int = 1) -> list[Column]:
    """Return columns of these names, the first ``left`` of them words."""
    return [Column(name, words=index < left) for index, name in enumerate(names)]


def table(head: Sequence[Column], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose first column heads the rows."""
    body = "".join(f"<tr>{_row(head, row)}</tr>" for row in rows)
    return f"<table><thead><tr>{''.join(column.head() for column in head)}</tr></thead><tbody>{body}</tbody></table>"


def _row(head: Sequence[Column], cells: Sequence[str]) -> str:
    first, *rest = zip(head, cells, strict=True)
    return f'<th scope="row" class="w">{first[1]}</th>' + "".join(f"<td{column.side()}>{cell}</td>" for column, cell in rest)


def estimate(text: str) -> str:
    """Return a value and its interval, the interval set back."""
    value, _, ends = text.partition(" ")
    if value == NONE:
        return value
    return f'<b>{value}</b> <span class="ends">{ends}</span>' if ends else f"<b>{value}</b>"


def section(name: str, title: str, *parts: str, wide: bool = False) -> str:
    """Return a section with its parts side by side where there is room, or ``wide`` below each other; nothing where all are empty."""
    body = "".join(f"<div>{part}</div>" for part in parts if part)
    return f'<section id="{name}"><h2>{shown(title)}</h2><div class="{"wide" if wide else "parts"}">{body}</div></section>' if body else ""


def figure(svg: str, told: str) -> str:
    """Return a drawing with its caption."""
    return f"<figure>{svg}<figcaption>{shown(told)}</figcaption></figure>"


def block(name: str, content: Mapping[str, object]) -> str:
    """Return data for the page's script: ASCII alone, and no tag can begin in it."""
    told = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{told}</script>'
