"""Settings: read once, from the environment and the caller's arguments, then passed on as a value."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from extractor.errors import ConfigurationError

APPLICATION = "claim-extractor"


class Settings(BaseSettings):
    """Everything a user can set; each field ``x`` is the variable ``EXTRACTOR_X``.

    Attributes:
        model: Name of the model; see ``extractor models list``. Where none is named, the embedded one.
        base_url: Address of an OpenAI-compatible server, up to ``/v1``.
        api_key: Key for it, or for OpenAI.
        openai_api_key: The variable OPENAI_API_KEY: key for OpenAI where ``api_key`` is not set. It is sent to nobody else.
        cache_dir: Folder of cached answers and downloaded models.
        cache_url: Cache that many machines share, such as ``redis://host:6379/0``, instead of the answers in ``cache_dir``.
        gguf: File to use as the embedded model instead of the downloaded one.
        parser: Folder of a spaCy pipeline for English to use instead of the downloaded one.
        prompts: Folder searched for prompts before the package's own.
        aliases: YAML file of parties and their names, instead of the package's own.
        deadline: Seconds one request may take in all, retries included.
        attempts: How often one request is sent at the most.
        parallel: Windows in flight at once; default is the model's own.
        max_bytes: Largest input file, in bytes.
    """

    model_config = SettingsConfigDict(env_prefix="EXTRACTOR_", frozen=True, extra="forbid", env_ignore_empty=True)

    model: str | None = None
    base_url: str | None = None
    api_key: SecretStr | None = None
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    cache_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir(APPLICATION)))
    cache_url: SecretStr | None = None
    gguf: Path | None = None
    parser: Path | None = None
    prompts: Path | None = None
    aliases: Path | None = None
    deadline: float = Field(default=600.0, gt=0)
    attempts: int = Field(default=4, ge=1, le=20)
    parallel: int | None = Field(default=None, ge=1, le=256)
    max_bytes: int = Field(default=2_000_000, ge=1)

    @property
    def key(self) -> str | None:
        """The key to send, if any; OpenAI's own never goes to another server."""
        found = self.api_key or (self.openai_api_key if self.base_url is None else None)
        return found.get_secret_value() if found is not None else None


def load(**overrides: object) -> Settings:
    """Return the settings of the environment, with the ``overrides`` that are not None on top.

    Raises:
        ConfigurationError: A value cannot be used; the message names its variable.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        msg = f"the setting EXTRACTOR_{name} is wrong: {first['msg']}"
        raise ConfigurationError(msg) from None
