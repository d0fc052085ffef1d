"""What is sent to a model and what comes back, as values.

Everything that decides a model's answer is in one frozen ``Request``: its digest is the cache key, its body is what goes
over the wire. Timeouts, retries and concurrency stay out of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from extractor.documents import Frozen

FinishReason = Literal["stop", "length", "refusal"]


class Message(Frozen):
    """One turn of the conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(BaseModel):
    """One question to one model.

    Attributes:
        endpoint: Who answers: the digest of a local model's file, or the base URL of a provider.
        model: The name the endpoint knows the model by.
        messages: The conversation, static turns first, the article last.
        constraint: Fields of the body that hold the answer to its shape (a JSON schema or a grammar).
        max_tokens: Most tokens of the answer.
        max_tokens_field: The body's name for that limit; it differs between providers.
        sampling: Sampling fields of the body (temperature, seed).
        repeat: Number of the repetition, so that an eval's repeats are not one cache entry.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str
    model: str
    messages: tuple[Message, ...] = Field(min_length=1)
    constraint: dict[str, Any]
    max_tokens: int = Field(gt=0)
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    sampling: dict[str, float | int] = Field(default_factory=dict)
    repeat: int = Field(default=0, ge=0)

    def body(self) -> dict[str, Any]:
        """Return the JSON body of a chat completion; the same one online and in a provider's batch."""
        return {
            "model": self.model,
            "messages": [message.model_dump() for message in self.messages],
            self.max_tokens_field: self.max_tokens,
            **self.sampling,
            **self.constraint,
        }

    @cached_property
    def key(self) -> str:
        """SHA-256, in hexadecimal, of everything that decides the answer."""
        value = {"endpoint": self.endpoint, "body": self.body(), "repeat": self.repeat}
        return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with changes, and so with a key of its own."""
        copy = super().model_copy(update=update, deep=deep)
        copy.__dict__.pop("key", None)
        return copy


class Usage(Frozen):
    """What answers cost.

    Attributes:
        requests: Requests sent, failed ones included.
        input_tokens: Tokens read by the model.
        cached_input_tokens: Those of them the provider had already read.
        output_tokens: Tokens written by the model.
    """

    requests: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0

    def __sub__(self, other: Usage) -> Usage:
        """Return the difference, field by field."""
        return Usage(**{name: getattr(self, name) - getattr(other, name) for name in Usage.model_fields})

    def __add__(self, other: Usage) -> Usage:
        """Return the sum, field by field."""
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


class Limits(Frozen):
    """What a provider says it will still take, by its ``x-ratelimit-*`` headers; null where it does not say.

    Attributes:
        requests_limit: Requests allowed in a period.
        requests_remaining: Those of them still to be had.
        requests_reset: Seconds until all of them are.
        tokens_limit: Tokens allowed in a period.
        tokens_remaining: Those of them still to be had.
        tokens_reset: Seconds until all of them are.
    """

    requests_limit: int | None = None
    requests_remaining: int | None = None
    requests_reset: float | None = None
    tokens_limit: int | None = None
    tokens_remaining: int | None = None
    tokens_reset: float | None = None


class Completion(Frozen):
    """A model's raw answer: what cost money, and so what the cache keeps.

    Attributes:
        content: The text of the answer; of a refusal, its reason.
        finish_reason: ``stop``, ``length`` (cut off by the token limit) or ``refusal``.
        usage: What it cost when it was sent.
        cached: Whether it was read from the cache; never stored.
        limits: What the provider said beside it of its limits; never stored.
    """

    content: str
    finish_reason: FinishReason
    usage: Usage
    cached: bool = False
    limits: Limits | None = None
