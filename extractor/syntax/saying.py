"""Who says what, by a sentence's tree: the word of saying, who says it, and the words that what is said hangs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from extractor.normalise import attribution
from extractor.syntax.contents import as_saying, contents, coordinated
from extractor.syntax.phrases import name_phrase
from extractor.syntax.places import Place, place_of
from extractor.syntax.relations import CLAUSAL, NOMINAL, clause_above
from extractor.syntax.speakers import READER, speaker
from extractor.syntax.verbs import QUOTING, SAYING
from extractor.trees import Token, Tree

_NOBODY: Final = frozenset(("nobody", "neither", "none", "nothing", "no"))
_NEAR: Final = 3
"""How many words before a verb of saying stands who is quoted, where no tree tells."""
_FIGURES: Final = frozenset("data datum figure number statistic record".split())
"""What is quoted without saying anything itself."""
_WITHIN: Final = frozenset(("relcl", "ccomp", "pcomp"))
"""Relations of a verb that is part of what is said."""
_ACCORDING: Final = frozenset(("according", "accord"))
_NO_SOURCES: Final = frozenset("plan schedule law custom tradition size age rank".split())
"""What something is done according to, rather than said."""


_REPORTS: Final = frozenset(
    "report count figure tally data study statement estimate assessment survey poll calculation record analysis account".split()
)
"""What somebody speaks by: its owner is the source."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One act of saying.

    Attributes:
        cue: Place of the word of saying.
        verb: Its word; that of "according to" is the first.
        sources: Places of who says it; who said it first comes first.
        heads: The words that what is said hangs on: verbs, or the noun of a sentence without one.
    """

    cue: Place
    verb: Token
    sources: tuple[Place, ...]
    heads: tuple[Token, ...]


def sayings(tree: Tree) -> list[Saying]:
    """Return what is said in the sentence, in the order of the words of saying."""
    found = [*_verbs(tree), *_according(tree)]
    return sorted(found or _taken_for_a_noun(tree) or _by_place(tree), key=lambda said: said.cue)


def _verbs(tree: Tree) -> Iterator[Saying]:
    for verb in tree.tokens:
        if not _says(tree, verb):
            continue
        sayer = speaker(tree, verb)
        place = name_phrase(tree, sayer) if sayer is not None else None
        if sayer is None or place is None:
            continue
        heads = contents(tree, verb)
        if heads and not any(tree.under(sayer, head) and head.index != tree.root.index for head in heads):
            cue = place_of(tree, [verb, *tree.children(verb, "prt")]) or (verb.start, verb.end)
            if verb.lemma in QUOTING:
                act = as_saying(tree, verb)
                yield Saying((act.start, act.end) if act is not None else cue, verb, _passed_on(tree, verb, place), heads)
            else:
                yield Saying(cue, verb, (*_quoted(tree, verb), place), heads)


def _says(tree: Tree, verb: Token) -> bool:
    """Tell whether a word is a verb that says something: no part of a name ("the United States"), and not denied."""
    if verb.lemma not in SAYING or verb.pos not in CLAUSAL or (verb.lemma in QUOTING and verb.tag == "VBG"):
        return False
    named = verb.index > 0 and tree.word(verb)[:1].isupper() and tree.tokens[verb.index - 1].pos == "PROPN"
    return not named and not _is_denied(tree, verb)


def _is_denied(tree: Tree, verb: Token) -> bool:
    """Tell whether nothing is said: "has not said", "no group said"."""
    if tree.child(verb, "neg") is not None and verb.lemma not in ("deny", "rule"):
        return True
    subject = tree.child(verb, "nsubj")
    return subject is not None and any(word.lemma in _NOBODY for word in (subject, *tree.children(subject, "det")))


def _passed_on(tree: Tree, verb: Token, sayer: Place) -> tuple[Place, ...]:
    """Return the chain of "the paper quoted two officials" and of "he was quoted by the ministry": who said it first comes first."""
    whom = tree.child(verb, "dobj")
    agent = tree.child(verb, "agent")
    via = tree.child(agent, "pobj") if agent is not None else None
    if whom is not None and (first := name_phrase(tree, whom)) is not None:
        return first, sayer
    by = name_phrase(tree, via) if via is not None else None
    return (sayer, by) if by is not None else (sayer,)


def _quoted(tree: Tree, verb: Token) -> Iterator[Place]:
    """Yield whom the sayer quotes: "the radio reported, citing the police"."""
    for token in tree.tokens:
        near = token.index > verb.index - _NEAR or tree.under(token, verb)
        if near and token.lemma in QUOTING and token.tag == "VBG":
            whom = tree.child(token, "dobj", "pobj")
            if whom is not None and whom.lemma not in _FIGURES:
                yield from _chain(tree, whom)


def _chain(tree: Tree, whom: Token) -> Iterator[Place]:
    """Yield who said it first, then who passed it on: "citing the ministry, which quoted its commander, Ada Brandt"."""
    passing = next((clause for clause in tree.children(whom, "relcl") if clause.lemma in QUOTING), None)
    first = tree.child(passing, "dobj") if passing is not None else None
    if passing is not None and first is not None:
        # a parser hangs the name behind the clause on the noun before it
        named = next((name for name in tree.children(whom, "appos") if name.index > passing.index), first)
        yield from _chain(tree, named)
    if (place := name_phrase(tree, whom)) is not None:
        yield place


def _according(tree: Tree) -> Iterator[Saying]:
    for token, to in pairwise(tree.tokens):
        named = tree.child(to, "pobj") if token.lemma in _ACCORDING and to.lemma == "to" else None
        who = _author(tree, named) if named is not None else None
        if who is None or who.lemma in _NO_SOURCES or (place := name_phrase(tree, who)) is None:
            continue
        head = clause_above(tree, token) or tree.root
        if head.index != token.index:
            yield Saying((token.start, to.end), token, (place,), tuple(coordinated(tree, head)))


def _author(tree: Tree, named: Token) -> Token:
    """Return who speaks by what "according to" names: the agency of "the agency's report"."""
    owner = tree.child(named, "poss")
    return owner if owner is not None and owner.pos in NOMINAL and named.lemma in _REPORTS else named


def _taken_for_a_noun(tree: Tree) -> list[Saying]:
    """Return what "Norland claims in a post that ..." says, whose verb a parser takes for a noun that a clause describes."""
    if not tree.tokens:
        return []
    verb = tree.root
    said = next((token for token in tree.children(verb, "acl", "ccomp") if tree.child(token, "mark") is not None), None)
    named = [token for token in tree.children(verb, "amod", "compound", "nmod") if token.index < verb.index]
    who = place_of(tree, named)
    if verb.tag != "NNS" or verb.lemma not in SAYING or said is None or who is None or not tree.text[who[0]].isupper():
        return []
    return [Saying((verb.start, verb.end), verb, (who,), (said,))]


def _by_place(tree: Tree) -> list[Saying]:
    """Return what the first word of saying tells by where it stands, for a sentence whose tree shows nobody who says anything."""
    cue = next(iter(attribution.cues(tree.text)), None)
    verb = tree.top(cue.start, cue.end) if cue is not None else None
    if cue is None or verb is None or verb.pos == "PROPN" or verb.dep in _WITHIN:
        return []
    if _is_denied(tree, verb) or tree.child(verb, "auxpass") is not None:
        return []
    clause = next((token for token in tree.tokens if token.pos in CLAUSAL and token.dep in ("ROOT", "ccomp") and token is not verb), None)
    near = [place for place in attribution.source_candidates(tree.text) if place[1] <= cue.start or place[0] >= cue.end]
    near = [place for place in near if not _names_nobody(tree, place)]
    if clause is None or not near or _is_quoted(tree.text, cue.start):
        return []
    sayer = min(near, key=lambda place: _distance(tree.text, cue, place))
    return [Saying((cue.start, cue.end), verb, (*_quoted(tree, verb), sayer), (clause,))]


def _names_nobody(tree: Tree, place: Place) -> bool:
    """Tell whether a place is the reader's or what something is done according to."""
    who = tree.top(*place)
    return who is None or who.lemma in READER | _NO_SOURCES


def _distance(text: str, cue: attribution.Cue, place: Place) -> tuple[int, bool, int]:
    """Return what the likeliest source is least in: how far it stands from the cue, whether it has a comma, how short it is."""
    return min(abs(cue.start - place[1]), abs(place[0] - cue.end)), "," in text[slice(*place)], place[0] - place[1]


def _is_quoted(text: str, at: int) -> bool:
    left = text[:at]
    return left.count("\u201c") > left.count("\u201d") or left.count('"') % 2 == 1
