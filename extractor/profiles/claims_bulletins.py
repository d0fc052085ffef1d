"""Claims of loss bulletins by rules alone: of lists such as "tanks - 1691 (+4)" under a heading that speaks of losses.

Three lines of known categories in a row are a bulletin where what introduces them, the title, or the lines themselves name a loss, and
nothing introduces them as something else: a list of weapons on order reads just the same. Each line makes a claim of its running
total, and one of the day's figure where it has one ("+0" too: that nothing was lost is stated). Who lost, what the loss is called, when
and by whose account come from the words that introduce the list; of those nothing is guessed. A heading's own hedge ("were
approximately:") stays there: a figure has the hedge that stands with it.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, takewhile
from typing import Final

from extractor.claims import (
    Attribution,
    Claim,
    ClaimProvenance,
    ClaimType,
    Measure,
    Outcome,
    Quantity,
    QuantityKind,
    Source,
    StatedOn,
    Time,
)
from extractor.documents import Document, Mention, Sentence, Span
from extractor.normalise import attribution, bulletins, chains, names, outcomes, quantities, times, units
from extractor.normalise.bulletins import Loss, Place
from extractor.profiles import claims_parts as parts
from extractor.profiles.claims_parts import at

_LEAST: Final = 3
_LEADS: Final = 3
"""How many sentences before a list can introduce it."""
_TOTAL: Final = re.compile(r"\b(?:total|overall|cumulative|altogether|so far|to date)\b", re.IGNORECASE)
_RUNNING: Final = re.compile(r"(?:from|between|since|starting|as of|until|till|up to)\b|.*\d\s?[-\u2013]\s?\d", re.IGNORECASE)
"""A phrase of time that counts from or up to a day, rather than names one."""
_HANDED: Final = re.compile(
    r"\b(?:sends?|sending|sent|deliver\w*|receiv\w*|suppl(?:y|ies|ied)|provid(?:e|es|ing)|donat\w*|pledg\w*|ordered|on order|buy\w*|bought"
    r"|purchas\w*|deploy\w*|aid|package|consists?|comprises?|inventory|stocks?)\b",
    re.IGNORECASE,
)
"""Words of things that somebody has or gets, whatever was lost."""
_SUBHEADING: Final = 2
"""Words of a line with a colon that parts a list ("At sea:"); more of them introduce what they say."""
_BY_RULE: Final = ClaimProvenance()


@dataclass(frozen=True, slots=True)
class Losses:
    """What the bulletins of a document say.

    Attributes:
        claims: Their claims, in the order of the text.
        taken: Index of each sentence that is wholly lines of a bulletin, or what introduces them up to its colon and states no figure, so
            that no model need be asked about it.
    """

    claims: tuple[Claim, ...] = ()
    taken: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Bulletin:
    """A list and what introduces it: the heading that names the loss first, then all up to the list; none where only the title does."""

    lines: tuple[Loss, ...]
    lead: tuple[Place, ...]


def losses(document: Document, split: Sequence[Sentence]) -> Losses:
    """Return the claims of the loss bulletins in ``document``, and which sentences they answer for; an ordinary article has none.

    Args:
        document: The article.
        split: Its sentences, as ``segmentation.sentences`` returns them.
    """
    lines = [line for line in bulletins.lines(document.text) if _home(split, line) is not None]
    prose = list(_prose(document.text, split, lines))
    found = [bulletin for run in _runs(document.text, lines) if (bulletin := _bulletin(document, prose, run)) is not None]
    inside = [line for bulletin in found for line in bulletin.lines]
    introduced = {start: end for bulletin in found for start, end in bulletin.lead if _is_mere_heading(document.text[start:end])}
    return Losses(
        tuple(claim for bulletin in found for claim in _claims(document, split, bulletin)),
        frozenset(sentence.index for sentence in split if _is_taken(document.text, sentence, inside, introduced)),
    )


def _home(split: Sequence[Sentence], line: Loss) -> Sentence | None:
    """Return the sentence that the line's figure stands in; None for a line outside of the article proper."""
    at = bisect_right(split, line.figure[0], key=lambda sentence: sentence.start) - 1
    return split[at] if at >= 0 and line.figure[0] < split[at].end else None


