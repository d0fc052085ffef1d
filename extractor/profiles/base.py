"""What one extraction task consists of: a prompt, a model of the answer, and a function that makes results of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from extractor.claims import Claim, ClaimProvenance, Verification
from extractor.documents import Document, Sentence, Span, Window
from extractor.grounding import Fault, Grounded, Haystack, ground

HAYSTACK = "haystack"
"""Key of the validation context under which an answer finds the window it must be grounded in."""


class Draft(BaseModel):
    """What a model returns for one result: a sentence number and short words copied from the window.

    Where the validation context holds a Haystack, words that cannot be grounded are a validation error, so whoever
    validates an answer learns of both kinds of fault in one way. Subclasses name their slots.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    local: ClassVar[frozenset[str]] = frozenset()
    """Slots that must stand in the draft's own sentence."""
    labels: ClassVar[frozenset[str]] = frozenset()
    """Fields that hold a name from a list and no words of the article."""

    sentence: int = Field(ge=1, description="number of the sentence that makes the claim")

    def words(self) -> dict[str, str | None]:
        """Return the slots that must be grounded."""
        others = self.labels | {"sentence"}
        return {name: getattr(self, name) for name in type(self).model_fields if name not in others}

    def grounded(self, haystack: Haystack) -> Grounded | tuple[Fault, ...]:
        """Return the slots at their places, or every fault."""
        return ground(haystack, self.sentence, self.words(), local=self.local)

    @model_validator(mode="after")
    def _stands_in_the_window(self, info: ValidationInfo) -> Self:
        haystack = (info.context or {}).get(HAYSTACK)
        if haystack is not None:
            found = self.grounded(haystack)
            if not isinstance(found, Grounded):
                told = "; ".join(f"{fault.slot}: {fault.message}" for fault in found)
                raise PydanticCustomError("grounding", "{told}", {"told": told, "reason": found[0].reason, "slot": found[0].slot})  # noqa: EM101  # a code and a template
        return self


@dataclass(frozen=True, slots=True)
class Found:
    """A draft with its slots at their places, and where it came from."""

    draft: Draft
    grounded: Grounded
    window: Window
    provenance: ClaimProvenance


@dataclass(frozen=True, slots=True)
class Results:
    """What a profile makes of a document's grounded drafts: claims, or records of a schema of its own."""

    claims: tuple[Claim, ...] = ()
    verifications: tuple[Verification, ...] = ()
    records: tuple[BaseModel, ...] = ()
    planted: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One extraction task.

    Attributes:
        name: What a user calls it.
        prompt: Reference of its prompt.
        draft: Model of one result.
        answer: Model of a whole answer, whose one field is a list of drafts.
        asks: Tells whether a window holds anything to ask a small model about.
        grammar: Returns the grammar that holds an answer to a window's own words.
        finish: Makes results of all grounded drafts of a document.
        record: Model of one result, where results are records rather than claims.
        prompts: Folder that holds its prompt, where that is not the package's own.
        shown: Returns what the model is shown of a window, numbered from 1.
        window: Sentences of a window, where the task needs another number than the model's own.
        parsed: The task for a document whose sentences a parser has read; None where it is the same.
    """

    name: str
    prompt: str
    draft: type[Draft]
    answer: type[BaseModel]
    asks: Callable[[Window], bool]
    grammar: Callable[[Window], str]
    finish: Callable[[Document, Sequence[Sentence], Sequence[Found]], Results]
    record: type[BaseModel] | None = None
    prompts: Path | None = None
    shown: Callable[[Window], tuple[str, ...]] = lambda window: window.texts
    window: int | None = None
    parsed: Profile | None = None

    @property
    def field(self) -> str:
        """Name of the answer's list of drafts."""
        return next(iter(self.answer.model_fields))

    def dump(self, drafts: Sequence[Draft]) -> str:
        """Return the answer that consists of ``drafts``, as compactly as a model should write it."""
        values: Mapping[str, Any] = {self.field: list(drafts)}
        return self.answer(**values).model_dump_json(exclude_none=True)
