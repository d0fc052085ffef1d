"""Trees made by hand, and statements written out, for tests of what a sentence's tree tells."""

from __future__ import annotations

from extractor.syntax.stated import Stated
from extractor.trees import Token, Tree

SLOTS = ("quantity", "subject", "outcome", "target", "time", "where", "stated_on")


def drawn(rows: str, text: str | None = None) -> Tree:
    """Return the tree that ``rows`` draw: one word each, as word/POS/TAG/relation/head or word/POS/TAG/relation/head/ENTITY.

    ``said=say/VERB/VBD/ROOT/1`` gives the base form, which is the word in lower case otherwise; heads are numbers of rows from 0.
    The words stand in ``text`` in this order; without it, they are joined by spaces.
    """
    split = [row.split("/") for row in rows.split()]
    words = [row[0].partition("=")[0] for row in split]
    whole = " ".join(words) if text is None else text
    tokens, at = [], 0
    for index, (word, (known, pos, tag, dep, head, *entity)) in enumerate(zip(words, split, strict=True)):
        at = whole.index(word, at)
        lemma = known.partition("=")[2] or word.lower()
        tokens.append(Token(index, at, at + len(word), lemma, pos, tag, dep, int(head), *entity))
        at += len(word)
    return Tree(whole, tuple(tokens))


def word(tree: Tree, known: str) -> Token:
    """Return the first word of the sentence that reads ``known``."""
    return next(token for token in tree.tokens if tree.word(token) == known)


def read(tree: Tree, place: tuple[int, int] | None) -> str | None:
    """Return the words at ``place``."""
    return None if place is None else tree.text[slice(*place)]


def told(tree: Tree, stated: Stated) -> str:
    """Return a statement as one line: who says it by which word, then the words of each slot that it has."""
    parts = []
    if stated.said is not None:
        parts.append(f"{' > '.join(tree.text[slice(*place)] for place in stated.said.sources)} [{read(tree, stated.said.cue)}]")
    parts += [f"{slot}={read(tree, getattr(stated, slot))}" for slot in SLOTS if getattr(stated, slot) is not None]
    return " | ".join(parts + ["nominal"] * stated.nominal)
