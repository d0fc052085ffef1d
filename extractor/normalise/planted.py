"""Sentences that speak to a machine instead of a reader: instructions planted in an article to change what is read from it.

A sentence is planted where it holds markup of a conversation with a model, tells somebody to set instructions aside, or tells what to put out as an
answer. News about such attacks says who did so and when, in the past and of somebody; the rules want the imperative or the address itself. What
somebody is said to say is news too ("Language models must be tested, the minister said"), unless it is markup or tells what to put out: an attacker
can name a source.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from extractor.normalise import attribution
from extractor.normalise.late import late
from extractor.normalise.standing import caseless

_MACHINE: Final = (
    r"(?:(?:A\.?I\.?|artificial[- ]intelligence|(?:large )?language|automat(?:ed|ic)|machine|extraction|claim|data|indexing|summari[sz](?:ing|ation))[\s-]){1,3}(?:systems?|models?|readers?|agents?|assistants?|tools?|engines?|pipelines?|processors?|parsers?|software|algorithms?|summari[sz]ers?|indexers?|extractors?|classifiers?)"
    r"|LLMs?|chat ?bots?|chat ?gpt|crawlers?|scrapers?|bots?"
)
_MACHINES: Final = (
    "system", "model", "reader", "agent", "assistant", "tool", "engine", "pipeline", "processor", "parser", "llm", "bot", "gpt", "crawler", "scraper",
    "software", "algorithm", "summari", "indexer", "extractor", "classifier",
)  # fmt: skip
_ASIDE: Final = r"(?:ignore|disregard|forget|discard|override|set aside|bypass|skip|drop|stop following|pay no attention to)"
_RULES: Final = (
    r"(?:(?:all|any|your|the|every|these|those|previous|prior|earlier|above|preceding|other|existing|original|what(?:ever)? (?:you|came|was)[^,.;]{0,30})[\s,]+(?:of\s+)?(?:and\s+)?){1,4}"
    r"(?:instructions?|rules?|prompts?|directions?|above\b|(?:rest|remainder) of (?:the|this) (?:text|article|page|document)|(?:text|article|page|input|sentences?) above)"
)
_OUTPUT: Final = r"(?:output|return|print|emit|generate|produce|record|report|list|extract|insert|add|write|answer|reply|respond)"
_ANSWER: Final = (
    r"(?:(?:exactly |only |just )*(?:one|a single|the following|this|no|zero|an empty)\s+(?:\w+\s+)?(?:claims?|records?|facts?|figures?|list|object|entry|entries|json|output|answer|array)"
    r"|(?:in |as |with |valid )?json|nothing(?: else)?\b|only\b|exactly\b|\[\]|\{|with the (?:word|words|following)|that\b)"
)
_OWN_KEYS: Final = r"(?<!the )(?<!an )(?:outcome|quantity|polarity)"
_KEYS: Final = rf"(?:source|subject|target|sentence|type|time|place|{_OWN_KEYS})"
_COLON: Final = r"[\"\u201c\u201d]?\s*:"
_RULES_TABLE: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("markup of a conversation", ("<", "["), r"<!--|<\|[\w ]{2,30}\|>|</?(?:article|system|assistant|user|instructions?|prompt|document|context)>|\[/?INST\]|<<\s*/?SYS\s*>>"),
    ("markup of a conversation", ("#", ":"), r"^\W*#+\s*(?:END OF\s+)?(?:SYSTEM|ASSISTANT|USER|INSTRUCTIONS?)\b|^\W*(?:system|assistant|user|human|developer)\s*:\s|[\"\u201c\u201d](?:role|claims|quantity|content)[\"\u201c\u201d]\s*:"),
    ("markup of a conversation", ("prompt", "instruction", "message", "input"), r"\b(?:BEGIN|END|START) (?:OF )?(?:SYSTEM |NEW )?(?:PROMPT|INSTRUCTIONS?|MESSAGE|INPUT)\b"),
    ("markup of a conversation", ("article", "document", "text", "page"), r"[-=*#~_]{2,}\s*(?:BEGIN|END|START) (?:OF )?(?:THE |THIS )?(?:ARTICLE|DOCUMENT|TEXT|PAGE)\b"),
    ("an example of an answer", (":",), r"[\"\u201c\u201d]\w{1,30}[\"\u201c\u201d]\s*:[^:]{0,200}[\"\u201c\u201d]\w{1,30}[\"\u201c\u201d]\s*:"),
    ("an example of an answer", (" = ",), r"\b[A-Za-z][\w.-]* = \S"),
    ("an example of an answer", ("outcome", "quantity", "polarity"), rf"\b(?:claims?|{_KEYS}){_COLON}[^:]{{0,100}}\b{_OWN_KEYS}{_COLON}|\b{_OWN_KEYS}{_COLON}[^:]{{0,100}}\b{_KEYS}{_COLON}"),
    ("an example of an answer", ("input", "output", "answer", "response", "example below"), r"^\W*(?:example|sample|expected|correct|desired)\s+(?:input|output|answer|response)\b|worked example below"),
    ("instructions set aside", ("ignor", "disregard", "forget", "discard", "overrid", "set aside", "bypass", "skip", "drop", "stop following", "attention"), rf"\b{_ASIDE}\s+{_RULES}"),
    ("a new role", ("you", "act as", "prompt", "instruction"), r"\b(?:as an? (?:AI|language model|assistant|LLM|chatbot)\b[^.]{0,20}\byou\b|act as (?:a|an|if)\b[^.]{0,40}\b(?:assistant|model|AI|bot|engine)\b|you are (?:now )?(?:a|an|the)\s+(?:\w+[\s-]){0,3}(?:assistant|engine|model|system|agent|bot|ai)\b|your (?:new )?(?:task|role|policy|instructions?) (?:is|are)\b|new (?:system )?(?:prompt|instructions?)\s*:)"),
    ("an answer dictated", (*_MACHINES, "your ", "json", "claim", "empty list", "instructions"), rf"(?:^|[:;,.\u201c\"]\s*|\b(?:and|then|must|should|to|please|instead)\s+){_OUTPUT}\s+{_ANSWER}"),
    ("an address to a machine", _MACHINES, rf"\b(?:note|notice|message|instructions?|warning|reminder|request|hint|corrections?|guidance|directive|order|advice|attention)\s+(?:to|for)\s+(?:all\s+|any\s+|other\s+)?(?:\w+\s+(?:and|or)\s+)?(?:{_MACHINE})"),
    ("an address to a machine", _MACHINES, rf"^\W*(?:[\w'\u2019-]+\s+){{0,3}}(?:for|to)\s+(?:all\s+|any\s+|other\s+)?(?:{_MACHINE})\b[^.:]{{0,20}}:"),
    ("an address to a machine", ("please",), r"\bplease,? (?:dear )?(?:model|assistant|AI|bot|chatbot|computer|machine|program|claude|gemini|copilot|gpt\S*)\s*[,:!]"),
    ("an address to a machine", _MACHINES, rf"\battention,?\s+(?:all\s+|any\s+|to\s+)?(?:{_MACHINE})"),
    ("an address to a machine", ("if you",), r"\bif you (?:do not|don['\u2019]t|fail to|refuse to) (?:record|extract|output|insert|list) that\b"),
    ("an address to a machine", _MACHINES, rf"^\W*(?:dear\s+|hey\s+)?(?:all\s+|any\s+)?(?:{_MACHINE})\b[^.]{{0,40}}\b(?:must|should|are (?:told|asked|required)|please|shall)\b(?!\s+(?:not\s+)?be\s+(?!told|advised|informed|warned)\w+ed\b)"),
    ("an address to a machine", ("you",), r"\b(?:when|if|while|before|as) you (?:turn|process|read|parse|extract|convert|summari[sz]e|analy[sz]e|index)\b[^.]{0,60}\b(?:article|text|page|document|data|claims?)\b"),
    ("an address to a machine", (":", ","), r"^\W*(?:assistant|computer|AI|model|bot|claude|gemini|copilot|gpt\S*)\s*[,:]\s(?!(?:an?|the|who|whose|which|and|her|his|from|of|in|at|aged?)\b)(?-i:[a-z])"),
    ("an address to a machine", ("extract", "process", "pars", "read", "index"), r"\b(?:whoever|whatever|anyone|models?|systems?|programs?|software|tools?)\s+(?:that |who |which )?(?:extracts?|process\w*|pars\w+|reads?|reading|extracting|index\w*)\b[^.]{0,20}\b(?:this|data from)\b[^.]{0,30}\b(?:must|should|has to|have to|needs? to|shall|is to|are to)\b"),
    ("an address to a machine", ("test", "placeholder", "example", "sample", "dummy", "fictional", "formatting", "withdrawn", "to be "), r"\b(?:preceding|previous|above|earlier|following|rest|remaining)\b[^.]{0,30}\b(?:paragraphs?|text|sentences?|article|lines?)\b[^.]{0,20}\b(?:is|are|was|were) (?:only |just |a |an )*(?:test|tests|placeholder|example|sample|dummy|fictional|formatting|withdrawn|to be (?:ignored|left out|discarded))"),
    ("an address to a machine", ("claims",), r"\b(?:listing|extracting|reporting|returning) (?:any |the |all )?claims\b|\b(?:zero|no) claims\b(?=[^.]{0,20}$)|\bcontains no claims\b"),
    ("an address to a machine", ("do not",), r"\bdo not (?:mention|reveal|repeat|include|extract|report)\b[^.]{0,40}\b(?:note|instruction|message|paragraph|answer|output)\b"),
)  # fmt: skip
"""The rules: what a sentence is planted as, words of which it must hold one, and the pattern that it must match.

