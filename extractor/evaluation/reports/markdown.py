"""A run, a comparison or a gate in Markdown whose tables are aligned, so that it reads as well in a terminal as on a page.

Words that come from articles, answers or file names stand in code spans, where nothing acts: no link, no image, no markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from extractor.evaluation.comparing import Change, Check, Comparison
from extractor.evaluation.reports import words
from extractor.evaluation.reports.words import NONE, percent
from extractor.evaluation.summary import Estimate, Report, Slice
from extractor.sinks.escaping import visible

_LISTED: Final = 20
"""Most articles listed on either side of a comparison."""
_GROUPS: Final = ("headline", "fields")
"""Headings of which a comparison shows every metric; of the others only those that changed."""


def report(report: Report, *, short: bool = False) -> str:
    """Return a run's report: headline, denominators, cost, and unless ``short`` all the rest."""
    sections = [_title(report), _headline(report.headline), _answers(report), _cost(report)]
    if not short:
        sections += [
            _fields(report),
            *_more(report),
            _errors(report),
            *_slices(report.slices),
            _stability(report),
            _confusions(report),
            _suspects(report),
        ]
    return "\n\n".join(section for section in sections if section) + "\n"


def comparison(comparison: Comparison) -> str:
    """Return how two runs differ."""
    shown = [change for change in comparison.changes if change.group in _GROUPS or _verdict(change)]
    rest = sum(change.before is not None or change.after is not None for change in comparison.changes) - len(shown)
    moved = f"Of {comparison.wins + comparison.losses + comparison.ties} articles {comparison.wins} rose, {comparison.losses} fell, {comparison.ties} stayed."
    changed = f"Strictly right in {_code(comparison.after)} only: {len(comparison.gained)}; in {_code(comparison.before)} only: {len(comparison.lost)}"
    sections = [
        f"# {_code(comparison.before)} against {_code(comparison.after)}",
        *(_changes(group, list(found), comparison) for group, found in groupby(shown, key=lambda change: change.group)),
        f"{rest} more metrics stayed within their intervals; --json has them." if rest > 0 else "",
        f"{moved} {changed} (McNemar p {words.p_value(comparison.mcnemar)}; claims of one article are not independent, so the interval decides).",
        _listed(f"Right in {_code(comparison.after)} only", comparison.gained),
        _listed(f"Right in {_code(comparison.before)} only", comparison.lost),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def checks(checks: Sequence[Check]) -> str:
    """Return a gate's conditions, and whether all hold."""
    rows = [("holds" if check.passed else "FAILS", visible(check.name), visible(check.detail)) for check in checks]
    failed = sum(not check.passed for check in checks)
    last = "passed" if not failed else f"NOT passed: {failed} of {len(checks)} conditions {'does' if failed == 1 else 'do'} not hold"
    return _table(("", "condition", "numbers"), rows, left=3) + f"\n\n{last}\n"


def _title(report: Report) -> str:
    made = "; ".join(f"{name} {_code(value)}" for name, value in words.made_by(report))
    return f"# {visible(report.title)}: {_code(report.manifest.model)}\n\n{' '.join(words.lead(report))}\n\n{made}"


def _headline(headline: Sequence[Estimate]) -> str:
    failures = any(found.without_failures is not None for found in headline)
    head = ("measure", "% [95 % interval]", "floor", "skill", "detectable", "of", *(("without failures",) if failures else ()))
    rows = [
        (
            *(found.label, words.estimate(found), percent(found.floor), percent(found.skill), words.detectable(found)),
            words.count(found.below),
            *((percent(found.without_failures),) if failures else ()),
        )
        for found in headline
    ]
    return _table(head, rows)


def _answers(report: Report) -> str:
    known = report.denominators
    windows = ", ".join(f"{many} {name.replace('_', ' ')}" for name, many in known.windows.items())
    return (
        f"Answers: {known.samples} articles in {known.clusters} clusters, {known.asked} asked for, {known.ok} whole, {known.partial} partial, "
        f"{known.error} lacking; windows: {windows or 'none'}; {known.rejections} drafts thrown out."
    )


def _cost(report: Report) -> str:
    cost = report.cost
    cold = "no answer was asked for anew"
    if cost.cold:
        cold = (
            f"{words.number(cost.seconds)} s (median {words.number(cost.seconds_p50)}, p95 {words.number(cost.seconds_p95)}), "
            f"{words.number(cost.requests)} requests, {words.number(cost.input_tokens, 0)} tokens read "
            f"({words.number(cost.cached_input_tokens, 0)} kept by the server), {words.number(cost.output_tokens, 0)} written; "
            f"of {cost.cold} answers asked for anew"
        )
    return f"Cost an article: cold {cold}; remembered {words.number(cost.cached_seconds, 3)} s (p95 {words.number(cost.cached_p95, 3)})."


def _fields(report: Report) -> str:
    rows = [
        (
            *(line.label, words.estimate(line.whole), percent(line.whole.floor), words.count(line.whole.below)),
            *((words.estimate(line.given), words.count(line.given.below)) if line.given is not None else (NONE, NONE)),
        )
        for line in words.fields(report)
    ]
    head = ("field", "end to end, F1 %", "floor", "of", "given a match, %", "of")
    return _section("Fields", _table(head, rows)) if rows else ""


def _more(report: Report) -> Iterator[str]:
    for group, found in words.more(report).items():
        rows = [
            (one.label, words.estimate(one), words.interval(one.floor, None, None, label=one.label), words.count(one.below))
            for one in found
        ]
        yield _section(words.capital(group), _table(("measure", "value [95 % interval]", "floor", "of"), rows))


def _errors(report: Report) -> str:
    lines = words.errors(report)
    if not lines:
        return ""
    rows = [(line.label, words.count(line.count), words.estimate(line.estimate), line.per) for line in lines if line.count]
    never = ", ".join(line.label for line in lines if not line.count)
    table = _table(("error", "seen", "% [95 % interval]", "per"), rows, last_left=True) if rows else ""
    return _section("Named errors", "\n\n".join(part for part in (table, f"Not seen: {never}." if never else "") if part))


def _slices(slices: Sequence[Slice]) -> Iterator[str]:
    """Yield a table for each kind of estimate: slices of articles, then slices of results."""
    for label, chosen in groupby(slices, key=lambda one: one.label):
        rows = [(_code(f"{one.by} = {one.value}"), words.estimate(one.estimate), str(one.articles), str(one.results)) for one in chosen]
        yield _section(f"Slices: {label}", _table(("slice", "% [95 % interval]", "articles", "gold"), rows))


def _stability(report: Report) -> str:
    lines = [f"- {name}: {value}" for name, value in words.stability_lines(report)]
    return _section("Stability", "\n".join(lines)) if lines else ""


def _confusions(report: Report) -> str:
    rows = [(one.field.replace("_", " "), _code(one.gold), _code(one.predicted), str(one.count)) for one in report.confusions]
    return _section("Confusions", _table(("field", "gold", "answer", "seen"), rows, left=3)) if rows else ""


def _suspects(report: Report) -> str:
    if not report.suspects:
        return ""
    told = "Found in every repetition, with a source and a figure, and not in gold: look whether gold lacks them."
    return _section("Suspects of the gold", told + "\n\n" + "\n".join(f"- {_code(one)}" for one in report.suspects))


def _changes(group: str, changes: Sequence[Change], comparison: Comparison) -> str:
    rows = []
    for change in changes:
        show = words.number if words.has_unit(change.label) else percent
        scale = 0.01 if words.has_unit(change.label) else 1
        ends = [words.points(end * scale) for end in (change.low, change.high) if end is not None]
        moved = words.points(None if change.change is None else change.change * scale) + (f" [{', '.join(ends)}]" if ends else "")
        detectable = words.points(change.detectable * scale).lstrip("+") if change.detectable is not None else NONE
        rows.append((change.label, show(change.before), show(change.after), moved, words.p_value(change.p), detectable, _verdict(change)))
    head = ("measure", _code(comparison.before), _code(comparison.after), "change [95 % interval]", "p", "detectable", "")
    return (f"## {words.capital(group)}\n\n" if group != "headline" else "") + _table(head, rows, last_left=True)


def _verdict(change: Change) -> str:
    """Say whether the interval leaves out 0, and on which side."""
    if change.low is None or change.high is None or change.low <= 0 <= change.high:
        return ""
    return "better" if (change.low > 0) == change.higher else "worse"


def _listed(title: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    rest = f"\n- and {len(names) - _LISTED} more; --json has them" if len(names) > _LISTED else ""
    return f"{title}:\n\n" + "\n".join(f"- {_code(name)}" for name in names[:_LISTED]) + rest


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _code(text: str) -> str:
    """Return strangers' words as a code span on one line."""
    return f"`{' '.join(visible(text).split()).replace('`', chr(0x2019)) or ' '}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1, last_left: bool = False) -> str:
    """Return a table with aligned columns: the first ``left`` ones to the left, numbers to the right."""
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (head, *rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    to_left = [column < left or (last_left and column == len(head) - 1) for column in range(len(head))]

    def drawn(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) if is_left else cell.rjust(width) for cell, width, is_left in zip(cells, widths, to_left, strict=True))
        return f"| {' | '.join(padded)} |"

    rule = [("-" * width if is_left else "-" * (width - 1) + ":") for width, is_left in zip(widths, to_left, strict=True)]
    return "\n".join((drawn(lines[0]), drawn(rule), *(drawn(line) for line in lines[1:])))
