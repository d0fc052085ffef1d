"""Extractions that were never asked for: fixed ones for the store, generated ones for the tables."""

from __future__ import annotations

import datetime as dt
import hashlib

from hypothesis import strategies as st

from extractor.batch.manifest import Manifest
from extractor.batch.results import Failed, Finished
from extractor.claims import Claim
from extractor.extraction import Extraction
from extractor.requests import Usage

SOURCE = "archive.jsonl"


def manifest(**fields) -> Manifest:
    """Return the manifest of a batch."""
    known = {"profile": "claims", "prompt": "claims/1", "prompt_digest": "d1", "model": "openai/scripted", "endpoint": "http://127.0.0.1"}
    return Manifest.model_validate({**known, "inputs": ("archive.jsonl",), "started": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), **fields})


def key(number: int) -> bytes:
    """Return the key of an article."""
    return hashlib.sha256(b"%d" % number).digest()[:16]


def extraction(number: int) -> Extraction:
    """Return the extraction of an article: as many claims as its number modulo 4, every third one partial."""
    words = f"{number} dead, said \u2028\tKyiv\u0000\nno\u00ebl \U0001f600"
    evidence = {"text": words, "start": 0, "end": len(words)}
    source = {"text": "Kyiv", "start": 3, "end": 7, "kind": "government"}
    claim = {
        "id": f"claim-{number}",
        "type": "human_losses",
        "attribution": {"sources": [source] if number % 2 else [], "voice": "attributed" if number % 2 else "outlet"},
        "quantity": {"text": str(number), "start": 0, "end": len(str(number)), "low": number, "value": number, "high": number},
        "time": {"text": "today", "start": 0, "end": 5, "start_date": "2023-07-19", "end_date": "2023-07-19", "basis": "relative"},
        "evidence": [evidence],
        "provenance": {"window": 0, "requests": ["r"]},
    }
    return Extraction.model_validate(
        {
            "document": {"id": f"document-{number}", "published": "2023-07-19", "length": 40, "sentences": 2},
            "claims": [claim] * (number % 4),
            "verifications": [],
            "rejections": [],
            "windows": [{"index": 0, "start": 0, "end": 40, "outcome": "refused" if number % 3 == 0 else "ok"}],
            "usage": {"requests": 1, "input_tokens": 100, "cached_input_tokens": 10, "output_tokens": 20},
            "provenance": {
                "extractor": "0", "profile": "claims", "prompt": "claims/1", "prompt_digest": "d1", "model": "openai/scripted",
                "endpoint": "http://127.0.0.1",
            },
        }
    )  # fmt: skip


def finished(number: int, *, size: int = 0) -> Finished:
    """Return a finished article, with a text of about ``size`` characters where that is not 0."""
    made = extraction(number)
    return Finished(
        key=key(number),
        source=SOURCE,
        position=f"line {number}",
        document=made.document.id,
        text="text\twith\nboth " * (size // 15) if size else None,
        extraction=made.model_dump_json().encode(),
        usage=made.usage,
        claims=len(made.claims),
        outcome="ok" if made.complete else "partial",
    )


def failed(number: int, *, passing: bool = True, error: str = "RateLimitError") -> Failed:
    """Return a dead letter."""
    return Failed(
        key=key(number),
        source=SOURCE,
        position=f"line {number}",
        document=None,
        error=error,
        message="too many requests\u2028, wait",
        attempts=3,
        passing=passing,
        at="2026-01-01T00:00:00+00:00",
        usage=Usage(requests=3),
    )


_words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
_maybe = st.none() | _words
_days = st.none() | st.dates()
_numbers = st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)


def _spans(**fields):
    def span(text, start, rest):
        return {"text": text, "start": start, "end": start + len(text), **rest}

    return st.builds(span, _words, st.integers(0, 2**30), st.fixed_dictionaries(fields))


def _one(name: str):
    return st.none() | st.sampled_from(_choices(name))


