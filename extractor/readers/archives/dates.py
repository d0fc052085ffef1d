"""Publication dates as archives write them."""

from __future__ import annotations

import datetime as dt
import math
import re
from email.utils import parsedate_to_datetime
from typing import Final

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)
_NUMBER: Final = re.compile(r"\d{8,16}(?:\.\d{1,9})?", re.ASCII)
_MISSING: Final = frozenset({"", "null", "none", "nan", "nat", "n/a"})
_EARLIEST: Final = 100_000_000
"""Seconds since 1970 that are taken for a time: from 1973 on."""
_MILLISECONDS: Final = 100_000_000_000
_LONGEST: Final = 100


def day(value: object) -> dt.date | None:
    """Return the day that ``value`` says, as it was where it was written; None where it says none.

    Understood are ``YYYY-MM-DD`` with anything after it, RFC 822 (``Wed, 19 Jul 2023 10:00:00 GMT``), ``YYYYMMDD``, and
    seconds or milliseconds since 1970, then in UTC.

    Raises:
        ValueError: It is something else, or no day of the calendar.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError  # noqa: TRY004  # the value is wrong, not the caller
    if not isinstance(value, str):
        return _numbered(value)
    text = value.strip()
    if text.lower() in _MISSING:
        return None
    if len(text) > _LONGEST:
        raise ValueError
    if _DAY.match(text):
        return dt.date.fromisoformat(text[:10])
    if _NUMBER.fullmatch(text):
        return _numbered(float(text) if "." in text else int(text))
    return parsedate_to_datetime(text).date()


def _numbered(value: float) -> dt.date:
    if isinstance(value, int) and 1800_00_00 < value < 2200_00_00:
        return dt.date(value // 10_000, value // 100 % 100, value % 100)
    seconds = value / 1000 if value >= _MILLISECONDS else value
    if not _EARLIEST <= seconds < _MILLISECONDS:
        raise ValueError
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date()
    except (OverflowError, OSError) as error:
        raise ValueError from error