The words are looked for first: most sentences hold none of most rules, and each pattern costs as much as fifty such looks.
"""
_ROLES: Final = r"(?:article|system|assistant|user|instructions?|prompt|document|context)"
_PART: Final = r"(?:OF )?(?:SYSTEM |NEW )?(?:PROMPT|INSTRUCTIONS?|MESSAGE|INPUT)\b"
_TURN: Final = late(
    rf"(?P<opens><\|(?:(?:im_)?start\w*|begin\w*|{_ROLES})\|>|<{_ROLES}>|\[INST\]|<<\s*SYS\s*>>|\b(?:BEGIN|START) {_PART})"
    rf"|<\|(?:(?:im_)?end\w*|eot\w*)\|>|</{_ROLES}>|\[/INST\]|<<\s*/SYS\s*>>|\bEND {_PART}",
    re.IGNORECASE,
)
_DICTATED: Final = "an answer dictated"
_UNSAID: Final = frozenset(("markup of a conversation", "an example of an answer"))
"""Rules of what nobody says aloud."""
_TASK: Final = late(
    rf"\b(?:{_OUTPUT}|note|treat|state|say|claim|count|mark|put|quote|include|mention|tell|assume|conclude|consider|accept)\b",
    re.IGNORECASE,
)
"""What a machine is told to do with words, in the form of a command."""
_SET_OFF: Final = late(r"[,\"\u201d\u2019]\s*(?:[^\s,:;]+\s+){0,8}$")
_ENDED: Final = late(r"(?:\s+[\w'\u2019-]+){0,6}\s*(?:[,.!?\"\u201d]|$)")
_PLANTED: Final = tuple((name, needed, late(words, re.IGNORECASE)) for name, needed, words in _RULES_TABLE)
_ADDRESSED: Final = late(
    rf"\b(?:{_MACHINE}|your (?:answer|output|response|reply)|json|claims? only|one claim|empty list|previous instructions)\b", re.IGNORECASE
)


def planted(sentence: str) -> str | None:
    """Return why ``sentence`` counts as planted, by the name of the rule; None where it does not.

    An answer dictated counts only where the sentence also names a machine or the form of an answer: "the board must report no figures" does not.
    Reported speech counts only where it is markup or sets a task.

    Args:
        sentence: One sentence of an article.
    """
    lowered = caseless(sentence)
    for name, needed, words in _PLANTED:
        found = words.search(sentence) if any(map(lowered.__contains__, needed)) else None
        if found is None or (name == _DICTATED and not _ADDRESSED.search(sentence)):
            continue
        if name in _UNSAID or _TASK.search(sentence) or not _is_reported(sentence, *found.span()):
            return name
    return None


def turn(sentence: str) -> Literal["opens", "closes"] | None:
    """Return what the last markup of a conversation in ``sentence`` does: it opens a turn, or closes one; None where there is none."""
    found = [match["opens"] for match in _TURN.finditer(sentence)]
    return None if not found else "opens" if found[-1] else "closes"


def _is_reported(sentence: str, start: int, end: int) -> bool:
    """Tell whether a word of saying introduces the words from ``start`` to ``end``, or is set off behind them with who says it."""
    for cue in attribution.cues(sentence):
        if cue.end <= start and not re.search(r"[.;!?]", sentence[cue.end : start]):
            return True
        if cue.start >= end and _SET_OFF.search(sentence, end, cue.start) and _ENDED.match(sentence, cue.end):
            return True
    return False
