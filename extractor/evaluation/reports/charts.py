"""The run's charts as static SVG, drawn by Altair and vl-convert: no script, no network, colours from the page's own variables.

Colours are CSS variables with a fallback that reads on white and on black, text has the colour of the text around it, and the background is clear, so
one drawing serves a light page, a dark one, and paper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from extractor.errors import MissingExtraError
from extractor.evaluation.reports import words
from extractor.evaluation.reports.outcomes import FieldOutcomes
from extractor.evaluation.summary import Estimate, Report, Slice
from extractor.sinks.escaping import visible

COLOURS: Final[dict[str, str]] = {
    "right": "var(--right, #3a9678)",
    "wrong": "var(--wrong, #d0583f)",
    "omitted": "var(--omitted, #d69a2d)",
    "invented": "var(--invented, #8f6bc4)",
    "missed": "var(--missed, #e3c07f)",
    "spurious": "var(--spurious, #bda8dc)",
    "empty": "var(--empty, #b9c0c8)",
}
"""Of each outcome; what is alike with and without a match has one hue. Chosen to differ in lightness too, for eyes that see few hues."""

_POINT: Final = "var(--answer, #3f7fc1)"
_FLOOR: Final = "var(--wrong, #d0583f)"
_SOFT: Final = "var(--soft, #808a96)"
_LINE: Final = "var(--line, #8884)"
_ROW: Final = 18
"""Height of a row, in pixels."""
_CONFIG: Final[dict[str, Any]] = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "aria": False,
    "padding": {"left": 36, "right": 12, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelColor": "currentColor", "titleColor": _SOFT, "titleFontWeight": "normal", "labelFontSize": 11, "titleFontSize": 11,
        "gridColor": _LINE, "domain": False, "tickColor": _LINE, "labelLimit": 260, "ticks": False, "labelPadding": 6,
    },
    "legend": {"labelColor": "currentColor", "labelFontSize": 11, "orient": "top", "title": None, "symbolType": "square", "columnPadding": 14},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One article of the distribution.

    Attributes:
        name: The article.
        link: Where a click goes, a fragment of the page.
        value: Its headline, over all repetitions.
        low: The lowest of its repetitions.
        high: The highest.
    """

    name: str
    link: str
    value: float
    low: float
    high: float


def headline(report: Report) -> str:
    """Return the headline metrics: a dot and its interval, a tick at the floor."""
    found = [one for one in report.headline if one.value is not None and not words.has_unit(one.label)]
    rows = [{"label": visible(one.label), **_numbers(one), "floor": _times_100(one.floor)} for one in found]
    alt = _altair()
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("label:N", sort=[row["label"] for row in rows], title=None))
    floor = base.transform_filter("datum.floor != null").mark_tick(thickness=2, size=14, color=_FLOOR).encode(x=_x(alt, "floor"))
    told = [f"{one.label} {words.estimate(one)}, floor {words.percent(one.floor)}" for one in found]
    return _svg(alt.layer(*_dots(alt, base), floor), rows=len(rows), title="Headline metrics with 95 % intervals", told=told)


def fields(found: Sequence[FieldOutcomes]) -> str:
    """Return what became of each field, as stacked bars."""
    order = [name for name in words.OUTCOMES if name != "empty"] + ["empty"]
    rows = [
        {"label": visible(one.label), "outcome": name, "order": order.index(name), "count": round(one.counts[name], 3)}
        for one in found
        for name in order
        if one.counts[name]
    ]
    alt = _altair()
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height={"band": 0.72})
        .encode(
            y=alt.Y("label:N", sort=[visible(one.label) for one in found], title=None),
            x=alt.X("count:Q", title="results", stack="zero"),
            order=alt.Order("order:Q"),
            color=alt.Color("outcome:N", scale=alt.Scale(domain=order, range=[COLOURS[name] for name in order])),
        )
    )
    told = [f"{one.label}: " + ", ".join(f"{words.count(many)} {name}" for name, many in one.counts.items() if many) for one in found]
    return _svg(chart, rows=len(found), title="What became of each field", told=told, width=620)


def slices(found: Sequence[Slice], report: Report) -> str:
    """Return the slices: a dot each, with its interval where it has enough clusters."""
    rows: list[dict[str, Any]] = []
    for one in found:
        if not rows or rows[-1]["by"] != one.by:
            rows.append({"row": len(rows), "by": one.by, "text": visible(one.by), "head": True, **_numbers(None)})
        text = visible(f"{one.value}  ({one.articles})")
        rows.append({"row": len(rows), "by": one.by, "text": text, "head": False, **_numbers(one.estimate)})
    alt = _altair()
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("row:O", axis=None))
    labels = [
        base.transform_filter(f"datum.head == {str(head).lower()}")
        .mark_text(align="right", baseline="middle", fontSize=11, fontWeight=weight, color="currentColor", limit=300)
        .encode(x=alt.value(-10), text="text:N")
        for head, weight in ((True, 600), (False, "normal"))
    ]
    told = [f"{one.by} {one.value} {words.estimate(one.estimate)} of {one.articles} articles" for one in found]
    marks = [*_dots(alt, base), *labels]
    return _svg(alt.layer(*marks), rows=len(rows), title=f"Slices of {report.estimates[0].label}", told=told)


