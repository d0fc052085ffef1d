"""The columns of ``claims-*.parquet`` and ``articles-*.parquet``, and the shape of a claim in them, as tables.

A column's path says where its value stands: ``claim`` is a claim, ``document``, ``provenance`` and ``usage`` are those of its
extraction, ``entry`` is what the batch knows of the article. ``[0]`` is the first of a list, ``[]`` stands for all of them.

Types: ``text``; ``int`` (32 bits); ``count`` (64 bits); ``number`` (floating point); ``day`` (a date); ``flag``; the name of a
struct; and any of these with ``[]`` behind it, a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its name.
        path: Where its value stands.
        type: Name of its type.
        says: What it holds.
    """

    name: str
    path: str
    type: str
    says: str


SCHEMA: Final = 1
"""Version of these tables; a reader of an older one finds its columns in every newer one of the same number."""

_SPAN: Final = {"text": "text", "start": "int", "end": "int"}

STRUCTS: Final[dict[str, dict[str, str]]] = {
    "span": _SPAN,
    "source": {
        **_SPAN, "canonical": "text", "name": "span", "title": "span", "affiliation": "span", "party": "text", "side": "text",
        "kind": "text",
    },
    "stated_on": {**_SPAN, "date": "day"},
    "attribution": {
        "sources": "source[]", "cue": "span", "channel": "span", "stated_on": "stated_on", "stance": "text", "quotation": "text",
        "voice": "text",
    },
    "outcome": {**_SPAN, "kind": "text"},
    "quantity": {
        **_SPAN, "low": "number", "high": "number", "value": "number", "comparator": "text", "unit": "text", "kind": "text",
        "si_value": "number", "si_unit": "text",
    },
    "time": {**_SPAN, "start_date": "day", "end_date": "day", "basis": "text", "granularity": "text"},
    "verification": {"status": "text", "by": "span", "evidence": "span", "claims": "text[]"},
    "claim_provenance": {"window": "int", "requests": "text[]", "cached": "flag"},
    "claim": {
        "id": "text", "type": "text", "attribution": "attribution", "subject": "span", "outcome": "outcome", "target": "span",
        "polarity": "text", "quantity": "quantity", "measure": "text", "time": "time", "place": "span", "evidence": "span[]",
        "verification": "verification", "provenance": "claim_provenance",
    },
}  # fmt: skip
"""The parts of a claim, as ``extractor.claims`` has them; a test holds the two together."""

EXTRACTION: Final[dict[str, dict[str, str]]] = {
    "document": {
        "id": "text", "published": "day", "title": "text", "publisher": "text", "language": "text", "url": "text", "length": "int",
        "sentences": "int",
    },
    "usage": {"requests": "count", "input_tokens": "count", "cached_input_tokens": "count", "output_tokens": "count"},
    "provenance": {"extractor": "text", "profile": "text", "prompt": "text", "model": "text", "endpoint": "text"},
}  # fmt: skip
"""What the tables take from an extraction besides its claims."""

_ENTRY: Final = (
    Column("document_id", "document.id", "text", "Id of the document: the one its archive gives, or the digest of text and metadata."),
    Column("source_file", "entry.source", "text", "File the article stands in, as it was named to the command."),
    Column("position", "entry.position", "text", "Where in the file, such as `line 17`; empty for a file that is one article."),
    Column("published", "document.published", "day", "Publication date."),
    Column("title", "document.title", "text", "Headline."),
    Column("publisher", "document.publisher", "text", "Name of the outlet."),
    Column("url", "document.url", "text", "Where the article was published."),
    Column("language", "document.language", "text", "BCP 47 tag."),
)
_MADE_BY: Final = (
    Column("model", "provenance.model", "text", "Name of the model."),
    Column("prompt", "provenance.prompt", "text", "Reference of the prompt."),
    Column("extractor", "provenance.extractor", "text", "Version of this package."),
)

