"""The budget: what a request may cost at the worst is reserved before it is sent, and settled by what it did cost.

At every moment what was spent, what may have been spent and what is reserved stay together within the cap, as long as no
answer costs more than its bound. The bound takes every byte of the request for a token, since a token of a byte-level
vocabulary stands for one byte at least, and an answer of the full ``max_tokens``.

A request that fails costs nothing, with one exception: of one that was cut off while the provider may have been answering it
(a timeout, a broken connection, an unreadable reply, a cancellation) nobody can know, since the provider may bill it all the
same and no idempotency key is sent (openai's ``_base_client.py``). It counts as possibly spent, at its bound, and is told apart.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from extractor.batch.prices import Price
from extractor.errors import BudgetError, ConnectionFailedError, DeadlineError, ProviderError, ResponseError
from extractor.requests import Completion, Request, Usage

_PER_MESSAGE: Final = 16
"""Tokens that a chat template puts around a message, at the most."""
_PERHAPS_BILLED: Final = (ConnectionFailedError, DeadlineError, ResponseError)
_NEVER_ARRIVED: Final = (ConnectionRefusedError, socket.gaierror)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one request may cost at the most.

    Attributes:
        usage: Its tokens.
        usd: Its money; 0 where there is no price, which then no cap in money looks at.
    """

    usage: Usage
    usd: Decimal

    @property
    def tokens(self) -> int:
        """Its tokens, of input and output together."""
        return _tokens(self.usage)


