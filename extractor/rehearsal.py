"""An example of a prompt taken through everything but the model: whatever loads late is loaded then, before somebody waits for it."""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread

from extractor import maker
from extractor.answers import answer
from extractor.claims import ClaimProvenance
from extractor.documents import Document, Sentence, Window
from extractor.exchange import Given
from extractor.grounding import Haystack
from extractor.profiles.base import Found
from extractor.prompts import Prompt
from extractor.providers.base import Provider
from extractor.requests import Completion, Request, Usage
from extractor.tasks import Task


def example(prompt: Prompt) -> Document:
    """Return what a prompt's first example is about, or a sentence about which a model may be asked."""
    sentences = prompt.examples[0].sentences if prompt.examples else ("A flood drowned 40 cattle.",)
    return Document(text="\n\n".join(sentences))


async def rehearse(task: Task, split: Sequence[Sentence], provider: Provider) -> int:
    """Have ``provider`` made ready and take the example of a task's prompt through all else; return how many drafts were grounded.

    What takes the processor alone is done in a thread: hundreds of expressions are compiled, while others may want an answer.

    Args:
        task: What is asked.
        split: The sentences of the task's example, with their trees where it has a parser.
        provider: Who would be asked; it is not.

    Raises:
        WeightsError: The model's file cannot be had.
        MissingExtraError: A part that the model needs is not installed.
    """
    document = example(task.prompt)
    window, request, learnt = await anyio.to_thread.run_sync(_asked, task, document, split, provider.endpoint)
    await provider.prepare(request)
    given = Given(Completion(content=learnt, finish_reason="stop", usage=Usage()), provider)
    said = await answer(given, request, task.profile, Haystack(window))
    nothing = ClaimProvenance(window=window.index, requests=(), cached=True)
    found = [Found(draft, grounded, window, nothing) for draft, grounded in said.drafts]
    await anyio.to_thread.run_sync(task.profile.finish, document, split, found)
    return len(said.drafts)


def _asked(task: Task, document: Document, split: Sequence[Sentence], endpoint: str) -> tuple[Window, Request, str]:
    """Return the first window of the example, what is asked about it, and the answer that the prompt shows."""
    maker.code()  # it reads our sources, once a process, when an article is first looked for in the memory
    window = task.windows(document, tuple(split))[0]
    lines = task.prompt.examples[0].answer if task.prompt.examples else ()
    learnt = task.profile.dump([task.profile.draft.model_validate_json(line) for line in lines])
    return window, task.request(window, endpoint=endpoint), learnt
