"""The page for people at ``/``: its files from a table, under a policy by which no text of a stranger can act.

The page is a client of the same API as any other program; nothing is rendered here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from extractor.documents import Frozen
from extractor.errors import ReaderError, RefusedError
from extractor.readers import text

router: Final = APIRouter(include_in_schema=False)

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the page may do: run its own files, talk to its own server, and never make markup or code of a string."""

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",  # names carry no version, so each load asks whether its files are still the same
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SERVICE: Final = Path(__file__).parents[1]
_FOLDER: Final = _SERVICE / "page"
_ARTICLES: Final = next((p for p in (_SERVICE.parent / "example_articles", _SERVICE.parents[1] / "examples") if p.is_dir()), None)
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is served: its bytes, their content type and their tag."""

    content: bytes
    type: str
    tag: str


class ExampleOut(Frozen):
    """An article that ships with the service.

    Attributes:
        name: Its name, as its address ends.
        title: Its headline.
        publisher: Its outlet, invented like everybody in it.
    """

    name: str
    title: str
    publisher: str | None = None


class ExamplesOut(Frozen):
    """The articles that ship with the service."""

    examples: tuple[ExampleOut, ...]


@router.get("/")
async def start(request: Request) -> Response:
    """Answer with the page."""
    return _answer(request, _files()["index.html"])


@router.get("/page/examples")
async def examples() -> ExamplesOut:
    """Answer with the names of the articles to try the page on."""
    return ExamplesOut(examples=tuple(_example(name, file) for name, file in _articles().items()))


@router.get("/page/examples/{name}")
async def example(name: str, request: Request) -> Response:
    """Answer with one of those articles."""
    return _answer(request, _found(_articles(), name))


@router.get("/page/{name}")
async def file(name: str, request: Request) -> Response:
    """Answer with a file of the page."""
    return _answer(request, _found(_files(), name))


@cache
def _files() -> dict[str, _File]:
    """Return the files of the page by name; read once, so that no request names a path of the disk."""
    return {path.name: _read(path) for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}


@cache
def _articles() -> dict[str, _File]:
    return {path.stem: _read(path) for path in sorted(_ARTICLES.glob("*.txt"))} if _ARTICLES is not None else {}


def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(content, _TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _found(table: dict[str, _File], name: str) -> _File:
    if name not in table:
        msg = "the page has no file of that name; open / for the page itself"
        raise RefusedError(msg, kind="not-found")
    return table[name]


def _answer(request: Request, found: _File) -> Response:
    headers = {**_HEADERS, "ETag": found.tag}
    known = (tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(","))
    if found.tag in known:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.type, headers=headers)


def _example(name: str, found: _File) -> ExampleOut:
    try:
        article = text.parse(found.content.decode(), name=name)
    except (ReaderError, UnicodeDecodeError):
        return ExampleOut(name=name, title=name)
    return ExampleOut(name=name, title=article.title or name, publisher=article.publisher)
