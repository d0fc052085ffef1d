"""What models cost: a small dated table, or a user's own, as values. Nothing in a table is ever executed.

A price that is not known is None and is reported as unknown, never as zero. Where a reply does not tell enough to know a
cost exactly, as how many tokens were kept to be cached, the dearer reading counts, so that a cost is never put too low.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from extractor.documents import Frozen
from extractor.errors import ConfigurationError
from extractor.models import Model
from extractor.requests import Usage

Money = Annotated[Decimal, Field(ge=0)]
"""US dollars; of a price, per million tokens."""

_MILLION: Final = 1_000_000
_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class Surcharge(Frozen):
    """What long requests cost.

    Attributes:
        over: Input tokens above which a request is long.
        input: How many times the price of input it costs.
        output: How many times the price of output it costs.
    """

    over: int = Field(gt=0)
    input: Decimal = Field(ge=1)
    output: Decimal = Field(ge=1)


class Price(Frozen):
    """What a model's tokens cost, in US dollars per million.

    Attributes:
        input: Tokens read by the model.
        cached: Those of them the provider had already read; None where they cost as much as the others.
        write: Those of them it keeps to be cached; None where they cost as much as the others.
        output: Tokens written by the model.
        batch: Share of all of these that is paid through the provider's Batch API; None where there is none.
        long: What long requests cost; None where they cost as much as the others.
        noted: Day on which the figures were noted.
    """

    input: Money
    cached: Money | None = None
    write: Money | None = None
    output: Money
    batch: Decimal | None = Field(default=None, ge=0, le=1)
    long: Surcharge | None = None
    noted: dt.date | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        """What a request costs at the worst is reckoned as if nothing of it were cached."""
        if self.cached is not None and self.cached > self.input:
            msg = "a cached token cannot cost more than another"
            raise ValueError(msg)
        return self

    def cost(self, usage: Usage) -> Decimal:
        """Return what the answer to one request cost at the most, in US dollars; of a sum of answers, at their normal price."""
        cached = min(usage.cached_input_tokens, usage.input_tokens)
        fresh = max(self.input, self.write or self.input)
        known = self.cached if self.cached is not None else self.input
        read = fresh * (usage.input_tokens - cached) + known * cached
        written = self.output * usage.output_tokens
        if self.long is not None and usage.requests <= 1 and usage.input_tokens > self.long.over:
            read, written = read * self.long.input, written * self.long.output
        return (read + written) / _MILLION

    def batched(self) -> Price:
        """Return the price through the provider's Batch API; where there is no share for it, the same."""
        share = self.batch if self.batch is not None else Decimal(1)
        less = {name: value * share for name in ("input", "cached", "write", "output") if (value := getattr(self, name)) is not None}
        return self.model_copy(update={**less, "batch": None})


FREE: Final = Price(input=Decimal(0), output=Decimal(0))
"""The price of a model that runs on this machine."""


@dataclass(frozen=True, slots=True)
class Prices:
    """A table of prices, by a model's name.

    Attributes:
        table: The prices.
        everywhere: Whether they hold for servers of any address; the package's own hold for OpenAI's only.
    """

    table: Mapping[str, Price]
    everywhere: bool

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Return the prices of a YAML file, or those the package ships.

        Args:
            path: A file of lines such as ``my-model: {input: 0.10, output: 0.40}``; it replaces the package's table as a whole.

        Raises:
            ConfigurationError: The file cannot be read or is no such table.
        """
        try:
            text = path.read_text("utf-8") if path is not None else files("extractor.batch").joinpath("prices.yaml").read_text("utf-8")
            return cls(_TABLE.validate_python(yaml.safe_load(text)), everywhere=path is not None)
        except (OSError, ValueError, yaml.YAMLError) as error:
            if isinstance(error, ValidationError):
                first = error.errors(include_input=False, include_url=False)[0]
                where = ".".join(str(part) for part in first["loc"]) or "the whole file"
                msg = (
                    f"the prices in {path} are wrong at {where}: {first['msg']}; write each model as 'name: {{input: 0.10, output: 0.40}}'"
                )
            else:
                msg = f"the prices in {path} cannot be read ({str(error).splitlines()[0]}); give a YAML file with --prices"
            raise ConfigurationError(msg) from error

    def find(self, model: Model, base_url: str | None) -> Price | None:
        """Return the price of ``model``, None where it is not known.

        A dated name such as ``gpt-4.1-2025-04-14`` that is not in the table costs what its undated one costs.

        Args:
            model: The model.
            base_url: Address of the server that is asked; None for OpenAI itself or for this machine.
        """
        if model.provider == "embedded":
            return FREE
        if base_url is not None and not self.everywhere:
            return None
        return self.table.get(model.name) or self.table.get(_SNAPSHOT.sub("", model.name))


def needed(price: Price | None, model: Model) -> Price:
    """Return ``price``, which a budget in money cannot do without.

    Raises:
        ConfigurationError: It is not known.
    """
    if price is None:
        msg = (
            f"--budget-usd needs the price of '{model.name}', which is not known; write '{model.name}: {{input: 0.10, output: 0.40}}'"
            " with its own figures (US dollars per million tokens) into a file and give it with --prices, or use --budget-tokens"
        )
        raise ConfigurationError(msg)
    return price


_TABLE: Final[TypeAdapter[dict[str, Price]]] = TypeAdapter(dict[str, Price])
