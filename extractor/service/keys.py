"""Keys: who may call a service. A key is shown once, when it is made; what is kept is its digest.

A key reads ``ck_<id>_<secret>``, a form that scanners for leaked secrets can know: the id finds the row, and the secret is 32 random
bytes, so its SHA-256 needs no salt and no slow hashing. Keys are added and revoked, never changed or deleted, so two counts tell
whether anything is new.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from extractor.errors import ConfigurationError
from extractor.service import signing
from extractor.service.callers import OPEN, Caller
from extractor.service.keyfile import KeyFile
from extractor.service.spending import Spending

_TOKEN: Final = re.compile(r"ck_([0-9a-f]{12})_[A-Za-z0-9_-]{43}", re.ASCII)
_LIST: Final = "SELECT id, name, created, revoked, rate, in_flight, tokens_a_day, webhook_secret FROM keys ORDER BY number"
_READ: Final = "SELECT id, digest, name, rate, in_flight, tokens_a_day, revoked IS NOT NULL, webhook_secret FROM keys"
_ADD: Final = "INSERT INTO keys (id, digest, name, created, rate, in_flight, tokens_a_day, webhook_secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_REVOKE: Final = "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL"
_SPENT: Final = "SELECT key, sum(spent + held) FROM spending WHERE day = ? GROUP BY key"
_COUNTS: Final = "SELECT count(*), count(revoked), (SELECT seq FROM sqlite_sequence WHERE name = 'keys') FROM keys"
_FRESH: Final = 1.0
"""Seconds for which what was read of the file is taken to hold."""
_LONGEST_NAME: Final = 100
_MOST: Final = 10**15
"""Largest limit: a number that JSON and SQLite hold exactly, summed up too."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, without its secret.

    Attributes:
        id: What it is called by in tables and commands.
        name: Whose it is, in the words of whoever made it.
        created: When it was made.
        revoked: Since when it is not valid any more; None while it is.
        rate: Requests a minute; None for any number.
        in_flight: Extractions under way at once; None for any number.
        tokens_a_day: Tokens that may be spent in a day of UTC; None for any number.
        webhook_secret: What webhooks of its jobs are signed with: ``whsec_`` and base64.
    """

    id: str
    name: str
    created: dt.datetime
    revoked: dt.datetime | None
    rate: int | None
    in_flight: int | None
    tokens_a_day: int | None
    webhook_secret: str = field(repr=False)


class Keys:
    """The keys of a service's folder; made by ``open``. Calls may come from any thread.

    Args:
        file: Where they are kept.
        clock: Returns the time in seconds, never going back.

    Attributes:
        spending: What is spent by them.
    """

    def __init__(self, file: KeyFile, clock: Callable[[], float] = time.monotonic) -> None:
        self.spending = Spending(file.path.parent)
        self._file = file
        self._clock = clock
        self._nobody: tuple[bytes, Caller | None] = (secrets.token_bytes(32), None)
        self._known: dict[str, tuple[bytes, Caller | None]] = {}
        self._webhook_secrets: dict[str, str] = {}
        self._counts: tuple[int, int] | None = None
        self._looked = 0.0
        self._refresh()

    @classmethod
    def open(cls, folder: Path, clock: Callable[[], float] = time.monotonic) -> Self:
        """Return the keys of ``folder``, which is made where there is none.

        Raises:
            StorageError: They cannot be read, or are damaged.
        """
        file = KeyFile(folder)
        try:
            return cls(file, clock)
        except BaseException:
            file.close()
            raise

    @property
    def folder(self) -> Path:
        """The service's folder."""
        return self._file.path.parent

    def any(self) -> bool:
        """Tell whether there are keys, and so whether one is needed. A revoked one counts: revoking the last opens no door.

        Raises:
            StorageError: That cannot be read.
        """
        self._look()
        return bool(self._known)

    def find(self, secret: str) -> Caller | None:
        """Return whose key ``secret`` is, None where it is nobody's; however it is wrong, the same is done to find that out.

        Raises:
            StorageError: The keys cannot be read.
        """
        self._look()
        form = _TOKEN.fullmatch(secret)
        digest, caller = self._known.get(form[1] if form else "", self._nobody)
        return caller if hmac.compare_digest(_digest(secret), digest) else None

    def caller(self, id: str) -> Caller | None:  # noqa: A002  # its name
        """Return the caller of this id, whose jobs are done at their expense; None where the key was revoked.

        Raises:
            StorageError: The keys cannot be read.
        """
        self._look()
        if id == OPEN.id:
            return OPEN
        return self._known.get(id, self._nobody)[1]

    def webhook_secret(self, caller: str) -> str | None:
        """Return what webhooks of a caller's jobs are signed with, by the caller's id; None for one without a key.

        Raises:
            StorageError: The keys cannot be read.
        """
        self._look()
        return self._webhook_secrets.get(caller)

    def list(self) -> tuple[Key, ...]:
        """Return all keys, revoked ones included, in the order in which they were made.

        Raises:
            StorageError: They cannot be read.
        """
        with self._file.reading() as sql:
            rows = sql.execute(_LIST).fetchall()
        try:
            return tuple(_key(*row) for row in rows)
        except (TypeError, ValueError, OverflowError) as error:
            raise self._file.damaged() from error

    def spent(self, day: str) -> dict[str, int]:
        """Return the tokens that were spent on a day of UTC, such as ``2026-03-11``, by id of key, those held for requests included.

        Raises:
            StorageError: They cannot be read.
        """
        with self._file.reading() as sql:
            return dict(sql.execute(_SPENT, (day,)).fetchall())

    def add(self, name: str, *, rate: int | None = None, in_flight: int | None = None, tokens_a_day: int | None = None) -> tuple[Key, str]:
        """Make a key; return it and its secret, which nothing can show again.

        Args:
            name: Whose it is: 1 to 100 printable characters.
            rate: Requests a minute; None for any number.
            in_flight: Extractions under way at once; None for any number.
            tokens_a_day: Tokens that may be spent in a day of UTC; None for any number.

        Raises:
            ConfigurationError: The name or a limit cannot be used.
            StorageError: The key cannot be kept.
        """
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            msg = f"a key's name is 1 to {_LONGEST_NAME} printable characters; say whose it is"
            raise ConfigurationError(msg)
        limits = {"requests a minute": rate, "extractions in flight": in_flight, "tokens a day": tokens_a_day}
        for what, limit in limits.items():
            if limit is not None and not 1 <= limit <= _MOST:
                msg = f"the limit of {what} is a whole number from 1 to {_MOST}; leave it out for any number"
                raise ConfigurationError(msg)
        row = secrets.token_hex(6)
        secret = f"ck_{row}_{secrets.token_urlsafe(32)}"
        webhook_secret = signing.new_secret()
        now = time.time()
        with self._file.changing() as sql:
            sql.execute(_ADD, (row, _digest(secret), name, now, rate, in_flight, tokens_a_day, webhook_secret))
        self._changed()
        return _key(row, name, now, None, rate, in_flight, tokens_a_day, webhook_secret), secret

    def revoke(self, key: str) -> Key:
        """Make a key invalid for good, by its id or by itself, and return it; one that is revoked stays as it is.

        Raises:
            ConfigurationError: There is no such key.
            StorageError: That cannot be kept.
        """
        form = _TOKEN.fullmatch(key)
        row = form[1] if form else key
        with self._file.changing() as sql:
            sql.execute(_REVOKE, (time.time(), row.encode(errors="replace").decode()))
        self._changed()
        for known in self.list():
            if known.id == row:
                return known
        msg = "there is no key of that id; 'extractor keys list' shows the ids"  # what was given may be a secret with a typing error
        raise ConfigurationError(msg)

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        self.spending.close()
        self._file.close()

    def _changed(self) -> None:
        self._file.gather()
        self._refresh()

    def _look(self) -> None:
        """Read what has changed, unless that was done a moment ago; one that fails is tried again by whoever comes next."""
        if self._clock() - self._looked >= _FRESH:
            self._refresh()

    def _refresh(self) -> None:
        now = self._clock()
        if self._file.replaced():
            old, self._file, self._counts = self._file, KeyFile(self.folder), None
            old.close()
        with self._file.reading() as sql:
            count, revoked, made = sql.execute(_COUNTS).fetchone()
        if count != (made or 0):
            raise self._file.damaged()
        if (count, revoked) != self._counts:
            with self._file.reading() as sql:
                rows = sql.execute(_READ).fetchall()
            self._known = {
                row: (bytes(digest), None if gone else Caller(row, name, *limits)) for row, digest, name, *limits, gone, _ in rows
            }
            self._webhook_secrets = {row[0]: row[-1] for row in rows}
            self._counts = count, revoked
        self._looked = now


def _key(
    row: str,
    name: str,
    created: float,
    revoked: float | None,
    rate: int | None,
    in_flight: int | None,
    tokens_a_day: int | None,
    webhook_secret: str,
) -> Key:
    ended = _time(revoked) if revoked is not None else None
    return Key(row, name, _time(created), ended, rate, in_flight, tokens_a_day, webhook_secret)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def _time(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
