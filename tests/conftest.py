"""Shared fixtures. Nothing here reaches the network; a provider is scripted, a local server of ours, or a cassette."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from faults import NOBODY

from extractor import Document, models, settings
from extractor.parsers import data
from extractor.parsers.spacy import SpacyParser
from extractor.settings import Settings

ROOT = Path(__file__).parent.parent
ARTICLE = ROOT / "examples" / "dispatch.txt"
PARSER = data.path(settings.load())
"""Where the user has the parser's data: the only thing of the user's that tests read."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--freeze", action="store_true", help="Write the baselines of the small eval anew.")
    parser.addoption("--live", action="store_true", help="Ask the embedded model: run tests/live, or record cassettes.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the tests of the live model to those who ask for them."""
    return True if collection_path.name == "live" and not config.getoption("--live") else None


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the user's settings or writes into the user's folders."""
    for name in list(os.environ):
        if name.startswith("EXTRACTOR_") or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)
    monkeypatch.setenv("EXTRACTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("EXTRACTOR_PARSER", str(PARSER))


@pytest.fixture
def known_settings(tmp_path: Path) -> Settings:
    return settings.load(cache_dir=tmp_path / "cache")


@pytest.fixture(scope="session")
def parser() -> SpacyParser:
    """The real parser, on the data that make test fetches."""
    if not (PARSER / "config.cfg").is_file():
        pytest.fail(f"the parser's data is not in {PARSER}; fetch it with: .venv/bin/extractor models pull parser", pytrace=False)
    return SpacyParser(PARSER)


@pytest.fixture
def article() -> Document:
    from extractor.readers.text import read

    return read(str(ARTICLE))


@pytest.fixture(scope="session")
def embedded(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The address and key of the embedded model's server; replayed, nobody is there."""
    model = models.EMBEDDED[models.DEFAULT]
    if not request.config.getoption("--live"):
        yield NOBODY, "none"
        return
    from platformdirs import user_cache_dir

    from extractor.providers import weights
    from extractor.providers.llama import Server

    own = os.environ.get("MODEL_FILE")
    home = settings.load(cache_dir=Path(user_cache_dir(settings.APPLICATION)), gguf=own)
    server = Server(weights.pull(model, home), name=model.served_as, parallel=1, key="recording")
    yield f"{server.listening_address}/v1", "recording"
    server.close()


@pytest.fixture
def all_played(request: pytest.FixtureRequest, vcr) -> Iterator[None]:
    """A recording that is no longer asked for fails its test."""
    yield
    assert request.config.getoption("--live") or vcr.all_played


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, object]:
    """Match on the body, so that a changed prompt misses; keep nothing that tells who recorded, or when."""
    return {
        "match_on": ["method", "path", "body"],
        "filter_headers": ["authorization", "openai-organization", "openai-project", "cookie", "user-agent", "host"],
        "before_record_request": _scrub_request,
        "before_record_response": _scrub_response,
        "decode_compressed_response": True,
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    return str(ROOT / "cassettes" / request.module.__name__.rpartition(".")[2])


def _scrub_request(request):
    request.uri = "http://127.0.0.1" + request.path
    request.headers = {name: value for name, value in request.headers.items() if not name.lower().startswith("x-stainless")}
    return request


def _scrub_response(response):
    kept = ("content-type", "retry-after")
    response["headers"] = {name: value for name, value in response["headers"].items() if name.lower() in kept}
    return response


hypothesis.settings.register_profile("repeatable", derandomize=True, max_examples=200, deadline=None)
hypothesis.settings.register_profile("searching", max_examples=5_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
