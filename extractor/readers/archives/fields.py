"""Which key of an object, or column of a table, fills which field of a document.

A user names keys where the usual names do not do: ``text=body``. A key of a nested object is named with dots:
``text=article.body``. What a user named must be usable. What was found under a usual name need not be: a publisher that is
a list is left out; but an entry whose text, id or date is unusable is refused, because claims would hang on them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import ValidationError

from extractor.documents import Document
from extractor.errors import ConfigurationError, ReaderError
from extractor.readers.archives import dates
from extractor.readers.archives.objects import Doubled

USUAL: Final[dict[str, tuple[str, ...]]] = {
    "text": ("text", "body", "content", "article", "articletext", "articlebody", "fulltext", "maintext", "story"),
    "id": ("id", "guid", "uuid", "docid", "documentid", "articleid"),
    "published": ("published", "date", "publishedat", "publisheddate", "datepublished", "publicationdate", "datepublish", "pubdate"),
    "title": ("title", "headline"),
    "publisher": ("publisher", "outlet", "source", "sourcename", "sitename", "sourcedomain"),
    "language": ("language", "lang"),
    "url": ("url", "link", "sourceurl", "canonicalurl", "uri"),
}  # fmt: skip
"""The fields of a document, and the keys that fill them by default, first come first; case, ``_``, ``-`` and space do not count."""

_LONGEST: Final = {"id": 500, "title": 10_000, "publisher": 1_000, "language": 35, "url": 10_000}
_NEEDED: Final = frozenset({"id"})
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SHOWN: Final = 20
_LONGEST_KEY: Final = 100


class Naming:
    """Knows the keys of a document's fields.

    Args:
        named: Key of each field that the user named: ``{"text": "body"}``; an empty key leaves a field out.

    Raises:
        ConfigurationError: A field is unknown, or the text is left out.
    """

    def __init__(self, named: Mapping[str, str] | None = None) -> None:
        self.named = dict(named or {})
        if unknown := sorted(self.named.keys() - USUAL.keys()):
            msg = f"a document has no field '{unknown[0]}'; its fields are {', '.join(USUAL)}"
            raise ConfigurationError(msg)
        if self.named.get("text") == "":
            msg = "a document needs a text; name its key, for example text=body"
            raise ConfigurationError(msg)
        self.digest = hashlib.sha256(json.dumps(sorted(self.named.items())).encode()).digest()

    @classmethod
    def of(cls, options: Iterable[str]) -> Naming:
        """Return the naming that options such as ``text=body`` ask for.

        Raises:
            ConfigurationError: An option is none.
        """
        named: dict[str, str] = {}
        for option in options:
            field, equals, key = option.partition("=")
            if not equals:
                msg = f"'{option}' names no key for a field; write it as FIELD=KEY, for example text=body"
                raise ConfigurationError(msg)
            named[field.strip()] = key.strip()
        return cls(named)

    def lacks_text(self, names: Iterable[str]) -> str | None:
        """Return why a table with the columns ``names`` gives no texts, to follow its name and a colon; None where it does."""
        known = list(names)
        return None if self._keys("text", known) else self._no_text(known)

    def columns(self, names: Iterable[str]) -> list[str]:
        """Return those of a table's columns ``names`` that a document is made of."""
        known = list(names)
        found = [self._keys(field, known) for field in USUAL]
        return list(dict.fromkeys(key for keys in found for key in keys))

    def document(self, values: Mapping[str, Any], *, name: str, published: dt.date | None, most: int) -> Document:
        """Return the document that ``values`` are.

        Args:
            values: A JSON object, or a row.
            name: What it is called in messages.
            published: Publication date; it wins over one in ``values``.
            most: Largest size of a text, in bytes of UTF-8.

        Raises:
            ReaderError: Text, id or date, or a field the user named, is missing or unusable.
        """
        fields: dict[str, Any] = {"text": self._text(values, name, most), "published": published or self._published(values, name)}
        for field, longest in _LONGEST.items():
            value, key = self._value(field, values, name)
            if value is None:
                continue
            try:
                fields[field] = _word(value, field, longest)
            except ValueError as error:
                if field in self.named or field in _NEEDED:
                    msg = f"{name}: the {field} in '{_shown(key)}' {error}; correct it, or leave it out with --field {field}="
                    raise ReaderError(msg) from None
        try:
            return Document.model_validate({field: value for field, value in fields.items() if value is not None})
        except ValidationError as error:
            msg = f"{name} cannot be used: {error.errors(include_url=False, include_input=False)[0]['msg'].removeprefix('Value error, ')}"
            raise ReaderError(msg) from None

    def _text(self, values: Mapping[str, Any], name: str, most: int) -> str:
        text, key = self._value("text", values, name)
        if text is None and self._keys("text", values):
            msg = f"{name} has an empty text"
            raise ReaderError(msg)
        if text is None:
            msg = f"{name}: {self._no_text(list(values))}"
            raise ReaderError(msg)
        if not isinstance(text, str):
            msg = f"{name}: the text in '{_shown(key)}' is {_kind(text)}; name the right key by --field text=KEY"
            raise ReaderError(msg)
        if not text.strip("\ufeff \t\r\n"):
            msg = f"{name} has an empty text"
            raise ReaderError(msg)
        if (odd := _odd(text)) is not None:
            msg = f"{name}: the text holds {_oddity(text[odd])} at offset {odd}, so it is no valid text; correct it or leave it out"
            raise ReaderError(msg)
        if len(text) * 4 > most and len(text.encode()) > most:
            msg = f"{name}: the text is larger than {most / 1e6:g} MB, too large for one article; split it, or raise EXTRACTOR_MAX_BYTES"
            raise ReaderError(msg)
        return text

    def _no_text(self, names: list[str]) -> str:
        keys = ", ".join(_shown(key) for key in names[:_SHOWN]) or "none"
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        sought = f"has no text in '{_shown(self.named['text'])}'" if "text" in self.named else "has no text"
        return f"{sought}; its keys are {keys}{more}: name the one with the text by --field text=KEY"

    def _published(self, values: Mapping[str, Any], name: str) -> dt.date | None:
        value, key = self._value("published", values, name)
        try:
            return dates.day(value)
        except (ValueError, TypeError, IndexError):  # the last two: what email.utils lets through
            told = f"'{_shown(value)}'" if isinstance(value, (str, int, float)) else _kind(value)
            msg = f"{name}: the date in '{_shown(key)}' is {told}; write it as YYYY-MM-DD, or leave it out with --field published="
            raise ReaderError(msg) from None

    def _value(self, field: str, values: Mapping[str, Any], name: str) -> tuple[Any, str]:
        """Return what fills ``field`` and under which key it stands; the first usual name with a value wins."""
        for key in self._keys(field, values):
            value = values.get(key)
            if isinstance(values, Doubled) and key in values.names:
                msg = f"{name} has the key '{_shown(key)}' more than once, so its {field} is in doubt; leave one"
                raise ReaderError(msg)
            if field in self.named and key != self.named[field]:
                value = _nested(value, self.named[field][len(key) + 1 :])
            if value is not None and value != "":
                return value, key
        return None, self.named.get(field, "")

    def _keys(self, field: str, values: Iterable[str]) -> list[str]:
        """Return the keys among ``values`` that may fill ``field``, in order of preference."""
        if field in self.named:
            key = self.named[field]
            present = set(values)
            parts = key.split(".")
            prefixes = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
            return next(([prefix] for prefix in prefixes if prefix in present), [])
        return _usual(tuple(values))[field]


