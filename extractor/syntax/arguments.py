"""Who does and suffers what: the subject of a verb, the verb of a noun, by a sentence's tree."""

from __future__ import annotations

from typing import Final, Literal

from extractor.normalise import outcomes
from extractor.syntax.relations import CLAUSAL, SUBJECTS
from extractor.syntax.verbs import CHARGING
from extractor.trees import Token, Tree

Role = Literal["subject", "object", "attribute", "oblique", "alone"]
"""How a noun hangs on its verb; ``alone`` where there is none."""

_RELATIVE: Final = frozenset(("WP", "WDT"))
_LINKING: Final = CLAUSAL | {"ADP", "SCONJ"}
"""Parts of speech between a verb and the one it goes along with."""
_ROLES: Final[dict[str, Role]] = {
    "nsubj": "subject", "nsubjpass": "subject", "dobj": "object", "dative": "object",
    "attr": "attribute", "acomp": "attribute", "oprd": "attribute",
}  # fmt: skip


def governor(tree: Tree, noun: Token) -> tuple[Role, Token | None]:
    """Return how a noun hangs on the verb above it, and that verb; of coordinated nouns all hang as the first does."""
    token = noun
    while token.head != token.index:
        head = tree.head(token)
        if head.pos in CLAUSAL:
            role = _ROLES.get(token.dep, "oblique")
            return ("subject" if role == "attribute" and tree.child(head, "expl") is not None else role), head
        token = head
    return "alone", (token if token.pos in CLAUSAL else None)


def subject(tree: Tree, verb: Token) -> Token | None:
    """Return whom a verb is said of: its own subject, or that of the verb it goes along with; None where nobody is named."""
    for known in (verb, *tree.ancestors(verb)):
        own = tree.child(known, *SUBJECTS, "csubj")
        if own is not None:
            relative = known.dep == "relcl" and (own.tag in _RELATIVE or own.lemma == "that")
            return tree.head(known) if relative else own
        if (there := tree.child(known, "expl")) is not None:
            return tree.child(known, "attr", "dobj") or there
        above = tree.head(known)
        if known.dep in ("acl", "relcl"):
            return above
        if known.dep == "pcomp" and (charge := _charged(tree, above)) is not None:
            return charge
        if known.dep == "xcomp" and (controlled := tree.child(above, "dobj")) is not None:
            return controlled
        if above.pos not in _LINKING:
            return None
    return None


def event(tree: Tree, noun: Token) -> Token | None:
    """Return the noun of an outcome that a counted noun is or belongs to ("one death", "the deaths of 12 people"); None without one."""
    if noun.pos in ("NOUN", "ADJ") and outcomes.kind_of(tree.word(noun)) is not None and noun.tag in ("NN", "NNS", "JJ"):
        return noun
    above = tree.head(tree.head(noun))
    return above if noun.dep == "pobj" and above.pos == "NOUN" and outcomes.kind_of(tree.word(above)) is not None else None


def _charged(tree: Tree, prep: Token) -> Token | None:
    """Return who is accused of the act behind ``prep``."""
    above = tree.head(prep)
    if above.lemma in CHARGING:
        return tree.child(above, "dobj")
    return above if above.dep == "dobj" and tree.head(above).lemma in CHARGING else None
