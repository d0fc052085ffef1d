"""Prompts: versioned files, loaded by reference and rendered into messages.

A reference such as ``claims@1`` is the file ``claims/1.md`` of the prompts folder. A file holds the sections System,
Context, Window and any number of Examples; Context and Window are ``string.Template`` texts, filled in one pass, so
nothing in an article is ever read as a template. Article text stands in the last user message only, between two marker
lines whose code is a digest of that very text: whoever writes the text cannot know the code, and the same text always
makes the same message.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from extractor.errors import PromptError
from extractor.requests import Message

_PACKAGE: Final = Path(__file__).parent
SHIPPED: Final = next(p for p in (_PACKAGE / "prompt_files", _PACKAGE.parent / "prompts") if p.is_dir())
"""The package's own prompts: inside it in a wheel, beside it in a checkout."""

_REFERENCE: Final = re.compile(r"(?P<name>[a-z][a-z0-9_-]*)@(?P<version>[1-9]\d*)")
_SECTION: Final = re.compile(r"^# (System|Context|Window|Example)[ \t]*$", re.MULTILINE)
_PART: Final = re.compile(r"^## (Sentences|Answer)[ \t]*$", re.MULTILINE)
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)
_OPENING_QUOTE: Final = re.compile(r'(?<![^\s(\[\u2014-])"(?=\S)')
_CLOSING_QUOTE: Final = re.compile('"')


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: the sentences of a window, and the drafts that answer it, each a line of JSON."""

    sentences: tuple[str, ...]
    answer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A loaded prompt.

    Attributes:
        reference: Its name and version, such as ``claims@1``.
        digest: SHA-256 of the file, line ends normalised.
        system: The instructions.
        context: Template of the line that shows earlier sentences.
        window: Template of the fenced, numbered sentences.
        examples: Worked examples, shown as earlier turns of the conversation.
    """

    reference: str
    digest: str
    system: str
    context: str
    window: str
    examples: tuple[Example, ...]

    def ask(self, sentences: tuple[str, ...], context: tuple[str, ...] = ()) -> Message:
        """Return the user's message for the sentences of a window, numbered from 1, after read-only ``context``."""
        shown = [readable(sentence) for sentence in sentences]
        numbered = "\n".join(f"[{number}] {sentence}" for number, sentence in enumerate(shown, 1))
        before = " ".join(readable(sentence) for sentence in context)
        lead = Template(self.context).substitute(context=before) + "\n" if before else ""
        return Message(role="user", content=lead + Template(self.window).substitute(fence=_fence(lead, numbered), sentences=numbered))


def load(reference: str, *, folders: Iterable[Path | None] = ()) -> Prompt:
    """Load the prompt ``reference`` from the first of ``folders`` that holds it, else from the package.

    Raises:
        PromptError: The reference is malformed, the file is missing, or it lacks a section.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        msg = f"'{reference}' is no prompt reference; write a name and a version, such as claims@1"
        raise PromptError(msg)
    relative = f"{match['name']}/{match['version']}.md"
    places = [place for place in (*folders, SHIPPED) if place is not None]
    for place in places:
        found = place / relative
        if found.is_file():
            return _parse(reference, _text(found))
    msg = f"there is no prompt '{reference}': looked for {relative} in {' and '.join(map(str, places))}"
    raise PromptError(msg)


def readable(text: str) -> str:
    """Return ``text`` as a model is shown it.

    One line, without invisible, control and direction characters, straight double quotes turned to typographic ones:
    those would have to be escaped in the JSON answer, and small models end the string there instead.
    """
    shown = " ".join(_INVISIBLE.sub("", text).split())
    return _CLOSING_QUOTE.sub("\u201d", _OPENING_QUOTE.sub("\u201c", shown))


def digest(text: str) -> str:
    """Return the digest of a prompt file's text."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def _text(found: Path) -> str:
    try:
        return found.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"the prompt file {found} cannot be read: {error}"
        raise PromptError(msg) from error


def _parse(reference: str, text: str) -> Prompt:
    pieces = _SECTION.split(text.replace("\r\n", "\n"))
    sections = [(name, body.strip()) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)]
    single = dict(sections)
    for needed in ("System", "Window"):
        if not single.get(needed):
            msg = f"the prompt '{reference}' has no section '# {needed}'"
            raise PromptError(msg)
    examples = tuple(_example(reference, body) for name, body in sections if name == "Example")
    return Prompt(reference, digest(text), single["System"], single.get("Context", ""), single["Window"], examples)


def _example(reference: str, body: str) -> Example:
    pieces = _PART.split(body)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if set(parts) != {"Sentences", "Answer"}:
        msg = f"an example of the prompt '{reference}' needs the parts '## Sentences' and '## Answer'"
        raise PromptError(msg)
    lines = {name: tuple(line.strip() for line in part.splitlines() if line.strip()) for name, part in parts.items()}
    return Example(lines["Sentences"], lines["Answer"])


def _fence(*texts: str) -> str:
    """Return 60 bits of the texts' digest as letters, few tokens in every vocabulary."""
    found = hashlib.sha256("\x1f".join(texts).encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(found)[:12].decode().lower()