def _inside(lines: Sequence[Loss], sentence: Sentence) -> Iterator[Loss]:
    """Yield the lines that share characters with a sentence, in order."""
    first = bisect_right(lines, sentence.start, key=lambda line: line.rest[1])
    return takewhile(lambda line: line.start < sentence.end, islice(lines, first, None))


def _prose(text: str, split: Sequence[Sentence], lines: Sequence[Loss]) -> Iterator[Place]:
    """Yield the sentences that are no lines of a list, cut off where a list begins in them."""
    for sentence in split:
        end = next((line.start for line in _inside(lines, sentence)), sentence.end)
        if text[sentence.start : end].strip():
            yield sentence.start, end


def _runs(text: str, lines: Sequence[Loss]) -> Iterator[tuple[Loss, ...]]:
    """Yield the runs of lines with nothing but white space between them that have enough of known categories in a row."""
    run: list[Loss] = []
    for line in (*lines, None):
        if run and (line is None or text[run[-1].rest[1] : line.start].strip()):
            known = groupby(run, key=lambda loss: loss.category is not None)
            if any(named and len(list(row)) >= _LEAST for named, row in known):
                yield tuple(run)
            run = []
        if line is not None:
            run.append(line)


def _bulletin(document: Document, prose: Sequence[Place], run: tuple[Loss, ...]) -> _Bulletin | None:
    """Return the bulletin that a run of lines makes with what stands before it; None where nothing speaks of losses."""
    until = bisect_right(prose, run[0].start, key=lambda place: place[1])
    before = prose[max(0, until - _LEADS) : until]
    named = [at for at, place in enumerate(before) if bulletins.word_of_loss(document.text[slice(*place)])]
    lead = tuple(before[named[-1] :] if named else before)
    between = lead[1:] if named else lead
    if any(_HANDED.search(document.text[slice(*place)]) for place in lead) or any(
        _is_other(document.text[slice(*place)]) for place in between
    ):
        return None
    if named:
        return _Bulletin(run, lead)
    told = (document.title or "", *(document.text[slice(*line.rest)] for line in run))
    return _Bulletin(run, ()) if any(bulletins.word_of_loss(words) for words in told) else None


def _is_other(words: str) -> bool:
    """Tell whether words that name no loss introduce a list of their own: they end with a colon and do not just say by whose account."""
    stated = words.rstrip().removesuffix(":")
    return stated != words.rstrip() and len(stated.split()) > _SUBHEADING and not attribution.source_candidates(stated)


def _is_mere_heading(words: str) -> bool:
    return words.rstrip().endswith(":") and not quantities.find(words)


def _is_taken(text: str, sentence: Sentence, lines: Sequence[Loss], introduced: Mapping[int, int]) -> bool:
    """Tell whether nothing but lines of bulletins, or what merely introduces them, stands in a sentence."""
    at = introduced.get(sentence.start, sentence.start)
    for line in _inside(lines, sentence):
        if text[at : max(at, line.start)].strip():
            return False
        at = line.rest[1]
    return at > sentence.start and not text[at : sentence.end].strip()


def _claims(document: Document, split: Sequence[Sentence], bulletin: _Bulletin) -> Iterator[Claim]:
    said = _attribution(document, bulletin.lead)
    phrases = [phrase for place in bulletin.lead for phrase in _phrases(document, place, said.stated_on)]
    subject, outcome = (_first(document, bulletin.lead, find) for find in (bulletins.loser, bulletins.word_of_loss))
    whole = _measure(document, bulletin, phrases)
    for line in bulletin.lines:
        sentence = _home(split, line)
        assert sentence is not None
        figures = [(_total(document, line), whole, _when(phrases, whole))]
        if line.daily is not None and line.change is not None:
            beside = [*_phrases(document, line.rest, None), *phrases]
            figures.append((_figure(document, line, line.change, line.daily), "period", _when(beside, "period")))
        became = _first(document, (line.rest,), bulletins.word_of_loss) or outcome
        for quantity, measure, when in figures:
            kind: ClaimType = "human_losses" if quantity.kind == "people" else "equipment_losses"
            yield Claim(
                id=_identity(document, kind, sentence, quantity),
                type=kind,
                attribution=said,
                subject=subject,
                outcome=Outcome(**became.model_dump(), kind=outcomes.kind_of(became.text)) if became is not None else None,
                quantity=quantity,
                measure=measure,
                time=_time(when, document, said.stated_on) if when is not None else None,
                evidence=(Span(text=document.text[sentence.start : sentence.end], start=sentence.start, end=sentence.end),),
                provenance=_BY_RULE,
            )


