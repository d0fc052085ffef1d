"""Parts of a claim at their places: mentions, who says it, the day of saying, the days of a phrase; shared by prose and bulletins."""

from __future__ import annotations

from dataclasses import replace

from extractor.claims import Source, StatedOn, Time
from extractor.documents import Document, Mention, Span
from extractor.normalise import attribution, names, times
from extractor.normalise.spacing import flat
from extractor.normalise.times import Days


def at(document: Document, start: int, end: int) -> Mention:
    """Return the mention of the document's characters from ``start`` to ``end``."""
    return Mention(text=document.text[start:end], start=start, end=end)


def source(document: Document, start: int, end: int) -> Source:
    """Return the source that the words from ``start`` to ``end`` name, by those words alone."""
    whole = at(document, start, end)
    words = flat(whole.text)
    taken = names.parts(words)

    def part(inner: tuple[int, int] | None) -> Span | None:
        if inner is None:
            return None
        return Span(text=whole.text[slice(*inner)], start=start + inner[0], end=start + inner[1])

    return Source(
        **whole.model_dump(),
        kind=attribution.kind_of(words),
        name=part(taken.name),
        title=part(taken.title),
        affiliation=part(taken.affiliation),
    )


def stated_on(document: Document, said: Mention) -> StatedOn:
    """Return the words of the day of saying, with the day where they settle one."""
    days = times.resolve(said.text, published=document.published)
    day = days.start if days is not None and days.start == days.end else None
    return StatedOn(**said.model_dump(), date=day)


def dated(when: Mention, document: Document, found: tuple[str, Days] | None, stated: StatedOn | None) -> Time:
    """Return a phrase of time with its days.

    Args:
        when: The phrase.
        document: Its document.
        found: Name of the rule that read it, and the days; None where no rule does.
        stated: When it was said: what somebody said on Tuesday of "the past day" looks back from Tuesday.
    """
    if found is None:
        return Time(**when.model_dump())
    rule, days = found
    if rule in times.LOOKS_BACK and stated is not None and stated.date not in (None, document.published):
        days = replace((times.explained(when.text, published=stated.date) or found)[1], basis="context")
    return Time(**when.model_dump(), start_date=days.start, end_date=days.end, basis=days.basis, granularity=days.granularity)
