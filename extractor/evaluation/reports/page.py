"""A run as one self-contained page: what it comes to, with intervals; where it goes wrong; and every article with gold and answers side by side.

Nothing in an article can act: its text is escaped or laid out by the page's script as text, invisible and direction characters are shown by their
code, and the page's policy allows no style or script but its own, by digest, and no connection at all. The tables need no script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Final

from extractor.evaluation.reports import charts, markup, viewer, words
from extractor.evaluation.reports.listing import Lookup, many
from extractor.evaluation.reports.markup import Column, columns, estimate, figure, section, table
from extractor.evaluation.reports.outcomes import FieldOutcomes, outcomes
from extractor.evaluation.reports.viewer import Line, Trait
from extractor.evaluation.reports.words import NONE, percent
from extractor.evaluation.results import Scores
from extractor.evaluation.runs import Run
from extractor.evaluation.scores import Metric
from extractor.evaluation.summary import Report
from extractor.sinks.escaping import shown

_HERE: Final = Path(__file__).parent
_PAGE: Final = Template((_HERE / "page.html").read_text(encoding="utf-8"))
_SCRIPT: Final = (_HERE / "page.js").read_text(encoding="utf-8")
_STYLE: Final = (_HERE / "page.css").read_text(encoding="utf-8")


def render(run: Run, scored: Scores, report: Report, metrics: Sequence[Metric] = ()) -> str:
    """Return the page of a run.

    Args:
        run: The run, for its articles.
        scored: Its scores.
        report: What they come to.
        metrics: The suite's metrics; the first gives each article its score. Without them articles have none.

    Raises:
        MissingExtraError: The packages that draw charts are not installed.
    """
    metric = metrics[0] if metrics else None
    lines = viewer.lines(scored, metric)
    became = outcomes(scored, report)
    fields = {one.name: one.label for one in became}
    errors = {line.name: line.label for line in words.errors(report)}
    names: dict[Trait, str] = {("field", name): label for name, label in fields.items()}
    lookup = Lookup(lines, names | {("error", name): label for name, label in errors.items()})
    samples, scores = {sample.id: sample for sample in run.samples}, {one.sample: one for one in scored.samples}
    contents = [viewer.content(samples[line.name], scores[line.name], metric) for line in lines]
    return _PAGE.substitute(
        title=shown(f"{report.title}: {report.manifest.model}", markup=False),
        suite=shown(report.title),
        model=shown(report.manifest.model),
        lead=" ".join(shown(sentence) for sentence in words.lead(report)),
        made="".join(f"<div><dt>{name}</dt><dd>{shown(value)}</dd></div>" for name, value in words.made_by(report)),
        sections="\n".join(part for part in _Sections(scored, report, lines, became, lookup).all() if part),
        options=lookup.options(),
        list="\n".join(lookup.rows()),
        blocks="\n".join(markup.block(f"article-{number}", content) for number, content in enumerate(contents)),
        labels=markup.block("labels", {"fields": fields, "errors": errors}),
        style=_STYLE,
        style_digest=_digest(_STYLE),
        script=_SCRIPT,
        script_digest=_digest(_SCRIPT),
    )


@dataclass(frozen=True, slots=True)
class _Sections:
    """The sections of numbers, each empty where a run has nothing for it."""

    scored: Scores
    report: Report
    lines: Sequence[Line]
    became: Sequence[FieldOutcomes]
    lookup: Lookup

    def all(self) -> Iterator[str]:
        """Yield them in the order they are read in."""
        yield self.headline()
        yield section("answers", "Answers and cost", self.answers(), self.cost(), self.stability())
        yield self.distribution()
        yield self.fields()
        yield section("more", "More measures", *self.more())
        yield section("errors", "Named errors", self.errors())
        yield section("confusions", "Confusions", *self.confusions())
        yield self.slices()
        yield self.suspects()

    def headline(self) -> str:
        """Return the metrics that are looked at first."""
        found = self.report.headline
        if not found:
            return ""
        failures = any(one.without_failures is not None for one in found)
        rows = [
            (
                *(shown(one.label), estimate(words.estimate(one)), percent(one.floor), percent(one.skill), words.detectable(one)),
                words.count(one.below),
                *((percent(one.without_failures),) if failures else ()),
            )
            for one in found
        ]
        head = columns("measure", "% [95 %]", "floor", "skill", "detectable", "of", *(("without failures",) if failures else ()))
        drawn = figure(charts.headline(self.report), "Dot and bar: value and interval. Upright tick: rules without a model.")
        return section("headline", "Headline", table(head, rows), drawn)

    def answers(self) -> str:
        """Return what the numbers are of."""
        return table(columns("answers", ""), [(shown(name), value) for name, value in words.answer_lines(self.report)])

    def cost(self) -> str:
        """Return what an article and a strictly right result cost."""
        cold = [answer for sample in self.scored.samples for answer in sample.answers if answer.cold]
        right = sum(row.strict for answer in cold for row in answer.score.rows)
        rows = [(shown(name), fresh, kept) for name, fresh, kept in words.cost_lines(self.report)]
        if right:
            seconds = sum(answer.seconds for answer in cold) / right
            tokens = sum(answer.usage.input_tokens + answer.usage.output_tokens for answer in cold) / right
            rows.append(("seconds a strictly right result", words.number(seconds), NONE))
            rows.append(("tokens a strictly right result", words.number(tokens, 0), NONE))
        return table(columns("an article costs", f"cold ({self.report.cost.cold})", "remembered"), rows)

    def stability(self) -> str:
        """Return how much repetitions differ."""
        rows = [(shown(name), value) for name, value in words.stability_lines(self.report)]
        return table(columns("stability", ""), rows) if rows else ""

    def distribution(self) -> str:
        """Return the headline of each article."""
        points = [
            charts.Point(one.name, one.link, one.score, *(one.spread or 2 * (one.score,))) for one in self.lines if one.score is not None
        ]
        if not points:
            return ""
        told = "A dot is an article, the lowest first; upright lines are the spread of repetitions, the dashed one is all articles together. A click opens it."
        drawn = figure(charts.articles(points, self.report), told)
        return section("distribution", f"{words.capital(self.report.estimates[0].label)} by article", drawn, wide=True)

    def fields(self) -> str:
        """Return the metrics of each field, where the suite has such, and what became of it."""
        if not self.became:
            return ""
        rated = {line.name: line for line in words.fields(self.report)}
        head = columns("field", *(("end to end, F1 % [95 %]", "floor", "given a match, %") if rated else ()))
        head += [Column(name, mark=f"o-{name}", meaning=meaning) for name, meaning in words.OUTCOMES.items()]
        rows = [
            (
                self.lookup.link(("field", one.name), one.label),
                *(_rates(rated.get(one.name)) if rated else ()),
                *(many(one.counts[name]) for name in words.OUTCOMES),
            )
            for one in self.became
        ]
        told = "Right, wrong, omitted, invented and empty are of matched results; missed and spurious of those without a match."
        return section("fields", "Fields", table(head, rows), figure(charts.fields(self.became), told))

    def more(self) -> Iterator[str]:
        """Yield a table for each other heading of the suite."""
        for group, found in words.more(self.report).items():
            rows = [
                (
                    shown(one.label),
                    estimate(words.estimate(one)),
                    words.interval(one.floor, None, None, label=one.label),
                    words.count(one.below),
                )
                for one in found
            ]
            yield table(columns(group, "value [95 %]", "floor", "of"), rows)

    def errors(self) -> str:
        """Return the named errors that were seen, and the names of those that were not."""
        found = words.errors(self.report)
        rows = [
            (
                *(self.lookup.link(("error", line.name), line.label), words.count(line.count), estimate(words.estimate(line.estimate))),
                *(words.count(line.estimate.below), shown(line.per)),
            )
            for line in found
            if line.count
        ]
        never = ", ".join(line.label for line in found if not line.count)
        seen = table([*columns("error", "seen", "% [95 %]", "of"), Column("", words=True)], rows) if rows else ""
        return seen + (f'<p class="note">Not seen: {shown(never)}.</p>' if never else "")

    def confusions(self) -> Iterator[str]:
        """Yield a table for each field whose values were confused, the most confused first."""
        for field in dict.fromkeys(one.field for one in self.report.confusions):
            found = [one for one in self.report.confusions if one.field == field]
            rows = [(shown(one.gold), shown(one.predicted), str(one.count)) for one in found]
            yield table(columns(f"{field.replace('_', ' ')}, gold", "answer", "seen", left=2), rows)

    def slices(self) -> str:
        """Return the slices, a table for each thing that they are cut by."""
        if not self.report.slices:
            return ""
        tables = []
        for (by, what), part in groupby(self.report.slices, key=lambda one: (one.by, one.label)):
            rows = [
                (
                    *(self.lookup.link(("slice", f"{by}: {one.value}"), one.value), estimate(words.estimate(one.estimate))),
                    *(str(one.articles), many(one.results)),
                )
                for one in part
            ]
            tables.append(table(columns(by, f"{what}, % [95 %]", "articles", "gold"), rows))
        measured = " or ".join(dict.fromkeys(one.label for one in self.report.slices))
        told = f"{words.capital(measured)}, as in the tables; in brackets, articles. No interval under ten clusters."
        drawn = figure(charts.slices(self.report.slices, self.report), told)
        return section("slices", "Slices", "".join(tables), drawn)

    def suspects(self) -> str:
        """Return what may be right although gold lacks it."""
        if not self.report.suspects:
            return ""
        links = {line.name: line.link for line in self.lines}
        items = "".join(f"<li>{_suspect(one, links)}</li>" for one in self.report.suspects)
        told = '<p class="note">Found in every repetition, with a source and a figure, and not in gold: look whether gold lacks them.</p>'
        return section("suspects", "Suspects of the gold", f'{told}<ul class="suspects">{items}</ul>', wide=True)


def _rates(line: words.FieldLine | None) -> tuple[str, str, str]:
    if line is None:
        return NONE, NONE, NONE
    return estimate(words.estimate(line.whole)), percent(line.whole.floor), estimate(words.estimate(line.given)) if line.given else NONE


def _suspect(text: str, links: Mapping[str, str]) -> str:
    name, _, rest = text.partition(": ")
    return f'<a href="{escape(links[name])}">{shown(name)}</a>: {shown(rest)}' if name in links else shown(text)


def _digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