class Budget:
    """What may be spent, and what was.

    Args:
        usd: Most money in US dollars, of this run and earlier ones together; None for any amount.
        tokens: Most tokens of input and output, in the same way; None for any number.
        price: What the model's tokens cost; None where that is not known, which a cap in money does not allow.
        spent: What earlier runs cost.
        possible: What earlier runs may have cost besides.
    """

    def __init__(
        self,
        usd: Decimal | None = None,
        tokens: int | None = None,
        price: Price | None = None,
        spent: Usage | None = None,
        possible: Usage | None = None,
    ) -> None:
        if usd is not None and price is None:
            msg = "a budget in money needs a price"
            raise ValueError(msg)
        self._usd_cap = usd
        self._tokens_cap = tokens
        self._price = price
        self.spent = spent or Usage()
        self.possible = possible or Usage()
        self.reserved_tokens = 0
        self._spent_usd = self._cost(self.spent)
        self._possible_usd = self._cost(self.possible)
        self._reserved_usd = Decimal(0)
        self._constraint: dict[str, Any] = {}  # the last one: most requests share theirs
        self._constraint_bytes = 2

    def carry(self, spent: Usage, possible: Usage) -> None:
        """Count what earlier runs cost, and may have cost besides."""
        self.spent += spent
        self.possible += possible
        self._spent_usd += self._cost(spent)
        self._possible_usd += self._cost(possible)

    @property
    def spent_usd(self) -> Decimal | None:
        """What answers cost, in US dollars; None where that is not known."""
        return self._spent_usd if self._price is not None else None

    @property
    def possible_usd(self) -> Decimal | None:
        """What requests without an answer may have cost at the most, in US dollars; None where that is not known."""
        return self._possible_usd if self._price is not None else None

    @property
    def reserved_usd(self) -> Decimal | None:
        """What requests in flight may cost at the most, in US dollars; None where that is not known."""
        return self._reserved_usd if self._price is not None else None

    def bound(self, request: Request) -> Reservation:
        """Return what ``request`` may cost at the most; without a cap nothing, since nothing is then held back."""
        if self._usd_cap is None and self._tokens_cap is None:
            return _NOTHING
        return self._worst(request)

    def fits(self, reservation: Reservation) -> bool:
        """Return whether ``reservation`` can be made now."""
        return not any(room < need for room, need in self._rooms(reservation, in_flight=True))

    def ever_fits(self, reservation: Reservation) -> bool:
        """Return whether it could be made if what is in flight cost nothing; if not, it never can be."""
        return not any(room < need for room, need in self._rooms(reservation, in_flight=False))

    def reserve(self, reservation: Reservation) -> None:
        """Hold back what a request may cost.

        Raises:
            BudgetError: It does not fit.
        """
        if not self.fits(reservation):
            raise self.refusal(reservation)
        self.reserved_tokens += reservation.tokens
        self._reserved_usd += reservation.usd

    def release(self, reservation: Reservation) -> None:
        """Give back what was held back."""
        self.reserved_tokens -= reservation.tokens
        self._reserved_usd -= reservation.usd

    def settle(self, request: Request, reservation: Reservation, result: Completion | ProviderError | None) -> None:
        """Give back what was held back for ``request``, and count what it cost; a ``result`` of None is a cancellation."""
        self.release(reservation)
        if isinstance(result, Completion):
            self.spent += result.usage
            self._spent_usd += self._cost(result.usage)
        elif result is None or perhaps_billed(result):
            worst = self._worst(request)
            self.possible += worst.usage
            self._possible_usd += worst.usd

    def refusal(self, reservation: Reservation) -> BudgetError:
        """Return the error that says why ``reservation`` cannot be made."""
        if self._usd_cap is not None and reservation.usd > self._usd_cap - self._spent_usd - self._possible_usd - self._reserved_usd:
            cap, option = f"{self._usd_cap} US dollars", "--budget-usd"
            spent, possible, reserved, need = (
                f"{usd:.4f}" if usd else "" for usd in (self._spent_usd, self._possible_usd, self._reserved_usd, reservation.usd)
            )
        else:
            cap, option = f"{self._tokens_cap} tokens", "--budget-tokens"
            counts = (_tokens(self.spent), _tokens(self.possible), self.reserved_tokens, reservation.tokens)
            spent, possible, reserved, need = (str(tokens) if tokens else "" for tokens in counts)
        perhaps = f" and perhaps {possible}" if possible else ""
        held = f", up to {reserved} is held for requests under way" if reserved else ""
        msg = (
            f"the budget of {cap} ends here: {spent or 'nothing'}{perhaps} is spent{held}, and the next request may take up to {need};"
            f" raise {option} to go on from here"
        )
        return BudgetError(msg, attempts=0)

    def _rooms(self, reservation: Reservation, *, in_flight: bool) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield what is left of each cap there is, and what is needed of it."""
        if self._usd_cap is not None:
            held = self._reserved_usd if in_flight else Decimal(0)
            yield self._usd_cap - self._spent_usd - self._possible_usd - held, reservation.usd
        if self._tokens_cap is not None:
            held_tokens = self.reserved_tokens if in_flight else 0
            left = self._tokens_cap - _tokens(self.spent) - _tokens(self.possible) - held_tokens
            yield Decimal(left), Decimal(reservation.tokens)

    def _worst(self, request: Request) -> Reservation:
        read = sum(len(message.content.encode(errors="surrogatepass")) + _PER_MESSAGE for message in request.messages)
        if request.constraint != self._constraint:
            self._constraint = request.constraint
            self._constraint_bytes = len(json.dumps(request.constraint, ensure_ascii=False).encode(errors="surrogatepass"))
        read += self._constraint_bytes + _PER_MESSAGE
        usage = Usage(requests=1, input_tokens=read, output_tokens=request.max_tokens)
        return Reservation(usage, self._cost(usage))

    def _cost(self, usage: Usage) -> Decimal:
        return self._price.cost(usage) if self._price is not None else Decimal(0)


_NOTHING: Final = Reservation(Usage(), Decimal(0))


def perhaps_billed(error: ProviderError) -> bool:
    """Return whether a request that ended in ``error`` may have been answered, and so billed, all the same."""
    if not isinstance(error, _PERHAPS_BILLED):
        return False
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _NEVER_ARRIVED):
            return False
        cause = cause.__cause__ or cause.__context__
    return True


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens
