"""Measure what the rules make of words, without any model, on annotated data that stays outside of the project.

Usage: python -m evals.meaning numbers|windows|dates|counts|bulletins --data FILE.jsonl [--failures]

numbers    MUC-4: a filler's mention in the text -> {min, max, hedge}
windows    MUC-4: the key's date phrase and, apart, the text's own phrases -> [start, end]
dates      gum_news: a phrase and the publication date -> [start, end]
counts     ISAF: rule words -> least number
bulletins  mod_bulletins: a line -> category, cumulative, daily, hedge
"""

from __future__ import annotations

import argparse
import calendar
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from extractor.normalise import bulletins, quantities, times
from extractor.normalise.vagueness import ISAF

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison.

    Attributes:
        group: What it is counted under.
        shown: The words, for the list of failures.
        expected: The gold value.
        got: What the rules make of the words.
    """

    group: str
    shown: str
    expected: object
    got: object

    @property
    def right(self) -> bool:
        """Whether the rules say what the gold says."""
        return self.expected == self.got


_HEDGES: Final = {
    "exact": "exact", "about": "approximate", "at_least": "at_least", "more_than": "at_least", "at_most": "at_most", "less_than": "at_most",
    "range": "range", "vague": "unspecified_plural",
}  # fmt: skip


def numbers(records: list[Record]) -> Iterator[Case]:
    """Yield a case for each number fill that qualifies a filler found in the text.

    The gold does not say which mention of a filler it was read from, so one that gives the number is enough. A number the
    key gives to a bare name or singular is read from its form.
    """
    for record in records:
        for template in record["gold"]["templates"]:
            for kind in ("victim", "phys_target"):
                fillers = _fillers(template, kind)
                names = {value["value"] for fill in template.get(f"{kind}_name", []) for value in fill["any_of"]}
                for fill in template.get(f"{kind}_number", []):
                    spans = [span for name in fill.get("of", []) for span in fillers.get(name, _places(record["text"], name))]
                    if not spans:
                        continue
                    expected = [tuple(any_of["number"].values()) for any_of in fill["any_of"] if any_of.get("number")]
                    got = [_number(record["text"], *span) for span in spans]
                    best = next((value for value in got if value in expected), got[0])
                    if set(fill["of"]) & names:
                        continue  # a name is one person whatever the rules say, so it measures nothing
                    shown = f"{record['id']} {fill['of'][0]!r} …{record['text'][max(0, spans[0][0] - 50) : spans[0][1]]}"
                    stated = "stated" if expected and expected[0] not in ((1, 1, "exact"), (2, None, "unspecified_plural")) else "by form"
                    yield Case(f"numbers {stated}", shown, best if best in expected else expected, best)


def _fillers(template: Record, kind: str) -> dict[str, list[tuple[int, int]]]:
    slots = [fill for slot in (f"{kind}_name", f"{kind}_description", kind) for fill in template.get(slot, [])]
    found: dict[str, list[tuple[int, int]]] = {}
    for fill in slots:
        for value in fill["any_of"]:
            if value.get("evidence"):
                found.setdefault(value["value"], []).append((value["evidence"]["start"], value["evidence"]["end"]))
    return found


def _places(text: str, words: str) -> list[tuple[int, int]]:
    at, found = text.find(words), []
    while at >= 0:
        found.append((at, at + len(words)))
        at = text.find(words, at + 1)
    return found


def _number(text: str, start: int, end: int) -> tuple[object, ...]:
    count = quantities.count_of(text, start, end)
    if count.comparator == "vague":
        return 2, None, "unspecified_plural"
    low, high = (count.value, count.value) if count.comparator == "about" else (count.low, count.high)
    return low, high, _HEDGES[count.comparator]


def windows(records: list[Record]) -> Iterator[Case]:
    """Yield for each date fill the key's phrase, and whether a phrase of the text means those very days."""
    for record in records:
        if record["published"] is None:
            continue
        published = date.fromisoformat(record["published"])
        seen: set[str] = set()
        in_text = {_days(record["text"][slice(*place)], published) for place in times.find(record["text"])}
        for template in record["gold"]["templates"]:
            for fill in template.get("date", []):
                for value in fill["any_of"][:1]:
                    expected = tuple(value["window"].values())
                    yield Case(
                        "windows key phrase", f"{record['id']} {value['value']!r}", expected, _days(value["value"].strip("()"), published)
                    )
                    if expected[0] and value["value"] not in seen:
                        seen.add(value["value"])
                        yield Case(
                            "windows from text", f"{record['id']} {value['value']!r}", expected, expected if expected in in_text else None
                        )


