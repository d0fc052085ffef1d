"""Where a batch stands, in numbers that reconcile: inputs = done + failed + pending + repeated."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractor.requests import Usage


@dataclass(slots=True)
class Tally:
    """Counts of one pass over the inputs.

    Attributes:
        size: Bytes of all inputs.
        read: Bytes of them read so far.
        ended: Whether the inputs were read to their end.
        inputs: Entries met, repeated ones among them.
        repeated: Entries whose very bytes had been met before in this pass.
        done: Articles finished, in this run or an earlier one.
        failed: Articles given up, in this run or an earlier one.
        fresh: Articles finished in this run.
        claims: Claims of those.
        cached: Articles of those that no request was sent for.
        usage: What this run cost.
        lost: Articles given up in this run, by class of the error.
    """

    size: int = 0
    read: int = 0
    ended: bool = False
    inputs: int = 0
    repeated: int = 0
    done: int = 0
    failed: int = 0
    fresh: int = 0
    claims: int = 0
    cached: int = 0
    usage: Usage = field(default_factory=Usage)
    lost: dict[str, int] = field(default_factory=dict)

    @property
    def pending(self) -> int:
        """Entries met that are neither finished nor given up nor repeated."""
        return self.inputs - self.repeated - self.done - self.failed

    @property
    def share(self) -> float:
        """How much is done, between 0 and 1: of what was met the part that is settled, and of the inputs the part that was read."""
        read = 1.0 if self.ended or not self.size else min(1.0, self.read / self.size)
        return read * (1 - self.pending / self.inputs) if self.inputs else 0.0
