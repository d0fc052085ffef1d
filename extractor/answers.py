"""From a model's answer to grounded drafts: validate, ask again once with the reason, keep what is good.

An answer is validated by pydantic with its window as context, so words that are not in the article are validation
errors like any other. Only then does instructor enter: it writes what the model is told, sends that through the same
exchange (so a re-ask is cached too) and validates again. It is given the re-ask's turns only, never the article, because
its templates would read ``{{ }}`` in it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from extractor.errors import ProviderError
from extractor.exchange import Completing
from extractor.extraction import Outcome, Rejection
from extractor.grounding import Grounded, Haystack
from extractor.profiles.base import HAYSTACK, Draft, Profile
from extractor.requests import Completion, Message, Request, Usage

# its messages hold whole answers, and so article text; without a handler logging would print them all the same
logging.getLogger("instructor").propagate = False
logging.getLogger("instructor").addHandler(logging.NullHandler())


@dataclass(slots=True)
class Answer:
    """What came of asking about one window.

    Attributes:
        outcome: ``ok``, ``empty``, ``refused``, ``truncated`` or ``failed``.
        detail: Why, where it is none of the first two.
        error: Class of the error by which a request failed, the first one or its re-ask.
        drafts: Drafts with their slots at their places.
        rejections: Drafts thrown out.
        requests: Digests of the requests made.
        cached: Whether all of them were answered from the cache.
        usage: What they cost this time.
    """

    outcome: Outcome = "empty"
    detail: str | None = None
    error: str | None = None
    drafts: list[tuple[Draft, Grounded]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    cached: bool = True
    usage: Usage = field(default_factory=Usage)

    def add(self, request: Request, completion: Completion) -> None:
        """Count a request that was answered."""
        self.requests.append(request.key)
        self.cached = self.cached and completion.cached
        self.usage += completion.usage

    def fail(self, request: Request, error: ProviderError) -> None:
        """Count a request that was not."""
        self.requests.append(request.key)
        self.cached = False
        self.error = type(error).__name__
        self.usage += Usage(requests=error.attempts)


async def answer(exchange: Completing, request: Request, profile: Profile, haystack: Haystack) -> Answer:
    """Return the grounded drafts of a window, and what was lost on the way.

    Never raises for what a provider or model does: a failed, refused or cut-off window is an outcome.
    """
    result = Answer()
    try:
        first = await exchange.complete(request)
    except ProviderError as error:
        result.fail(request, error)
        result.outcome, result.detail = "failed", str(error)
        return result
    result.add(request, first)
    if first.finish_reason == "refusal":
        result.outcome, result.detail = "refused", first.content[:500] or "the model gave no reason"
        return result
    kept, rejected = _sort(first.content, profile, haystack)
    cut = first.finish_reason == "length"
    if not cut and (rejected or not _is_valid(first.content, profile, haystack)):
        second = await _ask_again(exchange, request, first, profile, haystack, result)
        if second is not None:
            kept_again, rejected = _sort(second.content, profile, haystack)
            known = {draft for draft, _ in kept}
            kept += [item for item in kept_again if item[0] not in known]
    result.drafts, result.rejections = kept, rejected
    if cut:
        result.outcome, result.detail = "truncated", f"the answer was cut off at {request.max_tokens} tokens; what was whole is kept"
    else:
        result.outcome = "ok" if kept else "empty"
    return result


async def _ask_again(
    exchange: Completing, request: Request, first: Completion, profile: Profile, haystack: Haystack, result: Answer
) -> Completion | None:
    """Return the answer to instructor's re-ask, or None where there is no whole one."""
    import instructor
    from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

    answers: list[Completion] = []

    async def create(*, messages: Sequence[dict[str, Any]], **_: object) -> Any:
        if not messages:
            return _chat_completion(request, first)
        turns = [Message(role=turn["role"], content=str(turn["content"])) for turn in messages]
        again = request.model_copy(update={"messages": (*request.messages, *turns)})
        try:
            completion = await exchange.complete(again)
        except ProviderError as error:
            result.fail(again, error)
            raise
        result.add(again, completion)
        if completion.finish_reason == "stop":
            answers.append(completion)
        return _chat_completion(again, completion)

    asked: Any = instructor.patch(create=create, mode=instructor.Mode.JSON_SCHEMA)
    # Where the second answer fails too, what of it is good is kept by the caller, draft by draft.
    with suppress(InstructorRetryException, IncompleteOutputException):
        await asked(response_model=profile.answer, messages=[], context={HAYSTACK: haystack}, max_retries=1)
    return answers[0] if answers else None


def _chat_completion(request: Request, completion: Completion) -> Any:
    from openai.types.chat import ChatCompletion

    message = {"role": "assistant", "content": completion.content}
    choice = {"index": 0, "finish_reason": "length" if completion.finish_reason == "length" else "stop", "message": message}
    value = {"id": request.key, "object": "chat.completion", "created": 0, "model": request.model, "choices": [choice]}
    return ChatCompletion.model_validate(value)


def _is_valid(content: str, profile: Profile, haystack: Haystack) -> bool:
    try:
        profile.answer.model_validate_json(content, context={HAYSTACK: haystack})
    except ValidationError:
        return False
    return True


def _sort(content: str, profile: Profile, haystack: Haystack) -> tuple[list[tuple[Draft, Grounded]], list[Rejection]]:
    """Return the drafts of an answer that hold, and the rejections of those that do not."""
    kept: list[tuple[Draft, Grounded]] = []
    rejected: list[Rejection] = []
    seen: set[Draft] = set()
    window = haystack.window.index
    for value in _items(content, profile):
        if not isinstance(value, dict):
            rejected.append(Rejection(window=window, reason="not_a_draft", message="the answer is no JSON object of the asked form"))
            continue
        try:
            draft = profile.draft.model_validate(value, context={HAYSTACK: haystack})
        except ValidationError as error:
            rejected += _rejections(error, window, value)
            continue
        grounded = draft.grounded(haystack)
        if isinstance(grounded, Grounded) and draft not in seen:
            seen.add(draft)
            kept.append((draft, grounded))
    return kept, rejected


def _items(content: str, profile: Profile) -> Iterator[object]:
    """Yield the drafts of an answer; of one cut off, those that are whole."""
    try:
        value = from_json(content)
        whole = True
    except ValueError:
        whole = False
        try:
            value = from_json(content, allow_partial=True)
        except ValueError:
            value = None
    items = value.get(profile.field) if isinstance(value, dict) else None
    if not isinstance(items, list):
        if whole or not content.lstrip().startswith("{"):
            yield None
        return
    yield from items if whole else items[:-1]


def _rejections(error: ValidationError, window: int, value: dict[str, Any]) -> list[Rejection]:
    first = error.errors(include_url=False)[0]
    context = first.get("ctx") or {}
    slot = context.get("slot") or ".".join(str(part) for part in first["loc"]) or None
    reason = context.get("reason") if first["type"] == "grounding" else "invalid"
    return [Rejection(window=window, reason=str(reason), slot=slot, message=first["msg"], draft=value)]