def _total(document: Document, line: Loss) -> Quantity:
    bounds: dict[str, object] = {"low": line.low, "high": line.high, "comparator": line.hedge or "exact"}
    return _figure(document, line, line.figure, line.cumulative).model_copy(update=bounds)


def _figure(document: Document, line: Loss, place: Place, value: int) -> Quantity:
    """Return a figure of a line, stated plainly; what it counts are the words of the line's heading."""
    unit = " ".join(document.text[slice(*line.heading)].split())
    kind: QuantityKind | None = "people" if line.category == "personnel" else "materiel" if line.category else units.kind_of(unit)
    return Quantity(**at(document, *place).model_dump(), low=value, high=value, value=value, unit=unit, kind=kind)


def _measure(document: Document, bulletin: _Bulletin, phrases: Sequence[Mention]) -> Measure | None:
    """Return what the first figure of the lines measures; a day's own beside it, or words of a total, make it a running total."""
    led = " ".join(document.text[slice(*place)] for place in bulletin.lead)
    if any(line.daily is not None for line in bulletin.lines) or _TOTAL.search(led) or _when(phrases, "cumulative") is not None:
        return "cumulative"
    return "period" if phrases else None


def _phrases(document: Document, place: Place, stated: StatedOn | None) -> list[Mention]:
    """Return the phrases of time in a part of the text, but not the one that says when it was stated."""
    found = (at(document, place[0] + start, place[0] + end) for start, end in times.find(document.text[slice(*place)]))
    return [phrase for phrase in found if stated is None or phrase.start != stated.start]


def _when(phrases: Sequence[Mention], measure: Measure | None) -> Mention | None:
    """Return the first phrase that bounds a window for a period, that counts from or up to a day for a running total."""
    wanted = measure == "cumulative"
    return next((phrase for phrase in phrases if bool(_RUNNING.match(phrase.text)) is wanted), None)


def _first(document: Document, places: Sequence[Place], find: Callable[[str], Place | None]) -> Mention | None:
    """Return the first words that ``find`` sees in the parts of the text at ``places``."""
    for start, end in places:
        inside = find(document.text[start:end])
        if inside is not None:
            return at(document, start + inside[0], start + inside[1])
    return None


def _identity(document: Document, kind: ClaimType, sentence: Sentence, quantity: Quantity) -> str:
    known = f"{document.id}|{kind}|{sentence.start}-{sentence.end}|{quantity.start}-{quantity.end}"
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _attribution(document: Document, lead: Sequence[Place]) -> Attribution:
    """Return who is named as the source in what introduces a list; the outlet itself where nobody is."""
    for base, last in lead:
        text = document.text[base:last].rstrip().removesuffix(":")
        named = [place for place in attribution.source_candidates(text) if bulletins.word_of_loss(text[slice(*place)]) is None]
        cue = attribution.cue_of(text, named[0]) if named else None
        if cue is not None:
            return _said(document, base, text, named[0], cue)
    return Attribution(voice="outlet")


def _said(document: Document, base: int, text: str, named: Place, cue: attribution.Cue) -> Attribution:
    def inner(inside: Place | None) -> Mention | None:
        return at(document, base + inside[0], base + inside[1]) if inside else None

    day = inner(attribution.stated_on(text, cue, named))
    return Attribution(
        sources=tuple(_source(document, base + start, base + end) for start, end in chains.chain(text, named)),
        cue=inner((cue.start, cue.end)),
        channel=inner(attribution.channel(text, cue)),
        stated_on=parts.stated_on(document, day) if day is not None else None,
        stance=attribution.stance_of(text[cue.start : cue.end]),
        quotation="indirect",
        voice="attributed",
    )


def _source(document: Document, start: int, end: int) -> Source:
    return parts.source(document, start, end).model_copy(update={"canonical": names.canonical(document.text[start:end], [], document.text)})


def _time(when: Mention, document: Document, stated: StatedOn | None) -> Time:
    return parts.dated(when, document, times.explained(when.text, published=document.published), stated)
