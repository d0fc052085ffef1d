"""An example of a prompt taken through everything but the model: whatever loads late is loaded then, before somebody waits for it."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.answers import answer
from extractor.claims import ClaimProvenance
from extractor.documents import Document, Sentence
from extractor.exchange import Given
from extractor.grounding import Haystack
from extractor.profiles.base import Found
from extractor.prompts import Prompt
from extractor.providers.base import Provider
from extractor.requests import Completion, Usage
from extractor.tasks import Task


def example(prompt: Prompt) -> Document:
    """Return what a prompt's first example is about, or a sentence about which a model may be asked."""
    sentences = prompt.examples[0].sentences if prompt.examples else ("A flood drowned 40 cattle.",)
    return Document(text="\n\n".join(sentences))


async def rehearse(task: Task, split: Sequence[Sentence], provider: Provider) -> int:
    """Have ``provider`` made ready and take the example of a task's prompt through all else; return how many drafts were grounded.

    Args:
        task: What is asked.
        split: The sentences of the task's example, with their trees where it has a parser.
        provider: Who would be asked; it is not.

    Raises:
        WeightsError: The model's file cannot be had.
        MissingExtraError: A part that the model needs is not installed.
    """
    document = example(task.prompt)
    window = task.windows(document, tuple(split))[0]
    request = task.request(window, endpoint=provider.endpoint)
    await provider.prepare(request)
    lines = task.prompt.examples[0].answer if task.prompt.examples else ()
    learnt = task.profile.dump([task.profile.draft.model_validate_json(line) for line in lines])
    given = Given(Completion(content=learnt, finish_reason="stop", usage=Usage()), provider)
    said = await answer(given, request, task.profile, Haystack(window))
    nothing = ClaimProvenance(window=window.index, requests=(), cached=True)
    task.profile.finish(document, split, [Found(draft, grounded, window, nothing) for draft, grounded in said.drafts])
    return len(said.drafts)
