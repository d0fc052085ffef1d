"""Verbs of saying, by their base form and by the constructions they say something with. One table; a verb may stand in several rows."""

from __future__ import annotations

from typing import Final


def _verbs(words: str) -> frozenset[str]:
    return frozenset(words.split())


PLAIN: Final = _verbs(
    "say tell claim report announce add state warn deny confirm allege acknowledge insist estimate write argue explain note"
    " declare predict believe vow boast tweet post concede admit suggest conclude expect fear anticipate assure stress"
    " emphasise emphasize recall testify doubt hope promise pledge maintain reveal disclose complain forecast caution"
    " contend assert observe remark reply recount counter reiterate repeat quip concur agree reckon assess shout murmur"
    " answer comment joke swear judge rule inform think point retort respond quote clarify underline underscore highlight"
    " indicate hint imply intimate signal advise brief proclaim detail specify outline relate lament project foresee affirm"
    " reaffirm attest certify divulge confide confess worry speculate posit calculate threaten exclaim yell cry whisper"
    " rebut refute brag describe show find"
)
"""Verbs with what is said as a clause, or set beside it."""
CALLING: Final = _verbs(
    "call describe label brand dismiss reject condemn denounce decry hail praise characterise characterize portray deem consider"
)
"""Verbs that say of their object what its complement is: "called the raid a crime"."""
CHARGING: Final = _verbs("accuse blame suspect")
"""Verbs that say of their object what stands behind "of" or "for"."""
SETTING: Final = _verbs("put estimate set")
"""Verbs that say of their object the figure behind "at"."""
SPEAKING_OF: Final = _verbs("speak talk warn complain boast hint")
"""Verbs that say something with a noun behind "of"."""
TALLYING: Final = _verbs("count record register list document show verify confirm find report tally log")
"""Verbs that say something with a figure and its noun: "counted 13 wagons"."""
OF_A_NOUN: Final = _verbs("deny announce report expect predict forecast fear claim acknowledge admit allege promise foresee")
"""Verbs that can say something with a noun instead of a clause: "denied any losses"."""
OF_AN_ACT: Final = _verbs("expect believe claim promise vow pledge hope threaten swear report estimate say")
"""Verbs that can say something with an infinitive: "promised to rebuild"."""
OF_A_CLAUSE: Final = _verbs(
    "speak talk count record register list document verify tally log find show think observe rule repeat note state post"
    " point judge put write consider set detail relate cry signal project calculate brief indicate"
)
"""Verbs that say something only with a "that", behind what is said, or in a sentence with a quotation; they have other meanings."""

QUOTING: Final = _verbs("quote cite")
"""Verbs that pass on what somebody else said."""

SAYING: Final = PLAIN | CALLING | CHARGING | SETTING | SPEAKING_OF | TALLYING | QUOTING
"""All of them."""

LOSING: Final = _verbs("lose suffer sustain report flee leave")
"""Verbs of an outcome whose subject is who is hit, not who hits."""
