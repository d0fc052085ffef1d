"""A profile and its prompt made ready for a model: the windows of a document, and the request about each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from extractor import segmentation
from extractor.documents import Document, Sentence, Window
from extractor.models import Model
from extractor.profiles.base import Profile
from extractor.prompts import Prompt
from extractor.requests import Message, Request
from extractor.schemas import response_format


@dataclass(frozen=True)
class Task:
    """One extraction task for one model.

    Attributes:
        profile: What is asked, and what is made of the answers.
        prompt: How it is asked.
        model: Who is asked.
    """

    profile: Profile
    prompt: Prompt
    model: Model

    def windows(self, document: Document, split: tuple[Sentence, ...]) -> tuple[Window, ...]:
        """Return the windows of a document, of the task's own size where it has one, else of the model's."""
        own = self.profile.window
        size, context = (self.model.window, self.model.context) if own is None else (own, 0)
        return segmentation.windows(document, split, size=size, longest=self.model.longest, context=context)

    def request(self, window: Window, *, endpoint: str, repeat: int = 0) -> Request:
        """Return the request that asks about ``window``, for the ``repeat``-th time after the first."""
        context = tuple(window.document.text[s.start : s.end] for s in window.context)
        grammar = self.model.constraint == "grammar"
        return Request(
            endpoint=endpoint,
            model=self.model.served_as,
            messages=(*self._static, self.prompt.ask(self.profile.shown(window), context)),
            constraint={"grammar": self.profile.grammar(window)} if grammar else self._format,
            max_tokens=self.model.max_tokens,
            max_tokens_field=self.model.max_tokens_field,
            sampling=dict(self.model.sampling),
            repeat=repeat,
        )

    @cached_property
    def _format(self) -> dict[str, object]:
        return response_format(self.profile.answer, name=self.profile.name)

    @cached_property
    def _static(self) -> tuple[Message, ...]:
        """The turns that every request begins with: instructions, then examples as earlier questions and answers."""
        turns = [Message(role="system", content=self.prompt.system)]
        for example in self.prompt.examples:
            drafts = [self.profile.draft.model_validate_json(line) for line in example.answer]
            turns += [self.prompt.ask(example.sentences), Message(role="assistant", content=self.profile.dump(drafts))]
        return tuple(turns)
