"""Compare the extractor with the naive way: the same model, the same article, the same machine, one run.

The naive way asks once about the whole article and has every claim's evidence quoted word for word in the JSON. Both start
their own server and read their own prompt, without any cache. Prints seconds, output tokens and claims of both, and
the ratios. Usage: python benchmarks/naive.py ARTICLE [--published YYYY-MM-DD] [--order naive,ours]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import anyio
from pydantic import BaseModel, Field

from extractor.caches.base import NoCache
from extractor.claims import ClaimType
from extractor.documents import Document
from extractor.models import EMBEDDED, resolve
from extractor.pipeline import Extractor
from extractor.providers.table import provide
from extractor.readers import text
from extractor.requests import Message, Request
from extractor.schemas import response_format
from extractor.settings import Settings, load

_INSTRUCTIONS = (
    "Extract every claim in the news article as JSON: who says it, whom it is about, what happened, how many, when, where."
    " Quote the evidence for each claim word for word from the article."
)


class NaiveClaim(BaseModel):
    """A claim as a home-made script would ask for it."""

    type: ClaimType
    source: str | None
    subject: str | None
    outcome: str | None
    quantity: str | None
    time: str | None
    place: str | None
    evidence: str


class NaiveAnswer(BaseModel):
    """All claims of an article."""

    claims: list[NaiveClaim] = Field(max_length=30)


@dataclass(frozen=True)
class Measured:
    """One way's figures."""

    seconds: float
    input_tokens: int
    output_tokens: int
    claims: int
    grounded: int


async def naive(document: Document, settings: Settings) -> Measured:
    """Ask once about the whole article."""
    model = resolve(settings)
    article = document.text[document.body_start :]
    request = Request(
        endpoint="naive",
        model=model.served_as,
        messages=(Message(role="system", content=_INSTRUCTIONS), Message(role="user", content=article)),
        constraint=response_format(NaiveAnswer, name="claims"),
        max_tokens=3_000,
        sampling=dict(model.sampling),
    )
    began = time.monotonic()
    provider = provide(model, settings)
    try:
        await provider.prepare(request)
        completion = await provider.complete(request)
    finally:
        await provider.aclose()
    seconds = time.monotonic() - began
    try:
        claims = json.loads(completion.content)["claims"]
    except ValueError:
        whole = completion.content.rpartition('},{"type"')[0]
        claims = json.loads(whole + "}]}")["claims"] if whole else []
    verbatim = sum(claim["evidence"].strip() in article for claim in claims)
    return Measured(seconds, completion.usage.input_tokens, completion.usage.output_tokens, len(claims), verbatim)


async def ours(document: Document, settings: Settings) -> Measured:
    """Extract as the package does, nothing remembered."""
    began = time.monotonic()
    async with Extractor.from_settings(settings, cache=NoCache()) as extractor:
        extraction = await extractor.extract(document)
    seconds = time.monotonic() - began
    usage = extraction.usage
    grounded = sum(all(document.quote(s.start, s.end) == s.text for s in claim.spans()) for claim in extraction.claims)
    return Measured(seconds, usage.input_tokens, usage.output_tokens, len(extraction.claims), grounded)


WAYS = {"naive": naive, "ours": ours}


def main() -> None:
    """Measure both ways and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("article")
    parser.add_argument("--published", type=dt.date.fromisoformat)
    parser.add_argument("--order", default="naive,ours")
    arguments = parser.parse_args()
    document = text.read(arguments.article, published=arguments.published)
    found: dict[str, Measured] = {}
    for name in arguments.order.split(","):
        with tempfile.TemporaryDirectory() as folder:
            known = load(gguf=load().gguf or _downloaded())
            found[name] = anyio.run(WAYS[name], document, known.model_copy(update={"cache_dir": Path(folder)}))
        way = found[name]
        print(
            f"{name:6} {way.seconds:7.1f} s  {way.input_tokens:6} tokens in  {way.output_tokens:5} out  {way.claims:3} claims,"
            f" {way.grounded} verbatim, {way.output_tokens / max(1, way.claims):.1f} tokens a claim",
            flush=True,
        )
    if len(found) == len(WAYS):
        mine, other = found["ours"], found["naive"]
        each = (mine.output_tokens / max(1, mine.claims)) / (other.output_tokens / max(1, other.claims))
        print(f"ours / naive: seconds {mine.seconds / other.seconds:.2f}, output tokens a claim {each:.2f}")


def _downloaded() -> Path:
    from extractor.providers import weights

    settings = load()
    return weights.pull(EMBEDDED[next(iter(EMBEDDED))], settings)


if __name__ == "__main__":
    main()
