"""instructor as shipped, with a semaphore around its calls, as its documentation shows for many of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import instructor
from measuring import Work, read, shown
from openai import AsyncOpenAI
from pydantic import BaseModel


class Claim(BaseModel):
    """One claim."""

    sentence: int
    source: str | None = None
    subject: str | None = None
    outcome: str
    quantity: str | None = None
    target: str | None = None
    time: str | None = None
    place: str | None = None
    type: str


class Answer(BaseModel):
    """All claims of an article."""

    claims: list[Claim]


async def main(work: Work) -> None:
    """Send everything."""
    job = work.job
    before: list[Any] = [{"role": "system", "content": job["system"]}, *job["turns"]]
    sdk = AsyncOpenAI(base_url=job["url"], api_key="k")
    client = instructor.from_openai(sdk, mode=instructor.Mode.JSON_SCHEMA)
    semaphore = asyncio.Semaphore(job["in_flight"])

    async def send(line: bytes) -> int:
        question: Any = {"role": "user", "content": shown(json.loads(line)["text"])}
        async with semaphore:
            answer = await client.create(model="m", messages=[*before, question], response_model=Answer, max_completion_tokens=8000)
        return len(answer.claims)

    await send(work.articles[0])
    with work.measured():
        work.claims = sum(await asyncio.gather(*[send(line) for line in work.articles[1:]]))
    await sdk.close()


if __name__ == "__main__":
    given = read()
    asyncio.run(main(given))
    given.tell()
