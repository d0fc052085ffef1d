"""Archives of articles for the fault scripts: any number of short ones, each different, and files that are damaged."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PLACES: Final = ("harbour", "valley", "market", "station", "border", "old town")
_SPEAKERS: Final = ("The ministry", "A spokesman", "The mayor", "The agency", "The rescue service")


def article(number: int, order: str = "") -> dict[str, str]:
    """Return the fields of article ``number``: three sentences that one window holds.

    Args:
        number: Which.
        order: Words to end with, for example ``MOCK:500:1``: what the mock shall do with requests about it.
    """
    draw = random.Random(number)
    place, speaker = draw.choice(_PLACES), draw.choice(_SPEAKERS)
    text = (
        f"{speaker} said on Wednesday that {number + 17} people had left the {place} in district {number}."
        f" Nobody was hurt, it added. The road to the {place} stayed closed for {draw.randint(2, 90)} hours."
        f"{order and f' {order}'}"
    )
    return {"id": f"article-{number}", "title": f"Report {number}", "published": "2026-11-18", "text": text}


def draft(number: int) -> dict[str, str]:
    """Return the claim that article ``number`` makes in its first sentence, as a model answers."""
    speaker = article(number)["text"].split(" said")[0]
    return {"source": speaker, "outcome": "left", "quantity": f"{number + 17} people", "type": "other"}


def drafts(count: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the first sentence of ``count`` articles with its claim, as the mock wants to know them."""
    yield from ((article(number)["text"].partition(". ")[0] + ".", draft(number)) for number in range(count))


def lines(path: Path, count: int, *, first: int = 0) -> Path:
    """Write ``count`` articles as JSON lines and return the path."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(article(first + number)) + "\n" for number in range(count))
    return path


def same(path: Path, count: int) -> Path:
    """Write ``count`` articles with one text and different ids, as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(article(1) | {"id": f"copy-{number}"}) + "\n" for number in range(count))
    return path


def page(number: int) -> str:
    """Return article ``number`` as a page of HTML, with enough text to be told from the page's furniture."""
    fields = article(number)
    paragraphs = "".join(f"<p>{fields['text']}</p>" for _ in range(4))
    return (
        f"<html><head><title>{fields['title']}</title></head>"
        f"<body><nav>Home</nav><article><h1>{fields['title']}</h1>{paragraphs}</article></body></html>"
    )


def pages(folder: Path, count: int) -> Path:
    """Write ``count`` pages of HTML into a folder and return it."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}.html").write_text(page(number), encoding="utf-8")
    return folder


def hanging_page(number: int) -> str:
    """Return a page that keeps a parser of HTML busy for too long: 200,000 attributes."""
    return "<html><body><p " + " ".join(f"a{at}=1" for at in range(200_000)) + f">He said so {number} times.</p></body></html>"


def _record(number: int) -> bytes:
    body = page(number).encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/{number}\r\nWARC-Date: 2026-11-18T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def records(count: int, *, packed: bool) -> Iterator[bytes]:
    """Yield ``count`` records of a web archive, each a member of its own where it is packed."""
    for number in range(count):
        yield gzip.compress(_record(number)) if packed else _record(number)
