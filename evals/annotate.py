"""Write gold: number sentences, check an annotator's file, compare the two passes, build the gold of the settled ones.

Usage: python -m evals.annotate show NAME
       python -m evals.annotate check first|second|settled [NAME ...]
       python -m evals.annotate differ NAME
       python -m evals.annotate agreement
       python -m evals.annotate build

The form of an annotator's file is in docs/annotation.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import Field, ValidationError

from evals.wording import Wording
from extractor import segmentation
from extractor.claims import (
    Attribution,
    Basis,
    ClaimType,
    Comparator,
    Granularity,
    Measure,
    Outcome,
    OutcomeKind,
    Quantity,
    QuantityKind,
    Quotation,
    Source,
    SourceKind,
    Stance,
    StatedOn,
    Time,
    Verification,
    VerificationStatus,
)
from extractor.documents import Document, Frozen
from extractor.errors import ExtractorError, GoldError
from extractor.evaluation.samples import GoldClaim, Planted, Sample, canonical, problems
from extractor.readers import text

GOLD: Final = Path(__file__).parent / "gold"
PASSES: Final = ("first", "second", "settled")


class _Source(Frozen):
    text: str
    kind: SourceKind | None = None
    canonical: str | None = None


class _Outcome(Frozen):
    text: str
    kind: OutcomeKind | None = None


class _StatedOn(Frozen):
    text: str
    date: dt.date | None = None


class _Quantity(Frozen):
    text: str
    value: int | float | None = None
    low: int | float | None = None
    high: int | float | None = None
    comparator: Comparator
    unit: str | None = None
    kind: QuantityKind | None = None


class _Time(Frozen):
    text: str
    start: dt.date | None = None
    end: dt.date | None = None
    basis: Basis | None = None
    granularity: Granularity | None = None


class _Verification(Frozen):
    status: VerificationStatus
    by: str | None = None
    sentence: int


class Entry(Frozen):
    """One claim as an annotator writes it: words, and what they mean; places are worked out."""

    evidence: list[int] = Field(min_length=1)
    type: ClaimType
    source: list[_Source] = Field(default_factory=list)
    cue: str | None = None
    channel: str | None = None
    stated_on: _StatedOn | None = None
    stance: Stance = "asserts"
    quotation: Quotation = "indirect"
    subject: str | None = None
    outcome: _Outcome | None = None
    target: str | None = None
    polarity: Literal["affirmed", "negated"] = "affirmed"
    quantity: _Quantity | None = None
    measure: Measure | None = None
    time: _Time | None = None
    place: str | None = None
    verification: _Verification | None = None
    optional: bool = False


class _Planted(Frozen):
    sentences: list[int] = Field(min_length=1)
    wants: Literal["claim", "silence"]
    words: str | None = None


class Sheet(Frozen):
    """An annotator's file."""

    claims: list[Entry]
    planted: list[_Planted] = Field(default_factory=list)


def article(name: str, folder: Path = GOLD) -> Document:
    """Return the article called ``name``; the name is the document's id.

    Raises:
        ReaderError: There is none.
    """
    return text.read(str(folder / "articles" / f"{name}.txt")).model_copy(update={"id": name})


def tags(document: Document) -> dict[str, str]:
    """Return what slices are made of: topic and form from the front matter, publisher, length, and half of the gold.

    The half is decided by the name alone, so that one can be tuned on and the other only be looked at.
    """
    front = yaml.safe_load(document.text.split("---\n")[1])
    words = len(document.text[document.body_start :].split())
    length = "under 150 words" if words < 150 else "150 to 250 words" if words < 250 else "over 250 words"
    half = "dev" if sum(map(ord, document.id)) % 2 else "held"
    return {"topic": str(front["topic"]), "form": str(front["form"]), "length": length, "half": half}


def sheet(name: str, which: str, folder: Path = GOLD) -> Sheet:
    """Return the file of a pass about the article ``name``.

    Raises:
        GoldError: It is missing or not of the form.
    """
    path = folder / which / f"{name}.yaml"
    try:
        return parse(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        msg = f"there is no file {path}"
        raise GoldError(msg) from None


def parse(content: str, where: str = "the sheet") -> Sheet:
    """Return the sheet that a text in YAML is.

    Raises:
        GoldError: It is not of the form; ``where`` names it in the message.
    """
    try:
        value = yaml.safe_load(content)
        return Sheet.model_validate(value if isinstance(value, dict) else {"claims": value or []})
    except yaml.YAMLError as error:
        msg = f"{where} is no YAML: {' '.join(str(error).split())}"
        raise GoldError(msg) from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False))
        msg = f"{where}: {told}"
        raise GoldError(msg) from error


def sample(name: str, which: str, folder: Path = GOLD) -> Sample:
    """Return the article ``name`` with the claims of a pass, every slot at its place.

    Raises:
        GoldError: The file is missing, not of the form, or its words do not stand where it says.
    """
    document = article(name, folder)
    return placed(document, sheet(name, which, folder), f"{which}/{name}").model_copy(update={"tags": tags(document)})


