"""The limit: a bare loop over aiohttp on uvloop, with orjson; no retries, no validation, no cache."""

from __future__ import annotations

import asyncio

import aiohttp
import orjson  # type: ignore[import-not-found]  # of the peers' environment
import uvloop
from measuring import Work, read, shown


async def main(work: Work) -> None:
    """Send everything."""
    job = work.job
    before = [{"role": "system", "content": job["system"]}, *job["turns"]]
    headers = {"content-type": "application/json", "authorization": "Bearer k"}
    connector = aiohttp.TCPConnector(limit=job["in_flight"])
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def send(line: bytes) -> int:
            question = {"role": "user", "content": shown(orjson.loads(line)["text"])}
            body = {"model": "m", "messages": [*before, question], "max_completion_tokens": 8000, "response_format": job["schema"]}
            async with session.post(job["url"] + "/chat/completions", data=orjson.dumps(body)) as reply:
                answer = orjson.loads(await reply.read())
            return len(orjson.loads(answer["choices"][0]["message"]["content"])["claims"])

        await work.by_workers(send, gather=asyncio.gather)


if __name__ == "__main__":
    given = read()
    uvloop.run(main(given))
    given.tell()
