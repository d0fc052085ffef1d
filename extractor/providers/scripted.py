"""A provider that answers from a list, for tests of everything around a model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import anyio

from extractor.errors import ProviderError
from extractor.requests import Completion, Request, Usage

Answer = str | Completion | ProviderError


class ScriptedProvider:
    """Answers each request with the next scripted answer, or with what a function returns for it.

    Args:
        answers: Text or Completions to return, errors to raise, in order; or a function of the request.
        delay: Seconds before each answer.

    Attributes:
        sent: Every request received, in order.
    """

    def __init__(self, answers: Iterable[Answer] | Callable[[Request], Answer], *, delay: float = 0.0) -> None:
        self.sent: list[Request] = []
        self.closed = False
        self._delay = delay
        self._answers = answers if callable(answers) else deque(answers)

    @property
    def endpoint(self) -> str:
        """A fixed name, so that scripted answers share cache keys between runs."""
        return "scripted"

    async def prepare(self, request: Request) -> None:
        """Do nothing."""

    async def complete(self, request: Request) -> Completion:
        """Return the next answer.

        Raises:
            ProviderError: The script says so, or has run out.
        """
        self.sent.append(request)
        await anyio.sleep(self._delay)
        if callable(self._answers):
            answer = self._answers(request)
        elif self._answers:
            answer = self._answers.popleft()
        else:
            msg = f"the script has no answer for request {len(self.sent)}"
            raise ProviderError(msg)
        if isinstance(answer, ProviderError):
            raise answer
        if isinstance(answer, Completion):
            return answer
        usage = Usage(requests=1, input_tokens=sum(len(m.content) for m in request.messages) // 4, output_tokens=len(answer) // 4)
        return Completion(content=answer, finish_reason="stop", usage=usage)

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True