def _nested(value: Any, path: str) -> Any:
    """Return what stands in nested objects at the dotted ``path``."""
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


@lru_cache(maxsize=64)
def _usual(keys: tuple[str, ...]) -> dict[str, list[str]]:
    """Return which of ``keys`` may fill each field; the objects of an archive mostly have the same."""
    plain: dict[str, str] = {}
    for key in keys:
        plain.setdefault(key[:_LONGEST_KEY].lower().replace("_", "").replace("-", "").replace(" ", ""), key)
    return {field: [plain[name] for name in names if name in plain] for field, names in USUAL.items()}


def _word(value: Any, field: str, longest: int) -> str | None:
    """Return a field of one line.

    Raises:
        ValueError: ``value`` is none; the message says why.
    """
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        msg = f"is {_kind(value)}"
        raise ValueError(msg)  # noqa: TRY004  # the value is wrong, not the caller
    word = (str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)).strip()
    if len(word) > longest:
        msg = f"has {len(word):,} characters, more than {longest:,}"
        raise ValueError(msg)
    control = _CONTROL.search(word) if field in _NEEDED else None
    if (odd := control.start() if control else _odd(word)) is not None:
        msg = f"holds {_oddity(word[odd])}"
        raise ValueError(msg)
    if field == "language":
        word = word.replace("_", "-")
        if word and not _TAG.fullmatch(word):
            msg = "is no language tag such as en or pt-BR"
            raise ValueError(msg)
    return word or None


def _odd(text: str) -> int | None:
    """Return where ``text`` holds what no valid text holds: a NUL, or half of a surrogate pair."""
    if "\0" in text:
        return text.index("\0")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def _oddity(character: str) -> str:
    code = ord(character)
    if code < 0xD800:
        return f"the control character U+{code:04X}"
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries what it could not decode
        return f"byte 0x{code - 0xDC00:02X}, which is not UTF-8,"
    return f"a lone surrogate (U+{code:04X})"


def _kind(value: object) -> str:
    kinds = {list: "a list", dict: "an object", bool: "true or false", int: "a number", float: "a number", str: "a text"}
    return kinds.get(type(value), "no text")


def _shown(value: object) -> str:
    """Return a key or a date as it may stand in a message."""
    return "".join(character if character.isprintable() else "?" for character in str(value)[:40])
