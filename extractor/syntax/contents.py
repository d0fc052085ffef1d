"""What is said by a verb of saying: the words that it hangs on.

Each construction is a function that returns those words, or None where the sentence does not have it; the first of the table decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from extractor.syntax.relations import CLAUSAL, QUESTIONS, SUBJECTS, behind
from extractor.syntax.verbs import (
    CALLING,
    CHARGING,
    OF_A_CLAUSE,
    OF_A_NOUN,
    OF_AN_ACT,
    QUOTING,
    SAYING,
    SETTING,
    SPEAKING_OF,
    TALLYING,
)
from extractor.trees import Token, Tree

Heads = tuple[Token, ...]

_BESIDE: Final = frozenset(("parataxis", "ccomp", "conj", "advcl", "dep", "ROOT", "acl"))
_SETTING_OFF: Final = frozenset((",", ":", '"', "\u201d", "\u201c", "\u2014", "-", "\u2013"))


def contents(tree: Tree, verb: Token) -> Heads:
    """Return the words that what ``verb`` says hangs on: verbs, or the noun of a sentence without one; empty where nothing is said."""
    return next((found for form in _FORMS if (found := form(tree, verb)) is not None), ())


def charged(tree: Tree, verb: Token) -> Token | None:
    """Return the act that somebody is accused of, a verb behind "of" or "for"; None where there is none."""
    acts = (tree.child(prep, "pcomp") for prep in _prepositions(tree, verb) if prep.lemma in ("of", "for"))
    return next((act for act in acts if act is not None and act.pos in CLAUSAL), None)


def at_figure(tree: Tree, verb: Token) -> Token | None:
    """Return the "at" of "put the toll at 31"; None where there is none."""
    thing = tree.child(verb, "dobj")
    deeper = [prep for token in (tree.subtree(thing) if thing is not None else ()) for prep in tree.children(token, "prep")]
    for prep in (*tree.children(verb, "prep"), *deeper):
        found = tree.child(prep, "pobj") if prep.lemma == "at" else None
        if found is not None and any(token.pos in ("NUM", "SYM") for token in tree.subtree(found)):
            return prep
    return None


def called(tree: Tree, verb: Token) -> Token | None:
    """Return what the object of a verb of calling is called; None where it is called nothing."""
    said = tree.child(verb, "oprd", "attr", "ccomp", "xcomp")
    if said is not None:
        return said
    as_ = next((prep for prep in _prepositions(tree, verb) if prep.lemma == "as"), None)
    return (tree.child(as_, "pobj", "amod", "pcomp", "acomp") or as_) if as_ is not None else None


def as_saying(tree: Tree, verb: Token) -> Token | None:
    """Return the verb of saying in "quoted the officials as saying"; None where there is none."""
    acts = (tree.child(prep, "pcomp") for prep in tree.children(verb, "prep") if prep.lemma == "as" and verb.lemma in QUOTING)
    return next((act for act in acts if act is not None and act.lemma in SAYING), None)


def coordinated(tree: Tree, head: Token, apart: Token | None = None) -> Iterator[Token]:
    """Yield ``head`` and the clauses beside it that can be true apart.

    Args:
        tree: The sentence.
        head: The first clause's verb.
        apart: A verb of saying that may hang among them, and is none of them.
    """
    yield head
    for other in tree.children(head, "conj"):
        if _stands_alone(tree, other) and (apart is None or other.index != apart.index):
            yield from coordinated(tree, other, apart)


def _stands_alone(tree: Tree, clause: Token) -> bool:
    """Tell whether a clause behind "and" has a subject, a "that" or a "would" of its own, and tells of no other saying."""
    if clause.pos not in CLAUSAL or clause.lemma in ("say", "tell", "add"):
        return False
    return bool(tree.children(clause, *SUBJECTS, "mark", "expl")) or any(word.tag == "MD" for word in tree.children(clause, "aux"))


def _prepositions(tree: Tree, verb: Token) -> tuple[Token, ...]:
    """Return the prepositions behind a verb, those that a parser hung on its object included."""
    thing = tree.child(verb, "dobj")
    return (*tree.children(verb, "prep"), *(tree.children(thing, "prep") if thing is not None else ()))


def _charge(tree: Tree, verb: Token) -> Heads | None:
    """Return the act of "accused the army of shelling a school", or who is accused where no act is named."""
    if verb.lemma not in CHARGING:
        return None
    act, thing = charged(tree, verb), tree.child(verb, "dobj")
    return (act,) if act is not None else (thing,) if thing is not None else ()


def _name(tree: Tree, verb: Token) -> Heads | None:
    """Return the object of "called the raid a crime"; "calls himself a general" says nothing of anybody."""
    thing = tree.child(verb, "dobj")
    if verb.lemma not in CALLING or thing is None or called(tree, verb) is None:
        return None
    return () if thing.tag == "PRP" and tree.word(thing).lower().endswith(("self", "selves")) else (thing,)


def _setting(tree: Tree, verb: Token) -> Heads | None:
    thing = tree.child(verb, "dobj")
    return (thing,) if verb.lemma in SETTING and thing is not None and at_figure(tree, verb) is not None else None


def _clause(tree: Tree, verb: Token) -> Heads | None:
    clauses = [token for word in (verb, *_beside_quoting(tree, verb)) for token in tree.children(word, "ccomp") if not _asks(tree, token)]
    marked = any(tree.child(token, "mark") or token.index < verb.index for token in clauses)
    if not clauses or (verb.lemma in OF_A_CLAUSE and not marked and not _has_quotation(tree)):
        return None
    return tuple(other for head in clauses for other in coordinated(tree, head))


def _beside_quoting(tree: Tree, verb: Token) -> Iterator[Token]:
    """Yield the words beside a verb that a parser hangs its clause on: "quoted him as saying that", "said, citing the police, that"."""
    yield from (token for token in tree.children(verb, "advcl") if token.lemma in QUOTING and token.tag == "VBG")
    if (act := as_saying(tree, verb)) is not None:
        yield act


def _beside(tree: Tree, verb: Token) -> Heads | None:
    """Return the clause that a verb of saying is set beside: "The dam held, he said, and help would come"."""
    mark = tree.child(verb, "mark")
    said = tree.head(verb)
    if verb.dep not in _BESIDE or said.index == verb.index or (mark is not None and mark.lemma != "as") or not _is_set_off(tree, verb):
        return None
    if said.pos not in CLAUSAL:
        said = (tree.child(said, "ccomp") if said.dep == "ROOT" else None) or said
    after = (token for token in tree.children(verb, "conj") if token.lemma not in SAYING and tree.children(token, *SUBJECTS))
    return (*coordinated(tree, said, apart=verb), *after)


def _act(tree: Tree, verb: Token) -> Heads | None:
    act = tree.child(verb, "xcomp")
    return (act,) if verb.lemma in OF_AN_ACT and act is not None else None


def _spoken_of(tree: Tree, verb: Token) -> Heads | None:
    spoken = behind(tree, verb, "of", "about")
    return (spoken,) if verb.lemma in SPEAKING_OF and spoken is not None else None


def _tally(tree: Tree, verb: Token) -> Heads | None:
    """Return what is counted, and what a parser took for a clause: "counted 14 dead and 31 wounded"."""
    thing = tree.child(verb, "dobj")
    if verb.lemma not in TALLYING or thing is None or tree.child(thing, "nummod") is None:
        return None
    more = (clause for clause in tree.children(verb, "conj") if any(who.pos == "NUM" for who in tree.children(clause, *SUBJECTS)))
    return (thing, *more)


def _noun(tree: Tree, verb: Token) -> Heads | None:
    """Return the noun of "denied any losses", or the clause that it holds: "denied reports that fighters had fled"."""
    thing = tree.child(verb, "dobj")
    if verb.lemma not in OF_A_NOUN or thing is None or thing.pos not in ("NOUN", "PROPN"):
        return None
    inner = tree.child(thing, "acl")
    return (inner,) if inner is not None and tree.child(inner, "mark") is not None else (thing,)


_FORMS: Final[tuple[Callable[[Tree, Token], Heads | None], ...]] = (
    _charge, _name, _setting, _clause, _beside, _act, _spoken_of, _tally, _noun,
)  # fmt: skip


def _asks(tree: Tree, clause: Token) -> bool:
    """Tell whether a clause is a question put indirectly: "would not say what the tugs were for"."""
    first = tree.subtree(clause)[0]
    return first.tag in QUESTIONS and first.lemma != "that"


def _has_quotation(tree: Tree) -> bool:
    return any(mark in tree.text for mark in '"\u201c\u201d')


def _is_set_off(tree: Tree, verb: Token) -> bool:
    """Tell whether a clause of saying stands behind a comma or a quotation mark, or before one that ends it."""
    inside = tree.subtree(verb)
    first, last = inside[0].index, inside[-1].index
    if verb.dep in ("conj", "advcl") and first > 0 and tree.tokens[first - 1].dep == "cc":
        return False
    return any(tree.word(tree.tokens[at]) in _SETTING_OFF for at in (first - 1, first, last, last + 1) if 0 <= at < len(tree.tokens))
