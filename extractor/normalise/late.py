"""Patterns compiled when they are first asked something: compiling all of a grammar's takes half a second, and a process that has only remembered results to give needs none."""

from __future__ import annotations

import re
from typing import Any, Final, cast

_METHODS: Final = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


class _Late:
    def __init__(self, words: str, flags: int) -> None:
        self._words = words
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the compiled pattern; from the first on, its methods are this object's own."""
        compiled = re.compile(self._words, self._flags)
        self.__dict__.update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)


def late(words: str, flags: int = 0) -> re.Pattern[str]:
    """Return the pattern that ``re.compile`` would return, compiled at its first use; so is a fault in it told then."""
    return cast("re.Pattern[str]", _Late(words, flags))
