"""langextract with one call an article, as many workers and articles of a round as may be in flight."""

from __future__ import annotations

import json
import logging

import langextract as lx  # type: ignore[import-not-found]  # of the peers' environment
from langextract.providers.openai import OpenAILanguageModel  # type: ignore[import-not-found]  # the same
from measuring import Work, read

EXAMPLE = lx.data.ExampleData(
    text="The ministry said on Monday that 12 drones were destroyed by the northern army near Halvane.",
    extractions=[
        lx.data.Extraction(
            "claim", "12 drones", attributes={"source": "The ministry", "outcome": "were destroyed", "place": "near Halvane"}
        )
    ],
)


def main(work: Work) -> None:
    """Send everything."""
    job = work.job
    model = OpenAILanguageModel(model_id="gpt-4o", api_key="k", base_url=job["url"], max_workers=job["in_flight"])

    def claims(lines: list[bytes]) -> int:
        fields = [json.loads(line) for line in lines]
        found = lx.extract(
            [lx.data.Document(text=article["text"], document_id=article["id"]) for article in fields],
            prompt_description=job["system"],
            examples=[EXAMPLE],
            model=model,
            max_char_buffer=5000,
            batch_length=job["in_flight"],
            max_workers=job["in_flight"],
            show_progress=False,
            use_schema_constraints=False,
        )
        return sum(len(document.extractions or ()) for document in found)

    claims(work.articles[:1])
    with work.measured():
        work.claims = claims(work.articles[1:])


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    given = read()
    main(given)
    given.tell()
