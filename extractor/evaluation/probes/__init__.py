"""Changes to an article after which its claims must change in a known way, or not at all: checks that need no gold.

A probe changes an article (``perturb``), and its laws say how the claims of the change must relate to those of the original. The laws hold for
whoever reads both right; what a law cannot decide is left out and counted, never taken as held. An article that gives a probe no target is none of
its articles. Places of the original are carried over by ``Edit.move``, so claims are compared whole, offsets included.

A cut or planted sentence moves the borders of the windows behind it, so a model is asked otherwise about claims that the change does not touch. The
laws are about the result all the same; claims whose questions were the same are counted apart, since only rules can make those differ.

Sources: metamorphic relations (Chen, Cheung and Yiu 1998); invariance and directional tests (Ribeiro et al. 2020, "Beyond Accuracy").
"""

from __future__ import annotations

from typing import Final

from extractor.evaluation.probes.changes import LAWS, SHIFT, Check, Edit, Probe, Variant
from extractor.evaluation.probes.dates import shift_date, shifted
from extractor.evaluation.probes.figures import edit_number, number_edited
from extractor.evaluation.probes.sentences import (
    CREDIT,
    PLANTED,
    caption_repeated,
    delete_sentence,
    instruction_planted,
    plant_instruction,
    repeat_caption,
    sentence_deleted,
)

__all__ = ["CREDIT", "LAWS", "PLANTED", "PROBES", "SHIFT", "Check", "Edit", "Probe", "Variant"]

_OTHERS: Final = ("others_anew", "others_alike")
PROBES: Final = {
    "shift_date": Probe(
        f"publish the article {SHIFT} days later", ("relative_days", "context_days", "explicit_days", "rest"), shift_date, shifted
    ),
    "edit_number": Probe("change one figure to another of as many digits", ("figure", "slots", *_OTHERS), edit_number, number_edited),
    "delete_sentence": Probe("cut one sentence that makes a claim", ("gone", *_OTHERS), delete_sentence, sentence_deleted),
    "repeat_caption": Probe(
        "repeat the sentence of a figure as a caption", ("count", "repeated", *_OTHERS), repeat_caption, caption_repeated
    ),
    "plant_instruction": Probe("plant instructions to the model", ("resisted", *_OTHERS), plant_instruction, instruction_planted),
}
"""Every probe. A new one is a row here and, for a new law, one in ``LAWS``."""
