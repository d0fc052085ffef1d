"""One extraction as one self-contained page: the article, every slot highlighted at its characters, the claims beside it.

Nothing in an article can act: text is escaped, invisible and direction characters are shown by their code, and the
page's policy allows no script but its own, by digest, and no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Final

from extractor.claims import Claim
from extractor.documents import Document, Span
from extractor.extraction import Extraction
from extractor.sinks import table
from extractor.sinks.escaping import shown

_PAGE: Final = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
_SCRIPT: Final = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
_SCRIPT_DIGEST: Final = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_SLOT_ORDER: Final = ("many", "when", "where", "who", "what", "check")


@dataclass(frozen=True, slots=True)
class Mark:
    """Some characters of the article that belong to a claim."""

    start: int
    end: int
    css: str
    claim: int
    says: str


def page(document: Document, extraction: Extraction) -> str:
    """Return the page of ``extraction``, which must be of ``document``."""
    record, made = extraction.document, extraction.provenance
    title = record.title or record.source or "Claims"
    known = [record.publisher, str(record.published) if record.published else "no publication date", table.summary(extraction)]
    footer = f"{made.model}, prompt {made.prompt} ({made.prompt_digest[:12]}), extractor {made.extractor}; offsets are Unicode code points"
    return _PAGE.substitute(
        title=shown(title),
        meta=shown(" · ".join(part for part in known if part)),
        article=_article(document.text, list(_marks(extraction.claims))),
        cards="\n".join(_card(number, claim) for number, claim in enumerate(extraction.claims)) or "<p class=meta>No claims.</p>",
        footer=shown(footer),
        script=_SCRIPT,
        script_digest=_SCRIPT_DIGEST,
    )


def _marks(claims: Sequence[Claim]) -> Iterator[Mark]:
    for number, claim in enumerate(claims):
        for css, says, spans in _slots(claim):
            for span in spans:
                if span is not None:
                    yield Mark(span.start, span.end, css, number, says)


def _slots(claim: Claim) -> Iterator[tuple[str, str, Sequence[Span | None]]]:
    said, checked = claim.attribution, claim.verification
    yield "sentence", "evidence", claim.evidence
    yield "who", "who says", said.sources
    yield "who", "how it was said", (said.cue, said.channel)
    yield "when", f"said on {said.stated_on.date or 'an unresolved day'}" if said.stated_on else "", (said.stated_on,)
    yield "what", "about whom", (claim.subject,)
    yield "what", "outcome" if claim.polarity == "affirmed" else "outcome, negated", (claim.outcome,)
    yield "what", "against whom", (claim.target,)
    yield "many", table.figure(claim.quantity) if claim.quantity else "", (claim.quantity,)
    yield "when", table.days(claim.time) if claim.time else "", (claim.time,)
    yield "where", "where", (claim.place,)
    yield "check", checked.status.replace("_", " ") if checked else "", (checked.evidence,) if checked else ()


def _article(text: str, marks: list[Mark]) -> str:
    """Return the article with its marks; where marks overlap, each piece carries all of them."""
    edges = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    starting: dict[int, list[Mark]] = {}
    for mark in marks:
        starting.setdefault(mark.start, []).append(mark)
    active: list[Mark] = []
    pieces: list[str] = []
    for start, end in pairwise(edges):
        active = [mark for mark in active if mark.end > start] + starting.get(start, [])
        pieces.append(_piece(text[start:end], active))
    return "".join(pieces)


def _piece(text: str, marks: Sequence[Mark]) -> str:
    if not marks:
        return shown(text)
    slots = sorted((m for m in marks if m.css != "sentence"), key=lambda m: _SLOT_ORDER.index(m.css))
    classes = ["slot", slots[0].css] if slots else []
    classes += ["sentence"] if any(m.css == "sentence" for m in marks) else []
    claims = " ".join(str(number) for number in sorted({m.claim for m in marks if m.css != "sentence"}))
    says = "; ".join(dict.fromkeys(f"claim {m.claim + 1}, {m.says}" for m in slots))
    attributes = f' data-claims="{claims}" title="{shown(says, markup=False)}"' if slots else ""
    return f'<span class="{" ".join(classes)}"{attributes}>{shown(text)}</span>'


def _card(number: int, claim: Claim) -> str:
    said = claim.attribution
    what = " ".join(slot.text for slot in (claim.subject, claim.outcome, claim.target) if slot is not None)
    rows = [
        ("who says", ", via ".join(f"{s.text} ({s.kind})" if s.kind else s.text for s in said.sources) or "the outlet"),
        ("said", ", ".join(s.text for s in (said.cue, said.channel, said.stated_on) if s is not None)),
        ("how many", table.figure(claim.quantity) if claim.quantity else ""),
        ("when", table.days(claim.time) if claim.time else ""),
        ("where", claim.place.text if claim.place else ""),
        ("verification", claim.verification.status.replace("_", " ") if claim.verification else ""),
        ("quote", " / ".join(f"{span.text} [{span.start}:{span.end}]" for span in claim.evidence)),
    ]
    lines = "".join(f"<dt>{name}</dt><dd>{shown(value)}</dd>" for name, value in rows if value)
    negated = " <em>(negated)</em>" if claim.polarity == "negated" else ""
    return (
        f'<section class="card" tabindex="0" data-claim="{number}"><p><b>{number + 1}.</b> {shown(what)}{negated}</p>'
        f'<dl>{lines}</dl><p class="id">{claim.type.replace("_", " ")} · {claim.id}</p></section>'
    )