CLAIMS: Final = (
    Column("claim_id", "claim.id", "text", "Id of the claim: same article, same claim, same id."),
    *_ENTRY,
    Column("type", "claim.type", "text", "What sort of claim it is, such as `human_losses`."),
    Column("polarity", "claim.polarity", "text", "`affirmed` or `negated`."),
    Column("source", "claim.attribution.sources[0].text", "text", "Who said it first, as written; null in the outlet's own voice."),
    Column("source_canonical", "claim.attribution.sources[0].canonical", "text", "Their name in full, by the same document."),
    Column("source_kind", "claim.attribution.sources[0].kind", "text", "What sort of source it is, such as `military`."),
    Column("source_party", "claim.attribution.sources[0].party", "text", "The party it speaks for, by the table of aliases."),
    Column("source_side", "claim.attribution.sources[0].side", "text", "That party's side."),
    Column("sources", "claim.attribution.sources[].text", "text[]", "The whole reporting chain as written; who said it first comes first."),
    Column("cue", "claim.attribution.cue.text", "text", "The word of saying."),
    Column("channel", "claim.attribution.channel.text", "text", "How it was said, such as `in a post to social media`."),
    Column("stated_on", "claim.attribution.stated_on.date", "day", "The day it was said, where that is settled."),
    Column("stance", "claim.attribution.stance", "text", "How the source stands to it, such as `denies`."),
    Column("quotation", "claim.attribution.quotation", "text", "`direct`, `indirect` or `mixed`."),
    Column("voice", "claim.attribution.voice", "text", "`attributed` to a source, or the `outlet` itself."),
    Column("subject", "claim.subject.text", "text", "Whom or what it is about."),
    Column("target", "claim.target.text", "text", "Against whom or what."),
    Column("outcome", "claim.outcome.text", "text", "What happened, as written."),
    Column("outcome_kind", "claim.outcome.kind", "text", "What became of those it happened to, such as `killed`."),
    Column("quantity", "claim.quantity.text", "text", "The figure as written, with its hedge."),
    Column("quantity_value", "claim.quantity.value", "number", "The stated figure; null for ranges and vague plurals."),
    Column("quantity_low", "claim.quantity.low", "number", "Least value meant; null where open."),
    Column("quantity_high", "claim.quantity.high", "number", "Greatest value meant; null where open."),
    Column("quantity_comparator", "claim.quantity.comparator", "text", "How firmly it is stated, such as `at_least`."),
    Column("quantity_unit", "claim.quantity.unit", "text", "What is counted, or the unit of measure, as written."),
    Column("quantity_kind", "claim.quantity.kind", "text", "`people`, `materiel`, `money`, `percent` or `measure`."),
    Column("quantity_si_value", "claim.quantity.si_value", "number", "The value in SI units, where the unit has one."),
    Column("quantity_si_unit", "claim.quantity.si_unit", "text", "The SI unit."),
    Column("measure", "claim.measure", "text", "`period`, `cumulative` or `snapshot`."),
    Column("time", "claim.time.text", "text", "When it happened, as written."),
    Column("time_start", "claim.time.start_date", "day", "First day; null where open or unresolved."),
    Column("time_end", "claim.time.end_date", "day", "Last day, included; null where open or unresolved."),
    Column("time_basis", "claim.time.basis", "text", "What the days were reckoned from, such as `relative` (to publication)."),
    Column("time_granularity", "claim.time.granularity", "text", "How fine the words are, such as `day` or `month`."),
    Column("place", "claim.place.text", "text", "Where."),
    Column("evidence", "claim.evidence[0].text", "text", "The first sentence it was read from."),
    Column("evidence_start", "claim.evidence[0].start", "int", "Offset of that sentence in the article, in Unicode code points."),
    Column("evidence_end", "claim.evidence[0].end", "int", "Offset one past its end."),
    Column("verification", "claim.verification.status", "text", "What the article says of checking, such as `disputed`."),
    Column("verified_by", "claim.verification.by.text", "text", "Who verified, disputed or denied it, where named."),
    Column("verification_evidence", "claim.verification.evidence.text", "text", "The sentence that says so."),
    Column("cached", "claim.provenance.cached", "flag", "Whether it was read from remembered answers alone."),
    *_MADE_BY,
    Column("claim", "claim", "claim", "The whole claim: every slot with its place in the article, as `extractor schema` describes it."),
)  # fmt: skip
"""One row a claim."""

ARTICLES: Final = (
    Column("key", "entry.key", "text", "Digest of the article's bytes and of how they are read, 32 hexadecimal digits."),
    *_ENTRY,
    Column("length", "document.length", "int", "Code points of its text."),
    Column("sentences", "document.sentences", "int", "How many sentences it has."),
    Column("claims", "entry.claims", "int", "How many claims were read from it."),
    Column("verifications", "entry.verifications", "int", "How many sentences say whether claims were checked."),
    Column("records", "entry.records", "int", "How many results a profile with a schema of its own has; they are in the extraction."),
    Column("rejections", "entry.rejections", "int", "How many drafts of the model were thrown out."),
    Column("planted", "entry.planted", "int", "How many sentences speak to a machine instead of a reader, and were left out."),
    Column("windows", "entry.windows", "int", "How many windows it was read in."),
    Column("outcome", "entry.outcome", "text", "`ok`, or `partial` where a window was refused or cut off."),
    Column("requests", "usage.requests", "count", "Requests sent for it; 0 where every answer was remembered."),
    Column("input_tokens", "usage.input_tokens", "count", "Tokens read by the model."),
    Column("cached_input_tokens", "usage.cached_input_tokens", "count", "Those of them the provider had already read."),
    Column("output_tokens", "usage.output_tokens", "count", "Tokens written by the model."),
    *_MADE_BY,
    Column("profile", "provenance.profile", "text", "Name of the extraction task."),
    Column("endpoint", "provenance.endpoint", "text", "Digest of the model's file, or address of its server."),
    Column("text", "entry.text", "text", "Its text where that is not the input's own characters, as of a page of HTML."),
)  # fmt: skip
"""One row an article that is finished."""

COUNTED: Final = ("claims", "verifications", "records", "rejections", "planted", "windows")
"""Lists of an extraction whose lengths are columns."""

WHOLE: Final = ("ok", "empty", "skipped")
"""Outcomes of a window that brought a whole answer."""
