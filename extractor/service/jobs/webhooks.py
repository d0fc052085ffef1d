"""Telling webhooks that a job has ended, by Standard Webhooks 1.0.0: signed, tried again for three days, never led astray.

What is to be told stands in the file of jobs, so a restart loses nothing. A receiver gets each message at least once: where its answer
was lost, or could not be noted, the message comes again under the same id.
"""

from __future__ import annotations

import logging
import random
import re
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp
import anyio
from anyio import to_thread
from yarl import URL

from extractor._version import __version__
from extractor.batch.control import until
from extractor.errors import ConfigurationError, RefusedError, StorageError
from extractor.service import addresses
from extractor.service.jobs.deliveries import Deliveries, Delivery
from extractor.service.signing import sign

_log = logging.getLogger(__name__)

_MINUTE: Final = 60.0
_HOUR: Final = 60 * _MINUTE
SCHEDULE: Final = (5.0, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
"""Seconds from one attempt to the next, as the specification has them; the first attempt is made at once."""
SECONDS: Final = 20.0
"""Seconds that an attempt may take in all; the specification says 15 to 30."""
AT_ONCE: Final = 8
"""Attempts under way at once."""
_JITTER: Final = 0.1
"""Part of a pause by which it may be longer, so that what failed together does not come again together."""
_LONGEST_WAIT: Final = 24 * _HOUR
_LOOKED_AT: Final = 1_000
"""Deliveries among which the next are chosen; more of one host would keep others waiting."""
_WHOLE_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_GONE: Final = 410
_ANSWER_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    Attributes:
        error: Why the message was not taken, in a few words without the address; None where it was.
        final: Whether no other attempt is to be made.
        wait: Seconds the receiver asks to wait.
    """

    error: str | None = None
    final: bool = False
    wait: float = 0.0


class Webhooks:
    """Sends what is due, for as long as it runs; only one process of a service may do so.

    Args:
        deliveries: What is to be told.
        secret_of: Returns the secret that messages of a caller are signed with, by the caller's id; None where there is none. May block.
        networks: The operator's own networks, which may be called too.
        trust: Whose certificates are good; the system's by default.
        look_up: Returns the addresses of a host.
        count: Called with what came of each attempt: ``delivered``, ``failed``, or ``dead`` where it was the last one.
        clock: Returns the time in seconds since 1970.
        chance: Returns a number from 0 to 1 for each pause.
        pause: Seconds between two looks at what is due.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        secret_of: Callable[[str], str | None],
        networks: Sequence[str],
        *,
        trust: ssl.SSLContext | None = None,
        look_up: addresses.Lookup = addresses.look_up,
        count: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        pause: float = 1.0,
    ) -> None:
        self._deliveries = deliveries
        self._secret_of = secret_of
        self._networks = tuple(networks)
        self._trust = trust
        self._look_up = look_up
        self._count = count
        self._clock = clock
        self._chance = chance
        self._pause = pause
        self._under_way: list[Delivery] = []
        self._ended: set[str] = set()
        self._rung = anyio.Event()
        self._stopped = False

    async def run(self) -> None:
        """Send what is due until told to stop; to be cancelled loses nothing, what was under way is sent again later."""
        self._trust = self._trust or await to_thread.run_sync(ssl.create_default_context)
        async with anyio.create_task_group() as group:
            while not self._stopped:
                self._rung = anyio.Event()
                # Not while what is due is looked for: what ends meanwhile may still stand in what was found.
                self._under_way = [delivery for delivery in self._under_way if delivery.id not in self._ended]
                self._ended.clear()
                for delivery in chosen(await self._due(), self._under_way, AT_ONCE):
                    self._under_way.append(delivery)
                    group.start_soon(self._deliver, delivery)
                await until(self._rung, self._pause)

    def stop(self) -> None:
        """Begin no other attempt; ``run`` returns when those under way have ended, in some 20 seconds at most."""
        self._stopped = True
        self._rung.set()

    async def _due(self) -> list[Delivery]:
        if len(self._under_way) >= AT_ONCE:
            return []
        try:
            return await to_thread.run_sync(self._deliveries.due, self._clock(), _LOOKED_AT)
        except StorageError as error:
            _log.warning("webhooks wait: %s", error)
            return []

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            outcome = await self._attempt(delivery)
            with anyio.CancelScope(shield=True):
                noted = await self._note(delivery, outcome)
            while not noted and not self._stopped:
                await until(anyio.Event(), 10 * self._pause)
                noted = await self._note(delivery, outcome)
        finally:
            self._ended.add(delivery.id)
            self._rung.set()

    async def _note(self, delivery: Delivery, outcome: Outcome) -> bool:
        """Write down what came of an attempt; False where that cannot be done now."""
        attempt = delivery.attempts + 1
        at = None if outcome.error is None or outcome.final else next_at(attempt, self._clock(), outcome.wait, self._chance())
        settle = partial(self._deliveries.settle, delivery.id, delivered=outcome.error is None, next_at=at, error=outcome.error)
        try:
            await to_thread.run_sync(settle)
        except StorageError as error:
            _log.warning("what came of webhook %s cannot be noted: %s", delivery.id, error)
            return False
        self._count("delivered" if outcome.error is None else "failed" if at is not None else "dead")
        if outcome.error is not None:
            level, then = (logging.INFO, "tried again later") if at is not None else (logging.WARNING, "given up")
            _log.log(level, "webhook %s, attempt %d: %s; %s", delivery.id, attempt, outcome.error, then)
        return True

    async def _attempt(self, delivery: Delivery) -> Outcome:
        try:
            secret = await to_thread.run_sync(self._secret_of, delivery.caller)
            if secret is None:
                return Outcome("there is no secret to sign it with", final=True)
            with anyio.fail_after(SECONDS):
                target = addresses.checked(delivery.url, self._networks)
                found = await addresses.resolved(target, self._networks, self._look_up)
                return await self._post(target, found, delivery, secret)
        except TimeoutError:
            return Outcome(f"no answer within {SECONDS:g} s")
        except RefusedError:
            return Outcome("its address may not be called")
        except ConfigurationError as error:
            return Outcome(str(error))
        except Exception as error:  # noqa: BLE001  # a receiver's strange answer must not end the telling of others
            return Outcome(f"not reached ({type(error).__name__})")

    async def _post(self, target: addresses.Target, found: Sequence[str], delivery: Delivery, secret: str) -> Outcome:
        assert self._trust is not None
        body, now = delivery.body.encode(), int(self._clock())
        headers = {
            "content-type": "application/json",
            "user-agent": f"claim-extractor/{__version__}",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(secret, delivery.id, now, body),
        }
        async with (
            aiohttp.ClientSession(
                connector=addresses.connector(target, found, self._trust),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
                read_bufsize=_ANSWER_BYTES,
                auto_decompress=False,
            ) as session,
            session.post(URL(target.url, encoded=True), data=body, headers=headers, allow_redirects=False) as answer,
        ):
            answer.close()  # its body is of no interest, and may be endless
            return judged(answer.status, answer.headers.get("Retry-After", ""))