def dates(records: list[Record]) -> Iterator[Case]:
    """Yield a case for each annotated date: TEI's years and months are whole ones, its bounds compare by year where that is all they give."""
    for record in records:
        published = date.fromisoformat(record["published"])
        for gold in record["gold"]["dates"]:
            tei = gold["tei"]
            before = record["text"][max(0, gold["start"] - 160) : gold["start"]]
            sentence = (before[max(before.rfind("\n"), before.rfind(". ")) + 1 :] + record["text"][gold["start"] : gold["end"] + 60]).split(
                "\n"
            )[0]
            days = times.resolve(gold["text"], published=published, ahead=times.looks_ahead(sentence))
            first, last = (tei.get(key) or tei.get("when") for key in ("from", "to"))
            if "notBefore" in tei or "notAfter" in tei:
                first, last = tei.get("notBefore"), tei.get("notAfter")
            expected = (_edge(first, last=False), _edge(last, last=True))
            got = (str(days.start) if days and days.start else None, str(days.end) if days and days.end else None)
            if first and last and "notBefore" in tei:
                expected, got = (first, last), (str(got[0])[: len(first)], str(got[1])[: len(last)])
            yield Case("dates", f"{record['id']} {gold['text']!r} of {published}", expected, got)


def _edge(value: str | None, *, last: bool) -> str | None:
    if value is None:
        return None
    parts = [int(part) for part in value.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else (12 if last else 1)
    day = parts[2] if len(parts) > 2 else (calendar.monthrange(year, month)[1] if last else 1)  # year, month, day
    return str(date(year, month, day))


def _days(phrase: str, published: date) -> tuple[str | None, str | None]:
    days = times.resolve(phrase, published=published)
    return (str(days.start) if days and days.start else None, str(days.end) if days and days.end else None)


_RULE_WORDS: Final = {
    "insurgents": 2, "a couple insurgents": 2, "a couple of insurgents": 2, "several insurgents": 3, "a few insurgents": 3, "some insurgents": 3,
    "a group of insurgents": 3, "a small group of insurgents": 3, "multiple insurgents": 3, "numerous insurgents": 4, "a handful of insurgents": 4,
    "a large number of insurgents": 5, "dozens of insurgents": 24, "an insurgent": 1, "two insurgents": 2, "more than 30 insurgents": 30,
}  # fmt: skip


def counts(records: list[Record]) -> Iterator[Case]:
    """Yield the labeller's rule words, then every release that captures or kills by one such phrase and names no other figure."""
    for phrase, least in _RULE_WORDS.items():
        yield Case("rule words", phrase, least, quantities.count_of(phrase, phrase.index("insurgent"), len(phrase), vagueness=ISAF).low)
    for record in records:
        found = [number for number in quantities.find(record["text"], ISAF) if _of_insurgents(record["text"], number.end)]
        gold = record["gold"]
        if len(found) == 1 and found[0].comparator == "vague" and (gold["min_captured"] == 0) != (gold["min_killed"] == 0):
            yield Case(
                "releases with one vague figure",
                record["text"][found[0].start : found[0].end + 30],
                gold["min_captured"] or gold["min_killed"],
                found[0].low,
            )


def _of_insurgents(text: str, end: int) -> bool:
    return "insurgent" in text[end : quantities.counted(text, end)].lower()


def lines(records: list[Record]) -> Iterator[Case]:
    """Yield the four fields of each bulletin line, and the lines made up, by record; the gold has no category for drones."""
    for record in records:
        read = {loss.category: loss for loss in bulletins.read(record["text"]) if loss.category is not None}
        for gold in record["gold"]["losses"]:
            loss = read.get(gold["category"])
            for field in ("category", "cumulative", "daily", "hedge"):
                got = getattr(loss, field) if loss is not None else "not read"
                yield Case(f"bulletin {field}", f"{record['id']} {gold['evidence']['text']!r}", gold[field], got)
        extra = sorted(set(read) - {"uav"} - {gold["category"] for gold in record["gold"]["losses"]})
        yield Case("bulletin lines not made up", record["id"], [], extra)


SUITES: Final[dict[str, Callable[[list[Record]], Iterator[Case]]]] = {
    "numbers": numbers, "windows": windows, "dates": dates, "counts": counts, "bulletins": lines,
}  # fmt: skip


def main() -> None:
    """Print the share of cases that are right, by group, and each failure where asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("--data", type=Path, required=True, help="the JSONL file of the set")
    parser.add_argument("--failures", action="store_true", help="list what is wrong")
    arguments = parser.parse_args()
    records = [json.loads(line) for line in arguments.data.read_text("utf-8").splitlines()]
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for case in SUITES[arguments.suite](records):
        total[case.group] += 1
        right[case.group] += case.right
        if arguments.failures and not case.right:
            print(f"{case.group}: {case.shown}\n    expected {case.expected}, got {case.got}")
    for group, of in total.items():
        print(f"{group:32} {right[group]:5} of {of:5}  {right[group] / of:7.1%}")
    print(f"{'all':32} {right.total():5} of {total.total():5}  {right.total() / total.total():7.1%}")


if __name__ == "__main__":
    main()