def _choices(name: str) -> tuple[str, ...]:
    from typing import get_args

    from extractor import claims

    return get_args(getattr(claims, name))


def _ordered(pair):
    return [value for _, value in zip(pair, sorted(pair), strict=True)] if None not in pair else pair


def _quantities():
    def quantity(span, bounds, rest):
        low, high = _ordered(bounds)
        return {**span, "low": low, "high": high, **rest}

    rest = {"value": _numbers, "comparator": st.sampled_from(_choices("Comparator")), "unit": _maybe, "kind": _one("QuantityKind")}
    si = {"si_value": st.none() | st.floats(allow_nan=False, allow_infinity=False), "si_unit": _maybe}
    return st.builds(quantity, _spans(), st.tuples(_numbers, _numbers), st.fixed_dictionaries(rest | si))


def _times():
    def time(span, bounds, rest):
        start, end = _ordered(bounds)
        return {**span, "start_date": start, "end_date": end, **rest}

    return st.builds(
        time, _spans(), st.tuples(_days, _days), st.fixed_dictionaries({"basis": _one("Basis"), "granularity": _one("Granularity")})
    )


_sources = _spans(
    canonical=_maybe, name=st.none() | _spans(), title=st.none() | _spans(), affiliation=st.none() | _spans(), party=_maybe, side=_maybe,
    kind=_one("SourceKind"),
)  # fmt: skip
_claims = st.fixed_dictionaries(
    {
        "id": _words,
        "type": st.sampled_from(_choices("ClaimType")),
        "attribution": st.fixed_dictionaries(
            {
                "sources": st.lists(_sources, max_size=3),
                "cue": st.none() | _spans(),
                "channel": st.none() | _spans(),
                "stated_on": st.none() | _spans(date=_days),
                "stance": _one("Stance"),
                "quotation": _one("Quotation"),
                "voice": st.sampled_from(["attributed", "outlet"]),
            }
        ),
        "subject": st.none() | _spans(),
        "outcome": st.none() | _spans(kind=_one("OutcomeKind")),
        "target": st.none() | _spans(),
        "polarity": st.sampled_from(["affirmed", "negated"]),
        "quantity": st.none() | _quantities(),
        "measure": _one("Measure"),
        "time": st.none() | _times(),
        "place": st.none() | _spans(),
        "evidence": st.lists(_spans(), min_size=1, max_size=3),
        "verification": st.none()
        | st.fixed_dictionaries(
            {
                "status": st.sampled_from(_choices("VerificationStatus")),
                "by": st.none() | _spans(),
                "evidence": _spans(),
                "claims": st.lists(_words, max_size=2),
            }
        ),
        "provenance": st.fixed_dictionaries(
            {"window": st.none() | st.integers(0, 2**31 - 1), "requests": st.lists(_words, max_size=2), "cached": st.booleans()}
        ),
    }
).map(Claim.model_validate)
_documents = st.fixed_dictionaries(
    {
        "id": _words, "published": _days, "title": _maybe, "publisher": _maybe, "language": _words, "url": _maybe,
        "length": st.integers(0, 2**31 - 1), "sentences": st.integers(0, 2**31 - 1),
    }
)  # fmt: skip
_outcomes = st.sampled_from(["ok", "empty", "skipped", "refused", "truncated"])


def _extraction(document, claims, outcomes, rejections):
    return Extraction.model_validate(
        {
            **extraction(1).model_dump(),
            "document": document,
            "claims": claims,
            "rejections": rejections,
            "windows": [{"index": index, "start": 0, "end": 1, "outcome": outcome} for index, outcome in enumerate(outcomes)],
        }
    )


_rejections = st.lists(
    st.fixed_dictionaries(
        {"window": st.just(0), "reason": _words, "message": _words, "draft": st.none() | st.dictionaries(_words, _words | st.lists(_words))}
    ),
    max_size=2,
)
extractions = st.builds(_extraction, _documents, st.lists(_claims, max_size=3), st.lists(_outcomes, max_size=3), _rejections)
"""Generates extractions."""
