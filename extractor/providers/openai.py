"""Any server that speaks OpenAI's chat completions, reached through its SDK.

The SDK sends and authenticates; it retries nothing and decodes nothing, so one request is one send and a reply is read
straight into a Completion. It is imported when the first request is sent, since cached runs need none of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from extractor import errors
from extractor.requests import Completion, FinishReason, Request, Usage

if TYPE_CHECKING:
    import openai

_NO_KEY: Final = "none"
_CONNECT_SECONDS: Final = 10.0
_FINISH: Final[dict[str, FinishReason]] = {"stop": "stop", "length": "length", "content_filter": "refusal"}


class OpenAIProvider:
    """Sends requests to OpenAI or a compatible server.

    Args:
        base_url: Address up to ``/v1``; None for OpenAI itself.
        key: Key to authenticate with; servers of one's own often need none.
        timeout: Seconds without a byte before a request counts as lost.
        name: What messages call the server.
    """

    def __init__(self, *, base_url: str | None, key: str | None, timeout: float = 600.0, name: str | None = None) -> None:
        self._base_url = base_url.rstrip("/") if base_url else None
        self._key = key
        self._timeout = timeout
        self._name = name or self._base_url or "OpenAI"
        self._client: openai.AsyncOpenAI | None = None

    @property
    def endpoint(self) -> str:
        """The base URL, or ``openai``."""
        return self._base_url or "openai"

    async def prepare(self, request: Request) -> None:
        """Do nothing; connections are made as they are needed."""

    async def complete(self, request: Request) -> Completion:
        """Send ``request`` once and return the answer.

        Raises:
            ProviderError: There is none; the class says why and whether sending again can help.
        """
        import httpx2
        import openai

        if self._key is None and self._base_url is None:
            msg = "OpenAI needs a key: set OPENAI_API_KEY, or choose an embedded model with --model"
            raise errors.AuthenticationError(msg, attempts=0)
        try:
            if self._client is None:
                self._client = openai.AsyncOpenAI(
                    base_url=self._base_url,
                    api_key=self._key or _NO_KEY,
                    max_retries=0,
                    timeout=httpx2.Timeout(self._timeout, connect=_CONNECT_SECONDS),
                )
            response = await self._client.post("/chat/completions", body=request.body(), cast_to=httpx2.Response)
            return _completion(response.content, self._name)
        except openai.APIStatusError as error:
            raise _status_error(error, self._name, request.model) from error
        except openai.APITimeoutError as error:
            msg = f"{self._name} sent nothing for {self._timeout:g} s"
            raise errors.ConnectionFailedError(msg) from error
        except openai.APIConnectionError as error:
            cause = str(error.__cause__ or error) or type(error.__cause__).__name__
            msg = f"{self._name} cannot be reached ({cause}); check the address, the network and any proxy"
            raise errors.ConnectionFailedError(msg) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, openai.OpenAIError) as error:
            msg = f"{self._name} cannot be reached ({error}); check the address, the network and any proxy"
            raise errors.ConnectionFailedError(msg) from error

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


def _completion(content: bytes, name: str) -> Completion:
    """Read a reply; anything that is no chat completion is an error worth another try."""
    try:
        reply = json.loads(content)
        choice = reply["choices"][0]
        message = choice["message"]
        refusal = message.get("refusal")
        finish = "refusal" if refusal else _FINISH.get(choice.get("finish_reason") or "stop", "stop")
        text = refusal or message.get("content") or ""
        return Completion(content=text, finish_reason=finish, usage=_usage(reply.get("usage") or {}))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        msg = f"{name} answered with {len(content)} bytes that are no chat completion"
        raise errors.ResponseError(msg) from error


def _usage(usage: dict[str, Any]) -> Usage:
    details = usage.get("prompt_tokens_details") or {}
    return Usage(
        requests=1,
        input_tokens=usage.get("prompt_tokens") or 0,
        cached_input_tokens=details.get("cached_tokens") or 0,
        output_tokens=usage.get("completion_tokens") or 0,
    )


def _status_error(error: openai.APIStatusError, name: str, model: str) -> errors.ProviderError:
    make = _BY_STATUS.get(error.status_code)
    if make is not None:
        return make(error, name, model)
    if error.status_code >= 500:
        return errors.ServerError(f"{name} failed with status {error.status_code}", retry_after=_retry_after(error))
    return errors.BadRequestError(f"{name} refused the request with status {error.status_code}{_reason(error)}")


def _unauthorised(error: openai.APIStatusError, name: str, model: str) -> errors.ProviderError:
    return errors.AuthenticationError(
        f"{name} refuses the key for '{model}' (status {error.status_code}); check OPENAI_API_KEY or EXTRACTOR_API_KEY"
    )


def _not_found(_: openai.APIStatusError, name: str, model: str) -> errors.ProviderError:
    return errors.BadRequestError(f"{name} has no model '{model}', or the address lacks /v1; check --model and EXTRACTOR_BASE_URL")


def _limited(error: openai.APIStatusError, name: str, _: str) -> errors.ProviderError:
    if error.code == "insufficient_quota":
        return errors.QuotaError(f"the account at {name} has no credit left; add credit or use another key")
    return errors.RateLimitError(f"{name} is limiting the rate; lower EXTRACTOR_PARALLEL or wait", retry_after=_retry_after(error))


def _passing(error: openai.APIStatusError, name: str, _: str) -> errors.ProviderError:
    return errors.ServerError(f"{name} could not take the request now (status {error.status_code})", retry_after=_retry_after(error))


_BY_STATUS: Final[dict[int, Callable[[Any, str, str], errors.ProviderError]]] = {
    401: _unauthorised,
    403: _unauthorised,
    404: _not_found,
    408: _passing,
    409: _passing,
    429: _limited,
}


def _reason(error: openai.APIStatusError) -> str:
    found = error.body.get("message") if isinstance(error.body, dict) else None
    return f": {str(found)[:200]}" if found else ""


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Return the seconds to wait by Retry-After (RFC 9110, section 10.2.3: seconds or a date), if the reply says."""
    value = error.response.headers.get("retry-after")
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