def placed(document: Document, written: Sheet, where: str = "the sheet") -> Sample:
    """Return the sample that a sheet about ``document`` makes, every slot at its place.

    Raises:
        GoldError: Words do not stand where it says; the message has a line for each fault, which ``where`` begins.
    """
    wording = Wording(document, segmentation.sentences(document))
    claims, faults = [], []
    for number, entry in enumerate(written.claims, 1):
        try:
            claims.append(_claim(f"{document.id}-{number}", entry, wording))
        except (GoldError, ValidationError) as error:
            faults.append(f"claim {number}: {str(error).splitlines()[0] if isinstance(error, GoldError) else _told(error)}")
    made = Sample(
        document=document,
        claims=tuple(claims),
        planted=tuple(
            Planted(spans=tuple(wording.sentence(n) for n in p.sentences), wants=p.wants, words=p.words) for p in written.planted
        ),
    )
    faults += [fault.removeprefix(f"{document.id}: ") for fault in problems([made])]
    if faults:
        raise GoldError("\n".join(f"{where}: {fault}" for fault in faults))
    return made


def _told(error: ValidationError) -> str:
    return "; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors(include_url=False))


def _claim(label: str, entry: Entry, wording: Wording) -> GoldClaim:
    def at(words: str | None) -> Any:
        return wording.mention(words, entry.evidence) if words is not None else None

    def meant(model: Any, slot: Any, **more: Any) -> Any:
        if slot is None:
            return None
        return model(**at(slot.text).model_dump(), **{**slot.model_dump(exclude={"text", "start", "end"}), **more})

    checked = entry.verification
    return GoldClaim(
        id=label,
        type=entry.type,
        attribution=Attribution(
            sources=tuple(meant(Source, source) for source in entry.source),
            cue=at(entry.cue),
            channel=at(entry.channel),
            stated_on=meant(StatedOn, entry.stated_on),
            stance=entry.stance if entry.source else None,
            quotation=entry.quotation if entry.source else None,
            voice="attributed" if entry.source else "outlet",
        ),
        subject=at(entry.subject),
        outcome=meant(Outcome, entry.outcome),
        target=at(entry.target),
        polarity=entry.polarity,
        quantity=meant(Quantity, entry.quantity, **_bounds(entry.quantity)) if entry.quantity else None,
        measure=entry.measure,
        time=meant(Time, entry.time, start_date=entry.time.start, end_date=entry.time.end) if entry.time else None,
        place=at(entry.place),
        evidence=tuple(wording.sentence(number) for number in entry.evidence),
        verification=Verification(
            status=checked.status,
            by=wording.mention(checked.by, [checked.sentence]) if checked.by else None,
            evidence=wording.sentence(checked.sentence),
        )
        if checked
        else None,
        optional=entry.optional,
    )


def _bounds(quantity: _Quantity) -> dict[str, int | float | None]:
    """Return low and high as they follow from the comparator, docs/annotation.md."""
    value = quantity.value
    if quantity.comparator in ("range", "vague"):
        return {"low": quantity.low, "high": quantity.high}
    low = value if quantity.comparator in ("exact", "at_least", "more_than") else None
    high = value if quantity.comparator in ("exact", "at_most", "less_than") else None
    return {"low": low, "high": high}


def names(folder: Path = GOLD) -> list[str]:
    """Return the names of all articles, sorted."""
    return sorted(path.stem for path in (folder / "articles").glob("*.txt"))


def built(folder: Path = GOLD) -> str:
    """Return the content of ``own.jsonl``: one line for each settled article."""
    return "".join(canonical(sample(name, "settled", folder)) + "\n" for name in names(folder))


def show(chosen: Sequence[str]) -> Iterator[str]:
    """Yield each article's sentences with their numbers, paragraphs apart."""
    for name in chosen:
        document = article(name)
        yield f"{name}  published {document.published} ({document.published:%A})  {document.publisher}: {document.title}"
        paragraph = 0
        for number, sentence in enumerate(segmentation.sentences(document), 1):
            if sentence.paragraph != paragraph:
                paragraph = sentence.paragraph
                yield ""
            yield f"[{number}] {document.text[sentence.start : sentence.end]}"


def check(which: str, chosen: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with each file of a pass; where nothing is, how many claims it has."""
    for name in chosen:
        try:
            made = sample(name, which)
        except ExtractorError as error:
            yield str(error)
        else:
            yield f"{which}/{name}: {len(made.claims)} claims, fine"


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("show").add_argument("names", nargs="+")
    checked = commands.add_parser("check")
    checked.add_argument("which", choices=PASSES)
    checked.add_argument("names", nargs="*")
    commands.add_parser("differ").add_argument("names", nargs="+")
    commands.add_parser("agreement")
    commands.add_parser("build")
    arguments = parser.parse_args()
    try:
        for line in _COMMANDS[arguments.command](arguments):
            print(line)
    except ExtractorError as error:
        sys.exit(str(error))


def _build() -> Iterator[str]:
    content = built()
    (GOLD / "own.jsonl").write_text(content, "utf-8")
    yield f"{GOLD / 'own.jsonl'}: {content.count(chr(10))} articles"


def _agreement() -> Iterator[str]:
    from evals.agreement import agreement

    yield from agreement([(sample(name, "first"), sample(name, "second")) for name in names()])


def _differ(arguments: argparse.Namespace) -> Iterator[str]:
    from evals.agreement import differences

    for name in arguments.names:
        yield from differences(sample(name, "first"), sample(name, "second"))


_COMMANDS: Final[dict[str, Callable[[argparse.Namespace], Iterator[str]]]] = {
    "show": lambda arguments: show(arguments.names),
    "check": lambda arguments: check(arguments.which, arguments.names or names()),
    "differ": _differ,
    "agreement": lambda _: _agreement(),
    "build": lambda _: _build(),
}


if __name__ == "__main__":
    main()