def judged(status: int, retry_after: str = "") -> Outcome:
    """Return what a receiver's status means: 2xx is taken, 410 wants no more, all else, redirects too, is tried again."""
    if 200 <= status < 300:
        return Outcome()
    wait = min(float(retry_after), _LONGEST_WAIT) if _WHOLE_SECONDS.fullmatch(retry_after) else 0.0
    return Outcome(f"status {status}", final=status == _GONE, wait=wait)


def next_at(attempts: int, now: float, wait: float = 0.0, chance: float = 0.0) -> float | None:
    """Return when to try again after so many ``attempts``, in seconds since 1970; None after the last of the schedule.

    Args:
        attempts: How many were made.
        now: When the last one ended.
        wait: Seconds the receiver asks to wait at least.
        chance: From 0 to 1: how much of the jitter is added.
    """
    if attempts > len(SCHEDULE):
        return None
    return now + max(SCHEDULE[attempts - 1] * (1 + _JITTER * chance), wait)


def chosen(due: Iterable[Delivery], under_way: Sequence[Delivery], most: int) -> list[Delivery]:
    """Return what to send next, so that no more than ``most`` are under way, and one at a time for each host.

    Callers take turns: whoever has the fewest under way comes first, and of theirs what is due longest.
    """
    hosts, callers = {_host(delivery) for delivery in under_way}, Counter(delivery.caller for delivery in under_way)
    left, found = [delivery for delivery in due if _host(delivery) not in hosts], list[Delivery]()
    while left and len(under_way) + len(found) < most:
        best = min(left, key=lambda delivery: callers[delivery.caller])
        found.append(best)
        callers[best.caller] += 1
        left = [delivery for delivery in left if _host(delivery) != _host(best)]
    return found


def _host(delivery: Delivery) -> str:
    return delivery.url.partition("//")[2].partition("/")[0].lower()
