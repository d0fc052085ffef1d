"""What an article says of checking its claims: sentences about verification bound to the claims they speak of, and figures that answer each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from extractor.claims import Statement, Verification
from extractor.documents import Document, Mention, Sentence, Span
from extractor.normalise import coverage, rivals
from extractor.normalise import verification as sayings
from extractor.normalise.coverage import Spoken

_ANSWERING: Final = ("denied", "disputed")


def verifications(document: Document, split: Sequence[Sentence], claims: Sequence[Statement]) -> tuple[Verification, ...]:
    """Return what the sentences of ``document`` say about verification, each with the ids of the claims it covers.

    Two figures of one thing from two sources answer each other without a word on it: the later one disputes the earlier,
    and denies it where it says that there was nothing.

    Args:
        document: The article.
        split: Its sentences, in order.
        claims: Its claims, of this or of gold.
    """
    numbers = {sentence.start: index for index, sentence in enumerate(split)}
    made = [claim for claim in claims if claim.evidence[0].start in numbers]
    spoken = [_spoken(claim, split, numbers[claim.evidence[0].start]) for claim in made]
    spoken.sort(key=lambda claim: claim.sentence)
    found = [*rivals.verifications(document, split, made)]
    answered = [name for verification in found for name in verification.claims]
    answered += [claim.id for verification in found for claim in made if claim.evidence[0].start == verification.evidence.start]
    for index, sentence in enumerate(split):
        text = document.text[sentence.start : sentence.end]
        before = [claim for claim in spoken if claim.sentence <= index]
        covered: tuple[str, ...] = ()
        for finding in sayings.findings(text):
            # "rejected the claim, but satellite images confirm it": both clauses speak of one thing
            goes_on = finding.status not in _ANSWERING and finding.clause[0] > 0 and covered
            covered = covered if goes_on else coverage.covers(text, finding, index, sentence.paragraph, before, answered)
            if not covered and finding.rule == sayings.CONTENT:
                continue  # a denial of what nobody said before is a claim like others
            by = _mention(text, finding.by, sentence.start) if finding.by else None
            evidence = Span(text=text, start=sentence.start, end=sentence.end)
            found.append(Verification(status=finding.status, by=by, evidence=evidence, claims=covered))
            if finding.status in _ANSWERING and covered:
                answered += [*covered, *(claim.id for claim in before if claim.sentence == index)]
    return tuple(sorted(found, key=lambda verification: verification.evidence.start))


def _mention(text: str, place: tuple[int, int], base: int) -> Mention:
    return Mention(text=text[slice(*place)], start=base + place[0], end=base + place[1])


def _spoken(claim: Statement, split: Sequence[Sentence], sentence: int) -> Spoken:
    said, outcome = claim.attribution, claim.outcome
    told = (outcome, claim.target, claim.place)
    names = (name for source in said.sources for name in (source.text, source.canonical) if name)
    return Spoken(
        id=claim.id,
        sentence=sentence,
        paragraph=split[sentence].paragraph,
        sources=tuple(dict.fromkeys(name.lower().removeprefix("the ") for name in names)),
        figure=claim.quantity.text if claim.quantity is not None else "",
        subject=claim.subject.text if claim.subject is not None else "",
        told=" ".join(mention.text for mention in told if mention is not None),
        evidence=claim.evidence[0].text,
        stance=said.stance or "asserts",
        outcome=outcome.kind if outcome is not None else None,
    )