def articles(points: Sequence[Point], report: Report) -> str:
    """Return the headline of each article, the lowest first, with the spread of its repetitions; the headline of all as a line."""
    ordered = sorted(points, key=lambda point: (point.value, point.name))
    rows = [
        {"rank": rank, "link": point.link, "value": 100 * point.value, "low": 100 * point.low, "high": 100 * point.high}
        for rank, point in enumerate(ordered)
    ]
    alt = _altair()
    size = max(12, min(60, 4000 // max(1, len(rows))))
    base = alt.Chart(alt.Data(values=rows)).encode(x=alt.X("rank:O", axis=None, scale=alt.Scale(padding=0.6)))
    scale, axis = alt.Scale(domain=[0, 100]), alt.Axis(tickCount=5)
    first = report.estimates[0]
    overall = alt.Chart(alt.Data(values=[{"value": _times_100(first.value)}])).mark_rule(color=_FLOOR, strokeDash=[4, 3])
    marks = [
        overall.encode(y=alt.Y("value:Q", scale=scale, axis=axis, title=f"{visible(first.label)}, %")),
        base.mark_rule(color=_SOFT, strokeWidth=2).encode(y=alt.Y("low:Q", scale=scale, title=None), y2="high:Q"),
        base.mark_point(filled=True, opacity=1, size=size, color=_POINT).encode(y=alt.Y("value:Q", scale=scale), href="link:N"),
    ]
    told = [f"{len(rows)} articles", *(f"lowest {point.name} {words.percent(point.value)}" for point in ordered[:3])]
    told += [f"highest {point.name} {words.percent(point.value)}" for point in ordered[-3:]]
    return _svg(alt.layer(*marks), rows=None, title=f"{first.label} of each article", told=told, width=1240, height=180)


def _dots(alt: Any, base: Any) -> list[Any]:
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, 100]), title="%", axis=alt.Axis(tickCount=5))
    return [
        base.transform_filter("datum.low != null").mark_rule(strokeWidth=2.5, opacity=0.55, color=_POINT).encode(x=x, x2="high:Q"),
        base.transform_filter("datum.value != null").mark_point(filled=True, opacity=1, size=55, color=_POINT).encode(x=_x(alt, "value")),
    ]


def _x(alt: Any, name: str) -> Any:
    return alt.X(f"{name}:Q", scale=alt.Scale(domain=[0, 100]), title="%")


def _numbers(found: Estimate | None) -> Mapping[str, float | None]:
    if found is None or found.value is None:
        return {"value": None, "low": None, "high": None}
    ends = (found.low, found.high) if found.low != found.high else (None, None)
    return {"value": _times_100(found.value), "low": _times_100(ends[0]), "high": _times_100(ends[1])}


def _times_100(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 3)


def _svg(chart: Any, *, rows: int | None, title: str, told: Sequence[str], width: int = 380, height: int | None = None) -> str:
    """Return a chart as an element of a page, with its title and the same numbers in words."""
    try:
        import vl_convert
    except ImportError as error:
        raise MissingExtraError(_MISSING) from error
    spec = chart.properties(width=width, height=height if rows is None else max(1, rows) * _ROW).configure(**_CONFIG).to_dict()
    drawn: str = vl_convert.vegalite_to_svg(spec)
    body = _LINK.sub('href="#', drawn[drawn.index(">") + 1 :])
    [size] = _SIZE.findall(drawn)
    says = f"<title>{escape(visible(title))}</title><desc>{escape(visible('; '.join(told)))}</desc>"
    return f'<svg role="img" class="chart" {size}>{says}{body}'


_SIZE: Final = re.compile(r'<svg[^>]*?(width="[\d.]+" height="[\d.]+" viewBox="[^"]+")')
_LINK: Final = re.compile(r'xlink:href="[^"#]*#')
"""Vega makes addresses of a fragment absolute, to a host of its own."""
_MISSING: Final = "charts need altair and vl-convert, which are not installed; run: pip install 'claim-extractor[eval]'"


def _altair() -> Any:
    try:
        import altair as alt
    except ImportError as error:
        raise MissingExtraError(_MISSING) from error
    return alt
