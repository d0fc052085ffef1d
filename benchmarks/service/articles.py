"""Articles in three sizes, any number of each, of which no window is ever asked about twice; the mock knows what is claimed in them.

The sentences that make claims are those of ``benchmarks.mock.articles``, of more kinds, so that no table of remembered words holds
them all; every sentence between them names the article's number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from benchmarks.mock.articles import PUBLISHED, Draft, kind

KINDS: Final = 1_024
_NUMBER: Final = "0000000"
"""Stands where an article's number goes: seven digits, so that all articles of a size are equally long."""
_FILLERS: Final = (
    f"The road past farm {_NUMBER} has been closed to all but military traffic for several weeks now.",
    f"Residents of house {_NUMBER} who stayed behind described long queues for water, bread and medicine.",
    f"Neither side has shown much interest in talks about plot {_NUMBER} that neighbouring states proposed.",
)


class Size(NamedTuple):
    """How large articles of one size are.

    Attributes:
        kinds: How many kinds of the mock's articles are joined in one.
        claims: Claims that each has.
        windows: Windows that it is asked about in.
    """

    kinds: int
    claims: int
    windows: int


SIZES: Final = {"short": Size(1, 1, 1), "dispatch": Size(1, 12, 3), "long": Size(3, 36, 7)}
"""3 sentences, 25 and 73."""


def article(size: str, number: int) -> dict[str, Any]:
    """Return the fields of the ``number``-th article of a size."""
    fields: dict[str, Any] = json.loads(body(size, number))
    return fields


def body(size: str, number: int) -> bytes:
    """Return the body of a request about the ``number``-th article of a size, made in microseconds."""
    return _template(size, number % KINDS).replace(_NUMBER.encode(), b"%07d" % number)


def drafts() -> Iterator[tuple[str, Draft]]:
    """Yield every sentence that makes a claim, with its draft, as the mock wants to know them."""
    yield from ((sentence, draft) for number in range(KINDS) for sentence, draft in kind(number) if draft is not None)


@cache
def _template(size: str, number: int) -> bytes:
    chosen = SIZES[size]
    claims = [sentence for more in range(chosen.kinds) for sentence, draft in kind((number + more) % KINDS) if draft][: chosen.claims]
    sentences = [f"Dispatch {_NUMBER} from the valley."]
    for at, claim in enumerate(claims):
        sentences += [claim, _FILLERS[at % len(_FILLERS)]]
    text = "\n\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))
    return json.dumps({"text": text, "id": f"{size}-{_NUMBER}", "published": PUBLISHED, "title": f"Dispatch {_NUMBER}"}).encode()
