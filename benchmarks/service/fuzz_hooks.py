"""What schemathesis is told of the service that no schema can say."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

_BY_WHAT_CAME_BEFORE: Final = frozenset({"/problems/idempotency-mismatch"})
"""Problems of requests that are right by themselves: an Idempotency-Key that is drawn twice comes with another body the second time."""

_RIGHT: Final = re.compile(r"https://.{0,1992}\Z", re.DOTALL)


@schemathesis.hook
def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
    """Tell whether ``failure`` is one: not where a right request was refused for what came before it."""
    del context, case
    if not isinstance(failure, RejectedPositiveData):
        return True
    try:
        return json.loads(response.content)["type"] not in _BY_WHAT_CAME_BEFORE
    except (ValueError, KeyError, TypeError):
        return True


@schemathesis.hook
def before_call(context: Any, case: Any, **kwargs: Any) -> None:
    """Leave a right webhook out: the server would look its host up, and where a drawn name leads, nobody knows."""
    del context, kwargs
    webhook = case.body.get("webhook") if isinstance(case.body, dict) else None
    if isinstance(webhook, dict) and set(webhook) == {"url"} and _RIGHT.match(str(webhook["url"])):
        case.body = {name: value for name, value in case.body.items() if name != "webhook"}
