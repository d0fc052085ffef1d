"""How a provider's batches are made and waited for."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractor.retries import RetryPolicy


@dataclass(frozen=True, slots=True)
class Options:
    """Limits and intervals.

    Attributes:
        most_requests: Requests in one file at the most; OpenAI takes 50,000.
        most_bytes: Bytes of one file at the most; OpenAI takes 200 MB.
        attempts: How often one request is asked at the most, where its answers fail or do not come.
        rounds: How often batches are waited for at the most; what is then without an answer is given up.
        at_once: Batches at the provider at the same time, at the most.
        first_poll: Seconds before the first look at running batches.
        longest_poll: Most seconds between two looks; they grow by half each time that nothing ended.
        patience: Seconds without a reply to any look until the provider counts as unreachable. Waiting costs nothing, so they are many.
        policy: How one call is tried again; its deadline must do for an upload of ``most_bytes``.
    """

    most_requests: int = 50_000
    most_bytes: int = 200_000_000
    attempts: int = 3
    rounds: int = 8
    at_once: int = 50
    first_poll: float = 15.0
    longest_poll: float = 300.0
    patience: float = 6 * 3600.0
    policy: RetryPolicy = field(default_factory=lambda: RetryPolicy(deadline=3600.0))
